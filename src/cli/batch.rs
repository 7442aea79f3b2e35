//! Every input through one function on all cores; the answers to standard output, in input order.

use std::io::{self, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use clap::Args;
use depeche::config::Limits;
use depeche::server::proto;
use depeche::server::proto::document_outcome::Result as Outcome;
use depeche::server::refusal::{Reason, Refusal};

use super::input::{InputArgs, Source};
use super::models::threads;
use super::output::{Output, OutputArgs, json};
use super::pretty::printable;
use super::progress::Progress;

/// What to read, how to write, and how fast.
#[derive(Args, Debug)]
pub struct BatchArgs {
    #[command(flatten)]
    pub input: InputArgs,

    #[command(flatten)]
    pub output: OutputArgs,

    /// How many threads to use [default: one a core]. The answers and their order are the same
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

impl BatchArgs {
    /// How many threads to use.
    pub fn threads(&self) -> NonZeroUsize {
        threads(self.threads)
    }

    /// Writes what `work` makes of each document as soon as it and all before it are done, so many in work at once.
    /// `defaults` are what documents lack that do not say otherwise.
    pub fn run<W>(self, defaults: proto::Document, limits: Limits, at_once: usize, work: W) -> ExitCode
    where
        W: Fn(proto::Document) -> Result<String, Refusal> + Send + Sync + 'static,
    {
        if self.input.is_typed() {
            complain("reading standard input; end it with Ctrl-D");
        }
        let mut progress = Progress::new(&self.input);
        let on_screen = io::stdout().is_terminal();
        let output = self.output.format();
        let sources = self.input.sources(&limits);
        let answers = in_order(sources, at_once, move |source| answer(source, &defaults, &work));
        let mut failed = false;
        for answer in answers {
            failed |= answer.record.is_err();
            let (bytes, seen) = (answer.size, on_screen || answer.record.is_err());
            let print = || print(answer, output);
            match if seen { progress.suspend(print) } else { print() } {
                Ok(()) => progress.advance(bytes),
                // The reader has seen enough, as `head` does.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
                Err(error) => {
                    complain(&format!("standard output: {error}"));
                    return ExitCode::FAILURE;
                }
            }
        }
        if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

/// What became of one document.
struct Answer {
    size: u64,
    record: Result<String, Failure>,
}

struct Failure {
    document_id: String,
    place: String,
    refusal: Refusal,
}

fn answer(
    source: Source,
    defaults: &proto::Document,
    work: &impl Fn(proto::Document) -> Result<String, Refusal>,
) -> Answer {
    let (size, place) = (source.size(), source.place());
    let (document_id, document) = source.document(defaults);
    // A bug met in one document must not cost the others their answer.
    let attempt = || document.and_then(work);
    let record = panic::catch_unwind(AssertUnwindSafe(attempt))
        .unwrap_or_else(|_| Err(Refusal::new(Reason::Internal, "internal error")));
    Answer { size, record: record.map_err(|refusal| Failure { document_id, place, refusal }) }
}

fn print(answer: Answer, output: Output) -> io::Result<()> {
    let record = match (answer.record, output) {
        (Ok(record), _) => record,
        (Err(failure), Output::Jsonl) => error_line(failure),
        (Err(failure), Output::Json | Output::Pretty) => {
            complain(&format!("{}: {}", failure.place, failure.refusal.message));
            return Ok(());
        }
    };
    // Flushed record by record: who reads a slow pipe sees each as soon as it is done.
    let mut stdout = io::stdout().lock();
    stdout.write_all(record.as_bytes())?;
    stdout.flush()
}

/// Tells the person at the terminal; names and words of documents are not to be trusted there.
fn complain(message: &str) {
    // Standard error may be closed, which is no reason to stop.
    let _ = writeln!(io::stderr(), "depeche: {}", printable(message));
}

fn error_line(failure: Failure) -> String {
    let mut error = proto::DocumentError::from(failure.refusal);
    error.message = format!("{}: {}", failure.place, error.message);
    let outcome =
        proto::DocumentOutcome { document_id: failure.document_id, result: Some(Outcome::Error(error)) };
    json(&outcome, Output::Jsonl)
}

/// Calls `work` on every item, on several threads; results come in the order of the items. A bounded number of
/// items is under way, so a slow reader of the results slows the items down.
///
/// The threads are left alone when the iterator is dropped: one may be waiting for input that never comes.
pub fn in_order<T, R>(
    items: impl Iterator<Item = T> + Send + 'static,
    threads: usize,
    work: impl Fn(T) -> R + Send + Sync + 'static,
) -> impl Iterator<Item = R>
where
    T: Send + 'static,
    R: Send + 'static,
{
    // Each item has a slot of its own for its result; the slots stand in order.
    let (slots, results) = mpsc::sync_channel::<Receiver<R>>(2 * threads);
    let (jobs, queue) = mpsc::sync_channel::<(T, SyncSender<R>)>(threads);
    thread::spawn(move || {
        for item in items {
            let (sender, slot) = mpsc::sync_channel(1);
            if slots.send(slot).is_err() || jobs.send((item, sender)).is_err() {
                return;
            }
        }
    });
    let queue = Arc::new(Mutex::new(queue));
    let work = Arc::new(work);
    for _ in 0..threads {
        let (queue, work) = (queue.clone(), work.clone());
        thread::spawn(move || {
            let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
            while let Ok((item, sender)) = next() {
                // Nobody waits for it once the iterator is dropped.
                let _ = sender.send(work(item));
            }
        });
    }
    results.into_iter().map_while(|slot| slot.recv().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_on_any_number_of_threads() {
        for threads in 1..=8 {
            // Early items take longest, so that a worker that did not wait its turn would overtake.
            let work = |item: u64| {
                (0..(200 - item) * 500).fold(item, |sum, step| std::hint::black_box(sum ^ step ^ step))
            };
            let results: Vec<_> = in_order(0..200, threads, work).collect();
            assert_eq!(results, (0..200).collect::<Vec<_>>(), "{threads} threads");
        }
    }

    #[test]
    fn a_reader_that_stops_stops_the_items() {
        let (sender, asked) = mpsc::channel();
        let items = (0..).inspect(move |item| sender.send(*item).unwrap());
        let taken: Vec<_> = in_order(items, 2, |item: u64| item).take(5).collect();
        assert_eq!(taken, [0, 1, 2, 3, 4]);
        // The channel ends when the items are dropped: they are endless, so only stopping ends it.
        let last = asked.iter().last().unwrap();
        assert!(last < 20, "{last} were asked for");
    }

    #[test]
    fn a_panic_is_an_internal_error() {
        let limits = Limits::default();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let input = clap::Parser::parse_from(["depeche", path]);
        let Wrapper { input } = input;
        let source = input.sources(&limits).next().unwrap();
        let answer = answer(source, &proto::Document::default(), &|_| panic!("a bug"));
        let failure = answer.record.expect_err("a panic is a failure");
        assert_eq!(failure.refusal.reason, Reason::Internal);
        assert_eq!(failure.document_id, path);
    }

    #[derive(clap::Parser)]
    struct Wrapper {
        #[command(flatten)]
        input: InputArgs,
    }
}
