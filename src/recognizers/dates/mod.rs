//! Dates: the pack's rules find them, [`form`] reads what they say, [`resolve`] gives them a value.

mod form;
mod resolve;

use super::{Article, Recognizer};
use crate::error::PackError;
use crate::language::Pack;
use crate::mention::Mention;
use crate::recognizers::rules::RuleSet;
use crate::values::Value;
use form::Expression;
use resolve::Anchors;

/// Finds calendar dates, durations and sets.
#[derive(Debug)]
pub struct Dates {
    rules: RuleSet,
}

impl Dates {
    /// Compiles the pack's rules.
    pub fn new(pack: &Pack) -> Result<Dates, PackError> {
        Ok(Dates { rules: pack.rules("dates.toml")? })
    }
}

impl Recognizer for Dates {
    fn name(&self) -> &'static str {
        "dates"
    }

    fn recognize(&self, article: &Article<'_>, mentions: &mut Vec<Mention>) {
        let mut anchors = Anchors::new(article.published);
        self.rules.find_all(article.text, |matched| {
            let Some(expression) = Expression::read(&matched) else { return };
            mentions.push(Mention {
                span: matched.mention,
                value: Value::Date(resolve::resolve(&expression, &mut anchors)),
                confidence: matched.rule.spec.confidence,
                rule: matched.rule.name.clone(),
            });
        });
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{self, date};

    use super::*;
    use crate::Document;
    use crate::text::Text;

    /// The day on which the examples of the packs are published, a Wednesday.
    const PUBLISHED: civil::Date = date(2023, 3, 15);

    /// The words found, the rule's name and the value; the value is empty for what only looks like a date.
    fn find(dates: &Dates, text: &str, published: Option<civil::Date>) -> Vec<(String, String, String)> {
        let text = Text::new(&Document::new(text));
        let mut anchors = Anchors::new(published);
        let mut found = Vec::new();
        dates.rules.find_all(&text, |matched| {
            let value = Expression::read(&matched)
                .map(|expression| resolve::resolve(&expression, &mut anchors).to_string())
                .unwrap_or_default();
            found.push((matched.mention.of(text.as_str()).to_owned(), matched.rule.name.to_string(), value));
        });
        found
    }

    #[test]
    fn packs_hold_what_their_examples_promise() {
        let mut failures = Vec::new();
        for pack in Pack::all() {
            let dates = Dates::new(&pack).unwrap();
            for rule in dates.rules.rules() {
                // A rule of the neutral pack may give way to a language's own.
                if !rule.name.starts_with(&format!("{}/", pack.code())) {
                    continue;
                }
                if rule.spec.examples.is_empty() || rule.spec.rejects.is_empty() {
                    failures.push(format!("{}: no examples or no rejects", rule.name));
                }
                for example in &rule.spec.examples {
                    let words = example.mention.as_ref().unwrap_or(&example.text);
                    let wanted = (words.clone(), rule.name.to_string(), example.value.clone());
                    let found = find(&dates, &example.text, Some(PUBLISHED));
                    if !found.contains(&wanted) {
                        failures.push(format!("{wanted:?} not found in {:?}: {found:?}", example.text));
                    }
                }
                for reject in &rule.spec.rejects {
                    let found = find(&dates, reject, Some(PUBLISHED));
                    if found.iter().any(|(_, name, _)| *name == *rule.name) {
                        failures.push(format!("{} matches {reject:?}: {found:?}", rule.name));
                    }
                }
            }
        }
        assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    }
}
