//! Values as people read them.

use depeche::catalog::Attribution;
use depeche::extraction::Entity;
use depeche::values::{DataSize, Date, DateKind, Granularity, Modifier, Person, ThreatActor, Value};
use jiff::ToSpan;
use jiff::civil;

/// Aliases told of an actor; well-known ones have dozens.
const MAX_ALIASES: usize = 3;

/// What `entity`, one of `entities`, is.
pub fn value(entity: &Entity, entities: &[Entity]) -> String {
    match &entity.value {
        Value::Organization(organization) => {
            join([organization.acronym.clone(), organization.country_code.clone()])
        }
        Value::Person(value) => {
            let affiliation =
                entities.iter().find(|organization| organization.entity_id == entity.affiliation_entity_id);
            person(value, affiliation.map_or("", |organization| &organization.name))
        }
        Value::Location(location) => location.country_code.clone(),
        Value::Date(value) => date(value),
        Value::DataSize(value) => size(value),
        Value::ThreatActor(value) => actor(value, &entity.name),
    }
}

fn join(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

fn person(person: &Person, affiliation: &str) -> String {
    join([person.honorific.clone(), person.role.clone(), affiliation.to_owned()])
}

fn date(date: &Date) -> String {
    let words = match date.kind {
        DateKind::Calendar => interval(date),
        DateKind::Duration => duration(&date.timex).map(|words| modified(date.modifier, words)),
        DateKind::Set => Some("again and again".to_owned()),
    };
    let words = words.unwrap_or_else(|| "unresolved".to_owned());
    let others: String = date.alternative_timexes.iter().map(|other| format!(", or {other}")).collect();
    if words == date.timex { words + &others } else { format!("{words} ({}{others})", date.timex) }
}

fn interval(date: &Date) -> Option<String> {
    match (date.start, date.end) {
        (Some(start), Some(end)) => Some(match whole(date.granularity, start, end) {
            Some(unit) => modified(date.modifier, unit),
            None => days(start, end),
        }),
        (Some(start), None) => Some(format!("from {}", day(start))),
        (None, Some(end)) => Some(format!("until {}", day(day_before(end)))),
        (None, None) => None,
    }
}

/// The name of the unit that an interval is one of.
fn whole(granularity: Option<Granularity>, start: civil::Date, end: civil::Date) -> Option<String> {
    let lasts = |span: jiff::Span| start.checked_add(span).is_ok_and(|next| next == end);
    let year_start = start.month() == 1 && start.day() == 1;
    match granularity? {
        Granularity::Day => lasts(1.day()).then(|| day(start)),
        Granularity::Week => lasts(7.days()).then(|| format!("week of {}", day(start))),
        Granularity::Month => {
            (start.day() == 1 && lasts(1.month())).then(|| start.strftime("%B %Y").to_string())
        }
        Granularity::Quarter => (start.day() == 1 && start.month() % 3 == 1 && lasts(3.months()))
            .then(|| format!("Q{} {}", start.month() / 3 + 1, start.year())),
        Granularity::Year => (year_start && lasts(1.year())).then(|| start.year().to_string()),
        Granularity::Decade => (year_start && start.year() % 10 == 0 && lasts(10.years()))
            .then(|| format!("the {}s", start.year())),
    }
}

fn days(start: civil::Date, end: civil::Date) -> String {
    let last = day_before(end);
    if last <= start { day(start) } else { format!("{} – {}", day(start), day(last)) }
}

fn day(date: civil::Date) -> String {
    date.strftime("%a %-d %b %Y").to_string()
}

fn day_before(date: civil::Date) -> civil::Date {
    date.saturating_sub(1.day())
}

fn modified(modifier: Option<Modifier>, words: String) -> String {
    let modifier = match modifier {
        None => return words,
        Some(Modifier::Start) => "start of",
        Some(Modifier::Mid) => "middle of",
        Some(Modifier::End) => "end of",
        Some(Modifier::Approx) => "about",
        Some(Modifier::Before) => "before",
        Some(Modifier::After) => "after",
        Some(Modifier::OnOrBefore) => "not after",
        Some(Modifier::OnOrAfter) => "not before",
        Some(Modifier::MoreThan) => "more than",
        Some(Modifier::LessThan) => "less than",
        Some(Modifier::EqualOrMore) => "at least",
        Some(Modifier::EqualOrLess) => "at most",
    };
    format!("{modifier} {words}")
}

/// A TIMEX3 duration, such as `P1Y6M` or `PT3H`; `None` for one of unknown length, such as `PXW`.
fn duration(timex: &str) -> Option<String> {
    let (days, hours) = timex.strip_prefix('P')?.split_once('T').unwrap_or((timex.strip_prefix('P')?, ""));
    let days = amounts(days, &[('Y', "year"), ('M', "month"), ('W', "week"), ('D', "day")])?;
    let hours = amounts(hours, &[('H', "hour"), ('M', "minute"), ('S', "second")])?;
    Some(days.into_iter().chain(hours).collect::<Vec<_>>().join(" ")).filter(|words| !words.is_empty())
}

fn amounts(text: &str, units: &[(char, &str)]) -> Option<Vec<String>> {
    let amount = |part: &str| {
        let (_, unit) = units.iter().find(|(letter, _)| part.ends_with(*letter))?;
        let number = &part[..part.len() - 1];
        let plural = if number == "1" { "" } else { "s" };
        number.parse::<f64>().is_ok().then(|| format!("{number} {unit}{plural}"))
    };
    text.split_inclusive(char::is_alphabetic).map(amount).collect()
}

fn size(size: &DataSize) -> String {
    let base = if size.unit.contains("iB") { 1024.0 } else { 1000.0 };
    let bytes = |bytes| scaled(bytes, base);
    let range = match size.max_bytes {
        None => format!("{} or more", bytes(size.min_bytes)),
        Some(max) if max == size.min_bytes => bytes(max),
        Some(max) if size.min_bytes == 0.0 => format!("up to {}", bytes(max)),
        Some(max) => format!("{} – {}", bytes(size.min_bytes), bytes(max)),
    };
    if size.approximate { format!("about {range}") } else { range }
}

/// An amount in the largest unit that leaves at least one of it, to three digits.
fn scaled(bytes: f64, base: f64) -> String {
    let units = if base == 1024.0 {
        ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"]
    } else {
        ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"]
    };
    let (mut amount, mut unit) = (bytes, 0);
    while amount >= base && unit + 1 < units.len() {
        amount /= base;
        unit += 1;
    }
    let decimals = if amount < 10.0 { 2 } else { usize::from(amount < 100.0) };
    let number = format!("{amount:.decimals$}");
    let number = if decimals > 0 { number.trim_end_matches('0').trim_end_matches('.') } else { &number };
    format!("{number} {}", units[unit])
}

fn actor(found: &ThreatActor, name: &str) -> String {
    let candidates: Vec<&str> = found.other_candidates.iter().map(|other| &*other.name).collect();
    let candidates =
        if candidates.is_empty() { String::new() } else { format!("or {}", candidates.join(" or ")) };
    let Some(actor) = &found.actor else {
        return join(["not in the catalogue".to_owned(), origin(&found.claims), candidates]);
    };
    let known = if actor.name == name { String::new() } else { actor.name.clone() };
    let aliases: Vec<&str> =
        actor.aliases.iter().map(|alias| &**alias).filter(|alias| *alias != name).collect();
    join([known, also(&aliases), origin(&actor.attributions), candidates])
}

fn origin(claims: &[Attribution]) -> String {
    let mut countries: Vec<&str> = claims.iter().map(|claim| &*claim.country_code).collect();
    countries.retain(|code| !code.is_empty());
    countries.sort_unstable();
    countries.dedup();
    if countries.is_empty() { String::new() } else { format!("attributed to {}", countries.join(" or ")) }
}

fn also(aliases: &[&str]) -> String {
    let told = aliases[..aliases.len().min(MAX_ALIASES)].join(", ");
    match aliases.len().saturating_sub(MAX_ALIASES) {
        _ if aliases.is_empty() => String::new(),
        0 => format!("also {told}"),
        more => format!("also {told} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use depeche::catalog::{Actor, Kind};

    use super::*;

    fn calendar(start: &str, end: &str, granularity: Granularity, timex: &str) -> Date {
        Date {
            kind: DateKind::Calendar,
            start: start.parse().ok(),
            end: end.parse().ok(),
            granularity: Some(granularity),
            timex: timex.to_owned(),
            modifier: None,
            relative: false,
            alternative_timexes: Vec::new(),
        }
    }

    #[test]
    fn dates() {
        use Granularity::*;
        let cases = [
            ("day", ("2024-05-03", "2024-05-04", Day, "2024-05-03"), "Fri 3 May 2024 (2024-05-03)"),
            (
                "days",
                ("2024-05-03", "2024-05-06", Day, "2024-05-03/2024-05-05"),
                "Fri 3 May 2024 – Sun 5 May 2024 (2024-05-03/2024-05-05)",
            ),
            ("week", ("2024-05-06", "2024-05-13", Week, "2024-W19"), "week of Mon 6 May 2024 (2024-W19)"),
            ("month", ("2024-12-01", "2025-01-01", Month, "2024-12"), "December 2024 (2024-12)"),
            (
                "months",
                ("2024-05-01", "2024-07-01", Month, "2024-05/2024-06"),
                "Wed 1 May 2024 – Sun 30 Jun 2024 (2024-05/2024-06)",
            ),
            ("quarter", ("2023-10-01", "2024-01-01", Quarter, "2023-Q4"), "Q4 2023 (2023-Q4)"),
            (
                "half",
                ("2023-07-01", "2024-01-01", Quarter, "2023-H2"),
                "Sat 1 Jul 2023 – Sun 31 Dec 2023 (2023-H2)",
            ),
            ("year", ("2023-01-01", "2024-01-01", Year, "2023"), "2023"),
            ("decade", ("1990-01-01", "2000-01-01", Decade, "199"), "the 1990s (199)"),
            ("since", ("2020-01-01", "", Year, "2020"), "from Wed 1 Jan 2020 (2020)"),
            ("until", ("", "2020-01-01", Year, "2019"), "until Tue 31 Dec 2019 (2019)"),
            ("unresolved", ("", "", Day, "XXXX-07-14"), "unresolved (XXXX-07-14)"),
        ];
        for (name, (start, end, granularity, timex), expected) in cases {
            assert_eq!(date(&calendar(start, end, granularity, timex)), expected, "{name}");
        }
    }

    #[test]
    fn modified_dates() {
        let month = calendar("2024-03-01", "2024-04-01", Granularity::Month, "2024-03");
        let part = calendar("2024-03-01", "2024-03-11", Granularity::Month, "2024-03");
        let start = |date: Date| Date { modifier: Some(Modifier::Start), ..date };
        let ambiguous = Date {
            alternative_timexes: vec!["2024-03-05".into()],
            ..calendar("2024-05-03", "2024-05-04", Granularity::Day, "2024-05-03")
        };
        let cases = [
            ("a unit", start(month), "start of March 2024 (2024-03)"),
            ("days told already", start(part), "Fri 1 Mar 2024 – Sun 10 Mar 2024 (2024-03)"),
            ("two readings", ambiguous, "Fri 3 May 2024 (2024-05-03, or 2024-03-05)"),
        ];
        for (name, value, expected) in cases {
            assert_eq!(date(&value), expected, "{name}");
        }
    }

    #[test]
    fn durations() {
        let cases = [
            ("P2W", Some("2 weeks")),
            ("P1Y6M", Some("1 year 6 months")),
            ("PT1H30M", Some("1 hour 30 minutes")),
            ("P1DT12H", Some("1 day 12 hours")),
            ("P0.5Y", Some("0.5 years")),
            ("PXW", None),
            ("P", None),
            ("P2", None),
            ("2024", None),
            ("P2é", None),
        ];
        for (timex, expected) in cases {
            assert_eq!(duration(timex).as_deref(), expected, "{timex}");
        }
    }

    #[test]
    fn sizes() {
        let cases = [
            ("exact", (4e10, Some(4e10), "GB", false), "40 GB"),
            ("with a fraction", (1.25e12, Some(1.25e12), "TB", false), "1.25 TB"),
            ("more than", (2e11, None, "GB", false), "200 GB or more"),
            ("less than", (0.0, Some(5e8), "MB", false), "up to 500 MB"),
            ("about", (9e8, Some(1.1e9), "GB", true), "about 900 MB – 1.1 GB"),
            ("binary", (1024.0 * 1024.0, Some(1024.0 * 1024.0), "MiB", false), "1 MiB"),
            ("none", (0.0, Some(0.0), "B", false), "0 B"),
            ("beyond the last unit", (1e30, Some(1e30), "YB", false), "1000000 YB"),
        ];
        for (name, (min_bytes, max_bytes, unit, approximate), expected) in cases {
            let unit = unit.to_owned();
            let value = DataSize { min_bytes, max_bytes, unit, approximate, base_ambiguous: false };
            assert_eq!(size(&value), expected, "{name}");
        }
    }

    #[test]
    fn actors() {
        let claim = |code: &str| Attribution {
            country_code: code.into(),
            source: "a report".into(),
            kind: Kind::Unknown,
        };
        let bear = Arc::new(Actor {
            name: "Paper Bear".into(),
            aliases: ["PB-1", "Ink Paw", "Pulp", "UNC0"].map(String::from).to_vec(),
            attributions: vec![claim("FR"), claim("FR")],
            ..Actor::default()
        });
        let wolf = Arc::new(Actor { name: "Tin Wolf".into(), ..Actor::default() });
        let found = |actor: Option<&Arc<Actor>>, others: &[&Arc<Actor>]| ThreatActor {
            actor: actor.cloned(),
            other_candidates: others.iter().map(|&other| other.clone()).collect(),
            claims: Vec::new(),
        };
        let cases = [
            (
                "by its name",
                found(Some(&bear), &[]),
                "Paper Bear",
                "also PB-1, Ink Paw, Pulp and 1 more, attributed to FR",
            ),
            (
                "by an alias",
                found(Some(&bear), &[]),
                "Pulp",
                "Paper Bear, also PB-1, Ink Paw, UNC0, attributed to FR",
            ),
            ("a shared name", found(Some(&wolf), &[&bear]), "Tin Wolf", "or Paper Bear"),
            ("unknown", found(None, &[]), "Glass Owl", "not in the catalogue"),
        ];
        for (case, value, name, expected) in cases {
            assert_eq!(actor(&value, name), expected, "{case}");
        }
    }
}
