//! Numbers clusters, shares the document's attention out among them, and places them in the document as sent.

use std::collections::BTreeMap;

use super::{Cluster, round};
use crate::extraction::{Entity, Occurrence};
use crate::mention::{Mention, Span};
use crate::text::Text;
use crate::values::Value;

/// The entities of `clusters`, which are by order of first mention.
///
/// Salience is a cluster's share of the weight of all mentions. A mention in the title weighs three times, one
/// in the first paragraph twice as much as one further down (news puts what matters first), and dates and data
/// sizes half as much as names, since they tell of what names do.
pub fn report(text: &Text, clusters: Vec<Cluster>) -> Vec<Entity> {
    let lead = text.blocks().iter().find(|block| !block.title).map(|block| block.span);
    let weights: Vec<f64> = clusters.iter().map(|cluster| weight(text, lead, cluster)).collect();
    let total: f64 = weights.iter().sum();
    let organizations = organizations(&clusters);
    let entities = clusters.into_iter().zip(weights).enumerate().map(|(index, (cluster, weight))| Entity {
        entity_id: entity_id(index),
        affiliation_entity_id: affiliation(&cluster.value, &organizations).map(entity_id).unwrap_or_default(),
        name: cluster.name,
        confidence: cluster.confidence,
        salience: (weight / total) as f32,
        mentions: cluster.mentions.into_iter().map(|mention| occurrence(text, mention)).collect(),
        value: cluster.value,
    });
    entities.collect()
}

fn entity_id(index: usize) -> String {
    format!("e{}", index + 1)
}

fn weight(text: &Text, lead: Option<Span>, cluster: &Cluster) -> f64 {
    let place = |mention: &Mention| match mention.span {
        span if text.title().contains(span) => 3.0,
        span if lead.is_some_and(|lead| lead.contains(span)) => 2.0,
        _ => 1.0,
    };
    let kind = if matches!(cluster.value, Value::Date(_) | Value::DataSize(_)) { 0.5 } else { 1.0 };
    kind * cluster.mentions.iter().map(place).sum::<f64>()
}

fn occurrence(text: &Text, mention: Mention) -> Occurrence {
    let (part, range) = text.locate(mention.span);
    Occurrence {
        text: mention.span.of(text.as_str()).to_owned(),
        span: mention.span,
        part,
        range,
        confidence: round(mention.confidence),
        rule: mention.rule,
    }
}

/// By start: the mentions of organizations and which cluster each belongs to.
fn organizations(clusters: &[Cluster]) -> BTreeMap<usize, (Span, usize)> {
    let spans = |(index, cluster): (usize, &Cluster)| {
        let spans: Vec<Span> = match cluster.value {
            Value::Organization(_) => cluster.mentions.iter().map(|mention| mention.span).collect(),
            _ => Vec::new(),
        };
        spans.into_iter().map(move |span| (span.start, (span, index)))
    };
    clusters.iter().enumerate().flat_map(spans).collect()
}

/// The cluster of the organization that is named where a person's role is held.
fn affiliation(value: &Value, organizations: &BTreeMap<usize, (Span, usize)>) -> Option<usize> {
    let Value::Person(person) = value else { return None };
    let place = person.affiliation?;
    let mut named = organizations.range(place.start..place.end).map(|(_, named)| *named);
    named.find(|(span, _)| place.contains(*span)).map(|(_, index)| index)
}
