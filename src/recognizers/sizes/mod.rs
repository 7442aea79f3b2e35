//! Finds amounts of data: `sizes.toml` of a pack says how they are written, `Unit` what they come to.
//!
//! A rule's captures are `quantity` and its unit (`unit`: words, or `symbol`: abbreviations); TIMEX3 modifiers
//! before it (`comparator`, `hedge`) and behind it (`plus`, `trailing`); a `fraction` behind the unit ("et
//! demi"); and for a range `from`, with `from_unit` or `from_symbol` where the first number has its own.

mod unit;

use super::numbers::{self, Amount};
use super::rules::{RuleMatch, RuleSet};
use super::{Article, Recognizer};
use crate::error::PackError;
use crate::language::Pack;
use crate::mention::{Mention, Span};
use crate::text::Text;
use crate::values::{DataSize, Modifier, Value};
use unit::Unit;

/// Finds amounts of data.
#[derive(Debug)]
pub struct Sizes {
    rules: RuleSet,
}

impl Sizes {
    /// Compiles the pack's rules.
    pub fn new(pack: &Pack) -> Result<Sizes, PackError> {
        Ok(Sizes { rules: pack.rules("sizes.toml")? })
    }
}

impl Recognizer for Sizes {
    fn name(&self) -> &'static str {
        "sizes"
    }

    fn recognize(&self, article: &Article<'_>, mentions: &mut Vec<Mention>) {
        self.rules
            .find_all(article.text, |matched| mentions.extend(read(&self.rules, &matched, article.text)));
    }
}

fn read(rules: &RuleSet, matched: &RuleMatch<'_, '_>, text: &Text) -> Option<Mention> {
    let code = matched.get("unit").or_else(|| matched.get("symbol"))?;
    let unit = Unit::parse(code)?;
    let mut amount = numbers::read(rules, matched.text("quantity")?)?;
    if let Some(fraction) = matched.get("fraction") {
        amount = amount.plus(Amount::parse(fraction)?)?;
    }
    let mut size = DataSize {
        min_bytes: unit.bytes(amount.low),
        max_bytes: Some(unit.bytes(amount.high)),
        unit: code.to_owned(),
        approximate: amount.is_vague(),
        base_ambiguous: unit.is_base_ambiguous(),
    };
    let mut span = matched.mention;
    if matched.text("from").is_some() {
        match range_start(rules, matched, unit) {
            Some(low) if low < size.min_bytes => size.min_bytes = low,
            // "Down from 300 to 200 GB": the first number is no lower end.
            _ => span = Span::new(matched.span("quantity")?.start, span.end),
        }
    }
    for capture in ["comparator", "hedge", "plus", "trailing"] {
        if capture == "trailing" && belongs_to_next(rules, matched, text) {
            continue;
        }
        if let Some(modifier) = matched.get(capture).and_then(Modifier::from_name) {
            compare(&mut size, modifier);
        }
    }
    let rule = matched.rule;
    Some(Mention::new(span, Value::DataSize(size), rule.spec.confidence(), rule.name.clone()))
}

/// The lower end of a range in bytes; its unit is that of the upper end unless it has its own.
fn range_start(rules: &RuleSet, matched: &RuleMatch<'_, '_>, unit: Unit) -> Option<f64> {
    let own = matched.get("from_unit").or_else(|| matched.get("from_symbol"));
    let unit = own.map_or(Some(unit), Unit::parse)?;
    Some(unit.bytes(numbers::read(rules, matched.text("from")?)?.low))
}

/// Whether the words behind the amount stand before another number: "200 GB, at least 10 MB of it".
fn belongs_to_next(rules: &RuleSet, matched: &RuleMatch<'_, '_>, text: &Text) -> bool {
    let leads = matched.text("trailing").is_some_and(|words| rules.value("comparator", words).is_some());
    let next = text.words().get(text.word_from(matched.whole.end)).filter(|_| leads);
    next.is_some_and(|word| {
        let gap = &text.as_str()[matched.whole.end..word.span.start];
        gap.trim().is_empty() && numbers::read(rules, word.span.of(text.as_str())).is_some()
    })
}

fn compare(size: &mut DataSize, modifier: Modifier) {
    match modifier {
        Modifier::MoreThan | Modifier::EqualOrMore => size.max_bytes = None,
        Modifier::LessThan | Modifier::EqualOrLess => size.min_bytes = 0.0,
        Modifier::Approx => size.approximate = true,
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::document::Document;
    use crate::language::pack::NEUTRAL;
    use crate::recognizers::rules::{Rule, RuleFile};

    static RECOGNIZERS: LazyLock<BTreeMap<&str, Sizes>> =
        LazyLock::new(|| Pack::all().map(|pack| (pack.code(), Sizes::new(&pack).unwrap())).collect());

    fn sizes(rules: &Sizes, text: &str) -> Vec<(String, String, String)> {
        let text = Text::new(&Document::new(text));
        let mut mentions = Vec::new();
        rules.recognize(&Article::new(&text), &mut mentions);
        mentions
            .into_iter()
            .filter_map(|mention| match mention.value {
                Value::DataSize(size) => Some((
                    mention.span.of(text.as_str()).to_owned(),
                    size.to_string(),
                    mention.rule.to_string(),
                )),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn packs_keep_to_their_examples() {
        let mut broken = Vec::new();
        for (code, recognizer) in &*RECOGNIZERS {
            // How a language reads the neutral pack's numbers is its own affair.
            let own = |rule: &&Rule| rule.name.starts_with(&format!("{code}/"));
            for rule in recognizer.rules.rules().iter().filter(own) {
                for example in &rule.spec.examples {
                    let mention = example.mention.clone().unwrap_or(example.text.clone());
                    let expected = vec![(mention, example.value.clone(), rule.name.to_string())];
                    let found = sizes(recognizer, &example.text);
                    if found != expected {
                        broken.push(format!("{}, {}: {found:?}", expected[0].2, example.text));
                    }
                }
                for reject in &rule.spec.rejects {
                    let mut found = sizes(recognizer, reject);
                    found.retain(|(_, _, name)| *name == *rule.name);
                    if !found.is_empty() {
                        broken.push(format!("{} must not match {reject:?}: {found:?}", rule.name));
                    }
                }
            }
        }
        assert!(broken.is_empty(), "{}", broken.join("\n"));
    }

    #[test]
    fn sentences() {
        type Case = (&'static str, &'static str, &'static [(&'static str, &'static str)]);
        let cases: &[Case] = &[
            (
                "fr",
                "Sur leur site, les auteurs de l'attaque disent avoir pris plus\nde 90 Go.",
                &[("90 Go", "9e10..")],
            ),
            ("fr", "DES PIRATES VOLENT 90 GO DE PLANS", &[("90 GO", "9e10")]),
            ("fr", "En 2023, 200 Go puis 12 To ont fui.", &[("200 Go", "2e11"), ("12 To", "1.2e13")]),
            ("fr", "Le volume est tombé de 300 à 200 Go.", &[("200 Go", "2e11")]),
            ("fr", "Mo Farah a couru 10 km pour 5 o", &[("5 o", "5e0")]),
            (
                "fr",
                "Le disque a 1 200 Go, au moins 10 Mo de plus que l'autre.",
                &[("1 200 Go", "1.2e12"), ("10 Mo", "1e7..")],
            ),
            (
                "fr",
                "Il y a 200 Go, environ dix mégaoctets de trop.",
                &[("200 Go", "2e11"), ("dix mégaoctets", "~1e7")],
            ),
            (
                "fr",
                "Il faut 200 Go au moins, 10 Mo ne suffisent pas.",
                &[("200 Go", "2e11.."), ("10 Mo", "1e7")],
            ),
            ("fr", "Il reste 80 Go, environ un tiers du disque.", &[("80 Go", "8e10")]),
            ("fr", "Il reste 80 Go environ. Dix jours de plus.", &[("80 Go", "~8e10")]),
            ("en", "They took 2 TB, at least 30 GB of it mail.", &[("2 TB", "2e12"), ("30 GB", "3e10..")]),
            ("en", "They took 2 TB or more 30 days ago.", &[("2 TB", "2e12..")]),
            ("en", "It holds 500 GB, or 0.5 TB, in all.", &[("500 GB", "5e11"), ("0.5 TB", "5e11")]),
            ("en", "A 1-gigabyte file and a 2GB one.", &[("1-gigabyte", "1e9"), ("2GB", "2e9")]),
            ("en", "A 5G phone with a 4K screen, £5bn and 30 TB deaths.", &[]),
            ("und", "Es waren 1.500,5 GB und 3 TB.", &[("1.500,5 GB", "1.5005e12"), ("3 TB", "3e12")]),
        ];
        for (code, text, expected) in cases {
            let found = sizes(&RECOGNIZERS[code], text);
            let found: Vec<_> =
                found.iter().map(|(words, value, _)| (words.as_str(), value.as_str())).collect();
            assert_eq!(found, *expected, "{code}: {text}");
        }
    }

    #[test]
    fn absurd_numbers_are_no_sizes() {
        let groups = vec!["000"; 80].join(" ");
        for text in
            [format!("{} GB", "9".repeat(400)), format!("1 {groups} GB"), format!("0.{} GB", "3".repeat(400))]
        {
            assert_eq!(sizes(&RECOGNIZERS["en"], &text), [], "{text}");
        }
    }

    /// Every form of every unit of a pack, with the unit.
    fn unit_forms(pack: &Pack) -> Vec<(String, String)> {
        let own: RuleFile = pack.read("sizes.toml").unwrap();
        let neutral: RuleFile = Pack::neutral().read("sizes.toml").unwrap();
        let lists =
            [&own, &neutral].into_iter().flat_map(|file| ["unit", "symbol"].map(|list| file.lists.get(list)));
        let forms = lists.flatten().flatten();
        forms.flat_map(|(code, forms)| forms.iter().map(|form| (form.clone(), code.clone()))).collect()
    }

    static UNIT_FORMS: LazyLock<BTreeMap<&str, Vec<(String, String)>>> =
        LazyLock::new(|| Pack::all().map(|pack| (pack.code(), unit_forms(&pack))).collect());

    /// How each language writes numbers: its code, what stands between groups of digits, and before decimals.
    static LOCALES: LazyLock<Vec<(&str, String, String)>> = LazyLock::new(|| {
        let of_pack = |pack: Pack| {
            let common: RuleFile = pack.read("common.toml").unwrap();
            // Words such as 点 part whole numbers from decimals as well, but digits in groups are not read aloud.
            let written = |mark: &String| !mark.contains(char::is_alphabetic);
            let marks = |value: &str| {
                let marks = common.lists["separator"].get(value).cloned().unwrap_or_default();
                marks.into_iter().filter(written).collect::<Vec<_>>()
            };
            let (mut groups, points) = (marks("group"), marks("decimal"));
            groups.extend([" ", "\u{A0}", "\u{202F}"].map(str::to_owned));
            let pairs = groups
                .into_iter()
                .flat_map(move |group| points.clone().into_iter().map(move |point| (group.clone(), point)));
            pairs
                .filter(|(group, point)| group != point)
                .map(move |(group, point)| (pack.code(), group, point))
                .collect::<Vec<_>>()
        };
        let neutral = [(".", ","), (",", "."), ("\u{A0}", ","), ("'", ".")];
        let neutral = neutral.map(|(group, point)| (NEUTRAL, group.to_owned(), point.to_owned()));
        Pack::languages().flat_map(of_pack).chain(neutral).collect()
    });

    proptest! {
        #[test]
        fn what_is_written_is_read(
            whole in 0u64..1_000_000_000,
            fraction in proptest::option::of(1u32..100),
            space in prop::sample::select(vec!["", " ", "\u{A0}", "\u{202F}", "-"]),
            grouped: bool,
            form in any::<prop::sample::Index>(),
            locale in prop::sample::select(&*LOCALES),
        ) {
            let (code, group, point) = &locale;
            let (form, unit) = form.get(&UNIT_FORMS[code]);
            let mut number = if grouped { group_digits(whole, group) } else { whole.to_string() };
            let mut plain = whole.to_string();
            if let Some(fraction) = fraction {
                number += &format!("{point}{fraction:02}");
                plain += &format!(".{fraction:02}");
            }
            let text = format!("{number}{space}{form}");
            let bytes = Unit::parse(unit).unwrap().bytes(numbers::Number::parse(&plain).unwrap());
            let value = if bytes == 0.0 { "0".to_owned() } else { format!("{bytes:e}") };
            let found: Vec<_> = sizes(&RECOGNIZERS[code], &text).into_iter().map(|(words, value, _)| (words, value)).collect();
            prop_assert_eq!(found, [(text, value)]);
        }
    }

    fn group_digits(number: u64, separator: &str) -> String {
        let digits = number.to_string();
        let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
        groups.collect::<Vec<_>>().join(separator)
    }
}
