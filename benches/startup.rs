//! Time from process start to first answer, and peak memory, of the built program. Run by
//! `cargo bench --bench startup`.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

const RUNS: usize = 20;
const ARTICLE: &str = "tests/golden/fr/breach.txt";

fn main() {
    let program = env!("CARGO_BIN_EXE_depeche");
    let mut times: Vec<Duration> = (0..RUNS).map(|_| first_answer(program)).collect();
    times.sort();
    let peak = getrusage(UsageWho::RUSAGE_CHILDREN).expect("usage of children").max_rss() / 1_024;
    println!(
        "first answer after process start: median {:?}, worst of {RUNS} {:?}",
        times[RUNS / 2],
        times[RUNS - 1]
    );
    println!("peak resident memory: {peak} MB");
}

/// Runs `depeche extract` on one article until the first line of its record is read.
fn first_answer(program: &str) -> Duration {
    let start = Instant::now();
    let mut child = Command::new(program)
        .args(["extract", ARTICLE, "--output", "jsonl"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a record");
    let time = start.elapsed();
    assert!(line.contains("entities") && child.wait().expect("an exit").success(), "no record: {line}");
    time
}
