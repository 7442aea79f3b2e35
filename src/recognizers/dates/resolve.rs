//! Against the day of publication: a form becomes a value.

use jiff::civil;

use super::form::{Amount, Anchor, Direction, Expression, Form, Part, Point, Season, Unit, Year};
use crate::values::{Date, DateKind, Granularity};

/// What relative expressions count from. Never the clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Anchors {
    /// The day of publication.
    pub published: Option<civil::Date>,
    /// The day that the text last spoke of.
    pub spoken_of: Option<civil::Date>,
}

/// Gives an expression its value, and notes the day that it speaks of in `anchors`.
pub fn resolve(expression: &Expression, anchors: &mut Anchors) -> Date {
    let duration = |amount, unit| Stretch::unresolved(duration_timex(amount, unit), None);
    let (kind, stretch) = match &expression.form {
        Form::Calendar(point) => (DateKind::Calendar, locate(point, anchors)),
        Form::Range(from, to) => (DateKind::Calendar, range(from, to, anchors)),
        Form::Duration(amount, unit) => (DateKind::Duration, duration(*amount, *unit)),
        Form::EveryPart(part) => (DateKind::Set, Stretch::unresolved(part_timex(*part, UNKNOWN_YEAR), None)),
        Form::Every(amount, unit) => (DateKind::Set, duration(*amount, *unit)),
    };
    if stretch.granularity == Some(Granularity::Day) && stretch.start.is_some() {
        anchors.spoken_of = stretch.start;
    }
    let daypart = expression.daypart.iter().map(|part| format!("T{part}"));
    Date {
        kind,
        start: stretch.start,
        end: stretch.end,
        granularity: stretch.granularity,
        timex: daypart.fold(stretch.timex, |timex, part| timex + &part),
        modifier: expression.modifier,
        relative: stretch.relative,
        alternative_timexes: alternative(expression, anchors).into_iter().collect(),
    }
}

/// A stretch of the calendar, if it is known, and its TIMEX3 value in any case.
struct Stretch {
    timex: String,
    start: Option<civil::Date>,
    end: Option<civil::Date>,
    granularity: Option<Granularity>,
    relative: bool,
}

impl Stretch {
    fn unresolved(timex: String, granularity: Option<Granularity>) -> Stretch {
        Stretch { timex, start: None, end: None, granularity, relative: false }
    }

    fn relative(self) -> Stretch {
        Stretch { relative: true, ..self }
    }
}

const UNKNOWN_YEAR: &str = "XXXX";

fn locate(point: &Point, anchors: &Anchors) -> Stretch {
    match point {
        Point::Part { part, year, direction } => locate_part(*part, *year, *direction, anchors.published),
        Point::Shift { count, unit, anchor } => {
            let anchor = match anchor {
                Anchor::Published => anchors.published,
                Anchor::Text => anchors.spoken_of,
            };
            anchor
                .and_then(|anchor| shifted(anchor, *count, *unit))
                .unwrap_or_else(|| unknown(*unit))
                .relative()
        }
        Point::Vague(reference) => Stretch::unresolved(reference.clone(), None).relative(),
    }
}

/// An end that does not say its year takes it from the other: "du 28 décembre au 3 janvier 2024".
fn range(from: &Point, to: &Point, anchors: &Anchors) -> Stretch {
    let near = |point: &Point, other: &Stretch, direction: Direction| match (point, other.start) {
        (Point::Part { part, year: year @ (Year::Unsaid | Year::TwoDigits(_)), .. }, Some(start)) => {
            let stretch = locate_part(*part, *year, direction, Some(start));
            Stretch { relative: other.relative, ..stretch }
        }
        _ => locate(point, anchors),
    };
    let (first, last) = if says_year(to) && !says_year(from) {
        let last = locate(to, anchors);
        (near(from, &last, Direction::Past), last)
    } else {
        let first = locate(from, anchors);
        let last = near(to, &first, Direction::Future);
        (first, last)
    };
    let backwards = matches!((first.start, last.start), (Some(start), Some(end)) if start > end);
    Stretch {
        timex: format!("{}/{}", first.timex, last.timex),
        start: first.start.filter(|_| last.start.is_some() && !backwards),
        end: last.end.filter(|_| first.start.is_some() && !backwards),
        granularity: last.granularity,
        relative: first.relative || last.relative,
    }
}

fn says_year(point: &Point) -> bool {
    !matches!(point, Point::Part { year: Year::Unsaid, .. })
}

fn alternative(expression: &Expression, anchors: &Anchors) -> Option<String> {
    match &expression.form {
        Form::Calendar(Point::Part { part: Part::Day { month, day, weekday }, year, direction })
            if expression.ambiguous && *day <= 12 && day != month =>
        {
            let part = Part::Day { month: *day, day: *month, weekday: *weekday };
            Some(locate_part(part, *year, *direction, anchors.published).timex)
        }
        _ => None,
    }
}

fn locate_part(part: Part, year: Year, direction: Direction, published: Option<civil::Date>) -> Stretch {
    let (known, unknown) = match year {
        Year::Known(year) => (Some(year), String::new()),
        Year::TwoDigits(digits) => (published.map(|day| pivot(digits, day)), format!("XX{digits:02}")),
        Year::Shift(count) => {
            (published.map(|day| i64::from(day.year()).saturating_add(count)), UNKNOWN_YEAR.to_owned())
        }
        Year::Unsaid => (None, UNKNOWN_YEAR.to_owned()),
    };
    let stretch = match (known, published) {
        (Some(year), _) => match within_year(part, year) {
            Some((start, end)) => Stretch::of_part(part, start, end),
            None => Stretch::unresolved(part_timex(part, &year_timex(year)), granularity(part)),
        },
        (None, Some(published)) if year == Year::Unsaid => match nearest(part, direction, published) {
            Some((start, end)) => Stretch::of_part(part, start, end),
            None => return Stretch::unresolved(part_timex(part, &unknown), granularity(part)),
        },
        _ => Stretch::unresolved(part_timex(part, &unknown), granularity(part)),
    };
    if matches!(year, Year::Known(_)) { stretch } else { stretch.relative() }
}

/// Two digits mean the year that lies nearest, at most ten years ahead.
fn pivot(digits: i64, published: civil::Date) -> i64 {
    let latest = i64::from(published.year()) + 10;
    latest - (latest - digits).rem_euclid(100)
}

/// How many years to look for a date: every day comes back within eight, even 29 February over 1900.
const SEARCH: i64 = 8;

/// The occurrence of a part that the direction asks for.
fn nearest(part: Part, direction: Direction, published: civil::Date) -> Option<Bounds> {
    let occurrence = |step| occurrence(part, published, step);
    let over = |bounds: &Bounds| bounds.1.is_some_and(|end| end <= published);
    let begun = |bounds: &Bounds| bounds.0 <= published;
    match direction {
        Direction::Last => (-SEARCH..=0).rev().filter_map(occurrence).find(over),
        Direction::Past => match on_weekday(part, published) {
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

/// The first day and, where the calendar goes on so far, the day after the last one.
type Bounds = (civil::Date, Option<civil::Date>);

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

fn within_year(part: Part, year: i64) -> Option<Bounds> {
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
            day_bounds(civil::Date::new(year, month, day).ok()?)
        }
        Part::DayOfMonth { .. } | Part::Weekday(_) => None,
    }
}

fn day_bounds(day: civil::Date) -> Option<Bounds> {
    Some((day, day.tomorrow().ok()))
}

/// Months since January of year 0.
fn month_index(day: civil::Date) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month()) - 1
}

fn month_start(index: i64) -> Option<civil::Date> {
    let year = i16::try_from(index.div_euclid(12)).ok()?;
    civil::Date::new(year, i8::try_from(index.rem_euclid(12) + 1).ok()?, 1).ok()
}

/// The Monday `weeks` weeks from the one that begins the week of `day`.
fn monday(day: civil::Date, weeks: i64) -> Option<civil::Date> {
    let back = i64::from(day.weekday().to_monday_zero_offset());
    let days = weeks.checked_mul(7)?.checked_sub(back)?;
    plus_days(day, days)
}

fn plus_days(day: civil::Date, days: i64) -> Option<civil::Date> {
    day.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

/// The unit that lies `count` units from the one that holds `anchor`.
fn shifted(anchor: civil::Date, count: i64, unit: Unit) -> Option<Stretch> {
    let (length, part) = match unit {
        Unit::Day => {
            let (start, end) = day_bounds(plus_days(anchor, count)?)?;
            return Some(Stretch::of_day(start, end));
        }
        Unit::Week | Unit::Weekend => return week(anchor, count, unit == Unit::Weekend),
        Unit::Month => (1, Part::Month(1)),
        Unit::Quarter => (3, Part::Quarter(1)),
        Unit::Year => (12, Part::Year),
        Unit::Decade => (120, Part::Decade),
        Unit::Century => (1200, Part::Century),
    };
    let first = month_index(anchor).div_euclid(length).checked_add(count)?.checked_mul(length)?;
    let start = month_start(first)?;
    let part = match part {
        Part::Month(_) => Part::Month(start.month().into()),
        Part::Quarter(_) => Part::Quarter((i64::from(start.month()) + 2) / 3),
        part => part,
    };
    Some(Stretch::of_part(part, start, month_start(first.checked_add(length)?)))
}

fn week(anchor: civil::Date, count: i64, weekend: bool) -> Option<Stretch> {
    let monday = monday(anchor, count)?;
    let iso = monday.iso_week_date();
    let timex = format!("{}-W{:02}", year_timex(iso.year().into()), iso.week());
    let end = plus_days(monday, 7);
    Some(match weekend {
        true => Stretch {
            timex: timex + "-WE",
            start: plus_days(monday, 5),
            end,
            granularity: Some(Granularity::Day),
            relative: true,
        },
        false => {
            Stretch { timex, start: Some(monday), end, granularity: Some(Granularity::Week), relative: true }
        }
    })
}

impl Stretch {
    fn of_part(part: Part, start: civil::Date, end: Option<civil::Date>) -> Stretch {
        if granularity(part) == Some(Granularity::Day) {
            return Stretch::of_day(start, end);
        }
        let timex = part_timex(part, &year_timex(start.year().into()));
        Stretch { timex, start: Some(start), end, granularity: granularity(part), relative: false }
    }

    fn of_day(start: civil::Date, end: Option<civil::Date>) -> Stretch {
        let timex = format!("{}-{:02}-{:02}", year_timex(start.year().into()), start.month(), start.day());
        Stretch { timex, start: Some(start), end, granularity: Some(Granularity::Day), relative: false }
    }
}

/// What is known of a unit whose anchor is not.
fn unknown(unit: Unit) -> Stretch {
    let (timex, granularity) = match unit {
        Unit::Day => ("XXXX-XX-XX", Some(Granularity::Day)),
        Unit::Week => ("XXXX-WXX", Some(Granularity::Week)),
        Unit::Weekend => ("XXXX-WXX-WE", Some(Granularity::Day)),
        Unit::Month => ("XXXX-XX", Some(Granularity::Month)),
        Unit::Quarter => ("XXXX-QX", Some(Granularity::Quarter)),
        Unit::Year => ("XXXX", Some(Granularity::Year)),
        Unit::Decade => ("XXX", Some(Granularity::Decade)),
        Unit::Century => ("XX", None),
    };
    Stretch::unresolved(timex.to_owned(), granularity)
}

fn granularity(part: Part) -> Option<Granularity> {
    match part {
        Part::Century => None,
        Part::Decade => Some(Granularity::Decade),
        Part::Year => Some(Granularity::Year),
        // Seasons and half-years are made of quarters.
        Part::Half(_) | Part::Quarter(_) | Part::Season(_) => Some(Granularity::Quarter),
        Part::Month(_) => Some(Granularity::Month),
        Part::Day { .. } | Part::DayOfMonth { .. } | Part::Weekday(_) => Some(Granularity::Day),
    }
}

fn part_timex(part: Part, year: &str) -> String {
    match part {
        Part::Century => year[..year.len().saturating_sub(2)].to_owned(),
        Part::Decade => year[..year.len().saturating_sub(1)].to_owned(),
        Part::Year => year.to_owned(),
        Part::Half(half) => format!("{year}-H{half}"),
        Part::Quarter(quarter) => format!("{year}-Q{quarter}"),
        Part::Season(Season::Spring) => format!("{year}-SP"),
        Part::Season(Season::Summer) => format!("{year}-SU"),
        Part::Season(Season::Fall) => format!("{year}-FA"),
        Part::Season(Season::Winter) => format!("{year}-WI"),
        Part::Month(month) => format!("{year}-{month:02}"),
        Part::Day { month, day, .. } => format!("{year}-{month:02}-{day:02}"),
        Part::DayOfMonth { day, .. } => format!("{UNKNOWN_YEAR}-XX-{day:02}"),
        Part::Weekday(weekday) => format!("{UNKNOWN_YEAR}-WXX-{weekday}"),
    }
}

/// Four digits; years before the first of our era as TIMEX3 writes them, `BC0044`.
fn year_timex(year: i64) -> String {
    if year > 0 { format!("{year:04}") } else { format!("BC{:04}", 1_i64.saturating_sub(year)) }
}

fn duration_timex(amount: Amount, unit: Unit) -> String {
    match amount {
        Amount::Whole(count) => format!("P{count}{}", unit.code()),
        Amount::AndHalf(count) => format!("P{count}.5{}", unit.code()),
        Amount::Vague => format!("PX{}", unit.code()),
    }
}
