//! Pages full of what only looks like a name: Title Case headings, lines in capitals, menus, credits, lists.
//!
//! Each file of `tests/layout` is a news page written for this project: title, blank line, body, and every name marked
//! in place by the conventions of `tests/golden`: `[[ORG|Casa Verde SpA]]`. `[[?|…]]` marks what readers could differ
//! about; it counts neither way. A mention that touches no mark is spurious; a page may have one at most.

use std::fs;
use std::ops::Range;
use std::path::Path;

use depeche::document::Part;
use depeche::values::EntityType;
use depeche::{Document, Engine, Options};

const PAGES: usize = 20;

/// Of spurious mentions, per page.
const ALLOWED: usize = 1;

/// Recall over all pages must not fall below it: finding nothing is no way to pass.
const RECALL_FLOOR: f64 = 0.5;

#[test]
fn headings_and_menus_hold_no_names_but_the_marked_ones() {
    let pages = pages();
    assert_eq!(pages.len(), PAGES);

    let engine = Engine::new();
    let names = vec![EntityType::Person, EntityType::Location, EntityType::Organization];
    let options = Options { entity_types: names, ..Options::default() };
    let mut failures = Vec::new();
    let (mut marked, mut found, mut right) = (0, 0, 0);
    for page in &pages {
        let mentions = page.found(&engine, &options);
        let spurious: Vec<_> = mentions.iter().filter(|mention| !page.touches_mark(mention)).collect();
        if spurious.len() > ALLOWED {
            let lines: Vec<_> = spurious.iter().map(|mention| page.line(mention)).collect();
            failures.push(format!("{}: {} spurious\n{}", page.name, spurious.len(), lines.join("\n")));
        }
        marked += page.marks.iter().filter(|mark| mark.entity_type.is_some()).count();
        found += mentions.iter().filter(|mention| !page.touches_open_mark(mention)).count();
        right += mentions.iter().filter(|mention| page.marks.contains(mention)).count();
    }

    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    let (recall, precision) = (share(right, marked), share(right, found));
    println!("{PAGES} pages, {marked} names, {found} found, {right} right in span and type");
    println!("recall {:.1} %, precision {:.1} %", 100.0 * recall, 100.0 * precision);
    if recall < RECALL_FLOOR {
        failures.push(format!("recall {recall:.3}, at least {RECALL_FLOOR} is due"));
    }
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n"));
}

struct Page {
    name: String,
    document: Document,
    marks: Vec<Mark>,
}

/// A name, as the reader marked it or as the engine found it; its range is of bytes of the part, unmarked.
#[derive(PartialEq)]
struct Mark {
    part: Part,
    range: Range<usize>,
    /// `None`: open.
    entity_type: Option<EntityType>,
}

impl Mark {
    fn overlaps(&self, other: &Mark) -> bool {
        self.part == other.part && self.range.start < other.range.end && other.range.start < self.range.end
    }
}

/// In order of their names.
fn pages() -> Vec<Page> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layout");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| Page::read(path)).collect()
}

impl Page {
    fn read(path: &Path) -> Page {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let source = fs::read_to_string(path).unwrap();
        let (title, content) =
            source.split_once("\n\n").unwrap_or_else(|| panic!("{name}: title, blank line, body"));
        assert!(!title.contains('\n'), "{name}: the title is one line");
        let mut marks = Vec::new();
        let title = strip(title, Part::Title, &name, &mut marks);
        let content = strip(content, Part::Content, &name, &mut marks);
        let document = Document { title, content, publish_date: None, language: None, ..Document::default() };
        Page { name, document, marks }
    }

    fn found(&self, engine: &Engine, options: &Options) -> Vec<Mark> {
        let extraction = engine.extract(&self.document, options).unwrap();
        let mut found = Vec::new();
        for entity in &extraction.entities {
            let entity_type = Some(entity.value.entity_type());
            let mentions = entity.mentions.iter();
            found.extend(mentions.map(|mention| Mark {
                part: mention.part,
                range: mention.range.clone(),
                entity_type,
            }));
        }
        found.sort_by_key(|mention| (mention.part, mention.range.start));
        found
    }

    fn touches_mark(&self, mention: &Mark) -> bool {
        self.marks.iter().any(|mark| mark.overlaps(mention))
    }

    fn touches_open_mark(&self, mention: &Mark) -> bool {
        self.marks.iter().any(|mark| mark.entity_type.is_none() && mark.overlaps(mention))
    }

    /// A spurious mention in its line of the page.
    fn line(&self, mention: &Mark) -> String {
        let text = match mention.part {
            Part::Title => &self.document.title,
            Part::Content => &self.document.content,
        };
        let Range { start, end } = mention.range.clone();
        let before = text[..start].rsplit('\n').next().unwrap_or_default();
        let after = text[end..].split('\n').next().unwrap_or_default();
        let type_name = format!("{:?}", mention.entity_type.unwrap());
        format!("  {type_name:<12} {before}[{}]{after}", &text[start..end])
    }
}

/// The text without its marks, which are pushed to `marks`.
fn strip(text: &str, part: Part, page: &str, marks: &mut Vec<Mark>) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[[") {
        let inside = after.split_once("]]").and_then(|(mark, after)| Some((mark.split_once('|')?, after)));
        let ((label, name), after) = inside.unwrap_or_else(|| panic!("{page}: a mark reads [[ORG|name]]"));
        let entity_type = match label {
            "PER" => Some(EntityType::Person),
            "LOC" => Some(EntityType::Location),
            "ORG" => Some(EntityType::Organization),
            "?" => None,
            _ => panic!("{page}: there is no label {label}"),
        };
        plain += before;
        let start = plain.len();
        plain += name;
        marks.push(Mark { part, range: start..plain.len(), entity_type });
        rest = after;
    }
    plain += rest;
    assert!(!plain.contains("[[") && !plain.contains("]]"), "{page}: unbalanced marks");
    plain
}
