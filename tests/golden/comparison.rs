//! What the engine finds in an article, held against what a reader marked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use depeche::document::Part;
use depeche::extraction::{Entity, Extraction, Occurrence};
use depeche::text::offsets::{OffsetEncoding, Offsets};
use depeche::values::Value;
use depeche::{Engine, Options};

use crate::gold::{Golden, Mark, Place, actor_value, date_value, size_value, type_name};

/// What the engine found in an article, beside what the reader marked.
pub struct Comparison<'a> {
    golden: &'a Golden,
    pub extraction: Extraction,
    found: BTreeMap<Place, Mark>,
    expected: BTreeMap<Place, Mark>,
}

impl Comparison<'_> {
    pub fn of(golden: &Golden) -> Comparison<'_> {
        static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::new);
        let extraction = ENGINE.extract(&golden.document, &Options::default()).unwrap();
        let title = Offsets::new(&golden.document.title, OffsetEncoding::Utf32);
        let content = Offsets::new(&golden.document.content, OffsetEncoding::Utf32);
        let place = |entity: &Entity, occurrence: &Occurrence| {
            let (offsets, text) = match occurrence.part {
                Part::Title => (&title, &golden.document.title),
                Part::Content => (&content, &golden.document.content),
            };
            let [start, end] =
                [occurrence.range.start, occurrence.range.end].map(|byte| offsets.convert(text, byte));
            (occurrence.part, start, end, entity.value.entity_type())
        };
        let mut found = BTreeMap::new();
        for entity in &extraction.entities {
            for occurrence in &entity.mentions {
                let mark = Mark {
                    place: place(entity, occurrence),
                    text: occurrence.text.clone(),
                    value: value_of(entity),
                    entity: entity.entity_id.clone(),
                    role: String::new(),
                    affiliation: String::new(),
                };
                found.insert(mark.place, mark);
            }
        }
        let expected = golden.marks.iter().map(|mark| (mark.place, mark.clone())).collect();
        Comparison { golden, extraction, found, expected }
    }

    /// What differs, a line each; empty where nothing does.
    pub fn report(&self) -> String {
        let mut lines = BTreeMap::new();
        for mark in self.expected.values() {
            let verdict = match self.found.get(&mark.place) {
                None => "missing".to_owned(),
                Some(found) if found.value != mark.value => format!("wrong value {}, expected", found.value),
                Some(found) if found.text != mark.text => format!("wrong text {:?}, expected", found.text),
                Some(_) => continue,
            };
            lines.insert(mark.place, self.line(&verdict, mark));
        }
        for mark in self.found.values().filter(|mark| !self.expected.contains_key(&mark.place)) {
            lines.insert(mark.place, self.line("spurious", mark));
        }
        let lines: Vec<String> = lines.into_values().chain(self.wrong_joins()).collect();
        match lines.len() {
            0 => String::new(),
            count => format!("{}: {count} differences\n{}\n", self.golden.name, lines.join("\n")),
        }
    }

    fn line(&self, verdict: &str, mark: &Mark) -> String {
        const CONTEXT: usize = 30;
        let (part, start, end, entity_type) = mark.place;
        let source = match part {
            Part::Title => &self.golden.document.title,
            Part::Content => &self.golden.document.content,
        };
        let slice = |from: usize, to: usize| -> String {
            source
                .chars()
                .take(to)
                .skip(from)
                .map(|character| if character == '\n' { '⏎' } else { character })
                .collect()
        };
        let (before, after) = (slice(start.saturating_sub(CONTEXT), start), slice(end, end + CONTEXT));
        let what = format!("{} {}", type_name(entity_type), mark.value);
        format!("  {verdict:<9} {:<28} {before}[{}]{after}", what.trim_end(), slice(start, end))
    }

    /// Things that the engine split into several entities, and entities that hold several things.
    fn wrong_joins(&self) -> Vec<String> {
        let mut ids = BTreeMap::<&str, BTreeSet<&str>>::new();
        let mut keys = BTreeMap::<&str, BTreeSet<&str>>::new();
        for (place, mark) in &self.expected {
            if let Some(found) = self.found.get(place) {
                ids.entry(&mark.entity).or_default().insert(&found.entity);
                keys.entry(&found.entity).or_default().insert(&mark.entity);
            }
        }
        let split = ids.iter().filter(|(_, ids)| ids.len() > 1);
        let joined = keys.iter().filter(|(_, keys)| keys.len() > 1);
        let split = split.map(|(key, ids)| format!("  split     {key:?} is {ids:?}"));
        split.chain(joined.map(|(id, keys)| format!("  joined    {id} holds {keys:?}"))).collect()
    }

    pub fn entity_at(&self, mark: &Mark) -> Option<&Entity> {
        let id = &self.found.get(&mark.place)?.entity;
        self.extraction.entities.iter().find(|entity| entity.entity_id == *id)
    }

    /// Role and, by the reader's key, affiliation.
    pub fn role_of(&self, entity: &Entity) -> String {
        let Value::Person(person) = &entity.value else { return String::new() };
        let same = |(place, _): &(&Place, &Mark)| {
            self.found.get(*place).is_some_and(|found| found.entity == entity.affiliation_entity_id)
        };
        let affiliation = self.expected.iter().find(same).map_or("", |(_, mark)| mark.entity.as_str());
        format!("{} @ {affiliation}", person.role)
    }
}

/// Counts of mentions by type; a mention with a wrong value counts as missed and as spurious.
#[derive(Default)]
pub struct Scores(BTreeMap<&'static str, Counts>);

#[derive(Clone, Copy, Default)]
struct Counts {
    expected: usize,
    found: usize,
    right: usize,
}

impl Scores {
    pub fn add(&mut self, comparison: &Comparison) {
        for (place, mark) in &comparison.expected {
            let right = comparison.found.get(place).is_some_and(|found| found.value == mark.value);
            self.count(place, |counts| {
                counts.expected += 1;
                counts.right += usize::from(right);
            });
        }
        comparison.found.keys().for_each(|place| self.count(place, |counts| counts.found += 1));
    }

    fn count(&mut self, place: &Place, count: impl Fn(&mut Counts)) {
        [type_name(place.3), ALL].into_iter().for_each(|row| count(self.0.entry(row).or_default()));
    }

    /// Over all types.
    pub fn f1(&self) -> f64 {
        self.0.get(ALL).map_or(0.0, Counts::f1)
    }
}

impl Counts {
    fn f1(&self) -> f64 {
        2.0 * self.right as f64 / (self.expected + self.found).max(1) as f64
    }
}

const ALL: &str = "all";

impl std::fmt::Display for Scores {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let percent = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
        writeln!(formatter, "{:<14} expected found right      P      R     F1", "")?;
        for (row, counts) in &self.0 {
            let Counts { expected, found, right } = *counts;
            let (precision, recall) = (percent(right, found), percent(right, expected));
            let f1 = 100.0 * counts.f1();
            writeln!(
                formatter,
                "{row:<14} {expected:8} {found:5} {right:5} {precision:6.1} {recall:6.1} {f1:6.1}"
            )?;
        }
        Ok(())
    }
}

fn value_of(entity: &Entity) -> String {
    match &entity.value {
        Value::Date(date) => date_value(&date.timex, date.modifier.map(|modifier| modifier.name())),
        Value::DataSize(size) => size_value(size.min_bytes, size.max_bytes),
        Value::ThreatActor(_) => actor_value(&entity.name),
        Value::Organization(_) | Value::Person(_) | Value::Location(_) => String::new(),
    }
}
