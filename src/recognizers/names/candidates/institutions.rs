//! Institutions with what completes their names, and natural features and streets: names that small words are part of.

use std::ops::Range;

use super::super::lexicon::{Class, Classes};
use super::super::tokens::Gap;
use super::Scan;
use crate::text::Shape;

/// Whoever owns an office is named in fewer words.
const MAX_OWNER: usize = 5;

impl Scan<'_, '_> {
    /// Where the institution that starts at `at` ends: its noun, adjectives, and what a genitive adds.
    pub(super) fn institution(&self, at: usize) -> Option<usize> {
        let head = self.tokens.phrase_at(at).filter(|head| head.end <= self.end)?;
        let token = &self.tokens.all[at];
        let capital = token.shape == Shape::Capitalized;
        let proper = head.is(Class::ProperInstitution);
        if token.taken || head.any(Classes::NAMES) || !(proper || capital && head.is(Class::Institution)) {
            return None;
        }
        // `a school in X` is any school.
        if !capital && at > 0 && self.tokens.word_is(at - 1, Class::Indefinite) {
            return None;
        }
        // In lower case or at a sentence's start the noun alone tells little: a name must complete it.
        let marked = capital && !token.initial;
        let tail = if head.is(Class::Club) && marked {
            self.club_adjective(head.end)
        } else {
            self.adjectives(head.end)
        };
        let completed = self.genitive(tail).and_then(|complement| {
            if let Some(portfolio) =
                self.tokens.phrase_at(complement).filter(|phrase| phrase.is(Class::Portfolio))
            {
                return Some(self.adjectives(self.portfolios(portfolio.end)));
            }
            if self.begins_name(complement) && !self.tokens.starts(complement, Class::Honorific) {
                return (proper || marked).then(|| self.run(complement));
            }
            marked.then(|| self.nouns(complement)).flatten()
        });
        completed.or((capital && tail > head.end).then_some(tail))
    }

    /// Where the name ends that starts at `at` and owns an office: `the Harbour Master's Office`. What a country or a
    /// company owns (`France's Senate`) is named without it.
    pub(super) fn office(&self, at: usize) -> Option<Range<usize>> {
        let tokens = self.tokens;
        if !self.begins_name(at) {
            return None;
        }
        let same = |next: usize| tokens.gap(next) == Gap::Space && self.begins_name(next);
        let owned = at + 1 + (at + 1..self.end.min(at + MAX_OWNER)).take_while(|&next| same(next)).count();
        let office = owned + 1;
        if tokens.gap(owned) != Gap::Apostrophe
            || office >= self.end
            || tokens.all[owned].span.len() != 1
            || tokens.gap(office) != Gap::Space
            || tokens.all[office].shape != Shape::Capitalized
            || !tokens.word_is(office, Class::Institution)
        {
            return None;
        }
        let start = self.strip(at, owned);
        let named = start < owned && tokens.gazetteer_at(start).is_none();
        named.then(|| start..self.run(office))
    }

    /// Where the adjective behind a club's noun ends: a small word that is nothing else.
    fn club_adjective(&self, at: usize) -> usize {
        let adjective = at < self.end
            && self.tokens.gap(at) == Gap::Space
            && self.tokens.all[at].shape == Shape::Lower
            && self.tokens.phrase_at(at).is_none();
        if adjective { at + 1 } else { self.adjectives(at) }
    }

    /// Behind the genitive at `at`, if it is one that makes a name and not a circumstance.
    fn genitive(&self, at: usize) -> Option<usize> {
        const CIRCUMSTANCES: Classes = Classes::of(&[Class::OrgPreposition, Class::PlacePreposition]);
        let genitive =
            self.tokens.phrase_at(at).filter(|phrase| phrase.is(Class::Genitive) && phrase.end < self.end)?;
        let joined = self.tokens.gap(at).joins() && self.tokens.gap(genitive.end).joins();
        (joined && !genitive.any(CIRCUMSTANCES)).then_some(genitive.end)
    }

    /// Where the small nouns end that say what an institution is for: `of statistics and economic studies`.
    fn nouns(&self, mut at: usize) -> Option<usize> {
        let noun = |at: usize| {
            at < self.end
                && self.tokens.all[at].shape == Shape::Lower
                && self.tokens.gap(at).joins()
                && !self.tokens.word_is(at, Class::FunctionWord)
        };
        if !noun(at) {
            return None;
        }
        loop {
            at = self.adjectives(at + 1);
            let link =
                self.tokens.phrase_at(at).filter(|link| link.is(Class::Conjunction) && link.end > at + 1);
            match link.filter(|link| self.tokens.gap(at).joins() && noun(link.end)) {
                Some(link) => at = link.end,
                None => return Some(at),
            }
        }
    }

    /// Where the natural feature or the street ends whose noun starts at `at`.
    pub(super) fn place(&self, at: usize) -> Option<usize> {
        let head =
            self.tokens.phrase_at(at).filter(|head| head.is(Class::ProperPlace) && head.end < self.end)?;
        if self.tokens.all[at].taken || !self.tokens.gap(head.end).joins() {
            return None;
        }
        let name = self.genitive(head.end).unwrap_or(head.end);
        self.begins_name(name).then(|| self.run(name))
    }

    /// Where the adjectives of an institution that start at `at` end.
    fn adjectives(&self, mut at: usize) -> usize {
        const ADJECTIVES: Classes = Classes::of(&[Class::InstitutionAdjective, Class::Demonym]);
        while at < self.end
            && self.tokens.all[at].gap == Gap::Space
            && self.tokens.all[at].shape == Shape::Lower
            && self.tokens.phrase_at(at).is_some_and(|phrase| phrase.any(ADJECTIVES) && phrase.end == at + 1)
        {
            at += 1;
            // `anti-doping`
            while at < self.end
                && self.tokens.all[at].gap == Gap::Hyphen
                && self.tokens.all[at].shape == Shape::Lower
            {
                at += 1;
            }
        }
        at
    }

    /// Where a ministry's further portfolios end, of which one has ended at `at`.
    fn portfolios(&self, mut at: usize) -> usize {
        while at < self.end && self.tokens.gap(at).joins() {
            let Some(link) = self.tokens.phrase_at(at).filter(|phrase| phrase.is(Class::Conjunction)) else {
                break;
            };
            let Some(next) = self
                .tokens
                .phrase_at(link.end)
                .filter(|phrase| phrase.is(Class::Portfolio) && phrase.end <= self.end)
            else {
                break;
            };
            at = next.end;
        }
        at
    }
}
