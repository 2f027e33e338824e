//! A host quits: with sessions loaded and never dropped, and even in the middle of a run.

mod support;

use std::{
    env,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use inference::{Device, Input, NeverAbort};
use ndarray::ArrayD;

const CHILD: &str = "SAM3ROTO_TEST_EXIT";

#[test]
fn quitting_with_loaded_sessions_or_while_running_does_not_crash() {
    if support::library().is_none() {
        return;
    }
    for how in ["idle", "running"] {
        let child = Command::new(env::current_exe().expect("this test"))
            .args(["--exact", "the_process_that_quits", "--ignored", "--nocapture"])
            .env(CHILD, how)
            .output()
            .expect("starts");
        assert_eq!(child.status.code(), Some(42), "{how}: {}", String::from_utf8_lossy(&child.stderr));
    }
}

#[test]
#[ignore = "run by the test above in a process of its own"]
fn the_process_that_quits() {
    let (Some(library), Ok(how)) = (support::library(), env::var(CHILD)) else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = support::engine(&library);
    let file = support::write_sines(folder.path(), "long.onnx", 20_000);
    let session = engine.session(&file, Device::Cpu, &NeverAbort).expect("loads");
    std::mem::forget(engine);
    if how == "running" {
        static POLLS: AtomicUsize = AtomicUsize::new(0);
        thread::spawn(move || {
            let x = ArrayD::from_elem(vec![1_000_000], 0.5);
            let count = || {
                POLLS.fetch_add(1, Ordering::Relaxed);
                false
            };
            session.run(&[("x", Input::F32(x.view()))], &["y"], &count)
        });
        while POLLS.load(Ordering::Relaxed) < 3 {
            thread::yield_now();
        }
    }
    std::process::exit(42);
}
