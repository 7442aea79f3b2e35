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
//! All rules of a file become one lazily built deterministic automaton (Aho, Sethi & Ullman 1986, section 3.9)
//! that is walked from each word's start, so the cost is that of the longest rule at each word, whatever the
//! number of rules. A match must end at a word's end. The longest match wins; of equal ones, the first rule.

use std::collections::{BTreeMap, HashMap};
use std::mem::take;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use regex::{Captures, Regex, RegexBuilder};
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::util::pool::Pool;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind};
use serde::Deserialize;

use crate::mention::Span;
use crate::text::Text;

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
    /// What it matches; see the module's documentation. Empty: all but the examples and rejects is as in the
    /// neutral pack's rule of that name.
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
    #[serde(default = "default_confidence")]
    pub confidence: f32,
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

fn default_confidence() -> f32 {
    0.95
}

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
                Some((_, own)) if own.pattern.is_empty() => {
                    let (examples, rejects) = (take(&mut own.examples), take(&mut own.rejects));
                    *own = RuleSpec { examples, rejects, ..rule };
                }
                Some(_) => {}
                None => self.rules.push((full_name, rule)),
            }
        }
    }
}

/// Compiled rules.
pub struct RuleSet {
    automaton: DFA,
    caches: Pool<Cache, Box<dyn Fn() -> Cache + Send + Sync>>,
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
    /// The pattern as a regular expression; compiled for captures when it first matches.
    expression: String,
    captures: OnceLock<Regex>,
    not_after: Option<Regex>,
    not_before: Option<Regex>,
    /// By capture: the list that it comes from.
    lists: HashMap<String, String>,
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
    captures: Captures<'t>,
    set: &'r RuleSet,
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
        let patterns: Vec<String> = rules.iter().map(Rule::flagged_expression).collect();
        let automaton = DFA::builder()
            .configure(DFA::config().match_kind(MatchKind::All))
            .syntax(syntax::Config::new().unicode(true).utf8(true))
            .build_many(&patterns)
            .map_err(|error| describe(&error))?;
        let template = automaton.clone();
        let caches =
            Pool::new(Box::new(move || template.create_cache()) as Box<dyn Fn() -> Cache + Send + Sync>);
        Ok(RuleSet { automaton, caches, rules, lists })
    }

    /// The rules, in order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The value that a form has in a list, whatever its spaces and apostrophes, and whatever its case unless
    /// that tells two values apart.
    pub fn value(&self, list: &str, form: &str) -> Option<&str> {
        let list = self.lists.get(list)?;
        let form = normalize(form);
        let folded = || list.folded.get(&form.to_lowercase())?.as_ref();
        list.as_written.get(&form).or_else(folded).map(AsRef::as_ref)
    }

    /// Calls `found` with every match, from left to right; matches do not overlap, save for what they match
    /// beyond their mention.
    pub fn find_all<'r, 't>(&'r self, text: &'t Text, mut found: impl FnMut(RuleMatch<'r, 't>)) {
        if self.rules.is_empty() {
            return;
        }
        let mut cache = self.caches.get();
        let mut ends = Vec::new();
        let mut from = 0;
        for block in text.blocks() {
            for word in &text.words()[block.words.clone()] {
                if word.span.start < from {
                    continue;
                }
                self.ends_at(text, word.span.start, block.span.end, &mut cache, &mut ends);
                if let Some(matched) = self.best(text, word.span.start, &ends) {
                    from = matched.mention.end.max(word.span.start + 1);
                    found(matched);
                }
            }
        }
    }

    /// Collects into `ends` where matches that start at `start` end, with their rules; the longest comes last.
    fn ends_at(
        &self,
        text: &Text,
        start: usize,
        limit: usize,
        cache: &mut Cache,
        ends: &mut Vec<(usize, usize)>,
    ) {
        ends.clear();
        let view = text.as_str();
        let input = Input::new(view).range(start..limit).anchored(Anchored::Yes);
        let Ok(mut state) = self.automaton.start_state_forward(cache, &input) else { return };
        // A match state is entered one byte behind the match's end.
        for (at, &byte) in view.as_bytes()[start..limit].iter().enumerate() {
            let Ok(next) = self.automaton.next_state(cache, state, byte) else { return };
            state = next;
            if state.is_tagged() {
                if state.is_match() {
                    self.push_ends(cache, state, start + at, ends);
                } else if state.is_dead() || state.is_quit() {
                    return;
                }
            }
        }
        if let Ok(state) = self.automaton.next_eoi_state(cache, state)
            && state.is_match()
        {
            self.push_ends(cache, state, limit, ends);
        }
    }

    fn push_ends(
        &self,
        cache: &Cache,
        state: regex_automata::hybrid::LazyStateID,
        end: usize,
        ends: &mut Vec<(usize, usize)>,
    ) {
        // In reverse, so that the first rule comes last among equal ends.
        for index in (0..self.automaton.match_len(cache, state)).rev() {
            ends.push((end, self.automaton.match_pattern(cache, state, index).as_usize()));
        }
    }

    fn best<'r, 't>(
        &'r self,
        text: &'t Text,
        start: usize,
        ends: &[(usize, usize)],
    ) -> Option<RuleMatch<'r, 't>> {
        let view = text.as_str();
        ends.iter().rev().find_map(|&(end, rule)| {
            let rule = &self.rules[rule];
            let whole = Span::new(start, end);
            if !text.is_word_boundary(end) || !rule.allowed(view, whole) {
                return None;
            }
            let captures = rule.regex().captures(whole.of(view))?;
            let mention = captures.name("mention").map_or(whole, |group| offset(group.range(), start));
            Some(RuleMatch { rule, mention, whole, view, captures, set: self })
        })
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
        let Some(text) = self.text(name) else {
            return self.rule.spec.set.get(name).map(String::as_str);
        };
        Some(self.rule.lists.get(name).and_then(|list| self.set.value(list, text)).unwrap_or(text))
    }

    /// The words captured as `name`.
    pub fn text(&self, name: &str) -> Option<&'t str> {
        self.span(name).map(|span| span.of(self.view))
    }

    /// Where the words captured as `name` stand in the view.
    pub fn span(&self, name: &str) -> Option<Span> {
        self.captures.name(name).map(|group| offset(group.range(), self.whole.start))
    }
}

fn offset(range: Range<usize>, by: usize) -> Span {
    Span::new(range.start + by, range.end + by)
}

impl Rule {
    fn compile(name: &Arc<str>, spec: &RuleSpec, book: &RuleBook) -> Result<Rule, String> {
        let mut lists = HashMap::new();
        let expression = expand(&spec.pattern, book, &mut lists, 0)?;
        let guard = |pattern: &Option<String>, before: &str, after: &str| -> Result<Option<Regex>, String> {
            let Some(pattern) = pattern else { return Ok(None) };
            let inner = expand(pattern, book, &mut HashMap::new(), 0)?;
            regex(&format!("{before}(?:{inner}){after}"), spec.case_sensitive).map(Some)
        };
        let not_after = guard(&spec.not_after, "", r"\z")?;
        let not_before = guard(&spec.not_before, r"\A", "")?;
        let (name, spec) = (name.clone(), spec.clone());
        Ok(Rule { name, spec, expression, captures: OnceLock::new(), not_after, not_before, lists })
    }

    fn flagged_expression(&self) -> String {
        format!("{}{}", if self.spec.case_sensitive { "" } else { "(?i)" }, self.expression)
    }

    fn regex(&self) -> &Regex {
        self.captures.get_or_init(|| {
            regex(&format!(r"\A(?:{})\z", self.expression), self.spec.case_sensitive)
                .expect("the automaton was built from the same expression")
        })
    }

    fn allowed(&self, view: &str, whole: Span) -> bool {
        let before = &view[floor(view, whole.start.saturating_sub(GUARD_BYTES))..whole.start];
        let after = &view[whole.end..floor(view, (whole.end + GUARD_BYTES).min(view.len()))];
        !self.not_after.as_ref().is_some_and(|guard| guard.is_match(before))
            && !self.not_before.as_ref().is_some_and(|guard| guard.is_match(after))
    }
}

/// An error and what caused it.
fn describe(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", describe(cause)),
        None => error.to_string(),
    }
}

/// How far a guard sees.
const GUARD_BYTES: usize = 48;

fn floor(view: &str, mut position: usize) -> usize {
    while !view.is_char_boundary(position) {
        position -= 1;
    }
    position
}

fn regex(expression: &str, case_sensitive: bool) -> Result<Regex, String> {
    RegexBuilder::new(expression).case_insensitive(!case_sensitive).build().map_err(|error| error.to_string())
}

const SPACE: &str = r"(?:[ \t\u{A0}\u{2009}\u{202F}]|\r?\n)";
const APOSTROPHE: &str = "['\u{2019}\u{2BC}]";
const HYPHEN: &str = r"[-\u{2010}\u{2011}]";
/// Patterns within patterns go no deeper: a cycle is an error, not a hang.
const MAX_DEPTH: usize = 8;

/// Writes a pattern out as a regular expression; notes in `captures` which list each capture comes from.
fn expand(
    pattern: &str,
    book: &RuleBook,
    captures: &mut HashMap<String, String>,
    depth: usize,
) -> Result<String, String> {
    if depth > MAX_DEPTH {
        return Err(format!("patterns refer to each other in a circle: {pattern}"));
    }
    let mut out = String::new();
    let mut rest = pattern.chars().peekable();
    let mut class = false;
    while let Some(character) = rest.next() {
        match character {
            '\\' => {
                out.push(character);
                out.extend(rest.next());
                // `\u{A0}` and `\p{Lu}` keep their braces.
                if out.ends_with(['u', 'x', 'p', 'P']) && rest.peek() == Some(&'{') {
                    out.extend(rest.by_ref().take_while(|&next| next != '}'));
                    out.push('}');
                }
            }
            '[' => {
                class = true;
                out.push(character);
            }
            ']' => {
                class = false;
                out.push(character);
            }
            ' ' if !class => out.push_str(SPACE),
            '\'' if !class => out.push_str(APOSTROPHE),
            // `(?-i:…)` keeps the sign of its flag.
            '-' if !class && !out.ends_with("(?") => out.push_str(HYPHEN),
            '{' if !class && rest.peek().is_some_and(|next| next.is_alphabetic() || *next == ':') => {
                let reference: String = rest.by_ref().take_while(|&next| next != '}').collect();
                let (capture, source) = reference.split_once(':').unwrap_or((&reference, &reference));
                let inner = match (book.lists.get(source), book.patterns.get(source)) {
                    (Some(list), _) => {
                        captures.insert(capture.to_owned(), source.to_owned());
                        alternation(list)
                    }
                    (None, Some(pattern)) => expand(pattern, book, captures, depth + 1)?,
                    (None, None) => return Err(format!("no list or pattern is named {source}")),
                };
                match capture {
                    "" => out.push_str(&format!("(?:{inner})")),
                    name => out.push_str(&format!("(?P<{name}>{inner})")),
                }
            }
            _ => out.push(character),
        }
    }
    Ok(out)
}

/// What no text matches: the alternation of no forms.
const NOTHING: &str = r"[a&&b]";

fn alternation(list: &BTreeMap<String, Vec<String>>) -> String {
    let mut forms: Vec<&String> = list.values().flatten().collect();
    // Longest first, so that a capture takes all it can.
    forms.sort_by_key(|form| (std::cmp::Reverse(form.len()), form.as_str()));
    forms.dedup();
    if forms.is_empty() {
        return NOTHING.to_owned();
    }
    let written: Vec<String> = forms
        .iter()
        .map(|form| {
            let mut out = String::new();
            for character in form.chars() {
                match character {
                    ' ' => out.push_str(SPACE),
                    '\'' => out.push_str(APOSTROPHE),
                    '-' => out.push_str(HYPHEN),
                    _ => out.push_str(&regex::escape(character.encode_utf8(&mut [0; 4]))),
                }
            }
            out
        })
        .collect();
    written.join("|")
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
    let plain = |character| match character {
        '\u{2019}' | '\u{2BC}' => '\'',
        '\u{2010}' | '\u{2011}' => '-',
        '\n' | '\t' | '\u{A0}' | '\u{2009}' | '\u{202F}' => ' ',
        _ => character,
    };
    form.chars().filter(|&character| character != '\r').map(plain).collect()
}
