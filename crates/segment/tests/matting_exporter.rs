//! The exporter makes the committed networks for matting again. Opt-in, as it needs PyTorch: `cargo xtask fixtures`, or
//! `SAM3ROTO_EXPORTER_PYTHON` names a Python with `resources/export/requirements.txt`.
#![allow(clippy::expect_used)] // A fixture that cannot be read fails its test.

#[path = "../../../tests/support/safetensors.rs"]
mod safetensors;

use std::{
    env, fs,
    io::{self, Write},
    path::Path,
    process::Command,
};

use safetensors::{difference, tensors};
use segment::matting::LAYOUTS;

/// Largest difference of PyTorch's own alphas to the committed ones: of another machine's rounding.
const TOLERANCE: f32 = 1e-4;

#[test]
fn the_exporter_makes_the_committed_networks_for_matting_again() {
    let Some(python) = env::var_os("SAM3ROTO_EXPORTER_PYTHON") else {
        // Not `eprintln!`: the test harness would swallow it.
        let _ = writeln!(
            io::stderr(),
            "SKIPPED: SAM3ROTO_EXPORTER_PYTHON is not set (`cargo xtask fixtures` does): the exporter was not run"
        );
        return;
    };
    let resources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../resources/export");
    let committed = resources.join("fixtures/matting");
    let made = tempfile::tempdir().expect("a folder");
    let families: Vec<_> = LAYOUTS.iter().map(|layout| layout.family).collect();
    let mut command = Command::new(python);
    command.arg(&resources).args(["--tiny", "--fixtures", "--families"]).args(&families).arg("--out").arg(made.path());
    // It holds the graphs that it makes against PyTorch itself.
    assert!(command.status().expect("Python runs").success(), "the exporter's own checks failed");
    let made = made.path().join("matting");
    let read = |folder: &Path, name: &str| fs::read(folder.join(name)).expect("a file");
    assert!(read(&made, "frames.png") == read(&committed, "frames.png"), "the pictures");
    for family in families {
        let [committed, made] = [&committed, &made].map(|all| tensors(&all.join(family).join("alphas.safetensors")));
        assert_eq!(committed.keys().collect::<Vec<_>>(), made.keys().collect::<Vec<_>>(), "{family}");
        for (case, alpha) in &committed {
            let off = difference(alpha.f32(), made[case].f32());
            println!("{family} {case}: {off:.1e}");
            assert!(off <= TOLERANCE, "{family} {case}: {off}");
        }
    }
}
