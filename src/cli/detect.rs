//! `depeche detect`: documents in, their languages out.

use std::num::NonZeroUsize;
use std::process::ExitCode;

use clap::Args;
use depeche::Engine;
use depeche::server::{convert, proto};
use depeche::text::Text;
use serde::Serialize;

use super::batch::Batch;
use super::input::InputArgs;
use super::output::{Output, OutputArgs, json};

/// Tell the language of documents
#[derive(Args, Debug)]
pub struct DetectArgs {
    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    output: OutputArgs,

    /// How many documents to work on at once [default: one a core]. The answers and their order are the same
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

/// A detected language; where there are several documents, with the id of the one that it is about.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Detected {
    #[serde(skip_serializing_if = "String::is_empty")]
    document_id: String,
    #[serde(flatten)]
    language: proto::DetectedLanguage,
}

/// Runs the command.
pub fn run(args: DetectArgs) -> ExitCode {
    let engine = Engine::new();
    let limits = *engine.limits();
    let (output, page, several) = (args.output.format(), args.output.page(), args.input.is_several());
    let defaults = proto::Document::default();
    let batch = Batch { input: args.input, output, defaults, limits, threads: args.threads };
    batch.run(move |document| {
        let (document, _) = convert::request(Some(document), None, engine.limits())?;
        let language = match engine.detect_language(Text::new(&document).as_str()) {
            Some(language) => convert::language(language),
            None => proto::DetectedLanguage { language_code: "und".to_owned(), ..Default::default() },
        };
        let document_id = if several { document.document_id } else { String::new() };
        Ok(match output {
            Output::Pretty => page.language(&document_id, &language),
            Output::Json | Output::Jsonl => json(&Detected { document_id, language }, output),
        })
    })
}
