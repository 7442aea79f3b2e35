//! What the text says of persons beside their names: honorific, role, affiliation, given and family name.

use std::ops::Range;

use super::consistency::Found;
use super::lexicon::{Class, Classes};
use super::scores::Kind;
use super::tokens::{Gap, Phrase, Tokens};
use crate::mention::Span;
use crate::values::Person;

/// Reads what stands around each person.
pub struct Roles<'s, 't> {
    tokens: &'s Tokens<'t>,
    found: &'s [Found],
}

/// Words that may stand between a comma and the role behind a name.
const MAX_MODIFIERS: usize = 4;

/// A role in the text, and the organization that it is held in.
struct Office {
    words: Range<usize>,
    affiliation: Option<Span>,
}

impl<'s, 't> Roles<'s, 't> {
    /// Over the names `found`, by position.
    pub fn new(tokens: &'s Tokens<'t>, found: &'s [Found]) -> Roles<'s, 't> {
        Roles { tokens, found }
    }

    /// What the text says of the person named at `name`.
    pub fn person(&self, name: &Range<usize>) -> Person {
        let (given_name, family_name) = self.split(name);
        let honorific = self.tokens.phrase_before(name.start).filter(|phrase| {
            matches!(self.tokens.gap(name.start), Gap::Space | Gap::Dot)
                && phrase.is(Class::Honorific)
                && !phrase.is(Class::Role)
        });
        let before = honorific.map_or(name.start, |phrase| phrase.start);
        let office = self.office_before(before).or_else(|| self.office_behind(name.end));
        let words = |range: Range<usize>| self.tokens.span(&range).of(self.tokens.view).to_owned();
        Person {
            given_name,
            family_name,
            honorific: honorific.map_or_else(String::new, |phrase| self.dotted(&phrase)),
            role: office.as_ref().map_or_else(String::new, |office| words(office.words.clone())),
            affiliation: office.and_then(|office| office.affiliation),
        }
    }

    /// Given and family name: the words before the last one, or before a particle.
    fn split(&self, name: &Range<usize>) -> (String, String) {
        let words = |range: Range<usize>| {
            if range.is_empty() {
                String::new()
            } else {
                self.tokens.span(&range).of(self.tokens.view).to_owned()
            }
        };
        let known = self.tokens.word_is(name.start, Class::GivenName);
        if name.len() == 1 {
            return if known {
                (words(name.clone()), String::new())
            } else {
                (String::new(), words(name.clone()))
            };
        }
        let family = self.tokens.surname(name).start;
        (words(name.start..family), words(family..name.end))
    }

    /// The words of an honorific with its full stop.
    fn dotted(&self, phrase: &Phrase<'_>) -> String {
        let span = self.tokens.span(&(phrase.start..phrase.end));
        let dot = self.tokens.view[span.end..].starts_with('.');
        Span::new(span.start, span.end + usize::from(dot)).of(self.tokens.view).to_owned()
    }

    /// `chief executive Name`, `X chief executive Name`, `X's chief executive, Name`, `the spokeswoman of X, Name`.
    fn office_before(&self, name: usize) -> Option<Office> {
        if !matches!(self.tokens.gap(name), Gap::Space | Gap::Comma) {
            return None;
        }
        if let Some(role) = self.role_ending_at(name) {
            let affiliation = self.owner_before(role.start);
            return Some(Office { words: role, affiliation });
        }
        let held = self.ending_at(name).filter(|held| held.kind != Kind::Person)?;
        let words = self.role_of(held.tokens.start)?;
        let affiliation = (held.kind == Kind::Organization).then_some(held.span);
        Some(Office { words, affiliation })
    }

    /// `Name, chief executive of X`, `Name, X's chief executive`, `Name, X chief executive`.
    fn office_behind(&self, end: usize) -> Option<Office> {
        if self.tokens.gap(end) != Gap::Comma {
            return None;
        }
        if let Some(organization) = self.organization_at(end) {
            let mut at = organization.end;
            if self.tokens.gap(at) == Gap::Apostrophe && self.tokens.all[at].span.len() == 1 {
                at += 1;
            }
            let role = self.role_at(at).filter(|role| !self.leads_to_person(role.end))?;
            return Some(Office { words: role, affiliation: Some(self.tokens.span(&organization)) });
        }
        for at in end..=end + MAX_MODIFIERS {
            if at > end && !self.tokens.gap(at).joins() {
                return None;
            }
            let Some(role) = self.role_at(at) else { continue };
            let owner = self.owned_at(role.end);
            if self.leads_to_person(owner.as_ref().map_or(role.end, |owner| owner.end)) {
                return None;
            }
            let affiliation = owner.map(|organization| self.tokens.span(&organization));
            return Some(Office { words: role, affiliation });
        }
        None
    }

    /// Whether the next person's name follows, with or without an honorific: the office is theirs.
    fn leads_to_person(&self, at: usize) -> bool {
        let honorific = self.tokens.phrase_at(at).filter(|phrase| phrase.is(Class::Honorific));
        let name = honorific.map_or(at, |phrase| phrase.end);
        let joined = |at| matches!(self.tokens.gap(at), Gap::Space | Gap::Dot);
        joined(at) && joined(name) && self.starting_at(name).is_some_and(|found| found.kind == Kind::Person)
    }

    /// The role that starts at a token, with a minister's portfolio.
    fn role_at(&self, at: usize) -> Option<Range<usize>> {
        const ROLES: Classes = Classes::of(&[Class::Role, Class::Minister]);
        let phrase = self.tokens.phrase_at(at)?;
        if phrase.is(Class::Portfolio) && self.tokens.starts(phrase.end, Class::Minister) {
            return Some(at..self.tokens.phrase_at(phrase.end)?.end);
        }
        if !phrase.any(ROLES) {
            return None;
        }
        let portfolio = self
            .tokens
            .phrase_at(phrase.end)
            .filter(|genitive| phrase.is(Class::Minister) && genitive.is(Class::Genitive));
        let portfolio = portfolio
            .and_then(|genitive| self.tokens.phrase_at(genitive.end))
            .filter(|phrase| phrase.is(Class::Portfolio));
        Some(at..portfolio.map_or(phrase.end, |portfolio| portfolio.end))
    }

    /// The role that ends before a token, with a minister's portfolio.
    fn role_ending_at(&self, end: usize) -> Option<Range<usize>> {
        let last = self.tokens.phrase_before(end)?;
        if last.any(Classes::of(&[Class::Role, Class::Minister])) {
            let portfolio = self
                .tokens
                .phrase_before(last.start)
                .filter(|phrase| phrase.is(Class::Portfolio) && last.is(Class::Minister));
            return Some(portfolio.map_or(last.start, |phrase| phrase.start)..end);
        }
        let genitive = self
            .tokens
            .phrase_before(last.start)
            .filter(|phrase| last.is(Class::Portfolio) && phrase.is(Class::Genitive))?;
        let role = self.tokens.phrase_before(genitive.start).filter(|phrase| phrase.is(Class::Minister))?;
        Some(role.start..end)
    }

    /// The role before `de X` or `of X`, where X starts at `held`.
    fn role_of(&self, held: usize) -> Option<Range<usize>> {
        let mut at = held;
        let mut link = self.tokens.phrase_before(at)?;
        if link.is(Class::Article) && !link.is(Class::Genitive) {
            at = link.start;
            link = self.tokens.phrase_before(at)?;
        }
        let joined = link.is(Class::Genitive) && self.tokens.gap(at).joins();
        joined.then(|| self.role_ending_at(link.start)).flatten()
    }

    /// The organization behind a genitive that starts at `at`.
    fn owned_at(&self, at: usize) -> Option<Range<usize>> {
        let genitive = self
            .tokens
            .phrase_at(at)
            .filter(|phrase| phrase.is(Class::Genitive) && self.tokens.gap(at).joins())?;
        let skipped =
            (genitive.end..self.tokens.all.len()).find(|&next| !self.tokens.word_is(next, Class::Article))?;
        self.organization_at(skipped)
    }

    /// The organization right before a role, with or without `'s`.
    fn owner_before(&self, role: usize) -> Option<Span> {
        let possessive = role > 0
            && self.tokens.gap(role - 1) == Gap::Apostrophe
            && self.tokens.all[role - 1].span.len() == 1;
        let end = if possessive { role - 1 } else { role };
        let joined = matches!(self.tokens.gap(role), Gap::Space | Gap::Dot);
        joined
            .then(|| self.organization_ending_at(end))
            .flatten()
            .map(|organization| self.tokens.span(&organization))
    }

    fn organization_at(&self, start: usize) -> Option<Range<usize>> {
        let found = self.starting_at(start).filter(|found| found.kind == Kind::Organization)?;
        Some(found.tokens.clone())
    }

    fn organization_ending_at(&self, end: usize) -> Option<Range<usize>> {
        let found = self.ending_at(end).filter(|found| found.kind == Kind::Organization)?;
        Some(found.tokens.clone())
    }

    fn starting_at(&self, start: usize) -> Option<&Found> {
        let index = self.found.binary_search_by_key(&start, |found| found.tokens.start).ok()?;
        self.found.get(index)
    }

    fn ending_at(&self, end: usize) -> Option<&Found> {
        let index = self.found.binary_search_by_key(&end, |found| found.tokens.end).ok()?;
        self.found.get(index)
    }
}
