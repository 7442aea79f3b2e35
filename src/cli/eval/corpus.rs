//! Test texts of known language, cut from the corpora; the same ones at every run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// About how many characters a text has.
pub const LENGTHS: [usize; 6] = [20, 40, 80, 160, 320, 1_000];
/// The lengths that are also written as headlines.
const HEADLINES: [usize; 2] = [40, 80];
/// Texts of each language and length, tuning half included.
const TEXTS: usize = 400;
/// Languages that no detector here knows: Kazakh.
const UNKNOWN: [&str; 1] = ["kk"];

/// Where the constants of the detector were chosen, and where they are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Half {
    /// The texts that the constants were chosen on.
    Tuning,
    /// All the others.
    Report,
}

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Style {
    /// As in the corpus.
    Prose,
    /// Every Word With A Capital.
    TitleCase,
    /// ALL CAPITALS.
    AllCaps,
}

/// A text of known language.
#[derive(Clone, Debug)]
pub struct Case {
    /// The corpus's name of the language, such as `zh-Hant`.
    pub language: String,
    /// About how many characters it has.
    pub length: usize,
    /// How it is written.
    pub style: Style,
    /// The text.
    pub text: String,
}

/// The sentences below `folder` (`dev`, `raw` and `train`), by language.
pub fn read(folder: &Path) -> io::Result<BTreeMap<String, Vec<String>>> {
    let mut files = Vec::new();
    for part in ["dev", "raw", "train"] {
        find_files(&folder.join(part), &mut files)?;
    }
    let mut languages: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files {
        let language = language_of(&file);
        if !UNKNOWN.contains(&language.as_str()) {
            languages.entry(language).or_default().extend(sentences(&file)?);
        }
    }
    Ok(languages)
}

/// The texts of one half, cut from one language's sentences.
pub fn cases(language: &str, sentences: &[String], half: Half) -> Vec<Case> {
    let unspaced = ["ja", "th", "zh", "zh-Hant"].contains(&language);
    let mut cases = Vec::new();
    let step = (sentences.len() / TEXTS).max(1);
    for start in (0..sentences.len()).step_by(step).filter(|start| half_of(&sentences[*start]) == half) {
        for length in LENGTHS {
            let Some(text) = cut(&sentences[start..], length, unspaced) else { continue };
            let case = |style, text| Case { language: language.to_owned(), length, style, text };
            if HEADLINES.contains(&length) {
                cases.push(case(Style::TitleCase, title_case(&text)));
                cases.push(case(Style::AllCaps, text.to_uppercase()));
            }
            cases.push(case(Style::Prose, text));
        }
    }
    cases
}

/// The `index`-th of `count` runs of about `length` characters.
pub fn excerpt(sentences: &[String], index: usize, count: usize, length: usize) -> String {
    let start = index * (sentences.len() / 2) / count;
    let mut text = String::new();
    for sentence in &sentences[start..] {
        if text.chars().count() >= length {
            break;
        }
        text.push_str(sentence.trim());
        text.push(' ');
    }
    text.chars().take(length).collect()
}

/// Two texts in turn, in paragraphs of about `length` characters.
pub fn alternate(left: &str, right: &str, length: usize) -> String {
    let [left, right] = [left, right].map(|text| text.chars().collect::<Vec<_>>());
    let paragraph = |characters: &[char]| characters.iter().collect::<String>();
    let pairs = left.chunks(length).zip(right.chunks(length));
    pairs.flat_map(|(left, right)| [paragraph(left), paragraph(right)]).collect::<Vec<_>>().join("\n\n")
}

/// Every `.jsonl` and `.txt` below `folder`, and the `.tsv` that have no `.jsonl` beside them, by path.
fn find_files(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            find_files(&path, files)?;
        } else if path.extension().is_some_and(|it| it != "tsv") || !path.with_extension("jsonl").exists() {
            files.push(path);
        }
    }
    Ok(())
}

/// `raw/fr-wikipedia.txt` and `dev/fr/winer-fr.jsonl` are both `fr`.
fn language_of(file: &Path) -> String {
    let name = |path: Option<&Path>| {
        path.and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned()
    };
    if file.extension().is_some_and(|it| it == "txt") {
        let name = name(Some(file));
        return name.split('-').next().unwrap_or_default().to_owned();
    }
    name(file.parent())
}

fn sentences(file: &Path) -> io::Result<Vec<String>> {
    let content = fs::read_to_string(file)?;
    Ok(match file.extension().and_then(|it| it.to_str()) {
        Some("jsonl") => content.lines().filter_map(text_of).collect(),
        Some("tsv") => content.split("\n\n").map(detokenize).collect(),
        _ => content.lines().map(str::to_owned).collect(),
    })
}

fn text_of(line: &str) -> Option<String> {
    let record: serde_json::Value = serde_json::from_str(line).ok()?;
    Some(record["text"].as_str()?.to_owned())
}

/// Sets tokens with a space between, but none before closing and after opening marks.
fn detokenize(sentence: &str) -> String {
    let mut text = String::new();
    for token in sentence.lines().filter_map(|line| line.split('\t').next()) {
        let closing =
            token.starts_with(['.', ',', ';', ':', '!', '?', ')', ']', '%', '\'', '’', '。', '，', '、']);
        let opened = text.ends_with(['(', '[', '\'', '’']);
        if !text.is_empty() && !closing && !opened {
            text.push(' ');
        }
        text.push_str(token);
    }
    text
}

/// As many characters of consecutive sentences, cut at a word boundary; `None` where there are not enough, or
/// fewer than half of them are letters.
fn cut(sentences: &[String], length: usize, unspaced: bool) -> Option<String> {
    let mut text = String::new();
    for sentence in sentences {
        if text.chars().count() >= length {
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(sentence.trim());
    }
    let end = text.char_indices().nth(length)?.0;
    let end = match text[..end].rfind(' ') {
        Some(space) if !unspaced && !text[end..].starts_with(' ') => space,
        _ => end,
    };
    text.truncate(end);
    let letters = text.chars().filter(|it| it.is_alphabetic()).count();
    (2 * letters >= text.chars().count() && 2 * text.chars().count() > length).then_some(text)
}

fn title_case(text: &str) -> String {
    let mut inside = false;
    let mut title = String::new();
    for character in text.chars() {
        if inside {
            title.push(character);
        } else {
            title.extend(character.to_uppercase());
        }
        inside = character.is_alphabetic() || matches!(character, '\'' | '’');
    }
    title
}

/// By the FNV-1a hash of the sentence that a text begins with.
fn half_of(sentence: &str) -> Half {
    let hash = sentence
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    if hash >> 32 & 1 == 0 { Half::Tuning } else { Half::Report }
}
