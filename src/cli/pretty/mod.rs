//! Records for people: the text with its mentions marked, and a table of what they stand for.

mod table;
mod text;
mod words;

use anstyle::{Ansi256Color, Style};
use depeche::Document;
use depeche::extraction::{Extraction, Warning};
use depeche::server::{convert, proto};
use depeche::text::Text;
use depeche::values::EntityType;

/// What records are laid out on.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Whether to colour; without, mentions stand in brackets.
    pub colours: bool,
    /// Columns.
    pub width: u16,
}

impl Page {
    /// A document with its mentions marked, its entities, its language and the warnings about it.
    pub fn extraction(&self, document: &Document, extraction: &Extraction, explain: bool) -> String {
        let text = Text::new(document);
        let mut page = self.heading(&document.document_id);
        page += &text::marked(&text, &extraction.entities, self);
        page.push('\n');
        page += &table::legend(&extraction.entities, self);
        page += &table::table(&extraction.entities, explain, self);
        page.push('\n');
        page += &self.language("", &convert::language(extraction.language.clone()));
        for &warning in &extraction.warnings {
            page += &self.warning(warning);
        }
        page.push('\n');
        page
    }

    /// One line about a document's language.
    pub fn language(&self, document_id: &str, language: &proto::DetectedLanguage) -> String {
        let about = if document_id.is_empty() { "language" } else { document_id };
        let mut line = format!("{}: {}", printable(about), printable(&language.language_code));
        line += &format!(", {} sure", percent(language.confidence));
        if !language.reliable {
            line += ", too little to act on";
        }
        if !language.supported {
            line += ", no language pack";
        }
        line + "\n"
    }

    fn heading(&self, document_id: &str) -> String {
        if document_id.is_empty() {
            return String::new();
        }
        self.paint(Style::new().dimmed(), &format!("── {} ──", printable(document_id))) + "\n\n"
    }

    fn warning(&self, warning: Warning) -> String {
        self.paint(Style::new().bold(), "warning: ") + &convert::warning(warning).message + "\n"
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.colours && style != Style::new() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

/// The colour of the 256-colour palette that a type is marked with: pale, under black letters, so that it reads
/// the same on a dark and on a light terminal, like a marker pen.
fn colour(entity_type: EntityType) -> u8 {
    match entity_type {
        EntityType::Organization => 117,
        EntityType::Person => 218,
        EntityType::Location => 150,
        EntityType::ThreatActor => 209,
        EntityType::Date => 222,
        EntityType::DataSize => 183,
    }
}

/// Black, whatever the terminal's theme makes of its 16 named colours.
const INK: u8 = 16;

fn marker(entity_type: EntityType) -> Style {
    let background = Ansi256Color(colour(entity_type)).into();
    Style::new().bg_color(Some(background)).fg_color(Some(Ansi256Color(INK).into()))
}

/// As people ask for them in a newsroom: who, where, by whom, when, how much.
const ORDER: [EntityType; 6] = [
    EntityType::Organization,
    EntityType::Person,
    EntityType::Location,
    EntityType::ThreatActor,
    EntityType::Date,
    EntityType::DataSize,
];

fn name(entity_type: EntityType) -> &'static str {
    match entity_type {
        EntityType::Organization => "organization",
        EntityType::Person => "person",
        EntityType::Location => "location",
        EntityType::ThreatActor => "threat actor",
        EntityType::Date => "date",
        EntityType::DataSize => "data size",
    }
}

fn percent(probability: f32) -> String {
    format!("{:.0} %", probability * 100.0)
}

/// The words without what a terminal would obey instead of showing.
pub fn printable(words: &str) -> String {
    words.chars().filter_map(visible).collect()
}

/// What to show for a character; nothing for one that only steers.
fn visible(character: char) -> Option<char> {
    match character {
        '\n' | '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
        // The standard has a picture of each control character.
        '\0'..='\x1F' => char::from_u32(0x2400 + character as u32),
        '\x7F' => Some('␡'),
        '\u{80}'..='\u{9F}' => Some(char::REPLACEMENT_CHARACTER),
        // Embeddings and overrides could put the words of a row in another order than they have.
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' => None,
        _ => Some(character),
    }
}

#[cfg(test)]
mod tests;
