//! Against the day of publication: a form becomes a value.

use jiff::civil;

use super::form::{Amount, Anchor, Direction, Expression, Form, Part, Point, Season, Unit, Year};
use crate::values::{Date, DateKind, Granularity};

/// What relative expressions count from. Never the clock.
#[derive(Clone, Copy, Debug)]
pub struct Anchors {
    /// The day of publication.
    pub published: Option<civil::Date>,
    /// The day that the text last spoke of; at first, the day of publication.
    pub spoken_of: Option<civil::Date>,
}

impl Anchors {
    /// Those at the beginning of a text.
    pub fn new(published: Option<civil::Date>) -> Anchors {
        Anchors { published, spoken_of: published }
    }
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

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// A Friday.
    const PUBLISHED: civil::Date = date(2024, 10, 18);

    fn part(part: Part, direction: Direction) -> Point {
        Point::Part { part, year: Year::Unsaid, direction }
    }

    fn shift(count: i64, unit: Unit) -> Point {
        Point::Shift { count, unit, anchor: Anchor::Published }
    }

    fn at(form: Form, published: Option<civil::Date>) -> Date {
        let expression = Expression { form, modifier: None, daypart: None, ambiguous: false };
        resolve(&expression, &mut Anchors::new(published))
    }

    fn day(month: i64, day: i64) -> Part {
        Part::Day { month, day, weekday: None }
    }

    #[test]
    fn directions() {
        use Direction::{Future, Last, Next, Past, This};
        let on_friday = |month, day| Part::Day { month, day, weekday: Some(5) };
        for (name, said, direction, wanted) in [
            ("day this year", day(10, 5), Past, "2024-10-05"),
            ("day of publication", day(10, 18), Past, "2024-10-18"),
            ("day last year", day(10, 19), Past, "2023-10-19"),
            ("day before publication, strictly", day(10, 18), Last, "2023-10-18"),
            ("day still to come", day(10, 18), Future, "2024-10-18"),
            ("day after publication, strictly", day(10, 18), Next, "2025-10-18"),
            ("leap day", day(2, 29), Past, "2024-02-29"),
            ("leap day to come", day(2, 29), Next, "2028-02-29"),
            ("weekday before", Part::Weekday(4), Past, "2024-10-17"),
            ("weekday of publication", Part::Weekday(5), Past, "2024-10-18"),
            ("weekday later in the week", Part::Weekday(6), Past, "2024-10-12"),
            ("last weekday on that weekday", Part::Weekday(5), Last, "2024-10-11"),
            ("last weekday", Part::Weekday(4), Last, "2024-10-17"),
            ("this weekday", Part::Weekday(1), This, "2024-10-14"),
            ("weekday to come", Part::Weekday(5), Future, "2024-10-18"),
            ("next weekday", Part::Weekday(5), Next, "2024-10-25"),
            ("weekday agrees with a day to come", on_friday(11, 1), Past, "2024-11-01"),
            ("weekday agrees with no day", on_friday(10, 12), Past, "2024-10-12"),
            ("month that is on", Part::Month(10), Past, "2024-10"),
            ("month before", Part::Month(11), Past, "2023-11"),
            ("last month of that name", Part::Month(10), Last, "2023-10"),
            ("month to come", Part::Month(3), Future, "2025-03"),
            ("quarter that is on", Part::Quarter(4), Past, "2024-Q4"),
            ("last quarter of that number", Part::Quarter(4), Last, "2023-Q4"),
            ("half of the year", Part::Half(1), Past, "2024-H1"),
            ("season that is over", Part::Season(Season::Summer), Last, "2024-SU"),
            ("season that is on", Part::Season(Season::Fall), Last, "2023-FA"),
            ("this winter", Part::Season(Season::Winter), This, "2024-WI"),
            ("day of the month", Part::DayOfMonth { day: 31, weekday: None }, Past, "2024-08-31"),
        ] {
            let date = at(Form::Calendar(part(said, direction)), Some(PUBLISHED));
            assert_eq!((date.timex.as_str(), date.relative), (wanted, true), "{name}");
        }
    }

    #[test]
    fn year_boundaries() {
        for (name, published, point, timex, start, end) in [
            (
                "yesterday is last year",
                date(2024, 1, 1),
                shift(-1, Unit::Day),
                "2023-12-31",
                date(2023, 12, 31),
                date(2024, 1, 1),
            ),
            (
                "last month is last year",
                date(2024, 1, 31),
                shift(-1, Unit::Month),
                "2023-12",
                date(2023, 12, 1),
                date(2024, 1, 1),
            ),
            (
                "next month is next year",
                date(2024, 12, 31),
                shift(1, Unit::Month),
                "2025-01",
                date(2025, 1, 1),
                date(2025, 2, 1),
            ),
            (
                "last quarter",
                date(2024, 2, 1),
                shift(-1, Unit::Quarter),
                "2023-Q4",
                date(2023, 10, 1),
                date(2024, 1, 1),
            ),
            (
                "ISO week of the other year",
                date(2024, 12, 30),
                shift(0, Unit::Week),
                "2025-W01",
                date(2024, 12, 30),
                date(2025, 1, 6),
            ),
            (
                "week 53",
                date(2021, 1, 3),
                shift(0, Unit::Week),
                "2020-W53",
                date(2020, 12, 28),
                date(2021, 1, 4),
            ),
            (
                "weekend",
                date(2024, 1, 1),
                shift(-1, Unit::Weekend),
                "2023-W52-WE",
                date(2023, 12, 30),
                date(2024, 1, 1),
            ),
            (
                "leap day",
                date(2024, 3, 1),
                shift(-1, Unit::Day),
                "2024-02-29",
                date(2024, 2, 29),
                date(2024, 3, 1),
            ),
            (
                "last decade",
                date(2020, 1, 1),
                shift(-1, Unit::Decade),
                "201",
                date(2010, 1, 1),
                date(2020, 1, 1),
            ),
            (
                "winter that began last year",
                date(2024, 1, 9),
                part(Part::Season(Season::Winter), Direction::This),
                "2023-WI",
                date(2023, 12, 1),
                date(2024, 3, 1),
            ),
        ] {
            let value = at(Form::Calendar(point), Some(published));
            assert_eq!(
                (value.timex.as_str(), value.start, value.end),
                (timex, Some(start), Some(end)),
                "{name}"
            );
        }
    }

    #[test]
    fn ends_of_the_calendar() {
        for (name, published, point, timex, start, end) in [
            (
                "no day behind the last",
                civil::Date::MAX,
                shift(0, Unit::Day),
                "9999-12-31",
                Some(civil::Date::MAX),
                None,
            ),
            ("tomorrow of the last day", civil::Date::MAX, shift(1, Unit::Day), "XXXX-XX-XX", None, None),
            ("yesterday of the first day", civil::Date::MIN, shift(-1, Unit::Day), "XXXX-XX-XX", None, None),
            (
                "week of the first day",
                civil::Date::MIN,
                shift(0, Unit::Week),
                "BC10000-W01",
                Some(civil::Date::MIN),
                civil::Date::MIN.checked_add(jiff::Span::new().days(7)).ok(),
            ),
            ("last year", civil::Date::MAX, shift(0, Unit::Year), "9999", Some(date(9999, 1, 1)), None),
            (
                "before our era",
                PUBLISHED,
                shift(-2024, Unit::Year),
                "BC0001",
                Some(date(0, 1, 1)),
                Some(date(1, 1, 1)),
            ),
            ("far too many years", PUBLISHED, shift(-99_999_999, Unit::Year), "XXXX", None, None),
            ("far too many days", PUBLISHED, shift(i64::MAX, Unit::Day), "XXXX-XX-XX", None, None),
            ("far too many weeks", PUBLISHED, shift(i64::MIN, Unit::Week), "XXXX-WXX", None, None),
            ("far too many centuries", PUBLISHED, shift(i64::MAX, Unit::Century), "XX", None, None),
            (
                "weekday of the last week",
                civil::Date::MAX,
                part(Part::Weekday(7), Direction::Next),
                "XXXX-WXX-7",
                None,
                None,
            ),
        ] {
            let value = at(Form::Calendar(point), Some(published));
            assert_eq!((value.timex.as_str(), value.start, value.end), (timex, start, end), "{name}");
        }
    }

    #[test]
    fn years_said() {
        for (name, said, year, wanted, start) in [
            ("two digits of this century", Part::Year, Year::TwoDigits(23), "2023", Some(date(2023, 1, 1))),
            ("two digits of the last one", Part::Year, Year::TwoDigits(93), "1993", Some(date(1993, 1, 1))),
            ("two digits, ten years ahead", Part::Year, Year::TwoDigits(34), "2034", Some(date(2034, 1, 1))),
            (
                "two digits, eleven years ahead",
                Part::Year,
                Year::TwoDigits(35),
                "1935",
                Some(date(1935, 1, 1)),
            ),
            ("decade", Part::Decade, Year::Known(1990), "199", Some(date(1990, 1, 1))),
            ("century", Part::Century, Year::Known(1800), "18", Some(date(1800, 1, 1))),
            ("last year", day(3, 5), Year::Shift(-1), "2023-03-05", Some(date(2023, 3, 5))),
            ("no such day", day(2, 31), Year::Known(2024), "2024-02-31", None),
            ("no leap year", day(2, 29), Year::Known(1900), "1900-02-29", None),
            ("year out of range", Part::Year, Year::Known(99_999), "99999", None),
        ] {
            let value = at(
                Form::Calendar(Point::Part { part: said, year, direction: Direction::Past }),
                Some(PUBLISHED),
            );
            assert_eq!((value.timex.as_str(), value.start), (wanted, start), "{name}");
        }
    }

    #[test]
    fn without_a_day_of_publication() {
        for (name, point, wanted) in [
            ("day", part(day(10, 5), Direction::Past), "XXXX-10-05"),
            ("weekday", part(Part::Weekday(5), Direction::Last), "XXXX-WXX-5"),
            ("month", part(Part::Month(5), Direction::Past), "XXXX-05"),
            ("season", part(Part::Season(Season::Summer), Direction::This), "XXXX-SU"),
            (
                "two digits",
                Point::Part { part: Part::Decade, year: Year::TwoDigits(90), direction: Direction::Past },
                "XX9",
            ),
            ("yesterday", shift(-1, Unit::Day), "XXXX-XX-XX"),
            ("last week", shift(-1, Unit::Week), "XXXX-WXX"),
            ("vague", Point::Vague("PAST_REF".to_owned()), "PAST_REF"),
        ] {
            let value = at(Form::Calendar(point), None);
            let wanted = (wanted, None, None, true);
            assert_eq!((value.timex.as_str(), value.start, value.end, value.relative), wanted, "{name}");
        }
        let known = Point::Part { part: day(10, 5), year: Year::Known(2024), direction: Direction::Past };
        let value = at(Form::Calendar(known), None);
        assert_eq!((value.start, value.end), (Some(date(2024, 10, 5)), Some(date(2024, 10, 6))));
        assert!(!value.relative);
    }

    #[test]
    fn ranges_share_what_one_end_says() {
        let unsaid = |said| part(said, Direction::Past);
        let known =
            |said, year| Point::Part { part: said, year: Year::Known(year), direction: Direction::Past };
        let short = |digits| Point::Part {
            part: Part::Year,
            year: Year::TwoDigits(digits),
            direction: Direction::Past,
        };
        for (name, from, to, timex, start, end) in [
            (
                "year at the end",
                unsaid(day(5, 3)),
                known(day(5, 5), 2020),
                "2020-05-03/2020-05-05",
                date(2020, 5, 3),
                date(2020, 5, 6),
            ),
            (
                "over New Year",
                unsaid(day(12, 28)),
                known(day(1, 3), 2024),
                "2023-12-28/2024-01-03",
                date(2023, 12, 28),
                date(2024, 1, 4),
            ),
            (
                "year at the start",
                known(day(12, 28), 2023),
                unsaid(day(1, 3)),
                "2023-12-28/2024-01-03",
                date(2023, 12, 28),
                date(2024, 1, 4),
            ),
            (
                "no year",
                unsaid(day(11, 3)),
                unsaid(day(11, 5)),
                "2023-11-03/2023-11-05",
                date(2023, 11, 3),
                date(2023, 11, 6),
            ),
            (
                "weekdays",
                unsaid(Part::Weekday(3)),
                unsaid(Part::Weekday(1)),
                "2024-10-16/2024-10-21",
                date(2024, 10, 16),
                date(2024, 10, 22),
            ),
            (
                "years",
                known(Part::Year, 2009),
                known(Part::Year, 2011),
                "2009/2011",
                date(2009, 1, 1),
                date(2012, 1, 1),
            ),
            ("short end", known(Part::Year, 1998), short(2), "1998/2002", date(1998, 1, 1), date(2003, 1, 1)),
        ] {
            let value = at(Form::Range(from, to), Some(PUBLISHED));
            assert_eq!(
                (value.timex.as_str(), value.start, value.end),
                (timex, Some(start), Some(end)),
                "{name}"
            );
        }
        let backwards = at(Form::Range(known(Part::Year, 2011), known(Part::Year, 2009)), Some(PUBLISHED));
        assert_eq!((backwards.timex.as_str(), backwards.start, backwards.end), ("2011/2009", None, None));
    }

    #[test]
    fn the_text_moves_its_own_anchor() {
        let mut anchors = Anchors::new(Some(PUBLISHED));
        let mut timex = |form| {
            resolve(&Expression { form, modifier: None, daypart: None, ambiguous: false }, &mut anchors).timex
        };
        let later = || Form::Calendar(Point::Shift { count: 1, unit: Unit::Day, anchor: Anchor::Text });
        assert_eq!(timex(later()), "2024-10-19");
        assert_eq!(timex(Form::Calendar(part(day(5, 3), Direction::Past))), "2024-05-03");
        assert_eq!(timex(later()), "2024-05-04");
        assert_eq!(timex(Form::Calendar(shift(1, Unit::Day))), "2024-10-19");
    }

    #[test]
    fn durations_and_sets() {
        for (form, timex, kind) in [
            (Form::Duration(Amount::Whole(2), Unit::Week), "P2W", DateKind::Duration),
            (Form::Duration(Amount::AndHalf(2), Unit::Year), "P2.5Y", DateKind::Duration),
            (Form::Duration(Amount::Vague, Unit::Day), "PXD", DateKind::Duration),
            (Form::Every(Amount::Whole(1), Unit::Week), "P1W", DateKind::Set),
            (Form::EveryPart(Part::Weekday(1)), "XXXX-WXX-1", DateKind::Set),
            (Form::EveryPart(day(7, 14)), "XXXX-07-14", DateKind::Set),
        ] {
            let value = at(form, Some(PUBLISHED));
            assert_eq!((value.timex.as_str(), value.kind, value.relative), (timex, kind, false));
            assert_eq!((value.start, value.end, value.granularity), (None, None, None));
        }
    }

    #[test]
    fn day_and_month_may_be_the_other_way_round() {
        for (said, wanted) in [(day(10, 5), vec!["2024-05-10"]), (day(5, 5), vec![]), (day(10, 13), vec![])] {
            let form = Form::Calendar(Point::Part {
                part: said,
                year: Year::Known(2024),
                direction: Direction::Past,
            });
            let expression = Expression { form, modifier: None, daypart: None, ambiguous: true };
            assert_eq!(resolve(&expression, &mut Anchors::new(None)).alternative_timexes, wanted);
        }
    }
}
