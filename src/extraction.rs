//! The record that is returned.

use std::ops::Range;
use std::sync::Arc;

use crate::document::Part;
use crate::language::DetectedLanguage;
use crate::mention::Span;
use crate::values::Value;

/// All that was found in one document.
#[derive(Clone, Debug)]
pub struct Extraction {
    /// `Document::document_id`, as given.
    pub document_id: String,
    /// The language that the document was read in.
    pub language: DetectedLanguage,
    /// By order of first mention.
    pub entities: Vec<Entity>,
    /// What the caller should know before trusting the answer.
    pub warnings: Vec<Warning>,
    /// Enough to reproduce the answer.
    pub provenance: Provenance,
}

/// One real-world thing, with every place the document names it.
#[derive(Clone, Debug)]
pub struct Entity {
    /// Unique within the extraction: `e1`, `e2`, … by order of first mention.
    pub entity_id: String,
    /// The fullest or best-known form of the name.
    pub name: String,
    /// Probability, in [0, 1], that this is an entity of this type; rounded to three decimals.
    pub confidence: f32,
    /// Share, in [0, 1], of the document's attention; sums to 1 over entities.
    pub salience: f32,
    /// At least one, in document order.
    pub mentions: Vec<Occurrence>,
    /// What it is.
    pub value: Value,
    /// `Entity::entity_id` of the organization that a person's role is held in; else empty.
    pub affiliation_entity_id: String,
}

/// A mention, placed in the document as it was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Occurrence {
    /// The words of the view, as they read.
    pub text: String,
    /// Bytes of the view that they are: where a reader who sees no markup finds them.
    pub span: Span,
    /// Where it stands.
    pub part: Part,
    /// Bytes of that part as sent, markup included.
    pub range: Range<usize>,
    /// Probability, in [0, 1], that this is a mention of this type; rounded to three decimals.
    pub confidence: f32,
    /// What found it, such as `fr/dates/day-month-year`.
    pub rule: Arc<str>,
}

/// What the caller should know before trusting the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// No pack exists for the language: only the language-neutral recognizers ran.
    LanguageUnsupported,
    /// The text does not tell its language.
    LanguageUncertain,
    /// Dates were found that need a publication time, and none was given.
    DateUnresolved,
    /// The markup was malformed and read as a browser would.
    MarkupRepaired,
}

/// Equal provenance and equal request give an equal answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// Of this crate.
    pub service_version: &'static str,
    /// SHA-256 over every language pack and catalogue compiled in.
    pub data_digest: &'static str,
    /// The trained models that were used, each by its kind and the digest of its file: `names/encoder@2f…`.
    pub models: Vec<String>,
    /// SHA-256 over the catalogue of threat actors, overlays included.
    pub catalog_digest: String,
}

impl Provenance {
    /// Of this build, without a model or a catalogue.
    pub const CURRENT: Provenance = Provenance {
        service_version: env!("CARGO_PKG_VERSION"),
        data_digest: crate::data::DATA_DIGEST,
        models: Vec::new(),
        catalog_digest: String::new(),
    };
}
