//! The command line: one file a command; what the reading commands share is one file a step.

mod actors;
mod batch;
mod detect;
mod eval;
mod extract;
mod input;
mod models;
mod output;
mod pretty;
mod progress;
mod serve;
#[cfg(feature = "train")]
mod train;

use std::error::Error;
use std::io;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

/// Exit status for a command line that makes no sense: `EX_USAGE` of sysexits.h, so that a script can tell it
/// from a document that failed, which is 1.
const USAGE: u8 = 64;

/// Multilingual entity extraction for news.
#[derive(Debug, Parser)]
#[command(name = "depeche", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Extract(extract::ExtractArgs),
    Detect(detect::DetectArgs),
    Actors(actors::ActorsArgs),
    Serve(serve::ServeArgs),
    Eval(eval::EvalArgs),
    #[cfg(feature = "train")]
    Train(train::TrainArgs),
}

/// Runs the command that the process was called with.
pub fn run() -> ExitCode {
    let command = match Cli::try_parse() {
        Ok(cli) => cli.command,
        Err(error) => return usage(&error),
    };
    match command {
        Command::Extract(args) => extract::run(args),
        Command::Detect(args) => detect::run(args),
        Command::Actors(args) => report(actors::run(&args)),
        Command::Serve(args) => serve::run(args),
        Command::Eval(args) => report(eval::run(&args)),
        #[cfg(feature = "train")]
        Command::Train(args) => report(train::run(&args)),
    }
}

/// Says what is wrong with the command line; help and version, which were asked for, are no fault.
fn usage(error: &clap::Error) -> ExitCode {
    // A closed pipe is nothing to complain about.
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS }
}

/// The exit status of a command that only prints.
fn report<E: Into<Box<dyn Error>>>(result: Result<(), E>) -> ExitCode {
    let Err(error) = result.map_err(Into::into) else { return ExitCode::SUCCESS };
    // The reader has seen enough, as `head` does.
    if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    eprintln!("depeche: {error}");
    ExitCode::FAILURE
}

/// A flag whose value was understood and cannot be.
fn wrong_value(message: String) -> clap::Error {
    Cli::command().error(ErrorKind::ValueValidation, message)
}
