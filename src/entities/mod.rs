//! Joins the mentions of one real-world thing and describes it.

mod identity;
mod report;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::HashMap;

pub use report::report;

use crate::mention::Mention;
use crate::text::{Casing, Text};
use crate::values::{Organization, Person, Value};
use identity::Identities;

/// The mentions of one real-world thing.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// The name it is known under; else the fullest form that the text has. Of dates and data sizes, the words
    /// of the first mention.
    pub name: String,
    /// What its mentions say of it, put together.
    pub value: Value,
    /// That of its surest mention, rounded to three decimals: mentions of one name are no independent evidence.
    pub confidence: f32,
    /// In document order.
    mentions: Vec<Mention>,
}

/// Joins `mentions`, which are disjoint and sorted, into clusters by order of first mention.
pub fn join(text: &Text, mentions: Vec<Mention>) -> Vec<Cluster> {
    let identities = Identities::of(text, &mentions);
    let mut groups: Vec<Vec<Mention>> = Vec::new();
    let mut group_of = HashMap::new();
    for (mention, identity) in mentions.into_iter().zip(identities.keys) {
        let group = *group_of.entry(identity).or_insert(groups.len());
        match groups.get_mut(group) {
            Some(known) => known.push(mention),
            None => groups.push(vec![mention]),
        }
    }
    groups.into_iter().map(|group| Cluster::of(text, group, &identities.acronyms)).collect()
}

impl Cluster {
    fn of(text: &Text, mentions: Vec<Mention>, acronyms: &HashMap<usize, String>) -> Cluster {
        let mut values = mentions.iter().map(|mention| mention.value.clone());
        let mut value = values.next().expect("a cluster has a mention");
        values.for_each(|other| merge(&mut value, other));
        if let Value::Organization(organization) = &mut value
            && let Some(acronym) = mentions.iter().find_map(|mention| acronyms.get(&mention.span.start))
        {
            organization.acronym.clone_from(acronym);
        }
        let confidence = mentions.iter().map(|mention| mention.confidence).fold(0.0, f32::max);
        Cluster { name: name(text, &mentions), value, confidence: round(confidence), mentions }
    }
}

/// Three decimals: more would feign a precision that no rule has.
fn round(confidence: f32) -> f32 {
    (confidence * 1_000.0).round() / 1_000.0
}

fn name(text: &Text, mentions: &[Mention]) -> String {
    let words = |mention: &Mention| {
        let words: Vec<&str> = mention.span.of(text.as_str()).split_whitespace().collect();
        words.join(" ")
    };
    if matches!(mentions[0].value, Value::Date(_) | Value::DataSize(_)) {
        return words(&mentions[0]);
    }
    let canonical = mentions.iter().find_map(|mention| mention.canonical.as_deref());
    if let Some(name) = canonical.or_else(|| mentions.iter().find_map(|mention| catalogued(&mention.value))) {
        return name.to_owned();
    }
    // The fullest form; a heading's capitals tell less of it than a sentence; then the first one.
    let rank = |mention: &Mention| {
        let form = words(mention);
        let in_sentence =
            text.block_at(mention.span.start).is_some_and(|block| block.casing == Casing::Sentence);
        (is_upper(&form), Reverse(form.chars().count()), !in_sentence, mention.span)
    };
    mentions.iter().min_by_key(|mention| rank(mention)).map(words).unwrap_or_default()
}

fn catalogued(value: &Value) -> Option<&str> {
    let Value::ThreatActor(actor) = value else { return None };
    actor.actor.as_ref().map(|actor| actor.name.as_str())
}

fn is_upper(form: &str) -> bool {
    form.chars().any(char::is_uppercase) && !form.chars().any(char::is_lowercase)
}

/// Fills what `value` does not know from another mention of the same thing.
fn merge(value: &mut Value, other: Value) {
    match (value, other) {
        (Value::Person(person), Value::Person(other)) => merge_person(person, other),
        (Value::Organization(organization), Value::Organization(other)) => {
            let Organization { country_code, acronym } = other;
            fill(&mut organization.country_code, country_code);
            fill(&mut organization.acronym, acronym);
        }
        (Value::Location(location), Value::Location(other)) => {
            fill(&mut location.country_code, other.country_code)
        }
        (Value::ThreatActor(actor), Value::ThreatActor(other)) if actor.actor.is_none() => *actor = other,
        _ => {}
    }
}

fn merge_person(person: &mut Person, other: Person) {
    let Person { given_name, family_name, honorific, role, affiliation } = other;
    fill(&mut person.given_name, given_name);
    fill(&mut person.family_name, family_name);
    fill(&mut person.honorific, honorific);
    // A role and where it is held belong together.
    if person.role.is_empty() || (person.role == role && person.affiliation.is_none()) {
        person.affiliation = affiliation.or(person.affiliation);
    }
    fill(&mut person.role, role);
}

fn fill(field: &mut String, other: String) {
    if field.is_empty() {
        *field = other;
    }
}
