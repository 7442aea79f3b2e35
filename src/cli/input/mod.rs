//! Documents from files and standard input, as they come: bytes first, decoded later and elsewhere.

mod line;
mod source;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use depeche::config::Limits;

pub use source::Source;

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
