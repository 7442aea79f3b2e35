//! An index over all names: finds them in a text, or one by itself, whatever the case and spacing.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind};

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

impl NameIndex {
    pub(super) fn new(actors: &[Arc<Actor>]) -> Result<NameIndex, CatalogError> {
        let families = families(actors);
        let mut bearers: BTreeMap<String, (Style, Vec<Arc<Actor>>)> = BTreeMap::new();
        for actor in actors {
            let mut seen = BTreeSet::new();
            for name in actor.names() {
                let key = key(name);
                let style = style(name, &families);
                if key.is_empty() {
                    continue;
                }
                let (best, actors) = bearers.entry(key.clone()).or_insert((style, Vec::new()));
                *best = style.max(*best);
                if seen.insert(key) {
                    actors.push(actor.clone());
                }
            }
        }
        let automaton = NFA::builder()
            .match_kind(MatchKind::Standard)
            .prefilter(false)
            .build(bearers.keys())
            .map_err(|error| CatalogError::Names(error.to_string()))?;
        let rank = |name: &str, actor: &Actor| {
            (key(&actor.name) != name, Reverse(actor.reports), actor.name.clone())
        };
        let names = bearers.into_iter().map(|(key, (style, mut actors))| {
            actors.sort_by_cached_key(|actor| rank(&key, actor));
            Name { actors, style }
        });
        Ok(NameIndex { names: names.collect(), automaton })
    }

    /// The name whose key is `key`.
    pub(super) fn get(&self, key: &str) -> Option<&Name> {
        let mut walk = Walk::new(self)?;
        key.bytes().all(|byte| walk.step(byte)).then(|| walk.name()).flatten()
    }

    pub(super) fn find_all(&self, text: &Text) -> Vec<NameMatch<'_>> {
        let mut found = Vec::new();
        let mut from = 0;
        for block in text.blocks() {
            for word in &text.words()[block.words.clone()] {
                let start = word.span.start;
                if start >= from
                    && !begins_small(text, start)
                    && let Some(matched) = self.longest_at(text, start, block.span.end)
                {
                    from = matched.span.end;
                    found.push(matched);
                }
            }
        }
        found
    }

    /// The longest name that starts at `start` and ends with a word, at `limit` at the latest. `Lazarus Group` is
    /// a name as a whole; in `Lazarus group` the small word says what Lazarus is.
    fn longest_at(&self, text: &Text, start: usize, limit: usize) -> Option<NameMatch<'_>> {
        let mut walk = Walk::new(self)?;
        let mut longest = None;
        let mut capital = None;
        let mut small_tail = false;
        let mut gap = 0;
        for (at, character) in text.as_str()[start..limit].char_indices() {
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
            }
            if !walk.step_char(character) {
                break;
            }
            let end = start + at + character.len_utf8();
            if let Some(name) = walk.name()
                && !small_tail
                && text.is_word_boundary(end)
            {
                longest = Some(NameMatch { span: Span::new(start, end), name });
            }
        }
        longest
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

fn is_separator(character: char) -> bool {
    character.is_whitespace() || matches!(character, '-' | '_' | '\u{2010}' | '\u{2011}')
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
            let found: Vec<_> =
                catalog.names_in(&text).iter().map(|found| found.span.of(text.as_str())).collect();
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
