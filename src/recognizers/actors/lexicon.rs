//! A pack's words around the names of actors, `actors.toml`, and how they are matched: phrases in folded text right
//! before and behind a name, and cues anywhere.

use std::collections::{BTreeMap, HashSet};
use std::sync::OnceLock;

use regex::Regex;
use serde::Deserialize;

use super::trie::{Rank, Trie};
use crate::catalog::Inflection;
use crate::error::PackError;
use crate::language::Pack;
use crate::mention::Span;

/// One pack's file, as written. In phrases `*` stands for any letters or none at the end of a word.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Words {
    /// Words with a capital that are no part of a name: nationalities, weekdays.
    not_a_name: Vec<String>,
    articles: Vec<String>,
    /// Whether adjectives stand between a noun and the name behind it.
    adjectives_behind: bool,
    /// Whether nouns have capitals, so that a capital beside a name tells little.
    nouns_capitalized: bool,
    /// Whether nouns are joined to one word, of which the last one tells what it is.
    compounds: bool,
    particles: Vec<String>,
    prefixes: Vec<String>,
    /// Texts with their actors marked, held to by a test.
    pub examples: Vec<String>,
    /// By the letters that they stand in the place of.
    endings: BTreeMap<String, Vec<String>>,
    before: Before,
    behind: Behind,
    text: Cues,
    between: Between,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Before {
    /// What introduces an actor, known or not.
    group: Vec<String>,
    /// What stands before a known one.
    brand: Vec<String>,
    /// Links between these and the name.
    called: Vec<String>,
    /// Words by which someone names himself: "calling itself", "signed".
    itself: Vec<String>,
    /// What makes an actor of who follows: "claimed by".
    by: Vec<String>,
    /// What is no actor: a company, a film.
    other: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Behind {
    group: Vec<String>,
    brand: Vec<String>,
    called: Vec<String>,
    /// What only actors do.
    deed: Vec<String>,
    other: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Cues {
    /// Of hacking.
    cyber: Vec<String>,
    /// Weaker ones.
    crime: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Between {
    /// What makes the second name another one of the first.
    alias: Vec<String>,
    /// What joins names of several.
    and: Vec<String>,
}

/// A pack's words, compiled.
#[derive(Debug)]
pub(super) struct Lexicon {
    not_a_name: HashSet<String>,
    /// Beginnings of words that are no names either.
    not_a_name_from: Vec<String>,
    function_words: HashSet<String>,
    pub adjectives_behind: bool,
    pub nouns_capitalized: bool,
    pub inflection: Inflection,
    pub article: Phrases,
    pub before_group: Phrases,
    pub before_brand: Phrases,
    pub before_called: Phrases,
    pub before_itself: Phrases,
    pub before_by: Phrases,
    pub before_other: Phrases,
    pub behind_group: Phrases,
    pub behind_brand: Phrases,
    pub behind_called: Phrases,
    pub behind_deed: Phrases,
    pub behind_other: Phrases,
    pub alias: Phrases,
    pub and: Phrases,
    pub cyber: Phrases,
    pub crime: Phrases,
}

impl Lexicon {
    /// Compiles a pack's words, the neutral pack's among them.
    pub fn new(pack: &Pack) -> Result<Lexicon, PackError> {
        let own: Words = pack.read(FILE)?;
        let neutral: Words = Pack::neutral().read(FILE)?;
        let both = |list: fn(&Words) -> &Vec<String>| {
            Phrases::new(list(&own).iter().chain(list(&neutral)).map(String::as_str), false)
        };
        let noun = |list: fn(&Words) -> &Vec<String>| {
            Phrases::new(list(&own).iter().chain(list(&neutral)).map(String::as_str), own.compounds)
        };
        // What introduces an actor is of hacking too.
        let cyber = [&own, &neutral]
            .map(|words| words.text.cyber.iter().chain(&words.before.group).chain(&words.behind.group));
        let no_names = own.not_a_name.iter().chain(&neutral.not_a_name);
        let function_words = pack.language()?.words;
        Ok(Lexicon {
            not_a_name: no_names.clone().filter(|word| !word.ends_with('*')).cloned().collect(),
            not_a_name_from: no_names.filter_map(|word| word.strip_suffix('*')).map(str::to_owned).collect(),
            function_words: function_words.split_whitespace().map(str::to_owned).collect(),
            adjectives_behind: own.adjectives_behind,
            nouns_capitalized: own.nouns_capitalized,
            inflection: Inflection {
                endings: own.endings.clone().into_iter().collect(),
                particles: own.particles.clone(),
                prefixes: own.prefixes.clone(),
            },
            article: both(|words| &words.articles),
            before_group: noun(|words| &words.before.group),
            before_brand: noun(|words| &words.before.brand),
            before_called: both(|words| &words.before.called),
            before_itself: both(|words| &words.before.itself),
            before_by: both(|words| &words.before.by),
            before_other: noun(|words| &words.before.other),
            behind_group: both(|words| &words.behind.group),
            behind_brand: both(|words| &words.behind.brand),
            behind_called: both(|words| &words.behind.called),
            behind_deed: both(|words| &words.behind.deed),
            behind_other: both(|words| &words.behind.other),
            alias: both(|words| &words.between.alias),
            and: both(|words| &words.between.and),
            cyber: Phrases::new(cyber.into_iter().flatten().map(String::as_str), false),
            crime: both(|words| &words.text.crime),
        })
    }

    /// Whether a word is none that names begin or end with, although it may have a capital.
    pub fn is_no_name(&self, word: &str) -> bool {
        let word = word.to_lowercase();
        let begins = |stem: &String| word.starts_with(stem.as_str());
        self.not_a_name.contains(&word)
            || self.function_words.contains(&word)
            || self.not_a_name_from.iter().any(begins)
    }

    /// A name in Latin letters without the particle that is written together with it.
    pub fn without_particle<'n>(&self, name: &'n str) -> &'n str {
        let particles = self.inflection.particles.iter();
        let bare = particles.filter_map(|particle| name.strip_suffix(particle.as_str()));
        let bare = bare.filter(|bare| bare.ends_with(|last: char| last.is_ascii_alphanumeric()));
        bare.min_by_key(|bare| bare.len()).unwrap_or(name)
    }

    pub fn is_function_word(&self, word: &str) -> bool {
        self.function_words.contains(word)
    }
}

const FILE: &str = "actors.toml";

/// A set of phrases. What looks for them is made when it is first used.
#[derive(Debug)]
pub(super) struct Phrases {
    /// The longest first: of those that fit, the first one counts.
    all: Vec<Phrase>,
    at_end: OnceLock<Trie>,
    at_start: OnceLock<Trie>,
    anywhere: OnceLock<Regex>,
}

#[derive(Debug)]
struct Phrase {
    text: String,
    /// Whether it may begin within a word: in scripts that write none, and in compounds.
    within: bool,
}

impl Phrases {
    /// With `compounds`, a phrase may begin within a word.
    fn new<'p>(phrases: impl Iterator<Item = &'p str>, compounds: bool) -> Phrases {
        let mut phrases: Vec<&str> = phrases.collect();
        phrases.sort_unstable_by_key(|phrase| (std::cmp::Reverse(phrase.len()), *phrase));
        phrases.dedup();
        let phrase = |phrase: &&str| Phrase {
            text: (*phrase).to_owned(),
            within: phrase.starts_with(is_unspaced) || (compounds && phrase.len() >= SHORTEST_LAST),
        };
        Phrases {
            all: phrases.iter().map(phrase).collect(),
            at_end: OnceLock::new(),
            at_start: OnceLock::new(),
            anywhere: OnceLock::new(),
        }
    }

    /// Where the phrase that ends `folded` begins: the one that begins first.
    pub fn at_end(&self, folded: &str) -> Option<usize> {
        let phrases = || Trie::new(self.all.iter().map(|phrase| phrase.text.chars().rev()));
        let mut first: Option<usize> = None;
        self.at_end.get_or_init(phrases).walk(folded.chars().rev(), |rank, taken| {
            let (before, _) = folded.split_at(folded.len() - taken);
            let edge = before.chars().next_back().filter(|_| !self.all[rank].within);
            if edge.is_none_or(is_left_edge) {
                let start = before.len() - edge.map_or(0, char::len_utf8);
                first = Some(first.map_or(start, |first| first.min(start)));
            }
        });
        let first = first?;
        Some(first + folded[first..].find(|first| !is_edge(first)).unwrap_or_default())
    }

    /// Where the phrase that begins `folded` ends.
    pub fn at_start(&self, folded: &str) -> Option<usize> {
        let trie = self.at_start.get_or_init(|| Trie::new(self.all.iter().map(|phrase| phrase.text.chars())));
        let mut best: Option<(Rank, usize)> = None;
        trie.walk(folded.chars(), |rank, end| {
            if best.is_none_or(|(other, _)| rank <= other) {
                best = Some((rank, end));
            }
        });
        // What stands before it may be part of the text.
        if let Some(edge) = folded.chars().next().filter(|edge| is_left_edge(*edge)) {
            let from = edge.len_utf8();
            let at_edge = best;
            trie.walk(folded[from..].chars(), |rank, taken| {
                let better = at_edge.is_none_or(|(other, _)| rank < other)
                    && best.is_none_or(|(other, _)| rank <= other);
                if better && !self.all[rank].within {
                    best = Some((rank, from + taken));
                }
            });
        }
        let (_, end) = best?;
        let whole = !folded[..end].ends_with(char::is_alphanumeric)
            || folded[..end].ends_with(is_unspaced)
            || !folded[end..].starts_with(char::is_alphanumeric);
        whole.then_some(end)
    }

    /// Where phrases stand in text that is not folded.
    pub fn anywhere<'t>(&'t self, view: &'t str) -> impl Iterator<Item = Span> + 't {
        let regex = || {
            let alternatives: Vec<String> = self.all.iter().map(pattern).collect();
            compile(&format!("(?i)(?:{})", alternatives.join("|")))
        };
        let regex = (!self.all.is_empty()).then(|| self.anywhere.get_or_init(regex));
        let found = regex.into_iter().flat_map(move |regex| regex.find_iter(view));
        found.filter_map(|found| {
            let start = found.start() + found.as_str().find(|first| !is_edge(first)).unwrap_or_default();
            let last = found.as_str().chars().next_back()?;
            let whole = is_unspaced(last)
                || !last.is_alphanumeric()
                || !view[found.end()..].starts_with(char::is_alphanumeric);
            whole.then_some(Span::new(start, found.end()))
        })
    }
}

/// A phrase as a regular expression: it begins a word, except in scripts that write none.
fn pattern(phrase: &Phrase) -> String {
    let mut pattern = String::from(if phrase.within { "" } else { EDGE });
    for character in phrase.text.chars() {
        match character {
            '*' => pattern.push_str(LETTERS),
            ' ' => pattern.push_str(r"[ \n\x{A0}\x{202F}]"),
            '\'' => pattern.push_str("['’]"),
            _ => pattern.push_str(&regex::escape(character.encode_utf8(&mut [0; 4]))),
        }
    }
    pattern
}

/// In bytes: shorter words are not sought at the end of compounds.
const SHORTEST_LAST: usize = 5;
/// What may stand before a word; classes of letters, hundreds of times, would make expressions of megabytes.
const EDGE: &str = r"(?-i:\A|[\x00-\x2F\x3A-\x40\x5B-\x60\x7B-\x7F\x{A0}\x{AB}\x{BB}\x{60C}\x{2000}-\x{206F}\x{3000}-\x{303F}\x{FF00}-\x{FF20}])";
/// Letters, and what is beyond ASCII.
const LETTERS: &str = r"(?-i:[A-Za-z0-9\x{C0}-\x{1FFF}\x{3040}-\x{D7FF}]*)";

fn compile(pattern: &str) -> Regex {
    regex::RegexBuilder::new(pattern)
        .size_limit(usize::MAX)
        .dfa_size_limit(LARGEST_DFA)
        .build()
        .unwrap_or_else(|error| panic!("escaped phrases are regular expressions: {error}"))
}

/// In bytes: what the states of one expression may take before they are thrown away. Hundreds of phrases need more than
/// the default, and to build states again and again is slow.
const LARGEST_DFA: usize = 32 << 20;

/// The same as [`EDGE`].
fn is_left_edge(character: char) -> bool {
    character.is_ascii() && !character.is_ascii_alphanumeric()
        || matches!(character, '\u{A0}' | '\u{AB}' | '\u{BB}' | '\u{60C}' | '\u{2000}'..='\u{206F}'
            | '\u{3000}'..='\u{303F}' | '\u{FF00}'..='\u{FF20}')
}

/// What may stand before a phrase in a match.
fn is_edge(character: char) -> bool {
    !character.is_alphanumeric() && character != '('
}

/// Letters of scripts that do not part words, or join others to them.
pub(super) fn is_unspaced(character: char) -> bool {
    matches!(character,
        '\u{0E00}'..='\u{0E7F}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}')
}
