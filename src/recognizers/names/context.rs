//! What the words around a candidate tell of its type.

use std::ops::Range;

use super::acronyms;
use super::credits;
use super::lexicon::{Class, Classes};
use super::scores::Scores;
use super::scores::weights::*;
use super::tokens::{Gap, Phrase, Tokens};
use crate::text::Shape;

/// Words that may stand between the noun that introduces a name and the name.
const MAX_MODIFIERS: usize = 5;
/// Words that may stand between a name and its verb.
const MAX_AUXILIARIES: usize = 3;
/// How far a role may stand before the comma that precedes the name.
const MAX_APPOSITION: usize = 10;

/// Small words between two places that are named alike.
const LINKS: Classes =
    Classes::of(&[Class::Conjunction, Class::Range, Class::PlacePreposition, Class::Genitive]);

/// Those that make both of them of one kind.
const JOINTS: Classes = Classes::of(&[Class::Conjunction, Class::Range]);

/// Reads the words around candidates.
pub struct Context<'s, 't> {
    /// The text.
    pub tokens: &'s Tokens<'t>,
}

impl Context<'_, '_> {
    /// What stands before the name.
    pub fn before(&self, name: &Range<usize>) -> Scores {
        let tokens = self.tokens;
        let mut scores = Scores::default();
        let gap = tokens.gap(name.start);
        if gap == Gap::Comma {
            scores += self.apposition(name);
        }
        if name.len() == 1 {
            scores += self.coordinated_before(name.start);
        }
        if name.len() == 1
            && acronyms::is_bracketed(tokens, name.start)
            && acronyms::follows_initial(tokens, name.start)
        {
            scores += ACRONYM_OF;
        }
        let credited = credits::credited(tokens, name);
        if credited != Scores::default() || !gap.joins() {
            scores += credited;
            return scores;
        }
        let Some(phrase) = tokens.phrase_before(name.start) else {
            return self.introduced(name.start);
        };
        if phrase.is(Class::Honorific)
            && tokens.all[phrase.start].shape.has_capital()
                | (phrase.end - phrase.start > 1 || tokens.text(phrase.start).len() > 2)
        {
            scores += HONORIFIC;
        } else if phrase.any(Classes::of(&[Class::Role, Class::Minister])) {
            scores += ROLE;
        } else if phrase.is(Class::PersonNoun) {
            scores += PERSON_NOUN;
        }
        if phrase.is(Class::CompanyNoun) {
            scores += COMPANY_NOUN;
        } else if phrase.is(Class::Portfolio) && tokens.is_ministers(phrase.start) {
            scores += ROLE;
        }
        if phrase.is(Class::SayVerb) {
            scores += SAYING_BEFORE;
        }
        if phrase.is(Class::OrgPreposition) {
            scores += ORG_PREPOSITION;
        }
        if phrase.is(Class::PlacePreposition) {
            scores += PLACE_PREPOSITION;
        }
        if phrase.is(Class::PlaceNoun) {
            scores += PLACE_OF;
        }
        if tokens.all[name.start].shape == Shape::Upper && phrase.is(Class::FunctionWord) {
            scores += ACRONYM_SUPPORTED;
        }
        if phrase.is(Class::Genitive) {
            scores += self.owned(&phrase);
        } else if phrase.is(Class::Article) {
            scores += tokens
                .phrase_before(phrase.start)
                .filter(|before| before.is(Class::Genitive))
                .map_or(Scores::default(), |before| self.owned(&before));
        }
        if scores == Scores::default() {
            scores += self.introduced(name.start);
        }
        scores
    }

    /// What the noun tells that stands before a genitive.
    fn owned(&self, genitive: &Phrase<'_>) -> Scores {
        let Some(owner) =
            self.tokens.phrase_before(genitive.start).filter(|_| self.tokens.gap(genitive.start).joins())
        else {
            return Scores::default();
        };
        if owner.is(Class::PlaceNoun) {
            PLACE_OF
        } else if owner.is(Class::Role) {
            ROLE_OF
        } else if owner.is(Class::CompanyPlace) {
            BELONGING_TO
        } else {
            Scores::default()
        }
    }

    /// What a noun tells that introduces the name from further off: `the ailing French retailer X`.
    fn introduced(&self, start: usize) -> Scores {
        let tokens = self.tokens;
        const LINKS: Classes = Classes::of(&[Class::Genitive, Class::Article]);
        const NOUNS: Classes = Classes::of(&[Class::CompanyNoun, Class::PersonNoun, Class::Role]);
        let mut at = start;
        for distance in 0..MAX_MODIFIERS {
            if at == 0 || !tokens.gap(at).joins() || tokens.all[at - 1].shape != Shape::Lower {
                break;
            }
            let phrase = tokens.phrase_before(at);
            if let Some(noun) = phrase.filter(|phrase| phrase.any(NOUNS)) {
                // A person's noun bears one adjective (`the French singer` has none behind it in English).
                return match noun.is(Class::CompanyNoun) {
                    true => COMPANY_NOUN,
                    false if distance <= 1 => PERSON_NOUN,
                    false => Scores::default(),
                };
            }
            const BARRIERS: Classes =
                Classes::of(&[Class::FunctionWord, Class::SayVerb, Class::ActVerb, Class::Auxiliary]);
            // Small words make modifiers only inside: `of electronics`, not `of` right before the name.
            match phrase {
                Some(link) if link.any(LINKS) && distance > 0 => at = link.start,
                Some(other) if other.any(BARRIERS) => break,
                Some(other) => at = other.start,
                None => at -= 1,
            }
        }
        Scores::default()
    }

    /// `the spokeswoman of X, Name`, `his friend, Name`, `her company, Name,`.
    fn apposition(&self, name: &Range<usize>) -> Scores {
        let tokens = self.tokens;
        const PEOPLE: Classes = Classes::of(&[Class::Role, Class::PersonNoun]);
        let closed = matches!(tokens.gap(name.end), Gap::Comma | Gap::Other);
        for at in (name.start.saturating_sub(MAX_APPOSITION)..name.start).rev() {
            if let Some(noun) = tokens.phrase_at(at).filter(|phrase| phrase.end <= name.start) {
                if noun.any(PEOPLE) {
                    return ROLE_IN_APPOSITION;
                }
                // Right before the comma only: `at the company, Name said` names no company.
                if noun.is(Class::CompanyNoun) && closed && noun.end == name.start {
                    return COMPANY_IN_APPOSITION;
                }
            }
            if !tokens.gap(at).joins() {
                break;
            }
        }
        Scores::default()
    }

    /// `from Known to X`, `in Known and in X`.
    fn coordinated_before(&self, name: usize) -> Scores {
        let tokens = self.tokens;
        let mut at = name;
        for _ in 0..2 {
            let Some(link) = tokens.phrase_before(at).filter(|_| tokens.gap(at).joins()) else { break };
            if !link.any(LINKS) {
                break;
            }
            at = link.start;
            let known = tokens.phrase_before(at).filter(|known| known.any(Classes::PLACES));
            if link.any(JOINTS)
                && tokens.gap(at).joins()
                && known.is_some_and(|known| self.is_place(known.start))
            {
                return COORDINATED_PLACE;
            }
        }
        Scores::default()
    }

    /// `from X to Known`, `X and Known`, `of X, of Known`.
    fn coordinated_behind(&self, name: &Range<usize>) -> Scores {
        let tokens = self.tokens;
        let repeated = |at: usize| {
            tokens.phrase_before(name.start).zip(tokens.phrase_at(at)).is_some_and(|(before, again)| {
                tokens.words(&(before.start..before.end)) == tokens.words(&(again.start..again.end))
            })
        };
        let mut at = name.end;
        let joins = match tokens.gap(at) {
            Gap::Comma => repeated(at),
            _ => tokens.phrase_at(at).is_some_and(|link| link.any(JOINTS)),
        };
        if !joins || name.len() > 1 {
            return Scores::default();
        }
        for _ in 0..2 {
            match tokens.phrase_at(at).filter(|link| link.any(LINKS)) {
                Some(link) if tokens.gap(link.end).joins() => at = link.end,
                _ => break,
            }
        }
        if self.is_place(at) { COORDINATED_PLACE } else { Scores::default() }
    }

    fn is_place(&self, at: usize) -> bool {
        self.tokens.gazetteer_at(at).is_some_and(|name| name.any(Classes::PLACES))
    }

    /// What stands behind the name.
    pub fn behind(&self, name: &Range<usize>) -> Scores {
        let tokens = self.tokens;
        let mut scores = self.coordinated_behind(name);
        let mut at = name.end;
        match tokens.gap(at) {
            Gap::Comma => {
                scores += self.behind_comma(at);
                return scores;
            }
            Gap::Open if name.len() > 1 && credits::opens_result(tokens, at) => return RESULT_BEHIND,
            Gap::Open => return self.behind_bracket(at),
            // `Name's`
            Gap::Apostrophe if tokens.all[at].span.len() == 1 => at += 1,
            Gap::Space => {}
            // `Name-based` tells a place; other compounds nothing.
            _ => return scores,
        }
        if !tokens.gap(at).joins() {
            return scores;
        }
        if let Some(phrase) = tokens.phrase_at(at) {
            if phrase.is(Class::CompanyPlace) {
                scores += OWNER_OF;
            } else if phrase.is(Class::PlaceBehind) {
                scores += PLACE_BEHIND;
            } else if phrase.is(Class::Role) && at == name.end {
                // `X chief executive Name`
                scores += OWNER_OF;
            }
        }
        for _ in 0..MAX_AUXILIARIES {
            match tokens.phrase_at(at) {
                Some(phrase) if phrase.is(Class::Auxiliary) && !phrase.is(Class::SayVerb) => at = phrase.end,
                _ => break,
            }
        }
        if let Some(verb) = tokens.phrase_at(at).filter(|_| tokens.gap(at).joins()) {
            if verb.is(Class::SayVerb) {
                scores += SAYING;
            }
            if verb.is(Class::ActVerb) {
                scores += ACTING;
            }
        }
        scores
    }

    /// `Name, 43, …`, `Name, a spokesman for …`, `X, an Austrian maker of …`, `Town, Texas`.
    fn behind_comma(&self, start: usize) -> Scores {
        let tokens = self.tokens;
        if tokens.all[start].shape == Shape::Digits {
            let age = tokens.all[start].span.len() == 2
                && (tokens.gap(start + 1) == Gap::Comma || tokens.starts(start + 1, Class::Age));
            return if age { AGE_BEHIND } else { Scores::default() };
        }
        if tokens.gazetteer_at(start).is_some_and(|place| place.any(Classes::PLACES)) {
            return COUNTRY_BEHIND;
        }
        let mut at = start;
        for _ in 0..=MAX_MODIFIERS {
            let Some(token) = tokens.all.get(at) else { break };
            if at > start && !token.gap.joins() {
                break;
            }
            match tokens.phrase_at(at) {
                Some(phrase) if phrase.is(Class::Age) && at == start => return AGE_BEHIND,
                Some(phrase) if phrase.is(Class::PersonPronoun) && at == start => return WHO_BEHIND,
                Some(phrase)
                    if phrase.any(Classes::of(&[Class::Role, Class::Minister, Class::PersonNoun])) =>
                {
                    return ROLE_BEHIND;
                }
                Some(phrase) if phrase.is(Class::CompanyNoun) => return COMPANY_BEHIND,
                Some(phrase)
                    if phrase.any(Classes::of(&[Class::Auxiliary, Class::SayVerb, Class::ActVerb]))
                        && !phrase.is(Class::Article) =>
                {
                    break;
                }
                Some(phrase) if phrase.any(Classes::of(&[Class::Genitive, Class::PlacePreposition])) => break,
                Some(phrase) => at = phrase.end,
                None => at += 1,
            }
        }
        Scores::default()
    }

    /// `Name (43 ans)`, `Long Name (LN)`, `Name (France)`.
    fn behind_bracket(&self, start: usize) -> Scores {
        let tokens = self.tokens;
        let token = &tokens.all[start];
        match token.shape {
            Shape::Digits if tokens.starts(start + 1, Class::Age) => AGE_BEHIND,
            Shape::Upper if acronyms::is_bracketed(tokens, start) => ACRONYM_BEHIND,
            _ => Scores::default(),
        }
    }
}
