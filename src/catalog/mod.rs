//! The catalogue of threat actors: names, aliases, kinds, origins and external identifiers.

use std::sync::Arc;

/// A catalogued threat actor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Actor {
    /// The best-known name.
    pub name: String,
    /// Other names that a source gives it; claims, not identities.
    pub aliases: Vec<String>,
    /// Records elsewhere.
    pub external_references: Vec<ExternalReference>,
    /// What the catalogue, not an article, holds of its origin.
    pub attributions: Vec<Attribution>,
}

/// A record elsewhere; the shape of a STIX 2.1 external reference.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExternalReference {
    /// Such as `mitre-attack` or `misp-galaxy`.
    pub source_name: String,
    /// Such as `G0007`.
    pub external_id: String,
    /// Where it can be read; may be empty.
    pub url: String,
}

/// Who says where an actor comes from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attribution {
    /// ISO 3166-1 alpha-2.
    pub country_code: String,
    /// Who says so.
    pub source: String,
}

/// Every catalogued actor.
#[derive(Debug, Default)]
pub struct Catalog {
    actors: Vec<Arc<Actor>>,
}

impl Catalog {
    /// The catalogue compiled in.
    pub fn embedded() -> Catalog {
        Catalog::default()
    }

    /// Every actor, by name.
    pub fn actors(&self) -> &[Arc<Actor>] {
        &self.actors
    }
}
