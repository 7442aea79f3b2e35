//! Tables of texts with marked mentions, and what they join into.

use std::sync::Arc;

use super::*;
use crate::catalog::Actor;
use crate::document::{Document, Part};
use crate::extraction::Entity;
use crate::mention::Span;
use crate::values::{DataSize, Date, DateKind, Location, Modifier, ThreatActor};

/// Reads `[P Anna Keller]`: the letter tells the type (`P`, `O`, `L`, `A`ctor, `D`ate, `S`ize); what stands
/// behind `=` is the value of a date (TIMEX3, perhaps a modifier) or of a size (bytes), or the name of a
/// catalogued actor; what stands behind `#` is a canonical name.
fn read(marked: &str) -> (Text, Vec<Mention>) {
    let mut plain = String::new();
    let mut mentions = Vec::new();
    let mut rest = marked;
    while let Some((before, after)) = rest.split_once('[') {
        let (inside, behind) = after.split_once(']').unwrap();
        let (kind, inside) = inside.split_once(' ').unwrap();
        let (inside, canonical) = inside.split_once('#').unwrap_or((inside, ""));
        let (words, value) = inside.split_once('=').unwrap_or((inside, ""));
        plain.push_str(before);
        let start = plain.len();
        plain.push_str(words);
        let mention = Mention::new(Span::new(start, plain.len()), typed(kind, value), 0.9, Arc::from("test"));
        let named = !canonical.is_empty();
        mentions.push(if named { mention.with_canonical(Arc::from(canonical)) } else { mention });
        rest = behind;
    }
    plain.push_str(rest);
    let (title, content) = plain.split_once("\n\n").unwrap_or(("", &plain));
    let document = Document { title: title.to_owned(), ..Document::new(content) };
    (Text::new(&document), mentions)
}

fn typed(kind: &str, value: &str) -> Value {
    match kind {
        "P" => Value::Person(Person::default()),
        "O" => Value::Organization(Organization::default()),
        "L" => Value::Location(Location::default()),
        "A" => {
            let actor = Actor { name: value.to_owned(), ..Actor::default() };
            let actor = (!value.is_empty()).then(|| Arc::new(actor));
            Value::ThreatActor(ThreatActor { actor, ..ThreatActor::default() })
        }
        "D" => {
            let (timex, modifier) = value.split_once(' ').unwrap_or((value, ""));
            Value::Date(Date {
                kind: if timex.starts_with('P') { DateKind::Duration } else { DateKind::Calendar },
                start: None,
                end: None,
                granularity: None,
                timex: timex.to_owned(),
                modifier: Modifier::from_name(modifier),
                relative: false,
                alternative_timexes: Vec::new(),
            })
        }
        "S" => {
            let bytes: f64 = value.parse().unwrap();
            let (unit, approximate) = ("GB".to_owned(), false);
            let max_bytes = Some(bytes);
            Value::DataSize(DataSize { min_bytes: bytes, max_bytes, unit, approximate, base_ambiguous: true })
        }
        _ => panic!("no type is marked {kind}"),
    }
}

fn entities(marked: &str) -> Vec<Entity> {
    let (text, mentions) = read(marked);
    report(&text, join(&text, mentions))
}

/// Each entity as `name: mention, mention`.
fn joined(marked: &str) -> Vec<String> {
    let entities = entities(marked).into_iter().map(|entity| {
        let mentions: Vec<String> = entity.mentions.into_iter().map(|mention| mention.text).collect();
        format!("{}: {}", entity.name, mentions.join(", "))
    });
    entities.collect()
}

fn check(cases: &[(&str, &[&str])]) {
    for (marked, expected) in cases {
        assert_eq!(joined(marked), *expected, "{marked}");
    }
}

#[test]
fn dates_and_sizes_join_by_value() {
    check(&[
        ("On [D 5 May=2024-05-05], that is [D last Sunday=2024-05-05].", &["5 May: 5 May, last Sunday"]),
        ("[D May=2024-05], [D early May=2024-05 START]", &["May: May", "early May: early May"]),
        ("[D a day=P1D], [D 24 hours=PT24H]", &["a day: a day", "24 hours: 24 hours"]),
        ("[S 500 GB=5e11], [S half a terabyte=5e11]", &["500 GB: 500 GB, half a terabyte"]),
        ("[S 500 GB=5e11], [S 50 GB=5e10]", &["500 GB: 500 GB", "50 GB: 50 GB"]),
    ]);
}

#[test]
fn actors_join_by_catalogue_else_by_name() {
    check(&[
        ("[A Grey Moth=Pale Heron] or [A Pale Heron=Pale Heron]", &["Pale Heron: Grey Moth, Pale Heron"]),
        ("[A NightOwl] and [A NIGHTOWL]", &["NightOwl: NightOwl, NIGHTOWL"]),
        ("[A NightOwl] and [A Night Owl]", &["NightOwl: NightOwl", "Night Owl: Night Owl"]),
        ("[A PH#Pale Heron], [A Grey Moth=Pale Heron]", &["Pale Heron: PH, Grey Moth"]),
    ]);
}

#[test]
fn organizations_and_locations_join_by_name() {
    check(&[
        (
            "[O CRÉDIT LUNAIRE] sued; [O Crédit\nLunaire] won.",
            &["Crédit Lunaire: CRÉDIT LUNAIRE, Crédit\nLunaire"],
        ),
        ("[O L’Étoile] and [O L'Étoile]", &["L’Étoile: L’Étoile, L'Étoile"]),
        ("[O Cote] and [O Côte]", &["Cote: Cote", "Côte: Côte"]),
        ("[O Lunaire Bank] and [O Bank]", &["Lunaire Bank: Lunaire Bank", "Bank: Bank"]),
        ("[L Lyon], then [L Paris], then [L Lyon]", &["Lyon: Lyon, Lyon", "Paris: Paris"]),
        ("In [L Lyon], [O Lyon] won.", &["Lyon: Lyon", "Lyon: Lyon"]),
        ("The [O lunar bank#Crédit Lunaire], [O CL#Crédit Lunaire]", &["Crédit Lunaire: lunar bank, CL"]),
    ]);
}

#[test]
fn an_acronym_in_brackets_stands_for_the_name() {
    check(&[
        (
            "[O ANS] says. The [O Agence nationale de sécurité] ([O ANS]) and [O ans]",
            &["Agence nationale de sécurité: ANS, Agence nationale de sécurité, ANS, ans"],
        ),
        ("[O ULK] ([O Union of Lake Keepers])", &["Union of Lake Keepers: ULK, Union of Lake Keepers"]),
        ("[O Lake Keepers] ([O LK])", &["Lake Keepers: Lake Keepers, LK"]),
        ("[O Lake Keepers], [O LK],", &["Lake Keepers: Lake Keepers", "LK: LK"]),
        ("[O Lake Keepers] (with [O LK])", &["Lake Keepers: Lake Keepers", "LK: LK"]),
        ("[O Lake Keepers] ([O LK] too)", &["Lake Keepers: Lake Keepers", "LK: LK"]),
        ("[O Le Matin] ([O AFP])", &["Le Matin: Le Matin", "AFP: AFP"]),
        ("[O Lake Keepers] ([L LK])", &["Lake Keepers: Lake Keepers", "LK: LK"]),
    ]);
    let [agency] = &entities("The [O Agence nationale de sécurité] ([O ANS])")[..] else {
        panic!("not joined")
    };
    assert!(matches!(&agency.value, Value::Organization(organization) if organization.acronym == "ANS"));
}

#[test]
fn short_names_join_the_only_longer_one() {
    check(&[
        (
            "[O Orlec Pumps plc] grew; [O Orlec Pumps] hired; [O Orlec] fell.",
            &["Orlec Pumps plc: Orlec Pumps plc, Orlec Pumps, Orlec"],
        ),
        ("[O ORLEC] sued; [O Orlec] is [O Orlec Pumps]", &["Orlec Pumps: ORLEC, Orlec, Orlec Pumps"]),
        (
            "[O Bank of England], [O Bank of Ireland]",
            &["Bank of England: Bank of England", "Bank of Ireland: Bank of Ireland"],
        ),
        ("[O Air France], [O Air Canada]", &["Air France: Air France", "Air Canada: Air Canada"]),
        (
            "[O Orlec], [O Orlec Pumps], [O Orlec Tools]",
            &["Orlec: Orlec", "Orlec Pumps: Orlec Pumps", "Orlec Tools: Orlec Tools"],
        ),
        ("[O Senate], [O Senate of Arden]", &["Senate: Senate", "Senate of Arden: Senate of Arden"]),
        ("[O Orlec] and [O Orlecton Pumps]", &["Orlec: Orlec", "Orlecton Pumps: Orlecton Pumps"]),
        ("[O TVX] and [O TVX Sport]", &["TVX: TVX", "TVX Sport: TVX Sport"]),
        (
            "[O Orlec] and [O Orlec Norway] in [L Norway]",
            &["Orlec: Orlec", "Orlec Norway: Orlec Norway", "Norway: Norway"],
        ),
        ("[O Orlec Pumps] and [P Orlec]", &["Orlec Pumps: Orlec Pumps", "Orlec: Orlec"]),
    ]);
}

#[test]
fn acronyms_written_as_words_join() {
    check(&[
        (
            "[O Bureau des marées] ([O Bumar]) opened; [O Bumar] grew.",
            &["Bureau des marées: Bureau des marées, Bumar, Bumar"],
        ),
        ("[O Bureau des marées] ([O Zolta])", &["Bureau des marées: Bureau des marées", "Zolta: Zolta"]),
        ("[O Bureau des marées] and [O Bumar]", &["Bureau des marées: Bureau des marées", "Bumar: Bumar"]),
    ]);
}

#[test]
fn surnames_join_full_names() {
    check(&[
        ("[P Anna Keller] spoke; [P Keller] left.", &["Anna Keller: Anna Keller, Keller"]),
        ("[P KELLER]: [P Anna Keller]", &["Anna Keller: KELLER, Anna Keller"]),
        ("[P Anna van Dyk], [P van Dyk], [P Dyk]", &["Anna van Dyk: Anna van Dyk, van Dyk, Dyk"]),
        (
            "[P Anna Keller], [P Tom Keller], [P Keller], [P Anna Keller], [P Keller]",
            &["Anna Keller: Anna Keller, Anna Keller, Keller", "Tom Keller: Tom Keller, Keller"],
        ),
        (
            "[P Keller], [P Tom Keller], [P Anna Keller]",
            &["Tom Keller: Keller, Tom Keller", "Anna Keller: Anna Keller"],
        ),
        ("[P Anna Keller] and [P Anna]", &["Anna Keller: Anna Keller", "Anna: Anna"]),
        ("[P Anna Keller] and [P Eller]", &["Anna Keller: Anna Keller", "Eller: Eller"]),
        ("[P Anna Keller] of [O Keller]", &["Anna Keller: Anna Keller", "Keller: Keller"]),
    ]);
}

#[test]
fn mentions_of_a_person_tell_of_one_another() {
    let (text, mut mentions) = read("[P Keller] met; [P Anna Keller], head of [O Lake Keepers], agreed.");
    let place = mentions[2].span;
    let values = [
        Person { honorific: "Dr".to_owned(), family_name: "Keller".to_owned(), ..Person::default() },
        Person {
            given_name: "Anna".to_owned(),
            role: "head".to_owned(),
            affiliation: Some(place),
            ..Person::default()
        },
    ];
    for (mention, person) in mentions.iter_mut().zip(values) {
        mention.value = Value::Person(person);
    }
    let mut clusters = join(&text, mentions);
    let entities = report(&text, clusters.clone());
    let Value::Person(person) = &entities[0].value else { panic!("not a person") };
    let known = [&person.given_name, &person.family_name, &person.honorific, &person.role];
    assert_eq!(known, ["Anna", "Keller", "Dr", "head"]);
    assert_eq!(entities[0].affiliation_entity_id, "e2");

    clusters.truncate(1);
    assert_eq!(report(&text, clusters)[0].affiliation_entity_id, "", "an entity that is not reported");
}

#[test]
fn salience_follows_place_and_type() {
    let marked =
        "[O Lake Keepers] win\n\nIn [L Lyon], on [D Friday=2024-05-03].\n\nOnly [P Anna Keller] spoke.";
    let entities = entities(marked);
    let shares: Vec<f32> = entities.iter().map(|entity| entity.salience).collect();
    assert_eq!(shares, [3.0, 2.0, 1.0, 1.0].map(|weight| weight / 7.0));
    let ids: Vec<&str> = entities.iter().map(|entity| entity.entity_id.as_str()).collect();
    assert_eq!(ids, ["e1", "e2", "e3", "e4"]);
    let places: Vec<_> =
        entities.iter().map(|entity| (entity.mentions[0].part, entity.mentions[0].range.clone())).collect();
    assert_eq!(places[..2], [(Part::Title, 0..12), (Part::Content, 3..7)]);
}

#[test]
fn confidence_is_that_of_the_surest_mention() {
    let (text, mut mentions) = read("[L Lyon] and [L Lyon]");
    mentions[0].confidence = 0.51249;
    let entities = report(&text, join(&text, mentions));
    assert_eq!(entities[0].confidence, 0.9);
    assert_eq!(entities[0].mentions[0].confidence, 0.512);
}
