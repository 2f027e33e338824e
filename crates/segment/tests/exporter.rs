//! The exporter makes the committed fixtures again. Opt-in, as it needs PyTorch: `cargo xtask fixtures`, or
//! `SAM3ROTO_EXPORTER_PYTHON` names a Python with `resources/export/requirements.txt`.

#![allow(clippy::expect_used)]

#[path = "support/cases.rs"]
mod cases;
#[path = "support/fixtures.rs"]
mod fixtures;
mod support;

use std::{
    collections::BTreeSet,
    env, fs,
    io::{self, Write},
    path::Path,
    process::Command,
};

use cases::Difference;
use fixtures::{FAMILIES, Tensor, difference, folder, tensors};
use toml::{Table, Value};

/// Largest difference of PyTorch's own results to the committed ones, by file: of another machine's rounding. Those of
/// the tracker go through the network over and over.
const TENSORS: [(&str, f32); 3] = [
    ("graphs.safetensors", cases::TOLERANCE),
    ("concepts.safetensors", cases::TOLERANCE),
    ("tracker.safetensors", 2e-3),
];

/// Largest difference of a number in a manifest.
const MANIFEST: f64 = 1e-6;

#[test]
fn the_exporter_makes_the_committed_fixtures_again() {
    let Some(python) = env::var_os("SAM3ROTO_EXPORTER_PYTHON") else {
        // Not `eprintln!`: the test harness would swallow it.
        let _ = writeln!(
            io::stderr(),
            "SKIPPED: SAM3ROTO_EXPORTER_PYTHON is not set (`cargo xtask fixtures` does): the exporter was not run"
        );
        return;
    };
    let Some(library) = support::library() else { return };
    let made = tempfile::tempdir().expect("a folder");
    let exporter = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../resources/export");
    let mut command = Command::new(python);
    command.arg(exporter).args(["--tiny", "--fixtures", "--families"]).args(FAMILIES).arg("--out").arg(made.path());
    assert!(command.status().expect("Python runs").success(), "the exporter's own checks failed");
    for family in FAMILIES {
        let (committed, made) = (folder().join(family), made.path().join(family));
        assert_eq!(names(&committed), names(&made), "{family}: the same files");
        for name in ["frames.png", "tracker.json"] {
            assert!(is_same(&committed, &made, name), "{family}/{name}");
        }
        compare_manifests(family, &read_manifest(&committed), &read_manifest(&made));
        for (name, tolerance) in TENSORS.into_iter().filter(|(name, _)| committed.join(name).exists()) {
            compare_tensors(&format!("{family}/{name}"), &committed.join(name), &made.join(name), tolerance);
        }
        let graphs: Vec<_> = names(&committed).into_iter().filter(|name| name.ends_with(".onnx")).collect();
        let same = graphs.iter().filter(|name| is_same(&committed, &made, name)).count();
        println!("{family}: {same} of {} graphs are the same bytes", graphs.len());
    }
    // The bytes may be those of another exporter's or platform's; what the graphs compute may not.
    let engine = fixtures::engine_of(library, made.path().to_owned(), 1);
    for family in FAMILIES {
        for Difference { graph, case, largest } in cases::differences(&fixtures::model(&engine, family), family) {
            println!("{family} {graph}/{case}: {largest:.1e}");
            assert!(largest <= cases::TOLERANCE, "{family} {graph}/{case}: {largest}");
        }
    }
}

/// The stand-in of a video export with a memory of fixed size.
#[test]
fn the_exporter_makes_the_committed_video_export_again() {
    // The other test tells what is skipped.
    let Some(python) = env::var_os("SAM3ROTO_EXPORTER_PYTHON") else { return };
    let made = tempfile::tempdir().expect("a folder");
    let exporter = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../resources/export");
    let mut command = Command::new(python);
    command.arg(exporter).args(["--tiny", "--fixtures", "--families", "fixed_bank"]).arg("--out").arg(made.path());
    assert!(command.status().expect("Python runs").success());
    let (committed, made) = (folder().join("video/fixed_bank"), made.path().join("video/fixed_bank"));
    for sub_folder in ["", "onnx"] {
        assert_eq!(names(&committed.join(sub_folder)), names(&made.join(sub_folder)), "the same files");
    }
    let tracked = "tracker.safetensors";
    compare_tensors(tracked, &committed.join(tracked), &made.join(tracked), 2e-3);
    let all = names(&committed.join("onnx")).into_iter().map(|name| format!("onnx/{name}"));
    let all: Vec<_> = all.chain(["constants.json".to_owned(), tracked.to_owned()]).collect();
    let same = all.iter().filter(|name| is_same(&committed, &made, name)).count();
    println!("video/fixed_bank: {same} of {} files are the same bytes", all.len());
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name")).collect()
}

fn is_same(one: &Path, other: &Path, name: &str) -> bool {
    fs::read(one.join(name)).expect("a file") == fs::read(other.join(name)).expect("a file")
}

/// Without what only says which bytes the files have.
fn read_manifest(folder: &Path) -> Table {
    let mut manifest: Table =
        fs::read_to_string(folder.join("model.toml")).expect("a manifest").parse().expect("a manifest in TOML");
    for file in manifest.get_mut("files").and_then(Value::as_array_mut).expect("files") {
        let file = file.as_table_mut().expect("a file");
        assert!(file.remove("bytes").is_some() && file.remove("sha256").is_some());
    }
    manifest
}

fn compare_manifests(place: &str, committed: &Table, made: &Table) {
    assert_eq!(committed.keys().collect::<Vec<_>>(), made.keys().collect::<Vec<_>>(), "{place}");
    for (key, value) in committed {
        compare_values(&format!("{place}.{key}"), value, &made[key]);
    }
}

fn compare_values(place: &str, committed: &Value, made: &Value) {
    match (committed, made) {
        (Value::Table(committed), Value::Table(made)) => compare_manifests(place, committed, made),
        (Value::Array(committed), Value::Array(made)) => {
            assert_eq!(committed.len(), made.len(), "{place}");
            committed.iter().zip(made).for_each(|(committed, made)| compare_values(place, committed, made));
        }
        (Value::Float(committed), Value::Float(made)) => {
            assert!((committed - made).abs() <= MANIFEST, "{place}: {committed} and {made}");
        }
        (committed, made) => assert_eq!(committed, made, "{place}"),
    }
}

fn compare_tensors(place: &str, committed: &Path, made: &Path, tolerance: f32) {
    let (committed, made) = (tensors(committed), tensors(made));
    assert_eq!(committed.keys().collect::<Vec<_>>(), made.keys().collect::<Vec<_>>(), "{place}");
    let mut largest = 0f32;
    for (name, tensor) in &committed {
        match (tensor, &made[name]) {
            (Tensor::F32(committed), Tensor::F32(made)) => {
                assert_eq!(committed.shape(), made.shape(), "{place}: {name}");
                let off = difference(made, committed);
                assert!(off <= tolerance, "{place}: {name} differs by {off}");
                largest = largest.max(off);
            }
            (committed, made) => assert_eq!(committed, made, "{place}: {name}"),
        }
    }
    println!("{place}: {} tensors, the largest difference {largest:.1e}", committed.len());
}
