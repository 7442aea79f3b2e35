//! Whole-article agreement: which names are believed, and where else they stand.

use std::collections::HashMap;
use std::ops::Range;

use super::evidence::Name;
use super::lexicon::{Class, Classes, WordId};
use super::scores::Kind;
use super::tokens::{Gap, Token, Tokens};
use crate::mention::Span;
use crate::text::{Casing, Shape};

/// A name that is believed, at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Its words.
    pub tokens: Range<usize>,
    /// What it names.
    pub kind: Kind,
    /// Where it stands.
    pub span: Span,
    /// Probability, in [0, 1], that it is one.
    pub confidence: f32,
    /// What told it.
    pub by: By,
}

/// What told a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The evidence of the places where it stands in sentences.
    Evidence,
    /// A fuller name elsewhere in the article, of which it is a part.
    FullerName,
    /// A gazetteer, where the article's own evidence is silent.
    Gazetteer,
    /// The trained tagger.
    Tagger,
    /// Another place of the name in the article.
    Elsewhere,
}

/// Evidence below this is not believed.
const THRESHOLD: f32 = 1.5;
/// The best type must be so far ahead of the next.
const MARGIN: f32 = 0.2;
/// In a heading a single word needs so much more evidence: there its capital tells nothing.
const HEADING_MARGIN: f32 = 1.0;
/// How much less a part of a name is believed than the full name.
const PART_LOSS: f32 = 0.5;

#[derive(Clone, Copy, Debug)]
struct Belief {
    kind: Kind,
    score: f32,
    by: By,
    /// Whether a gazetteer has it.
    listed: bool,
}

/// Decides between the types of each name and finds every place of those believed; by position, disjoint.
pub fn agree(names: &[Name], tokens: &Tokens<'_>) -> Vec<Found> {
    let mut beliefs: HashMap<Vec<WordId>, Belief> = HashMap::new();
    for name in names {
        let (kind, score) = name.scores.best();
        if score >= THRESHOLD && name.scores.margin() >= MARGIN {
            beliefs.insert(
                name.words.clone(),
                Belief { kind, score, by: By::Evidence, listed: is_listed(&name.occurrences[0], tokens) },
            );
        }
    }
    for (words, belief) in short_forms(names, &beliefs, tokens) {
        // What looks like a person's employer may be that person's client: the fuller name tells.
        let known = beliefs.get(&words).is_some_and(|known| {
            known.kind == belief.kind
                || known.score >= belief.score
                    && (belief.kind != Kind::Person || known.kind != Kind::Organization || known.listed)
        });
        if !known {
            beliefs.insert(words, belief);
        }
    }
    find(&beliefs, names, tokens)
}

fn is_listed(name: &Range<usize>, tokens: &Tokens<'_>) -> bool {
    tokens
        .gazetteer_at(name.start)
        .is_some_and(|known| known.end == name.end && known.any(Classes::WELL_KNOWN))
}

/// The short forms of full names: a person's surname, an organization without its legal form or the noun of its
/// trade.
fn short_forms(
    names: &[Name],
    beliefs: &HashMap<Vec<WordId>, Belief>,
    tokens: &Tokens<'_>,
) -> Vec<(Vec<WordId>, Belief)> {
    let mut short = Vec::new();
    for name in names.iter().filter(|name| name.words.len() > 1) {
        let Some(belief) = beliefs.get(&name.words) else { continue };
        let full = &name.occurrences[0];
        let parts = match belief.kind {
            Kind::Person => vec![tokens.surname(full)],
            Kind::Organization => own_names(full, tokens),
            Kind::Location => continue,
        };
        let ordinary = |part: &Range<usize>| {
            part.len() == 1
                && (tokens.word_is(part.start, Class::FunctionWord)
                    || tokens.all[part.start].shape == Shape::Lower)
        };
        for part in parts.into_iter().filter(|part| !part.is_empty() && !ordinary(part)) {
            let score = belief.score - PART_LOSS;
            short.push((tokens.words(&part), Belief { score, by: By::FullerName, listed: false, ..*belief }));
        }
    }
    short
}

/// An organization's name without its legal form, and without the nouns of its trade if nothing else is known by
/// what is left.
fn own_names(full: &Range<usize>, tokens: &Tokens<'_>) -> Vec<Range<usize>> {
    let suffix = tokens
        .phrase_before(full.end)
        .filter(|suffix| suffix.is(Class::LegalSuffix) && suffix.start > full.start);
    let bare = suffix.map_or(full.end, |suffix| suffix.start);
    let mut own = bare;
    while own > full.start + 1
        && tokens.word_is(own - 1, Class::Institution)
        && tokens.gap(own - 1) == Gap::Space
    {
        own -= 1;
    }
    let unknown = (full.start..own).all(|at| {
        tokens.phrase_at(at).is_none()
            && tokens.all[at].shape == Shape::Capitalized
            && !tokens.seen_lower(tokens.all[at].word)
    });
    let ends = [Some(bare), unknown.then_some(own)].into_iter().flatten();
    ends.filter(|&end| end < full.end).map(|end| full.start..end).collect()
}

/// Every place of the names believed, the longest first at each word.
fn find(beliefs: &HashMap<Vec<WordId>, Belief>, names: &[Name], tokens: &Tokens<'_>) -> Vec<Found> {
    let longest = longest_by_first_word(beliefs, tokens);
    let extent = extents(names, tokens.all.len());
    let mut found: Vec<Found> = Vec::new();
    let mut at = 0;
    while at < tokens.all.len() {
        let place =
            believed_at(at, beliefs, &longest, &extent, tokens).or_else(|| gazetteer_at(at, &extent, tokens));
        at = place.as_ref().map_or(at + 1, |place| place.tokens.end);
        found.extend(place);
    }
    found
}

/// By word: how many words the longest name has that begins with it.
fn longest_by_first_word(beliefs: &HashMap<Vec<WordId>, Belief>, tokens: &Tokens<'_>) -> Vec<usize> {
    let mut longest = vec![0; tokens.word_count()];
    for words in beliefs.keys() {
        let length = &mut longest[words[0] as usize];
        *length = words.len().max(*length);
    }
    longest
}

/// By token: the candidate it belongs to, as start and end.
fn extents(names: &[Name], count: usize) -> Vec<Option<(u32, u32)>> {
    let mut extents = vec![None; count];
    for occurrence in names.iter().flat_map(|name| &name.occurrences) {
        let extent = Some((occurrence.start as u32, occurrence.end as u32));
        extents[occurrence.clone()].iter_mut().for_each(|slot| *slot = extent);
    }
    extents
}

type Extents = [Option<(u32, u32)>];

fn believed_at(
    at: usize,
    beliefs: &HashMap<Vec<WordId>, Belief>,
    longest: &[usize],
    extents: &Extents,
    tokens: &Tokens<'_>,
) -> Option<Found> {
    let most = longest[tokens.all[at].word as usize];
    // A comma may stand before a legal form, a slash in it.
    let joins = |token: &&Token| token.gap.joins() || matches!(token.gap, Gap::Comma | Gap::Slash);
    let joined = tokens.all[at + 1..].iter().take(most.saturating_sub(1)).take_while(joins).count();
    (1..=most.min(joined + 1)).rev().find_map(|count| {
        let range = at..at + count;
        let belief = beliefs.get(&tokens.words(&range))?;
        may_stand(&range, belief, extents, tokens).then(|| Found {
            span: tokens.span(&range),
            tokens: range,
            kind: belief.kind,
            confidence: confidence(belief.score),
            by: belief.by,
        })
    })
}

/// Whether a believed name can be meant at a place: written as a name, and not a part of some other name.
fn may_stand(range: &Range<usize>, belief: &Belief, extents: &Extents, tokens: &Tokens<'_>) -> bool {
    let words = &tokens.all[range.clone()];
    if words.iter().any(|token| token.taken) || !words.iter().any(|token| token.shape != Shape::Lower) {
        return false;
    }
    match words[0].casing {
        // Its own candidate, whole: another one around it is another name.
        Casing::Sentence => {
            extents[range.start].is_some_and(|extent| extent == (range.start as u32, range.end as u32))
        }
        // A capital tells nothing there: a word that is an ordinary one too may not be the name.
        Casing::Title | Casing::Upper => {
            let sure = belief.score >= THRESHOLD + HEADING_MARGIN;
            let ordinary =
                tokens.word_is(range.start, Class::FunctionWord) || tokens.seen_lower(words[0].word);
            range.len() > 1 || sure && !ordinary
        }
    }
}

/// A name that only a gazetteer tells, in a block where capitals tell nothing.
fn gazetteer_at(at: usize, extents: &Extents, tokens: &Tokens<'_>) -> Option<Found> {
    let name = tokens.gazetteer_at(at).filter(|name| !name.is(Class::Ambiguous))?;
    let range = name.start..name.end;
    let before = tokens.phrase_before(at).filter(|_| tokens.gap(at).joins());
    let small = !name.any(Classes::WELL_KNOWN);
    if tokens.all[at].casing == Casing::Sentence
        || tokens.gap(at) == Gap::Hyphen
        || small && !before.is_some_and(|before| before.is(Class::PlacePreposition))
        || extents[at].is_some()
        || range.len() == 1 && tokens.seen_lower(tokens.all[at].word)
    {
        return None;
    }
    let kind = if name.any(Classes::PLACES) { Kind::Location } else { Kind::Organization };
    let (span, confidence) = (tokens.span(&range), confidence(GAZETTEER_SCORE));
    Some(Found { tokens: range, span, kind, confidence, by: By::Gazetteer })
}

/// What a gazetteer's word is worth where nothing else speaks.
const GAZETTEER_SCORE: f32 = 3.5;

/// The probability that evidence stands for: a logistic curve (as in Platt 1999) through the share of right
/// mentions on development news. At the threshold one of two is right, 2.5 above it ten of eleven.
fn confidence(score: f32) -> f32 {
    const SLOPE: f32 = 0.95;
    const MOST: f32 = 0.98;
    MOST.min(1.0 / (1.0 + (-SLOPE * (score - THRESHOLD)).exp()))
}
