//! What tests need from outside, by variables of the environment.

use std::{
    env,
    io::{self, Write},
    path::PathBuf,
};

/// A path from the environment. Without it a test is skipped, loudly; where the project's test command has promised it
/// (`SAM3ROTO_TESTS_REQUIRE=1`) it fails.
pub fn promised(variable: &str) -> Option<PathBuf> {
    match env::var_os(variable) {
        Some(path) => Some(PathBuf::from(path)),
        None if env::var_os("SAM3ROTO_TESTS_REQUIRE").is_some_and(|value| value == "1") => {
            panic!("{variable} is not set and SAM3ROTO_TESTS_REQUIRE=1")
        }
        None => {
            // Not `eprintln!`: the test harness would swallow it.
            let _ = writeln!(io::stderr(), "SKIPPED: {variable} is not set, nothing was tested here");
            None
        }
    }
}

/// The ONNX Runtime library under test.
pub fn library() -> Option<PathBuf> {
    promised("SAM3ROTO_ONNXRUNTIME")
}
