//! Bylines, credits, lists of results and of figures: lines whose capitals tell names, and headings that look alike.

use super::*;

#[test]
fn bylines_and_credits() {
    check(&[
        ("byline", "fr", "Par Yuna Morvois\n\nIl pleut.", "PER Yuna Morvois"),
        (
            "byline with a place",
            "en",
            "By Oskel Brunvold in Leeds\n\nIt rained.",
            "PER Oskel Brunvold | LOC Leeds",
        ),
        (
            "picture",
            "en",
            "A barge at dawn. Photograph: Oskel Brunvold/Reuters",
            "PER Oskel Brunvold | ORG Reuters",
        ),
        ("unknown agency", "fr", "Photo : Oskel Brunvold / Volpix", "PER Oskel Brunvold | ORG Volpix"),
        ("owner", "fr", "© Gazette d'Orvanne", "ORG Gazette d'Orvanne"),
        ("heading in title case", "en", "By Hook And Crook", ""),
        ("beginning of a sentence", "fr", "Par ailleurs, il pleut.", ""),
        ("slash elsewhere", "en", "Bring a Coat/Umbrella.", ""),
    ]);
}

#[test]
fn lists() {
    check(&[
        (
            "votes",
            "en",
            "- Oskel Brunvold (Greenwave) 8,120\n- Ilse Quenby (Labour) 7,003\n",
            "PER Oskel Brunvold | ORG Greenwave | PER Ilse Quenby | ORG Labour",
        ),
        (
            "ranks",
            "en",
            "1. Oskel Brunvold (Team Norvald) 4:31:07\n2. Ilse Quenby (Velotarn) +14\n",
            "PER Oskel Brunvold | ORG Team Norvald | PER Ilse Quenby | ORG Velotarn",
        ),
        (
            "figures by place",
            "fr",
            "- Quimper : 2 400\n- Morvois : 1 100\n- Orvanne : 900\n",
            "LOC Quimper | LOC Morvois | LOC Orvanne",
        ),
        ("figures of other things", "fr", "- Tirs : 12\n- Fautes : 9\n", ""),
        ("bracket in prose", "en", "It rained (Again) and again.", ""),
    ]);
}
