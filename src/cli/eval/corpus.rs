//! The corpora: annotated sentences and plain ones, read from `dev`, `train` and `raw`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use depeche::mention::Span;
use depeche::values::EntityType;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::tokens;

/// The types of name that corpora annotate and the engine finds.
pub const TYPES: [EntityType; 3] = [EntityType::Person, EntityType::Organization, EntityType::Location];
/// Corpora whose people are not annotated, or are mostly common nouns.
const WITHOUT_PEOPLE: [&str; 3] = ["annoctr", "ronec", "ronec-v1"];
/// One sentence in so many is held out where a language has no development set.
const HELD_OUT: u64 = 10;
/// Between two sentences of a document. A blank line, since where the paragraphs of a corpus ended is not known and
/// its headlines have no full stop.
const SENTENCE_BREAK: &str = "\n\n";

/// A corpus to measure names on.
#[derive(Debug)]
pub struct Set {
    /// The corpus's name of the language, such as `zh-Hant`.
    pub language: String,
    /// The corpus, such as `winer-fr`.
    pub corpus: String,
    /// Whether it is the part of a training set that is not trained on.
    pub held_out: bool,
    /// The types that are annotated: nothing can be said about names of another.
    pub types: Vec<EntityType>,
    /// In file order.
    pub documents: Vec<Passage>,
}

/// A text with the names in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Passage {
    /// As its readers saw it.
    pub text: String,
    /// Every annotated name, in order.
    pub names: Vec<Name>,
}

/// A place in a text that names something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    /// Bytes of the text.
    pub span: Span,
    /// One of [`TYPES`].
    pub kind: EntityType,
}

impl Set {
    /// `fr/winer-fr`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.language, self.corpus)
    }
}

/// The development sets below `folder`, by language and name: all of `dev`, and a tenth of `train` in the languages
/// that `dev` lacks.
pub fn development(folder: &Path) -> io::Result<Vec<Set>> {
    let dev = find_files(&folder.join("dev"))?;
    let covered: BTreeSet<String> = dev.iter().map(|file| language_of(file)).collect();
    let train = find_files(&folder.join("train"))?;
    let rest = train.into_iter().filter(|file| !covered.contains(&language_of(file)));

    let files = dev.into_iter().map(|file| (file, false)).chain(rest.map(|file| (file, true)));
    let mut sets = files.map(|(file, held_out)| set(&file, held_out)).collect::<io::Result<Vec<_>>>()?;
    sets.sort_by(|left, right| (&left.language, &left.corpus).cmp(&(&right.language, &right.corpus)));
    Ok(sets)
}

/// The training sets below `folder`, each sentence a document, without what is held out.
#[cfg(feature = "train")]
pub fn training(folder: &Path) -> io::Result<Vec<Set>> {
    let covered: BTreeSet<String> =
        find_files(&folder.join("dev"))?.iter().map(|file| language_of(file)).collect();
    let mut sets = Vec::new();
    for file in find_files(&folder.join("train"))? {
        let mut set = Set { documents: Vec::new(), ..empty_set(&file) };
        let held_out = !covered.contains(&set.language);
        let sentences = sentences(&file)?.into_iter().filter(|sentence| !(held_out && sentence.held_out));
        set.documents.extend(sentences.map(|sentence| sentence.passage));
        set.documents.iter_mut().for_each(|it| it.names.retain(|name| set.types.contains(&name.kind)));
        sets.push(set);
    }
    Ok(sets)
}

/// The plain sentences below `folder`, by language: sets that annotate no type.
#[cfg(feature = "train")]
pub fn raw(folder: &Path) -> io::Result<Vec<Set>> {
    let mut sets = Vec::new();
    for file in find_files(&folder.join("raw"))?.iter().filter(|file| has_extension(file, "txt")) {
        let text = fs::read_to_string(file).map_err(|error| about(file, error))?;
        let passage = |line: &str| Passage { text: line.to_owned(), names: Vec::new() };
        let documents = text.lines().filter(|line| !line.trim().is_empty()).map(passage).collect();
        sets.push(Set { types: Vec::new(), documents, ..empty_set(file) });
    }
    Ok(sets)
}

/// The sentences below `folder` (`dev`, `raw` and `train`), by language.
pub fn plain(folder: &Path) -> io::Result<BTreeMap<String, Vec<String>>> {
    let mut languages: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for part in ["dev", "raw", "train"] {
        for file in find_files(&folder.join(part))? {
            let texts: Vec<String> = match has_extension(&file, "txt") {
                true => fs::read_to_string(&file)?.lines().map(str::to_owned).collect(),
                false => sentences(&file)?.into_iter().map(|sentence| sentence.passage.text).collect(),
            };
            languages.entry(language_of(&file)).or_default().extend(texts);
        }
    }
    Ok(languages)
}

/// An annotated sentence of a corpus.
#[derive(Debug)]
struct Sentence {
    /// Equal in the neighbours that stand in the same document.
    document: Option<String>,
    passage: Passage,
    /// Whether it is one of the tenth. The tagger's training leaves out the same ones.
    held_out: bool,
}

/// A line of a `.jsonl`.
#[derive(Deserialize)]
struct Record {
    id: serde_json::Value,
    text: String,
    /// Start, end (in code points), label. A few begin before the text.
    spans: Vec<(i64, i64, String)>,
}

impl From<Record> for Sentence {
    fn from(record: Record) -> Sentence {
        let held_out = is_held_out(&record.text);
        let mut bytes: Vec<usize> = record.text.char_indices().map(|(byte, _)| byte).collect();
        bytes.push(record.text.len());
        let byte = |index: i64| bytes.get(usize::try_from(index).ok()?).copied();
        let name = |(start, end, label): &(i64, i64, String)| {
            Some(Name { span: Span::new(byte(*start)?, byte(*end)?), kind: kind(label)? })
        };
        let names = record.spans.iter().filter_map(name).collect();
        let document = (!record.id.is_null()).then(|| record.id.to_string());
        Sentence { document, passage: Passage { text: record.text, names }, held_out }
    }
}

/// What a label of a corpus stands for; `None` where it is no name of a type that the engine finds.
pub fn kind(label: &str) -> Option<EntityType> {
    match label {
        "PER" => Some(EntityType::Person),
        "ORG" => Some(EntityType::Organization),
        "LOC" => Some(EntityType::Location),
        _ => None,
    }
}

fn empty_set(file: &Path) -> Set {
    let corpus = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut types = TYPES.to_vec();
    types.retain(|kind| *kind != EntityType::Person || !WITHOUT_PEOPLE.contains(&corpus.as_str()));
    Set { language: language_of(file), corpus, held_out: false, types, documents: Vec::new() }
}

fn set(file: &Path, held_out: bool) -> io::Result<Set> {
    let Set { language, corpus, types, .. } = empty_set(file);
    let mut sentences = sentences(file)?;
    sentences.iter_mut().for_each(|it| it.passage.names.retain(|name| types.contains(&name.kind)));
    let documents = match held_out {
        true => {
            // What is left of a document is not one.
            sentences.retain(|sentence| sentence.held_out);
            sentences.into_iter().map(|sentence| sentence.passage).collect()
        }
        false => documents(sentences),
    };
    Ok(Set { language, corpus, held_out, types, documents })
}

/// Joins neighbours of one document.
fn documents(sentences: Vec<Sentence>) -> Vec<Passage> {
    let mut documents: Vec<Passage> = Vec::new();
    let mut current = None;
    for sentence in sentences {
        match documents.last_mut() {
            Some(document) if sentence.document.is_some() && sentence.document == current => {
                document.append(sentence.passage);
            }
            _ => documents.push(sentence.passage),
        }
        current = sentence.document;
    }
    documents
}

impl Passage {
    fn append(&mut self, next: Passage) {
        self.text.push_str(SENTENCE_BREAK);
        let shift = self.text.len();
        self.text.push_str(&next.text);
        let shifted =
            |Name { span, kind }| Name { span: Span::new(span.start + shift, span.end + shift), kind };
        self.names.extend(next.names.into_iter().map(shifted));
    }
}

fn sentences(file: &Path) -> io::Result<Vec<Sentence>> {
    let content = fs::read_to_string(file)?;
    if has_extension(file, "jsonl") {
        let record =
            |line| Ok(serde_json::from_str::<Record>(line).map_err(|it| about(file, it.into()))?.into());
        return content.lines().map(record).collect();
    }
    let sentence = |rows: &str| {
        let rows: Vec<(&str, &str)> = rows.lines().filter_map(|row| row.split_once('\t')).collect();
        let tokens: Vec<&str> = rows.iter().map(|(token, _)| *token).collect();
        Sentence { document: None, passage: tokens::join(&rows), held_out: is_held_out(&tokens.join(" ")) }
    };
    Ok(content.split("\n\n").filter(|rows| !rows.trim().is_empty()).map(sentence).collect())
}

/// By the first eight bytes of the SHA-256 of the sentence; one that is only known as tokens has a space between them.
fn is_held_out(sentence: &str) -> bool {
    let digest = Sha256::digest(sentence);
    let first = digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
    first % HELD_OUT == 0
}

/// Every file below `folder` but the `.tsv` that have a `.jsonl` beside them, by path.
fn find_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let listing = fs::read_dir(folder).map_err(|error| about(folder, error))?;
    let mut entries = listing.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    let mut files = Vec::new();
    for path in entries {
        if path.is_dir() {
            files.extend(find_files(&path)?);
        } else if !has_extension(&path, "tsv") || !path.with_extension("jsonl").exists() {
            files.push(path);
        }
    }
    Ok(files)
}

/// `raw/fr-wikipedia.txt` and `dev/fr/winer-fr.jsonl` are both `fr`.
fn language_of(file: &Path) -> String {
    let name = |path: Option<&Path>| {
        path.and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned()
    };
    if has_extension(file, "txt") {
        let name = name(Some(file));
        return name.split('-').next().unwrap_or_default().to_owned();
    }
    name(file.parent())
}

/// The same error, with the path that it is about.
fn about(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

fn has_extension(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|it| it == extension)
}

#[cfg(test)]
mod tests {
    use super::*;
    use EntityType::{Location, Person};

    /// The text of each span, and its type.
    fn names(passage: &Passage) -> Vec<(&str, EntityType)> {
        passage.names.iter().map(|name| (name.span.of(&passage.text), name.kind)).collect()
    }

    type Names<'a> = &'a [(&'a str, EntityType)];

    fn sentence(line: &str) -> Sentence {
        serde_json::from_str::<Record>(line).unwrap().into()
    }

    #[test]
    fn spans_count_code_points() {
        let cases: [(&str, &str, Names<'_>); 5] = [
            ("letters", r#"{"id":1,"text":"À Thun","spans":[[2,6,"LOC"]]}"#, &[("Thun", Location)]),
            ("beyond 16 bits", r#"{"id":1,"text":"🌊 Zoé","spans":[[2,5,"PER"]]}"#, &[("Zoé", Person)]),
            ("no type of ours", r#"{"id":1,"text":"in May","spans":[[3,6,"DATE"]]}"#, &[]),
            ("before the text", r#"{"id":1,"text":"Thun","spans":[[-1,4,"LOC"]]}"#, &[]),
            ("beyond the text", r#"{"id":1,"text":"Thun","spans":[[0,9,"LOC"]]}"#, &[]),
        ];
        for (case, line, expected) in cases {
            assert_eq!(names(&sentence(line).passage), expected, "{case}");
        }
    }

    #[test]
    fn neighbours_of_one_document_are_joined() {
        let line = |id, text| format!(r#"{{"id":{id},"text":"{text}","spans":[[0,4,"LOC"]]}}"#);
        let sentences = [
            (r#""a""#, "Thun thaws."),
            (r#""a""#, "Bern too."),
            (r#""b""#, "Chur not."),
            (r#""a""#, "Thun again."),
            ("null", "Olten."),
            ("null", "Aarau."),
        ];
        let documents = documents(sentences.map(|(id, text)| sentence(&line(id, text))).into());
        let texts: Vec<&str> = documents.iter().map(|document| document.text.as_str()).collect();
        assert_eq!(texts, ["Thun thaws.\n\nBern too.", "Chur not.", "Thun again.", "Olten.", "Aarau."]);
        assert_eq!(names(&documents[0]), [("Thun", Location), ("Bern", Location)]);
    }

    #[test]
    fn one_sentence_in_ten_is_held_out() {
        let held_out = (0..10_000).filter(|number| is_held_out(&format!("Sentence {number}."))).count();
        assert!((900..1_100).contains(&held_out), "{held_out}");
        // As Python's hashlib says: the training keeps to the same rule.
        let cases = [
            ("It rained for 4 days in Thun.", true),
            ("Il a neigé 3 jours à Thun.", true),
            ("Мост закрыт.", true),
            ("It rained for 5 days in Thun.", false),
            ("東京は雨です。", false),
        ];
        for (sentence, expected) in cases {
            assert_eq!(is_held_out(sentence), expected, "{sentence}");
        }
    }
}
