//! Finds threat actors: catalogued names, vendors' identifiers and families, and names that the text introduces as
//! those of a gang.
//!
//! Most names are ordinary words too (`Play`, `Cuba`, `Royal`), so a name alone is a candidate. What the name is, how it
//! is written, what stands around it, what the article is about and what is said elsewhere in it are its evidence; the
//! weights of the evidence add up to the log-odds that it is an actor's. Names are judged twice: by what stands around
//! them, then also by what became of their neighbours and of the same name elsewhere.

mod candidate;
mod evidence;
mod lexicon;
mod surroundings;
#[cfg(test)]
mod tests;
mod trie;
mod unseen;

use std::collections::BTreeMap;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};

use super::{Article, Recognizer};
use crate::catalog::{Catalog, schemes};
use crate::error::PackError;
use crate::language::Pack;
use crate::mention::{Mention, Span};
use crate::tagger::Name;
use crate::text::{Text, fold};
use crate::values::{EntityType, ThreatActor, Value};
use candidate::Candidate;
pub use evidence::{Evidence, EvidenceSet};
use lexicon::Lexicon;
use surroundings::Surroundings;

/// Finds threat actors.
#[derive(Debug)]
pub struct Actors {
    lexicon: Lexicon,
    catalog: Arc<Catalog>,
}

/// A name that may be an actor's is reported from this probability on.
const LEAST: f32 = 0.5;
/// A name is sure, and so evidence for others, from this probability on.
const SURE: f32 = 0.8;
/// From this probability on no tagger can take a name from an actor.
const BEYOND_DOUBT: f32 = 0.98;
/// A name is likely, and so evidence for the same name elsewhere, from this probability on.
const LIKELY: f32 = 0.3;
/// What introduces an actor beyond doubt about the kind of thing that is named.
const GROUPS: &[Evidence] = &[Evidence::GroupBefore, Evidence::GroupBehind, Evidence::Apposition];
/// In bytes: no words between two names of a chain are longer.
const LONGEST_GAP: usize = 64;

impl Actors {
    /// Compiles the pack's words.
    pub fn new(pack: &Pack, catalog: Arc<Catalog>) -> Result<Actors, PackError> {
        Ok(Actors { lexicon: Lexicon::new(pack)?, catalog })
    }

    /// Every name that may be an actor's, with the evidence for and against it: what the weights are learned from.
    pub fn weigh(&self, article: &Article<'_>) -> Vec<(Span, EvidenceSet)> {
        self.judged(article).into_iter().map(|candidate| (candidate.span, candidate.evidence)).collect()
    }

    fn judged<'c>(&'c self, article: &Article<'_>) -> Vec<Candidate<'c>> {
        let text = article.text;
        let surroundings = Surroundings::new(text, &self.lexicon, article.names);
        let mut candidates = candidate::all(&self.catalog, text, &self.lexicon);
        let introduces = surroundings.tells_of_hacking()
            || (surroundings.tells_of_crime() && unseen::name_themselves(text, &self.lexicon));
        if introduces {
            let names = article.names.unwrap_or_default();
            candidate::add(&mut candidates, unseen::all(text, &self.lexicon, names));
        }
        let better = |candidate: &Candidate<'_>| !candidate.is_ordinary() || candidate.policy.is_some();
        let accompanied = candidates.iter().any(better);
        let judge = |candidate: &mut Candidate<'_>| {
            surroundings.judge(candidate, accompanied);
            if let Some(names) = article.names {
                judge_tagged(candidate, names);
            }
        };
        candidates.iter_mut().for_each(judge);
        self.judge_chains(text, &mut candidates);
        let mut repeated = repeated(text, &self.lexicon, &candidates);
        repeated.iter_mut().for_each(judge);
        candidate::add(&mut candidates, repeated);
        judge_elsewhere(text, &mut candidates);
        candidates
    }

    /// Looks at the neighbours in chains: `A (or B)`, `A and B`, `A, B and C`.
    fn judge_chains(&self, text: &Text, candidates: &mut [Candidate<'_>]) {
        let links: Vec<_> =
            candidates.windows(2).map(|pair| self.link(text, pair[0].span, pair[1].span)).collect();
        // To and fro, so that a chain's one sure name reaches both of its ends.
        let forth = (0..links.len()).map(|left| (left, left, left + 1));
        let back = (0..links.len()).rev().map(|left| (left, left + 1, left));
        for (link, from, to) in forth.chain(back) {
            if let Some(evidence) = links[link]
                && candidates[from].probability() >= SURE
                // States are named beside their gangs.
                && !(evidence == Evidence::BesideSure && candidates[to].evidence.has(Evidence::PlaceName))
            {
                candidates[to].evidence.add(evidence);
                if evidence == Evidence::AliasOfSure
                    && let Some(actor) = candidates[from].actor()
                {
                    candidates[to].mean(actor);
                }
            }
        }
    }

    /// What the words between two names make of the one whose neighbour is sure.
    fn link(&self, text: &Text, left: Span, right: Span) -> Option<Evidence> {
        let gap = text.as_str().get(left.end..right.start)?;
        if gap.len() > LONGEST_GAP || gap.contains('\n') {
            return None;
        }
        let folded = fold(gap);
        let quotes = |mark: char| surroundings::is_opening(mark) || mark.is_whitespace() || mark == ')';
        let gap = folded.trim_matches(quotes);
        let lexicon = &self.lexicon;
        let kinds = [(&lexicon.alias, Evidence::AliasOfSure), (&lexicon.and, Evidence::BesideSure)];
        let fits = |rest: &str| {
            let rest = rest.trim_start();
            let rest = lexicon.article.at_start(rest).map_or(rest, |end| rest[end..].trim_start());
            rest.is_empty()
                || [&lexicon.before_group, &lexicon.before_brand].iter().any(|noun| {
                    noun.at_start(rest).is_some_and(|end| rest[end..].trim_matches(quotes).is_empty())
                })
        };
        kinds.into_iter().find_map(|(phrases, evidence)| {
            phrases.at_start(gap).filter(|&end| fits(&gap[end..])).map(|_| evidence)
        })
    }
}

impl Recognizer for Actors {
    fn name(&self) -> &'static str {
        "actors"
    }

    /// Where nothing is found and nobody introduces an actor, a tagger's names change nothing.
    fn needs_names(&self, article: &Article<'_>) -> bool {
        let in_doubt = |candidate: &Candidate<'_>| (LEAST..BEYOND_DOUBT).contains(&candidate.probability());
        unseen::may_stand_in(article.text, &self.lexicon) || self.judged(article).iter().any(in_doubt)
    }

    fn recognize(&self, article: &Article<'_>, mentions: &mut Vec<Mention>) {
        for candidate in self.judged(article) {
            let probability = candidate.probability();
            if probability < LEAST || candidate.is_within_another() {
                continue;
            }
            let actor = candidate.actor().cloned();
            let others = candidate.actors.iter().enumerate().filter(|(index, _)| *index != candidate.meant);
            let other_candidates = others.map(|(_, other)| other.clone()).collect();
            let claims = match actor {
                Some(_) => Vec::new(),
                None => schemes::claims(candidate.span.of(article.text.as_str())),
            };
            let value = Value::ThreatActor(ThreatActor { actor, other_candidates, claims });
            let rule = Arc::from(format!("actors: {}", candidate.explanation()));
            mentions.push(Mention::new(candidate.span, value, probability, rule));
        }
    }
}

/// Takes what a tagger sees at the name's place as evidence.
fn judge_tagged(candidate: &mut Candidate<'_>, names: &[Name]) {
    let from = names.partition_point(|name| name.span.end <= candidate.span.start);
    let overlapping = names[from..].iter().take_while(|name| name.span.start < candidate.span.end);
    for name in overlapping.filter(|name| name.probability >= LEAST) {
        let evidence = &mut candidate.evidence;
        evidence.add_if(Evidence::TaggedOrganization, name.kind == EntityType::Organization);
        // What is introduced as a gang is no place.
        let introduced = GROUPS.iter().any(|&group| evidence.has(group));
        evidence.add_if(Evidence::TaggedPlace, name.kind == EntityType::Location && !introduced);
        // A tagger may take the noun for a part of the name.
        let noun = introduced || evidence.has(Evidence::BrandBefore) || evidence.has(Evidence::BrandBehind);
        let longer = name.span.contains(candidate.span) && name.span != candidate.span;
        evidence.add_if(Evidence::TaggedLonger, longer && !noun);
    }
}

/// Looks at what the same names are elsewhere in the article.
fn judge_elsewhere(text: &Text, candidates: &mut [Candidate<'_>]) {
    // Names of one actor are one thing, but an ordinary word is not sure because another name is.
    let key = |candidate: &Candidate<'_>| match candidate.actor() {
        Some(actor) => actor.name.clone(),
        None => fold(candidate.span.of(text.as_str())),
    };
    let keys: Vec<String> = candidates.iter().map(key).collect();
    let mut sure: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    let mut likely: BTreeMap<&str, usize> = BTreeMap::new();
    let is_sure =
        |candidate: &Candidate<'_>| candidate.probability() >= SURE && !candidate.is_within_another();
    let is_other = |candidate: &Candidate<'_>| {
        let against = [Evidence::OtherBefore, Evidence::OtherBehind, Evidence::TaggedLonger];
        candidate.is_within_another() || against.iter().any(|&evidence| candidate.evidence.has(evidence))
    };
    let is_likely =
        |candidate: &Candidate<'_>| (LIKELY..SURE).contains(&candidate.probability()) && !is_other(candidate);
    let mut first: BTreeMap<&str, bool> = BTreeMap::new();
    for (candidate, key) in candidates.iter().zip(&keys) {
        first.entry(key).or_insert(is_other(candidate));
        if is_sure(candidate) {
            *sure.entry((key, candidate.is_ordinary())).or_default() += 1;
        }
        if is_likely(candidate) {
            *likely.entry(key).or_default() += 1;
        }
    }
    for (candidate, key) in candidates.iter_mut().zip(&keys) {
        let ordinary = candidate.is_ordinary();
        let own = usize::from(is_sure(candidate));
        let sure_as = |kind: bool| sure.get(&(key, kind)).copied().unwrap_or_default();
        let elsewhere = if ordinary { sure_as(true) > own } else { sure_as(true) + sure_as(false) > own };
        // For an ordinary word, another name of its actor is another actor.
        let others = sure.iter().any(|((name, kind), _)| name != key || *kind != ordinary);
        candidate.evidence.add_if(Evidence::OthersSure, others);
        let likely = likely.get(key.as_str()).is_some_and(|&count| count > usize::from(is_likely(candidate)));
        if elsewhere {
            candidate.evidence.add(Evidence::SureElsewhere);
            // An article about a gang of that name is not about the place.
            candidate.evidence.remove(Evidence::PlaceName);
        } else {
            candidate.evidence.add_if(Evidence::LikelyElsewhere, likely);
        }
        candidate.evidence.add_if(Evidence::OtherFirst, first[key.as_str()] && !is_other(candidate));
    }
}

/// Where names that are not catalogued, and sure, stand once more; declined, where the language declines.
fn repeated<'c>(text: &Text, lexicon: &Lexicon, candidates: &[Candidate<'c>]) -> Vec<Candidate<'c>> {
    let view = text.as_str();
    let unknown =
        candidates.iter().filter(|candidate| candidate.actors.is_empty() && candidate.probability() >= SURE);
    let mut names: Vec<&str> = unknown.map(|candidate| candidate.span.of(view)).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return Vec::new();
    }
    // Headlines may be in capitals.
    let written: Vec<String> =
        names.iter().flat_map(|name| [(*name).to_owned(), name.to_uppercase()]).collect();
    let mut spans: Vec<Span> = Vec::new();
    if let Ok(automaton) = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .ascii_case_insensitive(true)
        .build(&written)
    {
        let found = automaton.find_iter(view).map(|found| Span::new(found.start(), found.end()));
        let whole = |end: usize| {
            let rest = view[end..].split(|next: char| !next.is_alphanumeric()).next().unwrap_or_default();
            text.is_word_boundary(end) || lexicon.inflection.is_particle(rest)
        };
        let named =
            |span: &Span| !span.of(view).starts_with(char::is_lowercase) && text.is_word_boundary(span.start);
        spans.extend(found.filter(|span| named(span) && whole(span.end)));
    }
    if lexicon.inflection.declines() {
        let names: Vec<Vec<&str>> = names.iter().map(|name| name.split(' ').collect()).collect();
        for (index, word) in text.words().iter().enumerate().filter(|(_, word)| word.shape.has_capital()) {
            let same = |name: &&Vec<&str>| {
                let words = text.words().get(index..index + name.len());
                words.is_some_and(|words| {
                    let alone = words.len() == 1;
                    words
                        .iter()
                        .zip(*name)
                        .all(|(word, form)| is_form(word.span.of(view), form, alone, lexicon))
                })
            };
            if let Some(name) = names.iter().find(same) {
                spans.push(Span::new(word.span.start, text.words()[index + name.len() - 1].span.end));
            }
        }
    }
    spans.into_iter().map(|span| Candidate::uncatalogued(span, Evidence::Unknown)).collect()
}

/// In characters: what forms of a word may have each behind the beginning that they share.
const ENDING: usize = 3;
/// In per cent of the shorter form: beginnings that two forms share at least.
const STEM: usize = 60;

/// Whether two words may be forms of one; where one stands `alone`, by endings that the language has.
fn is_form(word: &str, other: &str, alone: bool, lexicon: &Lexicon) -> bool {
    // Russian writes `ё` and drops it with the stress.
    let same = |a: char, b: char| a == b || (matches!(a, 'ё' | 'е') && matches!(b, 'ё' | 'е'));
    let shared = word.chars().zip(other.chars()).take_while(|&(a, b)| same(a, b)).count();
    let [rest, other_rest] =
        [word, other].map(|word| word.char_indices().nth(shared).map_or("", |(at, _)| &word[at..]));
    let [length, other_length] = [rest, other_rest].map(|rest| rest.chars().count());
    let is_ending = |rest: &str| !alone || rest.is_empty() || lexicon.inflection.is_ending(rest);
    100 * shared >= STEM * (shared + length.min(other_length))
        && length.max(other_length) <= ENDING
        && is_ending(rest)
        && is_ending(other_rest)
}
