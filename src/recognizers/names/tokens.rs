//! The text as the names see it: words by number, the gaps between them, and the phrases of the lexicon.

use std::collections::HashMap;
use std::ops::Range;

use super::lexicon::{Class, Classes, Entry, Lexicon, WordId};
use crate::mention::{Mention, Span};
use crate::text::{Casing, Shape, Text};
use foldhash::fast::RandomState;

/// What stands between a word and the one before it, as far as names care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// Nothing but space, within a block.
    Space,
    Hyphen,
    Apostrophe,
    /// A full stop, as behind an initial or an abbreviation.
    Dot,
    Ampersand,
    Comma,
    /// A slash, as in `A/S` and between the names of a credit.
    Slash,
    /// An opening bracket.
    Open,
    /// A closing bracket.
    Close,
    /// Any other marks, and the start of a block.
    Other,
}

impl Gap {
    /// Whether words with this gap between them can make one phrase.
    pub fn joins(self) -> bool {
        matches!(self, Gap::Space | Gap::Hyphen | Gap::Apostrophe | Gap::Dot | Gap::Ampersand)
    }

    fn read(between: &str) -> Gap {
        let mut marks = between.chars().filter(|character| !character.is_whitespace());
        match (marks.next(), marks.next()) {
            (None, _) => Gap::Space,
            (Some('-' | '\u{2010}' | '\u{2011}'), None) if between.len() <= 3 && !between.contains(' ') => {
                Gap::Hyphen
            }
            (Some('\'' | '\u{2019}' | '\u{2BC}'), None) => Gap::Apostrophe,
            (Some('.'), None) => Gap::Dot,
            // `Corp.'s`
            (Some('.'), Some('\'' | '\u{2019}')) if !between.contains(char::is_whitespace) => Gap::Apostrophe,
            (Some('&'), None) => Gap::Ampersand,
            (Some(','), None) => Gap::Comma,
            (Some('/'), None) => Gap::Slash,
            (Some('('), None) => Gap::Open,
            (Some(')'), None | Some(',' | '.')) => Gap::Close,
            _ => Gap::Other,
        }
    }
}

/// One word.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// Its number, the same for any case.
    pub word: WordId,
    /// Where it stands.
    pub span: Span,
    /// How it is written.
    pub shape: Shape,
    /// What stands before it.
    pub gap: Gap,
    /// Whether it would have a capital there whatever it is.
    pub initial: bool,
    /// How its block uses capitals.
    pub casing: Casing,
    /// Whether an earlier recognizer was sure of it.
    pub taken: bool,
}

/// A phrase of the lexicon in the text.
#[derive(Clone, Copy, Debug)]
pub struct Phrase<'l> {
    /// Its first token.
    pub start: usize,
    /// The token behind its last one.
    pub end: usize,
    /// What is known of it.
    pub entry: &'l Entry,
}

impl Phrase<'_> {
    /// Whether it tells that.
    pub fn is(&self, class: Class) -> bool {
        self.entry.classes.has(class)
    }

    /// Whether it tells any of that.
    pub fn any(&self, classes: Classes) -> bool {
        self.entry.classes.any(classes)
    }
}

/// The words of a text, with what the lexicon knows of them.
pub struct Tokens<'t> {
    /// The text's view.
    pub view: &'t str,
    /// In order.
    pub all: Vec<Token>,
    phrases: Vec<Phrase<'t>>,
    /// By token: the longest phrase that starts there, as index + 1.
    starts: Vec<u32>,
    /// By token: the longest phrase whose last token it is, as index + 1.
    ends: Vec<u32>,
    /// By word: whether it stands in lower case somewhere.
    lower: Vec<bool>,
}

/// How sure an earlier recognizer must be that its mention is not part of a name.
const SURE: f32 = 0.6;

impl<'t> Tokens<'t> {
    /// Reads a text. What `mentions` are sure of is taken.
    pub fn new(text: &'t Text, lexicon: &'t Lexicon, mentions: &[Mention]) -> Tokens<'t> {
        let view = text.as_str();
        let mut all = read(text);
        for mention in mentions.iter().filter(|mention| mention.confidence >= SURE) {
            all[text.words_in(mention.span)].iter_mut().for_each(|token| token.taken = true);
        }
        let lower = number(view, lexicon, &mut all);
        let count = all.len();
        let mut tokens =
            Tokens { view, all, phrases: Vec::new(), starts: vec![0; count], ends: vec![0; count], lower };
        for start in 0..count {
            tokens.match_phrase(lexicon, start);
        }
        tokens
    }

    fn match_phrase(&mut self, lexicon: &'t Lexicon, start: usize) {
        let joined =
            self.all[start + 1..].iter().take_while(|token| token.gap.joins() || token.gap == Gap::Slash);
        let words = std::iter::once(&self.all[start]).chain(joined).map(|token| token.word);
        let Some((count, entry)) = lexicon.longest(words) else { return };
        let end = start + count;
        self.phrases.push(Phrase { start, end, entry });
        let number = self.phrases.len() as u32;
        self.starts[start] = number;
        // The phrases come from left to right: the first one to end here is the longest.
        if self.ends[end - 1] == 0 {
            self.ends[end - 1] = number;
        }
    }

    /// The longest phrase that starts at a token.
    pub fn phrase_at(&self, token: usize) -> Option<Phrase<'t>> {
        self.phrase(*self.starts.get(token)?)
    }

    /// The longest phrase that ends before a token.
    pub fn phrase_before(&self, token: usize) -> Option<Phrase<'t>> {
        self.phrase(*self.ends.get(token.checked_sub(1)?)?)
    }

    fn phrase(&self, number: u32) -> Option<Phrase<'t>> {
        Some(self.phrases[number.checked_sub(1)? as usize])
    }

    /// Whether a phrase that starts at `token` tells `class`.
    pub fn starts(&self, token: usize, class: Class) -> bool {
        self.phrase_at(token).is_some_and(|phrase| phrase.is(class))
    }

    /// Whether a phrase of one word there tells `class`.
    pub fn word_is(&self, token: usize, class: Class) -> bool {
        let alone = |phrase: Phrase<'t>| phrase.end == phrase.start + 1 && phrase.is(class);
        self.phrase_at(token).is_some_and(alone) || self.phrase_before(token + 1).is_some_and(alone)
    }

    /// The name of a gazetteer that starts at a token, written as a name.
    pub fn gazetteer_at(&self, token: usize) -> Option<Phrase<'t>> {
        let phrase = self.phrase_at(token).filter(|phrase| phrase.any(Classes::NAMES))?;
        let tokens = &self.all[phrase.start..phrase.end];
        let has_capital = |token: &Token| token.span.of(self.view).starts_with(char::is_uppercase);
        let spelt = |index: usize| phrase.entry.capitals >> index & 1 == 0 || has_capital(&tokens[index]);
        let named = tokens.iter().all(|token| !token.taken)
            && tokens.iter().any(|token| token.shape.has_capital())
            && (0..tokens.len().min(16)).all(spelt);
        // Longer acronyms are often written as words: `Nasa`.
        let as_word = tokens[0].shape == Shape::Capitalized
            && tokens[0].span.len() >= SHORTEST_ACRONYM_WORD
            && tokens[0].casing == Casing::Sentence;
        let exact = !phrase.entry.upper
            || as_word
            || (tokens[0].shape == Shape::Upper && tokens[0].casing != Casing::Upper);
        (named && exact).then_some(phrase)
    }

    /// Whether the portfolio at a token is a minister's: `minister of X`, not `ministry of X`.
    pub fn is_ministers(&self, portfolio: usize) -> bool {
        let genitive = self.phrase_before(portfolio).filter(|phrase| phrase.is(Class::Genitive));
        let role = genitive.and_then(|genitive| self.phrase_before(genitive.start));
        role.is_some_and(|role| role.is(Class::Minister))
    }

    /// What stands before a token; `Other` at the text's ends.
    pub fn gap(&self, token: usize) -> Gap {
        self.all.get(token).map_or(Gap::Other, |token| token.gap)
    }

    /// Whether the word stands in lower case somewhere in the text.
    pub fn seen_lower(&self, word: WordId) -> bool {
        self.lower[word as usize]
    }

    /// How many different words are numbered: those of the lexicon and of the text.
    pub fn word_count(&self) -> usize {
        self.lower.len()
    }

    /// The words of a token.
    pub fn text(&self, token: usize) -> &'t str {
        self.all[token].span.of(self.view)
    }

    /// Where a range of tokens stands, with the marks that are part of its last one: the full stop of an
    /// abbreviation (`U.S.`, `Inc.`) and a plus sign.
    pub fn span(&self, range: &Range<usize>) -> Span {
        let last = &self.all[range.end - 1];
        let abbreviated = match last.shape {
            Shape::Capitalized if last.span.len() == 1 => range.len() > 1,
            Shape::Capitalized => {
                last.span.len() <= LONGEST_ABBREVIATION && self.word_is(range.end - 1, Class::LegalSuffix)
            }
            _ => false,
        };
        let marked = match self.view.as_bytes().get(last.span.end) {
            Some(b'.') => abbreviated,
            Some(b'+') => true,
            _ => false,
        };
        Span::new(self.all[range.start].span.start, last.span.end + usize::from(marked))
    }

    /// The surname within a full name: its last word with what is hyphenated to it, and particles before it.
    pub fn surname(&self, name: &Range<usize>) -> Range<usize> {
        let particle =
            (name.start + 1..name.end.saturating_sub(1)).find(|&at| self.starts(at, Class::Particle));
        let mut start = particle.unwrap_or(name.end - 1);
        while start > name.start + 1 && self.all[start].gap == Gap::Hyphen {
            start -= 1;
        }
        start..name.end
    }

    /// Whether a token is part of an address, a file name, a tag or the like.
    pub fn is_in_address(&self, token: usize) -> bool {
        const MARKS: [char; 7] = ['@', '=', '_', '#', '%', '\\', '~'];
        let span = self.all[token].span;
        let mut behind = self.view[span.end..].chars();
        let next = behind.next();
        self.view[..span.start].ends_with(MARKS)
            || next.is_some_and(|mark| MARKS.contains(&mark))
            || next == Some('.') && behind.next().is_some_and(char::is_lowercase)
    }

    /// The words of a range of tokens, by number.
    pub fn words(&self, range: &Range<usize>) -> Vec<WordId> {
        self.all[range.clone()].iter().map(|token| token.word).collect()
    }
}

/// Acronyms from this length on are written as words too.
const SHORTEST_ACRONYM_WORD: usize = 4;
/// Legal forms up to this length are abbreviations that a full stop may end (`Corp.`).
const LONGEST_ABBREVIATION: usize = 4;

/// Marks behind which a sentence begins within a sentence.
const OPENERS: [char; 9] = [':', '«', '“', '"', '„', '—', '•', '‘', '|'];

fn read(text: &Text) -> Vec<Token> {
    let view = text.as_str();
    let mut tokens: Vec<Token> = Vec::with_capacity(text.words().len());
    for block in text.blocks() {
        for (index, word) in block.words.clone().zip(&text.words()[block.words.clone()]) {
            let (gap, opened) = if index == block.words.start {
                (Gap::Other, true)
            } else {
                let between = &view[text.words()[index - 1].span.end..word.span.start];
                let gap = Gap::read(between);
                (gap, gap == Gap::Other && between.contains(OPENERS))
            };
            tokens.push(Token {
                word: 0,
                span: word.span,
                shape: word.shape,
                gap,
                initial: opened,
                casing: block.casing,
                taken: false,
            });
        }
    }
    for sentence in text.sentences() {
        if let Some(token) = tokens.get_mut(sentence.words.start) {
            token.initial = true;
            if token.gap != Gap::Open {
                token.gap = Gap::Other;
            }
        }
    }
    tokens
}

/// Numbers the words: those of the lexicon, then those that the document writes with a capital, then all others
/// as one. Returns, by number, which of them stand in lower case somewhere.
fn number(view: &str, lexicon: &Lexicon, tokens: &mut [Token]) -> Vec<bool> {
    const UNKNOWN: WordId = WordId::MAX;
    let mut own: HashMap<Box<str>, WordId, RandomState> = HashMap::default();
    let mut folded = String::new();
    for token in tokens.iter_mut() {
        fold(token.span.of(view), &mut folded);
        token.word = lexicon.word(&folded).unwrap_or(UNKNOWN);
        if token.word == UNKNOWN && token.shape != Shape::Lower {
            let fresh = (lexicon.len() + own.len()) as WordId;
            token.word = match own.get(folded.as_str()) {
                Some(&word) => word,
                None => *own.entry(folded.as_str().into()).or_insert(fresh),
            };
        }
    }
    let other = (lexicon.len() + own.len()) as WordId;
    let mut lower = vec![false; other as usize + 1];
    for token in tokens.iter_mut() {
        if token.word == UNKNOWN {
            fold(token.span.of(view), &mut folded);
            token.word = own.get(folded.as_str()).copied().unwrap_or(other);
        }
        lower[token.word as usize] |= token.shape == Shape::Lower;
    }
    lower
}

fn fold(word: &str, folded: &mut String) {
    folded.clear();
    if word.is_ascii() {
        folded.push_str(word);
        folded.make_ascii_lowercase();
    } else {
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }
}
