//! Cities that stand for their teams: in an article on sport, a city that plays is an organization.

use std::collections::HashSet;

use super::consistency::Found;
use super::lexicon::{Class, Classes};
use super::scores::Kind;
use super::tokens::{Gap, Tokens};

/// An article with so many different words of sport is on sport.
const LEAST_CUES: usize = 4;

/// Makes organizations of the cities that play, except where they are places: `in X`, `the mayor of X`.
pub fn tell(found: &mut [Found], tokens: &Tokens<'_>) {
    let city = |found: &Found| {
        found.kind == Kind::Location
            && tokens
                .gazetteer_at(found.tokens.start)
                .is_some_and(|name| name.end == found.tokens.end && !name.is(Class::Country))
    };
    if !found.iter().any(city) || !is_on_sport(tokens) {
        return;
    }
    let teams: HashSet<_> = found
        .iter()
        .filter(|found| city(found) && plays(found, tokens))
        .map(|found| tokens.words(&found.tokens))
        .collect();
    for found in found.iter_mut().filter(|found| city(found)) {
        if teams.contains(&tokens.words(&found.tokens)) && !is_where(found, tokens) {
            found.kind = Kind::Organization;
        }
    }
}

fn is_on_sport(tokens: &Tokens<'_>) -> bool {
    let cues = (0..tokens.all.len()).filter(|&at| tokens.starts(at, Class::SportCue));
    cues.map(|at| tokens.all[at].word).collect::<HashSet<_>>().len() >= LEAST_CUES
}

/// Whether the words around tell a team: `the players of X`, `against X`, `X beat`.
fn plays(found: &Found, tokens: &Tokens<'_>) -> bool {
    let before = tokens.phrase_before(found.tokens.start);
    let against = tokens.gap(found.tokens.start).joins()
        && before.is_some_and(|before| {
            before.is(Class::TeamBefore)
                || before.is(Class::Genitive)
                    && tokens.phrase_before(before.start).is_some_and(|owner| owner.is(Class::TeamBefore))
        });
    let behind = tokens.phrase_at(found.tokens.end).filter(|_| tokens.gap(found.tokens.end) == Gap::Space);
    against || behind.is_some_and(|behind| behind.is(Class::TeamBehind)) && !is_where(found, tokens)
}

/// Whether the words before tell a place.
fn is_where(found: &Found, tokens: &Tokens<'_>) -> bool {
    const PLACES: Classes = Classes::of(&[Class::PlacePreposition, Class::PlaceNoun, Class::PlacePrefix]);
    let Some(before) =
        tokens.phrase_before(found.tokens.start).filter(|_| tokens.gap(found.tokens.start).joins())
    else {
        return false;
    };
    let owner = tokens.phrase_before(before.start).filter(|_| before.is(Class::Genitive));
    !before.is(Class::TeamBefore) && before.any(PLACES) || owner.is_some_and(|owner| owner.any(PLACES))
}
