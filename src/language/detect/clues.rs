//! What the packs know of languages, function words and letters, and how much they tell of a piece of text.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use whatlang::{Lang, Script};

use super::codes;
use crate::error::PackError;
use crate::language::Pack;

/// How many languages whatlang knows; a `Lang` as a number is below it.
pub const LANGUAGES: usize = 70;

/// A function word of rank r has a share of about 0.1 / r in its language (Zipf's law), and is taken to have one of
/// 0.0001 in any other, as a name or a quotation. This is the ratio of the two at rank 1.
const WORD_ODDS: f32 = 1_000.0;
/// Log-odds that a letter takes from each language that does not spell with it.
const LETTER: f32 = 3.0;
/// A word counts at most this many such letters: they do not come independently.
const LETTERS_OF_A_WORD: usize = 2;
/// Log-odds that a letter takes from each language of other scripts, for at most so many letters of one piece.
const OTHER_SCRIPT: f32 = 1.0;
const LETTERS_OF_A_SCRIPT: usize = 20;
/// Log-odds against a language that hardly any news is written in.
const RARE: f32 = 3.0;

/// A bit for each `Lang`.
type LanguageSet = u128;

/// Log-odds of each language, by `Lang`.
#[derive(Clone, Debug)]
pub struct Scores([f32; LANGUAGES]);

/// What the packs know of languages.
#[derive(Debug)]
pub struct Clues {
    /// By word: the languages that have it, and their log-odds.
    words: HashMap<String, Vec<(Lang, f32)>>,
    /// By letter: the languages that spell with it.
    letters: HashMap<char, LanguageSet>,
    prior: Scores,
}

/// What a piece of text tells.
#[derive(Debug)]
pub struct Evidence {
    /// Without priors.
    pub scores: Scores,
    /// The part of `scores` that comes from letters of words with a capital inside a sentence, as names have.
    pub named: Scores,
    pub words: usize,
    /// Words that begin with a small letter.
    pub small_words: usize,
    /// Without those with a capital inside a sentence, which are the next figure.
    pub function_words: usize,
    pub named_function_words: usize,
    pub letters: usize,
    /// Letters of words with a capital inside a sentence.
    pub named_letters: usize,
}

/// One language of `und/clues.toml`.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Clue {
    words: String,
    letters: String,
    rare: bool,
}

impl Clues {
    /// Those of every pack, and of the languages that have none.
    pub fn embedded() -> Result<Clues, PackError> {
        let mut clues = Clues { words: HashMap::new(), letters: HashMap::new(), prior: Scores::zero() };
        for (code, clue) in Pack::neutral().read::<BTreeMap<String, Clue>>("clues.toml")? {
            let Some(language) = codes::language(&code).filter(|_| Pack::get(&code).is_none()) else {
                continue;
            };
            clues.learn(language, &clue.words, &clue.letters);
            if clue.rare {
                clues.prior.add(language, -RARE);
            }
        }
        for pack in Pack::languages() {
            let Some(language) = codes::language(pack.code()) else { continue };
            let file = pack.language()?;
            clues.learn(language, &file.words, &file.letters);
        }
        Ok(clues)
    }

    /// The log-odds of each language before anything is read.
    pub fn prior(&self) -> Scores {
        self.prior.clone()
    }

    /// What `text` tells by its words, letters and script.
    pub fn weigh(&self, text: &str) -> Evidence {
        let mut evidence = Evidence::none();
        let mut word = String::new();
        let mut capital = false;
        for character in text.chars().chain([' ']) {
            let joins = character.is_alphabetic() || (is_apostrophe(character) && !word.is_empty());
            if joins && !is_unspaced(character) {
                if word.is_empty() {
                    capital = character.is_uppercase();
                    evidence.small_words += usize::from(character.is_lowercase());
                }
                push_folded(&mut word, character);
                continue;
            }
            self.weigh_word(&word, capital && evidence.words > 0, &mut evidence);
            word.clear();
            if is_unspaced(character) {
                capital = false;
                word.push(character);
            }
        }
        if let Some(script) = whatlang::detect_script(text) {
            let letters = evidence.letters.min(LETTERS_OF_A_SCRIPT) as f32;
            evidence.scores.take_from_others(languages_of(script), OTHER_SCRIPT * letters);
        }
        evidence
    }

    fn learn(&mut self, language: Lang, words: &str, letters: &str) {
        for (rank, word) in (1_u16..).zip(words.split_whitespace()) {
            let known = self.words.entry(word.to_owned()).or_default();
            known.push((language, (WORD_ODDS / f32::from(rank)).ln()));
        }
        for letter in letters.chars().filter(|letter| !letter.is_whitespace()) {
            *self.letters.entry(letter).or_default() |= bit(language);
        }
    }

    fn weigh_word(&self, word: &str, named: bool, evidence: &mut Evidence) {
        if word.is_empty() {
            return;
        }
        evidence.words += 1;
        let letters = word.chars().map(letters).sum::<usize>();
        evidence.letters += letters;
        evidence.named_letters += if named { letters } else { 0 };
        if !self.weigh_known(word, named, evidence) && word.contains('\'') {
            // An elided word and the one after it, or a closing quotation mark.
            for part in word.split_inclusive('\'') {
                if !self.weigh_known(part, named, evidence) {
                    self.weigh_known(part.trim_end_matches('\''), named, evidence);
                }
            }
        }
        if word.is_ascii() {
            return;
        }
        let telling = word.chars().filter_map(|character| self.letters.get(&character));
        for languages in telling.take(LETTERS_OF_A_WORD) {
            evidence.scores.take_from_others(*languages, LETTER);
            if named {
                evidence.named.take_from_others(*languages, LETTER);
            }
        }
    }

    /// Weighs a function word; false where it is none.
    fn weigh_known(&self, word: &str, named: bool, evidence: &mut Evidence) -> bool {
        let Some(known) = self.words.get(word) else { return false };
        let count = if named { &mut evidence.named_function_words } else { &mut evidence.function_words };
        *count += 1;
        known.iter().for_each(|(language, odds)| evidence.scores.add(*language, *odds));
        true
    }
}

impl Evidence {
    fn none() -> Evidence {
        Evidence {
            scores: Scores::zero(),
            named: Scores::zero(),
            words: 0,
            small_words: 0,
            function_words: 0,
            named_function_words: 0,
            letters: 0,
            named_letters: 0,
        }
    }
}

impl Scores {
    fn zero() -> Scores {
        Scores([0.0; LANGUAGES])
    }

    /// Adds log-odds of one language.
    pub fn add(&mut self, language: Lang, odds: f32) {
        self.0[language as usize] += odds;
    }

    /// Adds what another piece of text tells, at `weight`.
    pub fn add_scores(&mut self, others: &Scores, weight: f32) {
        self.0.iter_mut().zip(others.0).for_each(|(score, other)| *score += weight * other);
    }

    /// The most probable language, and how far, in log-odds, the next one is behind; of equals the first by `Lang`.
    pub fn best(&self) -> (Lang, f32) {
        let (mut best, mut second) = (0, f32::NEG_INFINITY);
        for index in 1..LANGUAGES {
            if self.0[index] > self.0[best] {
                second = self.0[best];
                best = index;
            } else {
                second = second.max(self.0[index]);
            }
        }
        (Lang::all()[best], self.0[best] - second)
    }

    fn take_from_others(&mut self, languages: LanguageSet, odds: f32) {
        for (index, score) in self.0.iter_mut().enumerate() {
            *score -= if languages >> index & 1 == 0 { odds } else { 0.0 };
        }
    }
}

/// The languages written in `script`. Chinese and Japanese share characters, so kana and Han are one script here,
/// and the letters tell which of the two it is.
fn languages_of(script: Script) -> LanguageSet {
    match script {
        Script::Mandarin | Script::Hiragana | Script::Katakana => bit(Lang::Cmn) | bit(Lang::Jpn),
        _ => script.langs().iter().fold(0, |set, language| set | bit(*language)),
    }
}

fn bit(language: Lang) -> LanguageSet {
    1 << language as u32
}

fn push_folded(word: &mut String, character: char) {
    if is_apostrophe(character) {
        return word.push('\'');
    }
    if character.is_ascii() {
        return word.push(character.to_ascii_lowercase());
    }
    // Unicode lower-cases the Turkish İ to i and a combining dot, which no word list has.
    word.extend(character.to_lowercase().filter(|lower| *lower != '\u{307}'));
}

fn is_apostrophe(character: char) -> bool {
    matches!(character, '\'' | '’')
}

/// How much of a text a character is, in letters of an alphabet.
fn letters(character: char) -> usize {
    match character {
        '\'' => 0,
        _ if is_unspaced(character) => 2,
        _ => 1,
    }
}

/// Kana and Han, which are set without spaces: each character is a word of its own.
fn is_unspaced(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_fit() {
        assert_eq!(Lang::all().len(), LANGUAGES);
        for (index, language) in Lang::all().iter().enumerate() {
            assert_eq!(*language as usize, index, "{language:?}");
        }
    }

    #[test]
    fn packs_are_of_known_languages_and_name_no_word_twice() {
        let clues: BTreeMap<String, Clue> = Pack::neutral().read("clues.toml").unwrap();
        for (code, clue) in &clues {
            assert!(codes::language(code).is_some(), "{code} is no language that can be detected");
            assert_words(code, &clue.words, &clue.letters);
        }
        for pack in Pack::languages() {
            let file = pack.language().unwrap();
            // A script that no other language is written in tells enough.
            assert!(!file.display_name.is_empty(), "{}", pack.code());
            assert_words(pack.code(), &file.words, &file.letters);
        }
    }

    fn assert_words(code: &str, words: &str, letters: &str) {
        let mut seen = std::collections::BTreeSet::new();
        for word in words.split_whitespace() {
            assert!(seen.insert(word), "{code}: {word} stands twice");
            let mut folded = String::new();
            word.chars().for_each(|character| push_folded(&mut folded, character));
            let whole = folded.chars().all(|character| character.is_alphabetic() || character == '\'');
            assert!(whole && folded == word && !word.starts_with('\''), "{code}: {word} can never be found");
        }
        assert!(
            letters.chars().all(|letter| !letter.is_ascii() || letter.is_ascii_whitespace()),
            "{code}: {letters}"
        );
    }
}
