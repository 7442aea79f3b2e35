//! A language is one folder of data, `packs/<code>/`; `und` holds what is common to all of them.

use serde::de::DeserializeOwned;

use crate::data::PACKS;
use crate::error::PackError;
use crate::recognizers::rules::{RuleBook, RuleFile, RuleSet};

/// The pack that every other one builds on: what reads the same in any language.
pub const NEUTRAL: &str = "und";

/// The file of a pack whose lists and patterns all its rules may use.
const COMMON: &str = "common.toml";

/// One language's folder of data.
#[derive(Clone, Copy, Debug)]
pub struct Pack {
    code: &'static str,
    files: &'static [(&'static str, &'static str)],
}

impl Pack {
    /// The pack of a primary language subtag.
    pub fn get(code: &str) -> Option<Pack> {
        Pack::all().find(|pack| pack.code == code)
    }

    /// The pack that every other one builds on.
    pub fn neutral() -> Pack {
        Pack::get(NEUTRAL).expect("the neutral pack is embedded")
    }

    /// Every pack, by code; the neutral one included.
    pub fn all() -> impl Iterator<Item = Pack> {
        PACKS.iter().map(|(code, files)| Pack { code, files })
    }

    /// The packs of languages, by code.
    pub fn languages() -> impl Iterator<Item = Pack> {
        Pack::all().filter(|pack| pack.code != NEUTRAL)
    }

    /// The language's primary subtag.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The language's name, such as `French`.
    pub fn display_name(&self) -> String {
        let file = self.read::<std::collections::BTreeMap<String, toml::Value>>("language.toml");
        let name = file.ok().and_then(|file| Some(file.get("display_name")?.as_str()?.to_owned()));
        name.unwrap_or_else(|| self.code.to_owned())
    }

    /// Reads one file of the pack; a file that the pack does not have is empty.
    pub fn read<T: DeserializeOwned + Default>(&self, file: &str) -> Result<T, PackError> {
        match self.files.iter().find(|(name, _)| *name == file) {
            Some((_, text)) => toml::from_str(text).map_err(|error| self.error(file, error)),
            None => Ok(T::default()),
        }
    }

    /// Compiles the rules of one file, with the lists and patterns of `common.toml`, over those of the neutral
    /// pack.
    pub fn rules(&self, file: &str) -> Result<RuleSet, PackError> {
        let mut book = self.book(file)?;
        if self.code != NEUTRAL {
            book.inherit(Pack::neutral().book(file)?);
        }
        RuleSet::compile(book).map_err(|error| self.error(file, error))
    }

    fn book(&self, file: &str) -> Result<RuleBook, PackError> {
        let owner = |file: &str| format!("{}/{}", self.code, file.trim_end_matches(".toml"));
        let mut book = self.read::<RuleFile>(file)?.owned_by(&owner(file));
        book.inherit(self.read::<RuleFile>(COMMON)?.owned_by(&owner(COMMON)));
        Ok(book)
    }

    fn error(&self, file: &str, message: impl ToString) -> PackError {
        PackError { pack: self.code.to_owned(), file: file.to_owned(), message: message.to_string() }
    }
}
