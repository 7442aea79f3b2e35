//! Keeps a disjoint set of mentions by a total order, so that the answer does not depend on who came first.

use std::cmp::Reverse;

use crate::mention::Mention;
use crate::values::EntityType;

/// Mentions of the caller's own terms win over everything: they were asked for by name.
pub const CUSTOM_RULE: &str = "custom";

/// Drops every mention that overlaps a better one and sorts the rest by position.
///
/// Better is: the caller's own term; then a threat actor, which has been weighed against the longer names around it;
/// then the longer one, since a name inside a longer name is not meant; then the surer one; then the type whose rules
/// fire more rarely; then the earlier one.
pub fn resolve(mentions: &mut Vec<Mention>) {
    mentions.sort_by_cached_key(|mention| {
        (
            mention.rule.as_ref() != CUSTOM_RULE,
            mention.value.entity_type() != EntityType::ThreatActor,
            Reverse(mention.span.len()),
            Reverse((mention.confidence * 1_000.0) as u32),
            mention.value.entity_type(),
            mention.span.start,
            mention.rule.clone(),
        )
    });
    // `taken` is disjoint and sorted, so one binary search finds the only neighbours that can overlap.
    let mut taken: std::collections::BTreeMap<usize, usize> = std::collections::BTreeMap::new();
    mentions.retain(|mention| {
        let before = taken.range(..mention.span.end).next_back();
        let free = !mention.span.is_empty() && before.is_none_or(|(_, &end)| end <= mention.span.start);
        if free {
            taken.insert(mention.span.start, mention.span.end);
        }
        free
    });
    mentions.sort_by_key(|mention| mention.span);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mention::Span;
    use crate::values::{Location, Organization, Person, Value};

    fn mention(start: usize, end: usize, value: Value, confidence: f32, rule: &str) -> Mention {
        Mention::new(Span::new(start, end), value, confidence, rule.into())
    }

    #[test]
    fn the_better_mention_stays() {
        let person = || Value::Person(Person::default());
        let place = || Value::Location(Location::default());
        let firm = || Value::Organization(Organization::default());
        let cases = [
            (
                "the longer",
                vec![mention(0, 9, firm(), 0.6, "a"), mention(0, 5, person(), 0.99, "b")],
                vec!["a"],
            ),
            (
                "then the surer",
                vec![mention(0, 5, firm(), 0.7, "a"), mention(0, 5, person(), 0.8, "b")],
                vec!["b"],
            ),
            (
                "then the rarer type",
                vec![mention(0, 5, firm(), 0.7, "a"), mention(0, 5, place(), 0.7, "b")],
                vec!["b"],
            ),
            (
                "then the earlier",
                vec![mention(3, 8, firm(), 0.7, "a"), mention(0, 5, firm(), 0.7, "b")],
                vec!["b"],
            ),
            (
                "the caller's own before all",
                vec![mention(0, 9, firm(), 1.0, "a"), mention(2, 4, firm(), 1.0, "custom")],
                vec!["custom"],
            ),
            (
                "neighbours that touch",
                vec![mention(5, 9, firm(), 0.7, "b"), mention(0, 5, firm(), 0.7, "a")],
                vec!["a", "b"],
            ),
            (
                "what overlapped a loser only",
                vec![
                    mention(0, 4, firm(), 0.7, "a"),
                    mention(3, 8, firm(), 0.7, "b"),
                    mention(6, 20, firm(), 0.7, "c"),
                ],
                vec!["a", "c"],
            ),
            ("nothing is no mention", vec![mention(4, 4, firm(), 1.0, "a")], vec![]),
        ];
        for (name, mentions, expected) in cases {
            for reversed in [false, true] {
                let mut mentions = mentions.clone();
                if reversed {
                    mentions.reverse();
                }
                resolve(&mut mentions);
                let kept: Vec<&str> = mentions.iter().map(|mention| mention.rule.as_ref()).collect();
                assert_eq!(kept, expected, "{name}, reversed: {reversed}");
            }
        }
    }
}
