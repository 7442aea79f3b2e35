//! How records are written, and where.

use std::io::{self, IsTerminal};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::pretty::Page;

/// Columns where no terminal tells its width.
const DEFAULT_WIDTH: u16 = 100;

/// How to write.
#[derive(Args, Debug)]
pub struct OutputArgs {
    /// How to write what was found [default: pretty on a terminal, else json]
    #[arg(long, value_name = "FORMAT")]
    output: Option<Output>,

    /// When to colour what is meant for people; `auto` is on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Color,
}

/// How a record is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people
    Pretty,
    /// Protobuf JSON, indented
    Json,
    /// Protobuf JSON, one line a document; a document that failed has a line too
    Jsonl,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

impl OutputArgs {
    /// The format asked for, else the one that suits who reads.
    pub fn format(&self) -> Output {
        let default = || if io::stdout().is_terminal() { Output::Pretty } else { Output::Json };
        self.output.unwrap_or_else(default)
    }

    /// The page that records for people are laid out on.
    pub fn page(&self) -> Page {
        let colours = match self.color {
            Color::Auto => anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never,
            Color::Always => true,
            Color::Never => false,
        };
        let width = comfy_table::Table::new().width().unwrap_or(DEFAULT_WIDTH);
        Page { colours, width }
    }
}

/// The JSON of a message, with its line break.
pub fn json(message: &impl Serialize, output: Output) -> String {
    let json = match output {
        Output::Jsonl => serde_json::to_string(message),
        Output::Json | Output::Pretty => serde_json::to_string_pretty(message),
    };
    json.expect("messages have string keys only") + "\n"
}
