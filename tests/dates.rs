//! How well dates are found and valued, as `depeche eval dates` prints it: in the passages of tests/dates, and in the
//! cases of ../shared, which are for measuring only.

use std::path::Path;
use std::process::Command;

/// Least value F1 of the passages in each language, in per cent.
const OWN_VALUE_F1: f64 = 80.0;

/// By source: least exact, overlap and value F1 over its development half, in per cent.
const FLOORS: [(&str, f64, f64, f64); 22] = [
    ("en MEANTIME", 84.3, 89.4, 82.0),
    ("en TempEval-3 AQUAINT", 84.0, 90.0, 75.0),
    ("en TempEval-3 TimeBank", 78.0, 85.0, 72.0),
    ("fr TempEval-2", 79.7, 89.2, 70.0),
    ("es TempEval-2", 85.6, 90.0, 82.0),
    ("it TempEval-2", 77.3, 83.6, 72.0),
    ("de KRAUTS DieZeit", 69.8, 79.3, 68.0),
    ("de KRAUTS Dolomiten-100", 71.5, 81.3, 70.0),
    ("de KRAUTS Dolomiten-42", 79.5, 83.1, 70.0),
    ("zh TempEval-2", 40.3, 52.6, 60.0),
    ("et EstTimeML", 42.5, 56.6, 55.0),
    ("ru NEREL", 70.0, 85.0, 0.0),
    ("uk NER-UK", 70.0, 85.0, 0.0),
    ("ro RONEC", 70.0, 85.0, 0.0),
    ("el elNER", 70.0, 85.0, 0.0),
    ("ko KLUE", 70.0, 85.0, 0.0),
    ("hu NerKor", 70.0, 85.0, 0.0),
    ("fi TurkuONE", 70.0, 85.0, 0.0),
    ("pt XLTime", 70.0, 85.0, 0.0),
    ("fr XLTime", 70.0, 85.0, 0.0),
    ("es XLTime", 70.0, 85.0, 0.0),
    ("uk WikiWarsUA", 70.0, 85.0, 60.0),
];

#[test]
fn passages_of_our_own() {
    let mut files: Vec<_> =
        Path::new("tests/dates").read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 8, "{files:?}");
    for file in &files {
        let rows = evaluate(&[file]);
        let [(source, [_, _, value])] = rows.as_slice() else { panic!("{}: {rows:?}", file.display()) };
        assert!(*value >= OWN_VALUE_F1, "{source}: value F1 {value}");
    }
}

#[test]
fn shared_cases() {
    let folder = Path::new("../shared/cases");
    let files = ["dates_docs.jsonl", "dates_spans_only.jsonl"].map(|name| folder.join(name));
    if let Some(missing) = files.iter().find(|file| !file.exists()) {
        eprintln!("SKIPPED: {} is not here", missing.display());
        return;
    }
    let rows = evaluate(&files);
    let mut failures = Vec::new();
    for (name, exact, overlap, value) in FLOORS {
        let found = rows.iter().find(|(source, _)| source.starts_with(name));
        let Some((_, found)) = found else { panic!("no source is called {name}: {rows:?}") };
        if found.iter().zip([exact, overlap, value]).any(|(found, floor)| *found < floor) {
            failures.push(format!("{name}: {found:?}, less than [{exact}, {overlap}, {value}]"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// By source: exact, overlap and value F1; what is not annotated is 0.
fn evaluate(files: &[impl AsRef<Path>]) -> Vec<(String, [f64; 3])> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_depeche"));
    command.args(["eval", "dates"]).args(files.iter().map(AsRef::as_ref));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = String::from_utf8(output.stdout).unwrap();
    let rows = table.lines().skip(2).map_while(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let figures = cells.get(6..9)?.iter().map(|cell| cell.parse().unwrap_or(0.0)).collect::<Vec<_>>();
        Some((cells[1].to_owned(), figures.try_into().unwrap()))
    });
    rows.collect()
}
