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
    /// Print every name that was missed, invented or taken for another actor, with its evidence
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
    let weighed = if args.errors { weigh(&cases)? } else { Vec::new() };
    for (index, case) in cases.iter().enumerate() {
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
            errors(&weighed[index], &annotated, &found, &mut out)?;
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

/// The text, and below it every name that is on one side only, with the evidence that was weighed.
fn errors(
    weighed: &Weighed<'_>,
    annotated: &[Found],
    found: &[Found],
    out: &mut impl Write,
) -> io::Result<()> {
    let case = weighed.case;
    writeln!(out, "{}\t{}", case.lang, case.text)?;
    for (what, side, other) in [("missed", annotated, found), ("invented", found, annotated)] {
        for (span, name) in side.iter().filter(|hit| !other.contains(hit)) {
            let at = weighed.names.iter().find(|(weighed, ..)| weighed == span);
            let evidence = at.map_or("no candidate".to_owned(), |(_, evidence, _)| evidence.explanation());
            writeln!(out, "\t{what} [{}] {name}: {evidence}", span.of(&case.text))?;
        }
    }
    Ok(())
}

fn table(rows: &BTreeMap<String, Row>, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "| language | texts | without actors | of these hit | actors | found | precision | recall | F1 | named right |\n\
         | :-- | --: | --: | --: | --: | --: | --: | --: | --: | --: |"
    )?;
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

fn percent(part: usize, whole: usize) -> String {
    match whole {
        0 => "–".to_owned(),
        _ => format!("{:.1}", 100.0 * part as f64 / whole as f64),
    }
}

fn recognizers(cases: &[Case]) -> Result<BTreeMap<String, Actors>, Box<dyn Error>> {
    let catalog = Arc::new(Catalog::embedded());
    Ok(cases::by_language(cases, |pack| Actors::new(pack, catalog.clone()))?)
}

/// What the recognizer weighs in a case.
struct Weighed<'c> {
    case: &'c Case,
    /// Every name that may be an actor's, and whether it is annotated as one.
    names: Vec<(Span, EvidenceSet, bool)>,
    annotated: usize,
}

/// Weighs the names in every case, with a tagger's help as the engine does where it is in doubt.
fn weigh(cases: &[Case]) -> Result<Vec<Weighed<'_>>, Box<dyn Error>> {
    let recognizers = recognizers(cases)?;
    let tagger = EncoderTagger::embedded(config::cores());
    let weighed = cases.iter().map(|case| {
        let text = Text::new(&Document::new(&case.text));
        let names = tagger.tag(&[&text]).pop().unwrap_or_default();
        let annotated = annotated(case);
        let article = Article { names: Some(&names), ..Article::new(&text) };
        let is_actor = |span: Span| annotated.iter().any(|gold| gold.0 == span);
        let weighed = recognizers[&case.language()].weigh(&article).into_iter();
        let names = weighed.map(|(span, evidence)| (span, evidence, is_actor(span))).collect();
        Weighed { case, names, annotated: annotated.len() }
    });
    Ok(weighed.collect())
}

/// Of the squared weights, in the loss of all names.
const DECAY: f64 = 0.2;
/// How much a missed actor costs beside an invented one: there are many more of those that could be.
const MISSED: f64 = 2.0;
const STEPS: usize = 20_000;
const RATE: f64 = 0.5;
/// Parts that the passages are split into, each of which is judged by what was learned from the others.
const FOLDS: usize = 10;

/// Prints the weights learned from all cases, and how well weights learned the same way do on cases that they were not
/// learned from. (What is said of a name elsewhere still depends on the weights in use.)
fn fit(cases: &[Case], out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let weighed = weigh(cases)?;
    let weights = learn(weighed.iter());
    for (kind, weight) in Evidence::ALL.iter().zip(weights) {
        let names = weighed.iter().flat_map(|weighed| &weighed.names);
        let with = |label: bool| names.clone().filter(|(_, set, is)| set.has(*kind) && *is == label).count();
        let (actors, others) = (with(true), with(false));
        writeln!(out, "{} = {weight:.2} # of {actors} actors, {others} others", kind.name())?;
    }
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    for fold in 0..FOLDS {
        let in_fold = |index: usize| index % FOLDS == fold;
        let indexed = || weighed.iter().enumerate();
        let weights = learn(indexed().filter(|&(index, _)| !in_fold(index)).map(|(_, weighed)| weighed));
        for (_, weighed) in indexed().filter(|&(index, _)| in_fold(index)) {
            let found = weighed.names.iter().filter(|(_, evidence, _)| {
                log_odds(*evidence, &weights) >= 0.0 && !evidence.has(Evidence::Longer)
            });
            let part = weighed.case.lang.split_once('-').map_or("", |(_, part)| part);
            let row = rows.entry(part).or_default();
            row.annotated += weighed.annotated;
            row.found += found.clone().count();
            row.right += found.filter(|(_, _, is_actor)| *is_actor).count();
        }
    }
    for (part, Row { annotated, found, right, .. }) in rows {
        let part = if part.is_empty() { "<language>".to_owned() } else { format!("<language>-{part}") };
        let (precision, recall) = (percent(right, found), percent(right, annotated));
        writeln!(out, "# {part}: cross-validated, precision {precision} and recall {recall}")?;
    }
    Ok(())
}

fn log_odds(evidence: EvidenceSet, weights: &[f64]) -> f64 {
    evidence.iter().map(|kind| weights[kind as usize]).sum()
}

/// A logistic regression with squared decay, by gradient descent. What speaks for an actor can have no weight below zero,
/// what speaks against one none above.
fn learn<'w>(weighed: impl Iterator<Item = &'w Weighed<'w>>) -> Vec<f64> {
    // Many names have the same evidence.
    let mut counts: BTreeMap<EvidenceSet, (f64, f64)> = BTreeMap::new();
    let mut names = 0.0;
    for (_, evidence, is_actor) in weighed.flat_map(|weighed| &weighed.names) {
        let (actors, others) = counts.entry(*evidence).or_default();
        *(if *is_actor { actors } else { others }) += 1.0;
        names += 1.0;
    }
    let rows: Vec<(Vec<usize>, f64, f64)> = counts
        .into_iter()
        .map(|(evidence, (actors, others))| {
            (evidence.iter().map(|kind| kind as usize).collect(), MISSED * actors, others)
        })
        .collect();
    let mut weights = vec![0.0; Evidence::ALL.len()];
    let mut momentum = vec![0.0; weights.len()];
    for _ in 0..STEPS {
        let mut gradient: Vec<f64> = weights.iter().map(|weight| DECAY * weight).collect();
        for (kinds, actors, others) in &rows {
            let log_odds: f64 = kinds.iter().map(|&kind| weights[kind]).sum();
            let probability = 1.0 / (1.0 + (-log_odds).exp());
            let error = (actors + others) * probability - actors;
            kinds.iter().for_each(|&kind| gradient[kind] += error);
        }
        for (index, kind) in Evidence::ALL.iter().enumerate() {
            momentum[index] = 0.9 * momentum[index] - RATE / names * gradient[index];
            weights[index] += momentum[index];
            weights[index] = match kind.speaks() {
                Some(true) => weights[index].max(0.0),
                Some(false) => weights[index].min(0.0),
                None => weights[index],
            };
        }
    }
    weights
}
