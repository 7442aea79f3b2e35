//! Blocks in capitals, written as their words are elsewhere (Lita et al. 2003): the model knows `Weston Vale` better
//! than `WESTON VALE`, and `take` than `TAKE`.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::text::{Block, Casing, Text};

/// The view, in which blocks in capitals have the words of other blocks as these write them, and other words with one
/// capital. All else is as it was, and stands where it stood.
pub fn truecase(text: &Text) -> Cow<'_, str> {
    let view = text.as_str();
    let has = |casing: Casing| text.blocks().iter().filter(move |block| block.casing == casing);
    if has(Casing::Upper).next().is_none() {
        return Cow::Borrowed(view);
    }
    let openings: HashSet<usize> = text.sentences().iter().map(|sentence| sentence.words.start).collect();
    let mut written: HashMap<String, &str> = HashMap::new();
    for at in has(Casing::Sentence).flat_map(|block: &Block| block.words.clone()) {
        if !openings.contains(&at) {
            let word = text.words()[at].span.of(view);
            written.entry(word.to_lowercase()).or_insert(word);
        }
    }
    let mut cased = view.to_owned();
    for at in has(Casing::Upper).flat_map(|block| block.words.clone()) {
        let span = text.words()[at].span;
        let small = span.of(view).to_lowercase();
        let word = written.get(small.as_str()).map_or_else(|| capitalized(&small), |word| (*word).to_owned());
        // Some letters are longer when they are small; positions must hold.
        if word.len() == span.len() {
            cased.replace_range(span.start..span.end, &word);
        }
    }
    Cow::Owned(cased)
}

fn capitalized(small: &str) -> String {
    let mut rest = small.chars();
    rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Document;

    #[test]
    fn capitals_become_what_the_article_writes() {
        let cases = [
            (
                "a name and ordinary words",
                "WESTON WINS VOTE\n\nThe vote in Weston.",
                "Weston Wins vote\n\nThe vote in Weston.",
            ),
            ("an acronym", "NATO MEETS\n\nSo NATO said.", "NATO Meets\n\nSo NATO said."),
            (
                "what begins a sentence tells nothing",
                "THE SEA\n\nThe sea was calm, and all slept.",
                "The sea\n\nThe sea was calm, and all slept.",
            ),
            ("letters that grow", "İZMİR'DE\n\nSakin bir gün.", "İZMİR'De\n\nSakin bir gün."),
            ("no capitals", "東京で会議\n\nA vote.", "東京で会議\n\nA vote."),
            ("a heading", "Weston Wins Vote\n\nThe vote.", "Weston Wins Vote\n\nThe vote."),
        ];
        for (case, content, expected) in cases {
            assert_eq!(truecase(&Text::new(&Document::new(content))), expected, "{case}");
        }
    }
}
