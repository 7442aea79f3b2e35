//! Keeps a disjoint set of mentions by a total order, so that the answer does not depend on who came first.

use std::cmp::Reverse;

use crate::mention::Mention;

/// Mentions of the caller's own terms win over everything: they were asked for by name.
pub const CUSTOM_RULE: &str = "custom";

/// Drops every mention that overlaps a better one and sorts the rest by position.
///
/// Better is: the caller's own term; then the longer one, since a name inside a longer name is not meant; then
/// the surer one; then the type whose rules fire more rarely; then the earlier one.
pub fn resolve(mentions: &mut Vec<Mention>) {
    mentions.sort_by_cached_key(|mention| {
        (
            mention.rule.as_ref() != CUSTOM_RULE,
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
