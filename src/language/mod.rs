//! Languages: their codes, their detection, and the packs of data that teach them to the recognizers.

mod detect;
pub mod pack;

use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;

pub use detect::Detector;
pub use pack::Pack;

use crate::recognizers::rules::RuleFile;

/// A BCP-47 language tag, reduced to its primary subtag where a pack is looked up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LanguageCode(String);

impl LanguageCode {
    /// Reads a well-formed tag such as `fr`, `pt-BR` or `zh-Hant-TW`; `None` for anything else.
    pub fn parse(tag: &str) -> Option<LanguageCode> {
        let mut subtags = tag.split('-');
        let primary = subtags.next()?;
        let well_formed = (2..=8).contains(&primary.len())
            && primary.bytes().all(|byte| byte.is_ascii_alphabetic())
            && subtags.all(|subtag| {
                (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
            });
        well_formed.then(|| LanguageCode(tag.to_owned()))
    }

    /// The undetermined language.
    pub fn undetermined() -> LanguageCode {
        LanguageCode("und".to_owned())
    }

    /// The tag as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The primary subtag in lower case, such as `pt` of `pt-BR`.
    pub fn primary(&self) -> String {
        self.0.split('-').next().unwrap_or_default().to_ascii_lowercase()
    }
}

impl fmt::Display for LanguageCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Words that end with a full stop inside a sentence, in any of the packs: sentences are found before the language
/// is known.
pub(crate) fn abbreviations() -> &'static HashSet<String> {
    static ABBREVIATIONS: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let files = Pack::all().filter_map(|pack| pack.language().ok());
        files
            .flat_map(|file| file.abbreviations.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
            .collect()
    });
    &ABBREVIATIONS
}

/// Names of months, in small letters and in any of the packs: a number and a full stop before one end no sentence.
pub(crate) fn months() -> &'static HashSet<String> {
    static MONTHS: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let files = Pack::all().filter_map(|pack| pack.read::<RuleFile>("common.toml").ok());
        let lists = files.filter_map(|mut file| file.lists.remove("month"));
        lists.flat_map(|list| list.into_values().flatten().map(|month| month.to_lowercase())).collect()
    });
    &MONTHS
}

/// The language that a document was read in.
#[derive(Clone, Debug, PartialEq)]
pub struct DetectedLanguage {
    /// `und` where undetermined.
    pub code: LanguageCode,
    /// In [0, 1]; 1 where the caller named the language; rounded to three decimals.
    pub confidence: f32,
    /// Whether the confidence is high enough to act on.
    pub reliable: bool,
    /// Whether a pack exists for it.
    pub supported: bool,
}
