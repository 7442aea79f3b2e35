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
//! All rules of a file become two lazily built deterministic automata (Aho, Sethi & Ullman 1986, section 3.9), for
//! the rules that ignore case and those that do not. They are walked from each word's start, so the cost is that of
//! the longest rule at each word, whatever the number of rules. A match must end at a word's end. The longest match
//! wins; of equal ones, the first rule.
//!
//! The first automaton reads the text folded (small letters, plain spaces, apostrophes and hyphens) instead of
//! allowing every spelling in every word: that would take most of the time to start. It may let too much through;
//! the rule's own expression, which reads its captures, decides. So a class in a pattern must name the plain space,
//! apostrophe or hyphen beside others of its kind.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::mem::take;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use regex::{Captures, Regex, RegexBuilder};
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::util::pool::{Pool, PoolGuard};
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
    folded: Automaton,
    exact: Automaton,
    rules: Vec<Rule>,
    lists: HashMap<String, List>,
}

type CachePool = Pool<Cache, Box<dyn Fn() -> Cache + Send + Sync>>;
type CacheGuard<'a> = PoolGuard<'a, Cache, Box<dyn Fn() -> Cache + Send + Sync>>;

/// Tells where rules may match.
struct Automaton {
    dfa: DFA,
    caches: CachePool,
    /// By pattern of the automaton: the index of its rule.
    rules: Vec<usize>,
    /// By byte of the text: what the automaton reads for it; `None` where the whole character must be folded.
    reads: [Option<u8>; 256],
    /// By byte of the text: whether a match may begin with it; most words begin none.
    begins: [bool; 256],
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
    captures: Option<Captures<'t>>,
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
        let folded = Automaton::new(&rules, &book, true)?;
        let exact = Automaton::new(&rules, &book, false)?;
        Ok(RuleSet { folded, exact, rules, lists })
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
        let mut caches = self.caches();
        for block in text.blocks() {
            self.find(text, block.span, &mut caches, &mut found);
        }
    }

    /// As [`RuleSet::find_all`], within a span that lies in one block.
    pub fn find_in<'r, 't>(&'r self, text: &'t Text, span: Span, mut found: impl FnMut(RuleMatch<'r, 't>)) {
        self.find(text, span, &mut self.caches(), &mut found);
    }

    fn caches(&self) -> [CacheGuard<'_>; 2] {
        [self.folded.caches.get(), self.exact.caches.get()]
    }

    fn find<'r, 't>(
        &'r self,
        text: &'t Text,
        span: Span,
        [folded, exact]: &mut [CacheGuard<'_>; 2],
        found: &mut impl FnMut(RuleMatch<'r, 't>),
    ) {
        let mut ends = Vec::new();
        let mut from = 0;
        for word in &text.words()[text.words_in(span)] {
            if word.span.start < from {
                continue;
            }
            let rest = Span::new(word.span.start, span.end);
            ends.clear();
            self.folded.ends_in(text, rest, folded, &mut ends);
            self.exact.ends_in(text, rest, exact, &mut ends);
            // The longest comes last; of equal ones, the first rule.
            ends.sort_unstable_by_key(|&(end, rule)| (end, Reverse(rule)));
            if let Some(matched) = self.best(text, word.span.start, &ends) {
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
    ) -> Option<RuleMatch<'r, 't>> {
        let view = text.as_str();
        ends.iter().rev().find_map(|&(end, rule)| {
            let rule = &self.rules[rule];
            let whole = Span::new(start, end);
            if !text.is_word_boundary(end) || !rule.allowed(view, whole) {
                return None;
            }
            let captures = match rule.plain {
                true => None,
                false => Some(rule.expression.regex().captures(whole.of(view))?),
            };
            let mention = captures.as_ref().and_then(|captures| captures.name("mention"));
            let mention = mention.map_or(whole, |group| offset(group.range(), start));
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
        self.captures.as_ref()?.name(name).map(|group| offset(group.range(), self.whole.start))
    }
}

impl Automaton {
    fn new(rules: &[Rule], book: &RuleBook, folds: bool) -> Result<Automaton, String> {
        let own = |(index, rule): (usize, &Rule)| (rule.spec.case_sensitive != folds).then_some(index);
        let own: Vec<usize> = rules.iter().enumerate().filter_map(own).collect();
        let write = |&index: &usize| Writer::new(book, folds).write(&rules[index].spec.pattern, 0);
        let patterns = own.iter().map(write).collect::<Result<Vec<String>, String>>()?;
        let dfa = DFA::builder()
            .configure(DFA::config().match_kind(MatchKind::All))
            .syntax(syntax::Config::new().unicode(true).utf8(true))
            .build_many(&patterns)
            .map_err(|error| describe(&error))?;
        let template = dfa.clone();
        let caches =
            Pool::new(Box::new(move || template.create_cache()) as Box<dyn Fn() -> Cache + Send + Sync>);
        let reads = std::array::from_fn(|byte| if folds { fold_byte(byte as u8) } else { Some(byte as u8) });
        let begins = beginnings(&dfa, &reads);
        Ok(Automaton { dfa, caches, rules: own, reads, begins })
    }

    /// Adds to `ends` where matches that start at the start of `span` end, with their rules.
    fn ends_in(&self, text: &Text, span: Span, cache: &mut Cache, ends: &mut Vec<(usize, usize)>) {
        let view = span.of(text.as_str());
        if !view.bytes().next().is_some_and(|first| self.begins[usize::from(first)]) {
            return;
        }
        let Ok(mut state) = self.dfa.start_state_forward(cache, &Input::new(view).anchored(Anchored::Yes))
        else {
            return;
        };
        let mut folded = [0; MAX_FOLDED];
        let mut at = 0;
        while let Some(&byte) = view.as_bytes().get(at) {
            let (len, bytes) = match self.reads[usize::from(byte)] {
                Some(ref byte) => (1, std::slice::from_ref(byte)),
                None => fold(&view[at..], &mut folded),
            };
            for &byte in bytes {
                let Ok(next) = self.dfa.next_state(cache, state, byte) else { return };
                state = next;
                if state.is_tagged() {
                    // A match state is entered one byte behind the match's end.
                    if state.is_match() {
                        self.push_ends(cache, state, span.start + at, ends);
                    } else if state.is_dead() || state.is_quit() {
                        return;
                    }
                }
            }
            at += len;
        }
        if let Ok(state) = self.dfa.next_eoi_state(cache, state)
            && state.is_match()
        {
            self.push_ends(cache, state, span.end, ends);
        }
    }

    fn push_ends(
        &self,
        cache: &Cache,
        state: regex_automata::hybrid::LazyStateID,
        end: usize,
        ends: &mut Vec<(usize, usize)>,
    ) {
        let patterns = 0..self.dfa.match_len(cache, state);
        let rule = |index| self.rules[self.dfa.match_pattern(cache, state, index).as_usize()];
        ends.extend(patterns.map(|index| (end, rule(index))));
    }
}

fn beginnings(dfa: &DFA, reads: &[Option<u8>; 256]) -> [bool; 256] {
    let mut cache = dfa.create_cache();
    let mut is_dead = |byte| {
        let start = dfa.start_state_forward(&mut cache, &Input::new("").anchored(Anchored::Yes)).ok()?;
        Some(dfa.next_state(&mut cache, start, byte).ok()?.is_dead())
    };
    reads.map(|byte| byte.and_then(&mut is_dead) != Some(true))
}

fn fold_byte(byte: u8) -> Option<u8> {
    match byte {
        b'\t' | b'\n' => Some(b' '),
        // The line feed behind it is the space.
        b'\r' => None,
        _ => byte.is_ascii().then(|| byte.to_ascii_lowercase()),
    }
}

/// A character becomes at most three when its letter is made small.
const MAX_FOLDED: usize = 3 * 4;

/// How long the first character of `text` is, and its bytes in folded text.
fn fold<'b>(text: &str, folded: &'b mut [u8; MAX_FOLDED]) -> (usize, &'b [u8]) {
    let Some(character) = text.chars().next().filter(|&character| character != '\r') else { return (1, &[]) };
    let mut len = 0;
    for small in plain(character).to_lowercase() {
        len += small.encode_utf8(&mut folded[len..]).len();
    }
    (character.len_utf8(), &folded[..len])
}

fn offset(range: Range<usize>, by: usize) -> Span {
    Span::new(range.start + by, range.end + by)
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

const SPACE: &str = r"(?:[ \t\u{A0}\u{2009}\u{202F}]|\r?\n)";
const APOSTROPHE: &str = "['\u{2019}\u{2BC}]";
const HYPHEN: &str = r"[-\u{2010}\u{2011}]";
/// Patterns within patterns go no deeper: a cycle is an error, not a hang.
const MAX_DEPTH: usize = 8;

/// Writes patterns out as regular expressions.
struct Writer<'b> {
    book: &'b RuleBook,
    /// For folded text: letters are small, and a space, an apostrophe or a hyphen is a plain one.
    folds: bool,
    /// By capture: the list that it comes from.
    captures: HashMap<String, String>,
}

impl Writer<'_> {
    fn new(book: &RuleBook, folds: bool) -> Writer<'_> {
        Writer { book, folds, captures: HashMap::new() }
    }

    fn write(&mut self, pattern: &str, depth: usize) -> Result<String, String> {
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
                '[' | ']' => {
                    class = character == '[';
                    out.push(character);
                }
                // `(?P<name>` stays as it is; the flags of `(?-i:` mean nothing to folded text.
                '(' if rest.peek() == Some(&'?') => {
                    let flags = |next: &char| matches!(next, '?' | '-') || next.is_ascii_lowercase();
                    let flags: String = std::iter::from_fn(|| rest.next_if(flags)).collect();
                    if self.folds && rest.peek() == Some(&':') {
                        out.push_str("(?");
                    } else {
                        out.push('(');
                        out.push_str(&flags);
                        out.extend(rest.next_if_eq(&'P'));
                    }
                }
                '{' if !class && rest.peek().is_some_and(|next| next.is_alphabetic() || *next == ':') => {
                    let reference: String = rest.by_ref().take_while(|&next| next != '}').collect();
                    let (capture, source) = reference.split_once(':').unwrap_or((&reference, &reference));
                    let inner = self.refer(capture, source, depth)?;
                    match capture {
                        "" => out.push_str(&format!("(?:{inner})")),
                        name => out.push_str(&format!("(?P<{name}>{inner})")),
                    }
                }
                _ if class => self.write_letter(character, &mut out),
                _ => self.write_character(character, &mut out),
            }
        }
        Ok(out)
    }

    fn refer(&mut self, capture: &str, source: &str, depth: usize) -> Result<String, String> {
        let book = self.book;
        match (book.lists.get(source), book.patterns.get(source)) {
            (Some(list), _) => {
                self.captures.insert(capture.to_owned(), source.to_owned());
                Ok(self.alternation(list))
            }
            (None, Some(pattern)) => self.write(pattern, depth + 1),
            (None, None) => Err(format!("no list or pattern is named {source}")),
        }
    }

    fn alternation(&self, list: &BTreeMap<String, Vec<String>>) -> String {
        let mut forms: Vec<&String> = list.values().flatten().collect();
        // Longest first, so that a capture takes all it can.
        forms.sort_by_key(|form| (Reverse(form.len()), form.as_str()));
        forms.dedup();
        if forms.is_empty() {
            return NOTHING.to_owned();
        }
        let mut out = String::new();
        for form in forms {
            if !out.is_empty() {
                out.push('|');
            }
            for character in form.chars() {
                match character {
                    ' ' | '\'' | '-' => self.write_character(character, &mut out),
                    _ if character.is_alphanumeric() => self.write_letter(character, &mut out),
                    _ => out.push_str(&regex::escape(character.encode_utf8(&mut [0; 4]))),
                }
            }
        }
        out
    }

    fn write_character(&self, character: char, out: &mut String) {
        match character {
            ' ' if !self.folds => out.push_str(SPACE),
            '\'' if !self.folds => out.push_str(APOSTROPHE),
            '-' if !self.folds => out.push_str(HYPHEN),
            _ => self.write_letter(character, out),
        }
    }

    fn write_letter(&self, character: char, out: &mut String) {
        match self.folds {
            true => out.extend(character.to_lowercase()),
            false => out.push(character),
        }
    }
}

/// What no text matches: the alternation of no forms.
const NOTHING: &str = r"[a&&b]";

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
