//! Against the day of publication: a form becomes a value.

use jiff::civil;

use super::calendar::{
    YEARS, day_bounds, monday, month_index, month_start, nearest, pivot, plus_days, plus_months, within_year,
};
use super::form::{Anchor, Direction, Expression, Form, Holiday, Part, Point, Unit, Year};
use super::timex::{UNKNOWN_YEAR, duration_timex, part_timex, year_timex};
use crate::values::{Date, DateKind, Granularity};

/// What relative expressions count from. Never the clock.
#[derive(Clone, Copy, Debug)]
pub struct Anchors {
    /// The year that the paragraph speaks of, where a sentence began with it: "In 2019, …".
    pub running_year: Option<i64>,
    /// The day of publication.
    pub published: Option<civil::Date>,
    /// The day that the text last spoke of; at first, the day of publication.
    pub spoken_of: Option<civil::Date>,
    /// The first day of the month or year that it last spoke of: what "the following year" counts from.
    pub spoken_of_part: Option<civil::Date>,
}

impl Anchors {
    /// Those at the beginning of a text.
    pub fn new(published: Option<civil::Date>) -> Anchors {
        Anchors { published, spoken_of: published, spoken_of_part: published, running_year: None }
    }
}

/// Gives an expression its value, and notes the day that it speaks of in `anchors`.
pub fn resolve(expression: &Expression, anchors: &mut Anchors) -> Date {
    let duration = |lengths: &[_]| Stretch::unresolved(duration_timex(lengths), None);
    let (kind, stretch) = match &expression.form {
        Form::Calendar(point) => (DateKind::Calendar, locate(point, anchors)),
        Form::Range(from, to) => (DateKind::Calendar, range(from, to, anchors)),
        Form::Duration(amount, unit) => (DateKind::Duration, duration(&[(*amount, *unit)])),
        Form::Compound(first, second) => (DateKind::Duration, duration(&[*first, *second])),
        Form::EveryPart(part) => (DateKind::Set, Stretch::unresolved(part_timex(*part, UNKNOWN_YEAR), None)),
        Form::Every(amount, unit) => (DateKind::Set, duration(&[(*amount, *unit)])),
    };
    // A time of day alone speaks of no other day.
    if stretch.granularity == Some(Granularity::Day) && stretch.start.is_some() && !expression.vague {
        anchors.spoken_of = stretch.start;
    }
    // "A year earlier" is told beside the year it counts from, which the next one counts from too.
    let counted = matches!(expression.form, Form::Calendar(Point::Shift { anchor: Anchor::Text, .. }));
    if matches!(expression.form, Form::Calendar(_))
        && !counted
        && stretch.start.is_some()
        && !expression.vague
    {
        anchors.spoken_of_part = stretch.start;
    }
    let timex = stretch.timex.clone() + expression.time.as_deref().unwrap_or_default();
    Date {
        kind,
        start: stretch.start,
        end: stretch.end,
        granularity: stretch.granularity,
        alternative_timexes: alternatives(expression, anchors, &timex),
        timex,
        modifier: expression.modifier,
        relative: stretch.relative,
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

    /// The day, if it is one.
    fn day(&self) -> Option<civil::Date> {
        self.start.filter(|_| self.granularity == Some(Granularity::Day))
    }
}

fn locate(point: &Point, anchors: &Anchors) -> Stretch {
    match point {
        Point::Part { part, year, direction } => {
            let running = anchors.running_year.filter(|_| *year == Year::Unsaid);
            running
                .and_then(|year| in_running_year(*part, year, *direction, anchors.published?))
                .unwrap_or_else(|| locate_part(*part, *year, *direction, anchors.published))
        }
        Point::Told { part, direction } => locate_part(*part, Year::Unsaid, *direction, anchors.spoken_of),
        Point::Within { count, unit, part } => {
            anchors.published.and_then(|published| within(published, *count, *unit, *part)).map_or_else(
                || unknown(if matches!(part, Part::Week { .. }) { Unit::Week } else { Unit::Day }),
                Stretch::relative,
            )
        }
        Point::From { start, step } => {
            let start = locate(start, anchors);
            let day = start
                .day()
                .and_then(|day| plus_days(plus_months(day, step.months)?, step.days))
                .filter(|day| of_our_era(*day))
                .and_then(day_bounds);
            let stretch = day.map_or_else(|| unknown(Unit::Day), |(start, end)| Stretch::of_day(start, end));
            Stretch { relative: start.relative, ..stretch }
        }
        Point::Holding { unit, day } => {
            let day = locate(day, anchors);
            let weekend = *unit == Unit::Weekend;
            // A feast on a Monday or Tuesday has the weekend before it.
            let inside = day.day().and_then(|day| plus_days(day, if weekend { -2 } else { 0 }));
            let stretch =
                inside.and_then(|inside| week(inside, 0, weekend)).unwrap_or_else(|| unknown(*unit));
            Stretch { relative: day.relative, ..stretch }
        }
        Point::Shift { count, unit, anchor } => {
            let anchor = match (anchor, unit) {
                (Anchor::Published, _) => anchors.published,
                (Anchor::Text, Unit::Month | Unit::Quarter | Unit::Year | Unit::Decade | Unit::Century) => {
                    anchors.spoken_of_part
                }
                (Anchor::Text, _) => anchors.spoken_of,
            };
            anchor
                .and_then(|anchor| shifted(anchor, *count, *unit))
                .filter(|stretch| stretch.start.is_some_and(of_our_era))
                .unwrap_or_else(|| unknown(*unit))
                .relative()
        }
        Point::Vague(reference) => Stretch::unresolved(reference.clone(), None).relative(),
    }
}

/// A part of the week or month that lies `count` of them from the one that holds the publication.
fn within(published: civil::Date, count: i64, unit: Unit, part: Part) -> Option<Stretch> {
    let (start, end) = if unit == Unit::Week {
        let Part::Weekday(weekday) = part else { return None };
        day_bounds(plus_days(monday(published, count)?, weekday - 1)?)?
    } else {
        let first = month_start(month_index(published).checked_add(count)?)?;
        let month = first.month().into();
        let part = match part {
            Part::DayOfMonth { day, weekday } => Part::Day { month, day, weekday },
            Part::Week { nth, .. } => Part::Week { nth, month: Some(month) },
            Part::Holiday(Holiday::Nth { nth, weekday, .. }) => {
                Part::Holiday(Holiday::Nth { month, nth, weekday })
            }
            _ => return None,
        };
        within_year(part, first.year().into())?
    };
    of_our_era(start).then(|| Stretch::of_part(part, start, end))
}

/// A month or a day after "in 2019, …" lies in that year, unless the words or the tense look ahead.
fn in_running_year(part: Part, year: i64, direction: Direction, published: civil::Date) -> Option<Stretch> {
    // A weekday beside the day tells more.
    let weekday = matches!(part, Part::Day { weekday: Some(_), .. });
    if weekday || !matches!(direction, Direction::Unsaid | Direction::Past) {
        return None;
    }
    let (start, end) = within_year(part, year).filter(|(start, _)| *start <= published)?;
    Some(Stretch::of_part(part, start, end).relative())
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

/// Other readings: day and month the other way round; the date to come where nothing tells that it is past.
fn alternatives(expression: &Expression, anchors: &Anchors, timex: &str) -> Vec<String> {
    let swapped = expression.order.and_then(|_| expression.swapped());
    let mut form = expression.form.clone();
    let ahead = match &mut form {
        Form::Calendar(point) => match point.named() {
            Point::Part { year: Year::Unsaid, direction: direction @ Direction::Unsaid, .. } => {
                *direction = Direction::Future;
                Some(form)
            }
            _ => None,
        },
        _ => None,
    };
    let read = |form| match form {
        Form::Calendar(point) => {
            locate(&point, anchors).timex + expression.time.as_deref().unwrap_or_default()
        }
        _ => String::new(),
    };
    let mut readings: Vec<String> = swapped.into_iter().chain(ahead).map(read).collect();
    readings.retain(|reading| reading != timex);
    readings
}

fn locate_part(part: Part, year: Year, direction: Direction, published: Option<civil::Date>) -> Stretch {
    let on_calendar = |year: &i64| *year >= 1 && YEARS.contains(year);
    let (known, unknown) = match year {
        Year::Known(year) => (Some(year), String::new()),
        Year::TwoDigits(digits) => {
            (published.map(|day| pivot(digits, day)).filter(on_calendar), format!("XX{digits:02}"))
        }
        Year::Shift(count) => {
            let year = published.map(|day| i64::from(day.year()).saturating_add(count));
            (year.filter(on_calendar), UNKNOWN_YEAR.to_owned())
        }
        Year::Unsaid => (None, UNKNOWN_YEAR.to_owned()),
    };
    let stretch = match (known, published) {
        (Some(year), _) => match within_year(part, year) {
            Some((start, end)) => Stretch::of_part(part, start, end),
            None => Stretch::unresolved(part_timex(part, &year_timex(year)), granularity(part)),
        },
        (None, Some(published)) if year == Year::Unsaid => {
            match nearest(part, direction, published).filter(|(start, _)| of_our_era(*start)) {
                Some((start, end)) => Stretch::of_part(part, start, end),
                None => return Stretch::unresolved(part_timex(part, &unknown), granularity(part)),
            }
        }
        _ => Stretch::unresolved(part_timex(part, &unknown), granularity(part)),
    };
    if matches!(year, Year::Known(_)) { stretch } else { stretch.relative() }
}

/// Nothing that is counted from a day of our era lies before it: that would be a slip, not history.
fn of_our_era(start: civil::Date) -> bool {
    start.year() >= 1
}

/// The unit that lies `count` units from the one that holds `anchor`.
fn shifted(anchor: civil::Date, count: i64, unit: Unit) -> Option<Stretch> {
    let (length, part) = match unit {
        Unit::Second | Unit::Minute | Unit::Hour => return None,
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
    let end = plus_days(monday, 7);
    Some(match weekend {
        true => Stretch { end, ..Stretch::of_weekend(plus_days(monday, 5)?) },
        false => Stretch {
            timex: week_timex(monday),
            start: Some(monday),
            end,
            granularity: Some(Granularity::Week),
            relative: true,
        },
    })
}

fn week_timex(day: civil::Date) -> String {
    let iso = day.iso_week_date();
    format!("{}-W{:02}", year_timex(iso.year().into()), iso.week())
}

impl Stretch {
    fn of_part(part: Part, start: civil::Date, end: Option<civil::Date>) -> Stretch {
        if part == Part::Weekend {
            return Stretch { end, ..Stretch::of_weekend(start) };
        }
        if granularity(part) == Some(Granularity::Day) {
            return Stretch::of_day(start, end);
        }
        let timex = match part {
            Part::Week { .. } => week_timex(start),
            _ => part_timex(part, &year_timex(start.year().into())),
        };
        Stretch { timex, start: Some(start), end, granularity: granularity(part), relative: false }
    }

    /// The one that begins on that Saturday, its end aside.
    fn of_weekend(start: civil::Date) -> Stretch {
        let (timex, granularity) = (week_timex(start) + "-WE", Some(Granularity::Day));
        Stretch { timex, start: Some(start), end: None, granularity, relative: true }
    }

    fn of_day(start: civil::Date, end: Option<civil::Date>) -> Stretch {
        let timex = format!("{}-{:02}-{:02}", year_timex(start.year().into()), start.month(), start.day());
        Stretch { timex, start: Some(start), end, granularity: Some(Granularity::Day), relative: false }
    }
}

/// What is known of a unit whose anchor is not.
fn unknown(unit: Unit) -> Stretch {
    let (timex, granularity) = match unit {
        Unit::Second | Unit::Minute | Unit::Hour | Unit::Day => ("XXXX-XX-XX", Some(Granularity::Day)),
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
        Part::Week { .. } => Some(Granularity::Week),
        Part::Day { .. } | Part::DayOfMonth { .. } | Part::Weekday(_) | Part::Weekend | Part::Holiday(_) => {
            Some(Granularity::Day)
        }
    }
}

#[cfg(test)]
mod tests;
