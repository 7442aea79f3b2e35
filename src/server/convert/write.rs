//! What the engine answers into messages.

use super::Reading;
use crate::catalog;
use crate::document::{Document, Part};
use crate::extraction::{self, Extraction, Warning};
use crate::language::DetectedLanguage;
use crate::server::proto::{self, date_value, entity, warning};
use crate::text::offsets::{OffsetEncoding, Offsets};
use crate::values::{Date, DateKind, EntityType, Granularity, Modifier, ThreatActor, Value};

/// Writes an extraction of `document` as `reading` asks for it.
pub fn extraction(extraction: Extraction, document: &Document, reading: &Reading) -> proto::Extraction {
    let writer = Writer {
        document,
        title: Offsets::new(&document.title, reading.encoding),
        content: Offsets::new(&document.content, reading.encoding),
        explain: reading.explain,
    };
    proto::Extraction {
        document_id: extraction.document_id,
        language: Some(language(extraction.language)),
        entities: extraction.entities.into_iter().map(|entity| writer.entity(entity)).collect(),
        offset_encoding: match reading.encoding {
            OffsetEncoding::Utf8 => proto::OffsetEncoding::Utf8Bytes,
            OffsetEncoding::Utf16 => proto::OffsetEncoding::Utf16CodeUnits,
            OffsetEncoding::Utf32 => proto::OffsetEncoding::UnicodeCodePoints,
        } as i32,
        warnings: extraction.warnings.into_iter().map(warning).collect(),
        provenance: Some(provenance(extraction.provenance)),
    }
}

/// Writes a detected language.
pub fn language(language: DetectedLanguage) -> proto::DetectedLanguage {
    proto::DetectedLanguage {
        language_code: language.code.as_str().to_owned(),
        confidence: language.confidence,
        reliable: language.reliable,
        supported: language.supported,
    }
}

/// Writes a provenance.
pub fn provenance(provenance: extraction::Provenance) -> proto::Provenance {
    proto::Provenance {
        service_version: provenance.service_version.to_owned(),
        data_digest: provenance.data_digest.to_owned(),
        catalog_digest: provenance.catalog_digest,
        models: provenance.models,
    }
}

/// Writes a type.
pub fn entity_type(entity_type: EntityType) -> proto::EntityType {
    match entity_type {
        EntityType::Organization => proto::EntityType::Organization,
        EntityType::Person => proto::EntityType::Person,
        EntityType::Date => proto::EntityType::Date,
        EntityType::DataSize => proto::EntityType::DataSize,
        EntityType::ThreatActor => proto::EntityType::ThreatActor,
        EntityType::Location => proto::EntityType::Location,
    }
}

/// Writes what the catalogue holds of an actor.
pub fn actor(actor: &catalog::Actor) -> proto::ThreatActor {
    let reference = |reference: &catalog::ExternalReference| proto::ExternalReference {
        source_name: reference.source_name.clone(),
        external_id: reference.external_id.clone(),
        url: reference.url.clone(),
    };
    proto::ThreatActor {
        aliases: actor.aliases.clone(),
        external_references: actor.external_references.iter().map(reference).collect(),
        attributions: actor.attributions.iter().map(attribution).collect(),
        kind: kind(actor.kind) as i32,
        catalogued: true,
        other_candidates: Vec::new(),
    }
}

/// Writes a threat actor as it was found.
fn threat_actor(found: &ThreatActor) -> proto::ThreatActor {
    let known = match &found.actor {
        Some(known) => actor(known),
        None => proto::ThreatActor {
            attributions: found.claims.iter().map(attribution).collect(),
            kind: kind(found.kind()) as i32,
            ..proto::ThreatActor::default()
        },
    };
    let other_candidates = found.other_candidates.iter().map(|other| other.name.clone()).collect();
    proto::ThreatActor { other_candidates, ..known }
}

fn attribution(attribution: &catalog::Attribution) -> proto::Attribution {
    proto::Attribution {
        country_code: attribution.country_code.clone(),
        source: attribution.source.clone(),
        kind: kind(attribution.kind) as i32,
    }
}

fn kind(kind: catalog::Kind) -> proto::threat_actor::Kind {
    match kind {
        catalog::Kind::Unknown => proto::threat_actor::Kind::Unspecified,
        catalog::Kind::Apt => proto::threat_actor::Kind::Apt,
        catalog::Kind::Crime => proto::threat_actor::Kind::Crime,
        catalog::Kind::Hacktivist => proto::threat_actor::Kind::Hacktivist,
        catalog::Kind::Ransomware => proto::threat_actor::Kind::Ransomware,
    }
}

/// Writes a warning.
pub fn warning(warning: Warning) -> proto::Warning {
    let (code, message) = match warning {
        Warning::LanguageUnsupported => {
            let message = "no language pack: only what reads the same in any language was looked for";
            (warning::Code::LanguageUnsupported, message)
        }
        Warning::LanguageUncertain => {
            (warning::Code::LanguageUncertain, "the text does not tell its language")
        }
        Warning::DateUnresolved => {
            (warning::Code::DateUnresolved, "relative dates are unresolved: publish_time is not set")
        }
        Warning::MarkupRepaired => {
            (warning::Code::MarkupRepaired, "malformed markup was read as a browser would")
        }
    };
    proto::Warning { code: code as i32, message: message.to_owned() }
}

/// Writes entities of one document.
struct Writer<'a> {
    document: &'a Document,
    title: Offsets,
    content: Offsets,
    explain: bool,
}

impl Writer<'_> {
    fn entity(&self, entity: extraction::Entity) -> proto::Entity {
        proto::Entity {
            entity_id: entity.entity_id,
            r#type: entity_type(entity.value.entity_type()) as i32,
            name: entity.name,
            confidence: entity.confidence,
            salience: entity.salience,
            mentions: entity.mentions.into_iter().map(|mention| self.mention(mention)).collect(),
            value: Some(value(entity.value, entity.affiliation_entity_id)),
        }
    }

    fn mention(&self, mention: extraction::Occurrence) -> proto::Mention {
        let (offsets, text, part) = match mention.part {
            Part::Title => (&self.title, &self.document.title, proto::DocumentPart::Title),
            Part::Content => (&self.content, &self.document.content, proto::DocumentPart::Content),
        };
        let position =
            |byte| i32::try_from(offsets.convert(text, byte)).expect("documents are limited below 2 GiB");
        proto::Mention {
            text: mention.text,
            part: part as i32,
            start_offset: position(mention.range.start),
            end_offset: position(mention.range.end),
            confidence: mention.confidence,
            explanation: if self.explain { mention.rule.to_string() } else { String::new() },
        }
    }
}

fn value(value: Value, affiliation_entity_id: String) -> entity::Value {
    match value {
        Value::Organization(organization) => entity::Value::Organization(proto::Organization {
            country_code: organization.country_code,
            acronym: organization.acronym,
            external_references: Vec::new(),
        }),
        Value::Person(person) => entity::Value::Person(proto::Person {
            given_name: person.given_name,
            family_name: person.family_name,
            honorific: person.honorific,
            role: person.role,
            affiliation_entity_id,
        }),
        Value::Location(location) => entity::Value::Location(proto::Location {
            country_code: location.country_code,
            external_references: Vec::new(),
        }),
        Value::Date(value) => entity::Value::Date(date(value)),
        Value::DataSize(size) => entity::Value::DataSize(proto::DataSize {
            min_bytes: size.min_bytes,
            max_bytes: size.max_bytes,
            unit: size.unit,
            approximate: size.approximate,
            base_ambiguous: size.base_ambiguous,
        }),
        Value::ThreatActor(found) => entity::Value::ThreatActor(threat_actor(&found)),
    }
}

fn date(date: Date) -> proto::DateValue {
    let day = |day: Option<jiff::civil::Date>| day.map_or_else(String::new, |day| day.to_string());
    proto::DateValue {
        kind: match date.kind {
            DateKind::Calendar => date_value::Kind::Calendar,
            DateKind::Duration => date_value::Kind::Duration,
            DateKind::Set => date_value::Kind::Set,
        } as i32,
        start_date: day(date.start),
        end_date: day(date.end),
        granularity: match date.granularity {
            None => date_value::Granularity::Unspecified,
            Some(Granularity::Day) => date_value::Granularity::Day,
            Some(Granularity::Week) => date_value::Granularity::Week,
            Some(Granularity::Month) => date_value::Granularity::Month,
            Some(Granularity::Quarter) => date_value::Granularity::Quarter,
            Some(Granularity::Year) => date_value::Granularity::Year,
            Some(Granularity::Decade) => date_value::Granularity::Decade,
        } as i32,
        timex: date.timex,
        modifier: date.modifier.map_or("", Modifier::name).to_owned(),
        relative: date.relative,
        approximate: date.modifier == Some(Modifier::Approx),
        alternative_timexes: date.alternative_timexes,
    }
}
