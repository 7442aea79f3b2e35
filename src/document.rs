//! What is asked: a document, and how to read it.

use jiff::civil::Date;

use crate::language::LanguageCode;
use crate::recognizers::custom::{CustomTerms, IgnoredTerms};
use crate::tagger::profiles::Profile;
use crate::values::EntityType;

/// An article, as the caller holds it.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// The caller's own name for the document, echoed back.
    pub document_id: String,
    /// The headline; may be empty.
    pub title: String,
    /// The body.
    pub content: String,
    /// How `title` and `content` are written.
    pub media_type: MediaType,
    /// The language, where the caller knows it.
    pub language: Option<LanguageCode>,
    /// The day of publication on the newsroom's wall calendar: the anchor of relative dates.
    pub publish_date: Option<Date>,
}

impl Document {
    /// A plain-text document with a body only.
    pub fn new(content: impl Into<String>) -> Document {
        Document { content: content.into(), ..Document::default() }
    }

    /// Bytes of title and content.
    pub fn size(&self) -> usize {
        self.title.len() + self.content.len()
    }
}

/// How a document's text is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MediaType {
    /// `text/plain`.
    #[default]
    Plain,
    /// `text/html`.
    Html,
}

/// The part of a document that a mention stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// `Document::title`.
    Title,
    /// `Document::content`.
    Content,
}

/// What the caller wants to see.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The types to report; empty: all.
    pub entity_types: Vec<EntityType>,
    /// Entities below this confidence, in [0, 1], are dropped.
    pub min_confidence: f32,
    /// Which models read names; without it, the engine's own choice.
    pub profile: Option<Profile>,
    /// Whether dates are all that TIMEX3 annotates: also times of day without a date, seconds and minutes, and words
    /// such as "now" that point at no date of the calendar (`PRESENT_REF`, `PAST_REF`, `FUTURE_REF`).
    pub every_timex: bool,
    /// Names to find besides the built-in ones; compiled once for all documents read with these options.
    pub custom_terms: CustomTerms,
    /// Names never to report, whatever their case.
    pub ignored_terms: IgnoredTerms,
}

/// A name that the caller adds to one request.
#[derive(Clone, Debug)]
pub struct CustomTerm {
    /// The type to report it as; dates and data sizes cannot be custom.
    pub entity_type: EntityType,
    /// The name to report.
    pub name: String,
    /// Other spellings that stand for it.
    pub aliases: Vec<String>,
}
