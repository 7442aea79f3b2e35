//! What the words of a match say, before it is known when the article was published.
//!
//! The rules of the packs only combine lists; these captures (or constants) carry the meaning:
//!
//! | capture | value |
//! |---|---|
//! | `day`, `month`, `weekday` | 1 to 31, 1 to 12, 1 (Monday) to 7 |
//! | `year_thousands`, `year_tens`, `year_ones` | a year in words: 1900, 70 and 2 are 1972 |
//! | `year`, `decade` | its digits, of any script, four or two; of a decade, those of its first year |
//! | `era` | what must be added to the year: `2018` for Reiwa; `BC` counts backwards from year 1 |
//! | `year_shift` | the year counted from the publication's: -1, 0 or 1 |
//! | `century`, `half`, `quarter` | 1 is the first |
//! | `weekend` | any value: the one before or to come, as a weekday is |
//! | `season` | `SP`, `SU`, `FA`, `WI` |
//! | `holiday` | `12-25` (month and day), `E-2` (days from Easter Sunday), `O+0` (from the Orthodox one), `11/4/4` (month, which one, weekday; the last one is -1), `11-27/7` (the first such weekday from that day on), `hijri:10-1` (month and day of the calendars `hijri`, `hebrew`, `chinese`, `persian`; `chinese:1-1:-1` is the day before) |
//! | `week` | which week of the year, as ISO 8601 counts them, or of the `month` or `month_shift`; -1 is the last |
//! | `nth` | beside `weekday` and `month` or `month_shift`: which of the month's days of that name; -1 is the last |
//! | `named` | days or other units from the anchor, such as `-1D`; or `PAST_REF`, `PRESENT_REF`, `FUTURE_REF` |
//! | `tens` and `count`, or `digits` | an amount: `twenty` and `five` are 25; the count `X` is vague, `0.5` a half |
//! | `fraction` | any value: and a half |
//! | `and_tens`, `and_count`, `and_digits`, `and_unit` | a second amount, which adds to the first: "two years and three months" |
//! | `unit` | `D`, `W`, `WE` (weekend), `M`, `Q`, `Y`, `DE`, `CE`; `TS`, `TM`, `TH` (seconds to hours) in durations |
//! | `shift` | -1, 0 or 1 for "last", "this", "next"; -2 and 2 for the one before and after that |
//! | `week_shift`, `month_shift` | the week of a `weekday`, the month of a `day`, counted from the publication's |
//! | `offset` | -1 or 1: the day that lies the amount before or after the day that is named ("two weeks before Christmas") |
//! | `holder` | `W` or `WE`: the week or weekend that holds the day that is named ("the week of 7 October") |
//! | `direction` | `PAST` or `FUTURE`: makes an amount an offset; for a date without year, where to look for it |
//! | `anchor` | `TEXT`: an offset, or the `shift` of a `weekday`, counts from the day last spoken of, not from the publication |
//! | `every` | any value: a set; then `named` is how often it comes back |
//! | `mod` | a TIMEX3 modifier |
//! | `daypart` | `MO`, `MI`, `AF`, `EV`, `NI` |
//! | `hour`, `minute`, `half_day`, `zone` | 0 to 24, 0 to 59, `AM` or `PM`, `Z`: the time of a day |
//! | `order` | `DM` or `MD`, of a numeric date: which of day and month comes first |
//! | `scope` | `TIMEX`: reported only to who asks for every TIMEX3, since it points at no date of the calendar |
//! | `to_…` | the same of a range's second end |
//!
//! A match that says none of this is no date: that is how a pack names what only looks like one.

use super::tense::Tense;
use crate::recognizers::numbers;
use crate::recognizers::rules::RuleMatch;
use crate::values::Modifier;

/// What a temporal expression says.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// The words' meaning, modifiers aside.
    pub form: Form,
    /// `début`, `nearly`.
    pub modifier: Option<Modifier>,
    /// As TIMEX3 writes it behind a day: `TMO`, `T20:15`.
    pub time: Option<String>,
    /// Of a numeric date: what comes first.
    pub order: Option<Order>,
    /// Whether it is reported only to who asks for every TIMEX3: a time of day alone, a few minutes, "now".
    pub vague: bool,
}

/// What comes first in a numeric date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    DayFirst,
    MonthFirst,
}

/// The meaning of a temporal expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// "5 October", "two weeks ago".
    Calendar(Point),
    /// "3 au 5 mai".
    Range(Point, Point),
    /// "two weeks".
    Duration(Amount, Unit),
    /// "A year and three months".
    Compound((Amount, Unit), (Amount, Unit)),
    /// "every Monday": a part of the calendar that comes back.
    EveryPart(Part),
    /// "every two weeks".
    Every(Amount, Unit),
}

/// One place in the calendar.
#[derive(Clone, Debug, PartialEq)]
pub enum Point {
    /// "mars 2024", "last Friday".
    Part {
        /// What is named.
        part: Part,
        /// The year that it lies in.
        year: Year,
        /// Where to look for it, if the year is not said.
        direction: Direction,
    },
    /// "yesterday", "la semaine dernière": a unit of the calendar, counted from the one that holds the anchor.
    Shift {
        /// How many units later.
        count: i64,
        /// What is counted and named.
        unit: Unit,
        /// Counted from where.
        anchor: Anchor,
    },
    /// "The following Friday": a part that lies before or behind the day last spoken of.
    Told {
        /// What is named.
        part: Part,
        /// On which side.
        direction: Direction,
    },
    /// "Friday of next week", "the last week of this month": a part of a unit counted from the one that holds the
    /// publication.
    Within {
        /// How many units later.
        count: i64,
        /// The week or the month.
        unit: Unit,
        /// What is named in it.
        part: Part,
    },
    /// "Two weeks before Christmas": a day counted from another one.
    From {
        /// The day that is named.
        start: Box<Point>,
        /// How far it is from there.
        step: Step,
    },
    /// "The week of 7 October": what holds a day.
    Holding {
        /// The week or the weekend.
        unit: Unit,
        /// The day that is named.
        day: Box<Point>,
    },
    /// "ces derniers jours": a TIMEX3 reference such as `PAST_REF`.
    Vague(String),
}

/// So many months and then so many days on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub months: i64,
    pub days: i64,
}

/// A part of the calendar that has a name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Century,
    Decade,
    Year,
    Half(i64),
    Quarter(i64),
    Season(Season),
    Month(i64),
    /// Of the month, else of the year; the last one is -1.
    Week {
        nth: i64,
        month: Option<i64>,
    },
    Day {
        month: i64,
        day: i64,
        weekday: Option<i64>,
    },
    DayOfMonth {
        day: i64,
        weekday: Option<i64>,
    },
    Weekday(i64),
    Weekend,
    Holiday(Holiday),
}

/// A day of the year that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holiday {
    /// "Christmas".
    Fixed { month: i64, day: i64 },
    /// "Good Friday": days from Easter Sunday.
    Easter(i64),
    /// The same from the Easter Sunday of the Julian calendar.
    OrthodoxEaster(i64),
    /// "Thanksgiving": which of the month's days of that name; -1 is the last.
    Nth { month: i64, nth: i8, weekday: i8 },
    /// "Advent Sunday": the first weekday of that name from a day on.
    From { month: i64, day: i64, weekday: i8 },
    /// "Lunar New Year": days from a day of another calendar.
    Elsewhere { calendar: Calendar, month: u8, day: u8, days: i64 },
}

/// A calendar that feasts are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calendar {
    Hijri,
    Hebrew,
    Chinese,
    Persian,
}

/// A season of the northern hemisphere, in whole months.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Season {
    Spring,
    Summer,
    Fall,
    Winter,
}

/// What is said about the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Year {
    /// "2024"; the first year of a decade or century.
    Known(i64),
    /// "'93".
    TwoDigits(i64),
    /// "last year", counted from the publication's.
    Shift(i64),
    /// Nothing.
    Unsaid,
}

/// Where to look for a date whose year is not said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Nothing tells: as `Past`, for news tells what happened.
    Unsaid,
    /// The last one that has begun: "since Friday".
    Past,
    /// The first one that is not over: "until Friday".
    Future,
    /// The nearest one, past or to come: "had to decide by Friday".
    Near,
    /// The one before the last: "vorletzten Freitag".
    BeforeLast,
    /// The last one that is over: "last Friday".
    Last,
    /// The one that is on, or that of this week or year: "this Friday".
    This,
    /// The first one still to come: "next Friday".
    Next,
    /// The one after that: "the Friday after next".
    AfterNext,
}

/// What an offset counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The day of publication.
    Published,
    /// The day that the text last spoke of: "le lendemain".
    Text,
}

/// How many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// "three".
    Whole(i64),
    /// "three and a half" are 35 tenths.
    Tenths(i64),
    /// "several".
    Vague,
}

/// A unit of the calendar, the shortest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Weekend,
    Month,
    Quarter,
    Year,
    Decade,
    Century,
}

impl Unit {
    const CODES: [(&'static str, Unit); 11] = [
        ("TS", Unit::Second),
        ("TM", Unit::Minute),
        ("TH", Unit::Hour),
        ("D", Unit::Day),
        ("W", Unit::Week),
        ("WE", Unit::Weekend),
        ("M", Unit::Month),
        ("Q", Unit::Quarter),
        ("Y", Unit::Year),
        ("DE", Unit::Decade),
        ("CE", Unit::Century),
    ];

    /// As in a TIMEX3 duration, such as `W`.
    pub fn code(self) -> &'static str {
        Unit::CODES.iter().find(|(_, unit)| *unit == self).map_or("", |(code, _)| code)
    }

    fn from_code(code: &str) -> Option<Unit> {
        Unit::CODES.iter().find(|(known, _)| *known == code).map(|(_, unit)| *unit)
    }

    /// Whether it is a part of a day.
    fn is_clock(self) -> bool {
        matches!(self, Unit::Second | Unit::Minute | Unit::Hour)
    }

    /// How many of the next smaller unit it holds, for parts of it.
    fn divided(self) -> (i64, Unit) {
        match self {
            Unit::Second | Unit::Minute | Unit::Hour | Unit::Day => (1, self),
            Unit::Week | Unit::Weekend => (7, Unit::Day),
            Unit::Month => (30, Unit::Day),
            Unit::Quarter => (3, Unit::Month),
            Unit::Year => (12, Unit::Month),
            Unit::Decade => (10, Unit::Year),
            Unit::Century => (10, Unit::Decade),
        }
    }
}

impl Expression {
    /// Reads the captures of a match; `None` where they are no date.
    pub fn read(matched: &RuleMatch<'_, '_>) -> Option<Expression> {
        let from = Captures { matched, prefix: "" };
        let form = from.form()?;
        let modifier = from.get("mod").and_then(Modifier::from_name).map(|modifier| match &form {
            Form::Calendar(Point::Shift { count, .. }) => on_calendar(modifier, *count < 0),
            Form::Calendar(Point::From { step, .. }) => on_calendar(modifier, step.months + step.days < 0),
            _ => modifier,
        });
        let order = match from.get("order") {
            Some("DM") => Some(Order::DayFirst),
            Some("MD") => Some(Order::MonthFirst),
            _ => None,
        };
        // A lead of 14 seconds is nothing to put into a calendar.
        let moment = matches!(
            form,
            Form::Duration(_, Unit::Second | Unit::Minute)
                | Form::Compound((_, Unit::Second | Unit::Minute), _)
        );
        let vague = moment || from.get("scope") == Some("TIMEX");
        Some(Expression { form, modifier, time: from.time(), order, vague })
    }

    /// The year that is named, if it is.
    pub fn year(&self) -> Option<i64> {
        match self.form {
            Form::Calendar(Point::Part {
                part:
                    Part::Year
                    | Part::Half(_)
                    | Part::Quarter(_)
                    | Part::Season(_)
                    | Part::Month(_)
                    | Part::Day { .. },
                year: Year::Known(year),
                direction: Direction::Unsaid,
            }) => Some(year),
            _ => None,
        }
    }

    /// The order that this date can only have been written in: "25/12/2024".
    pub fn certain_order(&self) -> Option<Order> {
        let (day, _) = self.numeric_day()?;
        self.order.filter(|_| day > 12)
    }

    /// Reads a numeric date in the order that the document is written in.
    pub fn follow(&mut self, order: Order) {
        if let (Some(own), Some(swapped)) = (self.order, self.swapped()) {
            if own != order {
                self.form = swapped;
            }
            self.order = None;
        }
    }

    /// With day and month the other way round, if that is another date.
    pub fn swapped(&self) -> Option<Form> {
        let (day, month) = self.numeric_day()?;
        let Form::Calendar(Point::Part { year, direction, .. }) = self.form else { return None };
        let part = Part::Day { month: day, day: month, weekday: None };
        (day <= 12 && day != month).then_some(Form::Calendar(Point::Part { part, year, direction }))
    }

    fn numeric_day(&self) -> Option<(i64, i64)> {
        match self.form {
            Form::Calendar(Point::Part { part: Part::Day { month, day, .. }, .. }) => Some((day, month)),
            _ => None,
        }
    }
}

impl Form {
    /// Turns to where the clause's tense points, asked for only where the words leave it open: "next" and "since"
    /// say it themselves, and "until" unless all was over by then.
    pub fn turn(&mut self, tense: impl FnOnce() -> Option<Tense>) {
        let (Form::Calendar(point) | Form::Range(point, _)) = self else { return };
        let Point::Part { part, year: Year::Unsaid, direction } = point.named() else { return };
        if !matches!(direction, Direction::Unsaid | Direction::Future | Direction::This) {
            return;
        }
        match tense() {
            // "She will play this Wednesday" on a Thursday; otherwise "this" says it itself: "this August" is that of
            // this year.
            Some(Tense::Future) if *direction == Direction::This && matches!(part, Part::Weekday(_)) => {
                *direction = Direction::Future;
            }
            _ if *direction == Direction::This => {}
            Some(Tense::Future) => *direction = Direction::Future,
            Some(Tense::Over) => *direction = Direction::Past,
            Some(Tense::Past) if *direction == Direction::Unsaid => *direction = Direction::Past,
            Some(Tense::Past) => *direction = Direction::Near,
            None => {}
        }
    }
}

impl Point {
    /// The place that is named, where this one is told by it.
    pub fn named(&mut self) -> &mut Point {
        match self {
            Point::From { start: other, .. } | Point::Holding { day: other, .. } => other.named(),
            point => point,
        }
    }
}

/// "More than two years ago" is before a day, not more than it.
fn on_calendar(modifier: Modifier, past: bool) -> Modifier {
    match (modifier, past) {
        (Modifier::MoreThan, true) | (Modifier::LessThan, false) => Modifier::Before,
        (Modifier::LessThan, true) | (Modifier::MoreThan, false) => Modifier::After,
        (Modifier::EqualOrMore, true) | (Modifier::EqualOrLess, false) => Modifier::OnOrBefore,
        (Modifier::EqualOrLess, true) | (Modifier::EqualOrMore, false) => Modifier::OnOrAfter,
        _ => modifier,
    }
}

/// The captures of one end of a range, or of the whole expression.
#[derive(Clone, Copy)]
struct Captures<'a, 'r, 't> {
    matched: &'a RuleMatch<'r, 't>,
    prefix: &'static str,
}

impl Captures<'_, '_, '_> {
    fn get(&self, name: &str) -> Option<&str> {
        if self.prefix.is_empty() {
            self.matched.get(name)
        } else {
            self.matched.get(&format!("{}{name}", self.prefix))
        }
    }

    fn number(&self, name: &str) -> Option<i64> {
        numbers::plain_digits(self.get(name)?).parse().ok()
    }

    /// Ten times the number that digits make, as the language writes them.
    fn tenths(&self, name: &str) -> Option<i64> {
        self.matched.number(&format!("{}{name}", self.prefix))?.low.tenths()
    }

    fn time(&self) -> Option<String> {
        let part = self.get("daypart");
        let Some(hour) = self.number("hour") else { return part.map(|part| format!("T{part}")) };
        let hour = match (hour, self.get("half_day"), part) {
            (12, Some("AM"), _) => 0,
            (1..=11, Some("PM"), _) | (1..=11, None, Some("AF" | "EV")) => hour + 12,
            _ => hour,
        };
        let (minute, zone) = (self.number("minute").unwrap_or(0), self.get("zone").unwrap_or_default());
        Some(format!("T{hour:02}:{minute:02}{zone}"))
    }

    fn form(&self) -> Option<Form> {
        // What counts from a day takes the amount beside it, and the day is the rest.
        if let Some(sign) = self.number("offset") {
            let start = Box::new(self.place()?);
            let point = match self.step(sign) {
                Some(step) => Point::From { start, step },
                None => Point::Vague(if sign < 0 { "PAST_REF" } else { "FUTURE_REF" }.to_owned()),
            };
            return Some(Form::Calendar(point));
        }
        if let Some(unit) = self.get("holder").and_then(Unit::from_code) {
            return Some(Form::Calendar(Point::Holding { unit, day: Box::new(self.place()?) }));
        }
        let to = Captures { prefix: "to_", ..*self };
        // An end that says only its day or month is in the other's month or year.
        let ranged = self.matched.has_any(to.prefix);
        if let Some(to_part) = ranged.then(|| to.part(self.number("month"))).flatten() {
            let from_part = self.part(to.number("month"))?;
            return Some(Form::Range(self.point(from_part), to.point(to_part)));
        }
        let every = self.get("every").is_some();
        if let Some(part) = self.part(None) {
            return Some(if every { Form::EveryPart(part) } else { Form::Calendar(self.point(part)) });
        }
        if let Some(named) = self.get("named") {
            return match self.named(named)? {
                Point::Shift { count, unit, .. } if every => Some(Form::Every(Amount::Whole(count), unit)),
                point => Some(Form::Calendar(point)),
            };
        }
        let Some(unit) = self.get("unit").and_then(Unit::from_code) else {
            // "This morning" names the day by its part, as "8 p.m." does.
            return self
                .time()
                .map(|_| Form::Calendar(self.shift(self.number("shift").unwrap_or(0), Unit::Day)));
        };
        if let Some(shift) = self.number("shift") {
            return Some(Form::Calendar(self.shift(shift, unit)));
        }
        match (self.amount(), self.get("direction")) {
            (amount, _) if every => Some(Form::Every(amount.unwrap_or(Amount::Whole(1)), unit)),
            (Some(amount), Some(direction)) if !unit.is_clock() => {
                Some(Form::Calendar(self.offset(amount, unit, direction == "PAST")))
            }
            (Some(amount), _) => Some(match self.second().length() {
                Some(second) => Form::Compound((amount, unit), second),
                None => Form::Duration(amount, unit),
            }),
            (None, _) => None,
        }
    }

    /// The day or other part that is named, whatever amount stands beside it.
    fn place(&self) -> Option<Point> {
        match self.part(None) {
            Some(part) => Some(self.point(part)),
            None => self.named(self.get("named")?),
        }
    }

    /// The amount that adds to the first one.
    fn second(&self) -> Captures<'_, '_, '_> {
        Captures { prefix: "and_", ..*self }
    }

    fn length(&self) -> Option<(Amount, Unit)> {
        Some((self.amount()?, Unit::from_code(self.get("unit")?)?))
    }

    /// The amounts as a way through the calendar; `None` where nobody counted them.
    fn step(&self, sign: i64) -> Option<Step> {
        let (amount, unit) = self.length()?;
        let mut step = amount.step(unit)?;
        if let Some((amount, unit)) = self.second().length() {
            let second = amount.step(unit)?;
            step = Step {
                months: step.months.saturating_add(second.months),
                days: step.days.saturating_add(second.days),
            };
        }
        Some(Step { months: step.months.saturating_mul(sign), days: step.days.saturating_mul(sign) })
    }

    fn part(&self, shared_month: Option<i64>) -> Option<Part> {
        let weekday = self.number("weekday");
        // The month that is counted from the publication's comes later.
        let month = self.number("month").or_else(|| self.number("month_shift").map(|_| 1));
        if let (Some(nth), Some(weekday), Some(month)) = (self.number("nth"), weekday, month) {
            let (nth, weekday) = (nth.try_into().ok()?, weekday.try_into().ok()?);
            return Some(Part::Holiday(Holiday::Nth { month, nth, weekday }));
        }
        if let Some(nth) = self.number("week") {
            return Some(Part::Week { nth, month: self.number("month") });
        }
        if let Some(day) = self.number("day") {
            return Some(match self.number("month").or(shared_month) {
                Some(month) => Part::Day { month, day, weekday },
                None => Part::DayOfMonth { day, weekday },
            });
        }
        if let Some(month) = self.number("month") {
            return Some(Part::Month(month));
        }
        let season = || match self.get("season")? {
            "SP" => Some(Season::Spring),
            "SU" => Some(Season::Summer),
            "FA" => Some(Season::Fall),
            _ => Some(Season::Winter),
        };
        let holiday = || self.get("holiday").and_then(Holiday::from_code).map(Part::Holiday);
        let quarter = || self.number("quarter").map(Part::Quarter);
        let half = || self.number("half").map(Part::Half);
        let named = |name: &str, part: Part| self.get(name).map(|_| part);
        weekday
            .map(Part::Weekday)
            .or_else(holiday)
            .or_else(quarter)
            .or_else(half)
            .or_else(|| season().map(Part::Season))
            .or_else(|| named("weekend", Part::Weekend))
            .or_else(|| named("year", Part::Year))
            .or_else(|| named("year_thousands", Part::Year))
            .or_else(|| named("decade", Part::Decade))
            .or_else(|| named("century", Part::Century))
    }

    fn point(&self, part: Part) -> Point {
        // "Tuesday of last week": the shift is the week's, unless the week is what is counted.
        let of_week =
            || self.number("shift").filter(|_| self.get("unit") == Some("W") && self.get("offset").is_none());
        match (part, self.number("week_shift").or_else(of_week), self.number("month_shift")) {
            (Part::Weekday(_), Some(count), _) => return Point::Within { count, unit: Unit::Week, part },
            (Part::DayOfMonth { .. } | Part::Week { .. } | Part::Holiday(_), _, Some(count)) => {
                return Point::Within { count, unit: Unit::Month, part };
            }
            _ => {}
        }
        let direction = match (self.number("shift"), self.get("direction")) {
            (Some(..-1), _) => Direction::BeforeLast,
            (Some(-1), _) => Direction::Last,
            (Some(0), _) => Direction::This,
            (Some(1), _) => Direction::Next,
            (Some(2..), _) => Direction::AfterNext,
            (None, Some("FUTURE")) => Direction::Future,
            (None, Some(_)) => Direction::Past,
            (None, None) => Direction::Unsaid,
        };
        if matches!(part, Part::Weekday(_)) && self.get("anchor") == Some("TEXT") {
            return Point::Told { part, direction };
        }
        // The weeks of a year are counted in the one that is on.
        let year = match (part, self.year()) {
            (Part::Week { month: None, .. }, Year::Unsaid) => Year::Shift(0),
            (_, year) => year,
        };
        Point::Part { part, year, direction }
    }

    fn year(&self) -> Year {
        if let Some(shift) = self.number("year_shift") {
            return Year::Shift(shift);
        }
        if let Some(century) = self.number("century") {
            return Year::Known((century - 1) * 100);
        }
        if let Some(thousands) = self.number("year_thousands") {
            let rest = |name| self.number(name).unwrap_or(0);
            return Year::Known(thousands + rest("year_tens") + rest("year_ones"));
        }
        let Some(digits) = self.get("year").or_else(|| self.get("decade")) else { return Year::Unsaid };
        let digits = numbers::plain_digits(digits);
        let Ok(year) = digits.parse::<i64>() else { return Year::Unsaid };
        match self.get("era") {
            Some("BC") => Year::Known(1 - year),
            Some(era) => era.parse().map_or(Year::Unsaid, |first: i64| Year::Known(first + year)),
            None if digits.len() == 2 => Year::TwoDigits(year),
            None => Year::Known(year),
        }
    }

    fn named(&self, named: &str) -> Option<Point> {
        if named.ends_with("_REF") {
            return Some(Point::Vague(named.to_owned()));
        }
        let unit = named.find(|character: char| character.is_ascii_alphabetic())?;
        Some(self.shift(named[..unit].parse().ok()?, Unit::from_code(&named[unit..])?))
    }

    fn shift(&self, count: i64, unit: Unit) -> Point {
        let anchor = if self.get("anchor") == Some("TEXT") { Anchor::Text } else { Anchor::Published };
        Point::Shift { count, unit, anchor }
    }

    /// "Two weeks ago" names a day, "two years ago" a year, "two years and a month ago" a month.
    fn offset(&self, amount: Amount, unit: Unit, past: bool) -> Point {
        let sign = if past { -1 } else { 1 };
        let vague = || Point::Vague(if past { "PAST_REF" } else { "FUTURE_REF" }.to_owned());
        if self.second().length().is_some() {
            return match self.step(sign) {
                Some(Step { months, days: 0 }) => self.shift(months, Unit::Month),
                Some(step) => Point::From { start: Box::new(self.shift(0, Unit::Day)), step },
                None => vague(),
            };
        }
        let (count, unit) = match (amount, unit) {
            (Amount::Vague, _) => return vague(),
            (Amount::Whole(count), Unit::Week | Unit::Weekend) => (count.saturating_mul(7), Unit::Day),
            (Amount::Whole(count), unit) => (count, unit),
            (Amount::Tenths(count), unit) => {
                let (size, smaller) = unit.divided();
                (count.saturating_mul(size) / 10, smaller)
            }
        };
        self.shift(sign * count, unit)
    }

    fn amount(&self) -> Option<Amount> {
        let whole = match (self.get("count"), self.get("digits")) {
            (Some("X"), _) => return Some(Amount::Vague),
            (Some("0.5"), _) => return Some(Amount::Tenths(5)),
            (Some(count), _) => count.parse::<i64>().ok()?.saturating_add(self.number("tens").unwrap_or(0)),
            (None, Some(_)) => match self.tenths("digits")? {
                tenths if tenths % 10 == 0 => tenths / 10,
                tenths => return Some(Amount::Tenths(tenths)),
            },
            (None, None) => return None,
        };
        let half = self.get("fraction").is_some();
        Some(if half { Amount::Tenths(whole.saturating_mul(10) + 5) } else { Amount::Whole(whole) })
    }
}

impl Amount {
    /// So many of a unit, in months or days; none of the clock's.
    fn step(self, unit: Unit) -> Option<Step> {
        let (tenths, unit) = match (self, unit.divided()) {
            (Amount::Vague, _) => return None,
            (Amount::Whole(count), _) => (count.saturating_mul(10), unit),
            (Amount::Tenths(count), (size, smaller)) => (count.saturating_mul(size), smaller),
        };
        let months = |each: i64| Some(Step { months: (tenths / 10).saturating_mul(each), days: 0 });
        let days = |each: i64| Some(Step { months: 0, days: (tenths / 10).saturating_mul(each) });
        match unit {
            Unit::Second | Unit::Minute | Unit::Hour => None,
            Unit::Day => days(1),
            Unit::Week | Unit::Weekend => days(7),
            Unit::Month => months(1),
            Unit::Quarter => months(3),
            Unit::Year => months(12),
            Unit::Decade => months(120),
            Unit::Century => months(1200),
        }
    }
}

impl Holiday {
    fn from_code(code: &str) -> Option<Holiday> {
        if let Some(days) = code.strip_prefix('E') {
            return days.parse().ok().map(Holiday::Easter);
        }
        if let Some(days) = code.strip_prefix('O') {
            return days.parse().ok().map(Holiday::OrthodoxEaster);
        }
        if let Some((calendar, rest)) = code.split_once(':') {
            let calendar = match calendar {
                "hijri" => Calendar::Hijri,
                "hebrew" => Calendar::Hebrew,
                "chinese" => Calendar::Chinese,
                "persian" => Calendar::Persian,
                _ => return None,
            };
            let (date, days) = rest.split_once(':').unwrap_or((rest, "0"));
            let (month, day) = date.split_once('-')?;
            let (month, day, days) = (month.parse().ok()?, day.parse().ok()?, days.parse().ok()?);
            return Some(Holiday::Elsewhere { calendar, month, day, days });
        }
        if let Some((from, weekday)) = code.split_once('/')
            && let Some(Holiday::Fixed { month, day }) = Holiday::from_code(from)
        {
            return Some(Holiday::From { month, day, weekday: weekday.parse().ok()? });
        }
        if let Some((month, rest)) = code.split_once('/') {
            let (nth, weekday) = rest.split_once('/')?;
            let (month, nth, weekday) = (month.parse().ok()?, nth.parse().ok()?, weekday.parse().ok()?);
            return Some(Holiday::Nth { month, nth, weekday });
        }
        let (month, day) = code.split_once('-')?;
        Some(Holiday::Fixed { month: month.parse().ok()?, day: day.parse().ok()? })
    }
}
