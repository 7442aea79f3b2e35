//! What finds mentions. A recognizer is one folder here and one line in [`all`].

pub mod actors;
pub mod custom;
pub mod dates;
pub mod names;
pub mod numbers;
pub mod rules;
pub mod sizes;

use std::sync::Arc;

use jiff::civil;

use crate::catalog::Catalog;
use crate::error::PackError;
use crate::language::Pack;
use crate::mention::Mention;
use crate::tagger::Name;
use crate::text::Text;

/// Finds the mentions of some types in a text of one language.
pub trait Recognizer: Send + Sync {
    /// Such as `dates`.
    fn name(&self) -> &'static str;

    /// Whether what it finds may depend on the names that a tagger sees; asked where nobody else asks for them.
    fn needs_names(&self, _article: &Article<'_>) -> bool {
        false
    }

    /// Pushes what it finds. What earlier recognizers found stands in `mentions` already and may serve as
    /// evidence; overlaps are resolved afterwards.
    fn recognize(&self, article: &Article<'_>, mentions: &mut Vec<Mention>);
}

/// What a recognizer reads.
#[derive(Clone, Copy, Debug)]
pub struct Article<'a> {
    /// Title and content.
    pub text: &'a Text,
    /// The calendar day of publication, the anchor of relative dates.
    pub published: Option<civil::Date>,
    /// The names that a trained tagger sees, in order; `None` where none was asked.
    pub names: Option<&'a [Name]>,
    /// Whether to find every TIMEX3: see [`crate::Options::every_timex`].
    pub every_timex: bool,
}

impl Article<'_> {
    /// A text about which nothing else is known.
    pub fn new(text: &Text) -> Article<'_> {
        Article { text, published: None, names: None, every_timex: false }
    }
}

/// The recognizers of one language, in the order in which they run: the surest first.
pub fn all(pack: &Pack, catalog: &Arc<Catalog>) -> Result<Vec<Box<dyn Recognizer>>, PackError> {
    Ok(vec![
        Box::new(dates::Dates::new(pack)?),
        Box::new(sizes::Sizes::new(pack)?),
        Box::new(actors::Actors::new(pack, catalog.clone())?),
        Box::new(names::Names::new(pack)?),
    ])
}
