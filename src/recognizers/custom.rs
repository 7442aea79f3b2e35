//! Names that the caller adds to one request, and names never to report in it.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use aho_corasick::{AhoCorasick, MatchKind};

use super::{Article, Recognizer};
use crate::document::CustomTerm;
use crate::mention::{Mention, Span};
use crate::overlaps::CUSTOM_RULE;
use crate::text::{Folded, Text, fold};
use crate::values::{EntityType, Location, Organization, Person, ThreatActor, Value};

/// Finds the caller's own terms, at word boundaries, whatever their case, spaces, apostrophes and hyphens. Dates and
/// data sizes cannot be custom.
///
/// All of them are one automaton (Aho & Corasick 1975), so the cost is that of one pass over the text. It is built
/// for the first text, and serves all that are read with the same terms.
#[derive(Clone, Debug, Default)]
pub struct CustomTerms {
    terms: Vec<CustomTerm>,
    /// `None` where no term can be found.
    compiled: OnceLock<Option<Compiled>>,
}

#[derive(Clone, Debug)]
struct Compiled {
    automaton: AhoCorasick,
    /// By pattern of the automaton: what it stands for.
    meanings: Vec<(Value, Arc<str>)>,
    rule: Arc<str>,
}

impl FromIterator<CustomTerm> for CustomTerms {
    fn from_iter<I: IntoIterator<Item = CustomTerm>>(terms: I) -> CustomTerms {
        CustomTerms { terms: terms.into_iter().collect(), compiled: OnceLock::new() }
    }
}

impl Compiled {
    fn new(terms: &[CustomTerm]) -> Option<Compiled> {
        let mut patterns = Vec::new();
        let mut known = HashSet::new();
        let mut meanings = Vec::new();
        for term in terms {
            let Some(value) = value_of(term.entity_type) else { continue };
            let name: Arc<str> = Arc::from(term.name.trim());
            for form in [&term.name].into_iter().chain(&term.aliases) {
                let form = fold(form);
                // The first term of a spelling counts: a second one would only repeat each of its mentions.
                if !form.is_empty() && known.insert(form.clone()) {
                    patterns.push(form);
                    meanings.push((value.clone(), name.clone()));
                }
            }
        }
        if patterns.is_empty() {
            return None;
        }
        // Every match, not only the longest one: that may end within a word where a shorter one does not.
        let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).build(patterns).ok()?;
        Some(Compiled { automaton, meanings, rule: Arc::from(CUSTOM_RULE) })
    }
}

impl Recognizer for CustomTerms {
    fn name(&self) -> &'static str {
        "custom"
    }

    fn recognize(&self, article: &Article<'_>, mentions: &mut Vec<Mention>) {
        let Some(compiled) = self.compiled.get_or_init(|| Compiled::new(&self.terms)) else { return };
        let folded = Folded::new(article.text.as_str());
        for found in compiled.automaton.find_overlapping_iter(folded.as_str()) {
            let (start, end) = (folded.source(found.start()), folded.source(found.end()));
            if article.text.is_word_boundary(start) && article.text.is_word_boundary(end) {
                let (value, name) = compiled.meanings[found.pattern().as_usize()].clone();
                let span = Span::new(start, end);
                mentions.push(Mention::new(span, value, 1.0, compiled.rule.clone()).with_canonical(name));
            }
        }
    }
}

fn value_of(entity_type: EntityType) -> Option<Value> {
    match entity_type {
        EntityType::Organization => Some(Value::Organization(Organization::default())),
        EntityType::Person => Some(Value::Person(Person::default())),
        EntityType::Location => Some(Value::Location(Location::default())),
        EntityType::ThreatActor => Some(Value::ThreatActor(ThreatActor::default())),
        EntityType::Date | EntityType::DataSize => None,
    }
}

/// Names never to report, whatever their case, spaces, apostrophes and hyphens.
#[derive(Clone, Debug, Default)]
pub struct IgnoredTerms {
    terms: Vec<String>,
    folded: OnceLock<HashSet<String>>,
}

impl FromIterator<String> for IgnoredTerms {
    fn from_iter<I: IntoIterator<Item = String>>(terms: I) -> IgnoredTerms {
        IgnoredTerms { terms: terms.into_iter().collect(), folded: OnceLock::new() }
    }
}

impl IgnoredTerms {
    /// Whether `name` is one of them.
    pub fn contains(&self, name: &str) -> bool {
        let folded = || self.terms.iter().map(|term| fold(term)).collect();
        !self.terms.is_empty() && self.folded.get_or_init(folded).contains(&fold(name))
    }

    /// Drops the mentions that read as one of them.
    pub fn drop_from(&self, mentions: &mut Vec<Mention>, text: &Text) {
        mentions.retain(|mention| !self.contains(mention.span.of(text.as_str())));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::Document;

    fn term(entity_type: EntityType, name: &str, aliases: &[&str]) -> CustomTerm {
        let aliases = aliases.iter().map(|alias| alias.to_string()).collect();
        CustomTerm { entity_type, name: name.to_owned(), aliases }
    }

    fn found(terms: &[CustomTerm], text: &str) -> Vec<(String, String)> {
        let text = Text::new(&Document::new(text));
        let mut mentions = Vec::new();
        let custom: CustomTerms = terms.iter().cloned().collect();
        custom.recognize(&Article::new(&text), &mut mentions);
        let names = mentions.into_iter().map(|mention| {
            (
                mention.span.of(text.as_str()).to_owned(),
                mention.canonical.as_deref().unwrap_or_default().to_owned(),
            )
        });
        names.collect()
    }

    #[test]
    fn terms_are_found_as_whole_words() {
        let terms = [
            term(EntityType::Organization, "Café de l'Orme", &["CDO", "C++ Club"]),
            term(EntityType::ThreatActor, "Pale Heron", &["PH-7"]),
            term(EntityType::Date, "Founders Day", &[]),
            term(EntityType::Person, "  ", &[]),
        ];
        let cases: &[(&str, &[&str])] = &[
            ("Le café de l’orme ouvre.", &["café de l’orme"]),
            ("CAFÉ  DE\nL'ORME", &["CAFÉ  DE\nL'ORME"]),
            ("Le Café de\n\nl'Orme", &[]),
            ("The CDO met the cdos and the cdo.", &["CDO", "cdo"]),
            ("The C++ Club and ph‑7, not PH-70.", &["C++ Club", "ph‑7"]),
            ("On Founders Day.", &[]),
        ];
        for (text, expected) in cases {
            let found: Vec<_> = found(&terms, text).into_iter().map(|(words, _)| words).collect();
            assert_eq!(found, *expected, "{text}");
        }
    }

    #[test]
    fn an_alias_goes_by_the_name() {
        let terms = [term(EntityType::Organization, "Café de l'Orme", &["CDO"])];
        assert_eq!(found(&terms, "The cdo."), [("cdo".to_owned(), "Café de l'Orme".to_owned())]);
    }

    #[test]
    fn no_terms_cost_nothing() {
        assert!(Compiled::new(&[]).is_none());
        assert!(Compiled::new(&[term(EntityType::DataSize, "a lot", &[])]).is_none());
    }

    #[test]
    fn one_automaton_serves_many_texts() {
        let custom = CustomTerms::from_iter([term(EntityType::Location, "Orme", &[])]);
        let texts = ["Orme and orme.", "No Ormes.", "To Orme"].map(|text| Text::new(&Document::new(text)));
        let counts = texts.map(|text| {
            let mut mentions = Vec::new();
            custom.recognize(&Article::new(&text), &mut mentions);
            mentions.len()
        });
        assert_eq!(counts, [2, 0, 1]);
    }

    proptest! {
        #[test]
        fn what_is_found_reads_as_the_term(text in r"[aİßŉ’'‐ \n\u{A0}]{0,12}", name in r"[aiİßŉ'\u{307} -]{1,3}") {
            for (words, _) in found(&[term(EntityType::Location, &name, &[])], &text) {
                prop_assert_eq!(fold(&words), fold(&name));
            }
        }
    }
}
