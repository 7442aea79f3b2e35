//! A place where a name stands that may be an actor's.

use std::sync::Arc;

use super::evidence::{Evidence, EvidenceSet};
use super::lexicon::Lexicon;
use crate::catalog::{Actor, Catalog, Name, NameMatch, Policy, Style, schemes};
use crate::mention::Span;
use crate::text::{Shape, Text, Word};

/// A name in the text.
#[derive(Clone, Debug)]
pub(super) struct Candidate<'c> {
    pub span: Span,
    /// Who bears the name, the best candidate first; empty where it is not catalogued.
    pub actors: &'c [Arc<Actor>],
    /// Which of them is meant.
    pub meant: usize,
    pub policy: Option<Policy>,
    pub evidence: EvidenceSet,
}

impl<'c> Candidate<'c> {
    /// A name that the catalogue does not have.
    pub fn uncatalogued(span: Span, what: Evidence) -> Candidate<'c> {
        let mut evidence = EvidenceSet::default();
        evidence.add(what);
        Candidate { span, actors: &[], meant: 0, policy: None, evidence }
    }

    /// Who is meant; `None`: it is not catalogued.
    pub fn actor(&self) -> Option<&'c Arc<Actor>> {
        self.actors.get(self.meant)
    }

    /// Takes it for another name of `actor`, if that bears it.
    pub fn mean(&mut self, actor: &Actor) {
        if let Some(index) = self.actors.iter().position(|bearer| bearer.name == actor.name) {
            self.meant = index;
        }
    }

    /// The probability that this is an actor's name.
    pub fn probability(&self) -> f32 {
        match self.policy {
            Some(Policy::Never) => 0.0,
            Some(Policy::Always) if !self.is_within_another() => ALWAYS,
            _ => self.evidence.probability(),
        }
    }

    /// What the user wants of the name, where that decides, else the evidence.
    pub fn explanation(&self) -> String {
        match self.policy {
            Some(Policy::Always) => "named always in the overlay".to_owned(),
            _ => self.evidence.explanation(),
        }
    }

    /// Whether the name means something else in ordinary news.
    pub fn is_ordinary(&self) -> bool {
        self.evidence.has(Evidence::OrdinaryWord) || self.evidence.has(Evidence::OrdinaryPhrase)
    }

    /// Whether the name is only a part of another one here.
    pub fn is_within_another(&self) -> bool {
        self.evidence.has(Evidence::Longer)
    }
}

/// How sure a user is who wants a name to be an actor's always.
const ALWAYS: f32 = 0.99;
/// Inner capitals are distinctive in words of at least this many bytes.
const SHORTEST_DISTINCTIVE: usize = 5;

/// In bytes: small words within a name are not longer.
const LONGEST_JOINING: usize = 3;

/// Every catalogued name that the text writes like a name, and every name that a vendor's scheme tells, in order.
pub(super) fn all<'c>(catalog: &'c Catalog, text: &Text, lexicon: &Lexicon) -> Vec<Candidate<'c>> {
    let found = catalog.names_in(text, &lexicon.inflection).into_iter();
    let mut candidates: Vec<_> = found.filter_map(|found| catalogued(text, found)).collect();
    let identifiers = schemes::identifiers(text).map(|span| (span, Evidence::Identifier));
    let families = schemes::families(text).map(|span| (span, Evidence::UnknownFamily));
    let schemed = identifiers.chain(families).map(|(span, what)| Candidate::uncatalogued(span, what));
    add(&mut candidates, schemed.collect());
    candidates
}

/// `None`: in small letters, where only capitals tell the name from other words.
fn catalogued<'c>(text: &Text, NameMatch { span, name }: NameMatch<'c>) -> Option<Candidate<'c>> {
    let words = &text.words()[text.words_in(span)];
    let view = span.of(text.as_str());
    let apart =
        name.style != Style::Phrase && name.style != Style::Family && view.contains(char::is_whitespace);
    if name.acronym && view.contains(char::is_lowercase) {
        return None;
    }
    // "Army of Russia", but not "Lazarus group".
    let is_small = |word: &Word| word.span.of(text.as_str()).starts_with(char::is_lowercase);
    let inner = words.get(1..words.len().saturating_sub(1)).unwrap_or_default();
    let joins = |word: &&Word| word.span.len() <= LONGEST_JOINING;
    let small = words.iter().filter(|word| is_small(word)).count();
    if words.len() > 1 && small > inner.iter().filter(joins).filter(|word| is_small(word)).count() {
        return None;
    }
    let mut evidence = EvidenceSet::default();
    evidence.add(kind(name, view, words.iter().any(|word| word.shape == Shape::Mixed)));
    evidence.add_if(Evidence::Apart, apart);
    evidence.add_if(Evidence::PlaceName, name.place);
    Some(Candidate { span, actors: &name.actors, meant: 0, policy: name.policy, evidence })
}

fn kind(name: &Name, view: &str, mixed: bool) -> Evidence {
    let ordinary = name.ordinary || name.policy == Some(Policy::WithCue);
    let spaced = view.contains(char::is_whitespace);
    match name.style {
        Style::Identifier if !spaced || schemes::is_identifier(view) => Evidence::Identifier,
        _ if mixed && view.len() >= SHORTEST_DISTINCTIVE && !spaced => Evidence::Distinctive,
        Style::Family => Evidence::Family,
        Style::Phrase if ordinary => Evidence::OrdinaryPhrase,
        Style::Phrase => Evidence::RarePhrase,
        Style::Word | Style::Identifier if ordinary => Evidence::OrdinaryWord,
        Style::Word | Style::Identifier => Evidence::RareWord,
    }
}

/// Adds those of `new` that overlap none, or only words within them: `Iron` of a gang called `Iron Lantern`.
pub(super) fn add<'c>(candidates: &mut Vec<Candidate<'c>>, new: Vec<Candidate<'c>>) {
    for candidate in new {
        let from = candidates.partition_point(|other| other.span.end <= candidate.span.start);
        let to = from + candidates[from..].partition_point(|other| other.span.start < candidate.span.end);
        let within = |other: &Candidate<'_>| {
            let word = other.is_ordinary() || other.evidence.has(Evidence::RareWord);
            // What is introduced is no longer only made like a family's name.
            let family = other.evidence.has(Evidence::UnknownFamily);
            (word || family)
                && candidate.span.contains(other.span)
                && (family || candidate.span != other.span)
                && !candidate.evidence.has(Evidence::Unheard)
        };
        if candidates[from..to].iter().all(within) {
            candidates.splice(from..to, [candidate]);
        }
    }
}
