//! Typed values of mentions and entities, and their normal forms.

mod date;
mod size;

use std::sync::Arc;

pub use date::{Date, DateKind, Granularity, Modifier};
pub use size::DataSize;

use crate::catalog::{Actor, Attribution, Kind};
use crate::mention::Span;

/// What kinds of thing are found. The order is that of precedence between equal spans: the rarer the rules
/// for a type fire, the more they are to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntityType {
    /// An APT group, a ransomware gang, a hacktivist group.
    ThreatActor,
    /// An amount of data.
    DataSize,
    /// A calendar interval, a duration or a recurring set.
    Date,
    /// A human being.
    Person,
    /// A country, a region, a city, a natural feature.
    Location,
    /// A company, an institution, a party, a team, a medium.
    Organization,
}

impl EntityType {
    /// Those that a trained tagger tells.
    pub const NAMES: [EntityType; 3] = [EntityType::Person, EntityType::Location, EntityType::Organization];

    /// Every type, by precedence.
    pub const ALL: [EntityType; 6] = [
        EntityType::ThreatActor,
        EntityType::DataSize,
        EntityType::Date,
        EntityType::Person,
        EntityType::Location,
        EntityType::Organization,
    ];
}

/// What a mention or an entity stands for.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// See [`EntityType::Organization`].
    Organization(Organization),
    /// See [`EntityType::Person`].
    Person(Person),
    /// See [`EntityType::Location`].
    Location(Location),
    /// See [`EntityType::Date`].
    Date(Date),
    /// See [`EntityType::DataSize`].
    DataSize(DataSize),
    /// See [`EntityType::ThreatActor`].
    ThreatActor(ThreatActor),
}

impl Value {
    /// The type of the thing.
    pub fn entity_type(&self) -> EntityType {
        match self {
            Value::Organization(_) => EntityType::Organization,
            Value::Person(_) => EntityType::Person,
            Value::Location(_) => EntityType::Location,
            Value::Date(_) => EntityType::Date,
            Value::DataSize(_) => EntityType::DataSize,
            Value::ThreatActor(_) => EntityType::ThreatActor,
        }
    }
}

/// A company, an institution, a party, a team, a medium.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Organization {
    /// ISO 3166-1 alpha-2, where a gazetteer tells; else empty.
    pub country_code: String,
    /// The acronym that the text gives in brackets; else empty.
    pub acronym: String,
}

/// A human being.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Person {
    /// As far as the name tells; else empty.
    pub given_name: String,
    /// As far as the name tells; else empty.
    pub family_name: String,
    /// `Dr`, `Mme`; outside the mention's span.
    pub honorific: String,
    /// In the document's words, such as `directeur général`.
    pub role: String,
    /// Where the text names the organization that the role is held in.
    pub affiliation: Option<Span>,
}

/// A country, a region, a city, a natural feature.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Location {
    /// ISO 3166-1 alpha-2 of the country that it is or lies in; empty where unknown.
    pub country_code: String,
}

/// Someone behind attacks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ThreatActor {
    /// The best candidate of the catalogue; `None`: not catalogued.
    pub actor: Option<Arc<Actor>>,
    /// Other catalogued actors that bear the name mentioned.
    pub other_candidates: Vec<Arc<Actor>>,
    /// What a vendor's scheme says by the name of one that is not catalogued.
    pub claims: Vec<Attribution>,
}

impl ThreatActor {
    /// What it is: as the catalogue has it, else as the scheme of its name does.
    pub fn kind(&self) -> Kind {
        let claimed = || self.claims.first().map_or(Kind::Unknown, |claim| claim.kind);
        self.actor.as_ref().map_or_else(claimed, |actor| actor.kind)
    }
}
