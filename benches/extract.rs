//! `Engine::extract` in bytes per second: articles of 1, 4 and 64 kB in each language, of 8 kB to 800 kB to show that the
//! cost is linear, and everything but the tagger. Run by `cargo bench --bench extract`.

use std::path::Path;
use std::sync::LazyLock;

use depeche::config::Limits;
use depeche::language::{LanguageCode, Pack};
use depeche::recognizers::dates::Dates;
use depeche::recognizers::{Article, Recognizer};
use depeche::text::Text;
use depeche::{Document, Engine, Options};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| warm(Engine::new()));
static WITHOUT_TAGGER: LazyLock<Engine> =
    LazyLock::new(|| warm(Engine::with_tagger(Limits::default(), None)));

fn warm(engine: Engine) -> Engine {
    engine.warm_up();
    engine
}

fn main() {
    divan::main();
}

#[divan::bench(args = [1_000, 4_000, 64_000])]
fn french(bencher: Bencher<'_, '_>, size: usize) {
    extract(bencher, &ENGINE, &news("fr", size));
}

#[divan::bench(args = [1_000, 4_000, 64_000])]
fn english(bencher: Bencher<'_, '_>, size: usize) {
    extract(bencher, &ENGINE, &news("en", size));
}

#[divan::bench(args = [8_000, 80_000, 800_000], sample_count = 3)]
fn linear(bencher: Bencher<'_, '_>, size: usize) {
    extract(bencher, &ENGINE, &news("fr", size));
}

#[divan::bench(args = [4_000, 64_000, 8_000_000], sample_count = 10)]
fn all_but_the_tagger(bencher: Bencher<'_, '_>, size: usize) {
    extract(bencher, &WITHOUT_TAGGER, &news("fr", size));
}

/// Dates alone, found and resolved.
#[divan::bench(args = ["en", "fr"], sample_count = 10)]
fn dates(bencher: Bencher<'_, '_>, language: &str) {
    let document = Document {
        language: LanguageCode::parse(language),
        publish_date: Some(jiff::civil::date(2024, 10, 18)),
        ..Document::new(news(language, 1_000_000))
    };
    let text = Text::new(&document);
    let dates = Dates::new(&Pack::get(language).expect("a pack")).expect("an embedded pack compiles");
    let article = Article { published: document.publish_date, ..Article::new(&text) };
    bencher.counter(BytesCount::of_str(&document.content)).bench_local(|| {
        let mut mentions = Vec::new();
        dates.recognize(black_box(&article), &mut mentions);
        mentions
    });
}

/// The article that the product was asked for; not part of the project, so it is skipped where it is missing.
#[divan::bench]
fn sample_article(bencher: Bencher<'_, '_>) {
    match std::fs::read_to_string("../shared/articles/casio-fr.txt") {
        Ok(text) => extract(bencher, &ENGINE, &text),
        Err(error) => {
            eprintln!("SKIPPED: the sample article is not here: {error}");
            bencher.bench(|| ());
        }
    }
}

fn extract(bencher: Bencher<'_, '_>, engine: &Engine, text: &str) {
    let document = Document { publish_date: Some(jiff::civil::date(1970, 1, 1)), ..Document::new(text) };
    bencher.counter(BytesCount::of_str(text)).bench_local(|| {
        engine.extract(black_box(&document), &Options::default()).expect("an article within the limit")
    });
}

/// Golden articles of a language, one after the other, up to `size` bytes.
fn news(language: &str, size: usize) -> String {
    let folder = Path::new("tests/golden").join(language);
    let mut paths: Vec<_> =
        folder.read_dir().expect("golden articles").map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    let all: String =
        paths.iter().map(|path| std::fs::read_to_string(path).expect("an article") + "\n\n").collect();
    let mut text = all.repeat(size / all.len() + 1);
    let mut end = size;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}
