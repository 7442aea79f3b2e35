//! A language is one folder of data, `packs/<code>/`; `und` holds what is common to all of them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{fs, io};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::data;
use crate::error::PackError;
use crate::recognizers::rules::{RuleBook, RuleFile, RuleSet};

/// The pack that every other one builds on: what reads the same in any language.
pub const NEUTRAL: &str = "und";

/// The file of a pack whose lists and patterns all its rules may use.
const COMMON: &str = "common.toml";

/// The file of a pack that describes its language.
const LANGUAGE: &str = "language.toml";

/// `language.toml`: a language's name, and what tells its texts from others'.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LanguageFile {
    pub display_name: String,
    /// Subtags of languages that it reads as well, separated by white space: `no` and `nn` are read as `nb`.
    pub also: String,
    /// The most frequent words of news and other prose, the most frequent first, separated by white space.
    pub words: String,
    /// The letters of everyday spelling that not every language of the script has.
    pub letters: String,
    /// Words that end with a full stop inside a sentence, without it and in small letters, separated by white space.
    pub abbreviations: String,
    /// How much the log-odds of the pack's rules for names count beside the tagger's; 0: not at all.
    pub names_weight: f32,
}

type Folder = (&'static str, &'static [(&'static str, &'static str)]);

/// Release builds hold the packs; debug builds read them from the source tree, so that who writes a pack need not
/// compile after every change.
fn packs() -> &'static [Folder] {
    if cfg!(debug_assertions) {
        static PACKS: LazyLock<Option<Vec<Folder>>> = LazyLock::new(|| read_packs(Path::new(SOURCES)).ok());
        PACKS.as_deref().unwrap_or(data::PACKS)
    } else {
        data::PACKS
    }
}

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/language/packs");

fn read_packs(folder: &Path) -> io::Result<Vec<Folder>> {
    let entries = |folder: &Path| {
        let mut paths =
            fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        paths.sort();
        Ok::<_, io::Error>(paths)
    };
    let name =
        |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned().leak() as &str;
    let pack = |path: PathBuf| {
        let file = |file: PathBuf| Ok((name(&file), fs::read_to_string(&file)?.leak() as &str));
        let files = entries(&path)?.into_iter().map(file).collect::<io::Result<Vec<_>>>()?;
        Ok((name(&path), files.leak() as &[_]))
    };
    entries(folder)?.into_iter().map(pack).collect()
}

/// One language's folder of data.
#[derive(Clone, Copy, Debug)]
pub struct Pack {
    code: &'static str,
    files: &'static [(&'static str, &'static str)],
}

impl Pack {
    /// The pack of a primary language subtag.
    pub fn get(code: &str) -> Option<Pack> {
        static ALSO: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
            let pairs = |pack: Pack| {
                let file = pack.language().unwrap_or_default();
                file.also.split_whitespace().map(|also| (also.to_owned(), pack.code)).collect::<Vec<_>>()
            };
            Pack::all().flat_map(pairs).collect()
        });
        let own = |code: &str| Pack::all().find(|pack| pack.code == code);
        own(code).or_else(|| own(ALSO.get(code)?))
    }

    /// The pack that every other one builds on.
    pub fn neutral() -> Pack {
        Pack::get(NEUTRAL).expect("the neutral pack is embedded")
    }

    /// Every pack, by code; the neutral one included.
    pub fn all() -> impl Iterator<Item = Pack> {
        packs().iter().map(|(code, files)| Pack { code, files })
    }

    /// The packs of languages, by code.
    pub fn languages() -> impl Iterator<Item = Pack> {
        Pack::all().filter(|pack| pack.code != NEUTRAL)
    }

    /// The language's primary subtag.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The language's name in English, such as `French`.
    pub fn display_name(&self) -> String {
        self.language().map_or_else(|_| self.code.to_owned(), |language| language.display_name)
    }

    /// What the pack says of its language as such.
    pub(crate) fn language(&self) -> Result<LanguageFile, PackError> {
        self.read(LANGUAGE)
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
