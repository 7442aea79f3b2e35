//! Where the parts of the calendar lie: months, seasons, weekdays, and which one of them is meant.

use std::ops::RangeInclusive;

use icu_calendar::types::Month;
use icu_calendar::{AnyCalendar, AnyCalendarKind, Iso};
use jiff::civil;

use super::form::{Calendar, Direction, Holiday, Part, Season};

/// The first day and, where the calendar goes on so far, the day after the last one.
pub type Bounds = (civil::Date, Option<civil::Date>);

/// The years of the calendar: those that TIMEX3 writes in four digits; 0 is 1 BC.
pub const YEARS: RangeInclusive<i64> = -9998..=9999;

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
    if let Direction::Unsaid | Direction::Past | Direction::Future = direction
        && let Some(bounds) = on_weekday(part, direction, published)
    {
        return Some(bounds);
    }
    match direction {
        Direction::BeforeLast => (-SEARCH..=0).rev().filter_map(occurrence).filter(over).nth(1),
        Direction::Last => (-SEARCH..=0).rev().filter_map(occurrence).find(over),
        Direction::Unsaid | Direction::Past => (-SEARCH..=0).rev().filter_map(occurrence).find(begun),
        Direction::Near => {
            let distance = |(start, end): &Bounds| {
                let last = end.and_then(|end| end.yesterday().ok()).unwrap_or(*start);
                start.duration_until(published).abs().min(last.duration_until(published).abs())
            };
            (-1..=1).filter_map(occurrence).min_by_key(distance)
        }
        Direction::This => {
            let on = |bounds: &Bounds| begun(bounds) && !over(bounds);
            (-1..=0).filter_map(occurrence).find(on).or_else(|| occurrence(0))
        }
        Direction::Future => (-1..=SEARCH).filter_map(occurrence).find(|bounds| !over(bounds)),
        Direction::Next => (0..=SEARCH).filter_map(occurrence).find(|bounds| !begun(bounds)),
        Direction::AfterNext => (0..=SEARCH).filter_map(occurrence).filter(|bounds| !begun(bounds)).nth(1),
    }
}

/// A weekday beside a day, as in "Friday 5 May", tells better than any direction which one is meant, if it
/// agrees with one nearby. Of a day of the month alone, a year may be searched: "Friday 31".
fn on_weekday(part: Part, direction: Direction, published: civil::Date) -> Option<Bounds> {
    let (Part::Day { weekday: Some(weekday), .. } | Part::DayOfMonth { weekday: Some(weekday), .. }) = part
    else {
        return None;
    };
    let fitting = |steps: RangeInclusive<i64>| {
        steps
            .filter_map(|step| occurrence(part, published, step))
            .filter(|(start, _)| i64::from(start.weekday().to_monday_one_offset()) == weekday)
    };
    let distance = |(start, _): &Bounds| start.duration_until(published).abs();
    let nearby = fitting(-1..=1).min_by_key(distance);
    match (part, direction) {
        // "The vote on Tuesday, 10 January" ahead is the next one, whatever that day was before.
        (Part::Day { .. }, Direction::Future) => None,
        (Part::Day { .. }, _) => nearby,
        (_, Direction::Future) => fitting(0..=12).next(),
        _ => nearby.or_else(|| fitting(-12..=12).min_by_key(distance)),
    }
}

/// The part as it occurs `step` weeks, months or years from the one that holds `published`.
fn occurrence(part: Part, published: civil::Date, step: i64) -> Option<Bounds> {
    match part {
        Part::Weekday(weekday) => day_bounds(plus_days(monday(published, step)?, weekday - 1)?),
        Part::Weekend => {
            let monday = monday(published, step)?;
            Some((plus_days(monday, 5)?, plus_days(monday, 7)))
        }
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
        Part::Week { nth, month } => {
            let monday = week_monday(year.try_into().ok()?, month, nth)?;
            Some((monday, plus_days(monday, 7)))
        }
        Part::Day { month, day, .. } => {
            let (year, month, day) = (year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?);
            day_bounds(within_calendar(civil::Date::new(year, month, day).ok()?)?)
        }
        Part::Holiday(holiday) => day_bounds(holiday_in(holiday, year.try_into().ok()?)?),
        Part::DayOfMonth { .. } | Part::Weekday(_) | Part::Weekend => None,
    }
}

/// The Monday of a week of the year, as ISO 8601 counts them, or of those that begin in a month; the last one of a month
/// is the last whole one.
fn week_monday(year: i16, month: Option<i64>, nth: i64) -> Option<civil::Date> {
    let day = match month {
        Some(month) => {
            let first = civil::Date::new(year, month.try_into().ok()?, 1).ok()?;
            let nth = nth.try_into().ok()?;
            if nth > 0 {
                first.nth_weekday_of_month(nth, civil::Weekday::Monday).ok()?
            } else {
                plus_days(first.nth_weekday_of_month(nth, civil::Weekday::Sunday).ok()?, -6)?
            }
        }
        None => {
            // The fourth of January lies in the first week, the 28th of December in the last one.
            let (day, weeks) = match nth {
                1.. => (civil::Date::new(year, 1, 4).ok()?, nth - 1),
                _ => (civil::Date::new(year, 12, 28).ok()?, nth + 1),
            };
            let monday = monday(day, weeks)?;
            (monday.iso_week_date().year() == year).then_some(monday)?
        }
    };
    within_calendar(day)
}

fn holiday_in(holiday: Holiday, year: i16) -> Option<civil::Date> {
    let day = match holiday {
        Holiday::Fixed { month, day } => {
            civil::Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()?
        }
        Holiday::Easter(days) => return plus_days(easter(year)?, days),
        Holiday::OrthodoxEaster(days) => return plus_days(orthodox_easter(year)?, days),
        Holiday::Elsewhere { calendar, month, day, days } => {
            return plus_days(elsewhere(calendar, month, day, year)?, days);
        }
        Holiday::From { month, day, weekday } => {
            let first = civil::Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()?;
            let ahead = (weekday - first.weekday().to_monday_one_offset()).rem_euclid(7);
            return plus_days(first, ahead.into());
        }
        Holiday::Nth { month, nth, weekday } => {
            let first = civil::Date::new(year, month.try_into().ok()?, 1).ok()?;
            first.nth_weekday_of_month(nth, civil::Weekday::from_monday_one_offset(weekday).ok()?).ok()?
        }
    };
    within_calendar(day)
}

/// The day of a Gregorian year that another calendar calls so.
fn elsewhere(calendar: Calendar, month: u8, day: u8, year: i16) -> Option<civil::Date> {
    let kind = match calendar {
        Calendar::Hijri => AnyCalendarKind::HijriUmmAlQura,
        Calendar::Hebrew => AnyCalendarKind::Hebrew,
        Calendar::Chinese => AnyCalendarKind::Chinese,
        Calendar::Persian => AnyCalendarKind::Persian,
    };
    let calendar = || AnyCalendar::new(kind);
    let first = icu_calendar::Date::try_new_iso(year.into(), 1, 1).ok()?.to_calendar(calendar()).year();
    let first = first.extended_year();
    (first..=first + 1).find_map(|own_year| {
        let date = icu_calendar::Date::try_new(own_year.into(), Month::new(month), day, calendar()).ok()?;
        let date = date.to_calendar(Iso);
        if date.year().extended_year() != i32::from(year) {
            return None;
        }
        civil::Date::new(year, date.month().ordinal.try_into().ok()?, date.day_of_month().0.try_into().ok()?)
            .ok()
    })
}

/// Easter Sunday of the Gregorian calendar (Meeus 1991, after the anonymous algorithm of 1876).
fn easter(year: i16) -> Option<civil::Date> {
    let year = i32::from(year);
    let (golden, century, rest) = (year.rem_euclid(19), year.div_euclid(100), year.rem_euclid(100));
    let shift = (century - (century + 8) / 25 + 1) / 3;
    let moon = (19 * golden + century - century / 4 - shift + 15).rem_euclid(30);
    let week = (32 + 2 * (century % 4) + 2 * (rest / 4) - moon - rest % 4).rem_euclid(7);
    let late = (golden + 11 * moon + 22 * week) / 451;
    let days = moon + week - 7 * late + 114;
    civil::Date::new(year.try_into().ok()?, (days / 31).try_into().ok()?, (days % 31 + 1).try_into().ok()?)
        .ok()
}

/// Easter Sunday of the Julian calendar (Meeus 1991), told in the Gregorian one.
fn orthodox_easter(year: i16) -> Option<civil::Date> {
    let number = i32::from(year);
    let moon = (19 * number.rem_euclid(19) + 15).rem_euclid(30);
    let week = (2 * number.rem_euclid(4) + 4 * number.rem_euclid(7) - moon + 34).rem_euclid(7);
    let days = moon + week + 114;
    let julian =
        civil::Date::new(year, (days / 31).try_into().ok()?, (days % 31 + 1).try_into().ok()?).ok()?;
    let behind = number.div_euclid(100) - number.div_euclid(400) - 2;
    plus_days(julian, behind.into())
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

/// The same day `months` months later, or the last one of a shorter month, if it lies in the calendar.
pub fn plus_months(day: civil::Date, months: i64) -> Option<civil::Date> {
    within_calendar(day.checked_add(jiff::Span::new().try_months(months).ok()?).ok()?)
}

/// The day `days` days later, if it lies in the calendar.
pub fn plus_days(day: civil::Date, days: i64) -> Option<civil::Date> {
    within_calendar(day.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn feasts_of_other_calendars() {
        // As the calendars of the countries that keep them say.
        for (name, calendar, month, day, year, wanted) in [
            ("Lunar New Year", Calendar::Chinese, 1, 1, 2024, date(2024, 2, 10)),
            ("Lunar New Year", Calendar::Chinese, 1, 1, 2013, date(2013, 2, 10)),
            ("Mid-Autumn", Calendar::Chinese, 8, 15, 2022, date(2022, 9, 10)),
            ("Rosh Hashanah", Calendar::Hebrew, 1, 1, 2023, date(2023, 9, 16)),
            ("Passover", Calendar::Hebrew, 7, 15, 2018, date(2018, 3, 31)),
            ("Eid al-Fitr", Calendar::Hijri, 10, 1, 2024, date(2024, 4, 10)),
            ("Nowruz", Calendar::Persian, 1, 1, 2021, date(2021, 3, 21)),
        ] {
            assert_eq!(elsewhere(calendar, month, day, year), Some(wanted), "{name} {year}");
        }
    }

    #[test]
    fn easter_sundays() {
        // As published by the astronomical almanacs.
        for (year, western, orthodox) in [
            (1961, date(1961, 4, 2), date(1961, 4, 9)),
            (2000, date(2000, 4, 23), date(2000, 4, 30)),
            (2016, date(2016, 3, 27), date(2016, 5, 1)),
            (2024, date(2024, 3, 31), date(2024, 5, 5)),
            (2025, date(2025, 4, 20), date(2025, 4, 20)),
        ] {
            assert_eq!((easter(year), orthodox_easter(year)), (Some(western), Some(orthodox)), "{year}");
        }
    }
}
