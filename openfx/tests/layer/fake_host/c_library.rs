//! Builds the small C libraries of these tests.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles `source`, a file of this folder, into a shared library of this process's own.
pub fn build(source: &str) -> PathBuf {
    let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{source}-{}.so", std::process::id()));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layer/fake_host").join(source);
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let status = Command::new(&compiler)
        .args(["-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(&source)
        .status()
        .unwrap_or_else(|error| panic!("a C compiler is needed for these tests ({}): {error}", compiler.display()));
    assert!(status.success(), "{} does not compile", source.display());
    library
}
