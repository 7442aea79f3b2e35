//! Values as TIMEX3 writes them.

use super::form::{Amount, Holiday, Part, Season, Unit};

/// Stands for a year that is not known.
pub const UNKNOWN_YEAR: &str = "XXXX";

/// A part of a year, which is given as [`year_timex`] writes it.
pub fn part_timex(part: Part, year: &str) -> String {
    // The first century and decade are told by their digits, though the year that they begin with is 1 BC.
    let digits = if year == "BC0001" { "0000" } else { year };
    match part {
        Part::Century => digits[..digits.len().saturating_sub(2)].to_owned(),
        Part::Decade => digits[..digits.len().saturating_sub(1)].to_owned(),
        Part::Year => year.to_owned(),
        Part::Half(half) => format!("{year}-H{half}"),
        Part::Quarter(quarter) => format!("{year}-Q{quarter}"),
        Part::Season(Season::Spring) => format!("{year}-SP"),
        Part::Season(Season::Summer) => format!("{year}-SU"),
        Part::Season(Season::Fall) => format!("{year}-FA"),
        Part::Season(Season::Winter) => format!("{year}-WI"),
        Part::Month(month) => format!("{year}-{month:02}"),
        Part::Week { nth, month } => {
            let month = month.map_or(String::new(), |month| format!("-{month:02}"));
            let week = if nth > 0 { format!("{nth:02}") } else { "XX".to_owned() };
            format!("{year}{month}-W{week}")
        }
        Part::Day { month, day, .. } => format!("{year}-{month:02}-{day:02}"),
        Part::DayOfMonth { day, .. } => format!("{UNKNOWN_YEAR}-XX-{day:02}"),
        Part::Weekday(weekday) => format!("{UNKNOWN_YEAR}-WXX-{weekday}"),
        Part::Weekend => format!("{UNKNOWN_YEAR}-WXX-WE"),
        Part::Holiday(Holiday::Fixed { month, day }) => format!("{year}-{month:02}-{day:02}"),
        Part::Holiday(_) => format!("{year}-XX-XX"),
    }
}

/// Four digits; before year 1 they count backwards, behind `BC`.
pub fn year_timex(year: i64) -> String {
    if year < 1 { format!("BC{:04}", 1 - year) } else { format!("{year:04}") }
}

/// A duration, or how often a set comes back; the larger unit first.
pub fn duration_timex(lengths: &[(Amount, Unit)]) -> String {
    let mut lengths = lengths.to_vec();
    lengths.sort_by_key(|(_, unit)| std::cmp::Reverse(*unit));
    let mut timex = "P".to_owned();
    for (amount, unit) in lengths {
        let unit = match unit.code().strip_prefix('T') {
            // What is shorter than a day stands behind one `T`.
            Some(unit) if !timex.contains('T') => {
                timex.push('T');
                unit
            }
            Some(unit) => unit,
            None => unit.code(),
        };
        timex += &match amount {
            Amount::Whole(count) => format!("{count}{unit}"),
            Amount::Tenths(tenths) => format!("{}.{}{unit}", tenths / 10, tenths % 10),
            Amount::Vague => format!("X{unit}"),
        };
    }
    timex
}
