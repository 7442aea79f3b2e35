//! What speaks for a name being an actor's, and what against it: kinds of evidence, each with a weight in log-odds that
//! a logistic regression learned (`depeche eval actors --fit`), summed up to a probability.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

macro_rules! evidence {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $speaks:expr;)*) => {
        /// A kind of evidence.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Evidence {
            $($(#[$doc])* $name,)*
        }

        impl Evidence {
            /// Every kind, in order.
            pub const ALL: &[Evidence] = &[$(Evidence::$name,)*];

            /// Whether it can only speak for an actor, or only against one; `None`: what a name is can do either.
            pub fn speaks(self) -> Option<bool> {
                match self {
                    $(Evidence::$name => $speaks,)*
                }
            }

            /// As weights and explanations name it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Evidence::$name => $text,)*
                }
            }
        }
    };
}

evidence! {
    // What the name is: exactly one of these.
    /// A vendor's identifier: `APT28`.
    Identifier = "identifier", None;
    /// Capitals or digits where nobody else has them: `LockBit`, `8Base`.
    Distinctive = "distinctive", None;
    /// A word that is nothing else in ordinary news: `Rhysida`.
    RareWord = "rare-word", None;
    /// One that is: `Play`.
    OrdinaryWord = "ordinary-word", Some(false);
    /// Several words that are nothing else: `Lazarus Group`.
    RarePhrase = "rare-phrase", None;
    /// Several that are: `Evil Corp`.
    OrdinaryPhrase = "ordinary-phrase", Some(false);
    /// A vendor's family, catalogued: `Fancy Bear`.
    Family = "family", None;
    /// A vendor's family, not catalogued.
    UnknownFamily = "unknown-family", None;
    /// What the text introduces, not catalogued.
    Unknown = "unknown", None;
    /// What stands where an actor's name could, not catalogued and not introduced.
    Unheard = "unheard", None;

    // How it is written.
    /// Apart, where the catalogue has one word: `Black Cat`.
    Apart = "apart", Some(false);
    /// A place's, too: `Cuba`.
    PlaceName = "place-name", Some(false);
    /// In quotation marks.
    Quoted = "quoted", None;
    /// A capital that begins a sentence.
    SentenceStart = "sentence-start", Some(false);

    // What stands around it.
    /// A noun before it that only introduces actors: "ransomware gang X".
    GroupBefore = "group-before", Some(true);
    /// The same behind it: "the X ransomware gang".
    GroupBehind = "group-behind", Some(true);
    /// The same in apposition: "X, a ransomware gang".
    Apposition = "apposition", Some(true);
    /// A weaker noun before it: "ransomware X".
    BrandBefore = "brand-before", Some(true);
    /// The same behind it: "X ransomware".
    BrandBehind = "brand-behind", Some(true);
    /// Its own words: "calling itself X", "signed X".
    Itself = "itself", Some(true);
    /// "Claimed by X".
    By = "by", Some(true);
    /// "X claimed responsibility".
    Deed = "deed", Some(true);
    /// The same, a few words on: "X has since early May claimed responsibility".
    DeedFar = "deed-far", Some(true);
    /// At a sentence's end, and a noun for actors begins the next one: "X. The gang …".
    GroupNext = "group-next", Some(true);
    /// A noun before it of what is no actor: "the company X".
    OtherBefore = "other-before", Some(false);
    /// The same behind it: "X Inc".
    OtherBehind = "other-behind", Some(false);
    /// An article, and no noun.
    Article = "article", Some(false);
    /// A capitalized neighbour: "X Mail".
    Longer = "longer", Some(false);

    // What the sentence and the article are about.
    /// A word of hacking in the sentence.
    CyberSentence = "cyber-sentence", Some(true);
    /// A word of crime in the sentence.
    CrimeSentence = "crime-sentence", Some(true);
    /// In a sentence beside it.
    CrimeNear = "crime-near", Some(true);
    /// Words of hacking in the article, but not near.
    CyberFar = "cyber-far", Some(false);
    /// An ordinary word, no word of hacking anywhere and none of crime near.
    NoCue = "no-cue", Some(false);

    // What is said elsewhere.
    /// Another name of a sure one: "X, also known as Y".
    AliasOfSure = "alias-of-sure", Some(true);
    /// Beside a sure one: "X and Y".
    BesideSure = "beside-sure", Some(true);
    /// A sure one elsewhere in the article.
    SureElsewhere = "sure-elsewhere", Some(true);
    /// Not sure, but likely one elsewhere.
    LikelyElsewhere = "likely-elsewhere", Some(true);
    /// Another actor is sure elsewhere in the article.
    OthersSure = "others-sure", Some(true);
    /// Part of a longer name, or something else, at its first mention in the article.
    OtherFirst = "other-first", Some(false);
    /// The tagger sees a place.
    TaggedPlace = "tagged-place", Some(false);
    /// The tagger sees an organization.
    TaggedOrganization = "tagged-organization", None;
    /// The tagger sees a longer name.
    TaggedLonger = "tagged-longer", Some(false);
}

/// The evidence for one name, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct EvidenceSet(u64);

impl EvidenceSet {
    /// Adds a kind.
    pub fn add(&mut self, evidence: Evidence) {
        self.0 |= 1 << evidence as u32;
    }

    /// Adds a kind where it is the case.
    pub fn add_if(&mut self, evidence: Evidence, is_so: bool) {
        if is_so {
            self.add(evidence);
        }
    }

    /// Takes a kind away.
    pub fn remove(&mut self, evidence: Evidence) {
        self.0 &= !(1 << evidence as u32);
    }

    /// Whether it holds a kind.
    pub fn has(self, evidence: Evidence) -> bool {
        self.0 & (1 << evidence as u32) != 0
    }

    /// Its kinds, in order.
    pub fn iter(self) -> impl Iterator<Item = Evidence> {
        Evidence::ALL.iter().copied().filter(move |&evidence| self.has(evidence))
    }

    /// The probability that a name with this evidence is an actor's.
    pub fn probability(self) -> f32 {
        let log_odds: f32 = self.iter().map(weight).sum();
        1.0 / (1.0 + (-log_odds).exp())
    }

    /// Its kinds with their weights, the weightiest first: `group-before +3.1, ordinary-word -1.9`.
    pub fn explanation(self) -> String {
        let mut kinds: Vec<Evidence> = self.iter().collect();
        kinds.sort_by(|&a, &b| weight(b).abs().total_cmp(&weight(a).abs()));
        let mut text = String::new();
        for kind in kinds {
            let separator = if text.is_empty() { "" } else { ", " };
            let _ = write!(text, "{separator}{} {:+.1}", kind.name(), weight(kind));
        }
        text
    }
}

/// The weight of a kind, in log-odds.
fn weight(evidence: Evidence) -> f32 {
    static WEIGHTS: LazyLock<Vec<f32>> = LazyLock::new(|| {
        let weights: BTreeMap<String, f32> = toml::from_str(include_str!("weights.toml"))
            .unwrap_or_else(|error| panic!("the embedded weights are broken: {error}"));
        let weight = |evidence: &Evidence| weights.get(evidence.name()).copied().unwrap_or_default();
        Evidence::ALL.iter().map(weight).collect()
    });
    WEIGHTS[evidence as usize]
}
