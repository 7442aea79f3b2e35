//! Names in small articles: what is found, and near-misses in which nothing is.

mod lines;
mod offices;
mod teams;

use super::*;
use crate::document::Document;
use crate::mention::Span;
use crate::text::Text;
use crate::values::{EntityType, Person};

fn find(language: &str, title: &str, content: &str) -> Vec<(String, Mention)> {
    let names = Names::new(&Pack::get(language).unwrap()).unwrap();
    let document = Document { title: title.into(), content: content.into(), ..Document::default() };
    let text = Text::new(&document);
    let mut mentions = Vec::new();
    names.recognize(&Article::new(&text), &mut mentions);
    mentions.into_iter().map(|mention| (mention.span.of(text.as_str()).to_owned(), mention)).collect()
}

/// `ORG words | PER words | LOC words`, in order.
fn found(language: &str, title: &str, content: &str) -> String {
    let names = find(language, title, content).into_iter().map(|(words, mention)| {
        let kind = match mention.value.entity_type() {
            EntityType::Person => "PER",
            EntityType::Location => "LOC",
            _ => "ORG",
        };
        format!("{kind} {words}")
    });
    names.collect::<Vec<_>>().join(" | ")
}

/// Name of the case, language, text, what is found.
type Case = (&'static str, &'static str, &'static str, &'static str);

fn check(cases: &[Case]) {
    for (name, language, text, expected) in cases {
        assert_eq!(found(language, "", text), *expected, "{name}");
    }
}

#[test]
fn organizations() {
    check(&[
        ("generic head noun", "fr", "Hier, le groupe Valmorin a fermé deux usines.", "ORG Valmorin"),
        (
            "legal suffix",
            "en",
            "The contract went to Harrow & Pell Ltd. last spring.",
            "ORG Harrow & Pell Ltd.",
        ),
        ("suffix behind a comma", "en", "It was sold to Quillon, Inc. last year.", "ORG Quillon, Inc."),
        (
            "ministry in lower case",
            "fr",
            "Selon le ministère de l'Intérieur, rien ne presse.",
            "ORG ministère de l'Intérieur",
        ),
        (
            "two portfolios",
            "fr",
            "Selon le ministère de l'Économie et des Finances, rien ne presse.",
            "ORG ministère de l'Économie et des Finances",
        ),
        ("ministry", "en", "Sources at the Ministry of Defence were silent.", "ORG Ministry of Defence"),
        (
            "court",
            "fr",
            "Elle a saisi le tribunal administratif de Rennes.",
            "ORG tribunal administratif de Rennes",
        ),
        (
            "acronym in brackets",
            "en",
            "Staff of the Harbour Safety Board (HSB) arrived first.",
            "ORG Harbour Safety Board | ORG HSB",
        ),
        (
            "acronym of small words",
            "fr",
            "Plainte a été déposée à l'Office national des routes et des ponts (ONRP) mardi.",
            "ORG Office national des routes et des ponts | ORG ONRP",
        ),
        ("apposition at a distance", "fr", "Le géant coréen des puces Dalvion recrute.", "ORG Dalvion"),
        ("apposition behind", "en", "Then came Orlec, an Austrian maker of pumps.", "ORG Orlec"),
        ("employer of a role", "fr", "Le directeur général de Sorvane a démissionné.", "ORG Sorvane"),
        ("possessive", "en", "They praised Tarvell's customers.", "ORG Tarvell"),
        ("camel case and verb", "en", "Last week BlueQuarry said it had lost data.", "ORG BlueQuarry"),
        (
            "elided article",
            "fr",
            "Le dossier est suivi par l'Assemblée nationale.",
            "ORG Assemblée nationale",
        ),
        ("acronym in small letters", "fr", "D'après l'Insee, les prix baissent.", "ORG Insee"),
        ("small legal form", "en", "The maker Quillon Foods plc fell.", "ORG Quillon Foods plc"),
        (
            "legal form with a slash",
            "en",
            "It bought Norvald Maritim A/S last year.",
            "ORG Norvald Maritim A/S",
        ),
        ("acronym as a word", "fr", "Il a prévenu la Cnil et l'Anssi.", "ORG Cnil | ORG Anssi"),
        (
            "acronym as a word in brackets",
            "fr",
            "Hier, le Bureau anti-fraudes (Burfa) a fouillé les quais. Le Burfa se tait.",
            "ORG Bureau anti-fraudes | ORG Burfa | ORG Burfa",
        ),
        (
            "office of an owner",
            "en",
            "He wrote to the Harbour Master's Office.",
            "ORG Harbour Master's Office",
        ),
        (
            "station of a region",
            "fr",
            "Il l'a dit au micro de France Bleu Armorique.",
            "ORG France Bleu Armorique",
        ),
        ("club", "fr", "Il est venu du Stade morvois en mai.", "ORG Stade morvois"),
        ("apposition before", "en", "Then her company, Tarvell, closed.", "ORG Tarvell"),
        (
            "first word alone",
            "en",
            "She runs Tarvell Systems Inc. A day later Tarvell grew, and Tarvell Systems hired.",
            "ORG Tarvell Systems Inc. | ORG Tarvell | ORG Tarvell Systems",
        ),
        ("plus sign", "fr", "La série passe sur Canal+ ce soir.", "ORG Canal+"),
    ]);
}

#[test]
fn persons() {
    check(&[
        ("given name", "en", "Nobody told Daniel Ostrander about it.", "PER Daniel Ostrander"),
        ("honorific outside", "fr", "Selon Mme Quérouan, tout va bien.", "PER Quérouan"),
        ("possessive outside", "en", "They read Mr. Halloway's letter.", "PER Halloway"),
        ("age", "en", "The driver, Tobiah Renn, 43, was unhurt.", "PER Tobiah Renn"),
        ("role in apposition", "fr", "Yuna Kerbrat, avocate des plaignants, s'est tue.", "PER Yuna Kerbrat"),
        ("particle", "en", "They met Ludo van der Hoek in spring.", "PER Ludo van der Hoek"),
        (
            "hyphens",
            "fr",
            "Le maire, Jean-Yves Le Floch-Kerdraon, a voté.",
            "PER Jean-Yves Le Floch-Kerdraon",
        ),
        ("initial as surname", "fr", "Un homme, Malik B., a été relâché.", "PER Malik B."),
        (
            "surname alone",
            "en",
            "We asked Ingmar Tolvanen twice. A day later Tolvanen agreed.",
            "PER Ingmar Tolvanen | PER Tolvanen",
        ),
        (
            "role before, portfolio cut",
            "fr",
            "Hier, le ministre de la Justice Hugo Lemarchal a cédé.",
            "PER Hugo Lemarchal",
        ),
        (
            "person noun in apposition",
            "en",
            "They met a Danish man, Oskel Brunvold, in spring.",
            "PER Oskel Brunvold",
        ),
        ("who", "en", "Then came Oskel Brunvold, who had won.", "PER Oskel Brunvold"),
        ("month as a given name", "en", "It may fall, wrote April Quenby, an analyst.", "PER April Quenby"),
        (
            "behind an agency",
            "fr",
            "Il l'a dit à l'AFP Daniel Morvois, maire.",
            "ORG AFP | PER Daniel Morvois",
        ),
        (
            "client of a lawyer",
            "en",
            "Tobiah Renn, 43, was held. A lawyer for Renn said little.",
            "PER Tobiah Renn | PER Renn",
        ),
        (
            "nationality before",
            "en",
            "We saw French President Claire Dumontet arrive.",
            "PER Claire Dumontet",
        ),
    ]);
}

#[test]
fn locations() {
    check(&[
        ("country and city", "fr", "Il vit à Lyon, en France.", "LOC Lyon | LOC France"),
        ("unknown town", "en", "They live in Bexhollow these days.", "LOC Bexhollow"),
        ("town and state", "en", "The plant near Dunmarsh, Ohio, closed.", "LOC Dunmarsh | LOC Ohio"),
        ("dots", "en", "Officials in the U.S. declined.", "LOC U.S."),
        ("base of a company", "en", "A New York-based lender collapsed.", "LOC New York"),
        ("small words within", "fr", "Il a grandi à Bourg-en-Bresse.", "LOC Bourg-en-Bresse"),
        ("natural feature", "fr", "La neige couvre le mont Vélan depuis hier.", "LOC mont Vélan"),
        ("hyphenated town", "fr", "Il parle de Morvois-sur-Loire.", "LOC Morvois-sur-Loire"),
        (
            "pair with a known town",
            "en",
            "Spills closed beaches from Dunmarsh to Brighton.",
            "LOC Dunmarsh | LOC Brighton",
        ),
        ("by-election", "en", "They won the Orrin Vale by-election.", "LOC Orrin Vale"),
        ("any school of a town", "fr", "Il enseigne dans un lycée de Rennes.", "LOC Rennes"),
        ("its department", "fr", "Dans le département de l'Isère, il neige.", "LOC Isère"),
        ("compass", "en", "It rains in Northern England.", "LOC England"),
        ("lake", "en", "Boats crossed Lake Orrin at dawn.", "LOC Lake Orrin"),
    ]);
}

#[test]
fn near_misses() {
    check(&[
        ("sentence start", "en", "Windows were broken. Neighbours called for help.", ""),
        ("nationalities", "fr", "Les Russes et un Américain ont signé.", ""),
        ("nationality as adjective", "en", "An American firm and a Danish one merged.", ""),
        ("weekdays and months", "en", "It rained from Monday to Friday in late September.", ""),
        ("law", "en", "The Clean Rivers Act passed.", ""),
        ("event", "fr", "La Coupe du monde commence demain.", ""),
        ("product", "en", "Use Windows or Android instead.", ""),
        ("pronoun", "en", "Yes, I think I can.", ""),
        ("menu line", "fr", "À lire également", ""),
        ("menu line in title case", "en", "Read More Related Stories", ""),
        ("heading", "fr", "Des Clients Inquiets Après La Panne Du Réseau", ""),
        ("heading in capitals", "en", "THOUSANDS LEFT WITHOUT POWER", ""),
        ("address", "en", "Write to Kestrel_Desk@mail.example for details.", ""),
        ("minister's portfolio", "fr", "Le ministre de la Justice a cédé.", ""),
        ("month with a capital", "en", "Rain fell in April Monday to Friday.", ""),
        ("noun of a treaty", "fr", "Le Statut de Rome le prévoit.", "LOC Rome"),
        ("office of a country", "en", "They wrote to France's Senate.", "LOC France | ORG Senate"),
        ("employees who speak", "en", "At the company, Oskel Brunvold said little.", "PER Oskel Brunvold"),
        ("word like an acronym", "fr", "Les fifa et les cnil ne sont rien.", ""),
        ("lower case elsewhere", "en", "The Harbour is shut. Every harbour is shut.", ""),
    ]);
}

#[test]
fn headings_follow_the_article() {
    let body = "La société Quorvex a été condamnée mardi. « Nous ferons appel », a déclaré Irina Valdoré, directrice \
                financière de Quorvex.";
    assert_eq!(
        found("fr", "Quorvex Condamnée : La Défense De Valdoré", body),
        "ORG Quorvex | PER Valdoré | ORG Quorvex | PER Irina Valdoré | ORG Quorvex"
    );
    assert_eq!(
        found("fr", "QUORVEX CONDAMNÉE EN APPEL", "La société Quorvex attend."),
        "ORG QUORVEX | ORG Quorvex"
    );
    assert_eq!(found("en", "Talks Between Poland And Norway Resume", ""), "LOC Poland | LOC Norway");
    // A paragraph full of names is no heading.
    assert_eq!(
        found(
            "en",
            "",
            "President Ruth Alvey met Chancellor Otto Brandl and Senator Joan Petrie in Vienna on Friday to talk \
             about grain."
        ),
        "PER Ruth Alvey | PER Otto Brandl | PER Joan Petrie | LOC Vienna"
    );
    // Ordinary words that are names too need the article's word for it.
    assert_eq!(found("en", "Nice Reading On Target Today", "Nothing else happened."), "");
}

#[test]
fn what_is_sure_already_is_no_name() {
    let names = Names::new(&Pack::get("en").unwrap()).unwrap();
    let text = Text::new(&Document::new("Analysts at Velvet Heron said little."));
    let start = text.as_str().find("Velvet").unwrap();
    let span = Span::new(start, start + "Velvet Heron".len());
    let actor = Value::ThreatActor(Default::default());
    let mut mentions = vec![Mention::new(span, actor, 0.9, "en/actors/catalogue".into())];
    names.recognize(&Article::new(&text), &mut mentions);
    assert_eq!(mentions.len(), 1, "{mentions:?}");
}

#[test]
fn countries_of_places_and_seats() {
    for (language, text, code) in [
        ("fr", "Il vit en Allemagne.", "DE"),
        ("fr", "Il vit à Londres.", "GB"),
        ("en", "He lives in Nairobi.", "KE"),
        ("en", "He lives in Europe.", ""),
        ("en", "He works for Toyota.", "JP"),
    ] {
        let names = find(language, "", text);
        let [(_, mention)] = names.as_slice() else { panic!("{text}: {names:?}") };
        let found = match &mention.value {
            Value::Location(location) => &location.country_code,
            Value::Organization(organization) => &organization.country_code,
            _ => panic!("{text}: {names:?}"),
        };
        assert_eq!(found, code, "{text}");
    }
}

#[test]
fn every_pack_loads_and_odd_texts_do_no_harm() {
    let texts = [
        "",
        ".",
        "A",
        "(A)",
        "(AB)",
        "A&",
        "A'",
        "'s",
        "L'",
        "A.B.C.",
        "A-",
        "A-b",
        "A - (",
        "Foo (",
        "de",
        "of Of",
        "M.",
        "Ministère",
        "ministère de",
        "ministère de l'",
        "Bank of",
        "X, Inc",
        "e\u{301}E\u{301} É",
        "\u{0}",
        "Ａ Ｂ",
        "𝐀 𝐁",
        "Minister of",
        "Justice Minister",
        "said",
        "Foo, 43",
        "Foo, ",
        "Foo (43",
        "a\r\nB",
        "İstanbul",
        "ǅ Ǆ",
    ];
    for pack in Pack::all() {
        let names = Names::new(&pack).unwrap();
        for text in texts {
            let text = Text::new(&Document::new(text));
            let mut mentions = Vec::new();
            names.recognize(&Article::new(&text), &mut mentions);
            for mention in &mentions {
                assert!(
                    !mention.span.of(text.as_str()).is_empty() && (0.0..=1.0).contains(&mention.confidence)
                );
            }
        }
    }
}

#[test]
fn the_sample_article() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/articles/casio-fr.gold.json");
    let Ok(gold) = std::fs::read_to_string(path) else {
        println!("SKIPPED: {path} is not there");
        return;
    };
    let gold: serde_json::Value = serde_json::from_str(&gold).unwrap();
    let (title, content) = (gold["title"].as_str().unwrap(), gold["content"].as_str().unwrap());
    let of = |entity: &serde_json::Value, types: &[&str]| types.contains(&entity["type"].as_str().unwrap());
    let entities = || ["title_entities", "entities"].iter().flat_map(|key| gold[*key].as_array().unwrap());
    let words = |entity: &serde_json::Value| entity["text"].as_str().unwrap().to_owned();
    let expected: Vec<String> =
        entities().filter(|entity| of(entity, &["ORGANIZATION", "PERSON"])).map(words).collect();
    // Threat actors are another recognizer's, which runs first.
    let actors: Vec<String> = entities().filter(|entity| of(entity, &["THREAT_ACTOR"])).map(words).collect();
    let names = find("fr", title, content).into_iter().map(|(words, _)| words);
    let names: Vec<String> = names.filter(|name| !actors.contains(name)).collect();
    assert_eq!(names, expected);
}
