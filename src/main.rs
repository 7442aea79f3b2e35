//! The `depeche` program: parses the command line and calls a command.

fn main() {}
