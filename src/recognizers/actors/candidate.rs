//! A place where a name stands that may be an actor's, and what speaks for it.

use std::sync::Arc;

use crate::catalog::{Actor, Catalog, NameMatch, Style};
use crate::mention::Span;
use crate::text::{Casing, Text};

/// What makes a candidate a mention.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    /// Its name, such as `fr/actors/group-named` or `actors/identifier`.
    pub rule: Arc<str>,
    /// Probability that a name with this evidence is an actor's.
    pub confidence: f32,
}

impl Evidence {
    pub fn new(rule: &str, confidence: f32) -> Evidence {
        Evidence { rule: Arc::from(rule), confidence }
    }
}

/// A name in the text.
#[derive(Clone, Debug)]
pub(super) struct Candidate<'c> {
    pub span: Span,
    /// Who bears the name, the best candidate first; empty where it is not catalogued.
    pub actors: &'c [Arc<Actor>],
    pub style: Style,
    /// How the block around it uses capitals.
    pub casing: Casing,
    /// `None`: an ordinary word, so far.
    pub evidence: Option<Evidence>,
}

impl Candidate<'_> {
    /// A name that the catalogue does not have.
    pub fn uncatalogued<'c>(span: Span, evidence: Evidence, identifier: bool) -> Candidate<'c> {
        let style = if identifier { Style::Identifier } else { Style::Word };
        Candidate { span, actors: &[], style, casing: Casing::Sentence, evidence: Some(evidence) }
    }

    pub fn in_text(self, text: &Text) -> Self {
        let casing = text.block_at(self.span.start).map_or(Casing::Sentence, |block| block.casing);
        Candidate { casing, ..self }
    }

    /// Keeps the surest evidence.
    pub fn accept(&mut self, evidence: &Evidence) {
        if self.evidence.as_ref().is_none_or(|known| known.confidence < evidence.confidence) {
            self.evidence = Some(evidence.clone());
        }
    }
}

/// Every catalogued name that the text writes like a name, in order.
pub(super) fn all<'c>(catalog: &'c Catalog, text: &Text) -> Vec<Candidate<'c>> {
    let candidate = |found: NameMatch<'c>| {
        let (actors, style) = (found.name.actors.as_slice(), found.name.style);
        Candidate { span: found.span, actors, style, casing: Casing::Sentence, evidence: None }.in_text(text)
    };
    catalog.names_in(text).into_iter().map(candidate).collect()
}
