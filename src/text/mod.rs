//! A document's text: one plain view over title and content, with a map back to the source, and its blocks,
//! sentences and words, found once for everybody.

mod fold;
mod html;
mod map;
pub mod offsets;
mod segment;

use std::ops::Range;

use crate::document::{Document, MediaType, Part};
use crate::mention::Span;
pub use fold::{Folded, fold};
use map::SourceMap;
pub use segment::{Block, Casing, Sentence, Shape, Word, is_word_character};

/// What separates title and content in the view: a blank line, so that no mention spans the two.
const PART_BREAK: &str = "\n\n";

/// The plain view of a document: its title, a blank line, its content. Positions are bytes of the view.
#[derive(Debug)]
pub struct Text {
    view: String,
    /// Where the content begins in the view.
    content_start: usize,
    title_map: SourceMap,
    content_map: SourceMap,
    repaired: bool,
    blocks: Vec<Block>,
    sentences: Vec<Sentence>,
    words: Vec<Word>,
}

impl Text {
    /// Makes the view of `document` and finds its blocks, sentences and words.
    pub fn new(document: &Document) -> Text {
        let mut view =
            String::with_capacity(document.title.len() + PART_BREAK.len() + document.content.len());
        let (title_map, title_repaired) = append(&document.title, document.media_type, &mut view);
        let title_end = view.len();
        if title_end > 0 {
            view.push_str(PART_BREAK);
        }
        let content_start = view.len();
        let (content_map, content_repaired) = append(&document.content, document.media_type, &mut view);
        let (blocks, sentences, words) = segment::segment(&view, title_end);
        let repaired = title_repaired || content_repaired;
        Text { view, content_start, title_map, content_map, repaired, blocks, sentences, words }
    }

    /// The view.
    pub fn as_str(&self) -> &str {
        &self.view
    }

    /// The part of the view that holds the title; empty where there is none.
    pub fn title(&self) -> Span {
        Span::new(0, self.content_start.saturating_sub(PART_BREAK.len()))
    }

    /// Paragraphs, headings and list items, in order; disjoint.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Sentences, in order; each within one block.
    pub fn sentences(&self) -> &[Sentence] {
        &self.sentences
    }

    /// Words, in order; disjoint.
    pub fn words(&self) -> &[Word] {
        &self.words
    }

    /// Index of the first word that starts at `position` or later.
    pub fn word_from(&self, position: usize) -> usize {
        self.words.partition_point(|word| word.span.start < position)
    }

    /// The words that lie within `span`, as indices into [`Text::words`].
    pub fn words_in(&self, span: Span) -> Range<usize> {
        let first = self.word_from(span.start);
        let last = self.words.partition_point(|word| word.span.end <= span.end);
        first..last.max(first)
    }

    /// The block that holds `position`; between two blocks, the later one.
    pub fn block_at(&self, position: usize) -> Option<&Block> {
        self.blocks.get(self.blocks.partition_point(|block| block.span.end <= position))
    }

    /// Whether `position` does not stand within a word.
    pub fn is_word_boundary(&self, position: usize) -> bool {
        let before = self.words.partition_point(|word| word.span.start < position);
        before == 0 || self.words[before - 1].span.end <= position
    }

    /// Where `span` stands in the document as it was sent: the part and its bytes, markup included.
    pub fn locate(&self, span: Span) -> (Part, Range<usize>) {
        if span.start < self.content_start {
            (Part::Title, self.title_map.source(span.start..span.end))
        } else {
            let base = self.content_start;
            (Part::Content, self.content_map.source(span.start - base..span.end - base))
        }
    }

    /// Whether malformed markup was read as a browser would.
    pub fn is_repaired(&self) -> bool {
        self.repaired
    }
}

fn append(source: &str, media_type: MediaType, view: &mut String) -> (SourceMap, bool) {
    match media_type {
        MediaType::Plain => {
            view.push_str(source);
            (SourceMap::identity(source.len()), false)
        }
        MediaType::Html => html::render(source, view),
    }
}
