//! `depeche eval`: measures a part of the engine on the corpora.

mod actors;
mod cases;
pub(super) mod corpus;
mod dates;
mod language;
mod names;
mod profiles;
mod score;
mod sizes;
mod texts;
mod tokens;

use std::error::Error;

/// Measure a part of the engine on corpora.
#[derive(Debug, clap::Args)]
pub struct EvalArgs {
    #[command(subcommand)]
    part: Part,
}

/// What is measured.
#[derive(Debug, clap::Subcommand)]
enum Part {
    Actors(actors::ActorsArgs),
    Dates(dates::DatesArgs),
    Language(language::LanguageArgs),
    Names(names::NamesArgs),
    Profiles(profiles::ProfilesArgs),
    Sizes(sizes::SizesArgs),
}

/// Prints the measures as Markdown.
pub fn run(args: &EvalArgs) -> Result<(), Box<dyn Error>> {
    match &args.part {
        Part::Actors(args) => actors::run(args),
        Part::Dates(args) => dates::run(args),
        Part::Language(args) => Ok(language::run(args)?),
        Part::Names(args) => names::run(args),
        Part::Profiles(args) => profiles::run(args),
        Part::Sizes(args) => sizes::run(args),
    }
}
