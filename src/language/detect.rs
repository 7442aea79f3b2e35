//! Tells the language of a text.

use super::{DetectedLanguage, LanguageCode};
use crate::language::Pack;

/// Tells the language of texts.
#[derive(Debug, Default)]
pub struct Detector;

impl Detector {
    /// A detector that knows what the packs know.
    pub fn new() -> Detector {
        Detector
    }

    /// The language of `text` among all that whatlang knows.
    pub fn detect(&self, text: &str) -> DetectedLanguage {
        let Some(info) = whatlang::detect(text) else {
            return DetectedLanguage {
                code: LanguageCode::undetermined(),
                confidence: 0.0,
                reliable: false,
                supported: false,
            };
        };
        let code = match info.lang() {
            whatlang::Lang::Fra => "fr",
            whatlang::Lang::Eng => "en",
            lang => lang.code(),
        };
        DetectedLanguage {
            code: LanguageCode::parse(code).expect("a code"),
            confidence: info.confidence() as f32,
            reliable: info.is_reliable(),
            supported: Pack::get(code).is_some(),
        }
    }
}
