//! Organizations, people and places: what the trained tagger sees, and what rules and lists see (candidates from
//! capital letters, evidence for each type from cues and gazetteers), put together over the whole article.

mod acronyms;
mod candidates;
mod consistency;
mod context;
mod credits;
mod evidence;
mod fusion;
mod lexicon;
mod lines;
mod roles;
mod scores;
mod teams;
#[cfg(test)]
mod tests;
mod tokens;

use std::sync::Arc;

use super::{Article, Recognizer};
use crate::error::PackError;
use crate::language::Pack;
use crate::mention::Mention;
use crate::values::{Location, Organization, Value};
use consistency::Found;
use fusion::Weights;
use lexicon::{Class, Classes, Lexicon};
use roles::Roles;
use scores::Kind;
use tokens::Tokens;

/// Finds organizations, people and places.
#[derive(Debug)]
pub struct Names {
    lexicon: Lexicon,
    /// By what told a name.
    rules: [Arc<str>; 5],
    weights: Weights,
}

impl Names {
    /// Reads the pack's lists of cues and its gazetteers.
    pub fn new(pack: &Pack) -> Result<Names, PackError> {
        let rules = ["evidence", "fuller-name", "gazetteer", "tagger", "elsewhere"]
            .map(|told| format!("{}/names/{told}", pack.code()).into());
        let weights = Weights::new(pack.language()?.names_weight);
        Ok(Names { lexicon: Lexicon::new(pack)?, rules, weights })
    }

    fn mention(&self, found: &Found, tokens: &Tokens<'_>, roles: &Roles<'_, '_>) -> Mention {
        let value = match found.kind {
            Kind::Person => Value::Person(roles.person(&found.tokens)),
            Kind::Location => Value::Location(Location { country_code: country_code(found, tokens) }),
            Kind::Organization => Value::Organization(Organization {
                country_code: country_code(found, tokens),
                acronym: acronym(found, tokens),
            }),
        };
        let rule = &self.rules[found.by as usize];
        Mention::new(found.span, value, found.confidence, rule.clone())
    }
}

impl Recognizer for Names {
    fn name(&self) -> &'static str {
        "names"
    }

    fn recognize(&self, article: &Article<'_>, mentions: &mut Vec<Mention>) {
        let mut tokens = Tokens::new(article.text, &self.lexicon, mentions);
        lines::trust_capitals(article.text, &mut tokens);
        let candidates = candidates::candidates(article.text, &tokens);
        let listed = lines::listed_places(article.text, &tokens);
        let names = evidence::weigh(&candidates, &listed, &tokens);
        let mut found = consistency::agree(&names, &tokens);
        teams::tell(&mut found, &tokens);
        if let Some(tagged) = article.names {
            found = fusion::fuse(tagged, found, article.text, &tokens, &self.weights);
        }
        let roles = Roles::new(&tokens, &found);
        mentions.extend(found.iter().map(|found| self.mention(found, &tokens, &roles)));
    }
}

fn country_code(found: &Found, tokens: &Tokens<'_>) -> String {
    let wanted =
        if found.kind == Kind::Location { Classes::PLACES } else { Classes::of(&[Class::Organization]) };
    let known = tokens
        .gazetteer_at(found.tokens.start)
        .filter(|name| name.end == found.tokens.end && name.any(wanted));
    known.map_or_else(String::new, |name| name.entry.country_code.clone())
}

/// The acronym in brackets behind a longer name.
fn acronym(found: &Found, tokens: &Tokens<'_>) -> String {
    let at = found.tokens.end;
    let fits =
        found.tokens.len() > 1 && acronyms::is_bracketed(tokens, at) && acronyms::follows_initial(tokens, at);
    if fits { tokens.text(at).to_owned() } else { String::new() }
}
