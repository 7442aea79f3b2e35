//! Temporal expressions, in TIMEX3 (ISO-TimeML; Pustejovsky et al. 2010) and as calendar intervals.

use std::fmt;

use jiff::civil;

/// A temporal expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Date {
    /// What sort of expression.
    pub kind: DateKind,
    /// First day, inclusive; `None`: open or unresolved.
    pub start: Option<civil::Date>,
    /// The day after the last one, exclusive; `None`: open or unresolved.
    pub end: Option<civil::Date>,
    /// Of a calendar expression; `None` for durations, sets, centuries and vague expressions.
    pub granularity: Option<Granularity>,
    /// TIMEX3 value, such as `2024-05`, `2023-Q4`, `P2W` or `XXXX-07-14`.
    pub timex: String,
    /// TIMEX3 `mod`.
    pub modifier: Option<Modifier>,
    /// Whether the value depended on the publication date.
    pub relative: bool,
    /// Other readings of the same words.
    pub alternative_timexes: Vec<String>,
}

/// The normal form: the TIMEX3 value and, behind a space, the modifier, such as `2024-03 START`.
impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.timex)?;
        match self.modifier {
            Some(modifier) => write!(formatter, " {}", modifier.name()),
            None => Ok(()),
        }
    }
}

/// What sort of expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateKind {
    /// "5 October", "March 2024", "last Friday", "from 3 to 5 May".
    Calendar,
    /// "two weeks".
    Duration,
    /// "every Monday".
    Set,
}

/// The unit that a calendar expression counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it all")]
pub enum Granularity {
    Day,
    Week,
    Month,
    Quarter,
    Year,
    Decade,
}

/// TIMEX3 `mod`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the standard's names")]
pub enum Modifier {
    Start,
    Mid,
    End,
    Approx,
    Before,
    After,
    OnOrBefore,
    OnOrAfter,
    MoreThan,
    LessThan,
    EqualOrMore,
    EqualOrLess,
}

impl Modifier {
    const NAMES: [(&'static str, Modifier); 12] = [
        ("START", Modifier::Start),
        ("MID", Modifier::Mid),
        ("END", Modifier::End),
        ("APPROX", Modifier::Approx),
        ("BEFORE", Modifier::Before),
        ("AFTER", Modifier::After),
        ("ON_OR_BEFORE", Modifier::OnOrBefore),
        ("ON_OR_AFTER", Modifier::OnOrAfter),
        ("MORE_THAN", Modifier::MoreThan),
        ("LESS_THAN", Modifier::LessThan),
        ("EQUAL_OR_MORE", Modifier::EqualOrMore),
        ("EQUAL_OR_LESS", Modifier::EqualOrLess),
    ];

    /// The standard's name, such as `START`.
    pub fn name(self) -> &'static str {
        Modifier::NAMES.iter().find(|(_, modifier)| *modifier == self).map_or("", |(name, _)| name)
    }

    /// The modifier of that name in the standard.
    pub fn from_name(name: &str) -> Option<Modifier> {
        Modifier::NAMES.iter().find(|(known, _)| *known == name).map(|(_, modifier)| *modifier)
    }
}
