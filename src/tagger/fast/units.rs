//! What the network reads of a text: words near capitals, one a row. In languages with capitals, names begin with one,
//! and most words are too far from any to be part of a name. Where words are written together, pieces stand for them.

use std::ops::Range;

use crate::mention::Span;
use crate::tagger::pieces::{Piece, Pieces};
use crate::text::{Casing, Shape, Text};

/// How far from a row, in rows, what is said of it depends on.
pub const REACH: usize = 3;
/// How far behind a word with a capital a name may go on in small letters: "Ministerstvo školství, mládeže".
const GOES_ON: usize = 3;

/// Where a word stands: whether it begins a sentence, how its block uses capitals, what parts it from the word before.
pub const CONTEXTS: usize = 2 * CASINGS * GAPS;
const CASINGS: usize = 3;
const GAPS: usize = 9;

/// A row: a word, or a piece of what is written together.
#[derive(Clone, Copy, Debug)]
pub struct Unit {
    /// Where it stands.
    pub span: Span,
    /// Whether it may be part of a name; what is said of the others does not count.
    pub open: bool,
    /// Below [`CONTEXTS`].
    pub context: u8,
    /// Where the unit before stands, if they are written together.
    pub joined: Option<Span>,
}

/// A text's rows. At both ends, and between words that stand apart, stand [`REACH`] empty ones.
#[derive(Debug, Default)]
pub struct Units {
    pub rows: Vec<Option<Unit>>,
    /// Rows in a row that may be names, each within one sentence; and the index of that sentence.
    pub islands: Vec<(Range<usize>, usize)>,
}

/// A word, or a piece, of a sentence.
#[derive(Clone, Copy)]
struct Item {
    span: Span,
    shape: Shape,
    open: bool,
}

impl Units {
    /// Lays out some sentences of the text, whose letters are those of `view`.
    pub fn new(text: &Text, sentences: Range<usize>, view: &str, pieces: &Pieces) -> Units {
        let mut units = Units::default();
        let (mut items, mut read) = (Vec::new(), Vec::new());
        units.part();
        let all = &text.sentences()[sentences.clone()];
        let first = all.first().map_or(0, |sentence| sentence.words.start);
        let block = text.blocks().partition_point(|block| block.words.end <= first);
        let mut blocks = text.blocks()[block..].iter().peekable();
        let mut before = first.checked_sub(1).map_or(0, |word| text.words()[word].span.end);
        for (index, sentence) in sentences.zip(all) {
            while blocks.next_if(|block| block.words.end <= sentence.words.start).is_some() {}
            let casing = blocks.peek().map_or(Casing::Sentence, |block| block.casing);
            items.clear();
            find_items(text, view, sentence.words.clone(), pieces, &mut read, &mut items);
            mark_open(view, &mut items);
            units.add(view, &items, before, casing, index);
            before = items.last().map_or(before, |item| item.span.end);
        }
        units
    }

    fn part(&mut self) {
        self.rows.extend([None; REACH]);
    }

    /// Adds the stretches of a sentence that may hold names; the text before it ends at `before`.
    fn add(&mut self, view: &str, items: &[Item], before: usize, casing: Casing, sentence: usize) {
        let count = items.len();
        let mut at = 0;
        while let Some(first) = (at..count).find(|&at| items[at].open) {
            // As far as the next open word is within reach, it is one stretch.
            let mut last = first;
            let mut next = first + 1;
            while next < count && next <= last + 2 * REACH + 1 {
                if items[next].open {
                    last = next;
                }
                next += 1;
            }
            let stretch = first.saturating_sub(REACH).max(at)..(last + REACH + 1).min(count);
            for at in stretch.clone() {
                let Item { span, open, .. } = items[at];
                let row = self.rows.len();
                match self.islands.last_mut() {
                    Some((rows, of)) if open && *of == sentence && rows.end == row => rows.end += 1,
                    _ if open => self.islands.push((row..row + 1, sentence)),
                    _ => {}
                }
                let before = if at == 0 { before } else { items[at - 1].span.end };
                let gap = gap(&view[before..span.start]);
                let context = (usize::from(at == 0) * CASINGS + casing as usize) * GAPS + gap;
                let joined = (at > 0 && before == span.start).then(|| items[at - 1].span);
                self.rows.push(Some(Unit { span, open, context: context as u8, joined }));
            }
            self.part();
            at = stretch.end;
        }
    }
}

/// A sentence's words; where they are written together, the pieces of all of them.
fn find_items(
    text: &Text,
    view: &str,
    words: Range<usize>,
    pieces: &Pieces,
    read: &mut Vec<Piece>,
    items: &mut Vec<Item>,
) {
    let words = &text.words()[words];
    let has_no_case = |at: usize| {
        words[at].shape == Shape::Lower && !words[at].span.of(view).starts_with(char::is_lowercase)
    };
    let mut at = 0;
    while at < words.len() {
        let mut end = at + 1;
        if has_no_case(at) {
            while end < words.len() && words[end].span.start == words[end - 1].span.end && has_no_case(end) {
                end += 1;
            }
        }
        let run = Span::new(words[at].span.start, words[end - 1].span.end);
        read.clear();
        if end > at + 1 || run.of(view).contains(is_hangul) {
            pieces.append(view, run.start..run.end, read);
        }
        if read.is_empty() || read.iter().any(Piece::is_unknown) {
            let item = |at: usize| Item { span: words[at].span, shape: words[at].shape, open: false };
            items.extend((at..end).map(item));
        } else {
            let mut last = run.start;
            for piece in read.iter().filter(|piece| piece.is_visible()) {
                // Pieces of one character share its place.
                if piece.span.start >= last {
                    items.push(Item { span: piece.span, shape: Shape::Lower, open: false });
                    last = piece.span.end;
                }
            }
        }
        at = end;
    }
}

/// Korean words hold what is put behind names.
fn is_hangul(char: char) -> bool {
    ('\u{AC00}'..='\u{D7A3}').contains(&char)
}

/// Marks which words of a sentence may be part of a name.
fn mark_open(view: &str, items: &mut [Item]) {
    for at in 0..items.len() {
        let Item { span, shape, .. } = items[at];
        let has_no_case = || shape == Shape::Lower && !span.of(view).starts_with(char::is_lowercase);
        if shape.has_capital() || has_no_case() {
            let (from, to) = (at.saturating_sub(1), (at + GOES_ON + 1).min(items.len()));
            items[from..to].iter_mut().for_each(|item| item.open = true);
        } else if shape == Shape::Alphanumeric {
            items[at].open = true;
        }
    }
}

/// What parts two words, below [`GAPS`].
fn gap(between: &str) -> usize {
    match between {
        "" => 0,
        " " => 1,
        "-" | "–" => 2,
        "'" | "’" => 3,
        ", " | "," | "、" | "，" => 4,
        "." | ". " => 5,
        _ if between.contains(['"', '“', '„', '«', '‘', '「', '『', '《', '”', '»', '」', '』', '》']) => {
            6
        }
        _ if between.contains(['(', ')', '（', '）', '[', ']']) => 7,
        _ => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Document;

    fn pieces() -> Pieces {
        let lines = "<s>\n</s>\n<unk>\n\u{2581}\n\u{2581}서울\n京\n東京\n에서\n";
        Pieces::new(lines, vec![-1.0; lines.lines().count()]).unwrap()
    }

    /// The words that may be part of a name, `|` between islands.
    fn islands(content: &str) -> String {
        let text = Text::new(&Document::new(content));
        let units = Units::new(&text, 0..text.sentences().len(), text.as_str(), &pieces());
        let island = |(rows, _): &(Range<usize>, usize)| {
            let words = units.rows[rows.clone()].iter().flatten().map(|unit| unit.span.of(content));
            words.collect::<Vec<_>>().join(" ")
        };
        units.islands.iter().map(island).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn names_begin_with_a_capital() {
        let cases = [
            ("nothing", "il pleut sur la ville", ""),
            ("a name and what may go on", "il vit à Paris avec elle et son fils", "à Paris avec elle et"),
            ("the word before may be part of it", "le palais de Monaco", "de Monaco"),
            (
                "two names far apart",
                "Ana est partie hier soir sans dire un mot à Paul",
                "Ana est partie hier | à Paul",
            ),
            ("two names close by", "Ana est chez Paul", "Ana est chez Paul"),
            ("two sentences", "Ana dort. Paul aussi.", "Ana dort | Paul aussi"),
            ("no capitals", "東京", "東京"),
            ("characters that no piece has", "東京で", "東 京 で"),
            ("what is put behind a name", "서울에서", "서울 에서"),
            ("letters and digits", "le vol 5g est là", "5g"),
        ];
        for (case, content, expected) in cases {
            assert_eq!(islands(content), expected, "{case}");
        }
    }

    #[test]
    fn every_open_row_has_its_neighbours() {
        let content = "Ana est partie hier soir sans dire un mot à Paul. Il neige.\n\n東京で会議、Ana";
        let text = Text::new(&Document::new(content));
        let Units { rows, islands } = Units::new(&text, 0..text.sentences().len(), content, &pieces());
        assert!(rows[..REACH].iter().chain(&rows[rows.len() - REACH..]).all(Option::is_none));
        let sentence = |word: usize| text.sentences().iter().position(|it| it.words.contains(&word));
        for (row, unit) in rows.iter().enumerate() {
            let Some(unit) = unit.filter(|unit| unit.open) else { continue };
            assert_eq!(islands.iter().filter(|(island, _)| island.contains(&row)).count(), 1);
            let word = text.words().iter().position(|word| word.span == unit.span).unwrap();
            let neighbour = |at: Option<usize>| {
                let near = at.filter(|at| *at < text.words().len() && sentence(*at) == sentence(word));
                near.map(|at| text.words()[at].span)
            };
            for distance in 1..=REACH {
                let (before, behind) = (word.checked_sub(distance), Some(word + distance));
                assert_eq!(
                    rows[row - distance].map(|unit| unit.span),
                    neighbour(before),
                    "{row} - {distance}"
                );
                assert_eq!(
                    rows[row + distance].map(|unit| unit.span),
                    neighbour(behind),
                    "{row} + {distance}"
                );
            }
        }
    }
}
