//! Names of people, organizations and locations, told from raw text by a trained model.

mod decode;
mod encoder;
mod model;
mod ops;
mod pieces;
#[cfg(test)]
mod tests;
mod truecase;
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
use windows::Windows;
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

impl NameTagger for EncoderTagger {
    fn tag(&self, texts: &[&Text]) -> Vec<Vec<Name>> {
        let model = &self.model;
        let mut sequences = Vec::new();
        let mut sentences = Vec::new();
        for text in texts {
            let windows = Windows::new(text, &model.pieces, model.encoder.max_pieces());
            sequences.extend(windows.sequences);
            sentences.push(windows.sentences);
        }
        let mut readings = self.workers.read(sequences).into_iter();
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

    fn names(&self, sentence: &windows::Sentence, readings: &mut impl Iterator<Item = Reading>) -> Vec<Name> {
        let spans = &sentence.spans;
        let mut pieces = Vec::with_capacity(spans.len());
        for (part, reading) in sentence.parts.iter().zip(readings) {
            pieces.extend_from_slice(&reading[part.clone()]);
        }
        let names = decode::names(&pieces).into_iter();
        names
            .map(|name| Name {
                span: Span::new(spans[name.pieces.start].start, spans[name.pieces.end - 1].end),
                kind: name.kind,
                probability: name.probability,
            })
            .collect()
    }
}

impl std::fmt::Debug for EncoderTagger {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("EncoderTagger").field("id", &self.model.id).finish_non_exhaustive()
    }
}
