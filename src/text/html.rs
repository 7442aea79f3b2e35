//! HTML as plain text, as a reader sees it, with a map back to the markup.
//!
//! Tags are found as the WHATWG HTML standard tokenizes them. Elements that begin a new line on the screen break
//! the paragraph, white space collapses outside `pre`, and what is never shown (scripts, styles, templates) is
//! left out.

mod elements;

use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Token, Tokenizer};

use super::map::SourceMap;
use elements::{BLOCKS, HOLD_HTML, LEAVE_FOREIGN, UNSEEN};

/// Appends the visible text of `source` to `view`; returns the map back (positions in the view counted from its
/// length at the call) and whether the markup was malformed.
pub fn render(source: &str, view: &mut String) -> (SourceMap, bool) {
    let mut page = Page::new(source, view);
    let mut emitter =
        CallbackEmitter::new(|event: CallbackEvent<'_>, span: Span<usize>| -> Option<Infallible> {
            match event {
                CallbackEvent::OpenStartTag { name } => page.open(name),
                CallbackEvent::CloseStartTag { self_closing: true } => page.close_itself(),
                CallbackEvent::EndTag { name } => page.close(name),
                CallbackEvent::String { .. } => page.text(span),
                CallbackEvent::Error(_) => page.malformed = true,
                _ => {}
            }
            None
        });
    emitter.naively_switch_states(true);
    Tokenizer::new_with_emitter(source, emitter).for_each(drop);
    page.finish()
}

struct Page<'a> {
    source: &'a str,
    view: &'a mut String,
    /// Length of the view at the call.
    base: usize,
    map: SourceMap,
    /// The name of the last start tag.
    tag: String,
    /// The unseen element that is open.
    unseen: Option<Unseen>,
    /// How many `pre` are open.
    preformatted: usize,
    /// The white space to write before the next text.
    gap: Gap,
    malformed: bool,
}

struct Unseen {
    name: String,
    /// How many of its name are open.
    depth: usize,
    /// How many elements that may hold HTML are open in it.
    holders: usize,
}

impl Unseen {
    /// Whether a tag of this name ends it.
    fn is_left_at(&self, name: &str) -> bool {
        self.is_foreign() && self.holders == 0 && LEAVE_FOREIGN.contains(&name)
    }

    fn is_foreign(&self) -> bool {
        self.name == "svg" || self.name == "math"
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    /// A run of white space, at these bytes of the source.
    Space {
        start: usize,
        end: usize,
    },
    Line,
    Paragraph,
}

impl<'a> Page<'a> {
    fn new(source: &'a str, view: &'a mut String) -> Page<'a> {
        let base = view.len();
        Page {
            source,
            view,
            base,
            map: SourceMap::default(),
            tag: String::new(),
            unseen: None,
            preformatted: 0,
            gap: Gap::None,
            malformed: false,
        }
    }

    /// What is unseen and never closed hides the rest of the page.
    fn finish(self) -> (SourceMap, bool) {
        (self.map, self.malformed || self.unseen.is_some())
    }

    fn open(&mut self, name: &[u8]) {
        let Ok(name) = std::str::from_utf8(name) else { return };
        self.tag.clear();
        self.tag.push_str(name);
        self.leave_foreign(name);
        match &mut self.unseen {
            Some(unseen) if unseen.name == name => unseen.depth += 1,
            Some(unseen) => unseen.holders += usize::from(HOLD_HTML.contains(&name)),
            None if UNSEEN.contains(&name) => {
                self.unseen = Some(Unseen { name: name.to_owned(), depth: 1, holders: 0 });
            }
            None if name == "br" => self.gap = self.gap.max(Gap::Line),
            None => {
                self.preformatted += usize::from(name == "pre");
                self.break_block(name);
            }
        }
    }

    fn leave_foreign(&mut self, name: &str) {
        if self.unseen.as_ref().is_some_and(|unseen| unseen.is_left_at(name)) {
            self.unseen = None;
            self.malformed = true;
        }
    }

    /// `<svg/>` and what stands in it close themselves; on HTML elements the slash means nothing.
    fn close_itself(&mut self) {
        if self.unseen.as_ref().is_some_and(Unseen::is_foreign) {
            let name = std::mem::take(&mut self.tag);
            self.close(name.as_bytes());
        }
    }

    fn close(&mut self, name: &[u8]) {
        let Ok(name) = std::str::from_utf8(name) else { return };
        match &mut self.unseen {
            Some(unseen) if unseen.name == name => self.leave_unseen(),
            Some(unseen) if HOLD_HTML.contains(&name) => unseen.holders = unseen.holders.saturating_sub(1),
            Some(_) => {}
            None => {
                self.preformatted = self.preformatted.saturating_sub(usize::from(name == "pre"));
                self.break_block(name);
            }
        }
    }

    fn leave_unseen(&mut self) {
        if let Some(unseen) = &mut self.unseen {
            unseen.depth -= 1;
            if unseen.depth == 0 {
                self.unseen = None;
            }
        }
    }

    fn break_block(&mut self, name: &str) {
        if BLOCKS.contains(&name) {
            self.gap = Gap::Paragraph;
        }
    }

    fn text(&mut self, span: Span<usize>) {
        if self.unseen.is_some() {
            return;
        }
        let source = self.source;
        let Some(raw) = source.get(span.start..span.end) else { return };
        let mut at = 0;
        while at < raw.len() {
            let rest = &raw[at..];
            let start = span.start + at;
            let plain = rest.find(SPECIAL).unwrap_or(rest.len());
            if plain > 0 {
                self.push(&rest[..plain], start..start + plain);
                at += plain;
            } else if rest.starts_with(ASCII_SPACE) {
                let len = rest.find(|next| !ASCII_SPACE.contains(&next)).unwrap_or(rest.len());
                self.white_space(&rest[..len], start);
                at += len;
            } else if let Some((decoded, len)) = reference(rest) {
                if decoded != SOFT_HYPHEN {
                    self.push(&decoded, start..start + len);
                }
                at += len;
            } else {
                // A soft hyphen and the tag without a name are not shown; a lone `&` or `<` is.
                let hidden = [SOFT_HYPHEN, "</>"].into_iter().find(|hidden| rest.starts_with(hidden));
                let len = hidden.map_or(1, str::len);
                if hidden.is_none() {
                    self.push(&rest[..len], start..start + len);
                }
                at += len;
            }
        }
    }

    fn white_space(&mut self, run: &str, start: usize) {
        if self.preformatted > 0 {
            self.push(run, start..start + run.len());
        } else if self.gap == Gap::None {
            self.gap = Gap::Space { start, end: start + run.len() };
        }
    }

    fn push(&mut self, shown: &str, from: std::ops::Range<usize>) {
        let empty = self.view.len() == self.base;
        match std::mem::replace(&mut self.gap, Gap::None) {
            _ if empty => {}
            Gap::None => {}
            Gap::Space { start, end } => {
                let at = self.view.len() - self.base;
                self.view.push(' ');
                self.map.push(at..at + 1, start..end);
            }
            Gap::Line => self.view.push('\n'),
            Gap::Paragraph => self.view.push_str("\n\n"),
        }
        let at = self.view.len() - self.base;
        self.view.push_str(shown);
        self.map.push(at..at + shown.len(), from);
    }
}

const ASCII_SPACE: [char; 5] = [' ', '\t', '\n', '\r', '\u{C}'];
const SPECIAL: [char; 8] = [' ', '\t', '\n', '\r', '\u{C}', '&', '<', '\u{AD}'];
const SOFT_HYPHEN: &str = "\u{AD}";

/// No named character reference is longer.
const LONGEST_REFERENCE: usize = 40;

/// The characters that the reference at the start of `text` stands for, and its length.
fn reference(text: &str) -> Option<(String, usize)> {
    let body = text.strip_prefix('&')?;
    // The tokenizer makes one line feed of a carriage return and its line feed: no reference goes that far.
    let mut end = 1 + body.find(['&', '<', '\r']).unwrap_or(body.len());
    end = end.min(LONGEST_REFERENCE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let raw = &text[..end];
    let decoded: String = Tokenizer::new(raw)
        .filter_map(|token| match token {
            Ok(Token::String(string)) => String::from_utf8(string.value.0).ok(),
            _ => None,
        })
        .collect();
    if decoded == raw {
        return None;
    }
    // What follows the reference stands at the end of both; the reference gives at least one character.
    let first = decoded.chars().next()?.len_utf8();
    let tail = &decoded[first..];
    let same: usize = tail
        .chars()
        .rev()
        .zip(raw[1..].chars().rev())
        .take_while(|(ours, theirs)| ours == theirs)
        .map(|(character, _)| character.len_utf8())
        .sum();
    Some((decoded[..decoded.len() - same].to_owned(), raw.len() - same))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_a_reader_sees() {
        let cases = [
            ("plain", "Une phrase.", "Une phrase."),
            ("inline tags vanish", "le <b>parc</b> de <i>Vin</i>cennes", "le parc de Vincennes"),
            ("blocks break", "<h1>Un</h1><p>Deux</p>trois", "Un\n\nDeux\n\ntrois"),
            ("line break", "un<br>deux<BR/>trois", "un\ndeux\ntrois"),
            ("white space collapses", "  un \n\t deux  <b> trois</b>  ", "un deux trois"),
            ("white space around blocks", "<p> un </p>\n\n<p> deux </p>", "un\n\ndeux"),
            ("pre keeps it", "<pre>a  b\n c</pre>", "a  b\n c"),
            ("named references", "caf&eacute; &amp; th&eacute;", "café & thé"),
            ("numeric references", "&#233;t&#xE9;", "été"),
            ("reference without semicolon", "AT&ampT &copy2024", "AT&T ©2024"),
            ("reference to a semicolon", "a&#59;;b", "a;;b"),
            ("no reference", "R&D &unknown; & co", "R&D &unknown; & co"),
            ("non-breaking space stays", "5&nbsp;mai", "5\u{A0}mai"),
            ("soft hyphens vanish", "gou&shy;ver\u{AD}nement", "gouvernement"),
            ("scripts and styles", "a<script>if (b<c) d()</script><style>p{}</style>e", "ae"),
            ("comments", "a<!-- <p>no</p> -->b", "ab"),
            ("nested unseen", "a<svg><g><svg></svg>no</g></svg>b<svg/>c", "abc"),
            ("what closes itself in a drawing", "a<svg><path d=''/>no</svg>b", "ab"),
            ("text hides in an open drawing", "a<svg><g>no<text>no", "a"),
            ("a paragraph leaves a drawing", "a<svg><g>no<p>b</p>c", "a\n\nb\n\nc"),
            ("bold leaves a formula", "a <math><mrow>no<b>b</b> c", "a b c"),
            ("a drawing may hold HTML", "a<svg><foreignObject><p>no</p></foreignObject>no</svg>b", "ab"),
            ("and then no more", "a<svg><desc/><g>no<p>b", "a\n\nb"),
            ("a paragraph stays in a template", "a<template><p>no</p></template>b", "ab"),
            ("page title is not the article's", "<title>Site</title><p>Texte", "Texte"),
            ("list", "<ul><li>un<li>deux</ul>", "un\n\ndeux"),
            ("less-than is text", "5 < 6 et 7 > 6", "5 < 6 et 7 > 6"),
            ("nameless end tag", "a</>b", "ab"),
            ("tag cut off", "a<b", "a"),
            ("empty", "", ""),
        ];
        for (name, source, expected) in cases {
            let mut view = String::new();
            render(source, &mut view);
            assert_eq!(view, expected, "{name}");
        }
    }

    #[test]
    fn maps_back_to_the_markup() {
        let cases = [
            ("inside a tag", "<p>le <b>parc</b></p>", "parc", "parc"),
            ("across tags", "<i>Vin</i>cennes", "Vincennes", "Vin</i>cennes"),
            ("decoded", "la Corr&egrave;ze.", "Corrèze", "Corr&egrave;ze"),
            ("decoded last", "un caf&eacute;", "café", "caf&eacute;"),
            ("decoded first", "&Eacute;vreux est", "Évreux", "&Eacute;vreux"),
            ("collapsed space", "le 5\n   mai", "5 mai", "5\n   mai"),
            ("soft hyphen", "Mont&shy;réal", "Montréal", "Mont&shy;réal"),
            ("after a block", "<p>un</p>\n<p>deux</p>", "deux", "deux"),
            ("carriage return after a reference", "d&eacute;s \r\n la Loire", "dés", "d&eacute;s"),
        ];
        for (name, source, shown, expected) in cases {
            // What stands before in the view must not matter.
            let mut view = String::from("title\n\n");
            let (map, _) = render(source, &mut view);
            let start = view[7..].find(shown).unwrap_or_else(|| panic!("{name}: not shown"));
            assert_eq!(&source[map.source(start..start + shown.len())], expected, "{name}");
        }
    }

    #[test]
    fn tells_malformed_markup() {
        let cases = [
            ("<p>ok</p>", false),
            ("a &amp; b", false),
            ("cut <a href=", true),
            ("a</>b", true),
            ("<!-- open", true),
            ("a<svg><path/></svg>b", false),
            ("a<svg><path>b", true),
            ("a<svg><path><p>b", true),
            ("a<math><mi><b>x</b></mi></math>b", false),
            ("a<iframe></iframe>b", false),
            ("a<iframe/>b", true),
            ("a<noscript>b", true),
            ("<p>a<b>b", false),
        ];
        for (source, malformed) in cases {
            assert_eq!(render(source, &mut String::new()).1, malformed, "{source}");
        }
    }
}
