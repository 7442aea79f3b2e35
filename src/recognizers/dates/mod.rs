//! Not written.

use super::{Article, Recognizer};
use crate::error::PackError;
use crate::language::Pack;
use crate::mention::Mention;
use crate::recognizers::rules::RuleSet;

/// Not written.
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

    fn recognize(&self, article: &Article<'_>, _mentions: &mut Vec<Mention>) {
        self.rules.find_all(article.text, |_| {});
    }
}
