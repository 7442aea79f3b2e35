//! Runs the Python tests: the real program, and clients that share no code with it.

use std::path::Path;
use std::process::Command;

#[test]
fn python() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join(".venv/bin/python");
    if !python.exists() {
        assert!(std::env::var_os("DEPECHE_REQUIRE_ALL").is_none(), "no {}: run tests/run", python.display());
        eprintln!("SKIPPED: run tests/run, which sets up Python with gRPC");
        return;
    }
    let status = Command::new(python)
        .args(["-m", "unittest", "discover", "--verbose", "--start-directory", "tests/python"])
        .current_dir(root)
        .env("DEPECHE", env!("CARGO_BIN_EXE_depeche"))
        .status()
        .expect("Python starts");
    assert!(status.success(), "a Python test failed: {status}");
}
