//! Running text from the tokens of a corpus, with the names that their tags tell.

use depeche::mention::Span;

use super::corpus::{Name, Passage, kind};

/// Marks that stand close behind a word.
const CLOSING: [char; 14] = ['.', ',', ';', ':', '!', '?', ')', ']', '}', '%', '…', '।', '\'', '’'];

/// Joins tokens with their BIO tags as print would: a space between, but none within brackets and quotes, around
/// apostrophes, before closing marks and suffixes, and in scripts that have none.
pub fn join(rows: &[(&str, &str)]) -> Passage {
    let mut line = Line::default();
    let mut names: Vec<Name> = Vec::new();
    let mut current = None;
    for (token, tag) in rows {
        let span = line.push(token);
        let (position, label) = tag.split_once('-').unwrap_or((tag, ""));
        match names.last_mut() {
            Some(name) if position == "I" && current == Some(label) => name.span.end = span.end,
            _ => names.extend(kind(label).map(|kind| Name { span, kind })),
        }
        current = kind(label).map(|_| label);
    }
    Passage { text: line.text, names }
}

/// A text that grows by tokens.
#[derive(Default)]
struct Line {
    text: String,
    /// Whether a quotation is open. Which marks open one differs by language; that they take turns does not.
    quoted: bool,
    /// Whether the next token stands close to the last one.
    opened: bool,
}

impl Line {
    /// Appends a token and tells where it stands.
    fn push(&mut self, token: &str) -> Span {
        let (close_before, close_behind) = self.sides(token);
        let unspaced = self.text.ends_with(is_unspaced) || token.starts_with(is_unspaced);
        if !(self.text.is_empty() || self.opened || close_before || unspaced) {
            self.text.push(' ');
        }
        self.opened = close_behind;
        let start = self.text.len();
        self.text.push_str(token);
        Span::new(start, self.text.len())
    }

    /// Whether a token stands close to what is before it, and to what is behind.
    fn sides(&mut self, token: &str) -> (bool, bool) {
        match token {
            "(" | "[" | "{" | "¿" | "¡" | "@" | "#" => (false, true),
            "/" | "_" => (true, true),
            "„" => {
                self.quoted = true;
                (false, true)
            }
            "'" | "’" if self.text.ends_with(is_latin) => (true, true),
            "\"" | "“" | "”" | "«" | "»" | "'" | "’" | "‘" => {
                self.quoted = !self.quoted;
                (!self.quoted, self.quoted)
            }
            _ => (token.starts_with(CLOSING) || is_suffix(token), token.ends_with(['\'', '’'])),
        }
    }
}

/// `-a`, `/km`: tokens that begin with a mark of their own.
fn is_suffix(token: &str) -> bool {
    token.strip_prefix(['-', '/']).is_some_and(|rest| rest.starts_with(char::is_alphabetic))
}

/// Where an apostrophe is no quotation mark.
fn is_latin(character: char) -> bool {
    character.is_alphabetic() && character < '\u{250}'
}

/// Thai, Lao, Burmese and Khmer; Han, kana and their marks.
fn is_unspaced(character: char) -> bool {
    matches!(character, '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{3000}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FF00}'..='\u{FF65}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let cases = [
            ("nothing", "", ""),
            ("a sentence", "The mayor left , and nobody asked .", "The mayor left, and nobody asked."),
            ("brackets", "The port ( Calvi ) closed .", "The port (Calvi) closed."),
            ("straight quotes", "He said \" no \" , she \" yes \" .", "He said \"no\", she \"yes\"."),
            ("German quotes", "Sie sagt „ nein “ und geht .", "Sie sagt „nein“ und geht."),
            ("guillemets inward", "Sie sagt » nein « und geht .", "Sie sagt »nein« und geht."),
            ("guillemets outward", "Elle dit « non » .", "Elle dit «non»."),
            ("one mark on both sides", "Hon sade ” nej ” .", "Hon sade ”nej”."),
            ("elision", "dell' isola", "dell'isola"),
            ("apostrophe of its own", "nell ’ isola", "nell’isola"),
            ("possessive", "Nora 's bike", "Nora's bike"),
            ("quotes that look like apostrophes", "कहा ' हाँ ' ।", "कहा 'हाँ'।"),
            ("suffix", "văzut -o", "văzut-o"),
            ("dash", "Bern - Thun", "Bern - Thun"),
            ("minus", "um -10 Grad", "um -10 Grad"),
            ("slash", "km / h", "km/h"),
            ("Japanese", "東京 に 行く 。", "東京に行く。"),
            ("Latin among Japanese", "東京 の Radio Nova", "東京のRadio Nova"),
            ("Thai", "ไป กรุงเทพ", "ไปกรุงเทพ"),
        ];
        for (case, tokens, expected) in cases {
            let rows: Vec<(&str, &str)> = tokens.split_whitespace().map(|token| (token, "O")).collect();
            assert_eq!(join(&rows).text, expected, "{case}");
        }
    }

    #[test]
    fn names() {
        let cases: [(&str, &str, &[&str]); 7] = [
            ("of several tokens", "Nora/B-PER Vidal/I-PER left/O", &["Nora Vidal"]),
            ("side by side", "Nora/B-PER Paul/B-PER", &["Nora", "Paul"]),
            ("without a beginning", "in/O Thun/I-LOC", &["Thun"]),
            ("of another type", "Nora/B-PER Thun/I-LOC", &["Nora", "Thun"]),
            ("of no type of ours", "Easter/B-MISC Week/I-MISC", &[]),
            ("behind one of no type of ours", "Easter/B-MISC Nora/I-PER", &["Nora"]),
            ("behind none", "Nora/B-PER and/O Paul/I-PER", &["Nora", "Paul"]),
        ];
        for (case, tokens, expected) in cases {
            let rows: Vec<(&str, &str)> =
                tokens.split_whitespace().filter_map(|token| token.split_once('/')).collect();
            let passage = join(&rows);
            let found: Vec<&str> = passage.names.iter().map(|name| name.span.of(&passage.text)).collect();
            assert_eq!(found, expected, "{case}");
        }
    }
}
