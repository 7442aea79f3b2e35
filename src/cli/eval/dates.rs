//! `depeche eval dates`: how well temporal expressions are found and valued, by source.

use std::collections::BTreeMap;
use std::error::Error;
use std::hint::black_box;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use depeche::config::Limits;
use depeche::language::LanguageCode;
use depeche::mention::Span;
use depeche::recognizers::dates::Dates;
use depeche::recognizers::{Article, Recognizer};
use depeche::text::Text;
use depeche::values::{Date, EntityType, Value};
use depeche::{Document, Engine, Options};
use jiff::civil;

use super::cases::{self, Case, Gold};
use super::score::{Counts, overlapping};

/// Measure dates: spans and TIMEX3 values in documents, or the cases of test suites.
///
/// Exact and overlap F1 are over spans; value F1 is TempEval-3's (UzZaman et al. 2013): overlap F1, times the share
/// of the overlapping ones whose value is the annotated one. Corpora differ in whether the article or preposition
/// before an expression is part of it, so it is left out on both sides; "exact as annotated" leaves it in.
#[derive(Debug, clap::Args)]
pub struct DatesArgs {
    /// Files of cases, one JSON object a line
    #[arg(required = true)]
    cases: Vec<PathBuf>,
    /// Only these languages
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    languages: Vec<String>,
    /// Print every expression that was missed, invented or valued otherwise
    #[arg(long)]
    errors: bool,
    /// Print how much is read in a second on one core instead
    #[arg(long)]
    speed: bool,
}

/// An expression on one side.
#[derive(Clone, Debug)]
struct Timex {
    span: Span,
    /// Without a leading article or preposition.
    core: Span,
    /// The first is the answer, the others are alternatives. None where values are not annotated.
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Row {
    documents: usize,
    /// With leading articles and prepositions as annotated.
    strict: Counts,
    core: Counts,
    /// Overlapping ones whose annotated value is known, and those of them that have it.
    valued: usize,
    right: usize,
    /// Cases of suites whose notation agrees with ours, and those solved.
    cases: usize,
    solved: usize,
    left_out: usize,
}

/// Prints the tables as Markdown.
pub fn run(args: &DatesArgs) -> Result<(), Box<dyn Error>> {
    let engine = Engine::with_tagger(Limits::default(), None);
    let mut rows: BTreeMap<(String, String), Row> = BTreeMap::new();
    let mut out = io::stdout().lock();
    let mut cases = cases::read(&args.cases)?;
    cases.retain(|case| args.languages.is_empty() || args.languages.contains(&case.language()));
    if args.speed {
        return speed(&cases, &mut out);
    }
    for case in cases {
        let language = case.language();
        let row = rows.entry((language.clone(), case.source.clone())).or_default();
        row.add(&case, &language, &engine, args.errors.then_some(&mut out))?;
    }
    spans(&rows, &mut out)?;
    suites(&rows, &mut out)?;
    Ok(())
}

/// How long the texts are read again and again.
const SPEED_TIME: Duration = Duration::from_secs(3);

fn speed(cases: &[Case], out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let dates = cases::by_language(cases, Dates::new)?;
    let documents: Vec<_> = cases.iter().map(|case| (&dates[&case.language()], document(case))).collect();
    let texts: Vec<Text> = documents.iter().map(|(_, document)| Text::new(document)).collect();
    let find = |dates: &Dates, document: &Document, text: &Text| {
        let mut mentions = Vec::new();
        let article = Article { published: document.publish_date, every_timex: true, ..Article::new(text) };
        dates.recognize(&article, &mut mentions);
        black_box(mentions);
    };
    let alone = seconds(documents.len(), |index| {
        let (dates, document) = &documents[index];
        find(dates, document, &texts[index]);
    });
    let whole = seconds(documents.len(), |index| {
        let (dates, document) = &documents[index];
        find(dates, document, &Text::new(document));
    });
    let characters = cases.iter().map(|case| case.text.chars().count()).sum::<usize>() as f64;
    let megabytes = cases.iter().map(|case| case.text.len()).sum::<usize>() as f64 / 1e6;
    for (what, seconds) in [("dates alone", alone), ("with words and sentences", whole)] {
        let (characters, megabytes) = (characters / seconds, megabytes / seconds);
        writeln!(out, "{what}: {characters:.0} characters a second, {megabytes:.1} MB/s")?;
    }
    Ok(())
}

/// What reading the texts takes, each at its fastest: what else the machine does in the meantime slows some readings only.
fn seconds(texts: usize, mut read: impl FnMut(usize)) -> f64 {
    let mut fastest = vec![Duration::MAX; texts];
    let start = Instant::now();
    while start.elapsed() < SPEED_TIME {
        for (index, fastest) in fastest.iter_mut().enumerate() {
            let begin = Instant::now();
            read(index);
            *fastest = begin.elapsed().min(*fastest);
        }
    }
    fastest.iter().sum::<Duration>().as_secs_f64()
}

impl Row {
    fn add(
        &mut self,
        case: &Case,
        language: &str,
        engine: &Engine,
        errors: Option<&mut impl Write>,
    ) -> Result<(), Box<dyn Error>> {
        let gold = annotated(case, language);
        let found = found(case, language, engine)?;
        let found: Vec<Timex> = found.into_iter().flat_map(|timex| timex.ends(&gold)).collect();
        self.documents += 1;
        if is_of_suite(case) {
            self.add_case(case, &gold, found, errors)?;
            return Ok(());
        }
        let spans = |side: &[Timex], of: fn(&Timex) -> Span| side.iter().map(of).collect::<Vec<_>>();
        for (counts, of) in
            [(&mut self.strict, (|it| it.span) as fn(&Timex) -> Span), (&mut self.core, |it| it.core)]
        {
            let (gold, found) = (spans(&gold, of), spans(&found, of));
            *counts += Counts {
                annotated: gold.len(),
                found: found.len(),
                exact: found.iter().filter(|span| gold.contains(span)).count(),
                overlapping: overlapping(&gold, &found),
            };
        }
        let mut free: Vec<&Timex> = found.iter().collect();
        let mut lines = Vec::new();
        for gold in &gold {
            let partner =
                free.iter().position(|it| it.span.overlaps(gold.span)).map(|index| free.remove(index));
            let right = partner.is_some_and(|found| gold.values.contains(&found.values[0]));
            if partner.is_some() && !gold.values.is_empty() {
                self.valued += 1;
                self.right += usize::from(right);
            }
            let exact = partner.is_some_and(|found| found.core == gold.core);
            if !(right || gold.values.is_empty()) || !exact {
                lines.push((gold.span.start, Some(gold), partner));
            }
        }
        lines.extend(free.iter().map(|found| (found.span.start, None, Some(*found))));
        lines.sort_by_key(|(start, ..)| *start);
        if let Some(out) = errors {
            for (start, gold, found) in lines {
                let show = |side: Option<&Timex>| {
                    side.map_or("–".to_owned(), |it| {
                        format!("[{}] {}", it.span.of(&case.text), it.values.join("|"))
                    })
                };
                let published = case.reference_date.as_deref().unwrap_or_default();
                writeln!(
                    out,
                    "{language}\t{published}\tgold {}\tfound {}\t{}",
                    show(gold),
                    show(found),
                    around(&case.text, start)
                )?;
            }
        }
        Ok(())
    }

    /// A case is solved when every expression has its span and its value, and nothing else is found.
    fn add_case(
        &mut self,
        case: &Case,
        gold: &[Timex],
        mut found: Vec<Timex>,
        errors: Option<&mut impl Write>,
    ) -> io::Result<()> {
        // No suite here lists the times of day beside a date.
        found.retain(|it| !it.is_time() || gold.iter().any(|gold| gold.span.overlaps(it.span)));
        let verdict = verdict(case, gold, &found);
        if verdict == Verdict::LeftOut {
            self.left_out += 1;
            return Ok(());
        }
        let solved = verdict == Verdict::Solved;
        self.cases += 1;
        self.solved += usize::from(solved);
        match errors {
            Some(out) if !solved => {
                let show = |side: &[Timex]| {
                    let texts =
                        side.iter().map(|it| format!("[{}] {}", it.core.of(&case.text), it.values.join("|")));
                    texts.collect::<Vec<_>>().join(", ")
                };
                let published = case.reference_date.as_deref().unwrap_or_default();
                writeln!(
                    out,
                    "{}\t{published}\tgold {}\tfound {}\t{}",
                    case.lang,
                    show(gold),
                    show(&found),
                    case.text
                )
            }
            _ => Ok(()),
        }
    }
}

impl Timex {
    /// Whether it has a value of the annotation, the same century (`20XX` is `20`), or the same amount in other units.
    fn has_value_of(&self, gold: &Timex) -> bool {
        let same = |value: &String, gold: &String| {
            let same_amount = amount(value).is_some_and(|it| amount(gold) == Some(it));
            value == gold || gold.strip_suffix("XX") == Some(value) || same_amount
        };
        self.values.iter().any(|value| gold.values.iter().any(|gold| same(value, gold)))
    }

    /// Whether the annotation is a day or month, as in suites that know nothing longer than a moment, where ours is
    /// the week, month, year or decade that it lies in: "next month", "two years ago".
    fn holds(&self, gold: &Timex) -> bool {
        gold.values.iter().any(|gold| {
            let month = format!("{gold}-01").parse().map(|day: civil::Date| periods(day)[..3].to_vec());
            let holding = gold.parse().map(|day: civil::Date| periods(day).to_vec()).or(month);
            holding.is_ok_and(|holding| self.values.iter().any(|value| holding.contains(value)))
        })
    }

    /// Whether it is a time of day, or the part of a day.
    fn is_time(&self) -> bool {
        day_of_time(&self.values[0]).is_some()
    }

    /// Whether it says the time on the annotated day, or counts hours, minutes or seconds: suites that compare days
    /// leave the rest of the value out.
    fn is_time_on(&self, gold: &Timex) -> bool {
        self.values.iter().any(|value| {
            value.starts_with("PT")
                || day_of_time(value).is_some_and(|day| gold.values.iter().any(|gold| gold == day))
        })
    }

    /// Whether it stays vague where the suite puts a number: three for "a few" ("a few days" is `PXD` in TIMEX3), the
    /// reference day for "now" and "recently", which are `…_REF`.
    fn is_vaguer_than(&self, gold: &Timex, reference: Option<civil::Date>) -> bool {
        let value = &self.values[0];
        let counts = |it: jiff::Span| [it.days(3), it.weeks(3), it.months(3), it.years(3)];
        let spans = counts(jiff::Span::new()).into_iter().flat_map(|it| [it, it.negate()]);
        let spans = spans.chain([jiff::Span::new()]);
        let days: Vec<String> = reference
            .map(|today| spans.filter_map(|it| Some(today.checked_add(it).ok()?.to_string())).collect())
            .unwrap_or_default();
        let vague = value.starts_with("PX") || value.ends_with("_REF");
        let counted = |gold: &String| gold.replacen("P3", "PX", 1) == *value || days.contains(gold);
        vague && gold.values.iter().any(counted)
    }

    /// Whether the suite takes today's weekday, alone and in one word, for next week's: news looks back, and says so
    /// otherwise.
    fn is_weekday_before(&self, gold: &Timex, case: &Case, reference: Option<civil::Date>) -> bool {
        let Some(today) = reference else { return false };
        let next = today.checked_add(jiff::Span::new().weeks(1)).map(|day| day.to_string());
        let words = self.core.of(&case.text);
        case.whole_input
            && !words.contains(char::is_whitespace)
            && self.values == [today.to_string()]
            && next.is_ok_and(|next| gold.values.contains(&next))
    }

    /// TIMEX3 knows no ranges: where the two ends of one are annotated, it counts as two, each with its own value.
    fn ends(self, gold: &[Timex]) -> Vec<Timex> {
        let within: Vec<&Timex> = gold.iter().filter(|it| self.span.contains(it.span)).collect();
        match (self.values[0].split_once('/'), within.as_slice()) {
            (Some((from, to)), [first, last]) => [(first, from), (last, to)]
                .map(|(end, value)| Timex { values: vec![value.to_owned()], ..(*end).clone() })
                .into(),
            _ => vec![self],
        }
    }
}

/// What a case of a suite comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Solved,
    Missed,
    /// Its notation is not ours.
    LeftOut,
}

/// A case is left out for its own notation, or because ours differs where a rule says that it may; then only when
/// nothing else in it is missed.
fn verdict(case: &Case, gold: &[Timex], found: &[Timex]) -> Verdict {
    let reference = document(case).publish_date;
    // A suite that keeps its reference date to itself.
    let no_anchor = reference.is_none() && found.iter().any(|it| it.values[0].starts_with('X'));
    let foreign =
        !case.expected.iter().all(agrees) || gold.iter().any(|it| has_clock(it.span.of(&case.text)));
    if foreign || no_anchor || is_bare_number(&case.text) {
        return Verdict::LeftOut;
    }
    let invented = found.iter().any(|it| !gold.iter().any(|gold| gold.span.overlaps(it.span)));
    if invented {
        return Verdict::Missed;
    }
    let mut verdict = Verdict::Solved;
    for gold in gold {
        let partners: Vec<&Timex> = found.iter().filter(|it| it.span.overlaps(gold.span)).collect();
        let same = match partners.as_slice() {
            [partner] if partner.core == gold.core => Some(*partner),
            _ => None,
        };
        if same.is_some_and(|it| it.has_value_of(gold)) {
            continue;
        }
        let excused = same.is_some_and(|it| {
            it.holds(gold)
                || it.is_vaguer_than(gold, reference)
                || it.is_weekday_before(gold, case, reference)
        });
        if !excused && !partners.iter().any(|it| it.is_time_on(gold)) {
            return Verdict::Missed;
        }
        verdict = Verdict::LeftOut;
    }
    verdict
}

fn document(case: &Case) -> Document {
    let day = case.reference_date.as_deref().and_then(|date| date.get(..10));
    Document {
        language: LanguageCode::parse(&case.language()),
        publish_date: day.and_then(|day| day.parse::<civil::Date>().ok()),
        ..Document::new(&case.text)
    }
}

/// Suites hold short cases and no news.
fn is_of_suite(case: &Case) -> bool {
    const SUITES: [&str; 8] =
        ["Recognizers", "duckling", "snips", "chrono", "dateparser", "ja-timex", "ctparse", "JioNLP"];
    case.whole_input || SUITES.iter().any(|suite| case.source.starts_with(suite))
}

fn annotated(case: &Case, language: &str) -> Vec<Timex> {
    let timex = |gold: &Gold| {
        let span = trimmed(&case.text, case.span(gold)?);
        let values = gold.value.iter().chain(&gold.values).filter_map(|value| value.as_str());
        let values = values.map(normal).chain(resolved(gold)).collect();
        Some(Timex { span, core: core_of(case, span, language), values })
    };
    let mut gold: Vec<Timex> =
        case.expected.iter().filter_map(timex).filter(|it| !it.span.is_empty()).collect();
    gold.sort_by_key(|timex| (timex.span.start, timex.span.end));
    // Annotations without words of their own, and one within another, count once.
    gold.dedup_by(|next, last| next.span.overlaps(last.span));
    gold
}

fn found(case: &Case, language: &str, engine: &Engine) -> Result<Vec<Timex>, Box<dyn Error>> {
    let every_timex = !NAME_CORPORA.iter().any(|corpus| case.source.starts_with(corpus));
    let options = Options { entity_types: vec![EntityType::Date], every_timex, ..Options::default() };
    let mut found = Vec::new();
    for entity in engine.extract(&document(case), &options)?.entities {
        let Value::Date(date) = &entity.value else { continue };
        found.extend(entity.mentions.iter().map(|mention| {
            let span = Span::new(mention.range.start, mention.range.end);
            Timex { span, core: core_of(case, span, language), values: values(date) }
        }));
    }
    found.sort_by_key(|timex| timex.span.start);
    Ok(found)
}

fn values(date: &Date) -> Vec<String> {
    [&date.timex].into_iter().chain(&date.alternative_timexes).map(|value| normal(value)).collect()
}

/// What Recognizers makes of a period that it writes as the words say it: it resolves `XXXX-05` to where it begins
/// in two years, and `XXXX-WXX-WE` to two weeks. What is open there has its end.
fn resolved(gold: &Gold) -> Vec<String> {
    let pattern = gold.value.as_ref().and_then(|value| value.as_str()).unwrap_or_default();
    let bound = |value: &serde_json::Value| {
        let day = ["start", "end"].into_iter().find_map(|end| value.get(end)?.as_str())?;
        day.get(..10)?.parse::<civil::Date>().ok()
    };
    let forms = ["%Y", "%Y-%m", "%Y-%m-%d", "%G-W%V", "%G-W%V-WE"];
    let days = gold.values.iter().filter_map(bound);
    let readings = days.flat_map(|day| forms.map(|form| day.strftime(form).to_string()));
    readings.filter(|reading| fits(reading, pattern)).collect()
}

/// Whether the pattern, in which an X stands for any digit, has the value as one of its own.
fn fits(value: &str, pattern: &str) -> bool {
    let same = |(value, pattern): (char, char)| value == pattern || pattern == 'X' && value.is_ascii_digit();
    pattern.contains('X') && value.len() == pattern.len() && value.chars().zip(pattern.chars()).all(same)
}

/// Spellings of one value: `2000-W7` and `2000-W07`, `1989-XX` and `1989`, `-234` and `BC0234`, and what behind a
/// minute is said of none.
fn normal(value: &str) -> String {
    let value = value.trim();
    if let Some((year, week)) = value.split_once("-W")
        && week.len() == 1
        && week.starts_with(|character: char| character.is_ascii_digit())
    {
        return format!("{year}-W0{week}");
    }
    if let Some((year, rest)) = value.strip_prefix('-').map(|year| year.split_once('-').unwrap_or((year, "")))
        && let Ok(year) = year.parse::<u16>()
    {
        return format!("BC{year:04}-{rest}").trim_end_matches('-').to_owned();
    }
    let value = value
        .strip_suffix("T00:00:00")
        .or_else(|| value.strip_suffix(":00:00").map(|_| value))
        .unwrap_or(value);
    value.trim_end_matches("-XX").to_owned()
}

/// Months and days of a duration: `P3M` is `P1Q`, `P6M` is `P0.5Y`. Part of a month is that part of thirty days, as
/// `P45D` for a month and a half.
fn amount(value: &str) -> Option<(f64, f64)> {
    let (mut months, mut days) = (0.0, 0.0);
    let mut rest = value.strip_prefix('P').filter(|rest| !rest.is_empty())?;
    while !rest.is_empty() {
        let end = rest.find(|character: char| character.is_ascii_alphabetic())?;
        let number: f64 = rest[..end].parse().ok()?;
        match &rest[end..=end] {
            "Y" => months += 12.0 * number,
            "Q" => months += 3.0 * number,
            "M" => months += number,
            "W" => days += 7.0 * number,
            "D" => days += number,
            _ => return None,
        }
        rest = &rest[end + 1..];
    }
    Some(if months.fract() == 0.0 { (months, days) } else { (0.0, 30.0 * months + days) })
}

/// The decade, year, quarter, month and week that a day lies in.
fn periods(day: civil::Date) -> [String; 5] {
    let year = day.strftime("%Y").to_string();
    let quarter = format!("{year}-Q{}", (day.month() + 2) / 3);
    [
        year[..3].to_owned(),
        year,
        quarter,
        day.strftime("%Y-%m").to_string(),
        day.strftime("%G-W%V").to_string(),
    ]
}

/// The day of a time: `2012-08-11` of `2012-08-11T17:00` and `2012-08-11TMO`.
fn day_of_time(value: &str) -> Option<&str> {
    let (day, _) = value.split_once('T')?;
    day.ends_with(|end: char| end.is_ascii_digit() || end == 'X').then_some(day)
}

/// Whether a suite writes the value as TIMEX3 does. Left out by rule: times of day and what is shorter than a day
/// (`T`, bounds within a day), the triples `(start,end,duration)`, intervals (their ends are exclusive in most
/// suites), weeks of a month (`2015-01-W01`), school years (`SY2008`), and patterns that neither hold a digit nor are
/// resolved (`FYXXXX`). [`verdict`] leaves out more.
fn agrees(gold: &Gold) -> bool {
    let value = gold.value.as_ref().and_then(|value| value.as_str()).unwrap_or_default();
    let timex = |character: char| character.is_ascii_digit() || "-XWEPDMYQHSUFAIR_CNT.".contains(character);
    let week_of_month = value.get(7..9) == Some("-W");
    let digits = value.contains(|character: char| character.is_ascii_digit());
    let says_nothing = value.contains("XX") && !digits && !value.ends_with("WE");
    let is_resolved = |value: &serde_json::Value| value.as_str().is_some_and(|it| it != "not resolved");
    let resolved = gold.values.iter().any(is_resolved) || !resolved(gold).is_empty();
    let bounds = gold.values.iter().flat_map(|value| [Some(value), value.get("start"), value.get("end")]);
    let within_a_day = bounds
        .filter_map(|bound| bound?.as_str()?.split_once(' '))
        .any(|(_, time)| has_clock(time) && time != "00:00:00");
    !value.is_empty()
        && value.chars().all(timex)
        && !value.contains('T')
        && !week_of_month
        && !value.starts_with("SY")
        && (!says_nothing || resolved)
        && !within_a_day
}

/// Whether the words tell the time in digits: "17:00", "11：30".
fn has_clock(words: &str) -> bool {
    let characters: Vec<char> = words.chars().collect();
    characters.windows(4).any(|window| match window {
        [hour, ':' | '：', tens, ones] => [hour, tens, ones].iter().all(|digit| digit.is_ascii_digit()),
        _ => false,
    })
}

/// Whether a text is digits and marks, without a year: "17/2", "24 12 14". Suites take their input for a date; in news
/// these are scores, shares and numbers.
fn is_bare_number(text: &str) -> bool {
    let digits = text.split(|character: char| !character.is_ascii_digit()).map(str::len).max();
    !text.contains(char::is_alphabetic) && (1..4).contains(&digits.unwrap_or_default())
}

/// Corpora of named entities: their dates are those of the calendar, without "now" and "8 p.m.".
const NAME_CORPORA: [&str; 9] =
    ["own", "NEREL", "NER-UK", "RONEC", "elNER", "NerKor", "Turku", "FiNER", "KLUE"];

/// Articles and prepositions that corpora put before an expression, or leave out.
const LEADING: [(&str, &str); 19] = [
    ("ar", "في من إلى منذ حتى خلال"),
    ("cs", "v ve od do na o za"),
    ("da", "den det de i på til fra en et"),
    ("de", "der die das dem den des am im in ein eine einem einen einer seit vom zum zur bis ab an"),
    ("el", "το τον του την της τα τις τη στις στο στη στην στα στους ο η οι τους των από μέχρι έως σε κατά"),
    ("en", "the a an of in on at by since until from to for during"),
    ("es", "el la los las un una unos unas de del en al desde hasta"),
    ("fr", "le la les l' l’ un une de du des en au à d' d’ dès depuis jusqu'au"),
    ("hr", "u od do na"),
    ("hu", "a az egy"),
    (
        "it",
        "il lo la i gli le l' l’ un uno una un' un’ di del della dell' nel nell' nella dal dall' dalla al all' alla in da",
    ),
    ("nb", "den det de i på til fra en et"),
    ("nl", "de het een in op van tot sinds vanaf"),
    ("pl", "w we od do na o za"),
    ("pt", "o a os as um uma uns umas de do da dos das em no na nos nas desde até ao"),
    ("ro", "la în din de pe până un o"),
    ("ru", "в во с со до к на о об за от"),
    ("sv", "den det de i på till från en ett"),
    ("uk", "у в з із до на о об за від"),
];

/// Comparators ("before 2018", "2018年以前") and particles that suites take into an expression, before it and after it.
/// TIMEX3 leaves them out. Longer ones come first.
const BESIDE: [(&str, &str, &str); 10] = [
    ("de", "nach, vor, ab, bis", "und später, oder später, oder früher"),
    (
        "en",
        "before, after, around, starting, beginning, no later than, not later than, later than, earlier than, \
         greater than",
        "and later, or later, or earlier",
    ),
    (
        "es",
        "antes, después, anterior, anteriores, a partir, partir, comenzando, no más tarde que, durante",
        "y después, o después, o antes, en adelante",
    ),
    (
        "fr",
        "avant, après, à partir, partir, pour, durant, pendant, supérieure",
        "et après, et avant, ou après, ou avant",
    ),
    ("it", "prima, dopo, a partire, partire, durante, dello, a", "e dopo, o dopo, in poi"),
    (
        "ja",
        "",
        "またはそれ以降, またはそれ以前, またはその前, 以降, 以前, から, まで, の間, 中, ごろ, 頃, の前, に, は, で",
    ),
    ("ko", "", "부터, 까지, 이후, 이전, 에"),
    (
        "nl",
        "voor, na, aan, startend, beginnend, niet later dan, later dan, eerder dan",
        "en later, of later, of eerder",
    ),
    ("pt", "antes, depois, após, a partir, partir, durante, ate, às", "e depois, ou depois, em diante"),
    (
        "zh",
        "自, 从, 從, 在",
        "或之后, 或之前, 及以后, 及以前, 以后, 以前, 以来, 之后, 之前, 开始, 起, 前, 后, 以後, 以來, 之後, 開始, 後",
    ),
];

fn core_of(case: &Case, span: Span, language: &str) -> Span {
    if is_of_suite(case) { bare(&case.text, span, language) } else { core(&case.text, span, language) }
}

/// The span of a suite without what TIMEX3 leaves out, on both sides of the comparison alike.
fn bare(text: &str, span: Span, language: &str) -> Span {
    let beside = BESIDE.iter().find(|(code, ..)| *code == language);
    let (before, after) = beside.map_or(("", ""), |(_, before, after)| (before, after));
    let mark = |character: char| character.is_whitespace() || "=<>()（）.,。".contains(character);
    let mut bare = span;
    loop {
        let words = bare.of(text);
        let end = bare.end - (words.len() - words.trim_end_matches(mark).len());
        let start = bare.start + (words.len() - words.trim_start_matches(mark).len());
        let next = if start < end { core(text, Span::new(start, end), language) } else { bare };
        let words = next.of(text);
        let next = match before.split(", ").find_map(|word| behind(words, word)) {
            Some(rest) => Span::new(next.end - rest.len(), next.end),
            None => match after.split(", ").find_map(|word| ahead_of(words, word)) {
                Some(rest) => Span::new(next.start, next.start + rest.len()),
                None => next,
            },
        };
        if next == bare {
            return bare;
        }
        bare = next;
    }
}

/// The span without the articles and prepositions before it.
fn core(text: &str, span: Span, language: &str) -> Span {
    let words = LEADING.iter().find(|(code, _)| *code == language).map_or("", |(_, words)| words);
    let mut core = span;
    while let Some(rest) = words.split_whitespace().find_map(|word| behind(core.of(text), word)) {
        core = Span::new(core.end - rest.len(), core.end);
    }
    core
}

/// What follows a word that the words begin with, if anything does.
fn behind<'a>(words: &'a str, word: &str) -> Option<&'a str> {
    let start = words.get(..word.len()).filter(|start| start.to_lowercase() == word && !word.is_empty())?;
    let rest = &words[start.len()..];
    let apart = word.ends_with(['\'', '’']) || is_glued(word) || rest.starts_with(char::is_whitespace);
    Some(rest.trim_start()).filter(|rest| apart && !rest.is_empty())
}

/// What precedes a word that the words end with, if anything does.
fn ahead_of<'a>(words: &'a str, word: &str) -> Option<&'a str> {
    let start = words.len().checked_sub(word.len())?;
    words.get(start..).filter(|end| end.to_lowercase() == word && !word.is_empty())?;
    let rest = &words[..start];
    let apart = is_glued(word) || rest.ends_with(char::is_whitespace);
    Some(rest.trim_end()).filter(|rest| apart && !rest.is_empty())
}

/// Whether a word is of a script without spaces, or whose particles have none.
fn is_glued(word: &str) -> bool {
    word.starts_with(|character| character >= '\u{2E80}')
}

fn trimmed(text: &str, span: Span) -> Span {
    let words = span.of(text);
    let start = span.start + (words.len() - words.trim_start().len());
    Span::new(start, start + words.trim().len())
}

/// Some words on both sides of a position, in one line.
fn around(text: &str, at: usize) -> String {
    let start = text[..at].char_indices().rev().nth(40).map_or(0, |(start, _)| start);
    let end = text[at..].char_indices().nth(70).map_or(text.len(), |(end, _)| at + end);
    text[start..end].split_whitespace().collect::<Vec<_>>().join(" ")
}

fn spans(rows: &BTreeMap<(String, String), Row>, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "| source | documents | annotated | found | exact F1 as annotated | exact F1 | overlap F1 | value F1 |\n\
         | :-- | --: | --: | --: | --: | --: | --: | --: |"
    )?;
    for ((language, source), row) in rows.iter().filter(|(_, row)| row.core.annotated + row.core.found > 0) {
        let overlap = row.core.overlap_f1();
        let value = (row.valued > 0).then(|| row.right as f64 / row.valued as f64);
        let figures = [row.strict.f1(), row.core.f1(), overlap, overlap.zip(value).map(|(a, b)| a * b)];
        let cells = figures.map(percent).join(" | ");
        let Row { documents, core, .. } = row;
        writeln!(
            out,
            "| {language} {source} | {documents} | {} | {} | {cells} |",
            core.annotated, core.found
        )?;
    }
    writeln!(out)
}

fn suites(rows: &BTreeMap<(String, String), Row>, out: &mut impl Write) -> io::Result<()> {
    let mut languages: BTreeMap<&str, Row> = BTreeMap::new();
    writeln!(out, "| suite | cases | left out | solved | % |\n| :-- | --: | --: | --: | --: |")?;
    let line = |out: &mut dyn Write, name: &str, row: &Row| {
        let share = percent((row.cases > 0).then(|| row.solved as f64 / row.cases as f64));
        writeln!(out, "| {name} | {} | {} | {} | {share} |", row.cases, row.left_out, row.solved)
    };
    for ((language, source), row) in rows.iter().filter(|(_, row)| row.cases + row.left_out > 0) {
        line(out, &format!("{language} {source}"), row)?;
        let sum = languages.entry(language).or_default();
        sum.cases += row.cases;
        sum.solved += row.solved;
        sum.left_out += row.left_out;
    }
    for (language, row) in languages {
        line(out, &format!("{language}, all suites"), &row)?;
    }
    Ok(())
}

fn percent(share: Option<f64>) -> String {
    share.map_or("–".to_owned(), |share| format!("{:.1}", 100.0 * share))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timex(text: &str, words: &str, value: &str) -> Timex {
        let start = text.find(words).unwrap();
        let span = Span::new(start, start + words.len());
        Timex { span, core: core(text, span, "fr"), values: vec![value.to_owned()] }
    }

    #[test]
    fn articles_and_prepositions_are_left_out() {
        for (language, words, expected) in [
            ("fr", "le 5 mai", "5 mai"),
            ("fr", "l’année dernière", "année dernière"),
            ("fr", "lendemain", "lendemain"),
            ("en", "in the last two weeks", "last two weeks"),
            ("en", "The", "The"),
            ("ja", "5月3日", "5月3日"),
        ] {
            assert_eq!(core(words, Span::new(0, words.len()), language).of(words), expected, "{words}");
        }
    }

    #[test]
    fn spellings_of_one_value() {
        for (value, expected) in [
            ("2000-W7", "2000-W07"),
            ("2000-W17", "2000-W17"),
            ("1997-WI", "1997-WI"),
            ("1989-XX", "1989"),
            ("-234-08-10", "BC0234-08-10"),
            ("-44", "BC0044"),
            ("2024-05-03", "2024-05-03"),
        ] {
            assert_eq!(normal(value), expected);
        }
    }

    #[test]
    fn comparators_and_particles_are_left_out_of_suites() {
        for (language, words, expected) in [
            ("en", "before 2018", "2018"),
            ("en", "the day before 2018", "day before 2018"),
            ("en", "1/1/2016 and later", "1/1/2016"),
            ("en", "two days later", "two days later"),
            ("en", "<= 2019", "2019"),
            ("en", "before", "before"),
            ("en", "afternoon", "afternoon"),
            ("es", "después del 1 de enero", "1 de enero"),
            ("fr", "2019 et après", "2019"),
            ("fr", "avant-hier", "avant-hier"),
            ("zh", "自2018年以来", "2018年"),
            ("zh", "2014-06-04或之后", "2014-06-04"),
            ("zh", "后天", "后天"),
            ("ja", "2018年以降に", "2018年"),
            ("ja", "（火）に", "火"),
            ("ja", "日", "日"),
        ] {
            assert_eq!(bare(words, Span::new(0, words.len()), language).of(words), expected, "{words}");
        }
    }

    fn gold(value: &str, values: &[serde_json::Value]) -> Gold {
        Gold { start: 0, length: 0, value: Some(value.into()), values: values.to_vec() }
    }

    #[test]
    fn notations_that_agree() {
        for (value, expected) in [
            ("2024-05-03", true),
            ("XXXX-WXX-5", true),
            ("P2W", true),
            ("FY2008", true),
            ("SY2008", false),
            ("FYXXXX", false),
            ("XXXX", false),
            ("XXXX-WXX-WE", true),
            ("XXXX-05", true),
            ("2015-W01", true),
            ("2015-01-W01", false),
            ("XXXX-10-W01", false),
            ("2024-05-03T10:00", false),
            ("(2018-05-01,2020-10-01,P29M)", false),
            ("2013-07-13/2013-07-16", false),
            ("", false),
        ] {
            assert_eq!(agrees(&gold(value, &[])), expected, "{value}");
        }
        let within = serde_json::json!({"start": "2018-05-18 12:00:00", "end": "2018-05-19 00:00:00"});
        let whole = serde_json::json!({"start": "2018-05-18 00:00:00", "end": "2018-05-19 00:00:00"});
        assert!(!agrees(&gold("2018-05-18", &[within])));
        assert!(agrees(&gold("2018-05-18", &[whole])));
        assert!(!agrees(&gold("2018-08-30", &["2018-08-30 14:06:03".into()])));
    }

    #[test]
    fn patterns_have_the_bounds_they_are_resolved_to() {
        let from = |start: &str| serde_json::json!({"start": start, "end": null});
        for (value, bound, expected) in [
            ("XXXX-05", from("2018-05-01"), &["2018-05"] as &[&str]),
            ("XXXX-05", from("2018-06-01"), &[]),
            ("XXXX-05", serde_json::json!({"start": null, "end": "2018-05-21"}), &["2018-05"]),
            ("XXXX-WXX-WE", from("2016-11-12"), &["2016-W45-WE"]),
            ("XXXX-WXX", from("2017-11-13"), &["2017-W46"]),
            ("2018-05", from("2018-05-01"), &[]),
            ("XXXX-05", "not resolved".into(), &[]),
        ] {
            assert_eq!(resolved(&gold(value, &[bound])), expected, "{value}");
        }
    }

    #[test]
    fn amounts_in_other_units() {
        for (one, other, expected) in [
            ("P3M", "P1Q", true),
            ("P0.5Y", "P6M", true),
            ("P27M", "P2Y3M", true),
            ("P1.5M", "P45D", true),
            ("P2W", "P14D", true),
            ("P1M", "P30D", false),
            ("P3M", "P4M", false),
            ("P2M", "PT2M", false),
            ("PXD", "P3D", false),
            ("20", "20XX", true),
            ("19", "20XX", false),
        ] {
            let same = timex("mai", "mai", one).has_value_of(&timex("mai", "mai", other));
            assert_eq!(same, expected, "{one} {other}");
        }
    }

    #[test]
    fn digits_and_marks() {
        for (text, expected) in [
            ("17/2", true),
            ("24 12 14", true),
            ("17/2/2013", false),
            ("<=2019", false),
            ("le 17 2", false),
            ("6月30", false),
            ("-", false),
        ] {
            assert_eq!(is_bare_number(text), expected, "{text}");
        }
        for (words, expected) in
            [("demain 17:00", true), ("11：30", true), ("note: 12", false), ("5:7", false)]
        {
            assert_eq!(has_clock(words), expected, "{words}");
        }
    }

    /// A case whose whole text is one expression, published on a Tuesday, and the expressions found in it.
    fn of_suite(text: &str, value: &str, found: &[(&str, &str)]) -> Verdict {
        let length = text.chars().count();
        let gold = Gold { start: 0, length, value: Some(value.into()), values: Vec::new() };
        let case = Case {
            source: "duckling".to_owned(),
            lang: "fr".to_owned(),
            text: text.to_owned(),
            reference_date: Some("2013-02-12T04:30:00".to_owned()),
            expected: vec![gold],
            whole_input: true,
        };
        let found: Vec<Timex> = found.iter().map(|(words, value)| timex(text, words, value)).collect();
        verdict(&case, &annotated(&case, "fr"), &found)
    }

    #[test]
    fn cases_are_left_out_for_what_may_differ() {
        use Verdict::{LeftOut, Missed, Solved};
        for (text, gold, found, expected) in [
            ("demain", "2013-02-13", &[("demain", "2013-02-13")] as &[_], Solved),
            ("demain", "2013-02-13", &[], Missed),
            ("demain ou mardi", "2013-02-13", &[("demain", "2013-02-13")], Missed),
            // A time of day.
            ("demain soir", "2013-02-13", &[("demain soir", "2013-02-13TEV")], LeftOut),
            ("demain 8h", "2013-02-13", &[("demain", "2013-02-13"), ("8h", "2013-02-13T08:00")], LeftOut),
            ("demain soir", "2013-02-13", &[("demain soir", "2013-02-12TEV")], Missed),
            ("demain 17:00", "2013-02-13", &[], LeftOut),
            // Longer than a day.
            ("il y a deux ans", "2011-02", &[("il y a deux ans", "2011")], LeftOut),
            ("il y a deux ans", "2011-02", &[("il y a deux ans", "2012")], Missed),
            ("il y a deux ans", "2011-02", &[("deux ans", "2011")], Missed),
            // Vague.
            ("quelques jours", "P3D", &[("quelques jours", "PXD")], LeftOut),
            ("quelques jours", "P4D", &[("quelques jours", "PXD")], Missed),
            ("quelques jours", "P3D", &[("quelques jours", "P5D")], Missed),
            ("récemment", "2013-02-12", &[("récemment", "PAST_REF")], LeftOut),
            ("récemment", "2013-02-09", &[("récemment", "PAST_REF")], LeftOut),
            ("récemment", "2013-02-11", &[("récemment", "PAST_REF")], Missed),
            // Today's weekday.
            ("mardi", "2013-02-19", &[("mardi", "2013-02-12")], LeftOut),
            ("mardi suivant", "2013-02-19", &[("mardi suivant", "2013-02-12")], Missed),
            ("lundi", "2013-02-18", &[("lundi", "2013-02-11")], Missed),
        ] {
            assert_eq!(of_suite(text, gold, found), expected, "{text} {gold} {found:?}");
        }
    }

    #[test]
    fn a_day_for_what_holds_it() {
        let text = "le mois prochain";
        for (found, gold, expected) in [
            ("2024-05", "2024-05-03", true),
            ("2024", "2024-05-03", true),
            ("202", "2024-05-03", true),
            ("2024-W18", "2024-05-03", true),
            ("2024", "2024-05", true),
            ("2024-06", "2024-05-03", false),
            ("2024-05-03", "2024-05-03", false),
            ("2024-05", "2024", false),
            ("2024-05", "2024-W18", false),
            ("2024-05", "P1M", false),
        ] {
            let holds = timex(text, text, found).holds(&timex(text, text, gold));
            assert_eq!(holds, expected, "{found} {gold}");
        }
    }

    #[test]
    fn a_range_counts_as_its_ends_where_both_are_annotated() {
        let text = "entre 2019 et 2021";
        let range = || timex(text, "2019 et 2021", "2019/2021");
        let ends = [timex(text, "2019", "2019"), timex(text, "2021", "2021")];
        let shown = |timexes: Vec<Timex>| {
            timexes.iter().map(|it| format!("{} {}", it.span.of(text), it.values[0])).collect::<Vec<_>>()
        };
        assert_eq!(shown(range().ends(&ends)), ["2019 2019", "2021 2021"]);
        assert_eq!(shown(range().ends(&ends[..1])), ["2019 et 2021 2019/2021"]);
        assert_eq!(shown(range().ends(&[])), ["2019 et 2021 2019/2021"]);
    }
}
