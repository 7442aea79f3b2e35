//! Tells which mentions stand for one thing.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::catalogued;
use crate::mention::Mention;
use crate::text::{Text, fold};
use crate::values::{EntityType, Value};

/// Who each mention is.
#[derive(Debug)]
pub struct Identities {
    /// By mention: equal for mentions of one thing.
    pub keys: Vec<(EntityType, String)>,
    /// By start of an organization's name: the acronym that stands in brackets behind it (or before it).
    pub acronyms: HashMap<usize, String>,
}

impl Identities {
    /// Identifies `mentions`, which are disjoint and sorted:
    ///
    /// - dates by TIMEX3 value, modifier and kind; data sizes by value;
    /// - actors by their name in the catalogue, else by the name mentioned;
    /// - organizations and locations by name; an acronym in brackets stands for the organization named before
    ///   it, wherever else it is used, and the beginning of an organization's name ("Orlec", "Orlec Pumps" of
    ///   "Orlec Pumps plc") for the only one whose name begins so;
    /// - people by name; the end of a full name ("Keller", "van Dyk") stands for the last one so called before,
    ///   else for the first one after.
    pub fn of(text: &Text, mentions: &[Mention]) -> Identities {
        let mut keys: Vec<(EntityType, String)> =
            mentions.iter().map(|mention| (mention.value.entity_type(), key(text, mention))).collect();
        let acronyms = join_acronyms(text, mentions, &mut keys);
        join_short_names(text, mentions, &mut keys);
        join_surnames(&mut keys);
        Identities { keys, acronyms }
    }
}

fn key(text: &Text, mention: &Mention) -> String {
    let words = mention.span.of(text.as_str());
    match &mention.value {
        Value::Date(date) => format!("{} {:?} {:?}", date.timex, date.modifier, date.kind),
        Value::DataSize(size) => size.to_string(),
        value => fold(mention.canonical.as_deref().or(catalogued(value)).unwrap_or(words)),
    }
}

/// Gives acronyms the key of the name that they stand for. The first name that the text gives one counts.
fn join_acronyms(
    text: &Text,
    mentions: &[Mention],
    keys: &mut [(EntityType, String)],
) -> HashMap<usize, String> {
    let mut names: HashMap<String, String> = HashMap::new();
    let mut acronyms = HashMap::new();
    for (index, pair) in mentions.windows(2).enumerate() {
        let organizations =
            pair.iter().all(|mention| mention.value.entity_type() == EntityType::Organization);
        if !organizations || !in_brackets_behind(text.as_str(), &pair[0], &pair[1]) {
            continue;
        }
        let [before, within] = [0, 1].map(|side| pair[side].span.of(text.as_str()));
        let (short, long) = match (is_acronym(before), is_acronym(within)) {
            (false, false) if is_acronym_word(within, before) => (1, 0),
            (false, true) if abbreviates(within, before) => (1, 0),
            (true, false) if abbreviates(before, within) => (0, 1),
            _ => continue,
        };
        names.entry(keys[index + short].1.clone()).or_insert_with(|| keys[index + long].1.clone());
        acronyms.insert(pair[long].span.start, pair[short].span.of(text.as_str()).to_owned());
    }
    for (entity_type, key) in keys {
        if *entity_type == EntityType::Organization
            && let Some(name) = names.get(key)
        {
            key.clone_from(name);
        }
    }
    acronyms
}

/// Whether `within` alone stands in brackets right behind `before`.
fn in_brackets_behind(view: &str, before: &Mention, within: &Mention) -> bool {
    let between = &view[before.span.end..within.span.start];
    let opens = between.trim_start().strip_prefix(['(', '（']).is_some_and(|rest| rest.trim().is_empty());
    opens && !between.contains('\n') && view[within.span.end..].starts_with([')', '）'])
}

/// One word of two letters or more, most of them capitals.
fn is_acronym(name: &str) -> bool {
    let capitals = name.chars().filter(|character| character.is_uppercase()).count();
    let letters = name.chars().filter(|character| character.is_alphabetic()).count();
    !name.contains(char::is_whitespace) && letters > 1 && 2 * capitals > letters
}

/// A short word whose letters run through the words of `name` from its start: `Onuf` for `Office national unifié`.
fn is_acronym_word(word: &str, name: &str) -> bool {
    let (word, name) = (fold(word), fold(name));
    let letters: Vec<char> = word.chars().collect();
    letters.len() <= ACRONYM_WORD
        && !word.contains(char::is_whitespace)
        && name.contains(char::is_whitespace)
        && name.chars().next() == letters.first().copied()
        && is_subsequence(&letters, &name)
}

const ACRONYM_WORD: usize = 6;

/// Whether `acronym` may stand for `name`: its letters run through the name from a word's start, or the name is
/// a phrase, whose acronym may come from another language. A newspaper's name with an agency in brackets is
/// neither.
fn abbreviates(acronym: &str, name: &str) -> bool {
    if name.split_whitespace().count() >= PHRASE_WORDS {
        return true;
    }
    let name = fold(name);
    let letters: Vec<char> = fold(acronym).chars().filter(|character| character.is_alphanumeric()).collect();
    let mut starts =
        name.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    starts.any(|word| letters.first().is_some_and(|first| word.starts_with(*first)))
        && is_subsequence(&letters, &name)
}

const PHRASE_WORDS: usize = 3;

fn is_subsequence(letters: &[char], text: &str) -> bool {
    let mut characters = text.chars();
    letters.iter().all(|letter| characters.any(|character| character == *letter))
}

/// Gives the beginnings of organizations' names the key of the longest one, where each longer one begins with the
/// next shorter.
fn join_short_names(text: &Text, mentions: &[Mention], keys: &mut [(EntityType, String)]) {
    let names = names_of(EntityType::Organization, text, mentions, keys);
    let places = names_of(EntityType::Location, text, mentions, keys);
    let mut joins: BTreeMap<&str, &str> = BTreeMap::new();
    // From the last one: those that begin with a name follow it, and know already what they join.
    let mut behind: Vec<&str> = Vec::new();
    for (key, words) in names.iter().rev() {
        let longer: Vec<&str> =
            behind.iter().rev().copied().take_while(|longer| longer.starts_with(key.as_str())).collect();
        let longer = longer.into_iter().filter(|longer| longer[key.len()..].starts_with(' '));
        let mut wholes: Vec<&str> =
            longer.clone().map(|longer| joins.get(longer).copied().unwrap_or(longer)).collect();
        wholes.dedup();
        let completes = |longer: &str| {
            let rest = longer[key.len()..].trim_start();
            let mut tail = names[longer].split_whitespace().skip(words.split_whitespace().count());
            let phrase =
                tail.next().is_some_and(|word| word.starts_with(char::is_lowercase)) && tail.next().is_some();
            !phrase && !places.contains_key(rest)
        };
        if let [whole] = wholes[..]
            && !is_acronym(words)
            && longer.clone().all(completes)
        {
            joins.insert(key, whole);
        }
        behind.push(key);
    }
    let joins: BTreeMap<String, String> =
        joins.into_iter().map(|(short, whole)| (short.to_owned(), whole.to_owned())).collect();
    for (_, key) in keys.iter_mut().filter(|(entity_type, _)| *entity_type == EntityType::Organization) {
        if let Some(whole) = joins.get(key) {
            key.clone_from(whole);
        }
    }
}

/// The keys of a type, with the words of a mention; those of a heading, which may write any name as an acronym, only
/// where there are no others.
fn names_of<'t>(
    wanted: EntityType,
    text: &'t Text,
    mentions: &[Mention],
    keys: &[(EntityType, String)],
) -> BTreeMap<String, &'t str> {
    let mut names = BTreeMap::new();
    for ((_, key), mention) in keys.iter().zip(mentions).filter(|((known, _), _)| *known == wanted) {
        let words = mention.span.of(text.as_str());
        let known = names.entry(key.clone()).or_insert(words);
        if is_acronym(known) {
            *known = words;
        }
    }
    names
}

/// Gives the ends of full names the key of the full name.
fn join_surnames(keys: &mut [(EntityType, String)]) {
    let is_person = |(entity_type, _): &&(EntityType, String)| *entity_type == EntityType::Person;
    let ends: HashSet<&str> = keys.iter().filter(is_person).flat_map(|(_, name)| ends_of(name)).collect();
    let is_full = |name: &str| !ends.contains(name);
    let full = || keys.iter().filter(is_person).filter(|(_, name)| is_full(name));
    let mut bearer: HashMap<String, String> = HashMap::new();
    for (_, name) in full() {
        for end in ends_of(name) {
            bearer.entry(end.to_owned()).or_insert_with(|| name.clone());
        }
    }
    let joins: Vec<Option<String>> = keys
        .iter()
        .map(|(entity_type, name)| {
            if *entity_type != EntityType::Person {
                return None;
            }
            if let Some(full) = bearer.get(name) {
                return Some(full.clone());
            }
            for end in ends_of(name) {
                bearer.insert(end.to_owned(), name.clone());
            }
            None
        })
        .collect();
    for ((_, key), join) in keys.iter_mut().zip(joins) {
        if let Some(full) = join {
            *key = full;
        }
    }
}

/// The last words of a name, but not all of them: "Dyk" and "van Dyk" of "Anna van Dyk".
fn ends_of(name: &str) -> impl Iterator<Item = &str> {
    name.rmatch_indices(' ').take(SURNAME_WORDS).map(|(at, _)| &name[at + 1..])
}

/// No surname, its particles included, has more words: the cost stays linear however long a name is.
const SURNAME_WORDS: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_in_surnames() {
        let cases: [(&str, &[&str]); 4] = [
            ("keller", &[]),
            ("anna keller", &["keller"]),
            ("anna van der dyk", &["dyk", "der dyk", "van der dyk"]),
            ("a b c d e f g h", &["h", "g h", "f g h", "e f g h", "d e f g h"]),
        ];
        for (name, expected) in cases {
            assert_eq!(ends_of(name).collect::<Vec<_>>(), expected, "{name}");
        }
    }
}
