//! The whole flow, from a document to its extraction.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use crate::catalog::Catalog;
use crate::config::Limits;
use crate::document::{Document, Options};
use crate::error::{Error, PackError};
use crate::extraction::{Entity, Extraction, Provenance, Warning};
use crate::language::pack::NEUTRAL;
use crate::language::{DetectedLanguage, Detector, LanguageCode, Pack};
use crate::recognizers::{self, Article, Recognizer};
use crate::text::Text;
use crate::values::{Date, Value};
use crate::{entities, overlaps};

/// Extracts entities. Made once, used from any number of threads.
pub struct Engine {
    limits: Limits,
    detector: Detector,
    catalog: Arc<Catalog>,
    /// By pack: its recognizers, compiled on first use.
    recognizers: HashMap<&'static str, OnceLock<Recognizers>>,
}

type Recognizers = Vec<Box<dyn Recognizer>>;

impl Engine {
    /// An engine with the embedded packs and catalogue, and default limits.
    pub fn new() -> Engine {
        Engine::with_limits(Limits::default())
    }

    /// An engine that refuses documents over `limits`.
    pub fn with_limits(limits: Limits) -> Engine {
        let recognizers = Pack::all().map(|pack| (pack.code(), OnceLock::new())).collect();
        Engine { limits, detector: Detector::new(), catalog: Arc::new(Catalog::embedded()), recognizers }
    }

    /// Compiles every pack now instead of at its first document.
    pub fn warm_up(&self) {
        Pack::all().for_each(|pack| {
            self.recognizers(pack);
        });
    }

    /// What is accepted.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The threat actors known.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Tells the language of a text; `None` where it has no letters to judge by.
    pub fn detect_language(&self, text: &str) -> Option<DetectedLanguage> {
        text.contains(char::is_alphabetic).then(|| self.detector.detect(text))
    }

    /// Extracts the entities of one document.
    pub fn extract(&self, document: &Document, options: &Options) -> Result<Extraction, Error> {
        self.check(document)?;
        let text = Text::new(document);
        let language = self.language(document, &text);
        let pack = Pack::get(&language.code.primary()).unwrap_or_else(Pack::neutral);
        let article = Article { text: &text, published: document.publish_date() };

        let mut mentions = Vec::new();
        for recognizer in self.recognizers(pack) {
            recognizer.recognize(&article, &mut mentions);
        }
        overlaps::resolve(&mut mentions);
        let mut entities = entities::link(&text, mentions);
        keep_asked(&mut entities, options);

        Ok(Extraction {
            document_id: document.document_id.clone(),
            warnings: warnings(document, &text, &language, &entities),
            language,
            entities,
            provenance: Provenance::CURRENT,
        })
    }

    fn check(&self, document: &Document) -> Result<(), Error> {
        if document.content.is_empty() {
            return Err(Error::NoContent);
        }
        let (size, limit) = (document.size(), self.limits.max_document_bytes);
        if size > limit { Err(Error::DocumentTooLarge { size, limit }) } else { Ok(()) }
    }

    fn language(&self, document: &Document, text: &Text) -> DetectedLanguage {
        match &document.language {
            Some(code) if code.primary() != NEUTRAL => DetectedLanguage {
                code: code.clone(),
                confidence: 1.0,
                reliable: true,
                supported: Pack::get(&code.primary()).is_some(),
            },
            _ => self.detect_language(text.as_str()).unwrap_or(DetectedLanguage {
                code: LanguageCode::undetermined(),
                confidence: 0.0,
                reliable: false,
                supported: false,
            }),
        }
    }

    fn recognizers(&self, pack: Pack) -> &Recognizers {
        self.recognizers[pack.code()].get_or_init(|| {
            let compiled: Result<_, PackError> = recognizers::all(&pack, &self.catalog);
            compiled
                .unwrap_or_else(|error| panic!("an embedded pack is broken, which a test rules out: {error}"))
        })
    }
}

impl Default for Engine {
    fn default() -> Engine {
        Engine::new()
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Engine").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// Drops what the caller did not ask for, then numbers the rest and shares salience out among it.
fn keep_asked(entities: &mut Vec<Entity>, options: &Options) {
    entities.retain(|entity| {
        let asked =
            options.entity_types.is_empty() || options.entity_types.contains(&entity.value.entity_type());
        asked && entity.confidence >= options.min_confidence
    });
}

fn warnings(
    document: &Document,
    text: &Text,
    language: &DetectedLanguage,
    entities: &[Entity],
) -> Vec<Warning> {
    let unresolved = |entity: &Entity| matches!(&entity.value, Value::Date(date) if needs_anchor(date));
    let mut warnings = Vec::new();
    if !language.reliable {
        warnings.push(Warning::LanguageUncertain);
    }
    if !language.supported {
        warnings.push(Warning::LanguageUnsupported);
    }
    if document.publish_time.is_none() && entities.iter().any(unresolved) {
        warnings.push(Warning::DateUnresolved);
    }
    if text.is_repaired() {
        warnings.push(Warning::MarkupRepaired);
    }
    warnings
}

fn needs_anchor(date: &Date) -> bool {
    date.relative && date.start.is_none() && date.end.is_none()
}
