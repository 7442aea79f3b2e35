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
    let alone = seconds(|| {
        documents.iter().zip(&texts).for_each(|((dates, document), text)| find(dates, document, text));
    });
    let whole = seconds(|| {
        documents.iter().for_each(|(dates, document)| find(dates, document, &Text::new(document)));
    });
    let characters = cases.iter().map(|case| case.text.chars().count()).sum::<usize>() as f64;
    let megabytes = cases.iter().map(|case| case.text.len()).sum::<usize>() as f64 / 1e6;
    writeln!(out, "dates alone: {:.1} MB/s", megabytes / alone)?;
    let (characters, megabytes) = (characters / whole, megabytes / whole);
    writeln!(out, "with words and sentences: {characters:.0} characters a second, {megabytes:.1} MB/s")?;
    Ok(())
}

/// What a round takes, on average, once the automata are built.
fn seconds(mut round: impl FnMut()) -> f64 {
    round();
    let (start, mut rounds) = (Instant::now(), 0);
    while start.elapsed() < SPEED_TIME {
        round();
        rounds += 1;
    }
    start.elapsed().as_secs_f64() / f64::from(rounds)
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
        let mut found = found(case, language, engine)?;
        self.documents += 1;
        if is_of_suite(case) {
            self.add_case(case, &gold, &found, errors)?;
            return Ok(());
        }
        found = found.into_iter().flat_map(|timex| timex.ends(&gold)).collect();
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
        found: &[Timex],
        errors: Option<&mut impl Write>,
    ) -> io::Result<()> {
        let pairs = || gold.iter().zip(found);
        let coarser = pairs().any(|(gold, found)| gold.core == found.core && found.holds_day_of(gold));
        // A suite that keeps its reference date to itself.
        let unresolved = |found: &Timex| found.values[0].starts_with('X');
        let no_anchor = case.reference_date.is_none() && found.iter().any(unresolved);
        if coarser || no_anchor || !case.expected.iter().all(agrees) {
            self.left_out += 1;
            return Ok(());
        }
        let solved = gold.len() == found.len()
            && pairs().all(|(gold, found)| {
                gold.core == found.core && found.values.iter().any(|value| gold.values.contains(value))
            });
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
                    show(found),
                    case.text
                )
            }
            _ => Ok(()),
        }
    }
}

impl Timex {
    /// Whether the annotation is a day, as in suites that know nothing longer than a moment, where ours is the week,
    /// month or year that it lies in: "next month", "two years ago".
    fn holds_day_of(&self, gold: &Timex) -> bool {
        let day = |value: &String| value.parse::<civil::Date>().ok();
        gold.values.iter().filter_map(day).any(|day| {
            self.values.iter().any(|value| {
                let week = day.iso_week_date();
                let week = format!("{:04}-W{:02}", week.year(), week.week());
                let year = format!("{:04}", day.year());
                let month = format!("{year}-{:02}", day.month());
                let quarter = format!("{year}-Q{}", (day.month() + 2) / 3);
                [year, month, quarter, week].contains(value)
            })
        })
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
        Some(Timex { span, core: core(&case.text, span, language), values: values.map(normal).collect() })
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
            Timex { span, core: core(&case.text, span, language), values: values(date) }
        }));
    }
    found.sort_by_key(|timex| timex.span.start);
    Ok(found)
}

fn values(date: &Date) -> Vec<String> {
    [&date.timex].into_iter().chain(&date.alternative_timexes).map(|value| normal(value)).collect()
}

/// Spellings of one value: `2000-W7` and `2000-W07`, `1989-XX` and `1989`, and what behind a minute is said of none.
fn normal(value: &str) -> String {
    let value = value.trim();
    if let Some((year, week)) = value.split_once("-W")
        && week.len() == 1
        && week.starts_with(|character: char| character.is_ascii_digit())
    {
        return format!("{year}-W0{week}");
    }
    let value = value
        .strip_suffix("T00:00:00")
        .or_else(|| value.strip_suffix(":00:00").map(|_| value))
        .unwrap_or(value);
    match value {
        "P24M" | "P12M" | "PT24H" => value.to_owned(),
        _ => value.trim_end_matches("-XX").to_owned(),
    }
}

/// Whether a suite writes the value as TIMEX3 does. Left out by rule: times of day and what is shorter than a day
/// (`T`), the triples `(start,end,duration)`, intervals (their ends are exclusive in most suites), and values that
/// leave words to the reader's calendar (`XXXX-WXX-…` is TIMEX3 and stays). [`Timex::holds_day_of`] leaves out more.
fn agrees(gold: &Gold) -> bool {
    let value = gold.value.as_ref().and_then(|value| value.as_str()).unwrap_or_default();
    let timex = |character: char| character.is_ascii_digit() || "-XWEPDMYQHSUFAIR_CNT.".contains(character);
    !value.is_empty() && value.chars().all(timex) && !value.contains('T') && !value.contains(',')
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

/// The span without the articles and prepositions before it.
fn core(text: &str, span: Span, language: &str) -> Span {
    let words = LEADING.iter().find(|(code, _)| *code == language).map_or("", |(_, words)| words);
    let mut core = span;
    loop {
        let rest = core.of(text);
        let leads = |word: &str| {
            let after = rest
                .get(..word.len())
                .filter(|start| start.to_lowercase() == *word)
                .map(|_| &rest[word.len()..]);
            let glued = word.ends_with(['\'', '’']);
            after.filter(|after| glued || after.starts_with(char::is_whitespace))
        };
        let Some(after) = words.split_whitespace().find_map(leads) else { return core };
        let after = after.trim_start();
        if after.is_empty() {
            return core;
        }
        core = Span::new(core.end - after.len(), core.end);
    }
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
            ("2024-05-03", "2024-05-03"),
        ] {
            assert_eq!(normal(value), expected);
        }
    }

    #[test]
    fn notations_that_agree() {
        for (value, expected) in [
            ("2024-05-03", true),
            ("XXXX-WXX-5", true),
            ("P2W", true),
            ("2024-05-03T10:00", false),
            ("(2018-05-01,2020-10-01,P29M)", false),
            ("2013-07-13/2013-07-16", false),
            ("", false),
        ] {
            let gold = Gold { start: 0, length: 0, value: Some(value.into()), values: Vec::new() };
            assert_eq!(agrees(&gold), expected, "{value}");
        }
    }

    #[test]
    fn a_day_for_what_holds_it() {
        let text = "le mois prochain";
        for (found, gold, expected) in [
            ("2024-05", "2024-05-03", true),
            ("2024", "2024-05-03", true),
            ("2024-W18", "2024-05-03", true),
            ("2024-06", "2024-05-03", false),
            ("2024-05-03", "2024-05-03", false),
            ("2024-05", "P1M", false),
        ] {
            let holds = timex(text, text, found).holds_day_of(&timex(text, text, gold));
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
