//! `depeche eval actors`: how well threat actors are found and told from what only looks like them, by language; and how
//! the weights of their evidence are learned.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use depeche::catalog::Catalog;
use depeche::config;
use depeche::language::LanguageCode;
use depeche::mention::Span;
use depeche::recognizers::Article;
use depeche::recognizers::actors::{Actors, Evidence, EvidenceSet};
use depeche::tagger::{EncoderTagger, NameTagger};
use depeche::text::Text;
use depeche::values::{EntityType, Value};
use depeche::{Document, Engine, Options};

use super::cases::{self, Case};

/// Measure threat actors: spans, names in the catalogue, false hits.
#[derive(Debug, clap::Args)]
pub struct ActorsArgs {
    /// Files of passages, <language>.toml, in which each text marks its actors as [words|catalogued name], and plain
    /// texts, <language>-<topic>.txt, that name none
    #[arg(required = true)]
    cases: Vec<PathBuf>,
    /// Only these languages
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    languages: Vec<String>,
    /// Print every name that was missed, invented or taken for another actor
    #[arg(long)]
    errors: bool,
    /// Print how much is read in a second on one core instead, once words and sentences are found
    #[arg(long, conflicts_with = "fit")]
    speed: bool,
    /// Print weights of the evidence learned from the passages instead, as src/recognizers/actors/weights.toml has
    /// them. What is said of a name elsewhere depends on the weights in use: build and repeat until they stay
    #[arg(long)]
    fit: bool,
}

/// An actor on one side: where, and its name in the catalogue, `?` where it has none.
type Found = (Span, String);

#[derive(Clone, Copy, Debug, Default)]
struct Row {
    texts: usize,
    negatives: usize,
    /// Negatives in which an actor was found.
    hit: usize,
    annotated: usize,
    found: usize,
    /// With span as annotated.
    right: usize,
    /// Of these, under the name that the catalogue has.
    named: usize,
}

/// Prints the table as Markdown.
pub fn run(args: &ActorsArgs) -> Result<(), Box<dyn Error>> {
    let mut cases = read(&args.cases)?;
    cases.retain(|case| args.languages.is_empty() || args.languages.contains(&case.language()));
    let mut out = io::stdout().lock();
    if args.speed {
        return cases::speed(&cases, &recognizers(&cases)?, &mut out);
    }
    if args.fit {
        return fit(&cases, &mut out);
    }
    let engine = Engine::new();
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for case in &cases {
        let annotated = annotated(case);
        let found = found(case, &engine)?;
        let row = rows.entry(case.language()).or_default();
        let right: Vec<_> = annotated.iter().filter(|gold| found.iter().any(|hit| hit.0 == gold.0)).collect();
        row.texts += 1;
        row.negatives += usize::from(annotated.is_empty());
        row.hit += usize::from(annotated.is_empty() && !found.is_empty());
        row.annotated += annotated.len();
        row.found += found.len();
        row.right += right.len();
        row.named += right.iter().filter(|gold| found.contains(gold)).count();
        if args.errors && annotated != found {
            let show = |side: &[Found]| {
                let actors = side.iter().map(|(span, name)| format!("[{}] {name}", span.of(&case.text)));
                actors.collect::<Vec<_>>().join(", ")
            };
            writeln!(out, "{}\tgold {}\tfound {}\t{}", case.lang, show(&annotated), show(&found), case.text)?;
        }
    }
    table(&rows, &mut out)?;
    Ok(())
}

fn read(files: &[PathBuf]) -> Result<Vec<Case>, Box<dyn Error>> {
    let mut all = Vec::new();
    for file in files {
        match file.extension() {
            Some(extension) if extension == "txt" => all.push(article(file)?),
            _ => all.extend(cases::read(std::slice::from_ref(file))?),
        }
    }
    Ok(all)
}

/// A whole article without any actor.
fn article(file: &Path) -> Result<Case, Box<dyn Error>> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let lang = stem.split('-').next().unwrap_or_default().to_owned();
    let source = "ordinary articles".to_owned();
    Ok(Case { source, lang, text, reference_date: None, expected: Vec::new(), whole_input: false })
}

fn annotated(case: &Case) -> Vec<Found> {
    let name = |gold: &cases::Gold| match &gold.value {
        Some(serde_json::Value::String(name)) => name.clone(),
        _ => String::new(),
    };
    case.expected.iter().filter_map(|gold| Some((case.span(gold)?, name(gold)))).collect()
}

fn found(case: &Case, engine: &Engine) -> Result<Vec<Found>, Box<dyn Error>> {
    let document = Document { language: LanguageCode::parse(&case.language()), ..Document::new(&case.text) };
    let options = Options { entity_types: vec![EntityType::ThreatActor], ..Options::default() };
    let mut found = Vec::new();
    for entity in engine.extract(&document, &options)?.entities {
        let Value::ThreatActor(actor) = &entity.value else { continue };
        let name = actor.actor.as_ref().map_or("?", |actor| &actor.name);
        let spans = entity.mentions.iter().map(|mention| Span::new(mention.range.start, mention.range.end));
        found.extend(spans.map(|span| (span, name.to_owned())));
    }
    found.sort_by_key(|(span, _)| span.start);
    Ok(found)
}

fn table(rows: &BTreeMap<String, Row>, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "| language | texts | without actors | of these hit | actors | found | precision | recall | F1 | named right |\n\
         | :-- | --: | --: | --: | --: | --: | --: | --: | --: | --: |"
    )?;
    let percent = |part: usize, whole: usize| match whole {
        0 => "–".to_owned(),
        _ => format!("{:.1}", 100.0 * part as f64 / whole as f64),
    };
    let mut line = |name: &str, row: &Row| {
        let Row { texts, negatives, hit, annotated, found, right, named } = *row;
        let [precision, recall, named] =
            [percent(right, found), percent(right, annotated), percent(named, right)];
        let f1 = percent(2 * right, annotated + found);
        writeln!(
            out,
            "| {name} | {texts} | {negatives} | {hit} | {annotated} | {found} | {precision} | {recall} | {f1} | {named} |"
        )
    };
    let mut sum = Row::default();
    for (language, row) in rows {
        line(language, row)?;
        sum.texts += row.texts;
        sum.negatives += row.negatives;
        sum.hit += row.hit;
        sum.annotated += row.annotated;
        sum.found += row.found;
        sum.right += row.right;
        sum.named += row.named;
    }
    line("all", &sum)
}

fn recognizers(cases: &[Case]) -> Result<BTreeMap<String, Actors>, Box<dyn Error>> {
    let catalog = Arc::new(Catalog::embedded());
    Ok(cases::by_language(cases, |pack| Actors::new(pack, catalog.clone()))?)
}

/// Of the squared weights, in the loss of all names.
const DECAY: f64 = 0.05;
/// How much a missed actor costs beside an invented one: there are many more of those that could be.
const MISSED: f64 = 2.0;
const STEPS: usize = 20_000;
const RATE: f64 = 0.5;

/// A logistic regression with squared decay, by gradient descent. What speaks for an actor can have no weight below zero,
/// what speaks against one none above.
fn fit(cases: &[Case], out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let recognizers = recognizers(cases)?;
    let tagger = EncoderTagger::embedded(config::cores());
    let mut rows: Vec<(EvidenceSet, bool)> = Vec::new();
    for case in cases {
        let text = Text::new(&Document::new(&case.text));
        let names = tagger.tag(&[&text]).pop().unwrap_or_default();
        let annotated = annotated(case);
        let article = Article { names: Some(&names), ..Article::new(&text) };
        let weighed = recognizers[&case.language()].weigh(&article).into_iter();
        rows.extend(weighed.map(|(span, evidence)| (evidence, annotated.iter().any(|gold| gold.0 == span))));
    }
    let features: Vec<Vec<usize>> =
        rows.iter().map(|(evidence, _)| evidence.iter().map(|kind| kind as usize).collect()).collect();
    let mut weights = vec![0.0; Evidence::ALL.len()];
    let mut momentum = vec![0.0; weights.len()];
    for _ in 0..STEPS {
        let mut gradient: Vec<f64> = weights.iter().map(|weight| DECAY * weight).collect();
        for (features, (_, is_actor)) in features.iter().zip(&rows) {
            let log_odds: f64 = features.iter().map(|&feature| weights[feature]).sum();
            let (target, cost) = if *is_actor { (1.0, MISSED) } else { (0.0, 1.0) };
            let error = cost * (1.0 / (1.0 + (-log_odds).exp()) - target);
            features.iter().for_each(|&feature| gradient[feature] += error);
        }
        for (feature, kind) in Evidence::ALL.iter().enumerate() {
            momentum[feature] = 0.9 * momentum[feature] - RATE / rows.len() as f64 * gradient[feature];
            weights[feature] += momentum[feature];
            weights[feature] = match kind.speaks() {
                Some(true) => weights[feature].max(0.0),
                Some(false) => weights[feature].min(0.0),
                None => weights[feature],
            };
        }
    }
    for (kind, weight) in Evidence::ALL.iter().zip(weights) {
        let count =
            |is_actor: bool| rows.iter().filter(|(set, label)| set.has(*kind) && *label == is_actor).count();
        let (actors, others) = (count(true), count(false));
        writeln!(out, "{} = {weight:.2} # of {actors} actors, {others} others", kind.name())?;
    }
    Ok(())
}
