//! Messages into what the engine is asked; all their faults at once.

use std::ops::RangeInclusive;

use jiff::{Span, civil};

use crate::config::Limits;
use crate::document::{CustomTerm, Document, MediaType, Options};
use crate::language::LanguageCode;
use crate::server::proto;
use crate::server::refusal::{Faults, Reason, Refusal, clip};
use crate::tagger::profiles::Profile;
use crate::text::offsets::OffsetEncoding;
use crate::values::EntityType;

/// The most bytes of `Document.document_id`.
pub const MAX_DOCUMENT_ID_BYTES: usize = 256;
/// Twice what the longest tag without extensions takes (RFC 5646, section 4.4.1).
const MAX_LANGUAGE_CODE_BYTES: usize = 70;
const MAX_TERM_BYTES: usize = 256;
const MAX_NAME_BYTES: usize = 256;
const MAX_UTC_OFFSET_MINUTES: i32 = 18 * 60;
/// The range of `google.protobuf.Timestamp.seconds`.
const TIMESTAMP_SECONDS: RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
const SECONDS_A_DAY: i64 = 24 * 60 * 60;

/// What a request asks of every document it holds.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// What to find.
    pub options: Options,
    /// The unit of offsets.
    pub encoding: OffsetEncoding,
    /// Whether each mention tells its rule.
    pub explain: bool,
}

/// Reads one document with its options; tells all their faults at once.
pub fn request(
    document: Option<proto::Document>,
    options: Option<proto::ExtractionOptions>,
    limits: &Limits,
) -> Result<(Document, Reading), Refusal> {
    let mut faults = Faults::default();
    let reading = read_options(options.unwrap_or_default(), limits, &mut faults);
    let document = read_document(document, "document", limits, &mut faults);
    faults.check((document, reading))
}

/// Reads options by themselves.
pub fn options(options: proto::ExtractionOptions, limits: &Limits) -> Result<Reading, Refusal> {
    let mut faults = Faults::default();
    let reading = read_options(options, limits, &mut faults);
    faults.check(reading)
}

/// Reads what a batch asks of its documents, which are read one by one; tells all faults at once.
pub fn batch(
    documents: usize,
    options: Option<proto::ExtractionOptions>,
    limits: &Limits,
) -> Result<Reading, Refusal> {
    let mut faults = Faults::default();
    if documents == 0 {
        faults.add("documents", "is required");
    }
    faults.limit(Reason::BatchTooLarge, "documents", documents, limits.max_batch_documents, "documents");
    let reading = read_options(options.unwrap_or_default(), limits, &mut faults);
    faults.check(reading)
}

/// Reads a text whose language is asked.
pub fn text(request: proto::DetectLanguageRequest, limits: &Limits) -> Result<String, Refusal> {
    let mut faults = Faults::default();
    if request.text.is_empty() {
        faults.add("text", "is required");
    }
    faults.limit(Reason::DocumentTooLarge, "text", request.text.len(), limits.max_document_bytes, "bytes");
    faults.check(request.text)
}

/// Reads one document by itself; `field` is its path from the request, such as `documents[2]`.
pub fn document(
    document: Option<proto::Document>,
    field: &str,
    limits: &Limits,
) -> Result<Document, Refusal> {
    let mut faults = Faults::default();
    let document = read_document(document, field, limits, &mut faults);
    faults.check(document)
}

/// Reads the name that threat actors are asked by.
pub fn actor_name(name: String) -> Result<String, Refusal> {
    let mut faults = Faults::default();
    faults.limit_bytes("name", &name, MAX_NAME_BYTES);
    faults.check(name)
}

/// An identifier to answer with: the one sent, or its beginning where it is longer than it may be.
pub fn echoed_id(document: &proto::Document) -> String {
    let id = &document.document_id;
    let most = id.len().min(MAX_DOCUMENT_ID_BYTES);
    let end = (0..=most).rev().find(|&end| id.is_char_boundary(end)).unwrap_or_default();
    id[..end].to_owned()
}

fn read_document(
    document: Option<proto::Document>,
    field: &str,
    limits: &Limits,
    faults: &mut Faults,
) -> Document {
    let Some(document) = document else {
        faults.add(field, "is required");
        return Document::default();
    };
    let at = |name: &str| format!("{field}.{name}");
    faults.limit_bytes(at("document_id"), &document.document_id, MAX_DOCUMENT_ID_BYTES);
    if document.content.is_empty() {
        faults.add(at("content"), "is required");
    }
    let size = document.title.len() + document.content.len();
    faults.limit(
        Reason::DocumentTooLarge,
        at("content"),
        size,
        limits.max_document_bytes,
        "bytes with the title",
    );
    let media_type = match &*document.mime_type {
        "" => MediaType::Plain,
        plain if plain.eq_ignore_ascii_case("text/plain") => MediaType::Plain,
        html if html.eq_ignore_ascii_case("text/html") => MediaType::Html,
        other => {
            faults.add(at("mime_type"), format!("{:?} is neither text/plain nor text/html", clip(other)));
            MediaType::Plain
        }
    };
    let language = read_language(&document.language_code, at("language_code"), faults);
    let publish_date = read_publish_date(&document, at, faults);
    Document {
        document_id: document.document_id,
        title: document.title,
        content: document.content,
        media_type,
        language,
        publish_date,
    }
}

fn read_language(tag: &str, field: String, faults: &mut Faults) -> Option<LanguageCode> {
    if tag.is_empty() || faults.limit_bytes(&*field, tag, MAX_LANGUAGE_CODE_BYTES) {
        return None;
    }
    let code = LanguageCode::parse(tag);
    if code.is_none() {
        faults.add(field, format!("{:?} is not a BCP-47 language tag", clip(tag)));
    }
    code
}

/// The day on the newsroom's wall calendar. Reckoned by hand: jiff's own time stamps end a day before protobuf's.
fn read_publish_date(
    document: &proto::Document,
    at: impl Fn(&str) -> String,
    faults: &mut Faults,
) -> Option<civil::Date> {
    let minutes = document.utc_offset_minutes;
    let offset_fits = minutes.unsigned_abs() <= MAX_UTC_OFFSET_MINUTES.unsigned_abs();
    if !offset_fits {
        let description = format!("{minutes}, not within {MAX_UTC_OFFSET_MINUTES} of zero");
        faults.add(at("utc_offset_minutes"), description);
    }
    let time = document.publish_time?;
    if !TIMESTAMP_SECONDS.contains(&time.seconds) || !(0..1_000_000_000).contains(&time.nanos) {
        let description = format!(
            "{} s and {} ns since 1970, not within 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z",
            time.seconds, time.nanos
        );
        faults.add(at("publish_time"), description);
        return None;
    }
    let local = time.seconds + 60 * i64::from(minutes);
    if offset_fits && !TIMESTAMP_SECONDS.contains(&local) {
        faults.add(at("utc_offset_minutes"), format!("{minutes} takes publish_time out of years 1 to 9999"));
    }
    let days = Span::new().try_days(local.div_euclid(SECONDS_A_DAY)).ok()?;
    civil::date(1970, 1, 1).checked_add(days).ok()
}

fn read_options(asked: proto::ExtractionOptions, limits: &Limits, faults: &mut Faults) -> Reading {
    let entity_types = read_types(&asked.entity_types, faults);
    let encoding = match proto::OffsetEncoding::try_from(asked.offset_encoding) {
        Ok(proto::OffsetEncoding::Unspecified | proto::OffsetEncoding::Utf8Bytes) => OffsetEncoding::Utf8,
        Ok(proto::OffsetEncoding::Utf16CodeUnits) => OffsetEncoding::Utf16,
        Ok(proto::OffsetEncoding::UnicodeCodePoints) => OffsetEncoding::Utf32,
        Err(_) => {
            faults.add("options.offset_encoding", format!("unknown number {}", asked.offset_encoding));
            OffsetEncoding::Utf8
        }
    };
    let profile = match proto::Profile::try_from(asked.profile) {
        Ok(proto::Profile::Unspecified) => None,
        Ok(proto::Profile::Fast) => Some(Profile::Fast),
        Ok(proto::Profile::Auto) => Some(Profile::Auto),
        Ok(proto::Profile::Accurate) => Some(Profile::Accurate),
        Err(_) => {
            faults.add("options.profile", format!("unknown number {}", asked.profile));
            None
        }
    };
    let min_confidence = asked.min_confidence.unwrap_or(0.0);
    if !(0.0..=1.0).contains(&min_confidence) {
        faults.add("options.min_confidence", format!("{min_confidence} is not in [0, 1]"));
    }
    let terms = asked.custom_terms.iter().map(|term| 1 + term.aliases.len()).sum::<usize>();
    let terms = terms + asked.ignored_terms.len();
    let (field, unit) = ("options.custom_terms", "names with aliases and ignored terms");
    let every_timex = asked.every_timex;
    let mut options = Options { entity_types, min_confidence, profile, every_timex, ..Options::default() };
    // Too many are not looked into: reading takes no permit, so it must be little work.
    if !faults.limit(Reason::TooManyTerms, field, terms, limits.max_custom_terms, unit) {
        let custom = asked.custom_terms.into_iter().enumerate();
        let read = |(index, term)| read_term(term, &format!("options.custom_terms[{index}]"), faults);
        options.custom_terms = custom.filter_map(read).collect();
        for (index, term) in asked.ignored_terms.iter().enumerate() {
            check_term(term, format!("options.ignored_terms[{index}]"), faults);
        }
        options.ignored_terms = asked.ignored_terms.into_iter().collect();
    }
    Reading { options, encoding, explain: asked.include_explanations }
}

fn read_types(numbers: &[i32], faults: &mut Faults) -> Vec<EntityType> {
    let most = EntityType::ALL.len();
    if numbers.len() > most {
        faults.add("options.entity_types", format!("{} types, over the limit of {most}", numbers.len()));
        return Vec::new();
    }
    let read = |(index, &number)| read_type(number, &format!("options.entity_types[{index}]"), faults);
    numbers.iter().enumerate().filter_map(read).collect()
}

fn read_term(term: proto::CustomTerm, field: &str, faults: &mut Faults) -> Option<CustomTerm> {
    check_term(&term.name, format!("{field}.name"), faults);
    for (index, alias) in term.aliases.iter().enumerate() {
        check_term(alias, format!("{field}.aliases[{index}]"), faults);
    }
    let entity_type = read_type(term.r#type, &format!("{field}.type"), faults)?;
    if matches!(entity_type, EntityType::Date | EntityType::DataSize) {
        faults.add(format!("{field}.type"), "dates and data sizes are no names");
    }
    Some(CustomTerm { entity_type, name: term.name, aliases: term.aliases })
}

/// The terms are compiled for each request, so their size is bounded as well as their number.
fn check_term(term: &str, field: String, faults: &mut Faults) {
    if term.trim().is_empty() {
        faults.add(field, "is empty");
    } else {
        faults.limit_bytes(field, term, MAX_TERM_BYTES);
    }
}

fn read_type(number: i32, field: &str, faults: &mut Faults) -> Option<EntityType> {
    let entity_type = match proto::EntityType::try_from(number) {
        Ok(proto::EntityType::Organization) => EntityType::Organization,
        Ok(proto::EntityType::Person) => EntityType::Person,
        Ok(proto::EntityType::Date) => EntityType::Date,
        Ok(proto::EntityType::DataSize) => EntityType::DataSize,
        Ok(proto::EntityType::ThreatActor) => EntityType::ThreatActor,
        Ok(proto::EntityType::Location) => EntityType::Location,
        Ok(proto::EntityType::Unspecified) => {
            faults.add(field, "is required");
            return None;
        }
        Err(_) => {
            faults.add(field, format!("unknown number {number}"));
            return None;
        }
    };
    Some(entity_type)
}
