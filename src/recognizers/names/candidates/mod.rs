//! Word sequences that may be names: runs of capitals with their connectors, and institutions with their tails.

mod institutions;

use std::ops::Range;

use super::acronyms;
use super::lexicon::{Class, Classes};
use super::tokens::{Gap, Token, Tokens};
use crate::text::{Casing, Shape, Text};

/// A word sequence that may be a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its words.
    pub tokens: Range<usize>,
    /// How it was put together.
    pub form: Form,
}

/// How a candidate was put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Capitals, with connectors between them.
    Capitals,
    /// The noun of an institution and what completes it.
    Institution,
    /// The noun of a natural feature or a street and its name.
    Place,
    /// The words that an acronym in brackets behind them stands for.
    Expansion,
}

/// Every candidate, by position. Blocks in title case or capitals have none: there a capital tells nothing.
pub fn candidates(text: &Text, tokens: &Tokens<'_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    for sentence in text.sentences() {
        let range = sentence.words.clone();
        if tokens.all.get(range.start).is_some_and(|token| token.casing == Casing::Sentence) {
            Scan { tokens, end: range.end }.sentence(range.start, &mut found);
        }
    }
    found.retain(|candidate| candidate.tokens.len() <= MAX_WORDS);
    expand(&mut found, acronyms::expansions(tokens));
    found
}

/// Puts the expansions of acronyms in the place of the candidates that they overlap.
fn expand(found: &mut Vec<Candidate>, expansions: Vec<Range<usize>>) {
    let overlapped = |tokens: &Range<usize>| {
        let next = expansions.partition_point(|expansion| expansion.end <= tokens.start);
        expansions.get(next).is_some_and(|expansion| expansion.start < tokens.end)
    };
    found.retain(|candidate| !overlapped(&candidate.tokens));
    found.extend(expansions.into_iter().map(|tokens| Candidate { tokens, form: Form::Expansion }));
    found.sort_by_key(|candidate| candidate.tokens.start);
}

/// Longer sequences are no names; bounds the work on endless capitals.
const MAX_WORDS: usize = 24;
/// Behind a hyphen, a small word this short belongs to the name before it (`Seung-il`).
const SHORT_SYLLABLE: usize = 5;

struct Scan<'s, 't> {
    tokens: &'s Tokens<'t>,
    /// Behind the sentence's last token.
    end: usize,
}

impl Scan<'_, '_> {
    fn sentence(&self, start: usize, found: &mut Vec<Candidate>) {
        let first = found.len();
        let mut at = start;
        while at < self.end {
            let (next, form) = if let Some(end) = self.institution(at) {
                (end, Form::Institution)
            } else if let Some(office) = self.office(at) {
                at = office.start;
                (office.end, Form::Institution)
            } else if let Some(end) = self.place(at) {
                (end, Form::Place)
            } else if self.begins_name(at) {
                (self.run(at), Form::Capitals)
            } else {
                at += 1;
                continue;
            };
            match form {
                Form::Capitals => self.split(at..next, found),
                _ => found.push(Candidate { tokens: at..next, form }),
            }
            at = next;
        }
        self.link(first, found);
    }

    /// Whether a token may stand in a name for its writing.
    fn begins_name(&self, at: usize) -> bool {
        let token = &self.tokens.all[at];
        if at >= self.end
            || token.taken
            || !has_capital(token, self.tokens.view)
            || self.tokens.is_in_address(at) && self.tokens.gazetteer_at(at).is_none()
        {
            return false;
        }
        // `I`, and French `À`: letters that are words.
        let letter =
            token.shape == Shape::Capitalized && token.span.of(self.tokens.view).chars().nth(1).is_none();
        if letter && self.tokens.word_is(at, Class::FunctionWord) && self.tokens.gap(at + 1) == Gap::Space {
            return false;
        }
        !self.tokens.word_is(at, Class::Calendar)
            || at > 0 && self.tokens.word_is(at - 1, Class::GivenName)
            || self.is_someones_month(at)
    }

    /// Whether a month is a given name: before a surname, where the words around tell a person.
    fn is_someones_month(&self, at: usize) -> bool {
        const BEFORE: Classes =
            Classes::of(&[Class::SayVerb, Class::Honorific, Class::Role, Class::PersonNoun, Class::Byline]);
        const BEHIND: Classes =
            Classes::of(&[Class::Role, Class::PersonNoun, Class::PersonPronoun, Class::Age]);
        let tokens = self.tokens;
        let surname = at + 1;
        let named = tokens.word_is(at, Class::GivenName)
            && surname < self.end
            && tokens.gap(surname) == Gap::Space
            && tokens.all[surname].shape == Shape::Capitalized
            && tokens.phrase_at(surname).is_none();
        let introduced = || tokens.phrase_before(at).is_some_and(|phrase| phrase.any(BEFORE));
        let apposed = || {
            tokens.gap(surname + 1) == Gap::Comma
                && (surname + 1..=surname + 3)
                    .any(|next| tokens.phrase_at(next).is_some_and(|phrase| phrase.any(BEHIND)))
        };
        named && (introduced() || apposed())
    }

    /// Where the run of capitals that starts at `start` ends.
    fn run(&self, start: usize) -> usize {
        let mut end = start + 1;
        loop {
            if let Some(name) = self.tokens.gazetteer_at(end - 1)
                && name.end > end
                && name.end <= self.end
            {
                end = name.end;
            }
            if end >= self.end || end - start >= MAX_WORDS {
                return end;
            }
            if let Some(behind) = self.legal_suffix(end) {
                end = behind;
                continue;
            }
            end = match self.tokens.all[end].gap {
                Gap::Space | Gap::Ampersand if self.begins_name(end) => end + 1,
                Gap::Dot
                    if self.begins_name(end)
                        && self.is_abbreviated(end - 1)
                        && !self.tokens.word_is(end, Class::FunctionWord) =>
                {
                    end + 1
                }
                Gap::Apostrophe if self.begins_name(end) && self.is_prefix(end - 1) => end + 1,
                Gap::Hyphen => match self.behind_hyphen(start, end) {
                    Some(next) => next,
                    None => return end,
                },
                _ => return end,
            };
        }
    }

    /// Where the legal form that starts at `at` ends; in small letters only where it is known to be written so.
    fn legal_suffix(&self, at: usize) -> Option<usize> {
        let suffix = self
            .tokens
            .phrase_at(at)
            .filter(|suffix| suffix.is(Class::LegalSuffix) && suffix.end <= self.end)?;
        let small = self.tokens.all[at].shape == Shape::Lower;
        let written = if small {
            suffix.entry.small && !suffix.is(Class::FunctionWord)
        } else {
            (at..suffix.end).all(|word| self.begins_name(word))
        };
        let gap = self.tokens.gap(at);
        (written && (gap == Gap::Space || gap == Gap::Comma && !small)).then_some(suffix.end)
    }

    /// Where a hyphenated word goes on that has a hyphen before the token `at`, if that is part of the name.
    fn behind_hyphen(&self, start: usize, at: usize) -> Option<usize> {
        if self.begins_name(at) {
            return Some(at + 1);
        }
        // `Bourg-en-Bresse`, `Val-d'Or`: small words between hyphens.
        let inner = (at + 1..self.end.min(at + 3))
            .take_while(|&next| matches!(self.tokens.gap(next), Gap::Hyphen | Gap::Apostrophe));
        if let Some(capital) = inner.into_iter().find(|&next| self.begins_name(next)) {
            return Some(capital + 1);
        }
        let syllable =
            self.tokens.all[at].shape == Shape::Lower && self.tokens.all[at].span.len() <= SHORT_SYLLABLE;
        (syllable && at - start >= 2 && self.tokens.phrase_at(at).is_none()).then_some(at + 1)
    }

    fn is_abbreviated(&self, at: usize) -> bool {
        self.tokens.all[at].span.len() == 1
            || self.tokens.word_is(at, Class::Honorific)
            || self.tokens.word_is(at, Class::PlacePrefix)
    }

    /// Whether a capital before an apostrophe is part of the name: `O'Neill`, but not `L'` at a sentence's start.
    fn is_prefix(&self, at: usize) -> bool {
        let token = &self.tokens.all[at];
        token.span.len() <= 2 && !(token.initial && self.tokens.word_is(at, Class::Elision))
    }

    /// Cuts off what is no part of a name, and splits at roles and titles between names.
    fn split(&self, run: Range<usize>, found: &mut Vec<Candidate>) {
        let mut start = self.strip(run.start, run.end);
        let mut at = start;
        while at < run.end {
            if let Some(name) = self.tokens.gazetteer_at(at).filter(|name| name.end > at + 1 || at == start) {
                // `told the agency Reuters First Last`: who is named behind it is someone else.
                let whole = at == start && name.is(Class::Organization) && !name.is(Class::Ambiguous);
                at = name.end.min(run.end);
                if whole && at + 1 < run.end && self.tokens.word_is(at, Class::GivenName) {
                    push(start..at, found);
                    start = at;
                }
                continue;
            }
            match self.title_at(at, start, run.end) {
                Some(end) => {
                    push(start..at, found);
                    start = self.strip(end, run.end);
                    at = start;
                }
                None => at += 1,
            }
        }
        push(start..run.end, found);
    }

    /// Where the role or title that starts at `at` ends; `start` is where the name before it starts.
    fn title_at(&self, at: usize, start: usize, end: usize) -> Option<usize> {
        const TITLES: Classes = Classes::of(&[Class::Role, Class::Minister, Class::Honorific]);
        let mut phrase = self.tokens.phrase_at(at)?;
        // `Foreign Minister`
        if phrase.is(Class::Portfolio) && phrase.end < end && self.tokens.starts(phrase.end, Class::Minister)
        {
            phrase = self.tokens.phrase_at(phrase.end)?;
        }
        let named = at > start && at + 1 == phrase.end && self.tokens.word_is(at - 1, Class::GivenName);
        let abbreviated =
            phrase.is(Class::Honorific) && !phrase.is(Class::Role) && self.tokens.all[at].gap == Gap::Hyphen;
        (phrase.any(TITLES) && phrase.end <= end && !named && !abbreviated).then_some(phrase.end)
    }

    /// Where the name begins behind function words, articles, elisions, portfolios and nationalities.
    fn strip(&self, mut start: usize, end: usize) -> usize {
        while start < end {
            match self.no_name_at(start, end) {
                Some(next) => start = next.min(end),
                None => break,
            }
        }
        start
    }

    /// Where the words end that begin the run `start..end` without being part of its name.
    fn no_name_at(&self, start: usize, end: usize) -> Option<usize> {
        let tokens = self.tokens;
        let is = |class: Class| tokens.word_is(start, class);
        let phrase = tokens.phrase_at(start).filter(|phrase| phrase.end <= end);
        if let Some(phrase) = phrase {
            let organization = tokens.word_is(end - 1, Class::LegalSuffix)
                || (start..end).any(|at| tokens.word_is(at, Class::Institution));
            let named = tokens.word_is(phrase.end, Class::GivenName) && phrase.end < end;
            let known = tokens.gazetteer_at(start).is_some();
            // `Northern England`
            if phrase.is(Class::PlacePreposition)
                && !known
                && tokens.gazetteer_at(phrase.end).is_some_and(|place| place.any(Classes::PLACES))
            {
                return Some(phrase.end);
            }
            if phrase.is(Class::Demonym) && (named || !known && !organization)
                || phrase.is(Class::Portfolio) && tokens.is_ministers(start)
            {
                return Some(phrase.end);
            }
            if known {
                return None;
            }
        }
        let token = &tokens.all[start];
        let elided = token.initial && is(Class::Elision) && tokens.gap(start + 1) == Gap::Apostrophe;
        let function = token.initial && token.shape != Shape::Upper && is(Class::FunctionWord);
        (elided || function || is(Class::Article)).then_some(start + 1)
    }

    /// Joins neighbours that a genitive, a particle or a conjunction makes one name.
    fn link(&self, first: usize, found: &mut Vec<Candidate>) {
        let mut kept = first;
        for next in first + 1..found.len() {
            let (left, right) = (found[kept].tokens.clone(), found[next].tokens.clone());
            if self.links(&left, &right) {
                found[kept].tokens.end = right.end;
            } else {
                kept += 1;
                found[kept] = found[next].clone();
            }
        }
        found.truncate(if found.len() > first { kept + 1 } else { first });
    }

    fn links(&self, left: &Range<usize>, right: &Range<usize>) -> bool {
        let between = left.end..right.start;
        if between.is_empty()
            || between.len() > 3
            || left.len() + right.len() > MAX_WORDS
            || !(left.end..=right.start).all(|at| self.tokens.gap(at).joins())
        {
            return false;
        }
        let Some(connector) = self.tokens.phrase_at(left.end).filter(|phrase| phrase.end == right.start)
        else {
            return false;
        };
        let (genitive, particle) = (connector.is(Class::Genitive), connector.is(Class::Particle));
        let last = left.end - 1;
        // Particles that are ordinary words too, such as French `de` and `le`, only behind a given name.
        let ordinary = genitive || connector.is(Class::FunctionWord);
        if particle && (!ordinary || self.tokens.word_is(last, Class::GivenName)) {
            return self.tokens.gazetteer_at(left.start).is_none();
        }
        if connector.is(Class::Conjunction) {
            let portfolio =
                self.tokens.phrase_before(left.end).is_some_and(|phrase| phrase.is(Class::Portfolio));
            return portfolio && left.len() > 1 && self.tokens.starts(right.start, Class::Portfolio);
        }
        // Only short genitives make names: `of`, not `at the`.
        let short =
            genitive && !connector.is(Class::OrgPreposition) && !connector.is(Class::PlacePreposition);
        const HEADS: Classes = Classes::of(&[
            Class::Institution,
            Class::ProperInstitution,
            Class::PlacePrefix,
            Class::EventHead,
        ]);
        let head = |at: usize| {
            self.tokens.phrase_at(at).is_some_and(|phrase| phrase.any(HEADS))
                || self.tokens.word_is(at, Class::Institution)
        };
        short
            && (head(last) || head(left.start))
            && self.tokens.gazetteer_at(left.start).is_none_or(|name| name.end < left.end)
    }
}

fn push(tokens: Range<usize>, found: &mut Vec<Candidate>) {
    if !tokens.is_empty() {
        found.push(Candidate { tokens, form: Form::Capitals });
    }
}

fn has_capital(token: &Token, view: &str) -> bool {
    token.shape.has_capital()
        || token.shape == Shape::Alphanumeric && token.span.of(view).starts_with(char::is_uppercase)
}
