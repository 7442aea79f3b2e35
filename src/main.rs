//! The `depeche` program: parses the command line and calls a command.

mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}
