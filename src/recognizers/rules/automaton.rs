//! Where rules may match: one lazily built automaton over many patterns.

use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::util::pool::{Pool, PoolGuard};
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind};

use super::writer::Writer;
use super::{Rule, RuleBook, plain};
use crate::mention::Span;
use crate::text::Text;

/// What the states of one automaton may take in one thread before they are built anew: a pack's dates and their tense
/// take one to four megabytes, so that none is thrown away.
const CACHE_BYTES: usize = 32 << 20;

type CachePool = Pool<Cache, Box<dyn Fn() -> Cache + Send + Sync>>;
/// A cache of an automaton's states, lent.
pub type CacheGuard<'a> = PoolGuard<'a, Cache, Box<dyn Fn() -> Cache + Send + Sync>>;

/// Tells where rules may match.
pub struct Automaton {
    dfa: DFA,
    caches: CachePool,
    /// By pattern of the automaton: the index of its rule.
    rules: Vec<usize>,
    /// By byte of the text: what the automaton reads for it; `None` where the whole character must be folded.
    reads: [Option<u8>; 256],
}

impl Automaton {
    /// That of the rules that ignore case, if it folds; else that of the others.
    pub fn new(rules: &[Rule], book: &RuleBook, folds: bool) -> Result<Automaton, String> {
        let own = |(index, rule): (usize, &Rule)| (rule.spec.case_sensitive != folds).then_some(index);
        let own: Vec<usize> = rules.iter().enumerate().filter_map(own).collect();
        let write = |&index: &usize| Writer::new(book, folds).write(&rules[index].spec.pattern, 0);
        let patterns = own.iter().map(write).collect::<Result<Vec<String>, String>>()?;
        let mut builder = DFA::builder();
        builder
            .configure(DFA::config().match_kind(MatchKind::All).cache_capacity(CACHE_BYTES))
            .syntax(syntax::Config::new().unicode(true).utf8(true));
        let dfa = builder.build_many(&patterns).map_err(|error| {
            let broken = patterns.iter().position(|pattern| builder.build(pattern).is_err());
            let name = broken.map(|index| format!("rule {}: ", rules[own[index]].name));
            name.unwrap_or_default() + &describe(&error)
        })?;
        let template = dfa.clone();
        let caches =
            Pool::new(Box::new(move || template.create_cache()) as Box<dyn Fn() -> Cache + Send + Sync>);
        let reads = std::array::from_fn(|byte| if folds { fold_byte(byte as u8) } else { Some(byte as u8) });
        Ok(Automaton { dfa, caches, rules: own, reads })
    }

    /// Adds to `ends` where matches that start at the start of `span` end, with their rules. Returns how many bytes told
    /// that there are no more; `None` where it took all of them.
    pub fn ends_in(
        &self,
        text: &Text,
        span: Span,
        cache: &mut Cache,
        ends: &mut Vec<(usize, usize)>,
    ) -> Option<usize> {
        let view = span.of(text.as_str());
        let start = Input::new(view).anchored(Anchored::Yes);
        let mut state = self.dfa.start_state_forward(cache, &start).ok()?;
        let mut folded = [0; MAX_FOLDED];
        let mut at = 0;
        while let Some(&byte) = view.as_bytes().get(at) {
            let (len, bytes) = match self.reads[usize::from(byte)] {
                Some(ref byte) => (1, std::slice::from_ref(byte)),
                None => fold(&view[at..], &mut folded),
            };
            for &byte in bytes {
                state = self.dfa.next_state(cache, state, byte).ok()?;
                if state.is_tagged() {
                    // A match state is entered one byte behind the match's end.
                    if state.is_match() {
                        self.push_ends(cache, state, span.start + at, ends);
                    } else if state.is_dead() || state.is_quit() {
                        return Some(at + len);
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
        None
    }

    /// A cache for [`Automaton::ends_in`].
    pub fn cache(&self) -> CacheGuard<'_> {
        self.caches.get()
    }

    fn push_ends(&self, cache: &Cache, state: LazyStateID, end: usize, ends: &mut Vec<(usize, usize)>) {
        let patterns = 0..self.dfa.match_len(cache, state);
        let rule = |index| self.rules[self.dfa.match_pattern(cache, state, index).as_usize()];
        ends.extend(patterns.map(|index| (end, rule(index))));
    }
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

/// An error and what caused it.
fn describe(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", describe(cause)),
        None => error.to_string(),
    }
}
