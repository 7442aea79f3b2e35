//! Vendors' naming schemes, `schemes.toml`: names that are told by their form, and what the form says of who bears
//! them. That is the scheme's claim: Microsoft calls a group of Chinese origin a Typhoon because it thinks so.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::{Attribution, Kind};
use crate::mention::Span;
use crate::text::{Shape, Text, Word};

/// The embedded schemes.
static SCHEMES: LazyLock<Schemes> =
    LazyLock::new(|| Schemes::new(include_str!("schemes.toml")).unwrap_or_else(|error| panic!("{error}")));

/// Where a text writes a vendor's identifier, such as `APT28`, whether it is catalogued or not.
pub fn identifiers(text: &Text) -> impl Iterator<Item = Span> {
    let spans = SCHEMES.any_identifier.find_iter(text.as_str());
    let spans = spans.map(|found| Span::new(found.start(), found.end()));
    spans.filter(|span| {
        let follows = text.as_str()[span.end..].strip_prefix('-');
        text.is_word_boundary(span.start)
            && text.is_word_boundary(span.end)
            && !follows.is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_digit()))
    })
}

/// Whether a name is a vendor's identifier.
pub fn is_identifier(name: &str) -> bool {
    SCHEMES.identifiers.iter().any(|(whole, _)| whole.is_match(name))
}

/// Where a text writes two words like a name of a vendor's family, such as `Velvet Typhoon`.
pub fn families(text: &Text) -> impl Iterator<Item = Span> {
    let pairs = text.words().windows(2).filter(|pair| {
        let gap = &text.as_str()[pair[0].span.end..pair[1].span.start];
        let named = |word: &Word| word.shape.has_capital() && word.shape != Shape::Mixed;
        gap.chars().count() == 1 && gap != "\n" && gap.trim().is_empty() && pair.iter().all(named)
    });
    let spans = pairs.map(|pair| Span::new(pair[0].span.start, pair[1].span.end));
    spans.filter(|span| !SCHEMES.family_claims(span.of(text.as_str())).is_empty())
}

/// What the schemes say of the bearer of a name.
pub fn claims(name: &str) -> Vec<Attribution> {
    let by_identifier = SCHEMES.identifiers.iter().filter(|(whole, _)| whole.is_match(name));
    let identifier =
        by_identifier.map(|(_, claim)| claim.clone()).filter(|claim| claim.kind != Kind::Unknown);
    identifier.chain(SCHEMES.family_claims(name)).collect()
}

struct Schemes {
    any_identifier: Regex,
    /// By expression for the whole name.
    identifiers: Vec<(Regex, Attribution)>,
    families: Vec<Family>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    identifiers: Vec<Identifier>,
    families: Vec<Family>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Identifier {
    vendor: String,
    pattern: String,
    #[serde(default)]
    kind: Kind,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    vendor: String,
    position: Position,
    #[serde(default)]
    upper: bool,
    words: BTreeMap<String, Claim>,
}

#[derive(PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Position {
    First,
    Last,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Claim {
    #[serde(default)]
    country: String,
    #[serde(default)]
    kind: Kind,
}

impl Schemes {
    fn new(file: &str) -> Result<Schemes, Box<dyn std::error::Error>> {
        let File { identifiers, families } = toml::from_str(file)?;
        let patterns: Vec<&str> = identifiers.iter().map(|scheme| scheme.pattern.as_str()).collect();
        let any_identifier = Regex::new(&patterns.join("|"))?;
        let identifiers = identifiers.iter().map(|scheme| {
            let claim = Attribution {
                country_code: String::new(),
                source: source(&scheme.vendor),
                kind: scheme.kind,
            };
            Ok((Regex::new(&format!(r"\A(?:{})\z", scheme.pattern))?, claim))
        });
        Ok(Schemes {
            any_identifier,
            identifiers: identifiers.collect::<Result<_, regex::Error>>()?,
            families,
        })
    }

    fn family_claims(&self, name: &str) -> Vec<Attribution> {
        let Some((first, last)) = name.split_once(char::is_whitespace) else { return Vec::new() };
        let upper = !name.contains(char::is_lowercase);
        let families = self.families.iter().filter(|family| upper || !family.upper);
        let claims = families.filter_map(|family| {
            let word = if family.position == Position::First { first } else { last };
            let claim = family.words.get(&word.to_lowercase())?;
            let (country_code, source) = (claim.country.clone(), source(&family.vendor));
            Some(Attribution { country_code, source, kind: claim.kind })
        });
        claims.collect()
    }
}

fn source(vendor: &str) -> String {
    format!("{vendor}'s naming scheme")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    #[test]
    fn identifiers_are_told_by_their_form() {
        let cases = [
            ("APT28, APT 28, APT-29 and APT-C-36", vec!["APT28", "APT 28", "APT-29", "APT-C-36"]),
            (
                "UNC3944 UNC99881 Storm-0978 STORM-0978 TA505 FIN7",
                vec!["UNC3944", "UNC99881", "Storm-0978", "STORM-0978", "TA505", "FIN7"],
            ),
            ("UAC-9876, DEV-0270; TEMP.Veles", vec!["UAC-9876", "DEV-0270", "TEMP.Veles"]),
            ("an apt 3 in the sixth, Storm 12, UNC beat Duke 84-79, TA5051X, the fin 7, Apt 28", vec![]),
            ("UNC-Chapel Hill, DEV-12345, XAPT28", vec![]),
        ];
        for (text, expected) in cases {
            let text = Text::new(&Document::new(text));
            let found: Vec<_> = identifiers(&text).map(|span| span.of(text.as_str())).collect();
            assert_eq!(found, expected, "{}", text.as_str());
        }
    }

    #[test]
    fn families_are_told_by_one_of_two_words() {
        let cases = [
            ("The crew that Microsoft calls Velvet Typhoon", vec!["Velvet Typhoon"]),
            ("SOMBER SPIDER and IRON TWILIGHT", vec!["SOMBER SPIDER", "IRON TWILIGHT"]),
            ("Typhoon Gaemi, a velvet typhoon, Velvet typhoon, Velvet\n\nTyphoon", vec![]),
            ("The Bronze Age, Iron Man, Windsor Castle", vec![]),
        ];
        for (text, expected) in cases {
            let text = Text::new(&Document::new(text));
            let found: Vec<_> = families(&text).map(|span| span.of(text.as_str())).collect();
            assert_eq!(found, expected, "{}", text.as_str());
        }
    }

    #[test]
    fn a_claim_names_its_scheme() {
        let cases = [
            ("Velvet Typhoon", "CN", Kind::Apt, "Microsoft's naming scheme"),
            ("SOMBER SPIDER", "", Kind::Crime, "CrowdStrike's naming scheme"),
            ("FIN99", "", Kind::Crime, "Mandiant's naming scheme"),
        ];
        for (name, country_code, kind, source) in cases {
            let claims = claims(name);
            let claim = claims.first().unwrap_or_else(|| panic!("{name} has no claim"));
            assert_eq!(
                (claim.country_code.as_str(), claim.kind, claim.source.as_str()),
                (country_code, kind, source)
            );
        }
        assert!(claims("UNC99881").is_empty() && claims("Akira").is_empty());
    }
}
