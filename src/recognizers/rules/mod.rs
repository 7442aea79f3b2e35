//! Rules of a pack: named patterns over lists of words, matched at word starts, the longest one first.
//!
//! A file holds *lists* (value → the forms that stand for it), *patterns* (named pieces of regular expression)
//! and *rules*. In a pattern
//!
//! - `{month}` captures, as `month`, one form of the list or pattern `month`; `{from:month}` captures it as
//!   `from`; `{:month}` captures nothing;
//! - a space stands for one space of any width or one line break, `'` for any apostrophe, `-` for any hyphen;
//! - the rest is the syntax of the `regex` crate; case is ignored unless the rule says `case_sensitive`, or
//!   `(?-i:…)` in it, where forms of a list that differ in case only (`Mb`, `MB`) must be told apart;
//! - an empty list matches nothing, so that the neutral pack can refer to lists that languages fill;
//! - a group named `mention` is the span to report; without it, the whole match is.
//!
//! A pattern named `hint` tells what every match holds: a block of text without it is not looked into.
//!
//! All rules of a file become two lazily built deterministic automata (Aho, Sethi & Ullman 1986, section 3.9), for
//! the rules that ignore case and those that do not. They are walked from each word's start, so the cost is that of
//! the longest rule at each word, whatever the number of rules. A match must end at a word's end. The longest match
//! wins; of equal ones, the first rule.
//!
//! The first automaton reads the text folded (small letters, plain spaces, apostrophes and hyphens) instead of
//! allowing every spelling in every word: that would take most of the time to start. It may let too much through;
//! the rule's own expression, which reads its captures, decides. So a class in a pattern must name the plain space,
//! apostrophe or hyphen beside others of its kind.

mod automaton;
mod dead_ends;
#[cfg(test)]
mod tests;
mod writer;

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::mem::take;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use regex::{Regex, RegexBuilder};
use regex_automata::util::pool::{Pool, PoolGuard};
use serde::Deserialize;

use super::numbers::{self, Amount};
use crate::mention::Span;
use crate::text::Text;
use automaton::{Automaton, CacheGuard};
use dead_ends::{DeadEnds, Opening};
use writer::Writer;

/// One file of rules, as written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// By list: value → forms.
    #[serde(default)]
    pub lists: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// By name: pieces of pattern.
    #[serde(default)]
    pub patterns: BTreeMap<String, String>,
    /// In order of precedence between matches of equal length.
    #[serde(default)]
    pub rules: Vec<RuleSpec>,
}

/// One rule, as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSpec {
    /// Unique in its file, such as `day-month-year`.
    pub name: String,
    /// What it matches; see the module's documentation. Empty: as in the neutral pack's rule of that name, as is
    /// all else that is left out; a rule with a pattern of its own takes nothing from there.
    #[serde(default)]
    pub pattern: String,
    /// Whether `A` and `a` differ.
    #[serde(default)]
    pub case_sensitive: bool,
    /// What must not stand right before a match.
    pub not_after: Option<String>,
    /// What must not stand right behind a match.
    pub not_before: Option<String>,
    /// Probability that a match is what the rule is about.
    pub confidence: Option<f32>,
    /// Constants that stand beside the captures.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    /// Texts that the rule matches; checked by a test.
    #[serde(default)]
    pub examples: Vec<Example>,
    /// Texts in which the rule finds nothing; checked by a test.
    #[serde(default)]
    pub rejects: Vec<String>,
}

impl RuleSpec {
    /// Takes from the neutral pack's rule of the same name what this one leaves out.
    fn complete(&mut self, neutral: RuleSpec) {
        self.pattern = neutral.pattern;
        self.case_sensitive |= neutral.case_sensitive;
        self.not_after = self.not_after.take().or(neutral.not_after);
        self.not_before = self.not_before.take().or(neutral.not_before);
        self.confidence = self.confidence.or(neutral.confidence);
        if self.set.is_empty() {
            self.set = neutral.set;
        }
    }

    /// Probability that a match is what the rule is about.
    pub fn confidence(&self) -> f32 {
        self.confidence.unwrap_or(DEFAULT_CONFIDENCE)
    }
}

const DEFAULT_CONFIDENCE: f32 = 0.95;

/// A text that a rule matches.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The words.
    pub text: String,
    /// The part that is reported, where it is not the whole.
    pub mention: Option<String>,
    /// The value, in its normal form.
    #[serde(default)]
    pub value: String,
}

/// Files of rules put together, each rule under its full name.
#[derive(Debug, Default)]
pub struct RuleBook {
    lists: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    patterns: BTreeMap<String, String>,
    rules: Vec<(Arc<str>, RuleSpec)>,
}

impl RuleFile {
    /// The rules under the full names `owner/…`.
    pub fn owned_by(self, owner: &str) -> RuleBook {
        let rules =
            self.rules.into_iter().map(|rule| (Arc::from(format!("{owner}/{}", rule.name)), rule)).collect();
        RuleBook { lists: self.lists, patterns: self.patterns, rules }
    }
}

impl RuleBook {
    /// Adds what `base` has: its forms to lists of the same name, and patterns and rules where there is none of
    /// that name; its rules come behind the own ones.
    pub fn inherit(&mut self, base: RuleBook) {
        for (name, values) in base.lists {
            let list = self.lists.entry(name).or_default();
            for (value, forms) in values {
                list.entry(value).or_default().extend(forms);
            }
        }
        for (name, pattern) in base.patterns {
            self.patterns.entry(name).or_insert(pattern);
        }
        for (full_name, rule) in base.rules {
            match self.rules.iter_mut().find(|(_, own)| own.name == rule.name) {
                Some((_, own)) if own.pattern.is_empty() => own.complete(rule),
                Some(_) => {}
                None => self.rules.push((full_name, rule)),
            }
        }
    }
}

/// Compiled rules.
pub struct RuleSet {
    /// What a block must hold to be looked into; `None`: nothing.
    hint: Option<Regex>,
    folded: Automaton,
    exact: Automaton,
    memories: Pool<Memory, fn() -> Memory>,
    rules: Vec<Rule>,
    lists: HashMap<String, List>,
}

/// The values of a list's forms in normal spelling.
#[derive(Debug, Default)]
struct List {
    as_written: HashMap<String, Arc<str>>,
    /// In lower case; `None` where only the case tells two values apart.
    folded: HashMap<String, Option<Arc<str>>>,
}

/// A compiled rule.
#[derive(Debug)]
pub struct Rule {
    /// Such as `fr/dates/day-month-year`.
    pub name: Arc<str>,
    /// As written.
    pub spec: RuleSpec,
    /// The pattern; it tells the captures.
    expression: Expression,
    /// Whether the automata tell all there is to know: no captures, and no case that folding lost.
    plain: bool,
    not_after: Option<Expression>,
    not_before: Option<Expression>,
    /// By capture: the list that it comes from.
    lists: HashMap<String, String>,
}

/// A regular expression that is compiled when it is first needed.
#[derive(Debug)]
struct Expression {
    source: String,
    regex: OnceLock<Regex>,
}

/// A place where a rule matched.
pub struct RuleMatch<'r, 't> {
    /// The rule.
    pub rule: &'r Rule,
    /// What to report.
    pub mention: Span,
    /// All that the pattern matched.
    pub whole: Span,
    view: &'t str,
    /// `None` where the rule has none.
    captures: Option<Captures>,
    set: &'r RuleSet,
}

/// What the named groups of a match caught; those that caught nothing are left out.
type Captures = Arc<[Capture]>;

#[derive(Debug)]
struct Capture {
    name: Box<str>,
    /// Counted from where the match begins.
    range: Range<usize>,
    /// The value of the words in the list that they come from.
    value: Option<Arc<str>>,
}

/// What was learned from texts read before.
struct Memory {
    dead_ends: DeadEnds,
    /// By rule.
    captures: Vec<Captured>,
}

/// What a rule's expression captured in the words that it was asked of lately. News repeats itself, and an
/// expression full of alternatives takes longer than all else. `None`: it does not match them.
type Captured = HashMap<Box<str>, Option<Captures>>;

/// The most words of a rule that are kept: after so many all of them are forgotten.
const REMEMBERED: usize = 256;

/// What walking the rules needs, lent from pools.
struct Caches<'r> {
    folded: CacheGuard<'r>,
    exact: CacheGuard<'r>,
    memory: PoolGuard<'r, Memory, fn() -> Memory>,
}

impl List {
    fn value(&self, form: &str) -> Option<&Arc<str>> {
        let form = normalize(form);
        let folded = || self.folded.get(&form.to_lowercase())?.as_ref();
        self.as_written.get(&form).or_else(folded)
    }
}

impl RuleSet {
    /// Compiles a book; the error says which rule is wrong and why.
    pub fn compile(book: RuleBook) -> Result<RuleSet, String> {
        let lists = index_lists(&book.lists)?;
        let mut rules: Vec<Rule> = Vec::with_capacity(book.rules.len());
        for (name, spec) in &book.rules {
            if rules.iter().any(|rule| rule.name == *name) {
                return Err(format!("two rules are named {name}"));
            }
            if spec.pattern.is_empty() {
                return Err(format!("rule {name} has no pattern, nor has a neutral rule of that name"));
            }
            rules.push(Rule::compile(name, spec, &book).map_err(|error| format!("rule {name}: {error}"))?);
        }
        let hint = match book.patterns.get(HINT) {
            Some(pattern) => {
                Some(Expression::new("", &Writer::new(&book, false).write(pattern, 0)?, "", false)?)
            }
            None => None,
        };
        let hint = hint.map(|expression| expression.regex().clone());
        let folded = Automaton::new(&rules, &book, true)?;
        let exact = Automaton::new(&rules, &book, false)?;
        Ok(RuleSet { hint, folded, exact, memories: Pool::new(Memory::new), rules, lists })
    }

    /// The rules, in order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The value that a form has in a list, whatever its spaces and apostrophes, and whatever its case unless
    /// that tells two values apart.
    pub fn value(&self, list: &str, form: &str) -> Option<&str> {
        self.lists.get(list)?.value(form).map(AsRef::as_ref)
    }

    /// Calls `found` with every match, from left to right; matches do not overlap, save for what they match
    /// beyond their mention.
    pub fn find_all<'r, 't>(&'r self, text: &'t Text, mut found: impl FnMut(RuleMatch<'r, 't>)) {
        let Some(hint) = &self.hint else {
            let mut caches = self.caches();
            for block in text.blocks() {
                self.find(text, block.span, &mut caches, &mut found);
            }
            return;
        };
        let mut caches = None;
        let mut from = 0;
        while let Some(hit) = hint.find_at(text.as_str(), from) {
            // What stands between two blocks is of neither.
            let Some(block) = text.block_at(hit.start()) else { return };
            if block.span.start < hit.end() {
                self.find(text, block.span, caches.get_or_insert_with(|| self.caches()), &mut found);
                from = block.span.end;
            } else {
                from = hit.end();
            }
        }
    }

    /// As [`RuleSet::find_all`], within a span that lies in one block.
    pub fn find_in<'r, 't>(&'r self, text: &'t Text, span: Span, mut found: impl FnMut(RuleMatch<'r, 't>)) {
        self.find(text, span, &mut self.caches(), &mut found);
    }

    fn caches(&self) -> Caches<'_> {
        let mut memory = self.memories.get();
        memory.captures.resize_with(self.rules.len(), Captured::new);
        Caches { folded: self.folded.cache(), exact: self.exact.cache(), memory }
    }

    fn find<'r, 't>(
        &'r self,
        text: &'t Text,
        span: Span,
        caches: &mut Caches<'_>,
        found: &mut impl FnMut(RuleMatch<'r, 't>),
    ) {
        let mut ends = Vec::new();
        let mut from = 0;
        for word in &text.words()[text.words_in(span)] {
            if word.span.start < from {
                continue;
            }
            let rest = Span::new(word.span.start, span.end);
            let opening = Opening::of(rest.of(text.as_str()));
            if opening.is_some_and(|opening| caches.memory.dead_ends.holds(opening)) {
                continue;
            }
            ends.clear();
            let folded = self.folded.ends_in(text, rest, &mut caches.folded, &mut ends);
            let exact = self.exact.ends_in(text, rest, &mut caches.exact, &mut ends);
            if ends.is_empty() {
                if let (Some(opening), Some(folded), Some(exact)) = (opening, folded, exact) {
                    caches.memory.dead_ends.add(opening, folded.max(exact));
                }
                continue;
            }
            // The longest comes last; of equal ones, the first rule.
            ends.sort_unstable_by_key(|&(end, rule)| (end, Reverse(rule)));
            if let Some(matched) = self.best(text, word.span.start, &ends, &mut caches.memory.captures) {
                from = matched.mention.end.max(word.span.start + 1);
                found(matched);
            }
        }
    }

    fn best<'r, 't>(
        &'r self,
        text: &'t Text,
        start: usize,
        ends: &[(usize, usize)],
        captured: &mut [Captured],
    ) -> Option<RuleMatch<'r, 't>> {
        let view = text.as_str();
        ends.iter().rev().find_map(|&(end, index)| {
            let rule = &self.rules[index];
            let whole = Span::new(start, end);
            if !text.is_word_boundary(end) || !rule.allowed(view, whole) {
                return None;
            }
            let captures = match rule.plain {
                true => None,
                false => Some(rule.captures(whole.of(view), &self.lists, &mut captured[index])?),
            };
            let mut matched = RuleMatch { rule, mention: whole, whole, view, captures, set: self };
            matched.mention = matched.span(MENTION).unwrap_or(whole);
            Some(matched)
        })
    }
}

impl Memory {
    fn new() -> Memory {
        Memory { dead_ends: DeadEnds::new(), captures: Vec::new() }
    }
}

impl std::fmt::Debug for RuleSet {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("RuleSet").field("rules", &self.rules.len()).finish_non_exhaustive()
    }
}

impl<'r, 't> RuleMatch<'r, 't> {
    /// What was captured as `name`: the value where a list holds the form, the words themselves where not; or
    /// the rule's constant of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        match self.capture(name) {
            Some(capture) => {
                Some(capture.value.as_deref().unwrap_or_else(|| self.place(capture).of(self.view)))
            }
            None => self.rule.spec.set.get(name).map(String::as_str),
        }
    }

    /// Whether something was captured, or is constant, under a name that begins so.
    pub fn has_any(&self, prefix: &str) -> bool {
        let constants = self.rule.spec.set.keys().map(String::as_str);
        let captured =
            self.captures.iter().flat_map(|captures| captures.iter()).map(|capture| &*capture.name);
        captured.chain(constants).any(|name| name.starts_with(prefix))
    }

    /// The number that is meant by what was captured as `name`, read as the rules' language writes numbers.
    pub fn number(&self, name: &str) -> Option<Amount> {
        numbers::read(self.set, self.get(name)?)
    }

    /// The words captured as `name`.
    pub fn text(&self, name: &str) -> Option<&'t str> {
        self.span(name).map(|span| span.of(self.view))
    }

    /// Where the words captured as `name` stand in the view.
    pub fn span(&self, name: &str) -> Option<Span> {
        self.capture(name).map(|capture| self.place(capture))
    }

    fn capture(&self, name: &str) -> Option<&Capture> {
        self.captures.as_ref()?.iter().find(|capture| *capture.name == *name)
    }

    fn place(&self, capture: &Capture) -> Span {
        Span::new(self.whole.start + capture.range.start, self.whole.start + capture.range.end)
    }
}

impl Rule {
    fn compile(name: &Arc<str>, spec: &RuleSpec, book: &RuleBook) -> Result<Rule, String> {
        let mut writer = Writer::new(book, false);
        let pattern = writer.write(&spec.pattern, 0)?;
        let lists = take(&mut writer.captures);
        let mut guard = |pattern: &Option<String>, before: &str, after: &str| match pattern {
            Some(pattern) => {
                Expression::new(before, &writer.write(pattern, 0)?, after, spec.case_sensitive).map(Some)
            }
            None => Ok(None),
        };
        Ok(Rule {
            name: name.clone(),
            spec: spec.clone(),
            plain: !pattern.contains("(?P<") && !pattern.contains("(?-i:"),
            expression: Expression::new(r"\A", &pattern, r"\z", spec.case_sensitive)?,
            not_after: guard(&spec.not_after, "", r"\z")?,
            not_before: guard(&spec.not_before, r"\A", "")?,
            lists,
        })
    }

    /// What the expression captures in words that the automata took; `None` where it does not match them after all.
    fn captures(
        &self,
        words: &str,
        lists: &HashMap<String, List>,
        remembered: &mut Captured,
    ) -> Option<Captures> {
        if let Some(known) = remembered.get(words) {
            return known.clone();
        }
        let regex = self.expression.regex();
        let captures = regex.captures(words).map(|captures| {
            let named = regex.capture_names().zip(captures.iter());
            named
                .filter_map(|(name, group)| {
                    let (name, group) = (name?, group?);
                    let list = self.lists.get(name).and_then(|list| lists.get(list));
                    let value = list.and_then(|list| list.value(group.as_str())).cloned();
                    Some(Capture { name: name.into(), range: group.range(), value })
                })
                .collect::<Captures>()
        });
        if remembered.len() >= REMEMBERED {
            remembered.clear();
        }
        remembered.insert(words.into(), captures.clone());
        captures
    }

    fn allowed(&self, view: &str, whole: Span) -> bool {
        let before = &view[floor(view, whole.start.saturating_sub(GUARD_BYTES))..whole.start];
        let after = &view[whole.end..floor(view, (whole.end + GUARD_BYTES).min(view.len()))];
        !self.not_after.as_ref().is_some_and(|guard| guard.regex().is_match(before))
            && !self.not_before.as_ref().is_some_and(|guard| guard.regex().is_match(after))
    }
}

impl Expression {
    fn new(before: &str, pattern: &str, after: &str, case_sensitive: bool) -> Result<Expression, String> {
        let flag = if case_sensitive { "" } else { "(?i)" };
        let source = format!("{flag}{before}(?:{pattern}){after}");
        Ok(Expression { source, regex: OnceLock::new() })
    }

    fn regex(&self) -> &Regex {
        self.regex.get_or_init(|| {
            RegexBuilder::new(&self.source)
                .size_limit(usize::MAX)
                .build()
                .expect("a test uses every expression of the embedded packs")
        })
    }
}

/// The group that is the span to report.
const MENTION: &str = "mention";

/// The pattern that tells what every match holds.
const HINT: &str = "hint";

/// How far a guard sees.
const GUARD_BYTES: usize = 48;

fn floor(view: &str, mut position: usize) -> usize {
    while !view.is_char_boundary(position) {
        position -= 1;
    }
    position
}

fn index_lists(
    lists: &BTreeMap<String, BTreeMap<String, Vec<String>>>,
) -> Result<HashMap<String, List>, String> {
    let mut index = HashMap::new();
    for (name, values) in lists {
        let mut list = List::default();
        for (value, forms) in values {
            let value: Arc<str> = Arc::from(value.as_str());
            for form in forms {
                let form = normalize(form);
                list.folded
                    .entry(form.to_lowercase())
                    .and_modify(|known| *known = known.take().filter(|known| *known == value))
                    .or_insert_with(|| Some(value.clone()));
                match list.as_written.insert(form, value.clone()) {
                    Some(other) if other != value => {
                        return Err(format!("list {name}: one form stands for both {other:?} and {value:?}"));
                    }
                    _ => {}
                }
            }
        }
        index.insert(name.clone(), list);
    }
    Ok(index)
}

/// Plain spaces, apostrophes and hyphens.
fn normalize(form: &str) -> String {
    form.chars().filter(|&character| character != '\r').map(plain).collect()
}

fn plain(character: char) -> char {
    match character {
        '\u{2019}' | '\u{2BC}' => '\'',
        '\u{2010}' | '\u{2011}' => '-',
        '\n' | '\t' | '\u{A0}' | '\u{2009}' | '\u{202F}' => ' ',
        _ => character,
    }
}
