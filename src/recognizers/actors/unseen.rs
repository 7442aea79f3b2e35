//! Names that no catalogue has, where the text introduces them: "the hacking group X", "the X ransomware gang", "X, a
//! hacktivist collective", "who call themselves X".

use super::candidate::Candidate;
use super::evidence::Evidence;
use super::lexicon::{Lexicon, Phrases, is_unspaced};
use super::surroundings::{boundary, is_closing, is_opening};
use crate::mention::Span;
use crate::tagger::Name;
use crate::text::{Block, Casing, Folded, Sentence, Shape, Text, Word, fold};
use crate::values::EntityType;

/// How far from its noun a name is sought, in bytes.
const REACH: usize = 96;
/// In words: unquoted names are not longer.
const MOST_WORDS: usize = 3;
/// In characters: quoted names are not longer.
const LONGEST_QUOTED: usize = 40;
/// In characters: shorter names are not believed, where a character is a letter and not a syllable.
const SHORTEST: usize = 3;
/// Words that a name may have behind the one that looked like its last.
const MOST_GROWN: usize = 3;
/// In bytes, between two words of a name.
const LONGEST_JOINT: usize = 2;
/// In bytes: how far on either side a name is sought once more.
const REACH_OF_TWICE: usize = 4096;
/// Small words between a noun and a name.
const MOST_BETWEEN: usize = 3;
/// Characters that say as much as a word, in scripts without spaces.
const UNSPACED_WORD: usize = 5;

/// Whether the text introduces an actor, if perhaps one without a name.
pub(super) fn may_stand_in(text: &Text, lexicon: &Lexicon) -> bool {
    let view = text.as_str();
    let phrases = [&lexicon.before_group, &lexicon.behind_group, &lexicon.before_itself];
    phrases.iter().any(|phrases| phrases.anywhere(view).next().is_some())
}

/// Whether the text has someone name himself.
pub(super) fn name_themselves(text: &Text, lexicon: &Lexicon) -> bool {
    lexicon.before_itself.anywhere(text.as_str()).next().is_some()
}

/// Every name that the text introduces, in no particular order; `names` are those that a tagger sees.
pub(super) fn all<'c>(text: &Text, lexicon: &Lexicon, names: &[Name]) -> Vec<Candidate<'c>> {
    let view = text.as_str();
    let reader = Reader { text, view, lexicon, names };
    let places = |phrases: &'_ Phrases| phrases.anywhere(view).collect::<Vec<_>>();
    let (before, behind) = (places(&lexicon.before_group), places(&lexicon.behind_group));
    let mut introduced: Vec<Span> = Vec::new();
    introduced.extend(before.iter().filter_map(|noun| reader.behind(noun.end, lexicon.adjectives_behind)));
    introduced
        .extend(places(&lexicon.before_itself).iter().filter_map(|words| reader.behind(words.end, false)));
    introduced.extend(behind.iter().filter_map(|noun| reader.before(noun.start)));
    introduced.extend(before.iter().filter_map(|noun| reader.apposed(noun.start)));
    let mut unheard: Vec<Span> = Vec::new();
    unheard.extend(places(&lexicon.before_called).iter().filter_map(|words| reader.behind(words.end, false)));
    unheard.extend(text.sentences().iter().filter_map(|sentence| reader.at_end(sentence)));
    unheard.retain(|span| reader.may_be_told(*span));
    let letters = |span: Span| {
        let letters = span.of(view).chars().filter(|letter| letter.is_alphanumeric());
        letters.map(|letter| if is_unspaced(letter) { 2 } else { 1 }).sum::<usize>()
    };
    let kinds = [(introduced, Evidence::Unknown), (unheard, Evidence::Unheard)];
    let spans = kinds.into_iter().flat_map(|(spans, what)| spans.into_iter().map(move |span| (span, what)));
    let long = spans.filter(|&(span, _)| letters(span) >= SHORTEST && !reader.is_noun(span));
    long.map(|(span, what)| Candidate::uncatalogued(reader.grown(span), what)).collect()
}

/// Reads names beside the words that introduce them.
struct Reader<'a> {
    text: &'a Text,
    view: &'a str,
    lexicon: &'a Lexicon,
    names: &'a [Name],
}

impl Reader<'_> {
    /// The name behind a noun that ends at `start`.
    fn behind(&self, start: usize, adjectives: bool) -> Option<Span> {
        let block = self.text.block_at(start.saturating_sub(1))?;
        let to = boundary(self.view, (start + REACH).min(block.span.end));
        let folded = Folded::new(self.view.get(start..to)?);
        let mut rest = folded.as_str();
        let mut between = 0;
        loop {
            rest = rest.trim_start_matches([' ', ':', '-']);
            // "A gang, which calls itself X", but not "A gang, Reuters said".
            let called = rest.trim_start_matches([',', ' ', '、', '，']);
            let links = [&self.lexicon.before_called, &self.lexicon.before_itself];
            if let Some(end) = links.iter().find_map(|phrases| phrases.at_start(called)) {
                rest = &called[end..];
                continue;
            }
            let at = |rest: &str| start + folded.source(folded.as_str().len() - rest.len());
            // "Calling itself The Collectors": with a capital it belongs to the name.
            if let Some(end) = self.lexicon.article.at_start(rest)
                && !self.view[at(rest)..].starts_with(char::is_uppercase)
            {
                rest = &rest[end..];
                continue;
            }
            let name = self.quoted_at(at(rest), block).or_else(|| self.run_at(at(rest), block));
            if let Some(name) = name.or_else(|| self.quoted_at(at(called), block)) {
                return Some(name);
            }
            let end = rest.find(' ')?;
            let word = rest[..end].trim_end_matches(',');
            let small = word.chars().all(char::is_alphabetic) && !self.lexicon.is_function_word(word);
            if !adjectives || between == MOST_BETWEEN || !small {
                return None;
            }
            between += 1;
            // A comma stays, to tell what follows it.
            rest = &rest[word.len()..];
        }
    }

    /// The name that ends a sentence.
    fn at_end(&self, sentence: &Sentence) -> Option<Span> {
        let block = self.text.block_at(sentence.span.start)?;
        let end = self.text.words().get(sentence.words.clone())?.last()?.span.end;
        match self.view[end..sentence.span.end].chars().next() {
            Some(mark) if is_closing(mark) => self.quoted_before(end + mark.len_utf8(), block),
            _ => self.run_before(end, block, true),
        }
    }

    /// The name before a noun that begins at `end`.
    fn before(&self, end: usize) -> Option<Span> {
        let block = self.text.block_at(end)?;
        let from = boundary(self.view, end.saturating_sub(REACH)).max(block.span.start);
        let folded = Folded::new(self.view.get(from..end)?);
        let whole = folded.as_str().trim_end_matches([' ', '-']);
        // "X called a new gang": a few small words may stand between the link and the noun.
        let mut rest = whole;
        let linked = (0..MOST_BETWEEN).find_map(|_| {
            let start = self.lexicon.behind_called.at_end(rest);
            rest = rest[..rest.rfind(' ').unwrap_or_default()].trim_end();
            start
        });
        let head = linked.map_or(whole, |start| whole[..start].trim_end_matches([' ', '-']));
        let end = from + folded.source(head.len());
        if self.view[..end].ends_with(is_closing) {
            return self.quoted_before(end, block);
        }
        self.run_before(end, block, linked.is_some()).or_else(|| self.apposed(end))
    }

    /// The name before a comma, at most a few small words before `end`.
    fn apposed(&self, end: usize) -> Option<Span> {
        let block = self.text.block_at(end)?;
        let last = self.text.words().partition_point(|word| word.span.end <= end);
        let words = self.text.words().get(block.words.start..last)?;
        let mut between = 0;
        for (index, word) in words.iter().enumerate().rev() {
            let next = words.get(index + 1).map_or(end, |next| next.span.start);
            let gap = self.view[word.span.end..next].trim();
            if let Some(quote) = gap.strip_suffix([',', '(', '，', '،', '、']) {
                return match quote.trim_end() {
                    "" => self.run_before(word.span.end, block, true),
                    quote => self.quoted_before(word.span.end + quote.len(), block),
                };
            }
            // Where words are single characters it takes several to say something.
            between += if word.span.of(self.view).starts_with(is_unspaced) { 1 } else { UNSPACED_WORD };
            if between > MOST_BETWEEN * UNSPACED_WORD || word.shape.has_capital() {
                return None;
            }
        }
        None
    }

    /// The words in the quotation marks that close at `end`.
    fn quoted_before(&self, end: usize, block: &Block) -> Option<Span> {
        let inner = self.view.get(block.span.start..end)?.strip_suffix(is_closing)?;
        let open = inner.char_indices().rev().take(LONGEST_QUOTED).find(|&(_, mark)| is_opening(mark))?;
        let start = block.span.start + open.0 + open.1.len_utf8();
        self.quotable(Span::new(start, block.span.start + inner.len()))
    }

    /// The words in the quotation marks that open at `at`.
    fn quoted_at(&self, at: usize, block: &Block) -> Option<Span> {
        let rest = self.view.get(at..block.span.end)?;
        let mark = rest.chars().next().filter(|&mark| is_opening(mark))?;
        let start = at + mark.len_utf8();
        let inside = self.view.get(start..block.span.end)?;
        let close = inside.char_indices().take(LONGEST_QUOTED).skip(1).find(|&(_, mark)| is_closing(mark))?;
        self.quotable(Span::new(start, start + close.0))
    }

    /// What stands in quotation marks, if it can be a name.
    fn quotable(&self, span: Span) -> Option<Span> {
        let inner = span.of(self.view);
        let start = span.start + (inner.len() - inner.trim_start().len());
        let name = Span::new(start, start + inner.trim().len());
        let first = name.of(self.view).chars().next()?;
        let ends = |mark: char| matches!(mark, '.' | '!' | '?' | '…' | ',' | ';' | ':' | '。' | '，' | '、');
        (!first.is_lowercase() && first.is_alphanumeric() && !name.of(self.view).contains(ends))
            .then_some(name)
    }

    /// The name from `at` on: as far as a tagger sees one, else as far as words have a capital.
    fn run_at(&self, at: usize, block: &Block) -> Option<Span> {
        if let Some(kana) = kana_at(self.view, at, block) {
            return Some(kana);
        }
        let from = self.names.partition_point(|name| name.span.start < at);
        if let Some(name) = self.names.get(from).filter(|name| name.span.start == at && is_told(name)) {
            return self.whole(name);
        }
        let first = self.text.word_from(at);
        let words = self.text.words().get(first..block.words.end)?;
        let named = words.iter().enumerate().take(MOST_WORDS).take_while(|(index, word)| {
            let follows = match index {
                0 => word.span.start == at,
                _ => self.joins(words[index - 1].span.end, word.span.start),
            };
            follows && self.is_named(word, block)
        });
        self.trim(&words[..named.count()])
    }

    /// The name up to `end`, likewise. One word that begins a sentence has its capital from there, unless the name is
    /// `apart` from what follows.
    fn run_before(&self, end: usize, block: &Block, apart: bool) -> Option<Span> {
        let at = self.names.partition_point(|name| name.span.end < end);
        if let Some(name) = self.names.get(at).filter(|name| name.span.end == end && is_told(name)) {
            return self.whole(name);
        }
        let last = self.text.words().partition_point(|word| word.span.end <= end);
        let words = self.text.words().get(block.words.start..last)?;
        if words.last()?.span.end != end {
            return None;
        }
        let named = words.iter().enumerate().rev().take(MOST_WORDS).take_while(|(index, word)| {
            let follows = words.get(index + 1).is_none_or(|next| self.joins(word.span.end, next.span.start));
            follows && self.is_named(word, block)
        });
        let named = &words[words.len() - named.count()..];
        if let [word] = named
            && !apart
            && self.begins(word)
            && !self.is_foreign(word, block)
        {
            return None;
        }
        self.trim(named)
    }

    /// A tagger's name without what is none of it at its ends; one may end within a word, before a particle.
    fn whole(&self, name: &Name) -> Option<Span> {
        let words = &self.text.words()[self.text.words_in(name.span)];
        if words.is_empty() { Some(name.span) } else { self.trim(words) }
    }

    /// The name with what belongs to it although it is no word with a capital: "Salt Wolves of the North", "Black Ink 7".
    /// That it does is told by the text's writing it so twice.
    fn grown(&self, span: Span) -> Span {
        let words = self.text.words();
        let own = self.text.words_in(span);
        let sentences = self.text.sentences();
        let at = sentences.partition_point(|sentence| sentence.span.end <= span.start);
        let Some(sentence) = sentences.get(at) else { return span };
        if own.is_empty() || words[own.end - 1].span.end != span.end {
            return span;
        }
        let ends = (own.end..sentence.words.end).take(MOST_GROWN).filter(|&last| {
            words[last].shape != Shape::Lower
                && words[last - 1].span.end + LONGEST_JOINT >= words[last].span.start
        });
        let from = boundary(self.view, span.start.saturating_sub(REACH_OF_TWICE));
        let to = boundary(self.view, (span.end + REACH_OF_TWICE).min(self.view.len()));
        let around = &self.view[from..to];
        let longer = ends.map(|last| Span::new(span.start, words[last].span.end));
        let twice = |longer: &Span| {
            let gap = &self.view[span.end..longer.end];
            let parts = |mark: char| is_closing(mark) || matches!(mark, ',' | '.' | ';' | ':' | '(' | '/');
            !gap.contains(parts) && around.matches(longer.of(self.view)).nth(1).is_some()
        };
        longer.rev().find(twice).unwrap_or(span)
    }

    /// Whether a tagger does not see a place, or another name, where one stands.
    fn may_be_told(&self, span: Span) -> bool {
        let from = self.names.partition_point(|name| name.span.end <= span.start);
        let mut overlapping = self.names[from..].iter().take_while(|name| name.span.start < span.end);
        !self.names.is_empty() && overlapping.all(|name| is_told(name) && span.contains(name.span))
    }

    /// Whether a name is none but a noun for actors.
    fn is_noun(&self, span: Span) -> bool {
        let folded = fold(span.of(self.view));
        let Lexicon { before_group, before_brand, behind_group, behind_brand, .. } = self.lexicon;
        let nouns = [before_group, before_brand, behind_group, behind_brand];
        nouns.iter().any(|nouns| nouns.at_start(&folded) == Some(folded.len()))
    }

    fn joins(&self, end: usize, start: usize) -> bool {
        matches!(&self.view[end..start], " " | "-" | "\u{A0}" | "\u{2011}")
    }

    /// Whether a word is written like a name: with a capital where capitals tell names, in another script else.
    fn is_named(&self, word: &Word, block: &Block) -> bool {
        let shape = word.shape.has_capital() || word.shape == Shape::Alphanumeric;
        shape && (block.casing == Casing::Sentence || self.is_foreign(word, block))
    }

    /// Whether a word in Latin letters stands among others that are not.
    fn is_foreign(&self, word: &Word, block: &Block) -> bool {
        let around = block.span.of(self.view);
        let latin = around.chars().filter(char::is_ascii_alphabetic).count();
        word.span.of(self.view).is_ascii() && latin * 2 < around.chars().count()
    }

    /// The words without those at the ends that have their capital for another reason; `None`: there is no other.
    fn trim(&self, words: &[Word]) -> Option<Span> {
        let is_name = |word: &Word| {
            let view = word.span.of(self.view);
            !self.lexicon.is_no_name(view) || (self.is_own_article(word) && words.len() > 1)
        };
        let first = words.iter().position(is_name)?;
        let last = words.iter().rposition(is_name)?;
        let span = Span::new(words[first].span.start, words[last].span.end);
        let name = self.lexicon.without_particle(without_suffix(span.of(self.view)));
        Some(Span::new(span.start, span.start + name.len()))
    }

    /// Whether a word is an article that has a capital, and not from the sentence that it begins.
    fn is_own_article(&self, word: &Word) -> bool {
        let folded = word.span.of(self.view).to_lowercase();
        let block = self.text.block_at(word.span.start);
        self.lexicon.article.at_start(&folded) == Some(folded.len())
            && block.is_some_and(|block| block.casing == Casing::Sentence)
            && !self.begins(word)
    }

    /// Whether a word begins a sentence.
    fn begins(&self, word: &Word) -> bool {
        let sentences = self.text.sentences();
        let at = sentences.partition_point(|sentence| sentence.span.end <= word.span.start);
        sentences.get(at).is_some_and(|sentence| sentence.span.start == word.span.start)
    }
}

/// A name without what an apostrophe parts from it: `LockBit'in`.
fn without_suffix(name: &str) -> &str {
    match name.rsplit_once(['\'', '’']) {
        Some((bare, suffix)) if suffix.starts_with(char::is_lowercase) && !suffix.contains(' ') => bare,
        _ => name,
    }
}

/// Whether a tagger is sure of a name that may be an actor's.
fn is_told(name: &Name) -> bool {
    name.kind != EntityType::Location && name.probability >= super::LEAST
}

/// A run of katakana.
fn kana_at(view: &str, at: usize, block: &Block) -> Option<Span> {
    let rest = view.get(at..block.span.end)?;
    let is_kana = |letter: char| matches!(letter, '\u{30A1}'..='\u{30FF}');
    let end = rest.find(|letter| !is_kana(letter)).unwrap_or(rest.len());
    // Before Chinese letters it is a part of a longer word.
    let whole = !rest[end..].starts_with(|next: char| matches!(next, '\u{3400}'..='\u{9FFF}'));
    (whole && rest[..end].chars().count() >= SHORTEST).then_some(Span::new(at, at + end))
}
