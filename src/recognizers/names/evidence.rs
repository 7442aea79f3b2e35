//! What speaks for each type of each candidate name, added up over the whole article.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::candidates::{Candidate, Form};
use super::context::Context;
use super::lexicon::{Class, Classes, WordId};
use super::scores::Scores;
use super::scores::weights::*;
use super::tokens::{Gap, Tokens};
use crate::text::Shape;

/// A candidate name with all the places where it stands.
#[derive(Clone, Debug)]
pub struct Name {
    /// Its words, by number.
    pub words: Vec<WordId>,
    /// Where it stands, as tokens.
    pub occurrences: Vec<Range<usize>>,
    /// What speaks for each type.
    pub scores: Scores,
}

/// Groups candidates by their words and weighs each name; `listed` are the first words of places in lists.
pub fn weigh(candidates: &[Candidate], listed: &HashSet<usize>, tokens: &Tokens<'_>) -> Vec<Name> {
    let mut by_words: HashMap<Vec<WordId>, usize> = HashMap::with_capacity(candidates.len());
    let mut names: Vec<(Name, Form)> = Vec::new();
    for candidate in candidates {
        let words = tokens.words(&candidate.tokens);
        let index = *by_words.entry(words).or_insert_with_key(|words| {
            let name = Name { words: words.clone(), occurrences: Vec::new(), scores: Scores::default() };
            names.push((name, candidate.form));
            names.len() - 1
        });
        let (name, form) = &mut names[index];
        name.occurrences.push(candidate.tokens.clone());
        if candidate.form != Form::Capitals {
            *form = candidate.form;
        }
    }
    for (name, form) in &mut names {
        name.scores = Weighing { tokens, listed, form: *form }.weigh(&name.occurrences);
    }
    let mut names: Vec<Name> = names.into_iter().map(|(name, _)| name).collect();
    weigh_surnames(&mut names, &by_words, tokens);
    names
}

/// A name whose last word stands alone elsewhere is a person's: first in full, then by surname.
fn weigh_surnames(names: &mut [Name], by_words: &HashMap<Vec<WordId>, usize>, tokens: &Tokens<'_>) {
    for name in names {
        let whole = &name.occurrences[0];
        let known = |at: usize| tokens.gazetteer_at(at).is_some_and(|known| known.any(Classes::WELL_KNOWN));
        let plain = |at: usize| tokens.all[at].shape == Shape::Capitalized && !known(at);
        if whole.clone().all(plain)
            && (2..=3).contains(&whole.len())
            && by_words.contains_key(&tokens.words(&tokens.surname(whole)))
        {
            name.scores += SURNAME_ALONE;
        }
    }
}

/// Beyond so many places the context tells nothing new; bounds the work on long texts.
const MAX_CONTEXTS: usize = 16;
struct Weighing<'s, 't> {
    tokens: &'s Tokens<'t>,
    listed: &'s HashSet<usize>,
    form: Form,
}

impl Weighing<'_, '_> {
    fn weigh(&self, occurrences: &[Range<usize>]) -> Scores {
        let mut scores = self.inside(&occurrences[0]);
        scores += self.writing(occurrences);
        let context = Context { tokens: self.tokens };
        for occurrence in occurrences.iter().take(MAX_CONTEXTS) {
            scores += context.before(occurrence);
            scores += context.behind(occurrence);
            if self.listed.contains(&occurrence.start) {
                scores += LISTED_PLACE;
            }
        }
        scores
    }

    /// What the name itself tells.
    fn inside(&self, name: &Range<usize>) -> Scores {
        let tokens = self.tokens;
        let mut scores = Scores::default();
        let (first, last) = (name.start, name.end - 1);
        let is = |at: usize, class: Class| tokens.word_is(at, class);
        match self.form {
            Form::Institution => scores += INSTITUTION_FORM,
            Form::Expansion => scores += EXPANSION_FORM,
            Form::Place => scores += PLACE_FORM,
            Form::Capitals => {}
        }
        if let Some(known) = tokens.gazetteer_at(first).filter(|known| known.end == name.end) {
            if known.is(Class::Organization) {
                scores += KNOWN_ORGANIZATION;
            }
            if known.any(Classes::of(&[Class::Country, Class::Place])) {
                scores += KNOWN_PLACE;
            } else if known.is(Class::Town) {
                scores += KNOWN_TOWN;
            }
            if known.is(Class::Ambiguous) {
                scores += AMBIGUOUS;
            }
            return scores;
        }
        if tokens.phrase_at(first).is_some_and(|phrase| phrase.is(Class::NotName) && phrase.end >= name.end) {
            scores += NO_NAME;
        }
        let all_are = |class: Class| name.clone().all(|at| is(at, class));
        let letters = name.clone().all(|at| tokens.all[at].span.len() == 1);
        if letters
            || all_are(Class::Demonym)
            || all_are(Class::Role)
            || all_are(Class::Calendar)
            || all_are(Class::Portfolio)
        {
            scores += NO_NAME;
        }
        let suffix = tokens.phrase_before(name.end).filter(|phrase| phrase.start > first);
        if suffix.is_some_and(|suffix| suffix.is(Class::LegalSuffix)) {
            scores += LEGAL_SUFFIX;
        }
        let heads = |class: Class| {
            is(first, class)
                || is(last, class)
                || tokens
                    .phrase_before(name.end)
                    .is_some_and(|phrase| phrase.is(class) && phrase.start > first)
        };
        let inside = |class: Class| name.clone().any(|at| is(at, class));
        if name.len() > 1 {
            if heads(Class::EventHead) || self.holds_number(name) {
                scores += EVENT_INSIDE;
            } else if inside(Class::Institution) || heads(Class::ProperInstitution) {
                scores += INSTITUTION_INSIDE;
            } else if is(first, Class::PlacePrefix) || is(last, Class::PlaceSuffix) {
                scores += PLACE_HEAD_INSIDE;
            }
        }
        if name.len() > 1 && tokens.starts(first, Class::Broadcaster) {
            scores += BROADCASTER_FIRST;
        }
        let linked = |at: usize| {
            tokens.gap(at) == Gap::Hyphen && tokens.gap(at + 1) == Gap::Hyphen && is(at, Class::PlaceLink)
        };
        if (first + 1..last).any(linked) {
            scores += PLACE_LINK_INSIDE;
        }
        if is(first, Class::Demonym) {
            scores += NATION_FIRST;
        }
        let introduced = tokens.phrase_before(first).is_some_and(|phrase| phrase.is(Class::FunctionWord));
        if name.len() == 1 && is(first, Class::Institution) && !tokens.all[first].initial && introduced {
            scores += INSTITUTION_ALONE;
        }
        scores += self.shape(name);
        scores
    }

    fn shape(&self, name: &Range<usize>) -> Scores {
        let tokens = self.tokens;
        let shapes = || tokens.all[name.clone()].iter().map(|token| token.shape);
        let mut scores = Scores::default();
        let given = tokens.word_is(name.start, Class::GivenName);
        if given {
            scores += if name.len() > 1 { GIVEN_NAME_FIRST } else { GIVEN_NAME_ALONE };
        }
        let (mut capitals, mut initials, mut small) = (0, 0, 0);
        for (at, token) in name.clone().zip(&tokens.all[name.clone()]) {
            match token.shape {
                Shape::Capitalized if token.span.len() == 1 && tokens.gap(at + 1) == Gap::Dot => {
                    initials += 1
                }
                Shape::Capitalized => capitals += 1,
                Shape::Lower => small += 1,
                _ => {}
            }
            if token.gap == Gap::Ampersand && at > name.start {
                scores += AMPERSAND;
            }
        }
        if initials > 0 && name.len() > 1 {
            scores += INITIAL_INSIDE;
        }
        if small > 0
            && (name.start + 1..name.end)
                .any(|at| tokens.starts(at, Class::Particle) && tokens.all[at].shape == Shape::Lower)
        {
            scores += PARTICLE_INSIDE;
        }
        if shapes().any(|shape| shape == Shape::Alphanumeric) {
            scores += DIGITS_INSIDE;
        }
        match (name.len(), capitals) {
            (2 | 3, 2 | 3) if capitals == name.len() && !tokens.word_is(name.start, Class::FunctionWord) => {
                scores += TWO_CAPITALS;
            }
            (_, 4..) => scores += MANY_CAPITALS,
            _ => {}
        }
        if name.len() == 1 {
            match tokens.all[name.start].shape {
                Shape::Upper if tokens.text(name.start).chars().count() >= 3 => scores += ACRONYM,
                Shape::Mixed => scores += CAMEL_CASE,
                _ => {}
            }
        }
        scores
    }

    /// Whether it has a number as products do.
    fn holds_number(&self, name: &Range<usize>) -> bool {
        self.tokens.all[name.clone()].iter().any(|token| token.shape == Shape::Digits)
    }

    /// What its capitals tell.
    fn writing(&self, occurrences: &[Range<usize>]) -> Scores {
        let tokens = self.tokens;
        let mut scores = Scores::default();
        let telling = |name: &Range<usize>| {
            let token = &tokens.all[name.start];
            !token.initial || name.len() > 1 || matches!(token.shape, Shape::Upper | Shape::Mixed)
        };
        if occurrences.iter().any(telling) {
            scores += CAPITAL_TELLS;
        }
        let name = &occurrences[0];
        if name.len() == 1 {
            let upper =
                tokens.all[name.start].shape == Shape::Upper && tokens.gazetteer_at(name.start).is_some();
            if !upper && tokens.seen_lower(tokens.all[name.start].word) {
                scores += SEEN_LOWER;
            }
            if !upper && tokens.word_is(name.start, Class::FunctionWord) {
                scores += FUNCTION_WORD;
            }
        }
        scores
    }
}
