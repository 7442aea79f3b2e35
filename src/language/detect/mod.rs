//! Tells the language of a text: what whatlang says, weighed with the function words and letters of the packs.
//!
//! Naive Bayes over the languages that whatlang knows: each adds up its prior, the log-odds of the function words and
//! letters found in a sample of the text, and whatlang's vote. A language that leads by too little, or that shares
//! the text with another one, is not told: the answer is then `und`. The constants were chosen on one half of the
//! texts that `depeche eval language` cuts, and are judged on the other one; see docs/accuracy.md.

mod clues;
mod codes;
mod sample;
#[cfg(test)]
mod tests;

use whatlang::Lang;

use super::{DetectedLanguage, LanguageCode, Pack};
use clues::{Clues, Evidence, LANGUAGES, Scores};

/// Log-odds that whatlang gives to the language it names, at confidence 0 and 1.
const WHATLANG: [f32; 2] = [0.5, 4.5];
/// A lead in log-odds is this much too large, as measured: the evidence is not independent.
const OVERCONFIDENCE: f32 = 0.75;
/// Below it the language is not told: it would more often be wrong than right.
const TOLD: f32 = 0.5;
/// From it on 95 of 100 answers are right, and of all such answers more than 99.
const RELIABLE: f32 = 0.9;
/// So few words, of so few letters, may be a name, a title or a quotation, whose language is not the text's.
const FEW_WORDS: usize = 3;
const FEW_LETTERS: usize = 30;
/// With fewer words that begin with a small letter, capitals do not tell names.
const SMALL_WORDS: f32 = 2.0;
/// So few words with a number are the name of a model, where a capital shows it.
const MODEL_WORDS: usize = 2;
/// A segment counts for a language that leads there by this much.
const SEGMENT_LEAD: f32 = 3.0;
/// The share of letters, of all segments that count, from which on a second language makes a text mixed.
const MIXED: f32 = 0.3;

/// Tells the language of texts.
#[derive(Debug)]
pub struct Detector {
    clues: Clues,
}

impl Detector {
    /// A detector that knows what the packs know.
    pub fn new() -> Detector {
        let clues = Clues::embedded();
        Detector {
            clues: clues.unwrap_or_else(|error| panic!("a pack is broken, which a test rules out: {error}")),
        }
    }

    /// The language of `text` among all that whatlang knows; `und` where the text does not tell. The cost is that of
    /// about 2.4 kB, however long the text.
    pub fn detect(&self, text: &str) -> DetectedLanguage {
        let segments = sample::segments(text);
        let evidence: Vec<Evidence> = segments.iter().map(|segment| self.clues.weigh(segment)).collect();
        let sum = |count: fn(&Evidence) -> usize| evidence.iter().map(count).sum::<usize>();
        let is_short = sum(|it| it.words) <= FEW_WORDS && sum(|it| it.letters) < FEW_LETTERS;

        // "iPhone 15 Pro" is no Czech, though "pro" is a Czech word.
        let is_model = sum(|it| it.words) <= MODEL_WORDS && text.contains(char::is_numeric);
        if is_model && sum(|it| it.function_words) == 0 && sum(|it| it.named_function_words) > 0 {
            return undetermined();
        }
        let weight = weight_of_names(&evidence);
        let mut scores = self.clues.prior();
        for segment in &evidence {
            scores.add_scores(&segment.scores, 1.0);
            if weight < 1.0 {
                scores.add_scores(&segment.named, weight - 1.0);
            }
        }
        if !is_short || sum(|it| it.function_words) > 0 {
            ask_whatlang(&segments, weight, &mut scores);
        }
        let (language, lead) = scores.best();
        let confidence = 1.0 / (1.0 + (OVERCONFIDENCE - lead).exp());
        if confidence < TOLD || is_mixed(language, &evidence) {
            return undetermined();
        }
        told(language, confidence, is_short)
    }
}

impl Default for Detector {
    fn default() -> Detector {
        Detector::new()
    }
}

/// How much letters count where names bring some in: less, where most letters are theirs.
fn weight_of_names(evidence: &[Evidence]) -> f32 {
    let sum = |count: fn(&Evidence) -> usize| evidence.iter().map(count).sum::<usize>() as f32;
    let (letters, named) = (sum(|it| it.letters), sum(|it| it.named_letters));
    // In a headline in capitals they do not tell names.
    if sum(|it| it.small_words) < SMALL_WORDS || named == 0.0 {
        return 1.0;
    }
    (2.0 * (letters - named) / letters).min(1.0)
}

/// Adds whatlang's vote, at `weight`, where it can change the answer: asking costs more than all the rest.
fn ask_whatlang(segments: &[&str], weight: f32, scores: &mut Scores) {
    let (_, lead) = scores.best();
    if lead > WHATLANG[1] {
        return;
    }
    if let Some(info) = whatlang::detect(&segments.concat()) {
        let vote = WHATLANG[0] + (WHATLANG[1] - WHATLANG[0]) * info.confidence() as f32;
        scores.add(info.lang(), weight * vote);
    }
}

/// Whether another language than `language` has a large share of the segments that tell theirs.
fn is_mixed(language: Lang, evidence: &[Evidence]) -> bool {
    let mut letters = [0; LANGUAGES];
    for segment in evidence {
        let (best, lead) = segment.scores.best();
        if lead >= SEGMENT_LEAD {
            letters[best as usize] += segment.letters;
        }
    }
    let all: usize = letters.iter().sum();
    letters[language as usize] = 0;
    letters.iter().any(|other| *other > 0 && *other as f32 >= MIXED * all as f32)
}

fn told(language: Lang, confidence: f32, is_short: bool) -> DetectedLanguage {
    let code = LanguageCode::from(language);
    DetectedLanguage {
        supported: Pack::get(code.as_str()).is_some(),
        code,
        confidence: (confidence * 1_000.0).round() / 1_000.0,
        reliable: confidence >= RELIABLE && !is_short,
    }
}

fn undetermined() -> DetectedLanguage {
    DetectedLanguage {
        code: LanguageCode::undetermined(),
        confidence: 0.0,
        reliable: false,
        supported: false,
    }
}
