//! Names in credits and results: `By Name`, `Photo: Name / AGENCY`, `© PAPER`, `Name (Team) 12`.

use std::ops::Range;

use super::lexicon::Class;
use super::scores::Scores;
use super::scores::weights::{BYLINE, COPYRIGHT, CREDITED_AGENCY, IN_RESULT};
use super::tokens::{Gap, Tokens};

/// A name in a credit has at most so many words.
const MAX_WORDS: usize = 5;
/// A bracket in a result holds at most so many.
const MAX_BRACKET: usize = 6;

/// What a credit or a result tells of the name in it.
pub fn credited(tokens: &Tokens<'_>, name: &Range<usize>) -> Scores {
    let before = tokens.view[..tokens.all[name.start].span.start].trim_end();
    if before.ends_with('©') {
        return COPYRIGHT;
    }
    match tokens.gap(name.start) {
        Gap::Open if opens_result(tokens, name.start) => IN_RESULT,
        Gap::Slash => {
            let start = (name.start.saturating_sub(MAX_WORDS)..name.start)
                .rev()
                .take_while(|&at| tokens.all[at].shape.has_capital() || tokens.starts(at, Class::Particle))
                .find(|&at| follows_cue(tokens, at));
            if start.is_some() { CREDITED_AGENCY } else { Scores::default() }
        }
        _ if name.len() > 1
            && follows_cue(tokens, name.start)
            && !name.clone().any(|at| is_small_word(tokens, at)) =>
        {
            BYLINE
        }
        _ => Scores::default(),
    }
}

/// Whether the word at `at` is part of no name: `and`, but not `Le`.
fn is_small_word(tokens: &Tokens<'_>, at: usize) -> bool {
    tokens.word_is(at, Class::FunctionWord) && !tokens.word_is(at, Class::Particle)
}

/// Whether the words that introduce a credit stand right before a token, at the start of a sentence.
fn follows_cue(tokens: &Tokens<'_>, at: usize) -> bool {
    let Some(cue) = tokens.phrase_before(at).filter(|phrase| phrase.is(Class::Byline)) else { return false };
    let between = tokens.view[tokens.all[at - 1].span.end..tokens.all[at].span.start].trim();
    let first = &tokens.all[cue.start];
    (first.initial || tokens.gap(cue.start) == Gap::Open)
        && first.shape.has_capital()
        && matches!(between, "" | ":" | "©" | ": ©")
}

/// Whether the bracket that the token `at` opens ends before a figure, as in a list of results.
pub fn opens_result(tokens: &Tokens<'_>, at: usize) -> bool {
    let end = (at + 1..=at + MAX_BRACKET).find(|&next| !tokens.gap(next).joins());
    end.is_some_and(|end| {
        let behind = tokens.all.get(end - 1).map_or("", |last| &tokens.view[last.span.end..]);
        let figure = behind.strip_prefix(')').map(|rest| rest.trim_start_matches([' ', '\u{A0}', '\t']));
        figure.is_some_and(|figure| figure.starts_with(|mark: char| mark == '+' || mark.is_ascii_digit()))
    })
}
