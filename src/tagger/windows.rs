//! What the encoder reads together: sentences in a row, as many as fit; a sentence that is too long in parts that
//! overlap, so that every piece is read with what stands around it.

use std::ops::Range;

use super::encoder::Sequence;
use super::pieces::{self, Piece, Pieces};
use super::truecase::truecase;
use crate::mention::Span;
use crate::text::Text;

/// Sentences are read together up to so many pieces. Longer windows cost more attention than their context is worth.
const TOGETHER: usize = 128;

/// Of a sentence in parts, what a part shares with the next one.
const SHARED: usize = 32;

/// A text in sequences.
#[derive(Debug, Default)]
pub struct Windows {
    pub sequences: Vec<Sequence>,
    /// In the order of the text.
    pub sentences: Vec<Sentence>,
}

/// A sentence, and where it is read.
#[derive(Debug)]
pub struct Sentence {
    /// Where its pieces stand that have a tag.
    pub spans: Vec<Span>,
    /// Of each part, which of its own pieces with a tag count; all that count are all of the sentence's, in order.
    pub parts: Vec<Range<usize>>,
}

impl Windows {
    /// Plans how to read a text in sequences of at most `longest` pieces; of its sentences, those that are `wanted`.
    pub fn new(text: &Text, wanted: impl Fn(usize) -> bool, pieces: &Pieces, longest: usize) -> Windows {
        let longest = longest - 2;
        let view = truecase(text);
        let mut windows = Windows::default();
        let mut open: Option<Sequence> = None;
        for (_, sentence) in text.sentences().iter().enumerate().filter(|(index, _)| wanted(*index)) {
            let mut read = Vec::new();
            pieces.append(&view, sentence.span.start..sentence.span.end, &mut read);
            let parts = parts(read.len(), longest);
            for (range, _) in &parts {
                let fits = |open: &Sequence| open.ids.len() + range.len() < TOGETHER;
                if !open.as_ref().is_some_and(fits) {
                    windows.sequences.extend(open.take().map(closed));
                }
                let sequence = open.get_or_insert_with(opened);
                let start = sequence.ids.len();
                sequence.ids.extend(read[range.clone()].iter().map(|piece| piece.id));
                sequence.tagged.extend(read[range.clone()].iter().map(Piece::is_visible));
                sequence.sentences.push(start..sequence.ids.len());
            }
            let tagged = |range: Range<usize>| read[range].iter().filter(|piece| piece.is_visible()).count();
            let counted = parts.into_iter().map(|(range, counts)| {
                let before = tagged(range.start..range.start + counts.start);
                before..before + tagged(range.start + counts.start..range.start + counts.end)
            });
            let parts = counted.collect();
            let spans = read.iter().filter(|piece| piece.is_visible()).map(|piece| piece.span).collect();
            windows.sentences.push(Sentence { spans, parts });
        }
        windows.sequences.extend(open.map(closed));
        windows
    }
}

fn opened() -> Sequence {
    Sequence { ids: vec![pieces::BEGIN], tagged: vec![false], sentences: Vec::new() }
}

fn closed(mut sequence: Sequence) -> Sequence {
    sequence.ids.push(pieces::END);
    sequence.tagged.push(false);
    sequence
}

/// Cuts so many pieces into parts of at most `longest`: of each its range, and what of it counts, from its start.
fn parts(count: usize, longest: usize) -> Vec<(Range<usize>, Range<usize>)> {
    let mut parts = Vec::new();
    let mut done = 0;
    while done < count {
        let start = done.saturating_sub(SHARED);
        let end = count.min(start + longest);
        let counted = if end == count { count } else { end - SHARED };
        parts.push((start..end, done - start..counted - start));
        done = counted;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_sentence_is_read_in_parts_that_overlap() {
        for (count, longest, expected) in
            [(0, 100, 0), (1, 100, 1), (100, 100, 1), (101, 100, 2), (5_000, 190, 40)]
        {
            let parts = parts(count, longest);
            assert_eq!(parts.len(), expected, "{count}");
            let mut next = 0;
            for (range, counted) in &parts {
                assert!(range.len() <= longest, "{range:?}");
                assert_eq!(range.start + counted.start, next, "what counts goes on where it ended");
                next = range.start + counted.end;
                assert!(
                    counted.start == 0 || counted.start == SHARED,
                    "{counted:?}: with what stands before"
                );
                assert!(range.end == count || range.len() - counted.end == SHARED, "{counted:?}: and behind");
            }
            assert_eq!(next, count);
        }
    }
}
