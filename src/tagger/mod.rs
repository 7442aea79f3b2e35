//! Names of people, organizations and locations, told from raw text by a trained model.

mod decode;
mod encoder;
pub mod fast;
mod model;
mod ops;
pub(crate) mod pieces;
pub mod profiles;
#[cfg(test)]
mod tests;
pub(crate) mod truecase;
mod windows;
mod workers;

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Arc, LazyLock};

pub use decode::TAGS;
use encoder::{Encoder, Reading, Sequence};
use model::Model;
pub use model::ModelError;
use pieces::Pieces;
use windows::{Sentence, Windows};
use workers::Workers;

use crate::mention::Span;
use crate::text::Text;
use crate::values::EntityType;

/// Tells the names in texts. Whatever does it, the names of a text do not depend on what is read beside it.
pub trait NameTagger: Send + Sync {
    /// The names of each text, in order; disjoint.
    fn tag(&self, texts: &[&Text]) -> Vec<Vec<Name>>;

    /// What tells them, for a record's provenance: the kind of model and the digest of its file.
    fn id(&self) -> &str;
}

/// A name in a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Name {
    /// Where it stands in the view.
    pub span: Span,
    /// Person, organization or location.
    pub kind: EntityType,
    /// Probability, in [0, 1], that a name of this type stands just here.
    pub probability: f32,
}

/// The tagger of all languages: a small multilingual encoder (`models/names.md`).
pub struct EncoderTagger {
    model: Arc<Loaded>,
    workers: Workers,
}

/// A model, ready to read.
struct Loaded {
    id: String,
    pieces: Pieces,
    encoder: Encoder,
}

impl EncoderTagger {
    /// The file that a folder of models holds.
    pub const FILE: &str = "names.safetensors";

    /// The model that is part of this build, read at the first call; it runs on so many threads.
    pub fn embedded(threads: NonZeroUsize) -> EncoderTagger {
        static EMBEDDED: LazyLock<Arc<Loaded>> = LazyLock::new(|| {
            let model = Loaded::new(Cow::Borrowed(include_bytes!("../../models/names.safetensors")));
            Arc::new(model.unwrap_or_else(|error| panic!("the embedded {error}, which a test rules out")))
        });
        EncoderTagger::start(EMBEDDED.clone(), threads)
    }

    /// The model in a folder, instead.
    pub fn open(folder: &Path, threads: NonZeroUsize) -> Result<EncoderTagger, ModelError> {
        let path = folder.join(EncoderTagger::FILE);
        let at = |error: &dyn std::fmt::Display| ModelError::new(format!("{}: {error}", path.display()));
        let file = std::fs::read(&path).map_err(|error| at(&error))?;
        let model = Loaded::new(file.into()).map_err(|error| at(&error))?;
        Ok(EncoderTagger::start(Arc::new(model), threads))
    }

    fn start(model: Arc<Loaded>, threads: NonZeroUsize) -> EncoderTagger {
        let read = {
            let model = model.clone();
            move |sequences: &[&Sequence]| model.encoder.read(sequences)
        };
        EncoderTagger { model, workers: Workers::new(threads, Arc::new(read)) }
    }
}

impl EncoderTagger {
    /// The sentences of the texts, and what is read of the parts of all of them, in order.
    fn read(&self, texts: &[&Text]) -> (Vec<Vec<Sentence>>, impl Iterator<Item = Reading>) {
        let mut sequences = Vec::new();
        let mut sentences = Vec::new();
        for text in texts {
            let windows = self.windows(text, |_| true);
            sequences.extend(windows.sequences);
            sentences.push(windows.sentences);
        }
        (sentences, self.workers.read(sequences).into_iter())
    }

    fn windows(&self, text: &Text, wanted: impl Fn(usize) -> bool) -> Windows {
        Windows::new(text, wanted, &self.model.pieces, self.model.encoder.max_pieces())
    }

    /// The names in those sentences of a text that are marked.
    pub fn tag_sentences(&self, text: &Text, marked: &[bool]) -> Vec<Name> {
        let windows = self.windows(text, |sentence| marked[sentence]);
        let mut readings = self.workers.read(windows.sequences).into_iter();
        windows.sentences.iter().flat_map(|sentence| self.model.names(sentence, &mut readings)).collect()
    }

    /// Whether the text is in letters that the encoder knows.
    pub fn can_read(&self, text: &str) -> bool {
        let mut read = Vec::new();
        self.model.pieces.append(text, 0..text.len(), &mut read);
        // Pieces of what is unknown are long.
        let bytes = |unknown: bool| {
            let pieces = read.iter().filter(|piece| piece.is_unknown() == unknown);
            pieces.map(|piece| piece.span.len()).sum::<usize>()
        };
        bytes(true) <= bytes(false)
    }

    /// How probable each of [`TAGS`] is for each piece of the texts, and where the piece stands: what a teacher says.
    pub fn probabilities(&self, texts: &[&Text]) -> Vec<Vec<(Span, [f32; TAGS.len()])>> {
        let (sentences, mut readings) = self.read(texts);
        let mut tags = |sentence: Sentence| {
            let read = joined(&sentence, &mut readings);
            sentence.spans.into_iter().zip(read).collect::<Vec<_>>()
        };
        sentences.into_iter().map(|text| text.into_iter().flat_map(&mut tags).collect()).collect()
    }

    /// The pieces that texts are made of, as lines, and the log probability of each; and the numbers of their embeddings.
    #[cfg(feature = "train")]
    pub fn vocabulary(&self) -> (String, Vec<f32>, Vec<f32>) {
        let (lines, scores) = self.model.pieces.lines();
        (lines, scores, self.model.encoder.embeddings())
    }
}

impl NameTagger for EncoderTagger {
    fn tag(&self, texts: &[&Text]) -> Vec<Vec<Name>> {
        let model = &self.model;
        let (sentences, mut readings) = self.read(texts);
        let mut names = |sentence| model.names(&sentence, &mut readings);
        sentences.into_iter().map(|text| text.into_iter().flat_map(&mut names).collect()).collect()
    }

    fn id(&self) -> &str {
        &self.model.id
    }
}

impl Loaded {
    fn new(file: Cow<'static, [u8]>) -> Result<Loaded, ModelError> {
        let Model { digest, pieces, scores, embeddings, positions, norm, layers, exits } = Model::read(file)?;
        Ok(Loaded {
            id: format!("names/encoder@{}", &digest[..16]),
            pieces: Pieces::new(&pieces, scores)?,
            encoder: Encoder::new(embeddings, positions, norm, layers, exits),
        })
    }

    fn names(&self, sentence: &Sentence, readings: &mut impl Iterator<Item = Reading>) -> Vec<Name> {
        let spans = &sentence.spans;
        let names = decode::names(&joined(sentence, readings)).into_iter();
        names
            .map(|name| Name {
                span: Span::new(spans[name.pieces.start].start, spans[name.pieces.end - 1].end),
                kind: name.kind,
                probability: name.probability,
            })
            .collect()
    }
}

/// What is said of a sentence's pieces, wherever its parts were read.
fn joined(sentence: &Sentence, readings: &mut impl Iterator<Item = Reading>) -> Reading {
    let mut pieces = Vec::with_capacity(sentence.spans.len());
    for (part, reading) in sentence.parts.iter().zip(readings) {
        pieces.extend_from_slice(&reading[part.clone()]);
    }
    pieces
}

impl std::fmt::Debug for EncoderTagger {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("EncoderTagger").field("id", &self.model.id).finish_non_exhaustive()
    }
}
