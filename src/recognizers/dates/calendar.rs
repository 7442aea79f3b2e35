//! Where the parts of the calendar lie: months, seasons, weekdays, and which one of them is meant.

use std::ops::RangeInclusive;

use jiff::civil;

use super::form::{Direction, Part, Season};

/// The first day and, where the calendar goes on so far, the day after the last one.
pub type Bounds = (civil::Date, Option<civil::Date>);

/// The years of the calendar: those that TIMEX3 writes in four digits. jiff has others before them.
pub const YEARS: RangeInclusive<i64> = 1..=9999;

/// Two digits mean the year that lies nearest, at most ten years ahead.
pub fn pivot(digits: i64, published: civil::Date) -> i64 {
    let latest = i64::from(published.year()) + 10;
    latest - (latest - digits).rem_euclid(100)
}

/// How many years to look for a date: every day comes back within eight, even 29 February over 1900.
const SEARCH: i64 = 8;

/// The occurrence of a part that the direction asks for.
pub fn nearest(part: Part, direction: Direction, published: civil::Date) -> Option<Bounds> {
    let occurrence = |step| occurrence(part, published, step);
    let over = |bounds: &Bounds| bounds.1.is_some_and(|end| end <= published);
    let begun = |bounds: &Bounds| bounds.0 <= published;
    match direction {
        Direction::Last => (-SEARCH..=0).rev().filter_map(occurrence).find(over),
        Direction::Unsaid | Direction::Past => match on_weekday(part, published) {
            Some(bounds) => Some(bounds),
            None => (-SEARCH..=0).rev().filter_map(occurrence).find(begun),
        },
        Direction::This => {
            let on = |bounds: &Bounds| begun(bounds) && !over(bounds);
            (-1..=0).filter_map(occurrence).find(on).or_else(|| occurrence(0))
        }
        Direction::Future => (-1..=SEARCH).filter_map(occurrence).find(|bounds| !over(bounds)),
        Direction::Next => (0..=SEARCH).filter_map(occurrence).find(|bounds| !begun(bounds)),
    }
}

/// A weekday beside a day, as in "Friday 5 May", tells better than any direction which one is meant, if it
/// agrees with one nearby.
fn on_weekday(part: Part, published: civil::Date) -> Option<Bounds> {
    let (Part::Day { weekday: Some(weekday), .. } | Part::DayOfMonth { weekday: Some(weekday), .. }) = part
    else {
        return None;
    };
    (-1..=1)
        .filter_map(|step| occurrence(part, published, step))
        .filter(|(start, _)| i64::from(start.weekday().to_monday_one_offset()) == weekday)
        .min_by_key(|(start, _)| start.duration_until(published).abs())
}

/// The part as it occurs `step` weeks, months or years from the one that holds `published`.
fn occurrence(part: Part, published: civil::Date, step: i64) -> Option<Bounds> {
    match part {
        Part::Weekday(weekday) => day_bounds(plus_days(monday(published, step)?, weekday - 1)?),
        Part::DayOfMonth { day, .. } => {
            let first = month_start(month_index(published) + step)?;
            day_bounds(civil::Date::new(first.year(), first.month(), i8::try_from(day).ok()?).ok()?)
        }
        _ => within_year(part, i64::from(published.year()) + step),
    }
}

/// The part as it occurs in a year; that of a century or decade is its first.
pub fn within_year(part: Part, year: i64) -> Option<Bounds> {
    let months = |first: i64, count: i64| {
        let index = year.checked_mul(12)?.checked_add(first)?;
        Some((month_start(index)?, month_start(index + count)))
    };
    match part {
        Part::Century => months(0, 1200),
        Part::Decade => months(0, 120),
        Part::Year => months(0, 12),
        Part::Half(half) => months(6 * (half - 1), 6),
        Part::Quarter(quarter) => months(3 * (quarter - 1), 3),
        Part::Season(Season::Spring) => months(2, 3),
        Part::Season(Season::Summer) => months(5, 3),
        Part::Season(Season::Fall) => months(8, 3),
        Part::Season(Season::Winter) => months(11, 3),
        Part::Month(month) => months(month - 1, 1),
        Part::Day { month, day, .. } => {
            let (year, month, day) = (year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?);
            day_bounds(within_calendar(civil::Date::new(year, month, day).ok()?)?)
        }
        Part::DayOfMonth { .. } | Part::Weekday(_) => None,
    }
}

fn within_calendar(day: civil::Date) -> Option<civil::Date> {
    YEARS.contains(&day.year().into()).then_some(day)
}

/// A day by itself.
pub fn day_bounds(day: civil::Date) -> Option<Bounds> {
    Some((day, day.tomorrow().ok()))
}

/// Months since January of year 0.
pub fn month_index(day: civil::Date) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month()) - 1
}

/// The first day of the month of that index, if it lies in the calendar.
pub fn month_start(index: i64) -> Option<civil::Date> {
    let year = i16::try_from(index.div_euclid(12)).ok()?;
    within_calendar(civil::Date::new(year, i8::try_from(index.rem_euclid(12) + 1).ok()?, 1).ok()?)
}

/// The Monday `weeks` weeks from the one that begins the week of `day`, if it lies in the calendar.
pub fn monday(day: civil::Date, weeks: i64) -> Option<civil::Date> {
    let back = i64::from(day.weekday().to_monday_zero_offset());
    let days = weeks.checked_mul(7)?.checked_sub(back)?;
    plus_days(day, days)
}

/// The day `days` days later, if it lies in the calendar.
pub fn plus_days(day: civil::Date, days: i64) -> Option<civil::Date> {
    within_calendar(day.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?)
}
