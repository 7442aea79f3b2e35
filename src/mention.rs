//! A span of the text with a typed value, a confidence and the rule that found it.

use std::sync::Arc;

use crate::values::Value;

/// A half-open range of bytes of a [`Text`](crate::text::Text)'s view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

impl Span {
    /// The range from `start` up to `end`, which must not come before it.
    pub fn new(start: usize, end: usize) -> Span {
        debug_assert!(start <= end);
        Span { start, end }
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the span holds nothing.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether the two share a byte.
    pub fn overlaps(self, other: Span) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether `other` lies within.
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The words of the span in `text`.
    pub fn of(self, text: &str) -> &str {
        &text[self.start..self.end]
    }
}

/// One place in the text that names something.
#[derive(Clone, Debug)]
pub struct Mention {
    /// Where it stands in the view.
    pub span: Span,
    /// What it stands for.
    pub value: Value,
    /// Probability, in [0, 1], that this is a mention of this type.
    pub confidence: f32,
    /// What found it, such as `fr/dates/day-month-year`.
    pub rule: Arc<str>,
    /// The name to report the entity under, whatever the words are: that of the caller's own term. A catalogued
    /// actor needs none, it goes by its name in the catalogue.
    pub canonical: Option<Arc<str>>,
}

impl Mention {
    /// A mention that goes by its own words.
    pub fn new(span: Span, value: Value, confidence: f32, rule: Arc<str>) -> Mention {
        Mention { span, value, confidence, rule, canonical: None }
    }

    /// The same mention, of what is to be reported as `name`.
    pub fn with_canonical(self, name: Arc<str>) -> Mention {
        Mention { canonical: Some(name), ..self }
    }
}
