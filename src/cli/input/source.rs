//! One document as it came, and how it becomes a message.

use std::io;
use std::path::{Path, PathBuf};

use depeche::server::convert::MAX_DOCUMENT_ID_BYTES;
use depeche::server::proto;
use depeche::server::refusal::{Reason, Refusal};

use super::{Body, Format, line};

/// One document as it came.
#[derive(Debug)]
pub struct Source {
    /// `None`: standard input.
    pub(super) path: Option<PathBuf>,
    /// Of a JSON Lines input, from 1.
    pub(super) line: Option<u64>,
    pub(super) format: Format,
    pub(super) body: io::Result<Body>,
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
            Format::Jsonl => {
                let (id, document) = line::parse(&bytes);
                (id, document.map(|document| fill(document, defaults)))
            }
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
    Refusal::of_limit(Reason::DocumentTooLarge, field, size, most, unit)
}

fn decode(
    bytes: Vec<u8>,
    format: Format,
    id: String,
    defaults: &proto::Document,
) -> Result<proto::Document, Refusal> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let position = error.utf8_error().valid_up_to();
        Refusal::of_field("document.content", format!("is not UTF-8 from byte {position} on"))
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
            let document = fill(line::parse(line.as_bytes()).1.unwrap(), &defaults);
            let filled = (&*document.language_code, document.publish_time, document.utc_offset_minutes);
            assert_eq!(filled, (language, time, offset), "{name}");
        }
    }

    #[test]
    fn a_path_longer_than_an_id_is_cut_to_its_file_name() {
        assert_eq!(id_of(Path::new("news/a.txt")), "news/a.txt");
        let long = Path::new(&"n".repeat(300)).join("a.txt");
        assert_eq!(id_of(&long), "a.txt");
    }
}
