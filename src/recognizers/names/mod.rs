//! Not written.

use super::{Article, Recognizer};
use crate::error::PackError;
use crate::language::Pack;
use crate::mention::Mention;
use crate::recognizers::rules::RuleSet;

/// Not written.
#[derive(Debug)]
pub struct Names {
    rules: RuleSet,
}

impl Names {
    /// Compiles the pack's rules.
    pub fn new(pack: &Pack) -> Result<Names, PackError> {
        Ok(Names { rules: pack.rules("names.toml")? })
    }
}

impl Recognizer for Names {
    fn name(&self) -> &'static str {
        "names"
    }

    fn recognize(&self, article: &Article<'_>, _mentions: &mut Vec<Mention>) {
        self.rules.find_all(article.text, |_| {});
    }
}
