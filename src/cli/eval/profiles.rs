//! `depeche eval profiles`: what the fast model, the encoder, and both together find, by how much of the text the
//! encoder reads.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use depeche::config::Limits;
use depeche::tagger::profiles::{Models, Profile};
use depeche::text::Text;
use depeche::{Document, Engine};

use super::corpus::{self, Set};
use super::names::{Row, measure};
use crate::cli::models::{documents_a_thread, threads};

/// Measure the profiles of names: F1 against the share of text that the encoder reads.
#[derive(Debug, clap::Args)]
pub struct ProfilesArgs {
    /// The folder that holds `dev` and `train`.
    corpora: PathBuf,
    /// A folder with models of names of your own instead of the embedded ones
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
    /// Only the first documents of each set.
    #[arg(long, value_name = "DOCUMENTS")]
    limit: Option<usize>,
    /// Bounds to try: a sentence goes to the encoder if the fast model is less sure than this of any tag in it
    #[arg(long, value_name = "SHARES", value_delimiter = ',', default_values_t = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95])]
    sure: Vec<f32>,
}

/// One way to read names, and what came of it.
struct Reading {
    name: String,
    /// Of the words, by language.
    shares: BTreeMap<String, f64>,
    /// Mean F1 of the language's sets.
    f1: BTreeMap<String, f64>,
}

/// Prints the tables as Markdown.
pub fn run(args: &ProfilesArgs) -> Result<(), Box<dyn Error>> {
    let mut readings = vec![read(args, "fast".to_owned(), Profile::Fast, 0.0)?];
    for &sure in &args.sure {
        readings.push(read(args, format!("auto, {sure}"), Profile::Auto, sure)?);
    }
    readings.push(read(args, "accurate".to_owned(), Profile::Accurate, 1.0)?);
    let mut out = io::stdout().lock();
    overall(&readings, &mut out)?;
    by_language(&readings, &mut out)?;
    Ok(())
}

fn models(folder: Option<&Path>, sure: f32) -> Result<Models, Box<dyn Error>> {
    let threads: NonZeroUsize = threads(None);
    let models = match folder {
        Some(folder) => Models::open(folder, threads)?,
        None => Models::embedded(threads),
    };
    Ok(models.with_sure(sure))
}

fn read(args: &ProfilesArgs, name: String, profile: Profile, sure: f32) -> Result<Reading, Box<dyn Error>> {
    let mut sets = corpus::development(&args.corpora)?;
    if let Some(limit) = args.limit {
        sets.iter_mut().for_each(|set| set.documents.truncate(limit));
    }
    let folder = args.models.as_deref();
    let shares = match profile {
        Profile::Fast => shares(&sets, |_| 0),
        Profile::Accurate => shares(&sets, |text| text.words().len()),
        Profile::Auto => {
            let models = models(folder, sure)?;
            shares(&sets, |text| models.words_read_twice(text))
        }
    };
    let engine = Engine::with_models(Limits::default(), models(folder, sure)?).with_profile(profile);
    let at_once = documents_a_thread(profile) * threads(None).get();
    let (rows, _) = measure(engine, sets, at_once)?;
    let mut figures: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for Row { set, score, .. } in &rows {
        figures.entry(set.language.clone()).or_default().extend(score.micro().f1());
    }
    let f1 = figures.into_iter().map(|(language, figures)| (language, mean(figures.into_iter()))).collect();
    Ok(Reading { name, shares, f1 })
}

/// Of each language, the share of words that count.
fn shares(sets: &[Set], count: impl Fn(&Text) -> usize) -> BTreeMap<String, f64> {
    let mut sums: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for set in sets {
        let (counted, all) = sums.entry(set.language.clone()).or_default();
        for passage in &set.documents {
            let text = Text::new(&Document::new(&passage.text));
            *counted += count(&text);
            *all += text.words().len();
        }
    }
    let share = |(counted, all): (usize, usize)| counted as f64 / all.max(1) as f64;
    sums.into_iter().map(|(language, counts)| (language, share(counts))).collect()
}

fn mean(numbers: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = numbers.len().max(1);
    numbers.sum::<f64>() / count as f64
}

fn overall(readings: &[Reading], out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "| profile | read by the encoder | mean F1 | of the encoder's gain |\n| :-- | --: | --: | --: |"
    )?;
    let f1 = |reading: &Reading| mean(reading.f1.values().copied());
    let (least, most) = (f1(&readings[0]), f1(&readings[readings.len() - 1]));
    for reading in readings {
        let (share, f1) = (mean(reading.shares.values().copied()), f1(reading));
        let [share, figure, gain] = [share, f1, (f1 - least) / (most - least)].map(|it| 100.0 * it);
        writeln!(out, "| {} | {share:.0} % | {figure:.1} | {gain:.0} % |", reading.name)?;
    }
    writeln!(out)
}

fn by_language(readings: &[Reading], out: &mut impl Write) -> io::Result<()> {
    let names: Vec<&str> = readings.iter().map(|reading| reading.name.as_str()).collect();
    writeln!(out, "| language | {} |\n| :-- |{}", names.join(" | "), " --: |".repeat(names.len()))?;
    for language in readings[0].f1.keys() {
        let cell = |reading: &Reading| {
            let (f1, share) = (100.0 * reading.f1[language], 100.0 * reading.shares[language]);
            format!("{f1:.1} at {share:.0} %")
        };
        writeln!(out, "| {language} | {} |", readings.iter().map(cell).collect::<Vec<_>>().join(" | "))?;
    }
    Ok(())
}
