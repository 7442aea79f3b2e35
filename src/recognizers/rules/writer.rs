//! A pattern of a pack, written out as a regular expression.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::RuleBook;

const SPACE: &str = r"(?:[ \t\u{A0}\u{2009}\u{202F}]|\r?\n)";
const APOSTROPHE: &str = "['\u{2019}\u{2BC}]";
const HYPHEN: &str = r"[-\u{2010}\u{2011}]";
/// Patterns within patterns go no deeper: a cycle is an error, not a hang.
const MAX_DEPTH: usize = 8;

/// Writes patterns out as regular expressions.
pub struct Writer<'b> {
    book: &'b RuleBook,
    /// For folded text: letters are small, and a space, an apostrophe or a hyphen is a plain one.
    folds: bool,
    /// By capture: the list that it comes from.
    pub captures: HashMap<String, String>,
}

impl Writer<'_> {
    /// For folded text, or for text as it is.
    pub fn new(book: &RuleBook, folds: bool) -> Writer<'_> {
        Writer { book, folds, captures: HashMap::new() }
    }

    /// The regular expression; the error says what the pattern refers to that is not there.
    pub fn write(&mut self, pattern: &str, depth: usize) -> Result<String, String> {
        if depth > MAX_DEPTH {
            return Err(format!("patterns refer to each other in a circle: {pattern}"));
        }
        let mut out = String::new();
        let mut rest = pattern.chars().peekable();
        let mut class = false;
        while let Some(character) = rest.next() {
            match character {
                '\\' => {
                    out.push(character);
                    out.extend(rest.next());
                    // `\u{A0}` and `\p{Lu}` keep their braces.
                    if out.ends_with(['u', 'x', 'p', 'P']) && rest.peek() == Some(&'{') {
                        out.extend(rest.by_ref().take_while(|&next| next != '}'));
                        out.push('}');
                    }
                }
                '[' | ']' => {
                    class = character == '[';
                    out.push(character);
                }
                // `(?P<name>` stays as it is; the flags of `(?-i:` mean nothing to folded text.
                '(' if rest.peek() == Some(&'?') => {
                    let flags = |next: &char| matches!(next, '?' | '-') || next.is_ascii_lowercase();
                    let flags: String = std::iter::from_fn(|| rest.next_if(flags)).collect();
                    if self.folds && rest.peek() == Some(&':') {
                        out.push_str("(?");
                    } else {
                        out.push('(');
                        out.push_str(&flags);
                        out.extend(rest.next_if_eq(&'P'));
                    }
                }
                '{' if !class && rest.peek().is_some_and(|next| next.is_alphabetic() || *next == ':') => {
                    let reference: String = rest.by_ref().take_while(|&next| next != '}').collect();
                    let (capture, source) = reference.split_once(':').unwrap_or((&reference, &reference));
                    let inner = self.refer(capture, source, depth)?;
                    match capture {
                        "" => out.push_str(&format!("(?:{inner})")),
                        name => out.push_str(&format!("(?P<{name}>{inner})")),
                    }
                }
                _ if class => self.write_letter(character, &mut out),
                _ => self.write_character(character, &mut out),
            }
        }
        Ok(out)
    }

    fn refer(&mut self, capture: &str, source: &str, depth: usize) -> Result<String, String> {
        let book = self.book;
        match (book.lists.get(source), book.patterns.get(source)) {
            (Some(list), pattern) if !list.is_empty() || pattern.is_none() => {
                self.captures.insert(capture.to_owned(), source.to_owned());
                Ok(self.alternation(list))
            }
            // A language may put a pattern in the place of a list that it leaves empty.
            (_, Some(pattern)) => self.write(pattern, depth + 1),
            _ => Err(format!("no list or pattern is named {source}")),
        }
    }

    fn alternation(&self, list: &BTreeMap<String, Vec<String>>) -> String {
        let mut forms: Vec<&String> = list.values().flatten().collect();
        // Longest first, so that a capture takes all it can.
        forms.sort_by_key(|form| (Reverse(form.len()), form.as_str()));
        forms.dedup();
        if forms.is_empty() {
            return NOTHING.to_owned();
        }
        let mut out = String::new();
        for form in forms {
            if !out.is_empty() {
                out.push('|');
            }
            for character in form.chars() {
                match character {
                    ' ' | '\'' | '-' => self.write_character(character, &mut out),
                    _ if character.is_alphanumeric() => self.write_letter(character, &mut out),
                    _ => out.push_str(&regex::escape(character.encode_utf8(&mut [0; 4]))),
                }
            }
        }
        out
    }

    fn write_character(&self, character: char, out: &mut String) {
        match character {
            ' ' if !self.folds => out.push_str(SPACE),
            '\'' if !self.folds => out.push_str(APOSTROPHE),
            '-' if !self.folds => out.push_str(HYPHEN),
            _ => self.write_letter(character, out),
        }
    }

    fn write_letter(&self, character: char, out: &mut String) {
        match self.folds {
            true => out.extend(character.to_lowercase()),
            false => out.push(character),
        }
    }
}

/// What no text matches: the alternation of no forms.
const NOTHING: &str = r"[a&&b]";
