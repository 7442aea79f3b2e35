//! A progress bar on standard error, where a person watches and the work is long.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::input::InputArgs;

/// Work that is done sooner needs no bar.
const MOMENT: Duration = Duration::from_millis(500);

/// How far the work is. Taken off the screen when dropped.
pub struct Progress {
    /// Hidden until the work has lasted a moment.
    bar: Option<ProgressBar>,
    started: Instant,
    documents: u64,
}

impl Progress {
    /// Nothing to be seen where nobody watches, where there is one document only, or where a person types.
    pub fn new(input: &InputArgs) -> Progress {
        let watched = io::stderr().is_terminal() && input.is_several() && !input.is_typed();
        let bar = || match input.size() {
            Some(size) => ProgressBar::new(size).with_style(style(
                "{bar:30} {percent:>3} %  {msg}  {binary_bytes}/{binary_total_bytes}  {eta} left",
            )),
            None => ProgressBar::no_length().with_style(style("{spinner} {msg}  {binary_bytes}  {elapsed}")),
        };
        let bar = watched.then(bar);
        if let Some(bar) = &bar {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        Progress { bar, started: Instant::now(), documents: 0 }
    }

    /// Notes one more document, of so many bytes.
    pub fn advance(&mut self, bytes: u64) {
        self.documents += 1;
        let Some(bar) = &self.bar else { return };
        let elapsed = self.started.elapsed();
        if bar.is_hidden() && elapsed > MOMENT {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        bar.set_message(format!(
            "{} documents, {:.0}/s",
            self.documents,
            self.documents as f64 / elapsed.as_secs_f64()
        ));
        bar.inc(bytes);
    }

    /// Takes the bar off the screen while `write` writes there.
    pub fn suspend<R>(&self, write: impl FnOnce() -> R) -> R {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template is well-formed, as running it shows")
}
