//! Whether the clause around a date is about the past or the future.
//!
//! The rules of a pack's `tense.toml` name what tells, by the constant `cue`: `PAST` or `FUTURE` for verbs, and for
//! participles beside a date ("the vote due on Monday"); `BREAK` for words between two clauses ("which", "mais");
//! without it, for what only looks like a verb. The cue nearest before the date counts, else the nearest one behind
//! it; those of the date's own clause come before those elsewhere in the sentence.

use crate::mention::Span;
use crate::recognizers::rules::RuleSet;
use crate::text::Text;

/// What a clause is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tense {
    /// What has happened.
    Past,
    /// What is to come.
    Future,
}

/// Looking no further than this many bytes keeps the cost linear, however long a sentence is.
const REACH: usize = 240;

/// Marks between two clauses.
const MARKS: &[char] = &[';', ':', '(', ')', '[', ']', '«', '»', '“', '”', '"', '–', '—'];

/// The tense of the clause that holds `date`, if any word tells.
pub fn of_clause(rules: &RuleSet, text: &Text, date: Span) -> Option<Tense> {
    let around = around(text, date)?;
    let mut clause = marked_off(text.as_str(), around, date);
    let mut cues = Vec::new();
    rules.find_in(text, around, |matched| {
        let cue = matched.mention;
        match matched.get("cue") {
            Some("PAST") => cues.push((cue, Tense::Past)),
            Some("FUTURE") => cues.push((cue, Tense::Future)),
            Some("BREAK") if cue.end <= date.start => clause.start = clause.start.max(cue.end),
            Some("BREAK") if cue.start >= date.end => clause.end = clause.end.min(cue.start),
            _ => {}
        }
    });
    nearest(&cues, date, clause).or_else(|| nearest(&cues, date, around))
}

/// The words of the date's sentence that are in reach.
fn around(text: &Text, date: Span) -> Option<Span> {
    let sentences = text.sentences();
    let sentence = sentences.get(sentences.partition_point(|sentence| sentence.span.end <= date.start))?;
    let words = &text.words()[sentence.words.clone()];
    let first = words.partition_point(|word| word.span.start + REACH < date.start);
    let last = words.partition_point(|word| word.span.start < date.end + REACH);
    let words = words.get(first..last)?;
    Some(Span::new(words.first()?.span.start, words.last()?.span.end))
}

/// What lies between the marks around the date.
fn marked_off(view: &str, around: Span, date: Span) -> Span {
    let before = Span::new(around.start.min(date.start), date.start).of(view);
    let after = Span::new(date.end, around.end.max(date.end)).of(view);
    let start = before.rfind(MARKS).map_or(around.start, |mark| around.start + mark);
    Span { start, end: after.find(MARKS).map_or(around.end, |mark| date.end + mark) }
}

/// The cue nearest before the date, else the one nearest behind it, of those within `limits`.
fn nearest(cues: &[(Span, Tense)], date: Span, limits: Span) -> Option<Tense> {
    let mut within = cues.iter().filter(|(cue, _)| limits.start <= cue.start && cue.end <= limits.end);
    let before = within.clone().rev().find(|(cue, _)| cue.end <= date.start);
    before.or_else(|| within.find(|(cue, _)| cue.start >= date.end)).map(|(_, tense)| *tense)
}
