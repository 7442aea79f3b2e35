//! A line of JSON Lines: the protobuf JSON of a document. What is wrong with it is told without quoting it.

use std::fmt;

use depeche::server::proto;
use depeche::server::refusal::{Refusal, clip};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

/// Reads a line. The id comes by itself because a line that is no document may still tell its id.
pub(super) fn parse(line: &[u8]) -> (String, Result<proto::Document, Refusal>) {
    // A byte order mark begins many files, and is no JSON.
    let line = line.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(line);
    match serde_json::from_slice::<Fields>(line) {
        Ok(fields) => (fields.id(), fields.document()),
        Err(error) => (rescue_id(line), Err(Refusal::of_field("document", json_fault(&error)))),
    }
}

/// The parser's words, which say what it expected and never what it read; without its line number, which is always
/// 1 where a document is a line.
fn json_fault(error: &serde_json::Error) -> String {
    // Not of the parser but of serde, and it quotes the value.
    if error.is_data() {
        return "is not a JSON object".to_owned();
    }
    let message = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    let fault = message.strip_suffix(&position).unwrap_or(&message);
    format!("{fault} at column {}", error.column())
}

/// The id of a line that is JSON but for its encoding.
fn rescue_id(line: &[u8]) -> String {
    let fields = serde_json::from_str::<Fields>(&String::from_utf8_lossy(line));
    fields.map(|fields| fields.id()).unwrap_or_default()
}

/// The fields of a JSON object.
struct Fields {
    values: Map<String, Value>,
    /// A name that stands there twice.
    twice: Option<String>,
}

impl Fields {
    fn id(&self) -> String {
        let id = self.values.get("documentId").or_else(|| self.values.get("document_id"));
        id.and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    fn document(mut self) -> Result<proto::Document, Refusal> {
        if let Some(name) = self.twice {
            return Err(refusal(&name, "is given twice"));
        }
        // Null stands for a field's default in the protobuf JSON mapping; the generated code takes none.
        self.values.retain(|name, value| !(value.is_null() && is_field(name)));
        let fields = Value::Object(self.values);
        proto::Document::deserialize(&fields).map_err(|_| fault(&fields))
    }
}

/// Names the field that keeps `fields` from being a document. The generated code's own words quote its value.
fn fault(fields: &Value) -> Refusal {
    let alone = |name: &str, value: &Value| Value::Object(Map::from_iter([(name.to_owned(), value.clone())]));
    let refused =
        |(name, value): &(&String, &Value)| proto::Document::deserialize(alone(name, value)).is_err();
    let Some((name, value)) = fields.as_object().and_then(|fields| fields.iter().find(refused)) else {
        return Refusal::of_field("document", "a field is given under both its JSON and its proto name");
    };
    match (name.as_str(), value) {
        (name, _) if !is_field(name) => refusal(name, "is no field of a document"),
        ("publishTime" | "publish_time", Value::String(_)) => {
            refusal(name, "is not an RFC 3339 time with its offset")
        }
        ("utcOffsetMinutes" | "utc_offset_minutes", Value::String(_) | Value::Number(_)) => {
            refusal(name, "is not a 32-bit integer")
        }
        (_, value) => refusal(name, &format!("is of the wrong type: {}", type_name(value))),
    }
}

fn refusal(field: &str, description: &str) -> Refusal {
    Refusal::of_field(&format!("document.{}", clip(field)), description)
}

/// Whether a document has a field of that name: the generated code knows both names of each.
fn is_field(name: &str) -> bool {
    let field = Value::Object(Map::from_iter([(name.to_owned(), Value::Null)]));
    match proto::Document::deserialize(field) {
        Ok(_) => true,
        Err(error) => !error.to_string().starts_with("unknown field"),
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fields, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

/// Notes what serde_json's own map would pass over: a name that comes twice.
struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = Fields { values: Map::new(), twice: None };
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if fields.values.contains_key(&name) {
                fields.twice.get_or_insert(name);
            } else {
                fields.values.insert(name, value);
            }
        }
        Ok(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_the_default() {
        let line = br#"{"documentId": "a", "content": "Rain.", "title": null, "mime_type": null, "languageCode": null,
            "publishTime": null, "utcOffsetMinutes": null, "sourceUri": null}"#;
        let (id, document) = parse(line);
        assert_eq!(id, "a");
        let content = "Rain.".to_owned();
        let expected = proto::Document { document_id: id, content, ..proto::Document::default() };
        assert_eq!(document.unwrap(), expected);
        let (id, document) = parse(br#"{"documentId": null, "content": null}"#);
        assert_eq!((id, document.unwrap()), (String::new(), proto::Document::default()));
    }

    #[test]
    fn numbers_may_be_strings() {
        for minutes in ["-90", "\"-90\""] {
            let line = format!("{{\"utcOffsetMinutes\": {minutes}}}");
            assert_eq!(parse(line.as_bytes()).1.unwrap().utc_offset_minutes, -90, "{line}");
        }
    }

    #[test]
    fn bad_lines_are_told_by_place_and_field_and_never_quoted() {
        let cases: [(&[u8], &str, &str); 18] = [
            (b"Secret", "", "document: expected value at column 1"),
            (br#"{"title": "Secret""#, "", "document: EOF while parsing an object at column 18"),
            (br#"{"title": "Secret" 7}"#, "", "document: expected `,` or `}` at column 20"),
            (br#"{"title": "Secret"} 7"#, "", "document: trailing characters at column 21"),
            (
                b"{\"title\": \"Secret\t\"}",
                "",
                "document: control character (\\u0000-\\u001F) found while parsing a string at column 18",
            ),
            (
                b"{\"documentId\": \"a\", \"title\": \"Secret\xff\"}",
                "a",
                "document: invalid unicode code point at column 37",
            ),
            (br#""Secret""#, "", "document: is not a JSON object"),
            (b"null", "", "document: is not a JSON object"),
            (br#"["Secret"]"#, "", "document: is not a JSON object"),
            (br#"{"documentId": "a", "body": "Secret"}"#, "a", "document.body: is no field of a document"),
            (br#"{"body": null}"#, "", "document.body: is no field of a document"),
            (
                br#"{"document_id": "a", "content": 77}"#,
                "a",
                "document.content: is of the wrong type: number",
            ),
            (br#"{"title": ["Secret"]}"#, "", "document.title: is of the wrong type: array"),
            (
                br#"{"publishTime": "Secret"}"#,
                "",
                "document.publishTime: is not an RFC 3339 time with its offset",
            ),
            (br#"{"publishTime": {"Secret": 1}}"#, "", "document.publishTime: is of the wrong type: object"),
            (br#"{"utcOffsetMinutes": "Secret"}"#, "", "document.utcOffsetMinutes: is not a 32-bit integer"),
            (br#"{"title": "Secret", "title": null}"#, "", "document.title: is given twice"),
            (
                br#"{"mimeType": "Secret", "mime_type": "Secret"}"#,
                "",
                "document: a field is given under both its JSON and its proto name",
            ),
        ];
        for (line, id, message) in cases {
            let name = String::from_utf8_lossy(line);
            let (found, document) = parse(line);
            assert_eq!(found, id, "{name}");
            assert_eq!(document.expect_err(&name).message, message, "{name}");
        }
    }

    #[test]
    fn a_long_name_is_cut() {
        let line = format!("{{\"{}\": 1}}", "x".repeat(1_000));
        let message = parse(line.as_bytes()).1.unwrap_err().message;
        assert_eq!(message, format!("document.{}: is no field of a document", "x".repeat(64)));
    }
}
