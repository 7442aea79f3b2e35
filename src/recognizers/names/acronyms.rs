//! Acronyms in brackets, and the words before them that they stand for (after Schwartz & Hearst 2003).

use std::ops::Range;

use super::lexicon::Class;
use super::tokens::{Gap, Tokens};
use crate::text::{Casing, Shape};

/// An acronym stands for at most so many words.
const MAX_EXPANSION: usize = 12;

/// An acronym that is written as a word has so many letters.
const AS_WORD: std::ops::RangeInclusive<usize> = 3..=6;

/// Whether the token is an acronym in brackets: `… (ABC)`, and `… (Abc)` where its letters run through an
/// institution's name before it.
pub fn is_bracketed(tokens: &Tokens<'_>, at: usize) -> bool {
    let Some(token) = tokens.all.get(at) else { return false };
    let alone =
        token.gap == Gap::Open && !token.taken && matches!(tokens.gap(at + 1), Gap::Close | Gap::Other);
    let as_word = || AS_WORD.contains(&token.span.len()) && lettered(tokens, at).is_some();
    alone && (token.shape == Shape::Upper || token.shape == Shape::Capitalized && as_word())
}

/// Whether some word right before the acronym at `at` begins with a capital as it does: a weaker sign than an
/// expansion, for acronyms of another language.
pub fn follows_initial(tokens: &Tokens<'_>, at: usize) -> bool {
    let initial = tokens.text(at).chars().next();
    (at.saturating_sub(MAX_EXPANSION)..at).any(|word| tokens.text(word).chars().next() == initial)
}

/// The words that each acronym in brackets is made of the initials of, by position; disjoint.
pub fn expansions(tokens: &Tokens<'_>) -> Vec<Range<usize>> {
    let in_sentence = |at: &usize| tokens.all[*at].casing == Casing::Sentence;
    let acronyms = (1..tokens.all.len()).filter(in_sentence).filter(|&at| is_bracketed(tokens, at));
    acronyms.filter_map(|at| Some(expansion(tokens, at).or_else(|| lettered(tokens, at))?..at)).collect()
}

/// Where the words begin that the acronym at `at` stands for.
fn expansion(tokens: &Tokens<'_>, at: usize) -> Option<usize> {
    let letters: Vec<char> = tokens.text(at).chars().take(MAX_EXPANSION + 1).map(folded).collect();
    let joins = |at: usize| tokens.gap(at).joins() || tokens.gap(at) == Gap::Comma;
    let most =
        (1..=MAX_EXPANSION).take_while(|&count| count <= at && (count == 1 || joins(at - count + 1))).count();
    (2..=most).map(|count| at - count).find(|&from| {
        let first = &tokens.all[from];
        let opening = first.initial && tokens.word_is(from, Class::FunctionWord);
        first.shape.has_capital() && !opening && initials_match(tokens, from..at, &letters)
    })
}

/// Where the institution's name begins through whose words the letters of the acronym at `at` run.
fn lettered(tokens: &Tokens<'_>, at: usize) -> Option<usize> {
    let letters: Vec<char> = tokens.text(at).chars().take(MAX_EXPANSION).map(folded).collect();
    let joined = (1..=MAX_EXPANSION)
        .take_while(|&count| count <= at && (count == 1 || tokens.gap(at - count + 1).joins()))
        .count();
    (2..=joined).map(|count| at - count).find(|&from| {
        let mut name =
            tokens.view[tokens.all[from].span.start..tokens.all[at - 1].span.end].chars().map(folded);
        tokens.all[from].shape.has_capital()
            && tokens.starts(from, Class::Institution)
            && name.next() == letters.first().copied()
            && letters[1..].iter().all(|letter| name.any(|other| other == *letter))
    })
}

/// Whether every letter is the initial of a word, in order, and only small words are left out.
fn initials_match(tokens: &Tokens<'_>, words: Range<usize>, letters: &[char]) -> bool {
    let mut left = letters.iter();
    for at in words {
        let initial = tokens.text(at).chars().next().map(folded);
        if left.as_slice().first().copied() == initial {
            left.next();
        } else if tokens.all[at].shape != Shape::Lower {
            return false;
        }
    }
    left.as_slice().is_empty()
}

/// Lower case without the accents that acronyms drop.
fn folded(letter: char) -> char {
    match letter.to_lowercase().next().unwrap_or(letter) {
        'é' | 'è' | 'ê' => 'e',
        'à' | 'â' | 'ä' => 'a',
        'î' | 'ï' => 'i',
        'ô' | 'ö' => 'o',
        'û' | 'ü' => 'u',
        'ç' => 'c',
        lower => lower,
    }
}
