//! What a user lays over the catalogue at start-up: actors, other names for them, names to leave alone. It is read
//! from our own JSON or from a STIX 2.1 bundle.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::names::{Lore, Policy, key};
use super::{Actor, Attribution, CatalogError, ExternalReference, Kind};

/// A user's additions and changes to the catalogue, in the order: actors, renames, removals, names.
///
/// ```json
/// {
///   "source": "Threat desk",
///   "actors": [{"name": "Ember Heron", "aliases": ["TD-12"], "kind": "apt", "attributions": [{"country_code": "XK"}]}],
///   "rename": {"RomCom": "Storm-0978"},
///   "remove": ["Anonymous64"],
///   "names": {"Cuba": "never", "Play": "with_cue", "Qilin": "always"}
/// }
/// ```
///
/// An actor whose name the catalogue has is added to that one. In a STIX bundle, `intrusion-set` and `threat-actor`
/// objects are actors, save revoked ones; `located-at` and `originates-from` relationships to a `location` give their
/// countries.
#[derive(Debug)]
pub struct Overlay {
    path: String,
    content: String,
    changes: Changes,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Changes {
    source: String,
    actors: Vec<NewActor>,
    rename: BTreeMap<String, String>,
    remove: Vec<String>,
    names: BTreeMap<String, Policy>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct NewActor {
    name: String,
    kind: Kind,
    aliases: Vec<String>,
    attributions: Vec<NewAttribution>,
    external_references: Vec<ExternalReference>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAttribution {
    country_code: String,
    /// Empty: the overlay's.
    #[serde(default)]
    source: String,
}

/// A user's own actors come before the catalogue's where they share a name.
const FOREMOST: u32 = u32::MAX;
/// In bytes.
const LONGEST_NAME: usize = 256;

impl Overlay {
    /// Reads a file.
    pub fn open(path: &Path) -> Result<Overlay, CatalogError> {
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(content) => Overlay::parse(&name, content),
            Err(error) => Err(CatalogError::Io { path: name, error }),
        }
    }

    /// Reads the content of the file that errors are to name.
    pub fn parse(path: &str, content: String) -> Result<Overlay, CatalogError> {
        let json = |error: serde_json::Error| CatalogError::Json {
            path: path.to_owned(),
            line: error.line(),
            error,
        };
        #[derive(Deserialize)]
        struct Outline {
            #[serde(default, rename = "type")]
            kind: String,
        }
        let changes: Changes = match serde_json::from_str::<Outline>(&content).map_err(json)?.kind.as_str() {
            "bundle" => stix(serde_json::from_str(&content).map_err(json)?),
            _ => serde_json::from_str(&content).map_err(json)?,
        };
        let overlay = Overlay { path: path.to_owned(), content, changes };
        overlay.check()?;
        Ok(overlay)
    }

    pub(super) fn content(&self) -> &str {
        &self.content
    }

    fn check(&self) -> Result<(), CatalogError> {
        let actors = self.changes.actors.iter().enumerate().flat_map(|(index, actor)| {
            let aliases = actor.aliases.iter().enumerate();
            let aliases = aliases.map(move |(at, alias)| (format!("actors[{index}].aliases[{at}]"), alias));
            std::iter::once((format!("actors[{index}].name"), &actor.name)).chain(aliases)
        });
        let renames = self.changes.rename.iter().map(|(old, new)| (format!("rename[{old:?}]"), new));
        for (field, name) in actors.chain(renames) {
            if key(name).is_empty() {
                return Err(self.error(field, "a name has at least one letter or digit"));
            }
            if name.len() > LONGEST_NAME {
                let message = format!("a name has at most {LONGEST_NAME} bytes, this one has {}", name.len());
                return Err(self.error(field, message));
            }
        }
        for (index, actor) in self.changes.actors.iter().enumerate() {
            for (at, NewAttribution { country_code, .. }) in actor.attributions.iter().enumerate() {
                if country_code.len() != 2 || !country_code.bytes().all(|byte| byte.is_ascii_uppercase()) {
                    let field = format!("actors[{index}].attributions[{at}].country_code");
                    return Err(self.error(field, format!("{country_code:?} is no ISO 3166-1 alpha-2 code")));
                }
            }
        }
        Ok(())
    }

    /// Makes the changes.
    pub(super) fn apply(&self, actors: &mut Vec<Actor>, lore: &mut Lore) -> Result<(), CatalogError> {
        let Changes { actors: new, rename, remove, names, .. } = &self.changes;
        for actor in new {
            self.add(actor, actors);
        }
        let find = |actors: &[Actor], field: String, name: &str| {
            let index = actors.iter().position(|actor| key(&actor.name) == key(name));
            index.ok_or_else(|| self.error(field, format!("no actor's name is {name:?}")))
        };
        for (old, name) in rename {
            let index = find(actors, format!("rename[{old:?}]"), old)?;
            let spellings = lore.spellings.remove(&key(old)).unwrap_or_default();
            lore.spellings.entry(key(name)).or_default().extend(spellings);
            let actor = &mut actors[index];
            actor.aliases.retain(|alias| key(alias) != key(name));
            actor.aliases.insert(0, std::mem::replace(&mut actor.name, name.clone()));
        }
        for (index, name) in remove.iter().enumerate() {
            let index = find(actors, format!("remove[{index}]"), name)?;
            actors.remove(index);
        }
        for (name, policy) in names {
            let known = actors.iter().flat_map(Actor::names).any(|known| key(known) == key(name));
            let spelled = || lore.spellings.values().flatten().any(|known| key(known) == key(name));
            if !known && !spelled() {
                return Err(self.error(format!("names[{name:?}]"), "no actor bears this name"));
            }
            lore.policies.insert(key(name), *policy);
        }
        Ok(())
    }

    fn add(&self, new: &NewActor, actors: &mut Vec<Actor>) {
        let source = if self.changes.source.is_empty() { &self.path } else { &self.changes.source };
        let attributions = new.attributions.iter().map(|attribution| Attribution {
            country_code: attribution.country_code.clone(),
            source: if attribution.source.is_empty() { source } else { &attribution.source }.clone(),
            kind: Kind::Unknown,
        });
        let known = actors.iter_mut().find(|actor| key(&actor.name) == key(&new.name));
        let actor = match known {
            Some(actor) => actor,
            None => {
                actors.push(Actor { name: new.name.clone(), ..Actor::default() });
                actors.last_mut().expect("one was pushed")
            }
        };
        let known: Vec<String> = actor.names().map(key).collect();
        actor.aliases.extend(new.aliases.iter().filter(|alias| !known.contains(&key(alias))).cloned());
        actor.attributions.extend(attributions);
        actor.external_references.extend(new.external_references.iter().cloned());
        actor.reports = FOREMOST;
        if !new.kind.is_unknown() {
            actor.kind = new.kind;
        }
    }

    fn error(&self, field: String, message: impl Into<String>) -> CatalogError {
        CatalogError::Overlay { path: self.path.clone(), field, message: message.into() }
    }
}

/// A STIX 2.1 bundle.
#[derive(Deserialize)]
struct Bundle {
    #[serde(default)]
    objects: Vec<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StixActor {
    id: String,
    name: String,
    aliases: Vec<String>,
    external_references: Vec<StixReference>,
    threat_actor_types: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StixReference {
    source_name: String,
    external_id: String,
    url: String,
}

/// The actors of a bundle. An object that is not as STIX has it is one without a name, which the check refuses.
fn stix(bundle: Bundle) -> Changes {
    let of_type = |wanted: &[&str]| {
        let wanted: Vec<String> = wanted.iter().map(|&kind| kind.to_owned()).collect();
        let revoked = |object: &&Value| object["revoked"] == Value::Bool(true);
        let objects = bundle
            .objects
            .iter()
            .filter(move |object| wanted.iter().any(|kind| object["type"].as_str() == Some(kind)));
        objects.filter(move |object| !revoked(object))
    };
    let text = |object: &Value, field: &str| object[field].as_str().unwrap_or_default().to_owned();
    let countries: BTreeMap<String, String> = of_type(&["location"])
        .map(|object| (text(object, "id"), text(object, "country").to_uppercase()))
        .collect();
    let mut origins: BTreeMap<String, Vec<NewAttribution>> = BTreeMap::new();
    for relation in of_type(&["relationship"]) {
        let tells = matches!(text(relation, "relationship_type").as_str(), "located-at" | "originates-from");
        if let Some(country_code) =
            countries.get(&text(relation, "target_ref")).filter(|code| tells && !code.is_empty())
        {
            let attribution = NewAttribution { country_code: country_code.clone(), source: String::new() };
            origins.entry(text(relation, "source_ref")).or_default().push(attribution);
        }
    }
    let actors = of_type(&["intrusion-set", "threat-actor"]).map(|object| {
        let actor: StixActor = from_value(object);
        NewActor {
            kind: kind(&actor.threat_actor_types),
            attributions: origins.remove(&actor.id).unwrap_or_default(),
            aliases: actor.aliases.into_iter().filter(|alias| key(alias) != key(&actor.name)).collect(),
            name: actor.name,
            external_references: actor.external_references.into_iter().map(reference).collect(),
        }
    });
    Changes { actors: actors.collect(), ..Changes::default() }
}

fn from_value<T: DeserializeOwned + Default>(object: &Value) -> T {
    serde_json::from_value(object.clone()).unwrap_or_default()
}

fn reference(reference: StixReference) -> ExternalReference {
    let StixReference { source_name, external_id, url } = reference;
    ExternalReference { source_name, external_id, url }
}

/// By the vocabulary `threat-actor-type-ov`.
fn kind(types: &[String]) -> Kind {
    let is = |wanted: &[&str]| types.iter().any(|kind| wanted.contains(&kind.as_str()));
    if is(&["nation-state", "spy"]) {
        Kind::Apt
    } else if is(&["crime-syndicate", "criminal"]) {
        Kind::Crime
    } else if is(&["activist"]) {
        Kind::Hacktivist
    } else {
        Kind::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    fn laid(content: &str) -> Result<Catalog, CatalogError> {
        Catalog::with_overlays(&[Overlay::parse("own.json", content.to_owned())?])
    }

    fn best(catalog: &Catalog, name: &str) -> String {
        catalog.find(name).first().map_or(String::new(), |actor| actor.name.clone())
    }

    #[test]
    fn actors_are_added_renamed_and_removed() {
        let content = r#"{
            "source": "Threat desk",
            "actors": [
                {"name": "Ember Heron", "aliases": ["TD-12", "Akira"], "kind": "apt", "attributions": [{"country_code": "PT"}]},
                {"name": "lockbit", "aliases": ["Lock Nine"]}
            ],
            "rename": {"RomCom": "Storm-0978"},
            "remove": ["Anonymous64"]
        }"#;
        let catalog = laid(content).unwrap();
        let cases = [
            ("ember heron", "Ember Heron"),
            ("TD 12", "Ember Heron"),
            ("Lock Nine", "LockBit"),
            ("RomCom", "Storm-0978"),
            ("Storm-0978", "Storm-0978"),
            ("Anonymous64", ""),
            // Whose own name it is comes before who bears it as an alias.
            ("Akira", "Akira"),
        ];
        for (name, expected) in cases {
            assert_eq!(best(&catalog, name), expected, "{name}");
        }
        let heron = &catalog.find("Ember Heron")[0];
        assert_eq!(heron.kind, Kind::Apt);
        assert_eq!(heron.attributions[0].source, "Threat desk");
        assert_ne!(catalog.digest(), Catalog::embedded().digest());
    }

    #[test]
    fn a_stix_bundle_is_read() {
        let content = r#"{"type": "bundle", "id": "bundle--1", "objects": [
            {"type": "intrusion-set", "id": "intrusion-set--1", "name": "Ember Heron", "aliases": ["Ember Heron", "TD-12"],
             "external_references": [{"source_name": "mitre-attack", "external_id": "G9999"}]},
            {"type": "threat-actor", "id": "threat-actor--1", "name": "Glass Otter", "threat_actor_types": ["activist"]},
            {"type": "threat-actor", "id": "threat-actor--2", "name": "Gone Otter", "revoked": true},
            {"type": "location", "id": "location--1", "country": "PT"},
            {"type": "relationship", "id": "relationship--1", "relationship_type": "originates-from",
             "source_ref": "intrusion-set--1", "target_ref": "location--1"},
            {"type": "malware", "id": "malware--1", "name": "Otterware", "is_family": true}
        ]}"#;
        let catalog = laid(content).unwrap();
        let heron = &catalog.find("TD-12")[0];
        assert_eq!((heron.name.as_str(), heron.aliases.len()), ("Ember Heron", 1));
        assert_eq!(heron.external_references[0].external_id, "G9999");
        assert_eq!(heron.attributions[0].country_code, "PT");
        assert_eq!(catalog.find("Glass Otter")[0].kind, Kind::Hacktivist);
        assert!(catalog.find("Gone Otter").is_empty() && catalog.find("Otterware").is_empty());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let long = format!(r#"{{"actors": [{{"name": "A", "aliases": ["{}"]}}]}}"#, "x".repeat(257));
        let cases = [
            (
                r#"{"actors": [{"name": " - "}]}"#,
                "own.json: actors[0].name: a name has at least one letter or digit",
            ),
            (long.as_str(), "own.json: actors[0].aliases[0]: a name has at most 256 bytes, this one has 257"),
            (
                r#"{"rename": {"Nobody At All": "X"}}"#,
                r#"own.json: rename["Nobody At All"]: no actor's name is "Nobody At All""#,
            ),
            (
                r#"{"remove": ["Nobody At All"]}"#,
                r#"own.json: remove[0]: no actor's name is "Nobody At All""#,
            ),
            (
                r#"{"names": {"Nobody At All": "never"}}"#,
                r#"own.json: names["Nobody At All"]: no actor bears this name"#,
            ),
            (
                r#"{"actors": [{"name": "A", "attributions": [{"country_code": "Portugal"}]}]}"#,
                r#"own.json: actors[0].attributions[0].country_code: "Portugal" is no ISO 3166-1 alpha-2 code"#,
            ),
            ("{\n\"names\": {\"Play\": \"sometimes\"}}", "own.json, line 2: unknown variant"),
            ("{\"actor\": []}", "own.json, line 1: unknown field"),
            ("", "own.json, line 1: EOF"),
        ];
        for (content, expected) in cases {
            let error = laid(content).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
