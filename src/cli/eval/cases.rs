//! Annotated texts, as `eval dates` and `eval sizes` read them: JSON lines, or TOML in which a text marks its own
//! expressions.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use depeche::Document;
use depeche::error::PackError;
use depeche::language::Pack;
use depeche::mention::Span;
use depeche::recognizers::{Article, Recognizer};
use depeche::text::Text;
use serde::Deserialize;

/// A text with what is annotated in it.
#[derive(Debug, Deserialize)]
pub struct Case {
    /// The corpus or test suite.
    pub source: String,
    /// BCP-47.
    pub lang: String,
    /// As its readers see it.
    pub text: String,
    /// The day, or the moment, that relative expressions count from.
    pub reference_date: Option<String>,
    /// Every annotated expression.
    pub expected: Vec<Gold>,
    /// The text is one expression of a test suite, with as much around it as belongs to it.
    #[serde(default)]
    pub whole_input: bool,
}

/// An annotated expression.
#[derive(Debug, Deserialize)]
pub struct Gold {
    /// In code points.
    pub start: usize,
    /// In code points.
    pub length: usize,
    /// What it is worth: a TIMEX3 value, bytes.
    #[serde(default)]
    pub value: Option<serde_json::Value>,
    /// What a suite takes for right besides.
    #[serde(default)]
    pub values: Vec<serde_json::Value>,
}

impl Case {
    /// Its primary subtag.
    pub fn language(&self) -> String {
        self.lang.split('-').next().unwrap_or_default().to_lowercase()
    }

    /// Bytes of the text.
    pub fn span(&self, gold: &Gold) -> Option<Span> {
        let byte = |index: usize| {
            let mut bytes = self.text.char_indices().map(|(byte, _)| byte).chain([self.text.len()]);
            bytes.nth(index)
        };
        Some(Span::new(byte(gold.start)?, byte(gold.start + gold.length)?))
    }

    /// Whether values are bytes and nothing else, comparators left out.
    pub fn is_of_units(&self) -> bool {
        self.source != OWN
    }
}

const OWN: &str = "own passages";

/// A recognizer for each language of the cases.
pub fn by_language<R>(
    cases: &[Case],
    new: impl Fn(&Pack) -> Result<R, PackError>,
) -> Result<BTreeMap<String, R>, PackError> {
    let languages: BTreeSet<String> = cases.iter().map(Case::language).collect();
    let recognizer = |language: String| {
        let pack = Pack::get(&language).unwrap_or_else(Pack::neutral);
        Ok((language, new(&pack)?))
    };
    languages.into_iter().map(recognizer).collect()
}

/// How long texts are read again and again.
const SPEED_TIME: Duration = Duration::from_secs(3);

/// Prints how much is read in a second on one core, once words and sentences are found.
pub fn speed<R: Recognizer>(
    cases: &[Case],
    recognizers: &BTreeMap<String, R>,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let text = |case: &Case| Text::new(&Document::new(&case.text));
    let texts: Vec<(&R, Text)> =
        cases.iter().map(|case| (&recognizers[&case.language()], text(case))).collect();
    let read_all = || {
        let mut mentions = Vec::new();
        for (recognizer, text) in &texts {
            recognizer.recognize(&Article::new(text), &mut mentions);
            black_box(&mut mentions).clear();
        }
    };
    read_all();
    let (start, mut rounds) = (Instant::now(), 0);
    while start.elapsed() < SPEED_TIME {
        read_all();
        rounds += 1;
    }
    let bytes: usize = cases.iter().map(|case| case.text.len()).sum();
    writeln!(out, "{:.1} MB/s", (bytes * rounds) as f64 / start.elapsed().as_secs_f64() / 1e6)?;
    Ok(())
}

/// Reads every file.
pub fn read(files: &[PathBuf]) -> Result<Vec<Case>, Box<dyn Error>> {
    let mut cases = Vec::new();
    for file in files {
        cases.extend(read_file(file)?);
    }
    Ok(cases)
}

fn read_file(file: &Path) -> Result<Vec<Case>, Box<dyn Error>> {
    let about = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let content = fs::read_to_string(file).map_err(|error| about(&error))?;
    if file.extension().is_some_and(|extension| extension == "toml") {
        let own: OwnFile = toml::from_str(&content).map_err(|error| about(&error))?;
        let name =
            if own.examples.is_empty() { file.file_stem() } else { file.parent().and_then(Path::file_name) };
        let language = name.unwrap_or_default().to_string_lossy();
        let examples = own.examples.into_iter().map(|text| OwnPassage { published: None, text });
        return Ok(own.passages.into_iter().chain(examples).map(|passage| passage.case(&language)).collect());
    }
    let case = |line| serde_json::from_str(line).map_err(|error| about(&error).into());
    content.lines().map(case).collect()
}

/// Passages of our own, as `tests/dates/<language>.toml` holds them, or the examples of a pack's file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OwnFile {
    passages: Vec<OwnPassage>,
    examples: Vec<String>,
}

/// A text that says what its expressions are worth: `Op [5 mei|2024-05-05] …`.
#[derive(Debug, Deserialize)]
struct OwnPassage {
    published: Option<String>,
    text: String,
}

impl OwnPassage {
    fn case(self, language: &str) -> Case {
        let (mut text, mut expected) = (String::new(), Vec::new());
        let mut rest = self.text.as_str();
        while let Some((before, words, value, after)) = annotation(rest) {
            text.push_str(before);
            let (start, length) = (text.chars().count(), words.chars().count());
            expected.push(Gold { start, length, value: Some(value.into()), values: Vec::new() });
            text.push_str(words);
            rest = after;
        }
        text.push_str(rest);
        let (source, lang) = (OWN.to_owned(), language.to_owned());
        Case { source, lang, text, reference_date: self.published, expected, whole_input: false }
    }
}

fn annotation(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (before, rest) = text.split_once('[')?;
    let (words, rest) = rest.split_once('|')?;
    let (value, after) = rest.split_once(']')?;
    Some((before, words, value, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_marks_its_own_expressions() {
        let passage = OwnPassage {
            published: Some("2024-05-01".to_owned()),
            text: "Été : [3 mai|2024-05-03], puis [« jeudi »|2024-05-09].".to_owned(),
        };
        let case = passage.case("fr");
        assert_eq!(case.text, "Été : 3 mai, puis « jeudi ».");
        let words = case.expected.iter().map(|gold| case.span(gold).unwrap().of(&case.text));
        assert_eq!(words.collect::<Vec<_>>(), ["3 mai", "« jeudi »"]);
        assert_eq!(case.expected[1].value, Some("2024-05-09".into()));
    }

    #[test]
    fn what_is_no_annotation_stays() {
        for text in ["a [b] c", "a | b", "[a", ""] {
            let case = OwnPassage { published: None, text: text.to_owned() }.case("en");
            assert_eq!((case.text.as_str(), case.expected.len()), (text, 0));
        }
    }

    #[test]
    fn a_broken_file_is_named() {
        let file = std::env::temp_dir().join(format!("depeche-eval-cases-{}.jsonl", std::process::id()));
        fs::write(&file, "{}\n").unwrap();
        let error = read(std::slice::from_ref(&file)).unwrap_err().to_string();
        fs::remove_file(&file).unwrap();
        assert!(error.starts_with(&file.display().to_string()) && error.contains("source"), "{error}");
    }
}
