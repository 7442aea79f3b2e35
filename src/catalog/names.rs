//! An index over all names: finds them in a text, or one by itself, whatever the case and spacing, and as a language
//! inflects them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind};
use serde::Deserialize;

use super::{Actor, CatalogError};
use crate::mention::Span;
use crate::text::Text;

/// A name, with all who bear it.
#[derive(Debug)]
pub struct Name {
    /// The best candidate first.
    pub actors: Vec<Arc<Actor>>,
    /// How it is made.
    pub style: Style,
    /// Whether it means something else in ordinary news.
    pub ordinary: bool,
    /// Whether that is a place.
    pub place: bool,
    /// Whether it is an acronym, which has all its capitals or is something else: `SEA`.
    pub acronym: bool,
    /// What the user wants of it.
    pub policy: Option<Policy>,
}

/// What a user wants of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// It is never an actor's.
    Never,
    /// It is an actor's where the text gives evidence, as if it were an ordinary word.
    WithCue,
    /// It is always an actor's, save within a longer name.
    Always,
}

/// How a language alters names.
#[derive(Debug, Default)]
pub struct Inflection {
    /// By what they stand in the place of, the empty string for nothing: endings, which belong to the name.
    pub endings: Vec<(String, Vec<String>)>,
    /// What is written together with a name without belonging to it, behind it.
    pub particles: Vec<String>,
    /// The same, before it.
    pub prefixes: Vec<String>,
}

/// How a name is made, which tells how far it can be mistaken for something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Style {
    /// One word, which may be an ordinary one: `Play`, `Sandworm`.
    Word,
    /// Several words: `Evil Corp`, `Cold River`.
    Phrase,
    /// Two words, of which the second is a vendor's family of actors: `Fancy Bear`, `Volt Typhoon`.
    Family,
    /// Letters and digits in one word: `APT28`, `Storm-0978`, `8Base`.
    Identifier,
}

/// A place where a text writes a catalogued name.
#[derive(Clone, Copy, Debug)]
pub struct NameMatch<'c> {
    /// Where it stands.
    pub span: Span,
    /// The name.
    pub name: &'c Name,
}

/// All names as one automaton (Aho & Corasick 1975) over their keys, walked from each word's start.
#[derive(Debug)]
pub(super) struct NameIndex {
    automaton: NFA,
    /// By pattern of the automaton.
    names: Vec<Name>,
}

/// What is known of names beside who bears them, by key.
#[derive(Debug, Default)]
pub(super) struct Lore {
    /// Those that mean something else in ordinary news, and whether that is a place.
    pub ordinary: HashMap<String, bool>,
    /// Spellings in other scripts, by actor's name.
    pub spellings: HashMap<String, Vec<String>>,
    pub policies: HashMap<String, Policy>,
}

impl NameIndex {
    pub(super) fn new(actors: &[Arc<Actor>], lore: &Lore) -> Result<NameIndex, CatalogError> {
        let families = families(actors);
        let mut names: BTreeMap<String, Name> = BTreeMap::new();
        for actor in actors {
            let mut seen = BTreeSet::new();
            let mut add = |name: &str, spelled: bool| {
                let key = key(name);
                if key.is_empty() {
                    return;
                }
                // What is spelled in another script is a word of its languages as well, for all that is known.
                let known = if spelled { &self::key(&actor.name) } else { &key };
                let ordinary = lore.ordinary.get(known).copied();
                let name = Name {
                    actors: Vec::new(),
                    style: style(name, &families),
                    ordinary: spelled || ordinary.is_some(),
                    place: ordinary == Some(true),
                    acronym: is_acronym(name),
                    policy: lore.policies.get(&key).copied(),
                };
                let first = seen.insert(key.clone());
                let known = names.entry(key).or_insert_with(|| Name { actors: Vec::new(), ..name });
                known.style = known.style.max(name.style);
                known.ordinary |= name.ordinary;
                known.place |= name.place;
                known.acronym &= name.acronym;
                if first {
                    known.actors.push(actor.clone());
                }
            };
            actor.names().for_each(|name| add(name, false));
            lore.spellings.get(&key(&actor.name)).into_iter().flatten().for_each(|name| add(name, true));
        }
        let automaton = NFA::builder()
            .match_kind(MatchKind::Standard)
            .prefilter(false)
            .build(names.keys())
            .map_err(|error| CatalogError::Names(error.to_string()))?;
        let rank = |name: &str, actor: &Actor| {
            (key(&actor.name) != name, Reverse(actor.reports), actor.name.clone())
        };
        let names = names.into_iter().map(|(key, mut name)| {
            name.actors.sort_by_cached_key(|actor| rank(&key, actor));
            name
        });
        Ok(NameIndex { names: names.collect(), automaton })
    }

    /// The name whose key is `key`.
    pub(super) fn get(&self, key: &str) -> Option<&Name> {
        let mut walk = Walk::new(self)?;
        key.bytes().all(|byte| walk.step(byte)).then(|| walk.name()).flatten()
    }

    pub(super) fn find_all(&self, text: &Text, inflection: &Inflection) -> Vec<NameMatch<'_>> {
        let mut found = Vec::new();
        let mut from = 0;
        for block in text.blocks() {
            for word in &text.words()[block.words.clone()] {
                if word.span.start < from || begins_small(text, word.span.start) {
                    continue;
                }
                let starts = inflection.starts(word.span.of(text.as_str()));
                let longest =
                    |start| self.longest_at(text, word.span.start + start, block.span.end, inflection);
                if let Some(matched) = starts.filter_map(longest).next() {
                    from = matched.span.end;
                    found.push(matched);
                }
            }
        }
        found
    }

    /// The longest name that starts at `start` and ends with a word, at `limit` at the latest. `Lazarus Group` is
    /// a name as a whole; in `Lazarus group` the small word says what Lazarus is.
    fn longest_at(
        &self,
        text: &Text,
        start: usize,
        limit: usize,
        inflection: &Inflection,
    ) -> Option<NameMatch<'_>> {
        let view = text.as_str();
        if is_kana(view[start..].chars().next()?) && view[..start].ends_with(is_kana) {
            return None;
        }
        let mut walk = Walk::new(self)?;
        let mut longest = None;
        let mut capital = None;
        let mut small_tail = false;
        let mut gap = 0;
        for (at, character) in view[start..limit].char_indices() {
            if is_separator(character) {
                gap += 1;
                if gap > 1 {
                    break;
                }
                continue;
            }
            let capital = *capital.get_or_insert(character.is_uppercase());
            if gap > 0 {
                gap = 0;
                small_tail = capital && character.is_lowercase();
            } else if !small_tail && walk.length >= SHORTEST_INFLECTED {
                let here = start + at;
                longest = walk.inflected(text, Span::new(start, here), inflection).or(longest);
            }
            if !walk.step_char(character) {
                break;
            }
            let end = start + at + character.len_utf8();
            if let Some(name) = walk.name()
                && !small_tail
                && text.is_word_boundary(end)
                && !(is_kana(character) && view[end..].starts_with(is_kana))
            {
                longest = Some(NameMatch { span: Span::new(start, end), name });
            }
        }
        longest
    }
}

/// Keys shorter than this, in bytes, are not inflected.
const SHORTEST_INFLECTED: usize = 4;

impl Inflection {
    /// Where in a word a name may begin: at its start, or behind a prefix.
    fn starts(&self, word: &str) -> impl Iterator<Item = usize> {
        let prefixes = self.prefixes.iter().filter(|prefix| word.starts_with(prefix.as_str()));
        std::iter::once(0).chain(prefixes.map(String::len))
    }

    /// Whether names take endings.
    pub fn declines(&self) -> bool {
        !self.endings.is_empty()
    }

    /// Whether a word's rest is one of the endings, or what one stands in the place of.
    pub fn is_ending(&self, rest: &str) -> bool {
        self.endings.iter().any(|(replaced, endings)| replaced == rest || endings.iter().any(|e| e == rest))
    }

    /// Whether a word's rest is made of one or two particles.
    pub fn is_particle(&self, rest: &str) -> bool {
        let rest_of = |particle: &String| rest.strip_prefix(particle.as_str());
        self.particles
            .iter()
            .filter_map(rest_of)
            .any(|rest| rest.is_empty() || self.particles.iter().any(|p| p == rest))
    }
}

fn begins_small(text: &Text, start: usize) -> bool {
    let rest = &text.as_str()[start..];
    match rest.as_bytes().first() {
        Some(byte) if byte.is_ascii() => byte.is_ascii_lowercase(),
        _ => rest.starts_with(char::is_lowercase),
    }
}

/// A walk through the automaton from its start.
struct Walk<'i> {
    index: &'i NameIndex,
    state: StateID,
    length: usize,
}

impl<'i> Walk<'i> {
    fn new(index: &'i NameIndex) -> Option<Walk<'i>> {
        Some(Walk { index, state: index.automaton.start_state(Anchored::Yes).ok()?, length: 0 })
    }

    /// Goes on with one byte of a key; whether any name goes on like this.
    fn step(&mut self, byte: u8) -> bool {
        self.state = self.index.automaton.next_state(Anchored::Yes, self.state, byte);
        self.length += 1;
        !self.index.automaton.is_dead(self.state)
    }

    fn step_char(&mut self, character: char) -> bool {
        if character.is_ascii() {
            return self.step(character.to_ascii_lowercase() as u8);
        }
        fold(character).all(|folded| folded.encode_utf8(&mut [0; 4]).bytes().all(|byte| self.step(byte)))
    }

    /// The name that was read in `span` as far as the language alters it there, up to the end of a word.
    fn inflected(&self, text: &Text, span: Span, inflection: &Inflection) -> Option<NameMatch<'i>> {
        if inflection.endings.is_empty() && inflection.particles.is_empty() {
            return None;
        }
        let word = text.words().get(text.word_from(span.end).checked_sub(1)?)?;
        if word.span.end <= span.end {
            return None;
        }
        let rest = Span::new(span.end, word.span.end).of(text.as_str());
        let whole = Span::new(span.start, word.span.end);
        let declined = inflection.endings.iter().find_map(|(replaced, endings)| {
            let mut walk = Walk { index: self.index, state: self.state, length: self.length };
            let fits = endings.iter().any(|ending| *ending == rest);
            (fits && replaced.bytes().all(|byte| walk.step(byte))).then(|| walk.name()).flatten()
        });
        if let Some(name) = declined {
            return Some(NameMatch { span: whole, name });
        }
        self.name().filter(|_| inflection.is_particle(rest)).map(|name| NameMatch { span, name })
    }

    /// The name that ends here; not one that only ends like the way here.
    fn name(&self) -> Option<&'i Name> {
        let automaton = &self.index.automaton;
        if !automaton.is_match(self.state) {
            return None;
        }
        let pattern = automaton.match_pattern(self.state, 0);
        (automaton.pattern_len(pattern) == self.length).then(|| &self.index.names[pattern.as_usize()])
    }
}

/// What is the same for all ways to write a name: small letters without spaces and hyphens.
pub(super) fn key(name: &str) -> String {
    name.chars().filter(|&character| !is_separator(character)).flat_map(fold).collect()
}

fn fold(character: char) -> impl Iterator<Item = char> {
    let character = if matches!(character, '\u{2019}' | '\u{2BC}') { '\'' } else { character };
    character.to_lowercase()
}

/// In letters: acronyms are not longer.
const LONGEST_ACRONYM: usize = 4;

fn is_acronym(name: &str) -> bool {
    name.chars().count() <= LONGEST_ACRONYM && name.chars().all(char::is_uppercase)
}

/// Katakana, which is written without spaces but whose runs are words.
fn is_kana(character: char) -> bool {
    matches!(character, '\u{30A1}'..='\u{30FA}' | '\u{30FC}')
}

fn is_separator(character: char) -> bool {
    character.is_whitespace() || matches!(character, '-' | '_' | '\u{2010}' | '\u{2011}' | '・' | '·')
}

/// Words that say what an actor is, not which one.
pub(super) const GENERIC: &[&str] = &[
    "actor",
    "apt",
    "blog",
    "bureau",
    "collective",
    "crew",
    "gang",
    "group",
    "organization",
    "ransomware",
    "squad",
    "team",
    "the",
    "threat",
    "unit",
];

/// A second word that at least this many names share is a vendor's family.
const FAMILY_SIZE: usize = 5;

fn families(actors: &[Arc<Actor>]) -> BTreeSet<String> {
    let names: BTreeSet<String> =
        actors.iter().flat_map(|actor| actor.names()).map(str::to_lowercase).collect();
    let mut sizes: HashMap<&str, usize> = HashMap::new();
    for (_, family) in names.iter().filter_map(|name| name.split_once(' ')) {
        *sizes.entry(family).or_default() += 1;
    }
    let is_family = |(family, size): &(&str, usize)| {
        *size >= FAMILY_SIZE && !GENERIC.contains(family) && family.chars().all(char::is_alphabetic)
    };
    sizes.into_iter().filter(is_family).map(|(family, _)| family.to_owned()).collect()
}

/// Identifiers shorter than this are too often something else: `3AM`, `0day`.
const SHORTEST_IDENTIFIER: usize = 5;

fn style(name: &str, families: &BTreeSet<String>) -> Style {
    if name.contains(char::is_whitespace) {
        let family =
            name.split_once(' ').is_some_and(|(_, family)| families.contains(&family.to_lowercase()));
        return if family { Style::Family } else { Style::Phrase };
    }
    let letters: String = name.chars().filter(|character| character.is_alphabetic()).collect();
    let digits = name.contains(|character: char| character.is_ascii_digit());
    let identifier = digits && !letters.is_empty() && name.chars().count() >= SHORTEST_IDENTIFIER;
    // `Group5` may be any group; `APT28` is in nobody's way.
    let generic = letters.contains(char::is_lowercase) && GENERIC.contains(&letters.to_lowercase().as_str());
    if identifier && !generic { Style::Identifier } else { Style::Word }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Catalog, Source};
    use crate::document::Document;

    fn catalog(names: &[&str]) -> Catalog {
        let actors =
            names.iter().map(|name| Actor { name: (*name).to_owned(), ..Actor::default() }).collect();
        Catalog::new(Source::default(), actors).unwrap()
    }

    #[test]
    fn names_are_found_however_they_are_spaced() {
        let catalog = catalog(&[
            "Fancy Bear",
            "LockBit",
            "Storm-0978",
            "Play",
            "Playboy",
            "Lapsus$",
            "Çelik",
            "Lazarus",
            "Lazarus Group",
        ]);
        let cases = [
            (
                "Fancy Bear, FancyBear, Fancy-Bear, FANCY BEAR",
                vec!["Fancy Bear", "FancyBear", "Fancy-Bear", "FANCY BEAR"],
            ),
            ("a fancy bear at play", vec![]),
            ("Fancy\u{A0}Bear", vec!["Fancy\u{A0}Bear"]),
            ("A line that was wrapped by hand, long enough, Fancy\nBear", vec!["Fancy\nBear"]),
            ("Fancy  Bear and Fancy, Bear", vec![]),
            ("Lock Bit or LOCKBIT", vec!["Lock Bit", "LOCKBIT"]),
            (
                "Storm\u{2011}0978, Storm 0978, STORM0978",
                vec!["Storm\u{2011}0978", "Storm 0978", "STORM0978"],
            ),
            ("Players display Play, Playboys", vec!["Play"]),
            ("the longest: Play Boy", vec!["Play Boy"]),
            ("the Lazarus group, the Lazarus Group", vec!["Lazarus", "Lazarus Group"]),
            ("Lapsus$ and Lapsus", vec!["Lapsus$"]),
            ("ÇELIK, not celik", vec!["ÇELIK"]),
            ("Xplay and Replay", vec![]),
        ];
        for (text, expected) in cases {
            let text = Text::new(&Document::new(text));
            let found: Vec<_> = catalog
                .names_in(&text, &Inflection::default())
                .iter()
                .map(|found| found.span.of(text.as_str()))
                .collect();
            assert_eq!(found, expected, "{}", text.as_str());
        }
    }

    #[test]
    fn the_style_of_a_name_is_derived() {
        let catalog = Catalog::embedded();
        let cases = [
            ("APT28", Style::Identifier),
            ("Storm-0978", Style::Identifier),
            ("8Base", Style::Identifier),
            ("Fancy Bear", Style::Family),
            ("Volt Typhoon", Style::Family),
            ("Wizard Spider", Style::Family),
            ("Evil Corp", Style::Phrase),
            ("Lazarus Group", Style::Phrase),
            ("Group5", Style::Word),
            ("3AM", Style::Word),
            ("Play", Style::Word),
            ("LockBit", Style::Word),
        ];
        for (name, expected) in cases {
            assert_eq!(catalog.names.get(&key(name)).map(|name| name.style), Some(expected), "{name}");
        }
    }
}
