//! The exporter makes the committed networks again. Opt-in, as it needs PyTorch: `cargo xtask fixtures`, or
//! `SAM3ROTO_EXPORTER_PYTHON` names a Python with `resources/export/requirements.txt`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/networks.rs"]
mod networks;

use std::{
    env, fs,
    io::{self, Write},
    path::Path,
    process::Command,
};

use networks::{
    KINDS, both, chosen, engine, fixtures, frames, library,
    safetensors::{difference, tensors},
};

/// Largest difference of PyTorch's own results to the committed ones, in pixels: of another machine's rounding.
const TOLERANCE: f32 = 1e-3;
/// The files of a network's folder.
const FILES: [&str; 4] = ["flow.safetensors", "frames.png", "model.toml", "raft.onnx"];

#[test]
fn the_exporter_makes_the_committed_networks_again() {
    let Some(python) = env::var_os("SAM3ROTO_EXPORTER_PYTHON") else {
        // Not `eprintln!`: the test harness would swallow it.
        let _ = writeln!(
            io::stderr(),
            "SKIPPED: SAM3ROTO_EXPORTER_PYTHON is not set (`cargo xtask fixtures` does): the exporter was not run"
        );
        return;
    };
    let Some(library) = library() else { return };
    let made = tempfile::tempdir().expect("a folder");
    let exporter = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../resources/export");
    let mut command = Command::new(python);
    command.arg(exporter).args(["--tiny", "--fixtures", "--families"]).args(KINDS).arg("--out").arg(made.path());
    assert!(command.status().expect("Python runs").success(), "the exporter's own checks failed");
    let made = made.path().join("flow");
    let [committed_engine, made_engine] = [fixtures(), made.clone()].map(|models| engine(&library, models));
    for kind in KINDS {
        let (committed, made) = (fixtures().join(kind), made.join(kind));
        let read = |folder: &Path, name: &str| fs::read(folder.join(name)).expect("a file");
        let same: Vec<_> = FILES.into_iter().filter(|name| read(&committed, name) == read(&made, name)).collect();
        println!("{kind}: the same bytes in {}", same.join(", "));
        assert!(same.contains(&"frames.png"), "{kind}: the pictures");
        compare_flows(kind, &committed, &made);
        // The bytes may be those of another exporter's or platform's; what the graphs compute may not.
        let name = format!("tiny {kind}");
        let pictures = frames(kind, 136, 128);
        let of = |engine| both(&*chosen(engine, &name).estimator, &pictures).forward;
        let (ours, theirs) = (of(&committed_engine), of(&made_engine));
        let off = difference(ours.vectors.as_flattened(), theirs.vectors.as_flattened());
        assert!(off <= TOLERANCE, "{kind}: {off}");
    }
}

fn compare_flows(kind: &str, committed: &Path, made: &Path) {
    let [committed, made] = [committed, made].map(|folder| tensors(&folder.join("flow.safetensors")));
    assert_eq!(committed.keys().collect::<Vec<_>>(), made.keys().collect::<Vec<_>>(), "{kind}");
    for (size, flow) in &committed {
        let off = difference(flow.f32(), made[size].f32());
        assert!(off <= TOLERANCE, "{kind} {size}: {off}");
    }
}
