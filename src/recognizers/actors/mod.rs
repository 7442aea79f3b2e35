//! Not written.

use std::sync::Arc;

use super::{Article, Recognizer};
use crate::catalog::Catalog;
use crate::error::PackError;
use crate::language::Pack;
use crate::mention::Mention;
use crate::recognizers::rules::RuleSet;

/// Not written.
#[derive(Debug)]
pub struct Actors {
    rules: RuleSet,
    _catalog: Arc<Catalog>,
}

impl Actors {
    /// Compiles the pack's rules.
    pub fn new(pack: &Pack, catalog: Arc<Catalog>) -> Result<Actors, PackError> {
        Ok(Actors { rules: pack.rules("actors.toml")?, _catalog: catalog })
    }
}

impl Recognizer for Actors {
    fn name(&self) -> &'static str {
        "actors"
    }

    fn recognize(&self, article: &Article<'_>, _mentions: &mut Vec<Mention>) {
        self.rules.find_all(article.text, |_| {});
    }
}
