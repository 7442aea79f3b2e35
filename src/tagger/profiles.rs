//! Which model reads names: the fast one, the encoder, or both, each where it is worth its time.

use std::num::NonZeroUsize;
use std::path::Path;
use std::str::FromStr;
use std::sync::OnceLock;

use super::fast::{FastTagger, Reading};
use super::{EncoderTagger, ModelError, Name, NameTagger};
use crate::text::Text;

/// How names are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Profile {
    /// By the fast model alone.
    Fast,
    /// By the fast model, and by the encoder where that is in doubt.
    Auto,
    /// By the encoder.
    #[default]
    Accurate,
}

impl Profile {
    /// Every profile, the fastest first.
    pub const ALL: [Profile; 3] = [Profile::Fast, Profile::Auto, Profile::Accurate];

    /// As it is written on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Profile::Fast => "fast",
            Profile::Auto => "auto",
            Profile::Accurate => "accurate",
        }
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(name: &str) -> Result<Profile, String> {
        let profile = Profile::ALL.into_iter().find(|profile| profile.name() == name);
        profile.ok_or_else(|| format!("{name:?} is none of fast, auto, accurate"))
    }
}

/// A sentence goes to the encoder if the fast model is less sure than this of any tag in it.
const SURE: f32 = 0.8;

/// What was read in a text, and by which models.
#[derive(Clone, Debug)]
pub struct Tagging<'m> {
    /// By position; disjoint.
    pub names: Vec<Name>,
    /// What told them, for a record's provenance.
    pub models: Vec<&'m str>,
}

/// The models, those that are part of this build read when they are first needed.
pub struct Models {
    threads: NonZeroUsize,
    fast: OnceLock<FastTagger>,
    encoder: OnceLock<EncoderTagger>,
    /// Less sure sentences are read twice.
    sure: f32,
}

impl Models {
    /// The models that are part of this build; the encoder runs on so many threads.
    pub const fn embedded(threads: NonZeroUsize) -> Models {
        Models { threads, fast: OnceLock::new(), encoder: OnceLock::new(), sure: SURE }
    }

    /// The models in a folder; what it lacks is taken from this build.
    ///
    /// # Errors
    ///
    /// Where the folder holds none, or one that cannot be used.
    pub fn open(folder: &Path, threads: NonZeroUsize) -> Result<Models, ModelError> {
        let has = |file: &str| folder.join(file).exists();
        let (fast, encoder) = (has(FastTagger::FILE), has(EncoderTagger::FILE));
        if !fast && !encoder {
            let (folder, files) = (folder.display(), [EncoderTagger::FILE, FastTagger::FILE].join(" nor "));
            return Err(ModelError::new(format!("{folder} holds neither {files}")));
        }
        let models = Models::embedded(threads);
        let fast = fast.then(|| FastTagger::open(folder)).transpose()?;
        let encoder = encoder.then(|| EncoderTagger::open(folder, threads)).transpose()?;
        Ok(Models {
            fast: fast.map_or_else(OnceLock::new, OnceLock::from),
            encoder: encoder.map_or_else(OnceLock::new, OnceLock::from),
            ..models
        })
    }

    /// The same, with another bound below which a sentence is read twice, in [0, 1].
    #[must_use]
    pub fn with_sure(self, sure: f32) -> Models {
        Models { sure, ..self }
    }

    /// Reads what the profile needs now instead of at the first text.
    pub fn warm_up(&self, profile: Profile) {
        self.ids(profile);
    }

    /// Reads a text.
    pub fn tag(&self, text: &Text, profile: Profile) -> Tagging<'_> {
        let fast = (profile != Profile::Accurate).then(|| self.fast().read(text));
        let chosen = if profile == Profile::Fast { Vec::new() } else { self.chosen(text, fast.as_ref()) };
        if !chosen.contains(&true) {
            let names = fast.unwrap_or_else(|| self.fast().read(text)).names;
            return Tagging { names, models: vec![self.fast().id()] };
        }
        let mut names = self.encoder().tag_sentences(text, &chosen);
        if fast.is_none() && !chosen.contains(&false) {
            return Tagging { names, models: vec![self.encoder().id()] };
        }
        let sentences = text.sentences();
        let is_left = |name: &Name| {
            let at = sentences.partition_point(|sentence| sentence.span.end <= name.span.start);
            !chosen.get(at).copied().unwrap_or(false)
        };
        let fast = fast.unwrap_or_else(|| self.fast().read(text));
        names.extend(fast.names.into_iter().filter(is_left));
        names.sort_by_key(|name| name.span);
        Tagging { names, models: vec![self.fast().id(), self.encoder().id()] }
    }

    /// What may tell names, for provenance: the encoder leaves what it cannot read to the fast model.
    pub fn ids(&self, profile: Profile) -> Vec<&str> {
        let encoder = (profile != Profile::Fast).then(|| self.encoder().id());
        std::iter::once(self.fast().id()).chain(encoder).collect()
    }

    /// Of each sentence, whether the encoder reads it: where the fast model has read it and is in doubt, or not at all,
    /// and it is in letters that the encoder knows.
    fn chosen(&self, text: &Text, fast: Option<&Reading>) -> Vec<bool> {
        let is_doubted = |at: usize| fast.is_none_or(|fast| fast.sure[at] < self.sure);
        let sentences = text.sentences().iter().enumerate();
        let chosen = sentences
            .map(|(at, sentence)| is_doubted(at) && self.encoder().can_read(sentence.span.of(text.as_str())));
        chosen.collect()
    }

    /// How many words of a text the encoder reads too in [`Profile::Auto`].
    pub fn words_read_twice(&self, text: &Text) -> usize {
        let chosen = self.chosen(text, Some(&self.fast().read(text)));
        let sentences = text.sentences().iter().zip(chosen).filter(|(_, chosen)| *chosen);
        sentences.map(|(sentence, _)| sentence.words.len()).sum()
    }

    fn fast(&self) -> &FastTagger {
        self.fast.get_or_init(FastTagger::embedded)
    }

    fn encoder(&self) -> &EncoderTagger {
        self.encoder.get_or_init(|| EncoderTagger::embedded(self.threads))
    }
}
