//! The engine of a command, with the model that it was told to use.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use depeche::Engine;
use depeche::config::{self, Limits};
use depeche::tagger::{EncoderTagger, ModelError};

/// Which models, and on how many cores.
#[derive(Args, Clone, Debug)]
pub struct ModelArgs {
    /// A folder with a model of names of your own, names.safetensors, instead of the embedded one
    #[arg(long, env = "DEPECHE_MODELS", value_name = "DIR")]
    pub models: Option<PathBuf>,
}

impl ModelArgs {
    /// The engine, with so many threads that read names.
    pub fn engine(&self, limits: Limits, threads: NonZeroUsize) -> Result<Engine, ModelError> {
        let tagger = match &self.models {
            Some(folder) => EncoderTagger::open(folder, threads)?,
            None => EncoderTagger::embedded(threads),
        };
        Ok(Engine::with_tagger(limits, Some(Arc::new(tagger))))
    }
}

/// How many threads to use where the command line does not say.
pub fn threads(asked: Option<u16>) -> NonZeroUsize {
    asked.and_then(|count| NonZeroUsize::new(count.into())).unwrap_or_else(config::cores)
}

/// Documents in work for each thread that reads names: short ones are read together, which is faster.
pub const DOCUMENTS_A_THREAD: usize = 4;
