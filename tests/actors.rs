//! How well threat actors are told from what only looks like them, as `depeche eval actors` prints it: in passages that
//! were kept aside while the weights of evidence were learned, and in whole articles without any.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Of the passages of all languages, in per cent: what was measured, less what one passage changes. The aim is 95 and 85.
const LEAST_PRECISION: f64 = 92.0;
const LEAST_RECALL: f64 = 77.0;
const LEAST_NAMED_RIGHT: f64 = 97.0;
/// Of a hundred passages without an actor. The aim is 4.4.
const MOST_HIT: f64 = 10.0;

#[test]
fn passages_kept_aside() {
    let files = files("tests/actors/kept");
    assert_eq!(files.len(), 17, "{files:?}");
    let row = evaluate(&files);
    assert!(row.negatives >= 40.0 && row.actors >= 120.0, "{row:?}");
    assert!(row.precision >= LEAST_PRECISION && row.recall >= LEAST_RECALL, "{row:?}");
    assert!(row.named_right >= LEAST_NAMED_RIGHT, "{row:?}");
    assert!(100.0 * row.hit <= MOST_HIT * row.negatives, "{row:?}");
}

#[test]
fn ordinary_articles_hold_no_actor() {
    let files = files("tests/actors/ordinary");
    assert_eq!(files.len(), 40, "{files:?}");
    let row = evaluate(&files);
    assert_eq!((row.negatives, row.found), (40.0, 0.0), "{row:?}");
}

/// The last row of the table.
#[derive(Debug)]
struct Row {
    negatives: f64,
    hit: f64,
    actors: f64,
    found: f64,
    precision: f64,
    recall: f64,
    named_right: f64,
}

fn files(folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> =
        Path::new(folder).read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn evaluate(files: &[PathBuf]) -> Row {
    let output =
        Command::new(env!("CARGO_BIN_EXE_depeche")).args(["eval", "actors"]).args(files).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = String::from_utf8(output.stdout).unwrap();
    let cells: Vec<&str> = table.lines().last().unwrap().split('|').map(str::trim).collect();
    assert_eq!(cells[1], "all", "{table}");
    let figure = |index: usize| cells[index].parse().unwrap_or(0.0);
    Row {
        negatives: figure(3),
        hit: figure(4),
        actors: figure(5),
        found: figure(6),
        precision: figure(7),
        recall: figure(8),
        named_right: figure(10),
    }
}
