//! Tables of what resolves to what.

use jiff::civil::date;

use super::*;
use crate::recognizers::dates::form::{Amount, Order, Season, Step};

/// A Friday.
const PUBLISHED: civil::Date = date(2024, 10, 18);

/// A Monday.
const FIRST_DAY: civil::Date = date(1, 1, 1);

fn part(part: Part, direction: Direction) -> Point {
    Point::Part { part, year: Year::Unsaid, direction }
}

fn of_year(year: Year) -> Point {
    Point::Part { part: Part::Year, year, direction: Direction::Unsaid }
}

fn shift(count: i64, unit: Unit) -> Point {
    Point::Shift { count, unit, anchor: Anchor::Published }
}

fn at(form: Form, published: Option<civil::Date>) -> Date {
    let expression = Expression { form, modifier: None, time: None, order: None, vague: false };
    resolve(&expression, &mut Anchors::new(published))
}

fn day(month: i64, day: i64) -> Part {
    Part::Day { month, day, weekday: None }
}

#[test]
fn directions() {
    use Direction::{AfterNext, BeforeLast, Future, Last, Next, Past, This};
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
        ("day of the month on a weekday", Part::DayOfMonth { day: 2, weekday: Some(1) }, Past, "2024-09-02"),
        ("the same to come", Part::DayOfMonth { day: 13, weekday: Some(5) }, Future, "2024-12-13"),
        ("the one before the last", Part::Weekday(5), BeforeLast, "2024-10-04"),
        ("the one after the next", Part::Weekday(5), AfterNext, "2024-11-01"),
        ("week of a month", Part::Week { nth: 1, month: Some(5) }, Past, "2024-W19"),
        ("week of a month to come", Part::Week { nth: 1, month: Some(5) }, Future, "2025-W19"),
    ] {
        let date = at(Form::Calendar(part(said, direction)), Some(PUBLISHED));
        assert_eq!((date.timex.as_str(), date.relative), (wanted, true), "{name}");
    }
}

#[test]
fn weeks() {
    for (nth, month, year, wanted, start) in [
        (1, None, 2015, "2015-W01", Some(date(2014, 12, 29))),
        (53, None, 2020, "2020-W53", Some(date(2020, 12, 28))),
        (53, None, 2021, "2021-W53", None),
        (-1, None, 2020, "2020-W53", Some(date(2020, 12, 28))),
        (-3, None, 2018, "2018-W50", Some(date(2018, 12, 10))),
        (1, Some(10), 2014, "2014-W41", Some(date(2014, 10, 6))),
        (-1, Some(9), 2014, "2014-W39", Some(date(2014, 9, 22))),
        (-2, Some(10), 2018, "2018-W42", Some(date(2018, 10, 15))),
        (6, Some(10), 2018, "2018-10-W06", None),
    ] {
        let week = Point::Part {
            part: Part::Week { nth, month },
            year: Year::Known(year),
            direction: Direction::Unsaid,
        };
        let date = at(Form::Calendar(week), Some(PUBLISHED));
        assert_eq!((date.timex.as_str(), date.start), (wanted, start), "{nth} of {month:?} {year}");
    }
}

#[test]
fn counted_from_a_day() {
    let known =
        |part, year| Box::new(Point::Part { part, year: Year::Known(year), direction: Direction::Unsaid });
    let within = |count, unit, part| Point::Within { count, unit, part };
    for (name, point, wanted) in [
        (
            "two weeks before",
            Point::From { start: known(day(5, 13), 1999), step: Step { months: 0, days: -14 } },
            "1999-04-29",
        ),
        (
            "a month after a day that it has not",
            Point::From { start: known(day(1, 31), 2024), step: Step { months: 1, days: 0 } },
            "2024-02-29",
        ),
        (
            "no day",
            Point::From { start: known(Part::Year, 1999), step: Step { months: 1, days: 0 } },
            "XXXX-XX-XX",
        ),
        ("week of a day", Point::Holding { unit: Unit::Week, day: known(day(10, 6), 2014) }, "2014-W41"),
        (
            "weekend of a Monday",
            Point::Holding { unit: Unit::Weekend, day: known(day(9, 6), 2021) },
            "2021-W35-WE",
        ),
        (
            "weekend of a Thursday",
            Point::Holding { unit: Unit::Weekend, day: known(day(11, 25), 2021) },
            "2021-W47-WE",
        ),
        ("Tuesday of next week", within(1, Unit::Week, Part::Weekday(2)), "2024-10-22"),
        ("last week of last month", within(-1, Unit::Month, Part::Week { nth: -1, month: None }), "2024-W39"),
        (
            "first Monday of next month",
            within(1, Unit::Month, Part::Holiday(Holiday::Nth { month: 1, nth: 1, weekday: 1 })),
            "2024-11-04",
        ),
    ] {
        assert_eq!(at(Form::Calendar(point), Some(PUBLISHED)).timex, wanted, "{name}");
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
        ("week 53", date(2021, 1, 3), shift(0, Unit::Week), "2020-W53", date(2020, 12, 28), date(2021, 1, 4)),
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
        ("last decade", date(2020, 1, 1), shift(-1, Unit::Decade), "201", date(2010, 1, 1), date(2020, 1, 1)),
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
        assert_eq!((value.timex.as_str(), value.start, value.end), (timex, Some(start), Some(end)), "{name}");
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
        ("yesterday of the first day", FIRST_DAY, shift(-1, Unit::Day), "XXXX-XX-XX", None, None),
        ("week before the first", FIRST_DAY, shift(-1, Unit::Week), "XXXX-WXX", None, None),
        ("month before the first", FIRST_DAY, shift(-1, Unit::Month), "XXXX-XX", None, None),
        ("decade that begins before the calendar", FIRST_DAY, shift(0, Unit::Decade), "XXX", None, None),
        ("century before the first", FIRST_DAY, shift(-1, Unit::Century), "XX", None, None),
        (
            "day of the year before the first",
            FIRST_DAY,
            part(day(3, 4), Direction::Last),
            "XXXX-03-04",
            None,
            None,
        ),
        ("year before the first", FIRST_DAY, of_year(Year::Shift(-1)), "XXXX", None, None),
        ("two digits before the first", FIRST_DAY, of_year(Year::TwoDigits(98)), "XX98", None, None),
        ("year after the last", civil::Date::MAX, of_year(Year::Shift(1)), "XXXX", None, None),
        ("two digits after the last", civil::Date::MAX, of_year(Year::TwoDigits(5)), "XX05", None, None),
        ("decade after the last", civil::Date::MAX, shift(1, Unit::Decade), "XXX", None, None),
        ("day before our era", civil::Date::MIN, shift(0, Unit::Day), "XXXX-XX-XX", None, None),
        (
            "week of the first day",
            FIRST_DAY,
            shift(0, Unit::Week),
            "0001-W01",
            Some(FIRST_DAY),
            Some(date(1, 1, 8)),
        ),
        ("last year", civil::Date::MAX, shift(0, Unit::Year), "9999", Some(date(9999, 1, 1)), None),
        ("before our era", PUBLISHED, shift(-2024, Unit::Year), "XXXX", None, None),
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
        ("two digits, eleven years ahead", Part::Year, Year::TwoDigits(35), "1935", Some(date(1935, 1, 1))),
        ("decade", Part::Decade, Year::Known(1990), "199", Some(date(1990, 1, 1))),
        ("century", Part::Century, Year::Known(1800), "18", Some(date(1800, 1, 1))),
        ("the first century", Part::Century, Year::Known(0), "00", Some(date(0, 1, 1))),
        ("last year", day(3, 5), Year::Shift(-1), "2023-03-05", Some(date(2023, 3, 5))),
        ("no such day", day(2, 31), Year::Known(2024), "2024-02-31", None),
        ("no leap year", day(2, 29), Year::Known(1900), "1900-02-29", None),
        ("year out of range", Part::Year, Year::Known(99_999), "99999", None),
    ] {
        let value =
            at(Form::Calendar(Point::Part { part: said, year, direction: Direction::Past }), Some(PUBLISHED));
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
    let known = |said, year| Point::Part { part: said, year: Year::Known(year), direction: Direction::Past };
    let short =
        |digits| Point::Part { part: Part::Year, year: Year::TwoDigits(digits), direction: Direction::Past };
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
        assert_eq!((value.timex.as_str(), value.start, value.end), (timex, Some(start), Some(end)), "{name}");
    }
    let backwards = at(Form::Range(known(Part::Year, 2011), known(Part::Year, 2009)), Some(PUBLISHED));
    assert_eq!((backwards.timex.as_str(), backwards.start, backwards.end), ("2011/2009", None, None));
}

#[test]
fn the_text_moves_its_own_anchor() {
    let mut anchors = Anchors::new(Some(PUBLISHED));
    let mut timex = |form| {
        resolve(&Expression { form, modifier: None, time: None, order: None, vague: false }, &mut anchors)
            .timex
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
        (Form::Duration(Amount::Tenths(25), Unit::Year), "P2.5Y", DateKind::Duration),
        (Form::Duration(Amount::Vague, Unit::Day), "PXD", DateKind::Duration),
        (
            Form::Compound((Amount::Whole(2), Unit::Day), (Amount::Whole(1), Unit::Month)),
            "P1M2D",
            DateKind::Duration,
        ),
        (
            Form::Compound((Amount::Whole(1), Unit::Hour), (Amount::Whole(30), Unit::Minute)),
            "PT1H30M",
            DateKind::Duration,
        ),
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
        let form =
            Form::Calendar(Point::Part { part: said, year: Year::Known(2024), direction: Direction::Past });
        let expression =
            Expression { form, modifier: None, time: None, order: Some(Order::DayFirst), vague: false };
        assert_eq!(resolve(&expression, &mut Anchors::new(None)).alternative_timexes, wanted);
    }
}
