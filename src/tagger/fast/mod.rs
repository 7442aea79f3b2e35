//! The fast tagger: a small network over words, taught by the encoder.

pub(crate) mod features;
mod file;
pub(crate) mod network;
#[cfg(test)]
mod tests;
pub(crate) mod units;

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

pub use file::{Weights, write};
use network::{Network, Room};
use units::Units;

use super::decode::{self, Probabilities};
use super::model::ModelError;
use super::truecase::truecase;
use super::{Name, NameTagger};
use crate::mention::Span;
use crate::text::Text;

/// Words that are read together, in whole sentences: what a document of megabytes takes is bounded.
const READ_TOGETHER: usize = 4096;

/// The fast tagger of all languages (`models/fast.md`).
pub struct FastTagger {
    model: Arc<Loaded>,
    /// What threads leave for the next one.
    rooms: Mutex<Vec<Room>>,
}

struct Loaded {
    id: String,
    network: Network,
}

impl FastTagger {
    /// The file that a folder of models holds.
    pub const FILE: &str = "fast.safetensors";

    /// The model that is part of this build, read at the first call.
    pub fn embedded() -> FastTagger {
        static EMBEDDED: LazyLock<Arc<Loaded>> = LazyLock::new(|| {
            let model = Loaded::new(Cow::Borrowed(include_bytes!("../../../models/fast.safetensors")));
            Arc::new(model.unwrap_or_else(|error| panic!("the embedded {error}, which a test rules out")))
        });
        FastTagger { model: EMBEDDED.clone(), rooms: Mutex::default() }
    }

    /// The model in a folder, instead.
    pub fn open(folder: &Path) -> Result<FastTagger, ModelError> {
        let path = folder.join(FastTagger::FILE);
        let at = |error: &dyn std::fmt::Display| ModelError::new(format!("{}: {error}", path.display()));
        let file = std::fs::read(&path).map_err(|error| at(&error))?;
        let model = Loaded::new(file.into()).map_err(|error| at(&error))?;
        Ok(FastTagger { model: Arc::new(model), rooms: Mutex::default() })
    }

    /// Reads a text.
    pub fn read(&self, text: &Text) -> Reading {
        let view = truecase(text);
        let mut reading = Reading { names: Vec::new(), sure: vec![1.0; text.sentences().len()] };
        let lock = || self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        let room = lock().pop();
        let mut room = room.unwrap_or_default();
        let mut start = 0;
        while start < text.sentences().len() {
            let words = text.sentences()[start].words.start + READ_TOGETHER;
            let end = text.sentences().partition_point(|sentence| sentence.words.end <= words).max(start + 1);
            self.read_sentences(text, start..end, &view, &mut room, &mut reading);
            start = end;
        }
        lock().push(room);
        reading
    }

    fn read_sentences(
        &self,
        text: &Text,
        sentences: Range<usize>,
        view: &str,
        room: &mut Room,
        reading: &mut Reading,
    ) {
        let network = &self.model.network;
        let units = Units::new(text, sentences, view, &network.pieces);
        if units.islands.is_empty() {
            return;
        }
        let tags = network.read(view, &units, room);
        for (rows, sentence) in units.islands {
            let island = &tags[rows.clone()];
            let sure = &mut reading.sure[sentence];
            *sure = island.iter().map(best).fold(*sure, f32::min);
            let word = |at: usize| units.rows[rows.start + at].expect("an island's rows are words").span;
            reading.names.extend(decode::names(island).into_iter().map(|name| Name {
                span: Span::new(word(name.pieces.start).start, word(name.pieces.end - 1).end),
                kind: name.kind,
                probability: name.probability,
            }));
        }
    }
}

/// What is read in a text.
#[derive(Clone, Debug)]
pub struct Reading {
    /// By position; disjoint.
    pub names: Vec<Name>,
    /// Of each sentence, the probability of the best tag of the word that has the least.
    pub sure: Vec<f32>,
}

fn best(tags: &Probabilities) -> f32 {
    tags.iter().copied().fold(0.0, f32::max)
}

impl NameTagger for FastTagger {
    fn tag(&self, texts: &[&Text]) -> Vec<Vec<Name>> {
        texts.iter().map(|text| self.read(text).names).collect()
    }

    fn id(&self) -> &str {
        &self.model.id
    }
}

impl Loaded {
    fn new(file: Cow<'static, [u8]>) -> Result<Loaded, ModelError> {
        let (digest, network) = file::read(&file)?;
        Ok(Loaded { id: format!("names/fast@{}", &digest[..16]), network })
    }
}

impl std::fmt::Debug for FastTagger {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("FastTagger").field("id", &self.model.id).finish_non_exhaustive()
    }
}
