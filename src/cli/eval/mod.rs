//! `depeche eval`: measures a part of the engine on the corpora.

mod corpus;
mod language;

use std::io;

/// Measure a part of the engine on corpora.
#[derive(Debug, clap::Args)]
pub struct EvalArgs {
    #[command(subcommand)]
    part: Part,
}

/// What is measured.
#[derive(Debug, clap::Subcommand)]
enum Part {
    Language(language::LanguageArgs),
}

/// Prints the measures as Markdown.
pub fn run(args: &EvalArgs) -> io::Result<()> {
    match &args.part {
        Part::Language(args) => language::run(args),
    }
}
