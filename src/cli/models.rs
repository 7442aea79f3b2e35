//! The engine of a command, with the model and the catalogue that it was told to use.

use std::error::Error;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use depeche::Engine;
use depeche::catalog::{Catalog, CatalogError, Overlay};
use depeche::config::{self, Limits};
use depeche::tagger::EncoderTagger;

/// Which models and which actors.
#[derive(Args, Clone, Debug, Default)]
pub struct ModelArgs {
    /// A folder with a model of names of your own, names.safetensors, instead of the embedded one
    #[arg(long, env = "DEPECHE_MODELS", value_name = "DIR")]
    pub models: Option<PathBuf>,

    #[command(flatten)]
    pub actors: OverlayArgs,
}

/// What is laid over the catalogue of threat actors.
#[derive(Args, Clone, Debug, Default)]
pub struct OverlayArgs {
    /// A file that adds threat actors to the catalogue, renames them or masks their names: our JSON or a STIX 2.1
    /// bundle, see docs/actors.md. May be given several times
    #[arg(long, env = "DEPECHE_ACTORS", value_name = "FILE", value_delimiter = ',')]
    pub actors: Vec<PathBuf>,
}

impl OverlayArgs {
    /// The catalogue with the overlays.
    pub fn catalog(&self) -> Result<Catalog, CatalogError> {
        let overlays: Vec<Overlay> =
            self.actors.iter().map(|path| Overlay::open(path)).collect::<Result<_, _>>()?;
        Catalog::with_overlays(&overlays)
    }
}

impl ModelArgs {
    /// The engine, with so many threads that read names.
    pub fn engine(&self, limits: Limits, threads: NonZeroUsize) -> Result<Engine, Box<dyn Error>> {
        let tagger = match &self.models {
            Some(folder) => EncoderTagger::open(folder, threads)?,
            None => EncoderTagger::embedded(threads),
        };
        Ok(Engine::with_tagger(limits, Some(Arc::new(tagger))).with_catalog(self.actors.catalog()?))
    }
}

/// How many threads to use where the command line does not say.
pub fn threads(asked: Option<u16>) -> NonZeroUsize {
    asked.and_then(|count| NonZeroUsize::new(count.into())).unwrap_or_else(config::cores)
}

/// Documents in work for each thread that reads names: short ones are read together, which is faster.
pub const DOCUMENTS_A_THREAD: usize = 4;
