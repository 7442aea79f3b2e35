//! How well data sizes are found and valued, as `depeche eval sizes` prints it: in the sentences of tests/sizes, half of which
//! only look as if they held one, and in the cases of ../shared, which are for measuring only.

use std::path::Path;
use std::process::Command;

/// Least F1 of the sentences in each language, in per cent.
const OWN_F1: f64 = 98.0;
/// Least share of the shared cases with span and bytes both right, in per cent.
const SHARED_RECALL: f64 = 99.0;

#[test]
fn sentences_of_our_own() {
    let mut files: Vec<_> =
        Path::new("tests/sizes").read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 23, "{files:?}");
    let rows = evaluate(&files);
    let failures: Vec<_> = rows.iter().filter(|(_, [_, f1])| *f1 < OWN_F1).collect();
    assert!(failures.is_empty() && rows.len() > files.len(), "{failures:?}");
}

#[test]
fn shared_cases() {
    let file = Path::new("../shared/cases/sizes.jsonl");
    if !file.exists() {
        eprintln!("SKIPPED: {} is not here", file.display());
        return;
    }
    let rows = evaluate(&[file]);
    let Some((_, [recall, _])) = rows.last() else { panic!("no table") };
    assert!(*recall >= SHARED_RECALL, "{rows:?}");
}

/// By language, and of all: recall and F1.
fn evaluate(files: &[impl AsRef<Path>]) -> Vec<(String, [f64; 2])> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_depeche"));
    command.args(["eval", "sizes"]).args(files.iter().map(AsRef::as_ref));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = String::from_utf8(output.stdout).unwrap();
    let rows = table.lines().skip(2).map_while(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let figure = |index: usize| cells.get(index).and_then(|cell| cell.parse().ok()).unwrap_or(0.0);
        (cells.len() > 8).then(|| (cells[1].to_owned(), [figure(7), figure(8)]))
    });
    rows.collect()
}
