//! The whole flow, from a document to its extraction.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use crate::catalog::Catalog;
use crate::config::{self, Limits};
use crate::document::{Document, Options};
use crate::entities::Cluster;
use crate::error::{Error, PackError};
use crate::extraction::{Entity, Extraction, Provenance, Warning};
use crate::language::pack::NEUTRAL;
use crate::language::{DetectedLanguage, Detector, LanguageCode, Pack};
use crate::recognizers::{self, Article, Recognizer};
use crate::tagger::NameTagger;
use crate::tagger::profiles::{Models, Profile, Tagging};
use crate::text::Text;
use crate::values::{Date, EntityType, Value};
use crate::{entities, overlaps};

/// Extracts entities. Made once, used from any number of threads.
pub struct Engine {
    limits: Limits,
    detector: Detector,
    catalog: Arc<Catalog>,
    tagger: Tagger,
    profile: Profile,
    /// By pack: its recognizers, compiled on first use.
    recognizers: HashMap<&'static str, OnceLock<Recognizers>>,
}

/// Who tells names beside the packs' rules.
enum Tagger {
    Models(Models),
    Given(Option<Arc<dyn NameTagger>>),
}

type Recognizers = Vec<Box<dyn Recognizer>>;

impl Engine {
    /// An engine with the embedded packs and catalogue, and default limits.
    pub fn new() -> Engine {
        Engine::with_limits(Limits::default())
    }

    /// An engine that refuses documents over `limits`.
    pub fn with_limits(limits: Limits) -> Engine {
        Engine::with_models(limits, Models::embedded(config::cores()))
    }

    /// An engine whose names are told by these models.
    pub fn with_models(limits: Limits, models: Models) -> Engine {
        Engine::made(limits, Tagger::Models(models))
    }

    /// An engine whose names are told by another tagger, or by nothing but the packs' rules.
    pub fn with_tagger(limits: Limits, tagger: Option<Arc<dyn NameTagger>>) -> Engine {
        Engine::made(limits, Tagger::Given(tagger))
    }

    /// The engine with another catalogue of threat actors, such as one with a user's overlays.
    pub fn with_catalog(self, catalog: Catalog) -> Engine {
        Engine { catalog: Arc::new(catalog), ..self }
    }

    /// The engine with another profile for documents that ask for none.
    pub fn with_profile(self, profile: Profile) -> Engine {
        Engine { profile, ..self }
    }

    fn made(limits: Limits, tagger: Tagger) -> Engine {
        let recognizers = Pack::all().map(|pack| (pack.code(), OnceLock::new())).collect();
        Engine {
            limits,
            detector: Detector::new(),
            catalog: Arc::new(Catalog::embedded()),
            tagger,
            profile: Profile::default(),
            recognizers,
        }
    }

    /// Compiles every pack and reads the model now instead of at the first document that needs it.
    pub fn warm_up(&self) {
        if let Tagger::Models(models) = &self.tagger {
            models.warm_up(self.profile);
        }
        Pack::all().for_each(|pack| {
            self.recognizers(pack);
        });
    }

    /// What is accepted.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What the engine's answers may be made by, where a document asks for no other profile.
    pub fn provenance(&self) -> Provenance {
        self.provenance_with(match &self.tagger {
            Tagger::Models(models) => models.ids(self.profile),
            Tagger::Given(tagger) => tagger.iter().map(|tagger| tagger.id()).collect(),
        })
    }

    fn provenance_with(&self, models: Vec<&str>) -> Provenance {
        let models = models.into_iter().map(str::to_owned).collect();
        Provenance { models, catalog_digest: self.catalog.digest().to_owned(), ..Provenance::CURRENT }
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
        let recognizers = self.recognizers(pack);
        let mut article = Article {
            text: &text,
            published: document.publish_date,
            names: None,
            every_timex: options.every_timex,
        };
        let tagging = self.names(&article, options, recognizers);
        article.names = tagging.as_ref().map(|tagging| tagging.names.as_slice());
        let ignored = &options.ignored_terms;

        let mut mentions = Vec::new();
        options.custom_terms.recognize(&article, &mut mentions);
        for recognizer in recognizers {
            recognizer.recognize(&article, &mut mentions);
        }
        overlaps::resolve(&mut mentions);
        ignored.drop_from(&mut mentions, &text);
        let mut clusters = entities::join(&text, mentions);
        clusters.retain(|cluster| is_asked(cluster, options) && !ignored.contains(&cluster.name));
        let entities = entities::report(&text, clusters);

        Ok(Extraction {
            document_id: document.document_id.clone(),
            warnings: warnings(document, &text, &language, &entities),
            language,
            entities,
            provenance: self.provenance_with(tagging.map_or_else(Vec::new, |tagging| tagging.models)),
        })
    }

    /// What the tagger sees, where names are asked for, or may decide what is a threat actor.
    fn names(
        &self,
        article: &Article<'_>,
        options: &Options,
        recognizers: &Recognizers,
    ) -> Option<Tagging<'_>> {
        let types = &options.entity_types;
        let asked =
            |wanted: &[EntityType]| types.is_empty() || wanted.iter().any(|name| types.contains(name));
        let decide = || recognizers.iter().any(|recognizer| recognizer.needs_names(article));
        let needed = asked(&EntityType::NAMES) || (asked(&[EntityType::ThreatActor]) && decide());
        match &self.tagger {
            _ if !needed => None,
            Tagger::Models(models) => Some(models.tag(article.text, options.profile.unwrap_or(self.profile))),
            Tagger::Given(tagger) => {
                let tagger = tagger.as_ref()?;
                Some(Tagging { names: tagger.tag(&[article.text]).pop()?, models: vec![tagger.id()] })
            }
        }
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

fn is_asked(cluster: &Cluster, options: &Options) -> bool {
    let types = &options.entity_types;
    (types.is_empty() || types.contains(&cluster.value.entity_type()))
        && cluster.confidence >= options.min_confidence
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
    if document.publish_date.is_none() && entities.iter().any(unresolved) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::CustomTerm;
    use crate::values::EntityType;

    const TEXT: &str = "The lake keepers lost more than 40 GB. At LK, copies of 12 TB were safe.";

    fn extract(options: &Options) -> Vec<Entity> {
        let document = Document { language: LanguageCode::parse("en"), ..Document::new(TEXT) };
        Engine::new().extract(&document, options).unwrap().entities
    }

    fn keepers() -> CustomTerm {
        let (name, aliases) = ("Lake Keepers".to_owned(), vec!["LK".to_owned()]);
        CustomTerm { entity_type: EntityType::Organization, name, aliases }
    }

    fn ignoring(term: &str, options: &Options) -> Options {
        Options { ignored_terms: [term.to_owned()].into_iter().collect(), ..options.clone() }
    }

    #[test]
    fn options_shape_the_answer() {
        let all = Options { custom_terms: [keepers()].into_iter().collect(), ..Options::default() };
        let least = extract(&all).iter().map(|entity| entity.confidence).fold(1.0, f32::min);
        let above = f32::from_bits(least.to_bits() + 1);
        let everything = ["Lake Keepers", "40 GB", "12 TB"];
        let cases: [(&str, Options, &[&str]); 9] = [
            ("all", all.clone(), &everything),
            (
                "types",
                Options { entity_types: vec![EntityType::DataSize], ..all.clone() },
                &["40 GB", "12 TB"],
            ),
            ("sure of all", Options { min_confidence: 1.0, ..all.clone() }, &["Lake Keepers"]),
            ("just as sure", Options { min_confidence: least, ..all.clone() }, &everything),
            ("a little surer", Options { min_confidence: above, ..all.clone() }, &["Lake Keepers"]),
            ("ignored mention", ignoring("12 tb", &all), &["Lake Keepers", "40 GB"]),
            ("ignored entity", ignoring("LAKE  KEEPERS", &all), &["40 GB", "12 TB"]),
            ("ignored alias", ignoring("lk", &all), &everything),
            ("part of a mention is not ignored", ignoring("lake", &all), &everything),
        ];
        for (case, options, expected) in cases {
            let entities = extract(&options);
            let names: Vec<&str> = entities.iter().map(|entity| entity.name.as_str()).collect();
            assert_eq!(names, expected, "{case}");
            let ids: Vec<String> = (1..=names.len()).map(|rank| format!("e{rank}")).collect();
            assert!(entities.iter().map(|entity| &entity.entity_id).eq(&ids), "{case}");
            let salience: f32 = entities.iter().map(|entity| entity.salience).sum();
            assert!((salience - 1.0).abs() < 1e-6, "{case}: {salience}");
        }
    }

    #[test]
    fn an_alias_joins_its_name() {
        let entities =
            extract(&Options { custom_terms: [keepers()].into_iter().collect(), ..Options::default() });
        let mentions: Vec<&str> = entities[0].mentions.iter().map(|mention| mention.text.as_str()).collect();
        assert_eq!(mentions, ["lake keepers", "LK"]);
    }
}
