//! The table of entities, and the legend of its colours.

use comfy_table::{Cell, CellAlignment, Color, ContentArrangement, Table};
use depeche::extraction::Entity;
use depeche::values::EntityType;

use super::{INK, ORDER, Page, colour, marker, name, percent, printable, words};

/// The colour of each type among `entities`; empty where nothing is coloured.
pub fn legend(entities: &[Entity], page: &Page) -> String {
    if !page.colours || entities.is_empty() {
        return String::new();
    }
    let found =
        |entity_type: &EntityType| entities.iter().any(|entity| entity.value.entity_type() == *entity_type);
    let sample =
        |entity_type: EntityType| page.paint(marker(entity_type), &format!(" {} ", name(entity_type)));
    let samples: Vec<_> = ORDER.into_iter().filter(found).map(sample).collect();
    samples.join(" ") + "\n\n"
}

/// One row an entity, type by type, within a type by first mention.
pub fn table(entities: &[Entity], explain: bool, page: &Page) -> String {
    if entities.is_empty() {
        return "nothing found\n".to_owned();
    }
    let mut table = Table::new();
    table
        .load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY.row_separator(comfy_table::LineStyle::none()))
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(page.width)
        .set_header(header(explain));
    if page.colours {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    for entity_type in ORDER {
        for entity in entities.iter().filter(|entity| entity.value.entity_type() == entity_type) {
            table.add_row(row(entity, entities, explain));
        }
    }
    table.trim_fmt() + "\n"
}

fn header(explain: bool) -> Vec<&'static str> {
    let mut header = vec!["Type", "Name", "Times", "What it is", "Sure"];
    header.extend(explain.then_some("Found by"));
    header
}

fn row(entity: &Entity, entities: &[Entity], explain: bool) -> Vec<Cell> {
    let entity_type = entity.value.entity_type();
    let number = |number: String| Cell::new(number).set_alignment(CellAlignment::Right);
    let mut row = vec![
        Cell::new(name(entity_type)).bg(Color::AnsiValue(colour(entity_type))).fg(Color::AnsiValue(INK)),
        Cell::new(printable(&entity.name)),
        number(entity.mentions.len().to_string()),
        Cell::new(printable(&words::value(entity, entities))),
        number(percent(entity.confidence)),
    ];
    row.extend(explain.then(|| Cell::new(printable(&rules(entity)))));
    row
}

/// The rules that found its mentions, each once.
fn rules(entity: &Entity) -> String {
    let mut rules: Vec<&str> = entity.mentions.iter().map(|mention| &*mention.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    rules.join(", ")
}
