//! What must hold for any input: the offset law, disjoint and sorted mentions, determinism, and no panic.

use depeche::config::Limits;
use depeche::document::{CustomTerm, MediaType, Part};
use depeche::extraction::Occurrence;
use depeche::language::LanguageCode;
use depeche::tagger::profiles::{Models, Profile};
use depeche::text::offsets::{OffsetEncoding, Offsets};
use depeche::values::EntityType;
use depeche::{Document, Engine, Extraction, Options};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use std::num::NonZeroUsize;
use std::sync::LazyLock;

static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::new);
/// Another one, which has seen other documents.
static OTHER: LazyLock<Engine> = LazyLock::new(Engine::new);

/// Pieces that make mentions likely, between pieces that make offsets hard.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "40 GB", "plus de 3 To", "3 May 2024", "le 3 mai 2024", "last Friday", "il y a deux jours", "Storm-0978", "LockBit",
            "Mr. Dana Whitlock", "M. Émile Rouvière", "à Lyon", "in Paris", "l’université de Nantes", "Orbex SA", "The ", "Le ",
            "2024-05-03", "3–5 May", "between 2 and 3 TB",
        ])
        .prop_map(str::to_owned),
        2 => prop::sample::select(vec![
            " ", "\n", "\n\n", "\r\n", "\0", ". ", ", ", "e\u{301}", "👩🏽‍🚀", "🇫🇷", "עברית", "\u{202E}", "العربية", "日本語",
            "ไทย", "\u{A0}", "\u{202F}", "'", "’", "«", "&eacute;", "&", "<b>", "</b>", "<p>", "<!--", "&#x1F600;", "\u{AD}",
        ])
        .prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "\\PC{0,12}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

prop_compose! {
    fn publish_date()(year in -9_999..=9_999_i16, month in 1..=12_i8, day in 1..=28_i8) -> Date {
        date(year, month, day)
    }
}

prop_compose! {
    fn document()(
        title in prop_oneof![Just(String::new()), text()],
        content in text(),
        html in any::<bool>(),
        language in prop::option::of(prop::sample::select(vec!["fr", "en", "de", "und", "zh-Hant"])),
        publish_date in prop::option::of(publish_date()),
    ) -> Document {
        Document {
            title,
            content,
            media_type: if html { MediaType::Html } else { MediaType::Plain },
            language: language.and_then(LanguageCode::parse),
            publish_date,
            ..Document::default()
        }
    }
}

/// A name that the caller adds or leaves out.
#[derive(Clone, Debug)]
enum Term {
    Own(String),
    /// A piece of the document's content.
    Cut(prop::sample::Index, prop::sample::Index),
}

fn term() -> impl Strategy<Value = Term> {
    prop_oneof![
        text().prop_map(Term::Own),
        any::<(prop::sample::Index, prop::sample::Index)>().prop_map(|(one, other)| Term::Cut(one, other))
    ]
}

impl Term {
    fn of(&self, document: &Document) -> String {
        let (one, other) = match self {
            Term::Own(own) => return own.clone(),
            Term::Cut(one, other) => (one, other),
        };
        let characters: Vec<char> = document.content.chars().collect();
        let [one, other] = [one, other].map(|index| index.index(characters.len() + 1));
        characters[one.min(other)..one.max(other)].iter().collect()
    }
}

/// How names are read is drawn from the document, so that every law holds for every profile.
fn options(document: &Document) -> Options {
    Options { profile: Some(Profile::ALL[document.content.len() % Profile::ALL.len()]), ..Options::default() }
}

fn extract(document: &Document) -> Option<Extraction> {
    ENGINE.extract(document, &options(document)).ok()
}

fn occurrences(extraction: &Extraction) -> Vec<&Occurrence> {
    extraction.entities.iter().flat_map(|entity| &entity.mentions).collect()
}

/// What a client does with an offset in each unit.
fn slice(text: &str, start: usize, end: usize, encoding: OffsetEncoding) -> String {
    match encoding {
        OffsetEncoding::Utf8 => text[start..end].to_owned(),
        OffsetEncoding::Utf16 => String::from_utf16(&text.encode_utf16().collect::<Vec<_>>()[start..end])
            .expect("no surrogate is cut"),
        OffsetEncoding::Utf32 => text.chars().skip(start).take(end - start).collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mention_is_what_its_offsets_cut_out(document in document()) {
        let Some(extraction) = extract(&document) else { return Ok(()) };
        for encoding in [OffsetEncoding::Utf8, OffsetEncoding::Utf16, OffsetEncoding::Utf32] {
            for mention in occurrences(&extraction) {
                let part = match mention.part { Part::Title => &document.title, Part::Content => &document.content };
                let offsets = Offsets::new(part, encoding);
                let (start, end) = (offsets.convert(part, mention.range.start), offsets.convert(part, mention.range.end));
                let cut = slice(part, start, end, encoding);
                if document.media_type == MediaType::Plain {
                    prop_assert_eq!(&cut, &mention.text);
                } else {
                    prop_assert!(!cut.is_empty());
                }
            }
        }
    }

    #[test]
    fn mentions_are_sorted_and_share_no_byte(document in document()) {
        let Some(extraction) = extract(&document) else { return Ok(()) };
        for entity in &extraction.entities {
            prop_assert!(!entity.mentions.is_empty());
            prop_assert!(entity.mentions.is_sorted_by_key(|mention| (mention.part, mention.range.start)));
        }
        let mut all = occurrences(&extraction);
        all.sort_by_key(|mention| (mention.part, mention.range.start));
        for pair in all.windows(2) {
            prop_assert!(pair[0].part != pair[1].part || pair[0].range.end <= pair[1].range.start);
        }
        let first = |index: usize| &extraction.entities[index].mentions[0];
        let order = |index: usize| (first(index).part, first(index).range.start);
        prop_assert!((1..extraction.entities.len()).all(|index| order(index - 1) < order(index)));
    }

    #[test]
    fn figures_are_in_range(document in document()) {
        let Some(extraction) = extract(&document) else { return Ok(()) };
        let unit = 0.0..=1.0_f32;
        prop_assert!(unit.contains(&extraction.language.confidence));
        for (index, entity) in extraction.entities.iter().enumerate() {
            prop_assert_eq!(&entity.entity_id, &format!("e{}", index + 1));
            prop_assert!(unit.contains(&entity.confidence) && unit.contains(&entity.salience));
            prop_assert!(entity.mentions.iter().all(|mention| unit.contains(&mention.confidence)));
        }
        let salience: f32 = extraction.entities.iter().map(|entity| entity.salience).sum();
        prop_assert!(extraction.entities.is_empty() || (salience - 1.0).abs() < 1e-3, "salience sums to {}", salience);
    }

    #[test]
    fn the_same_document_gives_the_same_extraction(document in document()) {
        let by = |engine: &Engine| format!("{:?}", engine.extract(&document, &options(&document)));
        let first = by(&ENGINE);
        prop_assert_eq!(&first, &by(&OTHER));
        let elsewhere = std::thread::scope(|scope| scope.spawn(|| by(&ENGINE)).join().unwrap());
        prop_assert_eq!(&first, &elsewhere);
    }

    #[test]
    fn any_terms_are_fine(
        document in document(), terms in prop::collection::vec(term(), 0..4), ignored in term(), least in 0.0..=1.0_f32,
    ) {
        let terms: Vec<String> = terms.iter().map(|term| term.of(&document)).collect();
        let ignored = ignored.of(&document);
        let custom_terms = terms.iter().map(|name| CustomTerm {
            entity_type: EntityType::Organization, name: name.clone(), aliases: vec![name.clone()],
        });
        let options = Options {
            min_confidence: least,
            custom_terms: custom_terms.collect(),
            ignored_terms: [ignored.clone()].into_iter().collect(),
            ..options(&document)
        };
        let extracted = ENGINE.extract(&document, &options);
        prop_assert_eq!(extracted.is_err(), document.content.is_empty());
        let Ok(extraction) = extracted else { return Ok(()) };
        prop_assert!(extraction.entities.iter().all(|entity| entity.confidence >= least));
        prop_assert!(occurrences(&extraction).iter().all(|mention| mention.text != ignored));
    }

    #[test]
    fn any_text_has_a_language(text in text()) {
        let detected = ENGINE.detect_language(&text);
        prop_assert_eq!(detected.is_some(), text.contains(char::is_alphabetic));
    }
}

/// Whatever a document may consist of.
const UNITS: [&str; 19] = [
    "a",
    "1",
    "A",
    "é",
    "日",
    "ا",
    "a\u{301}",
    "👩🏽‍🚀",
    "1 ",
    "A. ",
    "&",
    "<",
    "&amp;",
    "\0",
    "-",
    "Aa",
    "x1",
    "\r\n",
    "<b>a",
];

#[test]
fn a_mebibyte_of_anything_is_read() {
    // By the rules, which read megabytes a second.
    let engine = Engine::with_tagger(Limits::default(), None);
    UNITS.iter().for_each(|unit| check_reading(&engine, unit, 1 << 20));
}

#[test]
fn the_fast_tagger_reads_a_mebibyte_of_anything() {
    let engine = Engine::with_models(Limits::default(), Models::embedded(NonZeroUsize::MIN));
    let engine = engine.with_profile(Profile::Fast);
    UNITS.iter().for_each(|unit| check_reading(&engine, unit, 1 << 20));
}

#[test]
fn the_encoder_reads_anything() {
    UNITS.iter().for_each(|unit| check_reading(&ENGINE, unit, 1 << 12));
}

fn check_reading(engine: &Engine, unit: &str, size: usize) {
    for media_type in [MediaType::Plain, MediaType::Html] {
        let document = Document { media_type, ..Document::new(unit.repeat(size / unit.len())) };
        let extraction = engine
            .extract(&document, &Options::default())
            .unwrap_or_else(|error| panic!("{unit:?}: {error}"));
        assert!(occurrences(&extraction).iter().all(|mention| !mention.text.is_empty()), "{unit:?}");
    }
}
