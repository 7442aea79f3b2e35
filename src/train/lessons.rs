//! Texts as the network reads them, with what it should say of each word.

use std::collections::HashMap;

use crate::mention::Span;
use crate::tagger::fast::features::{self, HASHED};
use crate::tagger::fast::units::Units;
use crate::tagger::pieces::{Piece, Pieces};
use crate::tagger::truecase::truecase;
use crate::tagger::{ModelError, TAGS};
use crate::text::Text;
use crate::values::EntityType;

/// Share of 255 of each tag.
pub type Target = [u8; TAGS.len()];

/// What a corpus says of a text: where its names stand, and which types it annotates. Of other types nothing is known.
#[derive(Clone, Copy, Debug)]
pub struct Labels<'a> {
    /// By position.
    pub names: &'a [(Span, EntityType)],
    /// Of names; people, organizations, locations.
    pub types: &'a [EntityType],
}

/// A row of a lesson.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The index of its word; `None` in a row that is empty.
    pub word: Option<u32>,
    pub context: u8,
    /// Two words written together, hashed: with the word before, and with the word behind.
    pub pairs: [Option<u64>; 2],
    /// What to say of it, if it counts.
    pub target: Option<Target>,
}

/// A text, laid out, without the empty rows that it begins with.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// Words near capitals, and what parts them.
    pub rows: Vec<Row>,
    /// Rows that count.
    pub open: usize,
}

/// What is known of a word.
#[derive(Clone, Debug)]
pub struct Word {
    pub pieces: Vec<u32>,
    pub hashes: [u64; HASHED],
}

/// All lessons, and the words in them.
pub struct Lessons {
    pieces: Pieces,
    ids: HashMap<Box<str>, u32>,
    /// By the numbers that rows have.
    pub words: Vec<Word>,
    /// In the order they were added.
    pub all: Vec<Lesson>,
}

impl Lessons {
    /// None so far; words are made of these pieces.
    pub fn new(pieces: &str, scores: Vec<f32>) -> Result<Lessons, ModelError> {
        let pieces = Pieces::new(pieces, scores)?;
        Ok(Lessons { pieces, ids: HashMap::new(), words: Vec::new(), all: Vec::new() })
    }

    /// Adds a text. `taught` is what the encoder says of its pieces, by position; it may be empty where labels say all.
    pub fn add(&mut self, text: &Text, labels: Option<Labels<'_>>, taught: &[(Span, Target)]) {
        let view = &*truecase(text);
        let units = Units::new(text, 0..text.sentences().len(), view, &self.pieces);
        let mut rows = Vec::with_capacity(units.rows.len());
        for unit in &units.rows {
            let Some(unit) = unit else {
                rows.push(Row { word: None, context: 0, pairs: [None; 2], target: None });
                continue;
            };
            let mut pairs = [None; 2];
            if let Some(before) = unit.joined {
                let pair = features::of_pair(before.of(view), unit.span.of(view));
                pairs[0] = Some(pair);
                if let Some(before) = rows.last_mut().filter(|row: &&mut Row| row.word.is_some()) {
                    before.pairs[1] = Some(pair);
                }
            }
            let word = Some(self.word(unit.span.of(view)));
            let target = unit.open.then(|| target(unit.span, labels, taught));
            rows.push(Row { word, context: unit.context, pairs, target });
        }
        rows.drain(..crate::tagger::fast::units::REACH.min(rows.len()));
        let open = rows.iter().filter(|row| row.target.is_some()).count();
        if open > 0 {
            self.all.push(Lesson { rows, open });
        }
    }

    fn word(&mut self, word: &str) -> u32 {
        if let Some(id) = self.ids.get(word) {
            return *id;
        }
        let mut read: Vec<Piece> = Vec::new();
        let mut hashes = [0; HASHED];
        features::of_word(word, &self.pieces, &mut read, &mut hashes);
        let id = self.words.len() as u32;
        self.words.push(Word { pieces: read.iter().map(|piece| piece.id).collect(), hashes });
        self.ids.insert(word.into(), id);
        id
    }
}

/// What to say of a word: what the encoder says, as far as the labels allow it.
fn target(word: Span, labels: Option<Labels<'_>>, taught: &[(Span, Target)]) -> Target {
    let allowed = labels.map_or([true; TAGS.len()], |labels| allowed(word, labels));
    let mut target = said(word, taught);
    let mut sum = 0;
    for (share, allowed) in target.iter_mut().zip(allowed) {
        *share = if allowed { *share } else { 0 };
        sum += u32::from(*share);
    }
    if sum < 8 {
        let count = allowed.iter().filter(|allowed| **allowed).count() as u8;
        return allowed.map(|allowed| if allowed { u8::MAX / count } else { 0 });
    }
    target.map(|share| (u32::from(share) * 255 / sum) as u8)
}

/// The tags that labels leave open.
fn allowed(word: Span, labels: Labels<'_>) -> [bool; TAGS.len()] {
    let mut allowed = [false; TAGS.len()];
    let begin = |kind: EntityType| match kind {
        EntityType::Person => 1,
        EntityType::Organization => 3,
        _ => 5,
    };
    if let Some((span, kind)) = labels.names.iter().find(|(span, _)| span.overlaps(word)) {
        allowed[begin(*kind) + usize::from(span.start < word.start)] = true;
        return allowed;
    }
    allowed[0] = true;
    for kind in EntityType::NAMES.into_iter().filter(|kind| !labels.types.contains(kind)) {
        allowed[begin(kind)..begin(kind) + 2].fill(true);
    }
    allowed
}

/// What the encoder says of the first piece of a word; if the piece began before the word, the word is not the first.
fn said(word: Span, taught: &[(Span, Target)]) -> Target {
    let at = taught.partition_point(|(span, _)| span.end <= word.start);
    let Some((span, mut tags)) = taught.get(at).copied().filter(|(span, _)| span.start < word.end) else {
        return [0; TAGS.len()];
    };
    if span.start < word.start {
        for begin in [1, 3, 5] {
            tags[begin + 1] = tags[begin + 1].saturating_add(tags[begin]);
            tags[begin] = 0;
        }
    }
    tags
}
