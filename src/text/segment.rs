//! Blocks, sentences and words.

use std::ops::Range;
use std::sync::LazyLock;

use crate::language::{abbreviations, months};
use crate::mention::Span;

/// A paragraph, a heading or a list item.
#[derive(Clone, Debug)]
pub struct Block {
    /// Without the line breaks around it.
    pub span: Span,
    /// Its words, as indices.
    pub words: Range<usize>,
    /// How it uses capital letters.
    pub casing: Casing,
    /// Whether it belongs to the document's title.
    pub title: bool,
}

/// How a block uses capital letters. Only in `Sentence` is a capital evidence of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Casing {
    /// Capitals begin sentences and names.
    Sentence,
    /// Most Words Begin With A Capital.
    Title,
    /// MOST LETTERS ARE CAPITALS.
    Upper,
}

/// A sentence.
#[derive(Clone, Debug)]
pub struct Sentence {
    /// With its final mark.
    pub span: Span,
    /// Its words, as indices.
    pub words: Range<usize>,
}

/// A run of letters, marks and digits; in scripts without spaces, one character.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// Where it stands.
    pub span: Span,
    /// How it is written.
    pub shape: Shape,
}

/// How a word is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `maison`, and words of scripts without case.
    Lower,
    /// `Maison`; also a single capital.
    Capitalized,
    /// `OTAN`; at least two letters.
    Upper,
    /// `YouTube`, `iPhone`: a capital behind a small letter.
    Mixed,
    /// `2024`.
    Digits,
    /// `5G`, `APT28`.
    Alphanumeric,
}

impl Shape {
    /// Whether the word begins with a capital letter or holds one.
    pub fn has_capital(self) -> bool {
        matches!(self, Shape::Capitalized | Shape::Upper | Shape::Mixed)
    }
}

/// Cuts `view` into blocks, sentences and words; blocks that begin before `title_end` are the title's.
pub fn segment(view: &str, title_end: usize) -> (Vec<Block>, Vec<Sentence>, Vec<Word>) {
    let words = words(view);
    let mut blocks = Vec::new();
    let mut sentences = Vec::new();
    let mut next = 0;
    for span in block_spans(view) {
        let last = next + words[next..].partition_point(|word| word.span.start < span.end);
        if last > next {
            let range = next..last;
            split_sentences(view, &words, span, range.clone(), &mut sentences);
            let casing = casing(view, span, &words[range.clone()]);
            blocks.push(Block { span, words: range, casing, title: span.start < title_end });
        }
        next = last;
    }
    (blocks, sentences, words)
}

/// Lines shorter than this end their block: text that is wrapped by hand fills its lines.
const WRAPPED_LINE: usize = 50;

fn block_spans(view: &str) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut open = false;
    let mut start = 0;
    for line in view.split_inclusive('\n') {
        let content = line.trim();
        let from = start + (line.len() - line.trim_start().len());
        start += line.len();
        if content.is_empty() {
            open = false;
            continue;
        }
        let span = Span::new(from, from + content.len());
        let item = content.starts_with(['-', '–', '—', '•', '*', '·', '‣', '▪', '►']);
        match spans.last_mut() {
            Some(block) if open && !item => block.end = span.end,
            _ => spans.push(span),
        }
        open = content.len() >= WRAPPED_LINE;
    }
    spans
}

fn words(view: &str) -> Vec<Word> {
    let classes: &[Class; KNOWN_CLASSES] = &CLASSES;
    let class_at = |at: usize| match view.as_bytes()[at] {
        byte if byte.is_ascii() => (classes[usize::from(byte)], 1),
        _ => {
            let character = view[at..].chars().next().expect("a position within the view");
            let class = classes.get(character as usize).copied().unwrap_or_else(|| class(character));
            (class, character.len_utf8())
        }
    };
    let mut words = Vec::with_capacity(view.len() / 5);
    let mut at = 0;
    while at < view.len() {
        let (first, len) = class_at(at);
        let start = at;
        at += len;
        // A mark by itself, as behind an emoji, begins no word.
        if matches!(first, OTHER | MARK) {
            continue;
        }
        let mut rest = 0;
        while at < view.len() {
            let (class, len) = class_at(at);
            let goes_on = if (first | class) & UNSPACED == 0 { class != OTHER } else { class == MARK };
            // Katakana and other letters are two words: ランサムウェア and LockBit.
            if !goes_on || ((first ^ class) & KANA != 0 && class != MARK) {
                break;
            }
            rest |= class;
            at += len;
        }
        words.push(Word { span: Span::new(start, at), shape: shape(first, rest) });
    }
    words
}

/// Whether a character is part of a word: a letter, a digit or a mark on one.
pub fn is_word_character(character: char) -> bool {
    if character.is_ascii() {
        character.is_ascii_alphanumeric()
    } else {
        character.is_alphanumeric() || is_mark(character)
    }
}

/// What a character is to a word, in bits, so that those of several are seen at once.
type Class = u8;
/// Part of no word.
const OTHER: Class = 0;
const DIGIT: Class = 1;
const CAPITAL: Class = 2;
/// A small letter, or one of a script without case.
const SMALL: Class = 4;
const MARK: Class = 8;
/// Beside `SMALL`: a word by itself.
const UNSPACED: Class = 16;
/// Beside `SMALL`: joined to its like only.
const KANA: Class = 32;

/// The characters of one or two bytes in UTF-8.
const KNOWN_CLASSES: usize = 0x800;

/// By character: its class. Looking it up in Unicode's tables would take most of the time of finding words.
static CLASSES: LazyLock<[Class; KNOWN_CLASSES]> =
    LazyLock::new(|| std::array::from_fn(|code| char::from_u32(code as u32).map_or(OTHER, class)));

fn class(character: char) -> Class {
    if !is_word_character(character) {
        OTHER
    } else if character.is_numeric() {
        DIGIT
    } else if is_mark(character) {
        MARK
    } else if character.is_uppercase() {
        CAPITAL
    } else if is_unspaced(character) {
        SMALL | UNSPACED
    } else if matches!(character, '\u{30A1}'..='\u{30FF}') {
        SMALL | KANA
    } else {
        SMALL
    }
}

/// Combining marks and joiners that `char::is_alphanumeric` leaves out.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5C7}' | '\u{610}'..='\u{61A}'
        | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{6D6}'..='\u{6ED}' | '\u{93C}' | '\u{94D}' | '\u{9BC}' | '\u{9CD}'
        | '\u{A4D}' | '\u{ACD}' | '\u{B4D}' | '\u{BCD}' | '\u{C4D}' | '\u{CCD}' | '\u{D4D}' | '\u{E31}'
        | '\u{E34}'..='\u{E3A}' | '\u{E47}'..='\u{E4E}' | '\u{1AB0}'..='\u{1AFF}' | '\u{200C}' | '\u{200D}'
        | '\u{20D0}'..='\u{20FF}' | '\u{3099}' | '\u{309A}' | '\u{FE00}'..='\u{FE0F}' | '\u{FE20}'..='\u{FE2F}')
}

/// Letters of scripts that put no space between words: Thai, Lao, Burmese, Khmer, Hiragana and Han.
fn is_unspaced(character: char) -> bool {
    matches!(character, '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3041}'..='\u{309F}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// How a word is written whose first character is of one class, and the others of those together.
fn shape(first: Class, rest: Class) -> Shape {
    let letters = CAPITAL | SMALL;
    match (first & letters, rest & letters) {
        (0, 0) => Shape::Digits,
        _ if (first | rest) & DIGIT != 0 => Shape::Alphanumeric,
        (CAPITAL, 0 | SMALL) => Shape::Capitalized,
        (CAPITAL, CAPITAL) => Shape::Upper,
        (SMALL, 0 | SMALL) => Shape::Lower,
        _ => Shape::Mixed,
    }
}

/// A block is in capitals, or in title case, when at least this share of its letters, or of its long words, are.
const TITLE_SHARE: f32 = 0.7;
/// A block in title case has at least so many long words with a capital.
const LEAST_TITLE: usize = 2;
/// The same for a block that ends as a sentence does, and how many such words it must have: a paragraph full of
/// names is no heading, nor is a short sentence with two.
const STOPPED_TITLE: (f32, usize) = (0.95, 4);
/// Words shorter than this stay small in English title case.
const LONG_WORD: usize = 4;

fn casing(view: &str, block: Span, words: &[Word]) -> Casing {
    let (mut letters, mut upper) = (0, 0);
    // A sentence's first word tells nothing, nor do the small words of a heading.
    let (mut long, mut capitalized) = (0, 0);
    let lettered = words.iter().filter(|word| !matches!(word.shape, Shape::Digits | Shape::Alphanumeric));
    let mut count = 0;
    for word in lettered {
        let len = word.span.len();
        letters += len;
        upper += if word.shape == Shape::Upper { len } else { 0 };
        let is_long = len >= LONG_WORD && word.span.of(view).chars().nth(LONG_WORD - 1).is_some();
        if is_long && count > 0 {
            long += 1;
            capitalized += usize::from(word.shape.has_capital());
        }
        count += 1;
    }
    if count > 1 && upper as f32 >= TITLE_SHARE * letters as f32 {
        return Casing::Upper;
    }
    let stopped = block.of(view).ends_with('.');
    let (share, least) = if stopped { STOPPED_TITLE } else { (TITLE_SHARE, LEAST_TITLE) };
    let title = capitalized >= least && capitalized as f32 >= share * long as f32;
    if title { Casing::Title } else { Casing::Sentence }
}

fn split_sentences(
    view: &str,
    words: &[Word],
    block: Span,
    range: Range<usize>,
    sentences: &mut Vec<Sentence>,
) {
    let mut start = block.start;
    let mut first = range.start;
    for index in range.clone() {
        let next = if index + 1 < range.end { words[index + 1].span.start } else { block.end };
        let last = index + 1 == range.end;
        let end = if last { Some(block.end) } else { sentence_end(view, &words[index], &words[index + 1]) };
        let Some(end) = end else { continue };
        sentences.push(Sentence { span: Span::new(start, end), words: first..index + 1 });
        first = index + 1;
        start = next;
    }
}

/// Where the sentence ends, if it does between two words.
fn sentence_end(view: &str, word: &Word, next_word: &Word) -> Option<usize> {
    let next = next_word.span.start;
    let gap = &view[word.span.end..next];
    // Most gaps are a space or a comma; marks are looked for in the others.
    if gap.bytes().all(|byte| matches!(byte, b' ' | b',' | b'-' | b'\'')) {
        return None;
    }
    let mark = gap.find(['.', '!', '?', '…', '。', '！', '？', '؟', '।'])?;
    let mark_char = gap[mark..].chars().next()?;
    let after = &gap[mark + mark_char.len_utf8()..];
    let end = word.span.end + gap.len()
        - after.trim_start_matches(['.', '!', '?', '»', '”', '"', '’', '\'', ')', ']']).len();
    if matches!(mark_char, '。' | '！' | '？') {
        return Some(end);
    }
    if !after.contains(char::is_whitespace) {
        return None;
    }
    let begins_small = view[next..].chars().next().is_some_and(char::is_lowercase);
    if begins_small && after.trim().is_empty() {
        return None;
    }
    if mark_char == '.' && mark == 0 {
        let text = word.span.of(view);
        let initial = text.chars().count() == 1 && word.shape == Shape::Capitalized;
        // The German 3. Mai.
        let day = word.shape == Shape::Digits && text.len() <= 2;
        if day && months().contains(&next_word.span.of(view).to_lowercase()) {
            return None;
        }
        if initial || abbreviations().contains(&text.to_lowercase()) {
            return None;
        }
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(view: &str) -> Vec<(&str, Casing)> {
        segment(view, 0).0.iter().map(|block| (block.span.of(view), block.casing)).collect()
    }

    #[test]
    fn casing_of_blocks() {
        let cases = [
            ("La ville de Lyon a fermé trois ponts.", Casing::Sentence),
            ("Le Préfet Ferme Trois Ponts Après La Crue", Casing::Title),
            ("Mayor Closes Three Bridges as River Rises", Casing::Title),
            ("LE PRÉFET FERME TROIS PONTS", Casing::Upper),
            ("Mayor closes three bridges as river rises", Casing::Sentence),
            // A short line of names is no sentence.
            ("Par Lucie Marchand, Lyon", Casing::Title),
            ("Paul Roche, Anne Duval and Marc Petit were present.", Casing::Sentence),
            ("OTAN", Casing::Sentence),
            ("12 345", Casing::Sentence),
        ];
        for (view, casing) in cases {
            assert_eq!(blocks(view), [(view, casing)]);
        }
    }

    #[test]
    fn blocks_of_lines() {
        let wrapped = "This line is long enough to have been wrapped by hand\nand goes on here.";
        let cases = [
            ("blank lines part", "One.\n\nTwo.\r\n\r\nThree.", vec!["One.", "Two.", "Three."]),
            ("short lines part", "Menu\nSport\nCulture", vec!["Menu", "Sport", "Culture"]),
            ("long lines go on", wrapped, vec![wrapped]),
            ("items part", "- one two\n- three four", vec!["- one two", "- three four"]),
            ("lines without words", "***\n\n---\nWord", vec!["Word"]),
            ("nothing", "\n \n", vec![]),
        ];
        for (name, view, expected) in cases {
            let found: Vec<&str> = blocks(view).into_iter().map(|(block, _)| block).collect();
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn sentences_of_blocks() {
        let cases = [
            ("full stops", "It rained. Nobody came.", vec!["It rained.", "Nobody came."]),
            ("other marks", "Why? Because! And… Then", vec!["Why?", "Because!", "And…", "Then"]),
            (
                "small letters go on",
                "He said e.g. this and approx. that.",
                vec!["He said e.g. this and approx. that."],
            ),
            ("titles", "Mr. Hale met Dr. Roe. They left.", vec!["Mr. Hale met Dr. Roe.", "They left."]),
            (
                "days",
                "Am 3. Mai ging er. Es war 3. Er kam.",
                vec!["Am 3. Mai ging er.", "Es war 3.", "Er kam."],
            ),
            ("initials", "J. R. Hale left. He ran.", vec!["J. R. Hale left.", "He ran."]),
            ("numbers", "It costs 3.5 million. Nobody pays.", vec!["It costs 3.5 million.", "Nobody pays."]),
            ("quotes", "“Go.” She went.", vec!["“Go.”", "She went."]),
            ("ideographic stops", "雨。晴。", vec!["雨。", "晴。"]),
        ];
        for (name, view, expected) in cases {
            let found: Vec<&str> = segment(view, 0).1.iter().map(|sentence| sentence.span.of(view)).collect();
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn words_and_shapes() {
        use Shape::*;
        let cases = [
            ("l’usine d'Orly", vec![("l", Lower), ("usine", Lower), ("d", Lower), ("Orly", Capitalized)]),
            (
                "Saint-Malo 2024 5G",
                vec![("Saint", Capitalized), ("Malo", Capitalized), ("2024", Digits), ("5G", Alphanumeric)],
            ),
            (
                "OTAN A iPhone McDonald",
                vec![("OTAN", Upper), ("A", Capitalized), ("iPhone", Mixed), ("McDonald", Mixed)],
            ),
            ("e\u{301}te\u{301}", vec![("e\u{301}te\u{301}", Lower)]),
            ("日本は", vec![("日", Lower), ("本", Lower), ("は", Lower)]),
            ("カタカナ 한국어", vec![("カタカナ", Lower), ("한국어", Lower)]),
            ("❤\u{FE0F} \u{301} ab", vec![("ab", Lower)]),
        ];
        for (view, expected) in cases {
            let found: Vec<_> = words(view).iter().map(|word| (word.span.of(view), word.shape)).collect();
            assert_eq!(found, expected);
        }
    }
}
