//! What the words of a match say, before it is known when the article was published.
//!
//! The rules of the packs only combine lists; these captures (or constants) carry the meaning:
//!
//! | capture | value |
//! |---|---|
//! | `day`, `month`, `weekday` | 1 to 31, 1 to 12, 1 (Monday) to 7 |
//! | `year`, `decade` | its digits, four or two; of a decade, those of its first year |
//! | `year_shift` | the year counted from the publication's: -1, 0 or 1 |
//! | `century`, `half`, `quarter` | 1 is the first |
//! | `season` | `SP`, `SU`, `FA`, `WI` |
//! | `named` | days or other units from the anchor, such as `-1D`; or `PAST_REF`, `PRESENT_REF`, `FUTURE_REF` |
//! | `tens` and `count`, or `digits` | an amount: `twenty` and `five` are 25; the count `X` is vague |
//! | `fraction` | any value: and a half |
//! | `unit` | `D`, `W`, `WE` (weekend), `M`, `Q`, `Y`, `DE`, `CE` |
//! | `shift` | -1, 0 or 1 for "last", "this", "next" |
//! | `direction` | `PAST` or `FUTURE`: makes an amount an offset; for a date without year, where to look for it |
//! | `anchor` | `TEXT`: an offset counts from the day last spoken of, not from the publication |
//! | `every` | any value: a set |
//! | `mod` | a TIMEX3 modifier |
//! | `daypart` | `MO`, `AF`, `EV`, `NI` |
//! | `ambiguous` | any value: day and month may have been meant the other way round |
//! | `to_…` | the same of a range's second end |
//!
//! A match that says none of this is no date: that is how a pack names what only looks like one.

use super::tense::Tense;
use crate::recognizers::rules::RuleMatch;
use crate::values::Modifier;

/// What a temporal expression says.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// The words' meaning, modifiers aside.
    pub form: Form,
    /// `début`, `nearly`.
    pub modifier: Option<Modifier>,
    /// `MO`, `AF`, `EV` or `NI`.
    pub daypart: Option<String>,
    /// Whether day and month may have been meant the other way round.
    pub ambiguous: bool,
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
    /// "ces derniers jours": a TIMEX3 reference such as `PAST_REF`.
    Vague(String),
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
    Day { month: i64, day: i64, weekday: Option<i64> },
    DayOfMonth { day: i64, weekday: Option<i64> },
    Weekday(i64),
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
    /// The last one that is over: "last Friday".
    Last,
    /// The one that is on, or that of this week or year: "this Friday".
    This,
    /// The first one still to come: "next Friday".
    Next,
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
    /// "three and a half".
    AndHalf(i64),
    /// "several".
    Vague,
}

/// A unit of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
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
    const CODES: [(&'static str, Unit); 8] = [
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

    /// How many of the next smaller unit it holds, for halves of it.
    fn halved(self) -> (i64, Unit) {
        match self {
            Unit::Day => (1, Unit::Day),
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
            _ => modifier,
        });
        let daypart = from.get("daypart").map(str::to_owned);
        Some(Expression { form, modifier, daypart, ambiguous: from.get("ambiguous").is_some() })
    }
}

impl Form {
    /// Turns to where the clause's tense points, asked for only where the words leave it open: "next" and "since"
    /// say it themselves, and "until" unless all was over by then.
    pub fn turn(&mut self, tense: impl FnOnce() -> Option<Tense>) {
        let (Form::Calendar(point) | Form::Range(point, _)) = self else { return };
        let Point::Part { year: Year::Unsaid, direction, .. } = point else { return };
        if !matches!(direction, Direction::Unsaid | Direction::Future) {
            return;
        }
        match tense() {
            Some(Tense::Future) => *direction = Direction::Future,
            Some(Tense::Over) => *direction = Direction::Past,
            Some(Tense::Past) | None => {}
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
        self.get(name)?.parse().ok()
    }

    fn form(&self) -> Option<Form> {
        let to = Captures { prefix: "to_", ..*self };
        // An end that says only its day or month is in the other's month or year.
        if let Some(to_part) = to.part(self.number("month")) {
            let from_part = self.part(to.number("month"))?;
            return Some(Form::Range(self.point(from_part), to.point(to_part)));
        }
        let every = self.get("every").is_some();
        if let Some(part) = self.part(None) {
            return Some(if every { Form::EveryPart(part) } else { Form::Calendar(self.point(part)) });
        }
        if let Some(named) = self.get("named") {
            return self.named(named).map(Form::Calendar);
        }
        let Some(unit) = self.get("unit").and_then(Unit::from_code) else {
            // "This morning" names the day by its part.
            return self
                .get("daypart")
                .map(|_| Form::Calendar(self.shift(self.number("shift").unwrap_or(0), Unit::Day)));
        };
        if let Some(shift) = self.number("shift") {
            return Some(Form::Calendar(self.shift(shift, unit)));
        }
        match (self.amount(), self.get("direction")) {
            (amount, _) if every => Some(Form::Every(amount.unwrap_or(Amount::Whole(1)), unit)),
            (Some(amount), Some(direction)) => {
                Some(Form::Calendar(self.offset(amount, unit, direction == "PAST")))
            }
            (Some(amount), None) => Some(Form::Duration(amount, unit)),
            (None, _) => None,
        }
    }

    fn part(&self, shared_month: Option<i64>) -> Option<Part> {
        let weekday = self.number("weekday");
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
        let quarter = || self.number("quarter").map(Part::Quarter);
        let half = || self.number("half").map(Part::Half);
        let named = |name: &str, part: Part| self.get(name).map(|_| part);
        weekday
            .map(Part::Weekday)
            .or_else(quarter)
            .or_else(half)
            .or_else(|| season().map(Part::Season))
            .or_else(|| named("year", Part::Year))
            .or_else(|| named("decade", Part::Decade))
            .or_else(|| named("century", Part::Century))
    }

    fn point(&self, part: Part) -> Point {
        let direction = match (self.number("shift"), self.get("direction")) {
            (Some(..0), _) => Direction::Last,
            (Some(0), _) => Direction::This,
            (Some(1..), _) => Direction::Next,
            (None, Some("FUTURE")) => Direction::Future,
            (None, Some(_)) => Direction::Past,
            (None, None) => Direction::Unsaid,
        };
        Point::Part { part, year: self.year(), direction }
    }

    fn year(&self) -> Year {
        if let Some(shift) = self.number("year_shift") {
            return Year::Shift(shift);
        }
        if let Some(century) = self.number("century") {
            return Year::Known((century - 1) * 100);
        }
        match self.get("year").or_else(|| self.get("decade")) {
            Some(digits) if digits.len() == 2 => digits.parse().map_or(Year::Unsaid, Year::TwoDigits),
            Some(digits) => digits.parse().map_or(Year::Unsaid, Year::Known),
            None => Year::Unsaid,
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

    /// "Two weeks ago" names a day, "two years ago" a year.
    fn offset(&self, amount: Amount, unit: Unit, past: bool) -> Point {
        let (count, unit) = match (amount, unit) {
            (Amount::Vague, _) => {
                return Point::Vague(if past { "PAST_REF" } else { "FUTURE_REF" }.to_owned());
            }
            (Amount::Whole(count), Unit::Week | Unit::Weekend) => (count.saturating_mul(7), Unit::Day),
            (Amount::Whole(count), unit) => (count, unit),
            (Amount::AndHalf(count), unit) => {
                let (size, smaller) = unit.halved();
                (count.saturating_mul(size).saturating_add(size / 2), smaller)
            }
        };
        self.shift(if past { -count } else { count }, unit)
    }

    fn amount(&self) -> Option<Amount> {
        let whole = match (self.get("count"), self.get("digits")) {
            (Some("X"), _) => return Some(Amount::Vague),
            (Some(count), _) => count.parse::<i64>().ok()?.saturating_add(self.number("tens").unwrap_or(0)),
            (None, digits) => digits?.parse().ok()?,
        };
        Some(if self.get("fraction").is_some() { Amount::AndHalf(whole) } else { Amount::Whole(whole) })
    }
}
