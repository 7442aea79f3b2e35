//! What is read around people: honorific, name's parts, role and affiliation.

use super::*;

#[test]
fn offices_of_persons() {
    // Text, honorific, given name, family name, role, affiliation.
    let cases = [
        (
            "fr",
            "La porte-parole de Sorvane, Ilse Maubert, a confirmé.",
            "",
            "Ilse",
            "Maubert",
            "porte-parole",
            "Sorvane",
        ),
        (
            "fr",
            "Ilse Maubert, directrice générale de Sorvane",
            "",
            "Ilse",
            "Maubert",
            "directrice générale",
            "Sorvane",
        ),
        ("fr", "Le maire de Dinan, Ilse Maubert, a voté.", "", "Ilse", "Maubert", "maire", ""),
        ("fr", "Selon Mme Ilse Maubert, tout va bien.", "Mme", "Ilse", "Maubert", "", ""),
        (
            "fr",
            "Hier, le ministre de l'Intérieur Ilse Maubert a cédé.",
            "",
            "Ilse",
            "Maubert",
            "ministre de l'Intérieur",
            "",
        ),
        (
            "en",
            "Last week Tarvell Corp. chief executive Joan Petrie left.",
            "",
            "Joan",
            "Petrie",
            "chief executive",
            "Tarvell Corp.",
        ),
        (
            "en",
            "Last week Tarvell Corp.'s chairman, Joan Petrie, left.",
            "",
            "Joan",
            "Petrie",
            "chairman",
            "Tarvell Corp.",
        ),
        (
            "en",
            "We met Joan Petrie, a spokeswoman for Tarvell Corp. in spring.",
            "",
            "Joan",
            "Petrie",
            "spokeswoman",
            "Tarvell Corp.",
        ),
        ("en", "We met Dr. Joan Petrie in spring.", "Dr.", "Joan", "Petrie", "", ""),
        (
            "en",
            "We met Foreign Minister Joan van Laar in spring.",
            "",
            "Joan",
            "van Laar",
            "Foreign Minister",
            "",
        ),
    ];
    for (language, text, honorific, given, family, role, affiliation) in cases {
        let names = find(language, "", text);
        let persons: Vec<&Person> = names
            .iter()
            .filter_map(|(_, mention)| match &mention.value {
                Value::Person(person) => Some(person),
                _ => None,
            })
            .collect();
        assert_eq!(persons.len(), 1, "{text}: {names:?}");
        let Person { given_name, family_name, honorific: title, role: office, affiliation: held } =
            persons[0];
        let held = held.map_or("", |span| span.of(text));
        assert_eq!(
            [given_name, family_name, title, office, held],
            [given, family, honorific, role, affiliation],
            "{text}"
        );
    }
}

/// `Name: role | Name: role`, in order.
#[test]
fn roles_in_lists_of_persons() {
    let cases = [
        (
            "title before the next name",
            "en",
            "We met Joan Petrie, President Owen Hale and others.",
            "Joan Petrie:  | Owen Hale: President",
        ),
        (
            "title and honorific before the next name",
            "en",
            "We met Joan Petrie, Chancellor Dr. Owen Hale and others.",
            "Joan Petrie:  | Owen Hale: Chancellor",
        ),
        (
            "owner and title before the next name",
            "en",
            "Last week Joan Petrie, Tarvell Corp. chief executive Owen Hale and others met.",
            "Joan Petrie:  | Owen Hale: chief executive",
        ),
        (
            "title behind each name",
            "en",
            "We met Joan Petrie, president, and Owen Hale, chairman.",
            "Joan Petrie: president | Owen Hale: chairman",
        ),
        (
            "in French",
            "fr",
            "Hier, Ilse Maubert, la ministre Anne Duval et le maire Paul Roche ont cédé.",
            "Ilse Maubert:  | Anne Duval: ministre | Paul Roche: maire",
        ),
    ];
    for (name, language, text, expected) in cases {
        let roles = find(language, "", text).into_iter().filter_map(|(words, mention)| match mention.value {
            Value::Person(person) => Some(format!("{words}: {}", person.role)),
            _ => None,
        });
        assert_eq!(roles.collect::<Vec<_>>().join(" | "), expected, "{name}");
    }
}
