//! Whole pages, from extractions made by hand.

use std::sync::Arc;

use depeche::document::MediaType;
use depeche::extraction::{Entity, Occurrence, Provenance};
use depeche::language::{DetectedLanguage, LanguageCode};
use depeche::mention::Span;
use depeche::values::{DataSize, Location, Organization, Person, ThreatActor, Value};

use super::*;

fn entity(text: &Text, entity_id: &str, name: &str, value: Value) -> Entity {
    let mention = |(start, found): (usize, &str)| {
        let span = Span::new(start, start + found.len());
        let (part, range) = text.locate(span);
        let rule = Arc::from("fr/names/by-hand");
        Occurrence { text: found.to_owned(), span, part, range, confidence: 0.9, rule }
    };
    Entity {
        entity_id: entity_id.to_owned(),
        name: name.to_owned(),
        confidence: 0.9,
        salience: 0.5,
        mentions: text.as_str().match_indices(name).map(mention).collect(),
        value,
        affiliation_entity_id: String::new(),
    }
}

fn extraction(document: &Document, values: Vec<(&str, Value)>) -> Extraction {
    let text = Text::new(document);
    let entities = values.into_iter().zip(1..);
    let entities =
        entities.map(|((name, value), id)| entity(&text, &format!("e{id}"), name, value)).collect();
    let code = LanguageCode::parse("fr").unwrap();
    Extraction {
        document_id: document.document_id.clone(),
        language: DetectedLanguage { code, confidence: 0.98, reliable: true, supported: true },
        entities,
        warnings: vec![Warning::DateUnresolved],
        provenance: Provenance::CURRENT,
    }
}

fn organization() -> Value {
    Value::Organization(Organization { country_code: "BE".into(), ..Organization::default() })
}

fn size() -> Value {
    let unit = "GB".to_owned();
    Value::DataSize(DataSize {
        min_bytes: 4e10,
        max_bytes: None,
        unit,
        approximate: false,
        base_ambiguous: true,
    })
}

fn sample() -> (Document, Extraction) {
    let document = Document {
        document_id: "news/a.txt".into(),
        title: "Le port de Gand à l'arrêt".into(),
        ..Document::new(
            "Portus Belga a perdu plus de 40 Go, dit Lina Maes.\n\n\n\nGand attend, Portus Belga aussi.",
        )
    };
    let person = Value::Person(Person { role: "porte-parole".into(), ..Person::default() });
    let place = Value::Location(Location { country_code: "BE".into() });
    let values =
        vec![("Gand", place), ("Portus Belga", organization()), ("40 Go", size()), ("Lina Maes", person)];
    let mut extraction = extraction(&document, values);
    extraction.entities[3].affiliation_entity_id = "e2".into();
    (document, extraction)
}

#[test]
fn without_colours_mentions_stand_in_brackets() {
    let (document, extraction) = sample();
    let page = Page { colours: false, width: 60 };
    let expected = "\
── news/a.txt ──

Le port de [Gand] à l'arrêt

[Portus Belga] a perdu plus de [40 Go], dit [Lina Maes].

[Gand] attend, [Portus Belga] aussi.
";
    let found = page.extraction(&document, &extraction, false);
    assert!(found.starts_with(expected), "{found}");
}

#[test]
fn the_table_tells_each_entity_once() {
    let (document, extraction) = sample();
    let page = Page { colours: false, width: 84 };
    let found = page.extraction(&document, &extraction, true);
    let table: Vec<&str> = found.lines().skip_while(|line| !line.starts_with(" Type")).collect();
    let expected = [
        " Type           Name           Times   What it is      Sure   Found by",
        "═══════════════════════════════════════════════════════════════════════════════",
        " organization   Portus Belga       2   BE              90 %   fr/names/by-hand",
        " person         Lina Maes          1   porte-parole,   90 %   fr/names/by-hand",
        "                                       Portus Belga",
        " location       Gand               2   BE              90 %   fr/names/by-hand",
        " data size      40 Go              1   40 GB or more   90 %   fr/names/by-hand",
        "───────────────────────────────────────────────────────────────────────────────",
        "",
        "language: fr, 98 % sure",
        "warning: relative dates are unresolved: publish_time is not set",
        "",
    ];
    assert_eq!(table, expected);
}

#[test]
fn colours_are_closed_at_the_end_of_every_line() {
    let document = Document::new("Portus Belga Portus Belga Portus Belga");
    let extraction = extraction(&document, vec![("Portus Belga Portus Belga Portus Belga", organization())]);
    let page = Page { colours: true, width: 20 };
    let found = page.extraction(&document, &extraction, false);
    let lines: Vec<_> = found.lines().take(2).collect();
    let open = "\x1b[38;5;16m\x1b[48;5;117m";
    assert_eq!(
        lines,
        [format!("{open}Portus Belga Portus\x1b[0m"), format!("{open}Belga Portus Belga\x1b[0m")]
    );
}

#[test]
fn a_title_is_bold_and_its_mentions_marked() {
    let (document, extraction) = sample();
    let found = Page { colours: true, width: 60 }.extraction(&document, &extraction, false);
    let title =
        "\x1b[1mLe port de \x1b[0m\x1b[1m\x1b[38;5;16m\x1b[48;5;150mGand\x1b[0m\x1b[1m à l'arrêt\x1b[0m\n";
    assert!(found.contains(title), "{found:?}");
}

#[test]
fn html_is_shown_as_it_reads() {
    let document =
        Document { media_type: MediaType::Html, ..Document::new("<p>Portus <b>Belga</b> attend.</p>") };
    let text = Text::new(&document);
    let view = text.as_str().trim().to_owned();
    let extraction = extraction(&document, vec![("Belga", organization())]);
    let found = Page { colours: false, width: 60 }.extraction(&document, &extraction, false);
    assert!(found.starts_with(&view.replace("Belga", "[Belga]")), "{found}");
}

#[test]
fn nothing_of_an_article_steers_the_terminal() {
    let hostile = "\x1b]0;owned\x07 \x1b[2J\u{9b}31m\u{202e}Pay\x1b[1mpal\r\x08\x7f";
    let document = Document { document_id: hostile.into(), title: hostile.into(), ..Document::new(hostile) };
    let person = Value::Person(Person { role: hostile.into(), ..Person::default() });
    let actor = Value::ThreatActor(ThreatActor::default());
    let extraction = extraction(&document, vec![(hostile, person), ("Pay\x1b[1mpal", actor)]);
    let found = Page { colours: false, width: 60 }.extraction(&document, &extraction, true);
    let steers = |character: &char| {
        character.is_control() && *character != '\n' || ('\u{202A}'..='\u{202E}').contains(character)
    };
    assert_eq!(found.chars().find(steers), None, "{found:?}");
    assert!(found.contains("␛[2J�31mPay␛[1mpal"), "{found}");
}

#[test]
fn nothing_found_is_said() {
    let document = Document::new("Il pleut.");
    let found =
        Page { colours: true, width: 60 }.extraction(&document, &extraction(&document, vec![]), false);
    assert!(found.starts_with("Il pleut.\n\nnothing found\n\nlanguage: fr, 98 % sure\n"), "{found}");
}

#[test]
fn languages() {
    let language = |code: &str, confidence, reliable, supported| proto::DetectedLanguage {
        language_code: code.into(),
        confidence,
        reliable,
        supported,
    };
    let cases = [
        ("a.txt", language("fr", 0.98, true, true), "a.txt: fr, 98 % sure\n"),
        ("", language("fr", 0.98, true, true), "language: fr, 98 % sure\n"),
        ("", language("de", 1.0, true, false), "language: de, 100 % sure, no language pack\n"),
        (
            "",
            language("und", 0.0, false, false),
            "language: und, 0 % sure, too little to act on, no language pack\n",
        ),
    ];
    for (id, language, expected) in cases {
        assert_eq!(Page { colours: false, width: 60 }.language(id, &language), expected);
    }
}
