//! `depeche train`: makes the model of the fast tagger from annotated corpora, plain text, and what the encoder says.

use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use depeche::Document;
use depeche::mention::Span;
use depeche::tagger::fast::{self, FastTagger};
use depeche::tagger::{EncoderTagger, NameTagger};
use depeche::text::Text;
use depeche::train::{Labels, Learner, Lessons, Plan, Target};
use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};

use super::eval::corpus::{self, Passage, Set, TYPES};
use super::models::threads;

/// Train the fast tagger's model; needs the corpora, and an encoder to learn from.
#[derive(Debug, clap::Args)]
pub struct TrainArgs {
    /// The folder that holds `train`, `raw` and, so that its languages need hold nothing out, `dev`
    corpora: PathBuf,
    /// Where to write fast.safetensors, and what is needed to go on after an interruption
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Only these languages [default: all]
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    languages: Vec<String>,
    /// A folder with the encoder to learn from, names.safetensors, instead of the embedded one
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
    /// Passes over all lessons
    #[arg(long, default_value_t = 4)]
    passes: u32,
    /// Of all that is drawn; the same seed makes the same file
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Numbers of a word's vector
    #[arg(long, default_value_t = 96)]
    width: usize,
    /// Numbers of a hidden row
    #[arg(long, default_value_t = 96)]
    inner: usize,
    /// Binary logarithm of the number of vectors for hashed features
    #[arg(long, default_value_t = 17)]
    hashed_bits: u32,
    /// Step size at the start
    #[arg(long, default_value_t = 0.002)]
    rate: f32,
    /// Share of numbers that a step does not see
    #[arg(long, default_value_t = 0.2)]
    dropout: f32,
    /// Share of words whose spelling a step does not see
    #[arg(long, default_value_t = 0.3)]
    blind: f32,
    /// Only so many texts of each corpus
    #[arg(long, value_name = "TEXTS")]
    limit: Option<usize>,
}

/// Texts that the encoder reads at once; what it says of them is kept in one file.
const TAUGHT_TOGETHER: usize = 500;
/// Lessons that step sizes and temperature are told by: one in so many.
const WATCHED: usize = 50;
/// Languages with fewer lessons than these have theirs repeated, by the root of how many fewer.
const BALANCE: f64 = 60_000.0;
const MOST_REPEATS: f64 = 3.0;

/// Trains, with progress on standard error.
pub fn run(args: &TrainArgs) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(args.out.join("taught"))
        .map_err(|error| format!("{}: {error}", args.out.display()))?;
    let mut sets = corpus::training(&args.corpora)?;
    sets.extend(corpus::raw(&args.corpora)?);
    sets.retain(|set| args.languages.is_empty() || args.languages.contains(&set.language));
    if sets.is_empty() {
        return Err(format!("{} has no set of these languages", args.corpora.display()).into());
    }
    if let Some(limit) = args.limit {
        sets.iter_mut().for_each(|set| set.documents.truncate(limit));
    }
    let teacher = match &args.models {
        Some(folder) => EncoderTagger::open(folder, threads(None))?,
        None => EncoderTagger::embedded(threads(None)),
    };
    let (pieces, scores, embeddings) = teacher.vocabulary();
    let mut lessons = Lessons::new(&pieces, scores.clone())?;
    let mut languages: Vec<(String, Vec<usize>)> = Vec::new();
    let bar = bar(sets.iter().map(|set| set.documents.len()).sum(), "texts");
    for set in &sets {
        bar.set_message(format!("reading {}", set.name()));
        let first = lessons.all.len();
        for passages in set.documents.chunks(TAUGHT_TOGETHER) {
            add(passages, set, &teacher, &args.out, &mut lessons)?;
            bar.inc(passages.len() as u64);
        }
        let added = first..lessons.all.len();
        match languages.iter_mut().find(|(language, _)| *language == set.language) {
            Some((_, all)) => all.extend(added),
            None => languages.push((set.language.clone(), added.collect())),
        }
    }
    bar.finish_and_clear();
    eprintln!("{} lessons, {} words", lessons.all.len(), lessons.words.len());

    let plan = Plan {
        width: args.width,
        inner: args.inner,
        hashed_bits: args.hashed_bits,
        batch: 1024,
        rate: args.rate,
        dropout: args.dropout,
        blind: args.blind,
        seed: args.seed,
    };
    let mut learner = Learner::new(plan, pieces, scores, embeddings);
    let (watched, taught) = repeated(&languages);
    let from = format!("{} {} {}", teacher.id(), lessons.all.len(), args.passes);
    let mut checkpoint = Checkpoint::open(&args.out, &format!("{from} {plan:?}"), &mut learner)?;
    learn(&mut learner, &lessons, taught, &watched, args, &mut checkpoint)?;
    let temperature = temperature(&learner, &lessons, &watched);
    let path = args.out.join(FastTagger::FILE);
    fs::write(&path, fast::write(&learner.weights(temperature)))?;
    eprintln!("temperature {temperature:.2}; {}", FastTagger::open(&args.out)?.id());
    Ok(())
}

/// What a run of the same plan over the same lessons goes on from.
struct Checkpoint {
    path: PathBuf,
    /// Of what the run depends on.
    digest: [u8; 32],
    /// Passes that are done.
    passes: u32,
}

impl Checkpoint {
    /// Restores the learner to where an earlier run was interrupted, if one was.
    fn open(folder: &Path, plan: &str, learner: &mut Learner) -> io::Result<Checkpoint> {
        let mut checkpoint =
            Checkpoint { path: folder.join("checkpoint"), digest: Sha256::digest(plan).into(), passes: 0 };
        let file = match fs::read(&checkpoint.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(checkpoint),
            file => file?,
        };
        if let Some(rest) = file.strip_prefix(&checkpoint.digest)
            && let Some((passes, state)) = rest.split_first_chunk()
            && learner.restore(state)
        {
            checkpoint.passes = u32::from_le_bytes(*passes);
            eprintln!("going on behind pass {}", checkpoint.passes);
        }
        Ok(checkpoint)
    }

    /// Whole or not at all.
    fn save(&mut self, passes: u32, learner: &Learner) -> io::Result<()> {
        self.passes = passes;
        let file = [&self.digest[..], &passes.to_le_bytes(), &learner.state()].concat();
        let written = self.path.with_extension("new");
        fs::write(&written, file)?;
        fs::rename(written, &self.path)
    }
}

/// Lessons that are only watched, and those to learn, small languages several times.
fn repeated(languages: &[(String, Vec<usize>)]) -> (Vec<usize>, Vec<usize>) {
    let (mut watched, mut taught) = (Vec::new(), Vec::new());
    for (_, lessons) in languages {
        let repeats = (BALANCE / lessons.len() as f64).sqrt().clamp(1.0, MOST_REPEATS).round() as usize;
        for (at, &lesson) in lessons.iter().enumerate() {
            if at % WATCHED == 0 {
                watched.push(lesson);
            } else {
                taught.extend(std::iter::repeat_n(lesson, repeats));
            }
        }
    }
    (watched, taught)
}

fn learn(
    learner: &mut Learner,
    lessons: &Lessons,
    mut taught: Vec<usize>,
    watched: &[usize],
    args: &TrainArgs,
    checkpoint: &mut Checkpoint,
) -> Result<(), Box<dyn Error>> {
    let total = taught.len() * args.passes as usize;
    let bar = bar(total, "lessons");
    let mut done = taught.len() * checkpoint.passes as usize;
    bar.set_position(done as u64);
    let reorder =
        |taught: &mut [usize], pass: u32| depeche::train::shuffle(taught, args.seed + u64::from(pass));
    (1..=checkpoint.passes).for_each(|pass| reorder(&mut taught, pass));
    for pass in checkpoint.passes + 1..=args.passes {
        reorder(&mut taught, pass);
        let mut mean = 0.0;
        let mut at = 0;
        while at < taught.len() {
            let (mut end, mut open) = (at, 0);
            while end < taught.len() && open < learner.plan().batch {
                open += lessons.all[taught[end]].open;
                end += 1;
            }
            let loss = learner.step(lessons, &taught[at..end], 1.0 - done as f32 / total as f32);
            mean = if mean == 0.0 { loss } else { 0.99 * mean + 0.01 * loss };
            bar.set_message(format!("pass {pass}, loss {mean:.4}"));
            bar.inc((end - at) as u64);
            done += end - at;
            at = end;
        }
        let loss = learner.loss(lessons, watched, 1.0);
        checkpoint.save(pass, learner)?;
        bar.suspend(|| {
            writeln!(io::stderr(), "pass {pass}: loss {mean:.4}, of lessons kept aside {loss:.4}")
        })?;
    }
    bar.finish_and_clear();
    Ok(())
}

/// The temperature under which the lessons kept aside are least surprising.
fn temperature(learner: &Learner, lessons: &Lessons, watched: &[usize]) -> f32 {
    let steps = (10..=40).map(|step| step as f32 / 20.0);
    let losses = steps.map(|temperature| (temperature, learner.loss(lessons, watched, temperature)));
    losses.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(1.0, |(temperature, _)| temperature)
}

fn add(
    passages: &[Passage],
    set: &Set,
    teacher: &EncoderTagger,
    out: &Path,
    lessons: &mut Lessons,
) -> Result<(), Box<dyn Error>> {
    let texts: Vec<Text> = passages.iter().map(|passage| Text::new(&Document::new(&passage.text))).collect();
    let is_whole = TYPES.iter().all(|kind| set.types.contains(kind));
    let taught = if is_whole { vec![Vec::new(); texts.len()] } else { taught(&texts, teacher, out)? };
    for ((passage, text), taught) in passages.iter().zip(&texts).zip(&taught) {
        let names: Vec<_> = passage.names.iter().map(|name| (name.span, name.kind)).collect();
        let labels = (!set.types.is_empty()).then_some(Labels { names: &names, types: &set.types });
        lessons.add(text, labels, taught);
    }
    Ok(())
}

type Taught = Vec<(Span, Target)>;

/// What the encoder says of texts, read from a file if it was asked before.
fn taught(texts: &[Text], teacher: &EncoderTagger, out: &Path) -> Result<Vec<Taught>, Box<dyn Error>> {
    let mut digest = Sha256::new_with_prefix(teacher.id());
    texts.iter().for_each(|text| digest.update(text.as_str()));
    let name: String = digest.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    let path = out.join("taught").join(name);
    if let Ok(kept) = fs::read(&path) {
        return Ok(serde_json::from_slice::<Vec<Vec<(usize, usize, Target)>>>(&kept)?
            .into_iter()
            .map(|text| text.into_iter().map(|(start, end, tags)| (Span::new(start, end), tags)).collect())
            .collect());
    }
    let said = teacher.probabilities(&texts.iter().collect::<Vec<_>>());
    let bytes = |tags: [f32; 7]| tags.map(|share| (share * 255.0).round() as u8);
    let said: Vec<Taught> = said
        .into_iter()
        .map(|text| text.into_iter().map(|(span, tags)| (span, bytes(tags))).collect())
        .collect();
    let kept: Vec<Vec<_>> = said
        .iter()
        .map(|text| text.iter().map(|(span, tags)| (span.start, span.end, tags)).collect())
        .collect();
    fs::write(&path, serde_json::to_vec(&kept)?)?;
    Ok(said)
}

fn bar(length: usize, unit: &str) -> ProgressBar {
    let template = format!("{{bar:30}} {{percent:>3}} %  {{msg}}  {{pos}}/{{len}} {unit}  {{eta}} left");
    ProgressBar::new(length as u64)
        .with_style(ProgressStyle::with_template(&template).expect("the template is well-formed"))
}
