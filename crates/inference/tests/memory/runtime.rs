//! What ONNX Runtime takes and gives back, as the ledger and the system see it. Each in a process of its own, where
//! nothing else takes memory or starts threads.

use std::{env, fs, path::PathBuf, process::Command, sync::Arc, thread};

use inference::{
    Device, DeviceOrder, Engine, EngineOptions, Input, LedgerRow, Limits, MemoryMeter, ModelFile, NeverAbort, Owner,
    OwnerKind, Session, SystemMeter,
};

use crate::{
    hungry::{self, MATRIX},
    support,
};

const CHILD: &str = "SAM3ROTO_TEST_MEMORY_CHILD";

/// Runs the ignored test `name` of this file in a process of its own and gives what it printed.
fn in_a_process(name: &str, threads: usize) -> Option<String> {
    support::library()?;
    let child = Command::new(env::current_exe().expect("this test"))
        .args(["--exact", &format!("runtime::{name}"), "--ignored", "--nocapture"])
        .env(CHILD, threads.to_string())
        .output()
        .expect("starts");
    let told = String::from_utf8_lossy(&child.stdout).into_owned();
    assert!(child.status.success(), "{told}{}", String::from_utf8_lossy(&child.stderr));
    Some(told)
}

/// Engine and model of a child; `None` where the test is not run by its parent.
fn child() -> Option<(Arc<Engine>, ModelFile, tempfile::TempDir)> {
    let threads = env::var(CHILD).ok()?.parse().ok()?;
    let library: PathBuf = support::library()?;
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = hungry::write(folder.path());
    let engine = Engine::new(EngineOptions {
        library,
        threads,
        features: Limits::bytes(0),
        devices: DeviceOrder::cpu(),
        ..EngineOptions::default()
    });
    Some((engine, file, folder))
}

fn load(engine: &Engine, file: &ModelFile) -> Arc<Session> {
    engine.session(file, Device::Cpu, &NeverAbort).expect("loads")
}

fn run(session: &Session) -> Vec<u32> {
    let x = hungry::column();
    let y = session.run(&[("x", Input::F32(x.view()))], &["y"], &NeverAbort).expect("runs");
    y[0].iter().map(|value| value.to_bits()).collect()
}

fn row(engine: &Engine, kind: OwnerKind) -> LedgerRow {
    let rows = engine.guard().report().rows;
    rows.into_iter().find(|row| row.owner.kind == kind).expect("it was there")
}

#[test]
fn weights_and_runs_are_counted_and_leave_the_ledger_when_freed() {
    in_a_process("the_process_that_counts", 2);
}

#[test]
#[ignore = "run by the test above in a process of its own"]
fn the_process_that_counts() {
    let Some((engine, file, _folder)) = child() else { return };
    let session = load(&engine, &file);
    let outside = engine.guard().report().outside_bytes;
    let weights = row(&engine, OwnerKind::Session);
    assert_eq!(weights.owner, Owner::session("hungry model on CPU"));
    let file_bytes = fs::metadata(&file.path).unwrap().len();
    assert_eq!((weights.settled_bytes, weights.charged_bytes), (file_bytes, file_bytes), "{weights:?}");
    assert!(weights.measured_bytes > 0 && weights.peak_bytes >= 2 * MATRIX, "{weights:?}");

    run(&session);
    let working = row(&engine, OwnerKind::Run);
    assert_eq!((working.measured_bytes, working.charged_bytes), (0, 0), "all given back");
    assert!((18 * MATRIX..30 * MATRIX).contains(&working.peak_bytes), "{working:?}");
    assert_eq!(row(&engine, OwnerKind::Session), weights, "runs are not counted as weights");

    // Freed on another thread than the one that loaded it.
    thread::spawn(move || drop(session)).join().expect("no panic");
    engine.purge();
    assert_eq!(row(&engine, OwnerKind::Session).charged_bytes, 0);
    assert_eq!(engine.guard().report().outside_bytes, outside, "nothing goes by the ledger");
}

#[test]
#[cfg(target_os = "linux")]
fn memory_leaves_the_process_after_each_run_and_threads_do_not_grow_with_sessions() {
    in_a_process("the_process_that_is_measured", 3);
}

#[test]
#[ignore = "run by the test above in a process of its own"]
fn the_process_that_is_measured() {
    let Some((engine, file, folder)) = child() else { return };
    let meter = SystemMeter::new();
    let resident = || {
        meter.forget();
        meter.process_resident().expect("known on Linux")
    };
    let threads = || fs::read_dir("/proc/self/task").expect("Linux").count();
    let session = load(&engine, &file);
    run(&session);
    let (rest, peak) = (resident(), row(&engine, OwnerKind::Run).peak_bytes);
    let (pool, before) = (threads(), rest);
    for _ in 0..10 {
        run(&session);
        let after = resident();
        assert!(after < before + peak / 4, "{peak} bytes of a run stay with the process: {before} then {after}");
    }
    let others: Vec<_> = (0..6)
        .map(|number| {
            let path = folder.path().join(format!("{number}.onnx"));
            let mut bytes = fs::read(&file.path).expect("written above");
            // Another model name in the producer's field: another file, another session.
            bytes.extend([0x12, 1, b'0' + number]);
            fs::write(&path, bytes).expect("the folder is the test's own");
            let session = load(&engine, &ModelFile { path, ..file.clone() });
            run(&session);
            session
        })
        .collect();
    assert_eq!(engine.report().sessions.len(), 1 + others.len());
    assert_eq!(threads(), pool, "seven sessions share the threads of one");
}

#[test]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn a_load_that_sweeps_the_heaps_gives_back_what_was_freed_in_them() {
    in_a_process("the_process_that_is_swept", 1);
}

#[test]
#[ignore = "run by the test above in a process of its own"]
fn the_process_that_is_swept() {
    let Some((engine, file, _folder)) = child() else { return };
    let _loaded = load(&engine, &file);
    let swept = Engine::new(EngineOptions { sweep_heaps: true, ..engine.options().clone() });
    let meter = SystemMeter::new();
    let resident = || {
        meter.forget();
        meter.process_resident().expect("known on Linux")
    };
    // Three of four go, too small for pages of their own: holes that the C library keeps.
    const PIECE: usize = 12 << 10;
    let pieces: Vec<_> = (0..8192).map(|_| vec![1u8; PIECE]).collect();
    let _kept: Vec<_> = pieces.into_iter().skip(3).step_by(4).collect();
    let holes = (8192 / 4 * 3 * PIECE) as u64;
    let before = resident();
    let _session = load(&swept, &file);
    let after = resident();
    assert!(after + holes / 2 < before, "{holes} bytes were freed: {before} then {after}");
}

#[test]
fn results_are_the_same_bits_for_one_and_for_eight_threads() {
    let bits = |threads| in_a_process("the_process_that_prints_its_result", threads);
    let (one, eight) = (bits(1), bits(8));
    let result = |told: &Option<String>| {
        let told = told.as_ref()?;
        told.lines().find_map(|line| line.split_once("result ")).map(|(_, bits)| bits.to_owned())
    };
    assert_eq!(one.is_some(), result(&one).is_some(), "the child told its result");
    assert_eq!(result(&one), result(&eight));
}

#[test]
#[ignore = "run by the test above in a process of its own"]
fn the_process_that_prints_its_result() {
    let Some((engine, file, _folder)) = child() else { return };
    let session = load(&engine, &file);
    let bits = run(&session);
    let hash = bits.iter().fold(0u64, |hash, &bits| hash.wrapping_mul(0x100_0000_01b3) ^ u64::from(bits));
    println!("result {hash:016x} of {} values", bits.len());
}
