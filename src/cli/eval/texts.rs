//! Test texts of known language, cut from the corpora; the same ones at every run.

/// About how many characters a text has.
pub const LENGTHS: [usize; 6] = [20, 40, 80, 160, 320, 1_000];
/// The lengths that are also written as headlines.
const HEADLINES: [usize; 2] = [40, 80];
/// Texts of each language and length, tuning half included.
const TEXTS: usize = 400;

/// Where the constants of the detector were chosen, and where they are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Half {
    /// The texts that the constants were chosen on.
    Tuning,
    /// All the others.
    Report,
}

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Style {
    /// As in the corpus.
    Prose,
    /// Every Word With A Capital.
    TitleCase,
    /// ALL CAPITALS.
    AllCaps,
}

/// A text of known language.
#[derive(Clone, Debug)]
pub struct Case {
    /// The corpus's name of the language, such as `zh-Hant`.
    pub language: String,
    /// About how many characters it has.
    pub length: usize,
    /// How it is written.
    pub style: Style,
    /// The text.
    pub text: String,
}

/// The texts of one half, cut from one language's sentences.
pub fn cases(language: &str, sentences: &[String], half: Half) -> Vec<Case> {
    let unspaced = ["ja", "th", "zh", "zh-Hant"].contains(&language);
    let mut cases = Vec::new();
    let step = (sentences.len() / TEXTS).max(1);
    for start in (0..sentences.len()).step_by(step).filter(|start| half_of(&sentences[*start]) == half) {
        for length in LENGTHS {
            let Some(text) = cut(&sentences[start..], length, unspaced) else { continue };
            let case = |style, text| Case { language: language.to_owned(), length, style, text };
            if HEADLINES.contains(&length) {
                cases.push(case(Style::TitleCase, title_case(&text)));
                cases.push(case(Style::AllCaps, text.to_uppercase()));
            }
            cases.push(case(Style::Prose, text));
        }
    }
    cases
}

/// The `index`-th of `count` runs of about `length` characters.
pub fn excerpt(sentences: &[String], index: usize, count: usize, length: usize) -> String {
    let start = index * (sentences.len() / 2) / count;
    let mut text = String::new();
    for sentence in &sentences[start..] {
        if text.chars().count() >= length {
            break;
        }
        text.push_str(sentence.trim());
        text.push(' ');
    }
    text.chars().take(length).collect()
}

/// Two texts in turn, in paragraphs of about `length` characters.
pub fn alternate(left: &str, right: &str, length: usize) -> String {
    let [left, right] = [left, right].map(|text| text.chars().collect::<Vec<_>>());
    let paragraph = |characters: &[char]| characters.iter().collect::<String>();
    let pairs = left.chunks(length).zip(right.chunks(length));
    pairs.flat_map(|(left, right)| [paragraph(left), paragraph(right)]).collect::<Vec<_>>().join("\n\n")
}

/// As many characters of consecutive sentences, cut at a word boundary; `None` where there are not enough, or
/// fewer than half of them are letters.
fn cut(sentences: &[String], length: usize, unspaced: bool) -> Option<String> {
    let mut text = String::new();
    for sentence in sentences {
        if text.chars().count() >= length {
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(sentence.trim());
    }
    let end = text.char_indices().nth(length)?.0;
    let end = match text[..end].rfind(' ') {
        Some(space) if !unspaced && !text[end..].starts_with(' ') => space,
        _ => end,
    };
    text.truncate(end);
    let letters = text.chars().filter(|it| it.is_alphabetic()).count();
    (2 * letters >= text.chars().count() && 2 * text.chars().count() > length).then_some(text)
}

fn title_case(text: &str) -> String {
    let mut inside = false;
    let mut title = String::new();
    for character in text.chars() {
        if inside {
            title.push(character);
        } else {
            title.extend(character.to_uppercase());
        }
        inside = character.is_alphabetic() || matches!(character, '\'' | '’');
    }
    title
}

/// By the FNV-1a hash of the sentence that a text begins with.
fn half_of(sentence: &str) -> Half {
    let hash = sentence
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    if hash >> 32 & 1 == 0 { Half::Tuning } else { Half::Report }
}
