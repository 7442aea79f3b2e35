//! The text, wrapped, with its mentions marked: first lines are cut, then each is painted.

use std::ops::Range;

use anstyle::Style;
use depeche::extraction::Entity;
use depeche::mention::Span;
use depeche::text::Text;
use depeche::values::EntityType;
use unicode_width::UnicodeWidthChar;

use super::{Page, marker, visible};

/// Narrower, a line would hold no word.
const MIN_WIDTH: usize = 20;

/// The view of `text`, title in bold, with the mentions of `entities` marked.
pub fn marked(text: &Text, entities: &[Entity], page: &Page) -> String {
    let width = usize::from(page.width).max(MIN_WIDTH);
    let mut glyphs = Glyphs { marks: marks(entities), title: text.title(), brackets: !page.colours };
    let mut out = String::with_capacity(text.as_str().len() * 5 / 4);
    let mut start = 0;
    for line in text.as_str().split_inclusive('\n') {
        let line_glyphs = glyphs.of(line.trim_end(), start);
        start += line.len();
        // More than one blank line in a row, as HTML leaves them, would only stretch the page.
        if line_glyphs.is_empty() && (out.is_empty() || out.ends_with("\n\n")) {
            continue;
        }
        for range in lines(&line_glyphs, width) {
            paint(&line_glyphs[range], page, &mut out);
            out.push('\n');
        }
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// Where mentions stand, in order.
fn marks(entities: &[Entity]) -> Vec<(Span, EntityType)> {
    let of = |entity: &Entity| {
        let entity_type = entity.value.entity_type();
        entity.mentions.iter().map(move |mention| (mention.span, entity_type)).collect::<Vec<_>>()
    };
    let mut marks: Vec<_> = entities.iter().flat_map(of).collect();
    marks.sort_by_key(|(span, _)| *span);
    marks
}

/// A character to show, and how.
#[derive(Clone, Copy)]
struct Glyph {
    character: char,
    style: Style,
}

impl Glyph {
    fn width(self) -> usize {
        self.character.width().unwrap_or(0)
    }
}

/// Makes glyphs of a view, one line after another.
struct Glyphs {
    /// In order.
    marks: Vec<(Span, EntityType)>,
    title: Span,
    /// Whether marks are brackets instead of colours.
    brackets: bool,
}

impl Glyphs {
    /// The glyphs of `line`, which begins at `start` of the view.
    fn of(&mut self, line: &str, start: usize) -> Vec<Glyph> {
        let mut glyphs = Vec::with_capacity(line.len());
        let mut next = self.marks.partition_point(|(span, _)| span.end <= start);
        for (offset, character) in line.char_indices() {
            let position = start + offset;
            let end = position + character.len_utf8();
            while self.marks.get(next).is_some_and(|(span, _)| span.end <= position) {
                next += 1;
            }
            let mark = self.marks.get(next).filter(|(span, _)| span.start <= position);
            let style = mark.map_or(Style::new(), |(_, entity_type)| marker(*entity_type));
            let style = if position < self.title.end { style.bold() } else { style };
            let mut push = |character| glyphs.push(Glyph { character, style });
            let bracket = mark.filter(|_| self.brackets);
            if bracket.is_some_and(|(span, _)| span.start == position) {
                push('[');
            }
            if let Some(character) = visible(character) {
                push(character);
            }
            if bracket.is_some_and(|(span, _)| span.end == end) {
                push(']');
            }
        }
        glyphs
    }
}

/// Cuts glyphs into lines of at most `width` columns: behind a space or beside a wide character, where scripts
/// without spaces break; else anywhere. Spaces at the end of a line do not count. One empty line if there are none.
fn lines(glyphs: &[Glyph], width: usize) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let (mut start, mut column, mut chance) = (0, 0, 0);
    for (index, glyph) in glyphs.iter().enumerate() {
        let glyph_width = glyph.width();
        if glyph_width == 2 {
            chance = index;
        }
        if column + glyph_width > width && glyph_width > 0 && glyph.character != ' ' {
            let end = if chance > start { chance } else { index };
            lines.push(start..end);
            start = end;
            column = glyphs[start..index].iter().map(|glyph| glyph.width()).sum();
        }
        column += glyph_width;
        // A mark without width belongs to the character before it.
        if glyph.character == ' ' || glyph_width == 2 || (glyph_width == 0 && chance == index) {
            chance = index + 1;
        }
    }
    lines.push(start..glyphs.len());
    lines
}

fn paint(line: &[Glyph], page: &Page, out: &mut String) {
    let blanks = line.iter().rev().take_while(|glyph| glyph.character == ' ').count();
    for run in line[..line.len() - blanks].chunk_by(|one, other| one.style == other.style) {
        let text: String = run.iter().map(|glyph| glyph.character).collect();
        out.push_str(&page.paint(run[0].style, &text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str, width: usize) -> Vec<String> {
        let plain = |character| Glyph { character, style: Style::new() };
        let glyphs: Vec<_> = text.chars().map(plain).collect();
        let text = |range: Range<usize>| glyphs[range].iter().map(|glyph| glyph.character).collect();
        lines(&glyphs, width).into_iter().map(text).collect()
    }

    #[test]
    fn wrapping() {
        let cases: [(&str, &str, &[&str]); 9] = [
            ("fits", "abc de", &["abc de"]),
            ("nothing", "", &[""]),
            ("behind a space", "abc def gh", &["abc ", "def gh"]),
            ("spaces at the end hang over", "abcdef   gh", &["abcdef   ", "gh"]),
            ("a long word is cut", "abcdefghij", &["abcdef", "ghij"]),
            ("a long word behind a short one", "ab cdefghijk", &["ab ", "cdefgh", "ijk"]),
            ("wide characters count twice", "ab東京都", &["ab東京", "都"]),
            ("marks stay with their letter", "abcdee\u{301}f", &["abcdee\u{301}", "f"]),
            ("marks stay with a wide letter", "東京か\u{3099}市", &["東京か\u{3099}", "市"]),
        ];
        for (name, text, expected) in cases {
            assert_eq!(wrapped(text, 6), expected, "{name}");
        }
    }
}
