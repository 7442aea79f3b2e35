//! `depeche detect`: documents in, their languages out.

use std::process::ExitCode;

use clap::Args;
use depeche::Engine;
use depeche::config::Limits;
use depeche::server::{convert, proto};
use depeche::text::Text;
use serde::Serialize;

use super::batch::BatchArgs;
use super::output::{Output, json};

/// Tell the language of documents
#[derive(Args, Debug)]
pub struct DetectArgs {
    #[command(flatten)]
    batch: BatchArgs,
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
    let engine = Engine::with_tagger(Limits::default(), None);
    let limits = *engine.limits();
    let (output, page, several) =
        (args.batch.output.format(), args.batch.output.page(), args.batch.input.is_several());
    let at_once = args.batch.threads().get();
    args.batch.run(proto::Document::default(), limits, at_once, move |document| {
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
