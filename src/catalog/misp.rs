//! Makes the catalogue's file of facts from the MISP galaxy: names, aliases, kinds, origins, identifiers; no
//! descriptions, no addresses of leak sites.
//!
//! Every cluster of `threat-actor.json` is an actor; of `ransomware.json` only those with the address of a leak
//! site are gangs, not mere malware. Clusters of one and the same name are one actor. Nothing else is joined:
//! an alias is a claim, so two actors may share one, and neither becomes the other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::names::{GENERIC, key};
use super::{Actor, Attribution, CatalogError, ExternalReference, Kind, Source};

/// The licence, of the two that the galaxy offers, that its facts are used under.
const LICENCE: &str = "CC0-1.0";
const SOURCE: &str = "MISP galaxy";

/// Who gives names, by the galaxy's identifier of the producer; those who gave several.
const PRODUCERS: &[(&str, &str)] = &[
    ("0adf6f0f-3795-4de1-9763-1bdd1c31a5d7", "Cisco Talos"),
    ("0d4886f9-97e1-4cb2-8822-580fd09540e5", "Kaspersky"),
    ("3a43aca5-6366-4168-b182-a8afec4550b5", "ESET"),
    ("3ac8f6fc-9c04-4ebd-bda2-788cc02fe4ed", "Trend Micro"),
    ("598308b3-5475-48c6-9a2c-676fe1d2c6fb", "Google"),
    ("a7119872-bc6b-494b-9f7a-8c50faaf53a9", "Secureworks"),
    ("ad7032df-0e9a-4ea9-b35c-c68ff854be80", "Recorded Future"),
    ("cae79680-67a6-4411-903c-f824dbcc813f", "Proofpoint"),
    ("d0c33595-b684-45ef-91c3-e2f5ce1a8191", "Microsoft"),
    ("da5cdcd1-7b15-4371-b7eb-ca32916d2052", "Mandiant"),
    ("e583434b-7fb8-42c8-90ce-89aa8ed35f0c", "Symantec"),
    ("e9491d3b-2174-47d6-8a15-ecec552d16ae", "Unit 42"),
    ("f9eb432f-2293-48b7-bca4-cc78beb50df0", "CrowdStrike"),
];

/// Reads a checkout of the galaxy (or a folder with its two files, whatever they are prefixed with) and writes
/// the catalogue: the same bytes for the same files.
pub fn build(folder: &Path, commit: &str) -> Result<String, CatalogError> {
    let groups: Galaxy = read(folder, "threat-actor.json")?;
    let brands: Galaxy = read(folder, "ransomware.json")?;
    let versions = [("ransomware", brands.version), ("threat-actor", groups.version)];
    let source = Source {
        source: SOURCE.to_owned(),
        commit: commit.to_owned(),
        licence: LICENCE.to_owned(),
        versions: versions.map(|(file, version)| (file.to_owned(), version)).into(),
    };

    let mut actors: BTreeMap<String, Actor> = BTreeMap::new();
    let gangs = brands.values.iter().filter(|cluster| !cluster.meta.links.is_empty()).filter_map(gang);
    for actor in groups.values.iter().filter_map(group).chain(gangs) {
        let key = key(bare(&actor.name).unwrap_or(&actor.name));
        match actors.get_mut(&key) {
            Some(known) => merge(known, actor),
            None => {
                actors.insert(key, actor);
            }
        }
    }
    let mut actors: Vec<Actor> = actors.into_values().collect();
    actors.iter_mut().for_each(tidy_aliases);
    actors.sort_by_cached_key(|actor| (actor.name.to_lowercase(), actor.name.clone()));

    let lines = std::iter::once(to_line(&source)).chain(actors.iter().map(to_line));
    Ok(lines.collect())
}

fn to_line(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("strings and numbers can be written as JSON") + "\n"
}

#[derive(Deserialize)]
struct Galaxy {
    version: u32,
    values: Vec<Cluster>,
}

#[derive(Deserialize)]
struct Cluster {
    value: String,
    uuid: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    meta: Meta,
}

#[derive(Default, Deserialize)]
struct Meta {
    #[serde(default)]
    synonyms: Vec<String>,
    #[serde(default)]
    refs: Vec<String>,
    #[serde(default)]
    links: Vec<String>,
    #[serde(default)]
    country: String,
    /// `name:producer`.
    #[serde(default, rename = "name-attribution")]
    name_attribution: Vec<String>,
    #[serde(default, rename = "cfr-type-of-incident")]
    incident: OneOrMany,
    #[serde(default)]
    motive: OneOrMany,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl Default for OneOrMany {
    fn default() -> OneOrMany {
        OneOrMany::Many(Vec::new())
    }
}

impl OneOrMany {
    fn joined(&self) -> String {
        match self {
            OneOrMany::One(value) => value.clone(),
            OneOrMany::Many(values) => values.join(" "),
        }
    }
}

/// Reads `clusters/<file>`, or the first file of `folder` by name that ends in `file`.
fn read<T: DeserializeOwned>(folder: &Path, file: &str) -> Result<T, CatalogError> {
    let clusters = folder.join("clusters");
    let folder = if clusters.is_dir() { &clusters } else { folder };
    let io = |path: &Path| {
        let path = path.display().to_string();
        move |error| CatalogError::Io { path, error }
    };
    let exact = folder.join(file);
    let prefixed = || -> Result<_, CatalogError> {
        let entries = std::fs::read_dir(folder).map_err(io(folder))?;
        let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(file)));
        Ok(paths.into_iter().min())
    };
    let path = if exact.is_file() { exact } else { prefixed()?.unwrap_or(exact) };
    let content = std::fs::read_to_string(&path).map_err(io(&path))?;
    serde_json::from_str(&content).map_err(|error| CatalogError::Json {
        path: path.display().to_string(),
        line: error.line(),
        error,
    })
}

/// A cluster of `threat-actor.json`.
fn group(cluster: &Cluster) -> Option<Actor> {
    let mut actor = actor(cluster, "threat-actor", tidy(&cluster.value)?);
    actor.kind = kind(cluster);
    Some(actor)
}

/// A cluster of `ransomware.json`, which writes most names in small letters and adds what they are.
fn gang(cluster: &Cluster) -> Option<Actor> {
    let full = capitalize(&tidy(&cluster.value)?);
    let mut actor = actor(cluster, "ransomware", bare(&full).unwrap_or(&full).to_owned());
    actor.kind = Kind::Ransomware;
    actor.aliases.insert(0, full);
    Some(actor)
}

fn actor(cluster: &Cluster, galaxy: &str, name: String) -> Actor {
    let meta = &cluster.meta;
    let mut actor = Actor { name, reports: meta.refs.len() as u32, ..Actor::default() };
    actor.external_references.push(ExternalReference {
        source_name: "misp-galaxy".to_owned(),
        external_id: cluster.uuid.clone(),
        url: format!("https://www.misp-galaxy.org/{galaxy}/"),
    });
    let mut attack: BTreeSet<&str> = meta.refs.iter().filter_map(|url| attack_id_of_url(url)).collect();
    for synonym in &meta.synonyms {
        match synonym.as_str() {
            id if is_attack_id(id) => {
                attack.insert(id);
            }
            name => actor.aliases.extend(tidy(name)),
        }
    }
    actor.external_references.extend(attack.into_iter().map(|id| ExternalReference {
        source_name: "mitre-attack".to_owned(),
        external_id: id.to_owned(),
        url: format!("https://attack.mitre.org/groups/{id}/"),
    }));
    if meta.country.len() == 2 {
        let country_code = meta.country.to_ascii_uppercase();
        let source = SOURCE.to_owned();
        actor.attributions.push(Attribution { country_code, source, kind: Kind::Unknown });
    }
    for claim in &meta.name_attribution {
        let Some((name, producer)) = claim.rsplit_once(':') else { continue };
        let Some((_, giver)) = PRODUCERS.iter().find(|(id, _)| *id == producer) else { continue };
        actor.named_by.entry((*giver).to_owned()).or_default().extend(tidy(name));
    }
    actor
}

fn attack_id_of_url(url: &str) -> Option<&str> {
    let (_, path) = url.split_once("attack.mitre.org/")?;
    path.split('/').find(|part| is_attack_id(part))
}

fn is_attack_id(text: &str) -> bool {
    text.strip_prefix('G')
        .is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What tells the kind of an actor, the surest first: what it did, by the galaxy's own fields; the scheme that
/// its name follows; words of its description.
fn kind(cluster: &Cluster) -> Kind {
    let did = format!("{} {}", cluster.meta.incident.joined(), cluster.meta.motive.joined());
    let described = cluster.description.to_lowercase();
    let has = |text: &str, words: &[&str]| words.iter().any(|word| text.contains(word));
    let named = |schemes: &[&str]| {
        let names = std::iter::once(&cluster.value).chain(&cluster.meta.synonyms);
        names.map(|name| name.to_lowercase()).any(|name| has(&name, schemes))
    };
    if has(&did, &["Hacktivist", "Denial of service", "Defacement"]) {
        Kind::Hacktivist
    } else if has(&did, &["Espionage", "Sabotage", "Information Operations"]) {
        Kind::Apt
    } else if has(&did, &["Financial", "Extortion", "Compromise", "Cybercrime"]) {
        Kind::Crime
    } else if named(&[" jackal"]) || has(&described, &["hacktivis"]) {
        Kind::Hacktivist
    } else if named(&[
        " panda",
        " bear",
        " kitten",
        " chollima",
        " typhoon",
        " blizzard",
        " sandstorm",
        " sleet",
    ]) {
        Kind::Apt
    } else if has(&described, &["ransomware-as-a-service", "ransomware group", "ransomware gang"]) {
        Kind::Ransomware
    } else if named(&[" spider", " tempest"])
        || has(&described, &["financially motivated", "cybercrim", "extortion"])
    {
        Kind::Crime
    } else if has(&described, &["espionage", "state-sponsored", "nation-state", "advanced persistent threat"])
    {
        Kind::Apt
    } else {
        Kind::Unknown
    }
}

/// A name without what the galaxy adds to it: the vendor in brackets, stray marks, odd hyphens. `None`: no name.
fn tidy(name: &str) -> Option<String> {
    let name = name.split_once(" (").map_or(name, |(name, _)| name);
    let name = name.strip_prefix("Subgroup: ").unwrap_or(name).replace(['\u{2010}', '\u{2011}'], "-");
    let mut words: Vec<&str> = name.split_whitespace().collect();
    if words.last().is_some_and(|last| last.eq_ignore_ascii_case("ransomware"))
        && words[0].len() >= SHORTEST_BARE
    {
        words.pop();
    }
    let name = words.join(" ").trim_matches(',').to_owned();
    let placeholder = words.iter().any(|word| matches!(word.to_lowercase().as_str(), "unnamed" | "unknown"));
    let generic = words.iter().all(|word| GENERIC.contains(&word.to_lowercase().as_str()));
    let is_name = !placeholder && !generic && !name.starts_with('[') && name.chars().count() >= 2;
    is_name.then_some(name)
}

/// Fewer letters are no name without the words beside them: `RA Group`.
const SHORTEST_BARE: usize = 3;

/// A name without the words that say what the actor is, where the rest is still a name.
fn bare(name: &str) -> Option<&str> {
    let is_generic = |word: &str| GENERIC.contains(&word.to_lowercase().as_str());
    let mut rest = name;
    while let Some((first, tail)) = rest.split_once(' ').filter(|(first, _)| is_generic(first)) {
        debug_assert!(!first.is_empty());
        rest = tail;
    }
    while let Some((head, _)) = rest.rsplit_once(' ').filter(|(_, last)| is_generic(last)) {
        rest = head;
    }
    let is_name = !is_generic(rest)
        && rest.chars().filter(|character| character.is_alphabetic()).count() >= SHORTEST_BARE;
    (is_name && rest != name).then_some(rest)
}

/// Gives a name in small letters its capitals; one that has capitals keeps them.
fn capitalize(name: &str) -> String {
    if name.chars().any(char::is_uppercase) {
        return name.to_owned();
    }
    let capital = |word: &str| {
        let mut characters = word.chars();
        characters
            .next()
            .map_or(String::new(), |first| first.to_uppercase().chain(characters).collect::<String>())
    };
    name.split(' ').map(capital).collect::<Vec<_>>().join(" ")
}

/// Adds to an actor what another cluster of the same name says.
fn merge(known: &mut Actor, other: Actor) {
    if known.kind == Kind::Unknown {
        known.kind = other.kind;
    }
    let brand = known.kind == Kind::Ransomware;
    if brand && !has_both_cases(&known.name) && has_both_cases(&other.name) {
        known.aliases.push(std::mem::replace(&mut known.name, other.name));
    } else {
        known.aliases.push(other.name);
    }
    known.aliases.extend(other.aliases);
    for (giver, names) in other.named_by {
        known.named_by.entry(giver).or_default().extend(names);
    }
    let new =
        other.attributions.into_iter().filter(|new| !known.attributions.contains(new)).collect::<Vec<_>>();
    known.attributions.extend(new);
    known.external_references.extend(other.external_references);
    known.reports += other.reports;
}

fn has_both_cases(name: &str) -> bool {
    name.chars().any(char::is_uppercase) && name.chars().any(char::is_lowercase)
}

/// Adds the bare forms of the names and keeps one spelling of each: that with small letters, else the first.
fn tidy_aliases(actor: &mut Actor) {
    let bare_forms: Vec<String> = actor.names().filter_map(bare).map(str::to_owned).collect();
    let mut kept: Vec<String> = Vec::new();
    for alias in actor.aliases.drain(..).chain(bare_forms) {
        if key(&alias) == key(&actor.name) {
            continue;
        }
        match kept.iter_mut().find(|known| key(known) == key(&alias)) {
            Some(known) if !has_both_cases(known) && has_both_cases(&alias) => *known = alias,
            Some(_) => {}
            None => kept.push(alias),
        }
    }
    actor.aliases = kept;
    for names in actor.named_by.values_mut() {
        names.sort();
        names.dedup();
    }
    actor.named_by.retain(|_, names| !names.is_empty());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Catalog, EMBEDDED};

    #[test]
    fn the_checked_in_file_can_be_rebuilt() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/actors");
        if !folder.is_dir() {
            println!("SKIPPED: no copy of the MISP galaxy in ../shared/actors");
            return;
        }
        let commit = &Catalog::embedded().source().commit.clone();
        let built = build(&folder, commit).unwrap();
        let differing = built.lines().zip(EMBEDDED.lines()).find(|(built, checked_in)| built != checked_in);
        assert_eq!(differing, None);
        assert_eq!(built.len(), EMBEDDED.len());
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = build(Path::new("nowhere"), "").unwrap_err();
        assert!(error.to_string().starts_with("nowhere: "), "{error}");
    }

    #[test]
    fn names_are_tidied() {
        let cases = [
            (" Dust  Storm ", Some("Dust Storm")),
            ("TG-2884 (SCWX CTU)", Some("TG-2884")),
            ("NoName057(16)", Some("NoName057(16)")),
            ("Subgroup: Andariel", Some("Andariel")),
            ("Larva\u{2011}25012", Some("Larva-25012")),
            ("APT-Q-27,", Some("APT-Q-27")),
            ("[Unnamed group]", None),
            ("Unknown", None),
            ("PLAY Ransomware", Some("PLAY")),
            ("j ransomware", Some("j ransomware")),
            ("ransomware blog", None),
        ];
        for (name, expected) in cases {
            assert_eq!(tidy(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn bare_names_lose_what_the_actor_is() {
        let cases = [
            ("team underground", Some("underground")),
            ("Lazarus Group", Some("Lazarus")),
            ("The Gorgon Group", Some("Gorgon")),
            ("RA Group", None),
            ("Group 72", None),
            ("Evil Corp", None),
            ("APT28", None),
        ];
        for (name, expected) in cases {
            assert_eq!(bare(name), expected, "{name}");
        }
    }

    #[test]
    fn names_in_small_letters_get_capitals() {
        let cases =
            [("inc ransom", "Inc Ransom"), ("8base", "8base"), ("LockBit", "LockBit"), ("d0glun", "D0glun")];
        for (name, expected) in cases {
            assert_eq!(capitalize(name), expected);
        }
    }
}
