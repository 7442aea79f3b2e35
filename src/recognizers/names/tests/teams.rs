//! Cities that play, and cities in which others do.

use super::*;

#[test]
fn cities_that_play_are_teams() {
    check(&[
        (
            "match",
            "fr",
            "Les joueurs de Quimper ont marqué trois buts face à Lorient. La victoire ravit l'entraîneur, et le maire de \
             Quimper. Le match retour aura lieu à Lorient.",
            "ORG Quimper | ORG Lorient | LOC Quimper | LOC Lorient",
        ),
        (
            "match in English",
            "en",
            "Leeds beat Norwich on Sunday. The striker scored two goals, said the coach. The match was played in Leeds.",
            "ORG Leeds | ORG Norwich | LOC Leeds",
        ),
        (
            "sport without a team",
            "fr",
            "Le match a eu lieu à Lorient. L'entraîneur et les joueurs parlent de victoire.",
            "LOC Lorient",
        ),
        ("no sport", "fr", "Le préfet se dresse contre Lorient et Quimper.", "LOC Lorient | LOC Quimper"),
        (
            "country",
            "en",
            "Norway beat Spain. The striker scored two goals, said the coach. The match was late.",
            "LOC Norway | LOC Spain",
        ),
    ]);
}
