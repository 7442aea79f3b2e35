//! The catalogue of threat actors: names, aliases, kinds, origins and external identifiers.
//!
//! Its data is one checked-in file of facts, `actors.jsonl`, which [`misp::build`] makes. The first line is its
//! [`Source`], every further one an [`Actor`], sorted by name; both are written as the structures here are, with
//! empty fields left out. Beside it stand lists of our own: `spellings.toml`, names in other scripts, and
//! `ordinary.txt`, names that mean something else in ordinary news. An [`Overlay`] of the user's comes on top.

pub mod misp;
mod names;
mod overlay;
pub mod schemes;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use names::{Inflection, Name, NameMatch, Policy, Style};
use names::{Lore, NameIndex, key};
pub use overlay::Overlay;

use crate::text::Text;

/// Where the facts of a catalogue come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Such as `MISP galaxy`.
    pub source: String,
    /// The commit that was read, where known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub commit: String,
    /// SPDX identifier of the licence that the facts are used under.
    pub licence: String,
    /// By file of the source: its version.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub versions: BTreeMap<String, u32>,
}

/// A catalogued threat actor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Actor {
    /// The best-known name.
    pub name: String,
    /// What it is, as far as the source tells.
    #[serde(default)]
    pub kind: Kind,
    /// Other names that a source gives it; claims, not identities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Of the names, those whose giver is known: giver → names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub named_by: BTreeMap<String, Vec<String>>,
    /// What the catalogue, not an article, holds of its origin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributions: Vec<Attribution>,
    /// Records elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub external_references: Vec<ExternalReference>,
    /// How many published reports the source lists: the more, the better known the actor is.
    #[serde(default)]
    pub reports: u32,
}

impl Actor {
    /// Its name and its aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.name).chain(&self.aliases).map(String::as_str)
    }
}

/// What a threat actor is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The source does not tell.
    #[default]
    Unknown,
    /// An advanced persistent threat: espionage or sabotage, most often for a state.
    Apt,
    /// Out for money.
    Crime,
    /// Out for attention to a cause.
    Hacktivist,
    /// Encrypts or steals data for ransom, under a brand.
    Ransomware,
}

impl Kind {
    fn is_unknown(&self) -> bool {
        *self == Kind::Unknown
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Kind::Unknown => "unknown",
            Kind::Apt => "apt",
            Kind::Crime => "crime",
            Kind::Hacktivist => "hacktivist",
            Kind::Ransomware => "ransomware",
        })
    }
}

/// A record elsewhere; the shape of a STIX 2.1 external reference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalReference {
    /// Such as `mitre-attack` or `misp-galaxy`.
    pub source_name: String,
    /// Such as `G0007`.
    pub external_id: String,
    /// Where it can be read; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
}

/// Who says where an actor comes from, or what it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribution {
    /// ISO 3166-1 alpha-2; empty where only the kind is said.
    pub country_code: String,
    /// Who says so.
    pub source: String,
    /// What the same source says that it is.
    #[serde(default, skip_serializing_if = "Kind::is_unknown")]
    pub kind: Kind,
}

/// Why a catalogue cannot be read or built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// A file is missing or unreadable.
    #[error("{path}: {error}")]
    Io {
        /// The file.
        path: String,
        /// What is wrong with it.
        error: std::io::Error,
    },
    /// A file does not have the shape that it should have.
    #[error("{path}, line {line}: {error}")]
    Json {
        /// The file.
        path: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong there.
        error: serde_json::Error,
    },
    /// An overlay does not say what it should.
    #[error("{path}: {field}: {message}")]
    Overlay {
        /// The file.
        path: String,
        /// Where in it, such as `actors[3].name`.
        field: String,
        /// What is wrong there.
        message: String,
    },
    /// The names are too many or too long for an automaton.
    #[error("names cannot be indexed: {0}")]
    Names(String),
}

/// Every catalogued actor, with an index over all names.
#[derive(Debug)]
pub struct Catalog {
    source: Source,
    actors: Vec<Arc<Actor>>,
    names: NameIndex,
    digest: String,
}

/// The checked-in file of facts.
const EMBEDDED: &str = include_str!("actors.jsonl");
/// By script: actor's name → how news writes it.
const SPELLINGS: &str = include_str!("spellings.toml");
/// One name a line.
const ORDINARY: &str = include_str!("ordinary.txt");

impl Catalog {
    /// The catalogue compiled in.
    pub fn embedded() -> Catalog {
        Catalog::with_overlays(&[])
            .unwrap_or_else(|error| panic!("the embedded catalogue is broken: {error}"))
    }

    /// The catalogue compiled in, with what users lay over it, one after the other.
    pub fn with_overlays(overlays: &[Overlay]) -> Result<Catalog, CatalogError> {
        let (source, mut actors) = parse(EMBEDDED)?;
        let mut lore = lore()?;
        for overlay in overlays {
            overlay.apply(&mut actors, &mut lore)?;
        }
        let contents = [EMBEDDED, SPELLINGS, ORDINARY].into_iter();
        let contents = contents.chain(overlays.iter().map(Overlay::content));
        let digest = contents.fold(Sha256::new(), |digest, content| {
            digest.chain_update(content.len().to_le_bytes()).chain_update(content)
        });
        let hex = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Catalog::made(source, actors, &lore, hex)
    }

    /// A catalogue of `actors` and nothing else.
    pub fn new(source: Source, actors: Vec<Actor>) -> Result<Catalog, CatalogError> {
        Catalog::made(source, actors, &Lore::default(), String::new())
    }

    fn made(
        source: Source,
        actors: Vec<Actor>,
        lore: &Lore,
        digest: String,
    ) -> Result<Catalog, CatalogError> {
        let mut actors: Vec<_> = actors.into_iter().map(with_claims).map(Arc::new).collect();
        actors.sort_by_cached_key(|actor| (actor.name.to_lowercase(), actor.name.clone()));
        let names = NameIndex::new(&actors, lore)?;
        Ok(Catalog { source, actors, names, digest })
    }

    /// SHA-256, in hexadecimal, over the data it was made of, overlays included; empty for one of [`Catalog::new`].
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Where its facts come from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Every actor, by name.
    pub fn actors(&self) -> &[Arc<Actor>] {
        &self.actors
    }

    /// The actors that bear a name, whatever its case and spacing, the best candidate first: whose own name it
    /// is before those who bear it as an alias, then the better known one.
    pub fn find(&self, name: &str) -> &[Arc<Actor>] {
        self.names.get(&key(name)).map_or(&[], |name| &name.actors)
    }

    /// Where the text writes a catalogued name, and not in small letters, from left to right, the longest one at
    /// each word. That is all: most of these names are ordinary words too.
    pub fn names_in<'c>(&'c self, text: &Text, inflection: &Inflection) -> Vec<NameMatch<'c>> {
        self.names.find_all(text, inflection)
    }
}

/// Reads a file of facts; see the module for its shape.
fn parse(jsonl: &str) -> Result<(Source, Vec<Actor>), CatalogError> {
    let mut lines = jsonl.lines().enumerate();
    let source = match lines.next() {
        Some((index, line)) => parse_line(index, line)?,
        None => Source::default(),
    };
    let actors = lines.map(|(index, line)| parse_line(index, line)).collect::<Result<_, _>>()?;
    Ok((source, actors))
}

fn lore() -> Result<Lore, CatalogError> {
    let toml = |error: toml::de::Error| CatalogError::Names(format!("spellings.toml: {error}"));
    let scripts: BTreeMap<String, BTreeMap<String, Vec<String>>> = toml::from_str(SPELLINGS).map_err(toml)?;
    let mut spellings: HashMap<String, Vec<String>> = HashMap::new();
    for (name, forms) in scripts.into_values().flatten() {
        spellings.entry(key(&name)).or_default().extend(forms);
    }
    let names = ORDINARY.lines().filter(|line| !line.starts_with('#'));
    let ordinary = names.map(|line| match line.split_once('\t') {
        Some((name, _)) => (key(name), true),
        None => (key(line), false),
    });
    Ok(Lore { spellings, ordinary: ordinary.collect(), policies: HashMap::new() })
}

/// The actor with what vendors' schemes say by its names.
fn with_claims(mut actor: Actor) -> Actor {
    let claims: Vec<Attribution> = actor.names().flat_map(schemes::claims).collect();
    for claim in claims {
        if !actor.attributions.contains(&claim) {
            actor.attributions.push(claim);
        }
    }
    actor
}

fn parse_line<T: for<'de> Deserialize<'de>>(index: usize, line: &str) -> Result<T, CatalogError> {
    let json = |error| CatalogError::Json { path: "catalogue".to_owned(), line: index + 1, error };
    serde_json::from_str(line).map_err(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_their_actor() {
        let catalog = Catalog::embedded();
        let cases = [
            ("storm-0978", "RomCom"),
            ("STORM 0978", "RomCom"),
            ("romcom", "RomCom"),
            ("Tropical Scorpius", "Void Rabisu"),
            ("Team Underground", "Underground"),
            ("underground", "Underground"),
            ("fancybear", "APT28"),
            ("apt 28", "APT28"),
            ("Play", "Play"),
            ("akira", "Akira"),
            ("Lazarus", "Lazarus Group"),
            ("black basta", "BlackBasta"),
        ];
        for (name, expected) in cases {
            let found = catalog.find(name).first().map(|actor| actor.name.as_str());
            assert_eq!(found, Some(expected), "{name}");
        }
        assert!(catalog.find("nobody at all").is_empty());
        assert!(catalog.find("").is_empty());
    }

    #[test]
    fn a_shared_name_keeps_all_who_bear_it() {
        let catalog = Catalog::embedded();
        let names: Vec<_> = catalog.find("Akira").iter().map(|actor| actor.name.as_str()).collect();
        assert_eq!(names, ["Akira", "Storm-1567"]);
    }

    #[test]
    fn the_embedded_catalogue_is_sorted_and_says_where_it_comes_from() {
        let catalog = Catalog::embedded();
        assert_eq!(
            (catalog.source().source.as_str(), catalog.source().licence.as_str()),
            ("MISP galaxy", "CC0-1.0")
        );
        assert!(catalog.actors().len() > 1_000);
        assert!(catalog.actors().is_sorted_by_key(|actor| (actor.name.to_lowercase(), &actor.name)));
    }

    #[test]
    fn a_broken_line_is_named() {
        let error = parse("{\"source\":\"x\",\"licence\":\"CC0-1.0\"}\n{\"name\":1}").unwrap_err();
        assert!(error.to_string().starts_with("catalogue, line 2: "), "{error}");
    }
}
