//! Sessions: loading once, checking the contract, running, being unloaded.

mod support;

use std::{
    fs,
    path::Path,
    sync::{Arc, Barrier},
    thread,
    time::{Duration, SystemTime},
};

use inference::{
    Cleanup, Contract, Device, Dim, DiskOptions, DiskStore, Element, Engine, EngineOptions, InferenceError, Input,
    ModelFile, NeverAbort, OwnerKind, Place, TensorSpec,
};
use ndarray::{Array1, ArrayD};
use support::onnx::{FLOAT, INT64, Node, Value, model};

fn vector(values: &[f32]) -> ArrayD<f32> {
    Array1::from(values.to_vec()).into_dyn()
}

#[test]
fn a_model_runs_and_its_runs_are_counted() {
    let Some(library) = support::library() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = support::engine(&library);
    let session =
        engine.session(&support::write_sines(folder.path(), "m.onnx", 2), Device::Cpu, &NeverAbort).expect("loads");

    let x = vector(&[0.0, 0.5, -2.0]);
    let y = session.run(&[("x", Input::F32(x.view()))], &["y"], &NeverAbort).expect("runs");
    for (y, x) in y[0].iter().zip(&x) {
        assert!((y - x.sin().sin()).abs() < 1e-6);
    }
    let counters = engine.counters();
    assert_eq!((counters.encoder_runs, counters.decoder_runs, counters.session_loads), (1, 0, 1));
    assert_eq!(counters.stages["encode"].count, 1);
    assert!(counters.stages["encode"].longest_ms <= counters.stages["encode"].total_ms);
}

#[test]
fn integer_inputs_are_fed_and_a_wrong_shape_is_an_error_in_words() {
    static CONTRACT: Contract = Contract {
        inputs: &[TensorSpec { name: "x", element: Element::I64, shape: &[Dim::Is(2)] }],
        outputs: &[],
        ..support::SINES
    };
    let Some(library) = support::library() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.onnx");
    let tensor = |name| Value { name, element: INT64, shape: &[Some(2)] };
    let file = model(&[Node { operator: "Abs", inputs: &["x"], output: "y" }], &[tensor("x")], &[tensor("y")]);
    fs::write(&path, file).unwrap();
    let engine = support::engine(&library);
    let file = ModelFile { contract: &CONTRACT, ..support::model(path.clone()) };
    let session = engine.session(&file, Device::Cpu, &NeverAbort).expect("loads");

    for (x, words) in [(vec![1i64, -2, 3], "Expected: 2"), (vec![1, -2], "f32")] {
        let x = Array1::from(x).into_dyn();
        let error = session.run(&[("x", Input::I64(x.view()))], &["y"], &NeverAbort).expect_err("no f32 comes out");
        let message = error.to_string();
        assert!(message.contains(words) && message.contains(&*path.to_string_lossy()), "{message}");
    }
    assert_eq!(engine.counters().failed_runs, 2);
}

#[test]
fn one_session_is_loaded_however_many_ask_at_once_and_under_any_name() {
    let Some(library) = support::library() else { return };
    let folder = tempfile::tempdir().unwrap();
    let files = ["a.onnx", "copy of a.onnx"].map(|name| support::write_sines(folder.path(), name, 3));
    let engine = support::engine(&library);
    let start = Barrier::new(8);
    let sessions: Vec<_> = thread::scope(|scope| {
        let ask = |i: usize| {
            start.wait();
            engine.session(&files[i % 2], Device::Cpu, &NeverAbort).expect("loads")
        };
        let threads: Vec<_> = (0..8).map(|i| scope.spawn(move || ask(i))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    assert!(sessions.iter().all(|session| Arc::ptr_eq(session, &sessions[0])));
    let counters = engine.counters();
    assert_eq!((counters.session_loads, counters.session_hits), (1, 7));

    engine.purge();
    assert_eq!(engine.report().sessions.len(), 1, "a session in use is not purged");
    drop(sessions);
    engine.purge();
    assert_eq!(engine.report().sessions.len(), 0);
}

#[test]
fn files_that_are_no_model_are_told_with_file_and_remedy_and_work_once_repaired() {
    let Some(library) = support::library() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = support::engine(&library);
    let good = support::onnx::sines(40);
    let file = support::model(folder.path().join("m.onnx"));
    let refused = |words: &str| {
        let error = engine.session(&file, Device::Cpu, &NeverAbort).expect_err("not a model");
        let message = error.to_string();
        assert!(message.contains("m.onnx") && message.contains(words), "{message}");
        assert!(message.contains("install") || message.contains("permissions"), "no remedy: {message}");
    };
    refused("does not exist");
    for broken in [&b""[..], b"<html>404</html>", &good[..good.len() / 2], &good[..good.len() - 3], &[0xff; 4096]] {
        fs::write(&file.path, broken).unwrap();
        refused("not a usable ONNX model");
    }
    fs::remove_file(&file.path).unwrap();
    fs::create_dir(&file.path).unwrap();
    refused("cannot be read");
    fs::remove_dir(&file.path).unwrap();
    fs::write(&file.path, &good).unwrap();
    assert!(engine.session(&file, Device::Cpu, &NeverAbort).is_ok(), "a failed load leaves nothing behind");
}

#[test]
fn a_file_that_differs_from_its_manifest_is_refused_by_size_then_by_checksum() {
    let Some(library) = support::library() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = support::engine(&library);
    let file = support::write_sines(folder.path(), "m.onnx", 2);
    let bytes = fs::metadata(&file.path).unwrap().len();
    let load = |file: &ModelFile| engine.session(file, Device::Cpu, &NeverAbort).map(|session| session.hash());

    let hash = load(&file).expect("loads");
    let declared = ModelFile { declared_bytes: Some(bytes), declared_hash: Some(hash), ..file };
    assert_eq!(load(&declared).expect("as declared"), hash);
    let short = ModelFile { declared_bytes: Some(bytes + 7), ..declared.clone() };
    let message = load(&short).expect_err("another size").to_string();
    assert!(message.contains(&format!("expected {} bytes, found {bytes} bytes", bytes + 7)), "{message}");
    let other = ModelFile { declared_hash: "ab".repeat(32).parse().ok(), ..declared };
    assert!(matches!(load(&other), Err(InferenceError::ModelDiffers { .. })));
}

#[test]
fn a_good_model_of_another_kind_is_told_by_its_tensors() {
    let Some(library) = support::library() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = support::engine(&library);
    let tensor = |name, element, shape| Value { name, element, shape };
    let sin = |x, y| [Node { operator: "Abs", inputs: x, output: y }];
    let add = [Node { operator: "Add", inputs: &["x", "z"], output: "y" }];
    let free: &[Option<u64>] = &[None];
    let cases = [
        (
            model(&sin(&["image"], "y"), &[tensor("image", FLOAT, free)], &[tensor("y", FLOAT, free)]),
            "expected input \"x\" f32[?], found inputs \"image\" f32[?]",
        ),
        (
            model(&sin(&["x"], "y"), &[tensor("x", INT64, free)], &[tensor("y", INT64, free)]),
            "expected input \"x\" f32[?], found \"x\" i64[?]",
        ),
        (
            model(&sin(&["x"], "y"), &[tensor("x", FLOAT, &[None, Some(3)])], &[tensor("y", FLOAT, &[None, Some(3)])]),
            "expected input \"x\" f32[?], found \"x\" f32[?, 3]",
        ),
        (
            model(&sin(&["x"], "masks"), &[tensor("x", FLOAT, free)], &[tensor("masks", FLOAT, free)]),
            "expected output \"y\" f32[?], found outputs \"masks\" f32[?]",
        ),
        (
            model(&add, &[tensor("x", FLOAT, free), tensor("z", FLOAT, free)], &[tensor("y", FLOAT, free)]),
            "expected no other inputs, found also an input \"z\" f32[?]",
        ),
    ];
    for (i, (file, words)) in cases.iter().enumerate() {
        let path = folder.path().join(format!("{i}.onnx"));
        fs::write(&path, file).unwrap();
        let error = engine.session(&support::model(path), Device::Cpu, &NeverAbort).expect_err("another kind");
        assert!(matches!(error, InferenceError::Contract { .. }), "{error}");
        assert!(error.to_string().contains(words), "{error} <> {words}");
    }
}

#[test]
fn the_report_names_library_and_sessions_and_becomes_json() {
    let Some(library) = support::library() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = support::engine(&library);
    let file = support::write_sines(folder.path(), "m.onnx", 1);
    let session = engine.session(&file, Device::Cpu, &NeverAbort).expect("loads");
    let json = serde_json::to_value(engine.report()).expect("plain data");
    assert_eq!(json["library"]["problem"], serde_json::Value::Null);
    assert!(json["library"]["version"].as_str().is_some_and(|version| version.starts_with("1.")));
    assert_eq!(json["sessions"][0]["sha256"], session.hash().to_string());
    assert_eq!(json["sessions"][0]["in_use"], true);
    let cpu = json["devices"].as_array().and_then(|devices| devices.last()).expect("always there");
    assert_eq!((&cpu["device"], &cpu["problem"]), (&"cpu".into(), &serde_json::Value::Null));
}

#[test]
fn without_a_library_the_report_says_so_and_a_missing_model_is_told_first() {
    let Some(_) = support::library() else { return };
    let engine = support::engine(Path::new("/nowhere/libsam3roto_onnxruntime.so"));
    let report = engine.report();
    assert_eq!(report.library.version, None);
    assert!(report.library.problem.is_some_and(|problem| problem.contains("/nowhere/")));
    let error = engine.session(&support::model("/nowhere/m.onnx".into()), Device::Cpu, &NeverAbort);
    assert!(matches!(error, Err(InferenceError::ModelMissing { .. })));
}

#[test]
fn who_waits_for_a_load_shares_its_failure_and_the_next_call_tries_again() {
    let Some(library) = support::library() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = support::engine(&library);
    let file = support::model(folder.path().join("m.onnx"));
    fs::write(&file.path, b"<html>404</html>").unwrap();
    let start = Barrier::new(8);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                start.wait();
                let error = engine.session(&file, Device::Cpu, &NeverAbort).expect_err("not a model");
                assert!(matches!(error, InferenceError::ModelRejected { .. }), "{error}");
            });
        }
    });
    fs::write(&file.path, support::onnx::sines(2)).unwrap();
    assert!(engine.session(&file, Device::Cpu, &NeverAbort).is_ok());
}

#[test]
fn under_pressure_idle_sessions_are_unloaded_and_those_in_use_stay() {
    let Some(library) = support::library() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = support::engine(&library);
    let [used, idle] =
        [("used.onnx", 2), ("idle.onnx", 3)].map(|(name, n)| support::write_sines(folder.path(), name, n));
    let session = engine.session(&used, Device::Cpu, &NeverAbort).expect("loads");
    drop(engine.session(&idle, Device::Cpu, &NeverAbort).expect("loads"));
    let files = || -> Vec<String> {
        let name =
            |session: &inference::SessionReport| session.file.file_name().map(|name| name.to_string_lossy().into());
        engine.report().sessions.iter().filter_map(name).collect()
    };
    engine.guard().cleanup(Cleanup::Soft);
    assert_eq!(files(), ["idle.onnx", "used.onnx"], "lately used: mild pressure leaves them");
    engine.guard().cleanup(Cleanup::Hard);
    assert_eq!(files(), ["used.onnx"]);
    let row = |kind| {
        engine.guard().report().rows.iter().filter(|row| row.owner.kind == kind && row.charged_bytes > 0).count()
    };
    assert_eq!(row(OwnerKind::Session), 1, "{:?}", engine.guard().report().rows);
    drop(session);
    engine.guard().cleanup(Cleanup::Hard);
    assert_eq!((files().len(), row(OwnerKind::Session)), (0, 0));
}

#[test]
fn a_model_or_run_without_memory_is_an_error_with_figures_and_works_when_there_is_some() {
    let Some(library) = support::library() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = support::engine(&library);
    let file = support::write_sines(folder.path(), "m.onnx", 2);
    let x = ArrayD::from_elem(vec![1_000_000], 0.5);
    let run = || engine.run(&file, &[("x", Input::F32(x.view()))], &["y"], &NeverAbort);
    let refused = |budget| {
        engine.guard().set_hard_budget(Place::Host, Some(budget));
        let error = run().expect_err("no memory");
        assert!(matches!(error, InferenceError::OutOfMemory { device: Device::Cpu, .. }), "{error}");
        let message = error.to_string();
        assert!(
            message.contains("m.onnx") && message.contains("MB") && message.contains("raise the memory budget"),
            "{message}"
        );
    };
    refused(1);
    assert_eq!(engine.counters().session_loads, 0, "refused before anything was loaded");
    refused(1 << 20);
    assert_eq!(engine.counters().session_loads, 1, "it was loaded, and its run refused");
    assert!(engine.counters().retried_runs >= 1);
    engine.guard().set_hard_budget(Place::Host, None);
    assert_eq!(run().expect("there is memory")[0][[7]], 0.5f32.sin().sin());
}

#[test]
fn models_are_loaded_ahead_of_need_and_quiescing_ends_it() {
    let Some(library) = support::library() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = support::engine(&library);
    let models = [1, 2, 3].map(|count| support::write_sines(folder.path(), &format!("{count}.onnx"), count));
    engine.warm([vec![support::model("/nowhere/m.onnx".into())], models.to_vec()].concat());
    engine.warm(models[..1].to_vec());
    while engine.counters().session_loads < 3 {
        thread::yield_now();
    }
    for model in &models {
        engine.session(model, Device::Cpu, &NeverAbort).expect("there already");
    }
    assert_eq!(engine.counters().session_loads, 3, "nothing was loaded twice");
    engine.quiesce();
    let warming = Arc::strong_count(&engine);
    assert_eq!(warming, 1, "no thread holds the engine");

    let long = support::write_sines(folder.path(), "long.onnx", 20_000);
    engine.warm(vec![long.clone(); 50]);
    engine.quiesce();
    engine.quiesce();
    assert_eq!(Arc::strong_count(&engine), 1);
    engine.warm(vec![long.clone()]);
    let session = engine.session(&long, Device::Cpu, &NeverAbort).expect("warming goes on after it was quiesced");
    assert_eq!(session.device(), Device::Cpu);
    engine.quiesce();
}

#[test]
fn an_optimised_graph_is_kept_for_the_next_engine_and_never_trusted() {
    let Some(library) = support::library() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = support::write_sines(folder.path(), "m.onnx", 3);
    let cache = folder.path().join("cache");
    let store = || DiskOptions { folder: cache.clone(), max_bytes: 1 << 20 };
    let engine = || {
        let disk = Some(store());
        Engine::new(EngineOptions { library: library.clone(), threads: 2, disk, ..EngineOptions::default() })
    };
    let x = vector(&[-1.0, 0.1, 2.5]);
    let run = || {
        let session = engine().session(&file, Device::Cpu, &NeverAbort).expect("loads");
        session.run(&[("x", Input::F32(x.view()))], &["y"], &NeverAbort).expect("runs").remove(0)
    };
    let kept = || {
        let compiled = fs::read_dir(cache.join("compiled")).unwrap();
        compiled.map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    };
    let fresh = run();
    let graph = kept().pop().expect("kept");
    let sound = fs::read(&graph).unwrap();

    let long_ago = SystemTime::now() - Duration::from_secs(86_400);
    fs::File::options().write(true).open(&graph).unwrap().set_modified(long_ago).unwrap();
    assert_eq!(run(), fresh);
    assert!(fs::metadata(&graph).unwrap().modified().unwrap() > long_ago, "it was used");
    assert_eq!(kept(), [&*graph]);

    for damaged in [&sound[..sound.len() / 2], &[], b"<html>404</html>"] {
        fs::write(&graph, damaged).unwrap();
        assert_eq!(run(), fresh);
        let graph = kept().pop().expect("made anew");
        assert_eq!((kept().len(), fs::read(graph).unwrap() != damaged), (1, true));
    }

    assert_eq!(DiskStore::open(store()).clear().graphs, 1);
    fs::create_dir_all(&cache).unwrap();
    fs::write(cache.join("compiled"), b"no folder").unwrap();
    assert_eq!(run(), fresh, "where nothing can be kept it is optimised anew");
}
