//! `depeche eval names`: how well people, organizations and locations are found, by corpus and type.

use std::error::Error;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use depeche::language::LanguageCode;
use depeche::mention::Span;
use depeche::{Document, Engine, Options};
use indicatif::{ProgressBar, ProgressStyle};

use super::super::batch::in_order;
use super::corpus::{self, Name, Passage, Set, TYPES};
use super::score::{Found, Reliability, Score};

/// Measure the names of people, organizations and locations: exact spans, and how far confidence can be trusted.
#[derive(Debug, clap::Args)]
pub struct NamesArgs {
    /// The folder that holds `dev` and `train`.
    corpora: PathBuf,
    /// Only this set, such as `fr/winer-fr`, or all of a language, such as `fr`; may be given again.
    #[arg(long = "set", value_name = "SET")]
    sets: Vec<String>,
    /// Only the first documents of each set.
    #[arg(long, value_name = "DOCUMENTS")]
    limit: Option<usize>,
    /// How many documents to work on at once [default: one a core]. The figures are the same.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

/// Prints the tables as Markdown.
pub fn run(args: &NamesArgs) -> Result<(), Box<dyn Error>> {
    let sets = args.sets()?;
    let (rows, reliability) = measure(sets, args.threads())?;
    let mut out = io::stdout().lock();
    by_set(&rows, &mut out)?;
    by_type(&rows, &mut out)?;
    by_confidence(&reliability, &mut out)?;
    Ok(())
}

impl NamesArgs {
    fn sets(&self) -> Result<Vec<Set>, Box<dyn Error>> {
        let mut sets = corpus::development(&self.corpora)?;
        let is_called = |set: &Set, name: &String| *name == set.language || *name == set.name();
        if let Some(unknown) = self.sets.iter().find(|name| !sets.iter().any(|set| is_called(set, name))) {
            return Err(format!("no development set is called {unknown}").into());
        }
        sets.retain(|set| self.sets.is_empty() || self.sets.iter().any(|name| is_called(set, name)));
        if let Some(limit) = self.limit {
            sets.iter_mut().for_each(|set| set.documents.truncate(limit));
        }
        Ok(sets)
    }

    fn threads(&self) -> usize {
        let asked = self.threads.map(usize::from);
        asked.or_else(|| thread::available_parallelism().ok().map(NonZeroUsize::get)).unwrap_or(1)
    }
}

/// A set and how well it was read.
struct Row {
    /// Its documents are taken out.
    set: Set,
    documents: usize,
    score: Score,
}

/// One document to read.
struct Job {
    /// The index of its set's row.
    row: usize,
    passage: Passage,
}

/// Scores every set, its documents in parallel.
fn measure(sets: Vec<Set>, threads: usize) -> Result<(Vec<Row>, Reliability), depeche::Error> {
    let mut rows = Vec::new();
    let mut jobs = Vec::new();
    for (index, mut set) in sets.into_iter().enumerate() {
        let documents = std::mem::take(&mut set.documents);
        rows.push(Row { documents: documents.len(), score: Score::default(), set });
        jobs.extend(documents.into_iter().map(|passage| Job { row: index, passage }));
    }
    let bar = ProgressBar::new(jobs.len() as u64).with_style(
        ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}  {pos}/{len} documents  {eta} left")
            .expect("the template is well-formed, as running it shows"),
    );

    let engine = Engine::new();
    let languages: Vec<_> = rows.iter().map(|row| LanguageCode::parse(&row.set.language)).collect();
    let work = move |job: Job| {
        let found = names(&engine, &job.passage.text, languages[job.row].clone());
        (job, found)
    };
    let mut reliability = Reliability::default();
    for (Job { row, passage }, found) in in_order(jobs.into_iter(), threads, work) {
        let row = &mut rows[row];
        let mut found = found?;
        found.retain(|it| row.set.types.contains(&it.name.kind));
        row.score += Score::of(&passage.names, &found);
        for it in found {
            reliability.add(it.confidence, passage.names.contains(&it.name));
        }
        bar.set_message(row.set.name());
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok((rows, reliability))
}

/// The names that the engine finds.
fn names(engine: &Engine, text: &str, language: Option<LanguageCode>) -> Result<Vec<Found>, depeche::Error> {
    let document = Document { language, ..Document::new(text) };
    let options = Options { entity_types: TYPES.to_vec(), ..Options::default() };
    let entities = engine.extract(&document, &options)?.entities;
    let found = entities.iter().flat_map(|entity| {
        let kind = entity.value.entity_type();
        entity.mentions.iter().map(move |mention| Found {
            name: Name { span: Span::new(mention.range.start, mention.range.end), kind },
            confidence: mention.confidence,
        })
    });
    Ok(found.collect())
}

fn by_set(rows: &[Row], out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "| set | documents | names | precision | recall | F1 | overlap F1 | person | organization | location |\n\
         | :-- | --: | --: | --: | --: | --: | --: | --: | --: | --: |"
    )?;
    let mut columns: [Vec<f64>; 7] = Default::default();
    for Row { set, documents, score } in rows {
        let [person, organization, location] = score.0.map(|counts| counts.f1());
        let all = score.micro();
        let figures =
            [all.precision(), all.recall(), all.f1(), all.overlap_f1(), person, organization, location];
        columns.iter_mut().zip(figures).for_each(|(column, figure)| column.extend(figure));
        let note = if set.held_out { ", held out" } else { "" };
        let cells = figures.map(percent).join(" | ");
        writeln!(out, "| {}{note} | {documents} | {} | {cells} |", set.name(), all.annotated)?;
    }
    let mean = |column: Vec<f64>| {
        percent((!column.is_empty()).then(|| column.iter().sum::<f64>() / column.len() as f64))
    };
    let documents: usize = rows.iter().map(|row| row.documents).sum();
    let names: usize = rows.iter().map(|row| row.score.micro().annotated).sum();
    writeln!(out, "| mean | {documents} | {names} | {} |\n", columns.map(mean).join(" | "))
}

fn by_type(rows: &[Row], out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "| type | names | found | precision | recall | F1 | overlap F1 |\n\
         | :-- | --: | --: | --: | --: | --: | --: |"
    )?;
    let mut sum = Score::default();
    rows.iter().for_each(|row| sum += row.score);
    let [person, organization, location] = sum.0;
    let rows =
        [("person", person), ("organization", organization), ("location", location), ("all", sum.micro())];
    for (name, counts) in rows {
        let figures = [counts.precision(), counts.recall(), counts.f1(), counts.overlap_f1()];
        let cells = figures.map(percent).join(" | ");
        writeln!(out, "| {name} | {} | {} | {cells} |", counts.annotated, counts.found)?;
    }
    writeln!(out)
}

fn by_confidence(reliability: &Reliability, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "| confidence | names | mean confidence | precision |\n| :-- | --: | --: | --: |")?;
    for (low, high, bin) in reliability.bins() {
        let (confidence, precision) = (percent(bin.mean_confidence()), percent(bin.precision()));
        writeln!(out, "| {low:.1} to {high:.1} | {} | {confidence} | {precision} |", bin.names)?;
    }
    let error = reliability.expected_calibration_error();
    writeln!(out, "\nExpected calibration error: {}", error.map_or("–".to_owned(), |it| format!("{it:.3}")))
}

fn percent(share: Option<f64>) -> String {
    share.map_or("–".to_owned(), |share| format!("{:.1}", 100.0 * share))
}
