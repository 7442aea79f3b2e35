//! Lines that are no prose: bylines and results, in which most words have a capital and it still tells a name, and
//! lists of figures by place.

use std::collections::HashSet;
use std::ops::Range;

use super::lexicon::{Class, Classes};
use super::tokens::{Gap, Tokens};
use crate::text::{Casing, Shape, Text};

/// Longer lines are prose.
const MAX_WORDS: usize = 32;
/// A person's name in such a line has so many words.
const NAME_WORDS: std::ops::RangeInclusive<usize> = 2..=4;

/// Takes the capitals of bylines, credits and results for what they tell.
pub fn trust_capitals(text: &Text, tokens: &mut Tokens<'_>) {
    for block in text.blocks() {
        let line = block.words.clone();
        if block.casing != Casing::Title || line.len() > MAX_WORDS {
            continue;
        }
        let starts = || line.clone().filter(|&at| tokens.all[at].initial);
        let told = if is_result(tokens, &line) {
            Some(line.start)
        } else {
            starts().find(|&at| is_credit(tokens, &(at..line.end)))
        };
        if let Some(start) = told {
            tokens.all[start..line.end].iter_mut().for_each(|token| token.casing = Casing::Sentence);
        }
    }
}

/// `By First Last in Town`, `Photo: First Last / AGENCY`: the cue, and a name that the line ends behind, or that a
/// mark or a small word follows.
fn is_credit(tokens: &Tokens<'_>, line: &Range<usize>) -> bool {
    let Some(cue) = tokens.phrase_at(line.start).filter(|cue| cue.is(Class::Byline) && cue.end < line.end)
    else {
        return false;
    };
    let end = capitals(tokens, cue.end..line.end);
    NAME_WORDS.contains(&(end - cue.end))
        && (end == line.end || tokens.gap(end) != Gap::Space || tokens.all[end].shape == Shape::Lower)
}

/// `- First Last (Team) 12`, `1. First Last (Country)`.
fn is_result(tokens: &Tokens<'_>, line: &Range<usize>) -> bool {
    let numbered = tokens.all[line.start].shape == Shape::Digits;
    let start = line.start + usize::from(numbered);
    let end = capitals(tokens, start..line.end).max(start);
    if !NAME_WORDS.contains(&(end - start)) || end == line.end || tokens.gap(end) != Gap::Open {
        return false;
    }
    let behind = (end..line.end).find(|&at| tokens.all[at].shape == Shape::Digits).unwrap_or(line.end);
    (numbered || behind < line.end)
        && tokens.view[tokens.all[behind - 1].span.end..].trim_start().starts_with(')')
}

/// Where the names end that begin `line`.
fn capitals(tokens: &Tokens<'_>, line: Range<usize>) -> usize {
    let is_name = |at: &usize| {
        let token = &tokens.all[*at];
        let joined = *at == line.start || matches!(token.gap, Gap::Space | Gap::Hyphen | Gap::Apostrophe);
        joined && token.shape == Shape::Capitalized && !tokens.word_is(*at, Class::FunctionWord)
    };
    line.clone().take_while(is_name).last().map_or(line.start, |last| last + 1)
}

/// The words that begin the lines of a list of figures by place, `- Town: 1,200`, where one of the places is known.
pub fn listed_places(text: &Text, tokens: &Tokens<'_>) -> HashSet<usize> {
    let mut places = HashSet::new();
    let mut list: Vec<usize> = Vec::new();
    let mut known = false;
    let ends = std::iter::once(None);
    for block in text.blocks().iter().map(Some).chain(ends) {
        match block.filter(|block| block.words.len() <= MAX_WORDS && is_figure(tokens, &block.words)) {
            Some(block) => {
                let start = block.words.start;
                known |= tokens.gazetteer_at(start).is_some_and(|name| name.any(Classes::PLACES));
                list.push(start);
            }
            None => {
                if known && list.len() > 1 {
                    places.extend(&list);
                }
                list.clear();
                known = false;
            }
        }
    }
    places
}

/// `Town: 1,200`.
fn is_figure(tokens: &Tokens<'_>, line: &Range<usize>) -> bool {
    let capital = tokens.all[line.start].shape.has_capital();
    let figure = line.clone().skip(1).find(|&at| !tokens.gap(at).joins());
    capital
        && figure.is_some_and(|at| {
            let before = &tokens.view[tokens.all[at - 1].span.end..tokens.all[at].span.start];
            tokens.all[at].shape == Shape::Digits && before.contains(':')
        })
}
