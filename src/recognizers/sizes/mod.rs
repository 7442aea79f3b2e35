//! Not written.

use super::{Article, Recognizer};
use crate::error::PackError;
use crate::language::Pack;
use crate::mention::Mention;
use crate::recognizers::rules::RuleSet;

/// Not written.
#[derive(Debug)]
pub struct Sizes {
    rules: RuleSet,
}

impl Sizes {
    /// Compiles the pack's rules.
    pub fn new(pack: &Pack) -> Result<Sizes, PackError> {
        Ok(Sizes { rules: pack.rules("sizes.toml")? })
    }
}

impl Recognizer for Sizes {
    fn name(&self) -> &'static str {
        "sizes"
    }

    fn recognize(&self, article: &Article<'_>, _mentions: &mut Vec<Mention>) {
        self.rules.find_all(article.text, |_| {});
    }
}
