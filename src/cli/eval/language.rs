//! `depeche eval language`: how often the language is told right, by length, by language and by confidence.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use depeche::language::{DetectedLanguage, Detector, LanguageCode};

use super::corpus;
use super::texts::{self, Case, Half, Style};

/// Measure language detection: whatlang alone, and depeche.
#[derive(Debug, clap::Args)]
pub struct LanguageArgs {
    /// The folder that holds `dev`, `raw` and `train`.
    corpora: PathBuf,
    /// The half of the texts to measure on.
    #[arg(long, value_enum, default_value_t = Half::Report)]
    half: Half,
}

/// Languages that no detector here knows: Kazakh.
const UNKNOWN: [&str; 1] = ["kk"];
/// Pairs of languages that are mixed in equal parts: with and without packs, near and far, in one script and two.
const PAIRS: [(&str, &str); 8] = [
    ("fr", "en"),
    ("de", "en"),
    ("fr", "de"),
    ("es", "pt"),
    ("pl", "fr"),
    ("ru", "en"),
    ("tr", "de"),
    ("nl", "fr"),
];
/// Characters of each language in a mixed text, and of each paragraph.
const MIXES: [(usize, usize); 5] = [(80, 80), (160, 160), (1_000, 1_000), (1_000, 250), (20_000, 500)];
/// Mixed texts of each pair and size.
const MIXED_TEXTS: usize = 50;
/// Upper ends of the rows of the reliability table.
const CONFIDENCES: [f32; 6] = [0.6, 0.7, 0.8, 0.9, 0.95, 1.01];

/// Prints the tables as Markdown.
pub fn run(args: &LanguageArgs) -> io::Result<()> {
    let detector = Detector::new();
    let mut sentences = corpus::plain(&args.corpora)?;
    sentences.retain(|language, _| !UNKNOWN.contains(&language.as_str()));
    let cases =
        sentences.iter().flat_map(|(language, sentences)| texts::cases(language, sentences, args.half));
    let answers: Vec<Answer> = cases.map(|case| Answer::of(case, &detector)).collect();

    let mut out = io::stdout().lock();
    by_length(&answers, &mut out)?;
    by_language(&answers, &mut out)?;
    by_confidence(&answers, &mut out)?;
    mixed(&sentences, &detector, &mut out)
}

struct Answer {
    case: Case,
    whatlang_right: bool,
    depeche: DetectedLanguage,
    depeche_right: bool,
}

#[derive(Default)]
struct Tally {
    texts: usize,
    whatlang_right: usize,
    right: usize,
    untold: usize,
    reliable: usize,
    reliable_right: usize,
}

impl Answer {
    fn of(case: Case, detector: &Detector) -> Answer {
        let alone = whatlang::detect_lang(&case.text);
        let depeche = detector.detect(&case.text);
        Answer {
            whatlang_right: alone
                .is_some_and(|language| accepts(&case.language, LanguageCode::from(language).as_str())),
            depeche_right: accepts(&case.language, depeche.code.as_str()),
            depeche,
            case,
        }
    }
}

impl Tally {
    fn of<'a>(answers: impl IntoIterator<Item = &'a Answer>) -> Tally {
        let mut tally = Tally::default();
        for answer in answers {
            tally.texts += 1;
            tally.whatlang_right += usize::from(answer.whatlang_right);
            tally.right += usize::from(answer.depeche_right);
            tally.untold += usize::from(answer.depeche.code.as_str() == "und");
            tally.reliable += usize::from(answer.depeche.reliable);
            tally.reliable_right += usize::from(answer.depeche.reliable && answer.depeche_right);
        }
        tally
    }

    fn row(&self) -> String {
        let wrong = self.texts - self.right - self.untold;
        format!(
            "{} | {} | {} | {} | {} | {} | {}",
            self.texts,
            percent(self.whatlang_right, self.texts),
            percent(self.right, self.texts),
            percent(self.untold, self.texts),
            percent(wrong, self.texts),
            percent(self.reliable, self.texts),
            percent(self.reliable_right, self.reliable),
        )
    }
}

const COLUMNS: &str =
    "texts | whatlang right | depeche right | `und` | wrong | reliable | right of reliable |";
const RULE: &str = "--: | --: | --: | --: | --: | --: | --: |";

fn by_length(answers: &[Answer], out: &mut impl Write) -> io::Result<()> {
    let mut groups: BTreeMap<(Style, usize), Vec<&Answer>> = BTreeMap::new();
    for answer in answers {
        groups.entry((answer.case.style, answer.case.length)).or_default().push(answer);
    }
    writeln!(out, "| characters | {COLUMNS}\n| :-- | {RULE}")?;
    for ((style, length), group) in groups {
        writeln!(out, "| {length}{} | {} |", name(style), Tally::of(group).row())?;
    }
    writeln!(out, "| all | {} |\n", Tally::of(answers).row())
}

fn by_language(answers: &[Answer], out: &mut impl Write) -> io::Result<()> {
    let mut groups: BTreeMap<&str, Vec<&Answer>> = BTreeMap::new();
    for answer in answers {
        groups.entry(&answer.case.language).or_default().push(answer);
    }
    let lengths = [20, 40, 80];
    let columns: Vec<String> =
        lengths.iter().map(|length| format!("whatlang, depeche at {length}")).collect();
    writeln!(out, "| language | {} | {COLUMNS}\n| :-- | --: | --: | --: | {RULE}", columns.join(" | "))?;
    for (language, group) in groups {
        let at = |length| Tally::of(group.iter().copied().filter(|answer| answer.case.length == length));
        let cells = lengths.map(|length| {
            let tally = at(length);
            format!("{}, {}", percent(tally.whatlang_right, tally.texts), percent(tally.right, tally.texts))
        });
        writeln!(out, "| {language} | {} | {} |", cells.join(" | "), Tally::of(group).row())?;
    }
    writeln!(out)
}

fn by_confidence(answers: &[Answer], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "| confidence | texts | mean confidence | right |\n| :-- | --: | --: | --: |")?;
    let mut low = 0.5;
    for high in CONFIDENCES {
        let within = |answer: &&Answer| (low..high).contains(&answer.depeche.confidence);
        let group: Vec<&Answer> = answers.iter().filter(within).collect();
        let sum: f32 = group.iter().map(|answer| answer.depeche.confidence).sum();
        let right = percent(Tally::of(group.iter().copied()).right, group.len());
        let mean = 100.0 * sum / group.len() as f32;
        writeln!(out, "| {low:.2} to {:.2} | {} | {mean:.1} | {right} |", high.min(1.0), group.len())?;
        low = high;
    }
    writeln!(out)
}

/// How often texts in two languages in equal parts are told to have none.
fn mixed(
    sentences: &BTreeMap<String, Vec<String>>,
    detector: &Detector,
    out: &mut impl Write,
) -> io::Result<()> {
    let names = MIXES.map(|(length, paragraph)| format!("{length} in paragraphs of {paragraph}"));
    writeln!(
        out,
        "| `und` of texts in two languages | {} |\n| :-- |{}",
        names.join(" | "),
        " --: |".repeat(MIXES.len())
    )?;
    for (first, second) in PAIRS {
        let (Some(left), Some(right)) = (sentences.get(first), sentences.get(second)) else { continue };
        let cells = MIXES.map(|(length, paragraph)| {
            let texts = (0..MIXED_TEXTS).map(|index| {
                let excerpt = |sentences| texts::excerpt(sentences, index, MIXED_TEXTS, length);
                texts::alternate(&excerpt(left), &excerpt(right), paragraph)
            });
            let untold = texts.filter(|text| detector.detect(text).code.as_str() == "und").count();
            percent(untold, MIXED_TEXTS)
        });
        writeln!(out, "| {first}, {second} | {} |", cells.join(" | "))?;
    }
    Ok(())
}

/// Whether an answer is right. whatlang knows one Norwegian, one Chinese, and Serbian in Cyrillic only, whose Latin
/// spelling it takes for Croatian.
fn accepts(language: &str, answer: &str) -> bool {
    match language {
        "nn" => answer == "nb",
        "zh-Hant" => answer == "zh",
        "sr" => matches!(answer, "sr" | "hr"),
        _ => answer == language,
    }
}

fn name(style: Style) -> &'static str {
    match style {
        Style::Prose => "",
        Style::TitleCase => " Title Case",
        Style::AllCaps => " ALL CAPS",
    }
}

fn percent(part: usize, whole: usize) -> String {
    match whole {
        0 => "–".to_owned(),
        _ => format!("{:.1}", 100.0 * part as f64 / whole as f64),
    }
}
