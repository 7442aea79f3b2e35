//! The engine of a command, with the model and the catalogue that it was told to use.

use std::error::Error;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use depeche::Engine;
use depeche::catalog::{Catalog, CatalogError, Overlay};
use depeche::config::{self, Limits};
use depeche::tagger::profiles::{Models, Profile};

/// Which models and which actors.
#[derive(Args, Clone, Debug, Default)]
pub struct ModelArgs {
    /// A folder with models of names of your own, names.safetensors or fast.safetensors, instead of the embedded ones
    #[arg(long, env = "DEPECHE_MODELS", value_name = "DIR")]
    pub models: Option<PathBuf>,

    /// Who reads names: the fast model, the accurate one, or both, each where it is worth its time
    #[arg(long, env = "DEPECHE_PROFILE", value_name = "PROFILE", default_value = "accurate", value_parser = profile())]
    pub profile: Profile,

    #[command(flatten)]
    pub actors: OverlayArgs,
}

fn profile() -> impl TypedValueParser<Value = Profile> {
    let names = Profile::ALL.map(|profile| PossibleValue::new(profile.name()));
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Profile>())
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
        let models = match &self.models {
            Some(folder) => Models::open(folder, threads)?,
            None => Models::embedded(threads),
        };
        let engine = Engine::with_models(limits, models).with_profile(self.profile);
        Ok(engine.with_catalog(self.actors.catalog()?))
    }
}

/// How many threads to use where the command line does not say.
pub fn threads(asked: Option<u16>) -> NonZeroUsize {
    asked.and_then(|count| NonZeroUsize::new(count.into())).unwrap_or_else(config::cores)
}

/// Documents in work for each thread that reads names: the encoder reads short ones together, which is faster.
pub const fn documents_a_thread(profile: Profile) -> usize {
    match profile {
        Profile::Fast => 1,
        Profile::Auto | Profile::Accurate => 4,
    }
}
