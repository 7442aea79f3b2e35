//! Dates: the pack's rules find them, `form` reads what they say, `tense` tells on which side of the publication
//! to look for those without a year, `resolve` gives them a value.

mod calendar;
mod form;
mod resolve;
mod tense;
mod timex;

use super::{Article, Recognizer};
use crate::error::PackError;
use crate::language::Pack;
use crate::mention::{Mention, Span};
use crate::recognizers::rules::{RuleMatch, RuleSet};
use crate::text::Text;
use crate::values::{Date, Value};
use form::Expression;
use resolve::Anchors;

/// Finds calendar dates, durations and sets.
#[derive(Debug)]
pub struct Dates {
    rules: RuleSet,
    tenses: RuleSet,
}

impl Dates {
    /// Compiles the pack's rules.
    pub fn new(pack: &Pack) -> Result<Dates, PackError> {
        Ok(Dates { rules: pack.rules("dates.toml")?, tenses: pack.rules("tense.toml")? })
    }

    /// Calls `found` with every match and its value, if it is a date.
    fn find<'t>(&self, article: &Article<'t>, mut found: impl FnMut(&RuleMatch<'_, 't>, Option<Date>)) {
        let mut matches = Vec::new();
        self.rules.find_all(article.text, |matched| {
            let expression = Expression::read(&matched);
            matches.push((matched, expression));
        });
        // Numeric dates are all written in one order; where one can be read in one way only, it tells which.
        let order = matches.iter().find_map(|(_, expression)| expression.as_ref()?.certain_order());

        let mut anchors = Anchors::new(article.published);
        let mut blocks = article.text.blocks().iter().peekable();
        for (matched, expression) in matches {
            while blocks.next_if(|block| block.span.end <= matched.mention.start).is_some() {
                anchors.running_year = None;
            }
            let asked = |expression: &Expression| article.every_timex || !expression.vague;
            let date = expression.filter(asked).map(|mut expression| {
                if let Some(order) = order {
                    expression.follow(order);
                }
                expression.form.turn(|| tense::of_clause(&self.tenses, article.text, matched.mention));
                let date = resolve::resolve(&expression, &mut anchors);
                if leads_sentence(article.text, matched.mention) {
                    anchors.running_year = expression.year().or(anchors.running_year);
                }
                date
            });
            found(&matched, date);
        }
    }
}

/// How many words may stand before what a sentence begins with: "Back in 2019, …".
const LEADING_WORDS: usize = 2;

/// Whether a mention frames its sentence, and so what follows: "In 2019, …".
fn leads_sentence(text: &Text, mention: Span) -> bool {
    let sentences = text.sentences();
    let sentence = sentences.get(sentences.partition_point(|sentence| sentence.span.end <= mention.start));
    sentence.is_some_and(|sentence| {
        text.words_in(Span::new(sentence.span.start.min(mention.start), mention.start)).len() <= LEADING_WORDS
    })
}

impl Recognizer for Dates {
    fn name(&self) -> &'static str {
        "dates"
    }

    fn recognize(&self, article: &Article<'_>, mentions: &mut Vec<Mention>) {
        self.find(article, |matched, date| {
            let Some(date) = date else { return };
            let rule = matched.rule;
            let value = Value::Date(date);
            mentions.push(Mention::new(matched.mention, value, rule.spec.confidence(), rule.name.clone()));
        });
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use jiff::civil::{self, date};

    use super::*;
    use crate::Document;
    use crate::language::pack::NEUTRAL;

    /// The day on which the examples of the packs are published, a Wednesday.
    const PUBLISHED: civil::Date = date(2023, 3, 15);

    /// The words found, the rule's name and the value; the value is empty for what only looks like a date.
    fn find(dates: &Dates, text: &str, every_timex: bool) -> Vec<(String, String, String)> {
        let text = Text::new(&Document::new(text));
        let mut found = Vec::new();
        let article = Article { published: Some(PUBLISHED), every_timex, ..Article::new(&text) };
        dates.find(&article, |matched, date| {
            let value = date.map(|date| date.to_string()).unwrap_or_default();
            found.push((matched.mention.of(text.as_str()).to_owned(), matched.rule.name.to_string(), value));
        });
        found
    }

    #[test]
    fn packs_hold_what_their_examples_promise() {
        let mut failures = Vec::new();
        // The neutral pack's rules are held by the languages that fill their lists.
        let mut unheld: HashSet<String> = HashSet::new();
        let mut held: HashSet<String> = HashSet::new();
        for pack in Pack::all() {
            let dates = match Dates::new(&pack) {
                Ok(dates) => dates,
                Err(error) => {
                    failures.push(error.to_string());
                    continue;
                }
            };
            for rule in dates.rules.rules() {
                // A rule of the neutral pack may give way to a language's own.
                if !rule.name.starts_with(&format!("{}/", pack.code())) {
                    continue;
                }
                let short_name = rule.name.rsplit('/').next().unwrap_or_default().to_owned();
                let complete = !rule.spec.examples.is_empty() && !rule.spec.rejects.is_empty();
                match (pack.code() == NEUTRAL, complete) {
                    (_, true) => _ = held.insert(short_name),
                    (true, false) => _ = unheld.insert(short_name),
                    (false, false) => failures.push(format!("{}: no examples or no rejects", rule.name)),
                }
                for example in &rule.spec.examples {
                    let words = example.mention.as_ref().unwrap_or(&example.text);
                    let wanted = (words.clone(), rule.name.to_string(), example.value.clone());
                    let found = find(&dates, &example.text, true);
                    if !found.contains(&wanted) {
                        failures.push(format!("{wanted:?} not found in {:?}: {found:?}", example.text));
                    }
                }
                for reject in &rule.spec.rejects {
                    let found = find(&dates, reject, true);
                    if found.iter().any(|(_, name, _)| *name == *rule.name) {
                        failures.push(format!("{} matches {reject:?}: {found:?}", rule.name));
                    }
                }
            }
        }
        assert!(failures.is_empty(), "\n{}", failures.join("\n"));
        let nowhere: Vec<_> = unheld.difference(&held).collect();
        assert!(nowhere.is_empty(), "no pack has examples and rejects for {nowhere:?}");
    }

    /// Whatever day a document is said to be published on, a value has years of four digits and no others.
    #[test]
    fn values_stay_in_the_calendar_at_its_edges() {
        let edges = [date(1, 1, 1), date(1, 12, 31), date(99, 1, 1), date(9999, 1, 1), date(9999, 12, 31)];
        let mut resolved = 0;
        for dates in packs().values() {
            let examples = dates.rules.rules().iter().flat_map(|rule| &rule.spec.examples);
            for (example, published) in examples.flat_map(|example| edges.map(|edge| (example, edge))) {
                let text = Text::new(&Document::new(&*example.text));
                dates.find(
                    &Article { published: Some(published), every_timex: true, ..Article::new(&text) },
                    |_, date| {
                        let Some(date) = date else { return };
                        let digits = date.timex.split(|char: char| !char.is_ascii_digit()).map(str::len);
                        let four = digits.max().unwrap_or_default() <= 4;
                        assert!(four, "{:?} on {published}: {date}", example.text);
                        let first = date.start.or(date.end);
                        resolved += usize::from(first.is_some());
                    },
                );
            }
        }
        assert!(resolved > 0);
    }

    #[test]
    fn dates_of_whole_sentences() {
        let packs = packs();
        for (language, text, wanted) in [
            (
                "fr",
                "Le parquet a ouvert une enquête lundi, après une plainte déposée le 2 mars.",
                vec!["lundi 2023-03-13", "2 mars 2023-03-02"],
            ),
            (
                "fr",
                "L’usine, fermée il y a environ trois mois, rouvrira d’ici fin avril.",
                vec!["il y a environ trois mois 2022-12 APPROX", "fin avril 2023-04 END"],
            ),
            (
                "fr",
                "Entre 2019 et 2021, puis du 3 au 5 mai 2022, le festival a fait salle comble.",
                vec!["2019 et 2021 2019/2021", "3 au 5 mai 2022 2022-05-03/2022-05-05"],
            ),
            ("fr", "TROIS BLESSÉS DANS LA NUIT DE SAMEDI", vec!["SAMEDI 2023-03-11"]),
            ("fr", "Le Ministre Attendu Mardi Prochain", vec!["Mardi Prochain 2023-03-21"]),
            (
                "en",
                "The board met on Thursday and will vote by 3 May.",
                vec!["Thursday 2023-03-09", "3 May 2023-05-03"],
            ),
            (
                "en",
                "Nearly two weeks after the flood, the plant reopened last Friday.",
                vec!["Nearly two weeks P2W APPROX", "last Friday 2023-03-10"],
            ),
            (
                "en",
                "From 2009 to 2011, and again in late 2019, sales fell every month.",
                vec!["2009 to 2011 2009/2011", "late 2019 2019 END", "every month P1M"],
            ),
            ("en", "PORT CLOSED UNTIL MARCH 20", vec!["MARCH 20 2023-03-20"]),
            ("und", "2024-10-05, 25/12/2022", vec!["2024-10-05 2024-10-05", "25/12/2022 2022-12-25"]),
        ] {
            assert_eq!(spoken_of(&packs[language], text), wanted, "{text}");
        }
    }

    #[test]
    fn near_misses() {
        let packs = packs();
        for (language, text) in [
            ("fr", "Julie Morel, 24 ans, âgée de 24 ans, et un jeune de 18 ans"),
            ("fr", "La sonde a atteint Mars ; l’eau de Mars intéresse l’agence."),
            ("fr", "Un jour, elle a été élue ; rendez-vous à 18 h 30."),
            ("fr", "Victoire 3-1, version 2.0.1, tél. 01 23 45 67 89, 1 999 euros, de 1500 à 2000 personnes"),
            ("fr", "La veille technologique, un mardi noir, le 12 rue des Lilas"),
            ("en", "A 24-year-old, aged 24, 24 years old, in her 90s"),
            ("en", "She may march on; he sat in the sun for a second and will fall."),
            ("en", "One day they won 3-2 (10/10) with version 2.0.1 for $2019 at 5:30 pm."),
            ("en", "Call 555-2019-2020, read the Sunday Times."),
            ("en", "In 2000 copies of 1500 pages, twice a week"),
            ("und", "192.168.10.20 1234-2024-10-05 31/31/2024"),
        ] {
            assert_eq!(spoken_of(&packs[language], text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_mention_carries_its_rule_and_confidence() {
        let text = Text::new(&Document::new("Le 5 octobre 2022."));
        let mut mentions = Vec::new();
        let french = Dates::new(&Pack::get("fr").unwrap()).unwrap();
        french.recognize(&Article::new(&text), &mut mentions);
        let [mention] = mentions.as_slice() else { panic!("one date: {mentions:?}") };
        assert_eq!(mention.span.of(text.as_str()), "5 octobre 2022");
        assert_eq!((&*mention.rule, mention.confidence), ("fr/dates/day-month", 0.95));
    }

    fn packs() -> HashMap<&'static str, Dates> {
        Pack::all().map(|pack| (pack.code(), Dates::new(&pack).unwrap())).collect()
    }

    /// What a text speaks of, each with its value.
    fn spoken_of(dates: &Dates, text: &str) -> Vec<String> {
        let found = find(dates, text, false).into_iter();
        found
            .filter(|(_, _, value)| !value.is_empty())
            .map(|(words, _, value)| format!("{words} {value}"))
            .collect()
    }
}
