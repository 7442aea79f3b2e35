//! Text as pieces of words: SentencePiece's unigram segmentation (Kudo 2018) over text in Unicode's NFKC, as the
//! base model was trained with.

use std::ops::Range;

use fst::raw::{Fst, Output};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

use super::model::ModelError;
use crate::mention::Span;

/// What stands for the space before a word.
const SPACE: char = '▁';

/// The pieces that stand at fixed places, before those that text is made of.
const SPECIAL: [&str; 3] = ["<s>", "</s>", "<unk>"];
/// Begins a sequence.
pub const BEGIN: u32 = 0;
/// Ends a sequence.
pub const END: u32 = 1;
/// A character that no piece has.
const UNKNOWN: u32 = 2;

/// How much worse an unknown character is than the worst piece, as SentencePiece has it.
const UNKNOWN_PENALTY: f32 = 10.0;

/// A piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    pub id: u32,
    /// Where the characters stand that it was made of, without the space before them; empty if it is nothing else.
    pub span: Span,
}

impl Piece {
    /// Whether it stands for characters that no piece has.
    pub fn is_unknown(&self) -> bool {
        self.id == UNKNOWN
    }

    /// Whether it is more than a space; only such a piece has a tag.
    pub fn is_visible(&self) -> bool {
        !self.span.is_empty()
    }
}

/// The pieces that text is made of.
pub struct Pieces {
    /// From a piece to its id.
    ids: Fst<Vec<u8>>,
    scores: Vec<f32>,
    unknown_score: f32,
}

impl Pieces {
    /// From lines in byte order behind the special pieces, and the log probability of each line.
    pub fn new(lines: &str, scores: Vec<f32>) -> Result<Pieces, ModelError> {
        let mut lines = lines.lines();
        if SPECIAL.iter().any(|special| lines.next() != Some(special)) {
            return Err(ModelError::new(format!("`pieces` does not begin with {SPECIAL:?}")));
        }
        let entries = lines.zip(SPECIAL.len() as u64..);
        let ids =
            Fst::from_iter_map(entries).map_err(|error| ModelError::new(format!("`pieces`: {error}")))?;
        let worst = scores.iter().copied().fold(f32::INFINITY, f32::min);
        Ok(Pieces { ids, scores, unknown_score: worst - UNKNOWN_PENALTY })
    }

    /// All pieces, as [`Pieces::new`] takes them.
    #[cfg(feature = "train")]
    pub fn lines(&self) -> (String, Vec<f32>) {
        use fst::Streamer;
        let mut lines: String = SPECIAL.map(|special| format!("{special}\n")).concat();
        let mut stream = self.ids.stream();
        while let Some((piece, _)) = stream.next() {
            lines.push_str(std::str::from_utf8(piece).expect("pieces are text"));
            lines.push('\n');
        }
        (lines, self.scores.clone())
    }

    /// Appends the pieces of a range of `view`.
    pub fn append(&self, view: &str, range: Range<usize>, to: &mut Vec<Piece>) {
        let mut word = Word::new();
        for (source, cluster) in clusters(view, range) {
            if cluster.chars().all(is_space) {
                self.end_word(&mut word, to);
                continue;
            }
            for char in cluster.nfkc() {
                match char {
                    ' ' => self.end_word(&mut word, to),
                    char if is_removed(char) => {}
                    char => word.push(char, source),
                }
            }
        }
        self.end_word(&mut word, to);
    }

    /// Appends the likeliest pieces of a word, by Viterbi's algorithm, and empties it.
    fn end_word(&self, word: &mut Word, to: &mut Vec<Piece>) {
        if word.sources.is_empty() {
            return;
        }
        let text = word.text.as_bytes();
        // By byte: the best way to get there, as its score, the last piece's start and its id.
        let mut best = vec![(f32::NEG_INFINITY, 0, UNKNOWN); text.len() + 1];
        best[0].0 = 0.0;
        for (start, char) in word.text.char_indices() {
            let so_far = best[start].0;
            let mut reach = |end: usize, score: f32, id: u32| {
                if so_far + score > best[end].0 {
                    best[end] = (so_far + score, start, id);
                }
            };
            let mut is_known = false;
            self.prefixes(&text[start..], |length, id| {
                is_known |= length == char.len_utf8();
                reach(start + length, self.scores[id as usize], id);
            });
            if !is_known {
                reach(start + char.len_utf8(), self.unknown_score, UNKNOWN);
            }
        }
        let first = to.len();
        let mut end = text.len();
        while end > 0 {
            let (_, start, id) = best[end];
            let span = word.source(start..end);
            match to[first..].last_mut() {
                // Unknown characters in a row are one piece.
                Some(next) if id == UNKNOWN && next.id == UNKNOWN => next.span.start = span.start,
                _ => to.push(Piece { id, span }),
            }
            end = start;
        }
        to[first..].reverse();
        word.clear();
    }

    /// Calls `found` with the length and the id of every piece that `text` begins with.
    fn prefixes(&self, text: &[u8], mut found: impl FnMut(usize, u32)) {
        let mut node = self.ids.root();
        let mut output = Output::zero();
        for (at, byte) in text.iter().enumerate() {
            let Some(index) = node.find_input(*byte) else { return };
            let transition = node.transition(index);
            output = output.cat(transition.out);
            node = self.ids.node(transition.addr);
            if node.is_final() {
                found(at + 1, output.cat(node.final_output()).value() as u32);
            }
        }
    }
}

impl std::fmt::Debug for Pieces {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Pieces").field("count", &self.scores.len()).finish_non_exhaustive()
    }
}

/// A word in its normal form, behind the mark of a space, and where it comes from.
struct Word {
    text: String,
    /// By character behind the mark: its first byte in `text`, and where it comes from.
    sources: Vec<(usize, Span)>,
}

impl Word {
    fn new() -> Word {
        Word { text: String::from(SPACE), sources: Vec::new() }
    }

    fn clear(&mut self) {
        self.text.truncate(SPACE.len_utf8());
        self.sources.clear();
    }

    fn push(&mut self, char: char, source: Span) {
        self.sources.push((self.text.len(), source));
        self.text.push(char);
    }

    /// Where a range of `text` comes from.
    fn source(&self, range: Range<usize>) -> Span {
        let first = self.sources.partition_point(|(at, _)| *at < range.start);
        let after = self.sources.partition_point(|(at, _)| *at < range.end);
        match self.sources[first..after] {
            [] => Span::new(self.sources[0].1.start, self.sources[0].1.start),
            [(_, first), .., (_, last)] => Span::new(first.start, last.end),
            [(_, only)] => only,
        }
    }
}

/// The characters of a range of `view`, each with the marks that may combine with it, and where they stand.
fn clusters(view: &str, range: Range<usize>) -> impl Iterator<Item = (Span, &str)> {
    let mut rest = view[range.clone()].char_indices().peekable();
    std::iter::from_fn(move || {
        let (at, char) = rest.next()?;
        let mut end = at + char.len_utf8();
        while let Some((at, char)) = rest.next_if(|(_, char)| combines(*char)) {
            end = at + char.len_utf8();
        }
        let span = Span::new(range.start + at, range.start + end);
        Some((span, span.of(view)))
    })
}

fn combines(char: char) -> bool {
    // Vowels and finals of Hangul, and the voicing marks of half-width kana, combine without being marks.
    !char.is_ascii()
        && (canonical_combining_class(char) != 0
            || matches!(char, '\u{1161}'..='\u{1175}' | '\u{11A8}'..='\u{11C2}' | '\u{FF9E}' | '\u{FF9F}'))
}

/// What SentencePiece makes a space of.
fn is_space(char: char) -> bool {
    matches!(
        char,
        ' ' | '\t' | '\n' | '\u{C}' | '\r' | '\u{200B}'..='\u{200F}' | '\u{2581}' | '\u{FEFF}' | '\u{FFFD}'
    ) || !char.is_ascii() && char.is_whitespace()
}

/// What it takes out.
fn is_removed(char: char) -> bool {
    char.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pieces and their scores, as a model file has them.
    fn pieces(scored: &[(&str, f32)]) -> Pieces {
        let mut scored = scored.to_vec();
        scored.sort_by_key(|(piece, _)| piece.as_bytes());
        let special = SPECIAL.into_iter().map(|piece| (piece, 0.0));
        let (lines, scores): (Vec<&str>, Vec<f32>) = special.chain(scored).unzip();
        Pieces::new(&lines.join("\n"), scores).unwrap()
    }

    /// The words that each piece of `text` stands for, and `?` behind the unknown ones.
    fn read(pieces: &Pieces, text: &str) -> String {
        let mut found = Vec::new();
        pieces.append(text, 0..text.len(), &mut found);
        let words = found
            .iter()
            .map(|piece| format!("{}{}", piece.span.of(text), if piece.id == UNKNOWN { "?" } else { "" }));
        words.collect::<Vec<_>>().join("|")
    }

    #[test]
    fn the_likeliest_pieces_of_each_word() {
        let known = pieces(&[
            ("▁", -4.0),
            ("▁a", -2.0),
            ("▁ab", -2.5),
            ("a", -3.0),
            ("b", -3.0),
            ("bc", -3.5),
            ("c", -9.0),
            ("ab", -5.0),
        ]);
        let cases = [
            ("one piece", "ab", "ab"),
            ("two are likelier than one and a rare rest", "abc", "a|bc"),
            ("two words", "a ab", "a|ab"),
            ("a line break parts words", "a\nab", "a|ab"),
            ("so does a space that nobody sees", "a\u{200B}ab", "a|ab"),
            ("a control character is no part of a word", "a\u{7}b", "a\u{7}b"),
            ("the mark of a space by itself", "ba", "|b|a"),
            ("an unknown character", "azb", "a|z?|b"),
            ("unknown characters are one piece", "azzb", "a|zz?|b"),
            ("nothing", " \n ", ""),
        ];
        for (case, text, expected) in cases {
            assert_eq!(read(&known, text), expected, "{case}");
        }
    }

    #[test]
    fn text_is_read_in_its_normal_form() {
        let known = pieces(&[
            ("▁", -1.0),
            ("▁fi", -1.0),
            ("é", -1.0),
            ("가", -1.0),
            ("1", -1.0),
            ("n", -1.0),
            ("2", -2.0),
        ]);
        let cases = [
            ("a ligature", "ﬁn", "ﬁ|n"),
            ("an accent of its own", "e\u{301}n", "|e\u{301}|n"),
            ("letters of a syllable", "\u{1100}\u{1161}n", "|\u{1100}\u{1161}|n"),
            ("full width", "\u{FF11}", "|\u{FF11}"),
            ("one character is several", "㉑", "|㉑|㉑"),
        ];
        for (case, text, expected) in cases {
            assert_eq!(read(&known, text), expected, "{case}");
        }
    }

    #[test]
    fn pieces_that_are_none() {
        for (case, lines) in
            [("out of order", "<s>\n</s>\n<unk>\nb\na"), ("without the special ones", "a\nb")]
        {
            assert!(Pieces::new(lines, vec![0.0; 5]).is_err(), "{case}");
        }
    }
}
