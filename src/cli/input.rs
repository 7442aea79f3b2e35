//! Documents from files and standard input, as they come: bytes first, decoded later and elsewhere.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use depeche::config::Limits;
use depeche::server::convert::MAX_DOCUMENT_ID_BYTES;
use depeche::server::proto;
use depeche::server::refusal::{Faults, Reason, Refusal};

/// What a file may hold besides its document: blank lines around a title, other fields of a line.
const ROOM: usize = 64 << 10;
/// Bytes of JSON that one byte of text takes at most: `\u0007`.
const JSON_EXPANSION: usize = 6;

/// What to read.
#[derive(Args, Debug)]
pub struct InputArgs {
    /// Files to read, in this order; none or `-` is standard input. The path is the document's id; standard input
    /// has none
    files: Vec<PathBuf>,

    /// How the input is written, where its name does not tell (.html and .htm, .jsonl and .ndjson; else text)
    #[arg(long, value_name = "FORMAT")]
    input: Option<Format>,
}

/// How an input is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Plain UTF-8; a first line that a blank line follows is the title
    Text,
    /// One page, offsets count its markup
    Html,
    /// One document a line: the protobuf JSON of `depeche.v1.Document`
    Jsonl,
}

impl InputArgs {
    /// Whether there may be more than one document, so that an answer has to tell which it is about.
    pub fn is_several(&self) -> bool {
        self.inputs().len() > 1 || self.inputs().iter().any(|input| input.format == Format::Jsonl)
    }

    /// Bytes of everything to be read; `None` where a pipe is among it.
    pub fn size(&self) -> Option<u64> {
        let size = |input: &Input| {
            let metadata = input.path.as_ref()?.metadata().ok()?;
            metadata.is_file().then_some(metadata.len())
        };
        self.inputs().iter().map(size).sum()
    }

    /// Whether a person is expected to type the input.
    pub fn is_typed(&self) -> bool {
        io::IsTerminal::is_terminal(&io::stdin()) && self.inputs().iter().any(|input| input.path.is_none())
    }

    /// Everything there is to read, each document when it is asked for.
    pub fn sources(&self, limits: &Limits) -> impl Iterator<Item = Source> + Send + use<> {
        let limits = *limits;
        self.inputs().into_iter().flat_map(move |input| input.open(&limits))
    }

    fn inputs(&self) -> Vec<Input> {
        let standard = [PathBuf::from("-")];
        let files = if self.files.is_empty() { &standard[..] } else { &self.files[..] };
        let input = |path: &PathBuf| Input {
            path: (path.as_os_str() != "-").then(|| path.clone()),
            format: self.input.unwrap_or_else(|| Format::of(path)),
        };
        files.iter().map(input).collect()
    }
}

impl Format {
    fn of(path: &Path) -> Format {
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        match extension.to_str() {
            Some("html" | "htm") => Format::Html,
            Some("jsonl" | "ndjson") => Format::Jsonl,
            _ => Format::Text,
        }
    }
}

/// A file or, without a path, standard input.
#[derive(Clone, Debug)]
struct Input {
    path: Option<PathBuf>,
    format: Format,
}

impl Input {
    fn open(self, limits: &Limits) -> Box<dyn Iterator<Item = Source> + Send> {
        let reader = match self.reader() {
            Ok(reader) => reader,
            Err(error) => return Box::new(std::iter::once(self.source(None, Err(error)))),
        };
        match self.format {
            Format::Jsonl => {
                let most = JSON_EXPANSION * limits.max_document_bytes + ROOM;
                Box::new(Lines { input: self, reader: Some(reader), number: 0, most })
            }
            Format::Text | Format::Html => {
                let most = limits.max_document_bytes + ROOM;
                Box::new(std::iter::once_with(move || self.source(None, read_all(reader, most))))
            }
        }
    }

    fn reader(&self) -> io::Result<Box<dyn BufRead + Send>> {
        Ok(match &self.path {
            Some(path) => Box::new(BufReader::new(File::open(path)?)),
            None => Box::new(BufReader::new(io::stdin())),
        })
    }

    fn source(&self, line: Option<u64>, bytes: io::Result<Body>) -> Source {
        Source { path: self.path.clone(), line, format: self.format, body: bytes }
    }
}

/// The lines of a JSON Lines input that are not empty.
struct Lines {
    input: Input,
    /// `None` after an error: what is behind it cannot be trusted to begin a line.
    reader: Option<Box<dyn BufRead + Send>>,
    number: u64,
    most: usize,
}

impl Iterator for Lines {
    type Item = Source;

    fn next(&mut self) -> Option<Source> {
        loop {
            let line = read_line(self.reader.as_mut()?, self.most);
            self.number += 1;
            let body = match line {
                Ok(body) => body?,
                Err(error) => {
                    self.reader = None;
                    return Some(self.input.source(Some(self.number), Err(error)));
                }
            };
            let blank = matches!(&body, Body::Whole(bytes) if bytes.trim_ascii().is_empty());
            if !blank {
                return Some(self.input.source(Some(self.number), Ok(body)));
            }
        }
    }
}

/// What was read.
#[derive(Debug)]
enum Body {
    Whole(Vec<u8>),
    /// Not kept, so that memory stays bounded; its size and the most that is kept.
    TooLarge {
        size: usize,
        most: usize,
    },
}

fn read_all(mut reader: impl Read, most: usize) -> io::Result<Body> {
    let mut bytes = Vec::new();
    reader.by_ref().take(most as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() <= most {
        return Ok(Body::Whole(bytes));
    }
    let rest = io::copy(&mut reader, &mut io::sink())?;
    Ok(Body::TooLarge { size: bytes.len() + rest as usize, most })
}

fn read_line(reader: &mut impl BufRead, most: usize) -> io::Result<Option<Body>> {
    let mut bytes = Vec::new();
    reader.by_ref().take(most as u64 + 1).read_until(b'\n', &mut bytes)?;
    if bytes.is_empty() {
        return Ok(None);
    }
    if bytes.len() <= most || bytes.ends_with(b"\n") {
        return Ok(Some(Body::Whole(bytes)));
    }
    let rest = reader.skip_until(b'\n')?;
    Ok(Some(Body::TooLarge { size: bytes.len() + rest, most }))
}

/// One document as it came.
#[derive(Debug)]
pub struct Source {
    path: Option<PathBuf>,
    /// Of a JSON Lines input, from 1.
    line: Option<u64>,
    format: Format,
    body: io::Result<Body>,
}

impl Source {
    /// How many bytes of the input it is.
    pub fn size(&self) -> u64 {
        match &self.body {
            Ok(Body::Whole(bytes)) => bytes.len() as u64,
            Ok(Body::TooLarge { size, .. }) => *size as u64,
            Err(_) => 0,
        }
    }

    /// Where it came from, in words: `news.jsonl line 3`.
    pub fn place(&self) -> String {
        let input = match &self.path {
            Some(path) => path.display().to_string(),
            None => "standard input".to_owned(),
        };
        self.line.map_or(input.clone(), |line| format!("{input} line {line}"))
    }

    /// Decodes it; `defaults` fill what a line leaves empty. The id comes by itself because a document that cannot
    /// be read may still tell its id.
    pub fn document(self, defaults: &proto::Document) -> (String, Result<proto::Document, Refusal>) {
        let id = self.path.as_deref().map(id_of).unwrap_or_default();
        let bytes = match self.body {
            Ok(Body::Whole(bytes)) => bytes,
            Ok(Body::TooLarge { size, most }) => return (id, Err(too_large(self.format, size, most))),
            Err(error) => {
                return (id, Err(Refusal::new(Reason::InvalidRequest, format!("cannot be read: {error}"))));
            }
        };
        match self.format {
            Format::Jsonl => parse_line(&bytes, defaults),
            Format::Text | Format::Html => (id.clone(), decode(bytes, self.format, id, defaults)),
        }
    }
}

/// The path as given; a path longer than an id may be is cut to its file name.
fn id_of(path: &Path) -> String {
    let id = path.to_string_lossy();
    if id.len() <= MAX_DOCUMENT_ID_BYTES {
        return id.into_owned();
    }
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn too_large(format: Format, size: usize, most: usize) -> Refusal {
    let (field, unit) = match format {
        Format::Jsonl => ("document", "bytes of JSON"),
        Format::Text | Format::Html => ("document.content", "bytes with blank lines"),
    };
    let mut faults = Faults::default();
    faults.limit(Reason::DocumentTooLarge, field, size, most, unit);
    faults.check(()).expect_err("only what is over the limit is not kept")
}

fn decode(
    bytes: Vec<u8>,
    format: Format,
    id: String,
    defaults: &proto::Document,
) -> Result<proto::Document, Refusal> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let position = error.utf8_error().valid_up_to();
        invalid("document.content", format!("is not UTF-8 from byte {position} on"))
    })?;
    let (title, content, mime_type) = match format {
        Format::Html => (String::new(), text, "text/html"),
        Format::Text | Format::Jsonl => {
            let (title, content) = split_title(&text);
            (title.to_owned(), content.to_owned(), "text/plain")
        }
    };
    let mime_type = mime_type.to_owned();
    Ok(proto::Document { document_id: id, title, content, mime_type, ..defaults.clone() })
}

/// The title and the content. A first line with nothing but blanks behind it is content: titles head something.
fn split_title(text: &str) -> (&str, &str) {
    let untitled = ("", text);
    let Some((title, rest)) = text.split_once('\n') else { return untitled };
    let Some((blank, content)) = rest.split_once('\n') else { return untitled };
    let titled = !title.trim().is_empty() && blank.trim().is_empty() && !content.trim().is_empty();
    if titled { (title.trim_end_matches('\r'), content) } else { untitled }
}

fn parse_line(line: &[u8], defaults: &proto::Document) -> (String, Result<proto::Document, Refusal>) {
    // A byte order mark begins many files, and is no JSON.
    let line = line.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(line);
    match serde_json::from_slice::<proto::Document>(line) {
        Ok(document) => (document.document_id.clone(), Ok(fill(document, defaults))),
        Err(error) => (rescue_id(line), Err(invalid("document", json_fault(&error)))),
    }
}

/// The parser's words without its line number, which is always 1 where a document is a line.
fn json_fault(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    match message.strip_suffix(&position) {
        Some(fault) => format!("{fault} at column {}", error.column()),
        None => message,
    }
}

/// The id of a line that is JSON but no document.
fn rescue_id(line: &[u8]) -> String {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(&String::from_utf8_lossy(line)) else {
        return String::new();
    };
    let id = value.get("documentId").or_else(|| value.get("document_id"));
    id.and_then(|id| id.as_str()).unwrap_or_default().to_owned()
}

fn fill(mut document: proto::Document, defaults: &proto::Document) -> proto::Document {
    if document.language_code.is_empty() {
        document.language_code.clone_from(&defaults.language_code);
    }
    if document.publish_time.is_none() {
        document.publish_time.clone_from(&defaults.publish_time);
        if document.utc_offset_minutes == 0 {
            document.utc_offset_minutes = defaults.utc_offset_minutes;
        }
    }
    document
}

fn invalid(field: &str, description: String) -> Refusal {
    let mut faults = Faults::default();
    faults.add(field, description);
    faults.check(()).expect_err("a fault was added")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles() {
        let cases = [
            ("a line and a blank line", "Rain\n\nIt rained.\n", ("Rain", "It rained.\n")),
            ("line ends of Windows", "Rain\r\n\r\nIt rained.\r\n", ("Rain", "It rained.\r\n")),
            ("blanks on the blank line", "Rain\n \t\nIt rained.", ("Rain", "It rained.")),
            ("only one blank line goes", "Rain\n\n\nIt rained.", ("Rain", "\nIt rained.")),
            ("no blank line", "Rain\nIt rained.\n\nAgain.", ("", "Rain\nIt rained.\n\nAgain.")),
            ("a blank line first", "\n\nIt rained.", ("", "\n\nIt rained.")),
            ("nothing behind", "It rained.\n\n\n", ("", "It rained.\n\n\n")),
            ("one line", "It rained.", ("", "It rained.")),
            ("nothing", "", ("", "")),
        ];
        for (name, text, expected) in cases {
            assert_eq!(split_title(text), expected, "{name}");
        }
    }

    #[test]
    fn formats() {
        let cases = [
            ("a.html", Format::Html),
            ("A.HTM", Format::Html),
            ("a.jsonl", Format::Jsonl),
            ("a.ndjson", Format::Jsonl),
            ("a.txt", Format::Text),
            ("html", Format::Text),
            ("a.json", Format::Text),
            ("-", Format::Text),
        ];
        for (path, expected) in cases {
            assert_eq!(Format::of(Path::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn lines_over_the_limit_are_told_and_skipped() {
        let mut reader = io::Cursor::new("1234\n123456789\n12\n12345".as_bytes());
        let sizes: Vec<_> = std::iter::from_fn(|| read_line(&mut reader, 5).unwrap())
            .map(|body| match body {
                Body::Whole(bytes) => Ok(bytes.len()),
                Body::TooLarge { size, .. } => Err(size),
            })
            .collect();
        assert_eq!(sizes, [Ok(5), Err(10), Ok(3), Ok(5)]);
    }

    #[test]
    fn files_over_the_limit_are_told() {
        assert!(matches!(read_all(&b"12345"[..], 5), Ok(Body::Whole(_))));
        assert!(matches!(read_all(&b"123456"[..], 5), Ok(Body::TooLarge { size: 6, most: 5 })));
    }

    #[test]
    fn defaults_fill_what_a_line_leaves_empty() {
        let time = |seconds| Some(pbjson_types::Timestamp { seconds, nanos: 0 });
        let defaults = proto::Document {
            language_code: "fr".into(),
            publish_time: time(7),
            utc_offset_minutes: 120,
            ..Default::default()
        };
        let cases = [
            ("all", "{}", ("fr", time(7), 120)),
            ("language", r#"{"language_code": "en"}"#, ("en", time(7), 120)),
            ("offset", r#"{"utcOffsetMinutes": 60}"#, ("fr", time(7), 60)),
            (
                "the offset belongs to the time",
                r#"{"publishTime": "1970-01-01T00:00:09Z"}"#,
                ("fr", time(9), 0),
            ),
        ];
        for (name, line, (language, time, offset)) in cases {
            let document = parse_line(line.as_bytes(), &defaults).1.unwrap();
            let filled = (&*document.language_code, document.publish_time, document.utc_offset_minutes);
            assert_eq!(filled, (language, time, offset), "{name}");
        }
    }

    #[test]
    fn bad_lines() {
        let cases: [(&str, &[u8], &str, &str); 5] = [
            ("no JSON", b"{\"content\"", "", "document: EOF while parsing an object at column 10"),
            ("not an object", b"7", "", "document: invalid type"),
            ("unknown field", br#"{"documentId": "a", "body": 1}"#, "a", "document: unknown field `body`"),
            ("wrong type", br#"{"document_id": "b", "content": 1}"#, "b", "document: invalid type"),
            (
                "bad UTF-8",
                b"{\"documentId\": \"c\", \"content\": \"\xff\"}",
                "c",
                "document: invalid unicode",
            ),
        ];
        for (name, line, id, message) in cases {
            let (found, document) = parse_line(line, &proto::Document::default());
            assert_eq!(found, id, "{name}");
            let refusal = document.expect_err(name);
            assert!(refusal.message.starts_with(message), "{name}: {}", refusal.message);
        }
    }

    #[test]
    fn a_path_longer_than_an_id_is_cut_to_its_file_name() {
        assert_eq!(id_of(Path::new("news/a.txt")), "news/a.txt");
        let long = Path::new(&"n".repeat(300)).join("a.txt");
        assert_eq!(id_of(&long), "a.txt");
    }
}
