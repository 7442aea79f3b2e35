//! What the packs know of names: cue words, gazetteers and given names, as one trie over words.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;
use serde::Deserialize;

use crate::error::PackError;
use crate::language::Pack;
use crate::text::is_word_character;

/// Words and phrases by class; `names.toml` and `given_names.toml` of a pack.
type Words = BTreeMap<Class, Vec<String>>;

/// Names by class and country code; a pack's gazetteers.
type Gazetteer = BTreeMap<Class, BTreeMap<String, Vec<String>>>;

const WORD_FILES: [&str; 2] = ["names.toml", "given_names.toml"];
const GAZETTEER_FILES: [&str; 4] = ["countries.toml", "places.toml", "towns.toml", "organizations.toml"];

/// What a word or phrase tells. The packs' files say of each class what belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    // Of the language's grammar.
    FunctionWord,
    Elision,
    Article,
    Indefinite,
    Genitive,
    Particle,
    Conjunction,
    Range,
    Auxiliary,
    // Around or within a person's name.
    Honorific,
    Role,
    Minister,
    Portfolio,
    PersonNoun,
    PersonPronoun,
    Byline,
    GivenName,
    Age,
    SayVerb,
    // Around or within an organization's name.
    LegalSuffix,
    Institution,
    ProperInstitution,
    Club,
    Broadcaster,
    InstitutionAdjective,
    CompanyNoun,
    CompanyPlace,
    OrgPreposition,
    ActVerb,
    // Around or within a place's name.
    PlacePreposition,
    PlaceNoun,
    PlacePrefix,
    PlaceSuffix,
    PlaceLink,
    PlaceBehind,
    ProperPlace,
    // Around a team, which may bear its city's name.
    SportCue,
    TeamBefore,
    TeamBehind,
    // Capitals that name none of the three.
    Demonym,
    Calendar,
    EventHead,
    NotName,
    // Whole names.
    Country,
    Place,
    /// A place so small that its name is often something else's.
    Town,
    Organization,
    /// A name that is an ordinary word too.
    Ambiguous,
}

/// A set of classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Classes(u64);

impl Classes {
    /// Whole names.
    pub const NAMES: Classes = Classes::of(&[Class::Country, Class::Place, Class::Town, Class::Organization]);
    /// Whole names that mean the same wherever they stand.
    pub const WELL_KNOWN: Classes = Classes::of(&[Class::Country, Class::Place, Class::Organization]);
    /// Whole names of places.
    pub const PLACES: Classes = Classes::of(&[Class::Country, Class::Place, Class::Town]);

    /// The set of `classes`.
    pub const fn of(classes: &[Class]) -> Classes {
        let (mut bits, mut at) = (0, 0);
        while at < classes.len() {
            bits |= 1 << classes[at] as u64;
            at += 1;
        }
        Classes(bits)
    }

    /// Whether `class` is in the set.
    pub fn has(self, class: Class) -> bool {
        self.any(Classes::of(&[class]))
    }

    /// Whether the sets share a class.
    pub fn any(self, others: Classes) -> bool {
        self.0 & others.0 != 0
    }

    fn add(&mut self, others: Classes) {
        self.0 |= others.0;
    }
}

/// A word of the lexicon or of one document, whatever its case.
pub type WordId = u32;

/// A phrase that the lexicon holds.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// What it tells.
    pub classes: Classes,
    /// ISO 3166-1 alpha-2 of a place or a seat; empty where there is none.
    pub country_code: String,
    /// Of a name: bit by bit, which of its words have a capital in every spelling known.
    pub capitals: u16,
    /// Of a name: written in capitals only, so that `who` and `Who` are not meant.
    pub upper: bool,
    /// Whether some spelling known is all in small letters.
    pub small: bool,
}

/// A node of the trie.
type NodeId = u32;

/// Words and phrases of a language and of the neutral pack.
#[derive(Debug, Default)]
pub struct Lexicon {
    words: HashMap<Box<str>, WordId, RandomState>,
    /// By word: the node of a phrase's first word; 0 where no phrase begins so.
    roots: Vec<NodeId>,
    /// By node; node 0 is not used.
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    entry: Option<Entry>,
    /// Of longer phrases: the next word and its node, by word.
    children: Vec<(WordId, NodeId)>,
}

impl Lexicon {
    /// Reads the files of `pack` and of the neutral one.
    pub fn new(pack: &Pack) -> Result<Lexicon, PackError> {
        let mut lexicon = Lexicon { nodes: vec![Node::default()], ..Lexicon::default() };
        let neutral = Pack::neutral();
        let packs = if pack.code() == neutral.code() { vec![neutral] } else { vec![*pack, neutral] };
        for pack in packs {
            for file in WORD_FILES {
                for (class, phrases) in pack.read::<Words>(file)? {
                    phrases.iter().for_each(|phrase| lexicon.add(phrase, class, ""));
                }
            }
            for file in GAZETTEER_FILES {
                for (class, countries) in pack.read::<Gazetteer>(file)? {
                    for (code, names) in countries {
                        names.iter().for_each(|name| lexicon.add(name, class, &code));
                    }
                }
            }
        }
        Ok(lexicon)
    }

    fn add(&mut self, phrase: &str, class: Class, code: &str) {
        let words = phrase.split(|character| !is_word_character(character)).filter(|word| !word.is_empty());
        let (mut node, mut capitals) = (0, 0);
        for (index, word) in words.enumerate() {
            capitals |= u16::from(word.starts_with(char::is_uppercase)) << index.min(15);
            let fresh = self.words.len() as WordId;
            let word = *self.words.entry(word.to_lowercase().into()).or_insert(fresh);
            if word == fresh {
                self.roots.push(0);
            }
            let known =
                if node == 0 { self.roots[word as usize] } else { self.child(node, word).unwrap_or(0) };
            let child = if known == 0 { self.nodes.len() as NodeId } else { known };
            if known == 0 {
                self.nodes.push(Node::default());
                match node {
                    0 => self.roots[word as usize] = child,
                    _ => {
                        let children = &mut self.nodes[node as usize].children;
                        let place = children.partition_point(|&(other, _)| other < word);
                        children.insert(place, (word, child));
                    }
                }
            }
            node = child;
        }
        let classes = Classes::of(&[class]);
        let upper = classes.any(Classes::NAMES)
            && phrase.len() > 1
            && phrase.bytes().all(|byte| byte.is_ascii_uppercase());
        let entry = self.nodes[node as usize].entry.get_or_insert_default();
        if classes.any(Classes::NAMES) {
            let known = entry.classes.any(Classes::NAMES);
            entry.capitals = if known { entry.capitals & capitals } else { capitals };
            entry.upper = upper && (!known || entry.upper);
        }
        entry.classes.add(classes);
        entry.small |= !phrase.contains(char::is_uppercase);
        // The language's own pack comes first and tells best.
        if entry.country_code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            entry.country_code = code.to_owned();
        }
    }

    /// How many words are known; documents number theirs from here.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// The word, which must be in lower case.
    pub fn word(&self, folded: &str) -> Option<WordId> {
        self.words.get(folded).copied()
    }

    /// The longest phrase that `words` begin with: how many words it has, and what is known of it.
    pub fn longest(&self, mut words: impl Iterator<Item = WordId>) -> Option<(usize, &Entry)> {
        let first = words.next()?;
        let mut node = self.roots.get(first as usize).copied().filter(|&node| node != 0)?;
        let mut best = self.nodes[node as usize].entry.as_ref().map(|entry| (1, entry));
        let mut count = 1;
        while !self.nodes[node as usize].children.is_empty() {
            let Some(child) = words.next().and_then(|word| self.child(node, word)) else { break };
            node = child;
            count += 1;
            best = self.nodes[node as usize].entry.as_ref().map(|entry| (count, entry)).or(best);
        }
        best
    }

    fn child(&self, node: NodeId, word: WordId) -> Option<NodeId> {
        let children = &self.nodes[node as usize].children;
        let place = children.binary_search_by_key(&word, |&(other, _)| other).ok()?;
        Some(children[place].1)
    }
}
