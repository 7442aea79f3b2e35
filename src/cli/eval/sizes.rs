//! `depeche eval sizes`: how well amounts of data are found and valued, by language.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;

use depeche::config::Limits;
use depeche::language::LanguageCode;
use depeche::mention::Span;
use depeche::recognizers::sizes::Sizes;
use depeche::values::{DataSize, EntityType, Value};
use depeche::{Document, Engine, Options};

use super::cases::{self, Case};

/// Measure data sizes: spans and bytes.
#[derive(Debug, clap::Args)]
pub struct SizesArgs {
    /// Files of cases, one JSON object a line, or of annotated texts (TOML)
    #[arg(required = true)]
    cases: Vec<PathBuf>,
    /// Only these languages
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    languages: Vec<String>,
    /// Print every size that was missed, invented or valued otherwise
    #[arg(long)]
    errors: bool,
    /// Print how much is read in a second on one core instead, once words and sentences are found
    #[arg(long)]
    speed: bool,
}

/// A size on one side: where, and what it comes to.
type Found = (Span, String);

#[derive(Clone, Copy, Debug, Default)]
struct Row {
    texts: usize,
    annotated: usize,
    found: usize,
    /// With span and bytes as annotated.
    right: usize,
}

/// Prints the table as Markdown.
pub fn run(args: &SizesArgs) -> Result<(), Box<dyn Error>> {
    let mut cases = cases::read(&args.cases)?;
    cases.retain(|case| args.languages.is_empty() || args.languages.contains(&case.language()));
    let mut out = io::stdout().lock();
    if args.speed {
        return cases::speed(&cases, &cases::by_language(&cases, Sizes::new)?, &mut out);
    }
    let engine = Engine::with_tagger(Limits::default(), None);
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for case in &cases {
        let annotated = annotated(case);
        let found = found(case, &engine)?;
        let row = rows.entry(case.language()).or_default();
        row.texts += 1;
        row.annotated += annotated.len();
        row.found += found.len();
        row.right += found.iter().filter(|size| annotated.contains(size)).count();
        if args.errors && annotated != found {
            let show = |side: &[Found]| {
                let sizes = side.iter().map(|(span, value)| format!("[{}] {value}", span.of(&case.text)));
                sizes.collect::<Vec<_>>().join(", ")
            };
            writeln!(out, "{}\tgold {}\tfound {}\t{}", case.lang, show(&annotated), show(&found), case.text)?;
        }
    }
    table(&rows, &mut out)?;
    Ok(())
}

fn annotated(case: &Case) -> Vec<Found> {
    let value = |gold: &cases::Gold| match &gold.value {
        Some(serde_json::Value::Number(bytes)) => normal(bytes.as_f64().unwrap_or_default()),
        Some(serde_json::Value::String(value)) => value.clone(),
        _ => String::new(),
    };
    let sizes = case.expected.iter().filter_map(|gold| Some((case.span(gold)?, value(gold))));
    sizes.collect()
}

fn found(case: &Case, engine: &Engine) -> Result<Vec<Found>, Box<dyn Error>> {
    let document = Document { language: LanguageCode::parse(&case.language()), ..Document::new(&case.text) };
    let options = Options { entity_types: vec![EntityType::DataSize], ..Options::default() };
    let mut found = Vec::new();
    for entity in engine.extract(&document, &options)?.entities {
        let Value::DataSize(size) = &entity.value else { continue };
        let value = match case.is_of_units() {
            true => normal(size.min_bytes),
            false => size.to_string(),
        };
        let spans = entity.mentions.iter().map(|mention| Span::new(mention.range.start, mention.range.end));
        found.extend(spans.map(|span| (span, value.clone())));
    }
    found.sort_by_key(|(span, _)| span.start);
    Ok(found)
}

/// As [`DataSize`] prints an exact amount.
fn normal(bytes: f64) -> String {
    let unit = "B".to_owned();
    DataSize { min_bytes: bytes, max_bytes: Some(bytes), unit, approximate: false, base_ambiguous: false }
        .to_string()
}

fn table(rows: &BTreeMap<String, Row>, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "| language | texts | annotated | found | right | precision | recall | F1 |\n\
         | :-- | --: | --: | --: | --: | --: | --: | --: |"
    )?;
    let mut sum = Row::default();
    let mut line = |name: &str, row: &Row| {
        let Row { texts, annotated, found, right } = *row;
        let share = |whole: usize| {
            if whole == 0 { "–".to_owned() } else { format!("{:.1}", 100.0 * right as f64 / whole as f64) }
        };
        let f1 = (annotated + found > 0).then(|| 200.0 * right as f64 / (annotated + found) as f64);
        let f1 = f1.map_or("–".to_owned(), |f1| format!("{f1:.1}"));
        writeln!(
            out,
            "| {name} | {texts} | {annotated} | {found} | {right} | {} | {} | {f1} |",
            share(found),
            share(annotated)
        )
    };
    for (language, row) in rows {
        line(language, row)?;
        sum.texts += row.texts;
        sum.annotated += row.annotated;
        sum.found += row.found;
        sum.right += row.right;
    }
    line("all", &sum)
}
