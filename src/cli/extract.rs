//! `depeche extract`: documents in, their entities out.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use depeche::config::Limits;
use depeche::server::{convert, proto};
use jiff::SignedDuration;
use jiff::civil::{Date, Time, date};
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;

use super::batch::BatchArgs;
use super::models::{ModelArgs, documents_a_thread};
use super::output::{Output, json};

/// Find the organizations, people, locations, dates, data sizes and threat actors in documents
#[derive(Args, Debug)]
pub struct ExtractArgs {
    #[command(flatten)]
    batch: BatchArgs,

    #[command(flatten)]
    models: ModelArgs,

    /// What offsets count: bytes (Rust, Go), 16-bit units (Java, JavaScript) or code points (Python)
    #[arg(long, value_name = "UNIT", default_value = "utf8")]
    offsets: Offsets,

    /// When the article was published, such as 2024-10-18T08:00:00+02:00 or 2024-10-18: what "yesterday" counts
    /// from. Without it relative dates are found but not resolved; the computer's clock is never used
    #[arg(long, value_name = "RFC3339", value_parser = Published::parse)]
    published: Option<Published>,

    /// The language, such as fr or pt-BR, where it is known: else it is detected, which a short text makes hard
    #[arg(long, value_name = "CODE")]
    language: Option<String>,

    /// Report these types only
    #[arg(long, value_name = "TYPES", value_delimiter = ',')]
    types: Vec<Type>,

    /// Report only what is at least this sure, from 0 to 1
    #[arg(long, value_name = "PROBABILITY")]
    min_confidence: Option<f32>,

    /// Report as dates all that TIMEX3 annotates: also times of day without a date, minutes, and words such as "now"
    #[arg(long)]
    every_timex: bool,

    /// Tell the rule that found each mention, to see why something was reported
    #[arg(long)]
    explain: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Offsets {
    Utf8,
    Utf16,
    Utf32,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Type {
    Organization,
    Person,
    Location,
    Date,
    #[value(alias = "data-size")]
    DataSize,
    #[value(alias = "threat-actor")]
    ThreatActor,
}

/// Runs the command.
pub fn run(args: ExtractArgs) -> ExitCode {
    let (defaults, options) = (args.defaults(), args.options());
    let limits = Limits::default();
    let engine = match args.models.engine(limits, args.batch.threads()) {
        Ok(engine) => engine,
        Err(error) => return super::report(Err(error)),
    };
    // The flags are judged by what judges requests, before any document has to suffer for them.
    let probe = proto::Document { content: "-".to_owned(), ..defaults.clone() };
    if let Err(refusal) = convert::request(Some(probe), Some(options.clone()), &limits) {
        return super::usage(&super::wrong_value(refusal.message));
    }
    let (output, page) = (args.batch.output.format(), args.batch.output.page());
    let at_once = documents_a_thread(args.models.profile) * args.batch.threads().get();
    args.batch.run(defaults, limits, at_once, move |document| {
        let (document, reading) = convert::request(Some(document), Some(options.clone()), engine.limits())?;
        let extraction = engine.extract(&document, &reading.options)?;
        Ok(match output {
            Output::Pretty => page.extraction(&document, &extraction, reading.explain),
            Output::Json | Output::Jsonl => {
                json(&convert::extraction(extraction, &document, &reading), output)
            }
        })
    })
}

impl ExtractArgs {
    fn defaults(&self) -> proto::Document {
        proto::Document {
            language_code: self.language.clone().unwrap_or_default(),
            publish_time: self.published.as_ref().map(|published| published.time),
            utc_offset_minutes: self.published.as_ref().map_or(0, |published| published.offset_minutes),
            ..proto::Document::default()
        }
    }

    fn options(&self) -> proto::ExtractionOptions {
        proto::ExtractionOptions {
            entity_types: self.types.iter().map(|kind| kind.number()).collect(),
            offset_encoding: match self.offsets {
                Offsets::Utf8 => proto::OffsetEncoding::Utf8Bytes,
                Offsets::Utf16 => proto::OffsetEncoding::Utf16CodeUnits,
                Offsets::Utf32 => proto::OffsetEncoding::UnicodeCodePoints,
            } as i32,
            min_confidence: self.min_confidence,
            include_explanations: self.explain,
            every_timex: self.every_timex,
            ..proto::ExtractionOptions::default()
        }
    }
}

impl Type {
    fn number(self) -> i32 {
        let number = match self {
            Type::Organization => proto::EntityType::Organization,
            Type::Person => proto::EntityType::Person,
            Type::Location => proto::EntityType::Location,
            Type::Date => proto::EntityType::Date,
            Type::DataSize => proto::EntityType::DataSize,
            Type::ThreatActor => proto::EntityType::ThreatActor,
        };
        number as i32
    }
}

/// A publication time, and the wall clock that it was read from.
#[derive(Clone, Debug, PartialEq)]
struct Published {
    time: pbjson_types::Timestamp,
    offset_minutes: i32,
}

impl Published {
    fn parse(text: &str) -> Result<Published, String> {
        let pieces = Pieces::parse(text).map_err(|error| error.to_string())?;
        let offset = match (pieces.time(), pieces.to_numeric_offset()) {
            (_, Some(offset)) => offset,
            // A day alone needs no offset: it is the day on the newsroom's own wall.
            (None, None) => Offset::UTC,
            (Some(_), None) => return Err("a time needs its offset, such as Z or +02:00".to_owned()),
        };
        Ok(Published::new(pieces.date(), pieces.time().unwrap_or(Time::midnight()), offset))
    }

    /// Not by jiff's time stamps, which end a day before protobuf's.
    fn new(day: Date, time: Time, offset: Offset) -> Published {
        let epoch = date(1970, 1, 1).to_datetime(Time::midnight());
        let local = day.to_datetime(time).duration_since(epoch);
        let since = (local - SignedDuration::from_secs(offset.seconds().into())).as_nanos();
        // Before 1970 the fraction counts backwards in jiff, and forwards in a protobuf timestamp.
        let nanos = since.rem_euclid(1_000_000_000) as i32;
        let seconds = since.div_euclid(1_000_000_000) as i64;
        let time = pbjson_types::Timestamp { seconds, nanos };
        Published { time, offset_minutes: offset.seconds() / 60 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publication_times() {
        let cases = [
            ("UTC", "1970-01-02T00:00:00Z", Some((86_400, 0, 0))),
            ("east", "1970-01-02T02:00:00+02:00", Some((86_400, 0, 120))),
            ("west, by half an hour", "1970-01-01T20:30:00-03:30", Some((86_400, 0, -210))),
            ("a fraction", "1970-01-01T00:00:00.5Z", Some((0, 500_000_000, 0))),
            ("a fraction before 1970", "1969-12-31T23:59:59.25Z", Some((-1, 250_000_000, 0))),
            ("the first day", "0001-01-01T00:00:00Z", Some((-62_135_596_800, 0, 0))),
            ("the last second", "9999-12-31T23:59:59Z", Some((253_402_300_799, 0, 0))),
            ("a day", "1970-01-02", Some((86_400, 0, 0))),
            ("no offset", "1970-01-02T00:00:00", None),
            ("no day", "1970-02-30", None),
            ("words", "yesterday", None),
            ("nothing", "", None),
        ];
        for (name, text, expected) in cases {
            let published = Published::parse(text).ok();
            let found = published.map(|found| (found.time.seconds, found.time.nanos, found.offset_minutes));
            assert_eq!(found, expected, "{name}");
        }
    }
}
