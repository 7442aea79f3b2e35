//! Finds threat actors: catalogued names that the text gives evidence for, vendors' identifiers, and names that
//! it introduces as those of a gang.
//!
//! Most catalogued names are ordinary words too (`Play`, `Cuba`, `Royal`), so a name alone is a candidate, and
//! becomes a mention by the first of
//!
//! 1. a rule of the pack that introduces it (`the … ransomware gang`, `revendiquée par …`);
//! 2. the way it is written (`LockBit`, `8Base`, `Fancy Bear`), or, for names of several words, a sentence or an
//!    article about hacking;
//! 3. standing beside a sure one (`APT28, alias Storm-0156`);
//! 4. being sure elsewhere in the article, and here no part of a longer name (`Royal Mail`).

mod candidate;
#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};

use super::{Article, Recognizer};
use crate::catalog::{Catalog, Style};
use crate::error::PackError;
use crate::language::Pack;
use crate::mention::{Mention, Span};
use crate::recognizers::rules::{RuleMatch, RuleSet};
use crate::text::{Casing, Sentence, Shape, Text, Word};
use crate::values::{ThreatActor, Value};
use candidate::{Candidate, Evidence};

/// Finds threat actors.
#[derive(Debug)]
pub struct Actors {
    rules: RuleSet,
    catalog: Arc<Catalog>,
    identifier: Evidence,
    distinctive: Evidence,
    context: Evidence,
    beside: Evidence,
    elsewhere: Evidence,
}

impl Actors {
    /// Compiles the pack's rules.
    pub fn new(pack: &Pack, catalog: Arc<Catalog>) -> Result<Actors, PackError> {
        Ok(Actors {
            rules: pack.rules("actors.toml")?,
            catalog,
            identifier: Evidence::new("actors/identifier", 0.98),
            distinctive: Evidence::new("actors/distinctive", 0.95),
            context: Evidence::new("actors/context", 0.8),
            beside: Evidence::new("actors/beside", 0.85),
            elsewhere: Evidence::new("actors/elsewhere", 0.9),
        })
    }

    /// Applies the pack's rules: gives evidence to candidates and adds names that are not catalogued.
    fn introduce(&self, text: &Text, candidates: &mut Vec<Candidate<'_>>) {
        let mut uncatalogued = Vec::new();
        self.rules.find_all(text, |found| {
            let evidence =
                Evidence { rule: found.rule.name.clone(), confidence: found.rule.spec.confidence() };
            let names = found.get("names");
            let identifier = names == Some("identifier");
            let name = if identifier { found.mention } else { self.trim(text, found.mention) };
            if let Some(candidate) = introduced(text, &found, name, candidates) {
                candidate.accept(&evidence);
            } else if identifier {
                uncatalogued.push(Candidate::uncatalogued(found.mention, evidence, true));
            } else if names == Some("any") && may_be_a_name(text, name) {
                uncatalogued.push(Candidate::uncatalogued(name, evidence, false));
            }
        });
        add(candidates, uncatalogued);
    }

    /// A name without the words around it that have their capital for another reason: `Russian`, `Monday`.
    fn trim(&self, text: &Text, mention: Span) -> Span {
        let words = &text.words()[text.words_in(mention)];
        let is_name = |word: &Word| self.rules.value("not_a_name", word.span.of(text.as_str())).is_none();
        let (Some(first), Some(last)) = (words.iter().position(is_name), words.iter().rposition(is_name))
        else {
            return Span::new(mention.start, mention.start);
        };
        // Marks at the ends, as in `Lapsus$`, belong to the words that they touch.
        let start = if first == 0 { mention.start } else { words[first].span.start };
        let end = if last + 1 == words.len() { mention.end } else { words[last].span.end };
        Span::new(start, end)
    }

    /// Accepts names that nobody else writes like this, and names of several words where hacking is the subject.
    fn judge_writing(&self, text: &Text, candidates: &mut [Candidate<'_>]) {
        // Once for all candidates: many may stand in one long sentence.
        let telling = OnceCell::new();
        let is_about_hacking = |candidate: &Candidate<'_>| {
            let sentences = text.sentences();
            let telling: &Vec<bool> = telling.get_or_init(|| {
                sentences.iter().map(|sentence| self.tells_of_hacking(text, sentence)).collect()
            });
            let index = sentences.partition_point(|sentence| sentence.span.end <= candidate.span.start);
            telling.get(index) == Some(&true)
                || telling.iter().filter(|&&tells| tells).take(TELLING_SENTENCES).count() == TELLING_SENTENCES
        };
        for candidate in candidates.iter_mut().filter(|candidate| candidate.evidence.is_none()) {
            if let Some(evidence) = self.written(text, candidate, is_about_hacking) {
                candidate.accept(evidence);
            }
        }
    }

    fn written(
        &self,
        text: &Text,
        candidate: &Candidate<'_>,
        is_about_hacking: impl Fn(&Candidate<'_>) -> bool,
    ) -> Option<&Evidence> {
        let words = &text.words()[text.words_in(candidate.span)];
        let spaced = candidate.span.of(text.as_str()).contains(char::is_whitespace);
        let whole = || !self.is_part_of_longer(text, candidate);
        let sentence_case = candidate.casing == Casing::Sentence;
        match (words, candidate.style) {
            (_, Style::Identifier) if !spaced && whole() => Some(&self.identifier),
            ([word], _) if word.shape == Shape::Mixed && word.span.len() >= SHORTEST_MIXED => {
                Some(&self.distinctive)
            }
            (_, Style::Word | Style::Identifier) => None,
            _ if !words.iter().all(|word| word.shape.has_capital()) || !spaced => None,
            (_, Style::Family) if sentence_case && whole() => Some(&self.distinctive),
            _ if sentence_case && words.iter().all(|word| word.shape == Shape::Upper) => {
                Some(&self.distinctive)
            }
            (_, Style::Family) if is_about_hacking(candidate) => Some(&self.context),
            _ if sentence_case && whole() && is_about_hacking(candidate) => Some(&self.context),
            _ => None,
        }
    }

    fn tells_of_hacking(&self, text: &Text, sentence: &Sentence) -> bool {
        let words = &text.words()[sentence.words.clone()];
        words.iter().any(|word| self.rules.value("context", word.span.of(text.as_str())).is_some())
    }

    /// Whether a capitalized neighbour makes the candidate a part of another name: `London Underground`.
    fn is_part_of_longer(&self, text: &Text, candidate: &Candidate<'_>) -> bool {
        if candidate.casing != Casing::Sentence {
            return false;
        }
        let words = text.words_in(candidate.span);
        let view = text.as_str();
        let joins = |span: Span| {
            let gap = span.of(view);
            gap.chars().count() == 1
                && gap.chars().all(|mark| mark == '-' || (mark.is_whitespace() && mark != '\n'))
        };
        let names = |index: usize| {
            let word = text.words()[index];
            word.shape.has_capital() && self.rules.value("not_a_name", word.span.of(view)).is_none()
        };
        let before = words.start.checked_sub(1).filter(|&index| {
            let end = text.words()[index].span.end;
            end <= candidate.span.start && joins(Span::new(end, candidate.span.start)) && names(index)
        });
        let after = Some(words.end).filter(|&index| {
            let next = text.words().get(index);
            next.is_some_and(|next| {
                next.span.start >= candidate.span.end && joins(Span::new(candidate.span.end, next.span.start))
            }) && names(index)
        });
        before.is_some() || after.is_some()
    }

    /// Accepts the neighbours of sure names in a chain: `A (or B)`, `A and B`, `A, B and C`.
    fn judge_neighbours(&self, text: &Text, candidates: &mut [Candidate<'_>]) {
        let mut start = 0;
        while start < candidates.len() {
            let mut end = start + 1;
            let mut strong = false;
            while end < candidates.len()
                && let Some(connector) = self.connector(text, &candidates[end - 1], &candidates[end])
            {
                strong |= connector == "strong";
                end += 1;
            }
            let chain = &mut candidates[start..end];
            let joined = chain.len() > 2 || (chain.len() == 2 && strong);
            if joined && chain.iter().any(|candidate| candidate.evidence.is_some()) {
                let open = chain.iter_mut().filter(|candidate| candidate.evidence.is_none());
                open.filter(|candidate| !self.is_part_of_longer(text, candidate))
                    .for_each(|candidate| candidate.accept(&self.beside));
            }
            start = end;
        }
    }

    fn connector(&self, text: &Text, left: &Candidate<'_>, right: &Candidate<'_>) -> Option<&str> {
        let gap = text.as_str().get(left.span.end..right.span.start)?;
        if gap.len() > LONGEST_CONNECTOR {
            return None;
        }
        self.rules.value("connector", gap.trim_matches(|mark: char| mark.is_whitespace() || is_quote(mark)))
    }

    /// Accepts what is written like a name that is sure elsewhere in the article.
    fn judge_repetitions(&self, text: &Text, candidates: &mut Vec<Candidate<'_>>) {
        let (mut names, mut actors, mut unknown) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for candidate in candidates.iter().filter(|candidate| candidate.evidence.is_some()) {
            let name = candidate.span.of(text.as_str());
            match candidate.actors.first() {
                Some(actor) => {
                    names.insert(name.to_lowercase());
                    actors.insert(&actor.name);
                }
                None => {
                    unknown.insert(name);
                }
            }
        }
        for candidate in candidates.iter_mut().filter(|candidate| candidate.evidence.is_none()) {
            let named = names.contains(&candidate.span.of(text.as_str()).to_lowercase());
            // Another name of a sure actor will do where it is no ordinary word: `Lazarus Group` beside `Lazarus`.
            let known = || candidate.actors.first().is_some_and(|actor| actors.contains(&actor.name));
            let repeated = named || (candidate.style != Style::Word && known());
            if repeated && !self.is_part_of_longer(text, candidate) {
                candidate.accept(&self.elsewhere);
            }
        }
        if !unknown.is_empty() {
            let repeated = self.repeated(text, &unknown);
            add(candidates, repeated);
        }
    }

    /// Where names that are not catalogued stand once more.
    fn repeated<'c>(&self, text: &Text, names: &BTreeSet<&str>) -> Vec<Candidate<'c>> {
        let Ok(automaton) = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(names) else {
            return Vec::new();
        };
        let spans = automaton.find_iter(text.as_str()).map(|found| Span::new(found.start(), found.end()));
        spans
            .filter(|span| text.is_word_boundary(span.start) && text.is_word_boundary(span.end))
            .map(|span| Candidate::uncatalogued(span, self.elsewhere.clone(), false).in_text(text))
            .filter(|candidate| !self.is_part_of_longer(text, candidate))
            .collect()
    }
}

impl Recognizer for Actors {
    fn name(&self) -> &'static str {
        "actors"
    }

    fn recognize(&self, article: &Article<'_>, mentions: &mut Vec<Mention>) {
        let text = article.text;
        let mut candidates = candidate::all(&self.catalog, text);
        self.introduce(text, &mut candidates);
        self.judge_writing(text, &mut candidates);
        if candidates.iter().all(|candidate| candidate.evidence.is_none()) {
            return;
        }
        self.judge_neighbours(text, &mut candidates);
        self.judge_repetitions(text, &mut candidates);
        for candidate in candidates {
            let Some(evidence) = candidate.evidence else { continue };
            let actor = candidate.actors.first().cloned();
            let other_candidates = candidate.actors.get(1..).unwrap_or_default().to_vec();
            let value = Value::ThreatActor(ThreatActor { actor, other_candidates });
            mentions.push(Mention::new(candidate.span, value, evidence.confidence, evidence.rule));
        }
    }
}

/// An article with this many sentences about hacking is about hacking.
const TELLING_SENTENCES: usize = 2;
/// Inner capitals are distinctive in words of at least this many bytes.
const SHORTEST_MIXED: usize = 5;
/// In bytes: no connector of any pack is longer.
const LONGEST_CONNECTOR: usize = 48;
/// In bytes: shorter names are not believed without a catalogue.
const SHORTEST_UNCATALOGUED: usize = 3;

fn is_quote(mark: char) -> bool {
    matches!(mark, '«' | '»' | '"' | '“' | '”' | '„' | '‘' | '’')
}

/// The candidate that a rule introduces: on the side of `name` where the rule's words stand, and all of it where
/// capitals tell how far a name goes.
fn introduced<'a, 'c>(
    text: &Text,
    found: &RuleMatch<'_, '_>,
    name: Span,
    candidates: &'a mut [Candidate<'c>],
) -> Option<&'a mut Candidate<'c>> {
    let follows = found.whole.end > found.mention.end && found.whole.start == found.mention.start;
    let index = if follows {
        candidates.partition_point(|candidate| candidate.span.end < name.end)
    } else {
        candidates.partition_point(|candidate| candidate.span.start < name.start)
    };
    let candidate = candidates.get_mut(index)?;
    let touches = if follows { candidate.span.end == name.end } else { candidate.span.start == name.start };
    let capitals_tell = text.block_at(name.start).is_some_and(|block| block.casing == Casing::Sentence);
    let fits = touches && (!capitals_tell || candidate.span.contains(name));
    fits.then_some(candidate)
}

/// Whether a rule's words can be believed that a name stands there: only where capitals tell how far it goes.
fn may_be_a_name(text: &Text, name: Span) -> bool {
    let capitals_tell = text.block_at(name.start).is_some_and(|block| block.casing == Casing::Sentence);
    let letters = name.of(text.as_str()).chars().any(char::is_alphabetic);
    capitals_tell && letters && name.len() >= SHORTEST_UNCATALOGUED
}

/// Puts `new` in place of the candidates that they overlap, save those that have evidence.
fn add<'c>(candidates: &mut Vec<Candidate<'c>>, mut new: Vec<Candidate<'c>>) {
    if new.is_empty() {
        return;
    }
    let neighbour = |sorted: &[Candidate<'c>], span: Span, sure: bool| {
        let from = sorted.partition_point(|other| other.span.end <= span.start);
        let overlapping = sorted[from..].iter().take_while(|other| other.span.start < span.end);
        overlapping.into_iter().any(|other| !sure || other.evidence.is_some())
    };
    new.retain(|candidate| !neighbour(candidates, candidate.span, true));
    candidates.retain(|candidate| !neighbour(&new, candidate.span, false));
    candidates.append(&mut new);
    candidates.sort_by_key(|candidate| candidate.span);
}
