//! `depeche eval names`: how well people, organizations and locations are found, by corpus and type.

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;

use depeche::config::Limits;
use depeche::language::LanguageCode;
use depeche::mention::Span;
use depeche::{Document, Engine, Options};
use indicatif::{ProgressBar, ProgressStyle};

use super::corpus::{self, Name, Passage, Set, TYPES};
use super::score::{Found, Reliability, Score};
use crate::cli::batch::in_order;
use crate::cli::models::{ModelArgs, documents_a_thread, threads};

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
    #[command(flatten)]
    models: ModelArgs,
    /// How many threads to use [default: one a core]. The figures are the same.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

/// Prints the tables as Markdown.
pub fn run(args: &NamesArgs) -> Result<(), Box<dyn Error>> {
    let sets = args.sets()?;
    let engine = args.models.engine(Limits::default(), threads(args.threads))?;
    let (rows, reliability) =
        measure(engine, sets, documents_a_thread(args.models.profile) * threads(args.threads).get())?;
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
}

/// A set and how well it was read.
pub struct Row {
    /// Its documents are taken out.
    pub set: Set,
    /// How many these were.
    pub documents: usize,
    /// Of all of them.
    pub score: Score,
}

/// One document to read.
struct Job {
    /// The index of its set's row.
    row: usize,
    passage: Passage,
}

/// Scores every set, so many documents in parallel.
pub fn measure(
    engine: Engine,
    sets: Vec<Set>,
    at_once: usize,
) -> Result<(Vec<Row>, Reliability), depeche::Error> {
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

    let languages: Vec<_> = rows.iter().map(|row| LanguageCode::parse(&row.set.language)).collect();
    let work = move |job: Job| {
        let found = names(&engine, &job.passage.text, languages[job.row].clone());
        (job, found)
    };
    let mut reliability = Reliability::default();
    for (Job { row, passage }, found) in in_order(jobs.into_iter(), at_once, work) {
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

#[cfg(test)]
mod tests {
    use depeche::values::EntityType::{self, Location, Organization};

    use super::*;
    use crate::cli::eval::score::Counts;

    fn set(corpus: &str, types: &[EntityType], documents: Vec<Passage>) -> Set {
        let (language, corpus) = ("fr".to_owned(), corpus.to_owned());
        Set { language, corpus, held_out: false, types: types.to_vec(), documents }
    }

    /// A document that names one person and one place, of which the place is annotated.
    fn passage(number: usize) -> Passage {
        let text = format!("Le maire de Lyon, Paul Roche, a visité le chantier {number} lundi.");
        let start = text.find("Lyon").unwrap();
        Passage { names: vec![Name { span: Span::new(start, start + 4), kind: Location }], text }
    }

    #[test]
    fn any_number_of_threads_gives_the_same_tables() {
        let tables = |threads| {
            let passages = || (0..20).map(passage).collect();
            let sets = vec![set("a", &TYPES, passages()), set("b", &[Organization, Location], passages())];
            let engine = Engine::with_tagger(Limits::default(), None);
            let (rows, reliability) = measure(engine, sets, threads).unwrap();
            let mut out = Vec::new();
            by_set(&rows, &mut out).unwrap();
            by_type(&rows, &mut out).unwrap();
            by_confidence(&reliability, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let expected = tables(1);
        // Where people are not annotated, the person is no mistake.
        assert!(
            expected.contains("| fr/a | 20 | 20 | 50.0 | 100.0 | 66.7 | 66.7 | – | – | 100.0 |"),
            "{expected}"
        );
        assert!(
            expected.contains("| fr/b | 20 | 20 | 100.0 | 100.0 | 100.0 | 100.0 | – | – | 100.0 |"),
            "{expected}"
        );
        for threads in 2..=4 {
            assert_eq!(tables(threads), expected, "{threads} threads");
        }
    }

    #[test]
    fn the_mean_is_over_the_sets_that_have_the_figure() {
        let counts = |annotated, found, exact| Counts { annotated, found, exact, overlapping: exact };
        let row = |corpus, types: &[EntityType], score| Row {
            set: set(corpus, types, Vec::new()),
            documents: 3,
            score: Score(score),
        };
        let rows = [
            row("a", &TYPES, [counts(1, 1, 1), Counts::default(), counts(1, 1, 0)]),
            row("b", &[Location], [Counts::default(), Counts::default(), counts(4, 0, 0)]),
        ];
        let mut out = Vec::new();
        by_set(&rows, &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = out.lines().skip(2).collect();
        assert_eq!(
            lines,
            [
                "| fr/a | 3 | 2 | 50.0 | 50.0 | 50.0 | 50.0 | 100.0 | – | 0.0 |",
                "| fr/b | 3 | 4 | – | 0.0 | 0.0 | 0.0 | – | – | 0.0 |",
                "| mean | 6 | 6 | 50.0 | 25.0 | 25.0 | 25.0 | 100.0 | – | 0.0 |",
                "",
            ]
        );
    }

    #[test]
    fn sets_are_chosen_by_name() {
        let folder = std::env::temp_dir().join(format!("depeche-eval-names-{}", std::process::id()));
        for part in ["dev/fr", "train/fr", "train/es"] {
            std::fs::create_dir_all(folder.join(part)).unwrap();
        }
        for file in ["dev/fr/a.tsv", "dev/fr/b.tsv", "train/fr/a.tsv", "train/es/c.tsv"] {
            std::fs::write(folder.join(file), "Il\tO\npleut\tO\n").unwrap();
        }
        let asked = |sets: &[&str]| {
            let sets = sets.iter().map(|set| (*set).to_owned()).collect();
            let models = ModelArgs::default();
            let args = NamesArgs { corpora: folder.clone(), sets, limit: None, models, threads: None };
            let names = |sets: Vec<Set>| sets.iter().map(Set::name).collect::<Vec<_>>().join(" ");
            args.sets().map(names).map_err(|error| error.to_string())
        };
        let answers = [&[][..], &["fr"], &["fr/b", "es"], &["fr/c"]].map(asked);
        std::fs::remove_dir_all(&folder).unwrap();
        let expected = [
            Ok("es/c fr/a fr/b"),
            Ok("fr/a fr/b"),
            Ok("es/c fr/b"),
            Err("no development set is called fr/c"),
        ];
        assert_eq!(answers, expected.map(|it| it.map(str::to_owned).map_err(str::to_owned)));
    }
}
