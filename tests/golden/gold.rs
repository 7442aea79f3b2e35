//! What a reader marked in an article, read from `tests/golden`.

use std::fs;
use std::path::{Path, PathBuf};

use depeche::Document;
use depeche::document::{MediaType, Part};
use depeche::values::EntityType;
use jiff::Timestamp;
use jiff::tz::Offset;
use serde::Deserialize;

/// The folder of the golden articles.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// An article and its marks.
pub struct Golden {
    pub name: String,
    pub lang: String,
    pub document: Document,
    pub marks: Vec<Mark>,
}

/// A mention, as the reader marked it or as the engine found it.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    pub place: Place,
    pub text: String,
    /// Of dates, sizes and actors, in a normal form; else empty.
    pub value: String,
    /// What is equal for all mentions of one thing: the reader's key or the engine's `entity_id`.
    pub entity: String,
    pub role: String,
    pub affiliation: String,
}

/// Part, code points into it, and type: what must be equal for two marks to be of the same mention.
pub type Place = (Part, usize, usize, EntityType);

impl Golden {
    pub fn read(name: &str) -> Golden {
        Golden::read_from(&root().join(name), name)
    }

    pub fn read_from(base: &Path, name: &str) -> Golden {
        let record = fs::read_to_string(base.with_extension("gold.json")).unwrap();
        let record: Record = serde_json::from_str(&record).unwrap_or_else(|error| panic!("{name}: {error}"));
        let html = record.mime_type == "text/html";
        let source = fs::read_to_string(base.with_extension(if html { "html" } else { "txt" })).unwrap();
        let (title, content) = if html {
            ("", source.as_str())
        } else {
            source.split_once("\n\n").expect("a title and a blank line")
        };
        let published: Timestamp = record.publish_time.parse().unwrap();
        let document = Document {
            title: title.to_owned(),
            content: content.to_owned(),
            media_type: if html { MediaType::Html } else { MediaType::Plain },
            publish_date: Some(Offset::UTC.to_datetime(published).date()),
            ..Document::default()
        };
        let of_title = record.title_entities.into_iter().map(|entry| entry.mark(Part::Title));
        let of_content = record.entities.into_iter().map(|entry| entry.mark(Part::Content));
        Golden {
            name: name.to_owned(),
            lang: record.lang,
            document,
            marks: of_title.chain(of_content).collect(),
        }
    }
}

/// The file beside an article.
#[derive(Deserialize)]
struct Record {
    lang: String,
    #[serde(default)]
    mime_type: String,
    publish_time: String,
    title_entities: Vec<Entry>,
    entities: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    start: usize,
    end: usize,
    text: String,
    r#type: String,
    value: Option<String>,
    r#mod: Option<String>,
    min_bytes: Option<f64>,
    max_bytes: Option<f64>,
    canonical: Option<String>,
    entity: Option<String>,
    #[serde(default)]
    role: String,
    #[serde(default)]
    affiliation: String,
}

impl Entry {
    fn mark(self, part: Part) -> Mark {
        let known = EntityType::ALL.into_iter().find(|&entity_type| type_name(entity_type) == self.r#type);
        let entity_type = known.unwrap_or_else(|| panic!("unknown type {:?}", self.r#type));
        let value = match entity_type {
            EntityType::Date => date_value(&self.value.unwrap(), self.r#mod.as_deref()),
            EntityType::DataSize => size_value(self.min_bytes.unwrap(), self.max_bytes),
            EntityType::ThreatActor => actor_value(&self.canonical.unwrap()),
            _ => String::new(),
        };
        let entity =
            self.entity.unwrap_or_else(|| if value.is_empty() { self.text.clone() } else { value.clone() });
        Mark {
            place: (part, self.start, self.end, entity_type),
            text: self.text,
            value,
            entity,
            role: self.role,
            affiliation: self.affiliation,
        }
    }
}

pub fn date_value(timex: &str, modifier: Option<&str>) -> String {
    [Some(timex), modifier].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

pub fn size_value(min_bytes: f64, max_bytes: Option<f64>) -> String {
    let max_bytes = max_bytes.map_or_else(String::new, |bytes| format!("{bytes:.0}"));
    format!("{min_bytes:.0}..{max_bytes}")
}

/// Sources spell one name as "Black Basta" and "BlackBasta".
pub fn actor_value(name: &str) -> String {
    name.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

pub fn type_name(entity_type: EntityType) -> &'static str {
    match entity_type {
        EntityType::Organization => "ORGANIZATION",
        EntityType::Person => "PERSON",
        EntityType::Location => "LOCATION",
        EntityType::Date => "DATE",
        EntityType::DataSize => "DATA_SIZE",
        EntityType::ThreatActor => "THREAT_ACTOR",
    }
}
