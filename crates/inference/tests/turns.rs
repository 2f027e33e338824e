//! Whose turn it is at a session: giving up, waiting, who goes first.

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use inference::{Abort, Background, Device, InferenceError, Input, NeverAbort, Session};
use ndarray::ArrayD;

/// Begins a run that holds the session until it is told to end; gives what tells it.
fn hold<'scope>(scope: &'scope thread::Scope<'scope, '_>, session: &'scope Session) -> impl FnOnce() + 'scope {
    let ended = Arc::new(AtomicBool::new(false));
    let polls = Arc::new(AtomicUsize::new(0));
    let (stop, polled) = (Arc::clone(&ended), Arc::clone(&polls));
    let run = scope.spawn(move || {
        let x = ArrayD::from_elem(vec![1_000_000], 0.5);
        let abort = || {
            polled.fetch_add(1, Ordering::Relaxed);
            stop.load(Ordering::Relaxed)
        };
        session.run(&[("x", Input::F32(x.view()))], &["y"], &abort)
    });
    // Two polls: the run has begun.
    while polls.load(Ordering::Relaxed) < 2 {
        thread::yield_now();
    }
    move || {
        ended.store(true, Ordering::Relaxed);
        assert!(run.join().is_ok_and(|result| matches!(result, Err(InferenceError::Aborted))));
    }
}

#[test]
fn a_run_ends_soon_after_abort_and_the_session_stays_usable() {
    let Some(library) = support::library() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = support::engine(&library);
    // Far longer than the test's patience if it were not interrupted: 20,000 sines over a million values.
    let session = engine
        .session(&support::write_sines(folder.path(), "long.onnx", 20_000), Device::Cpu, &NeverAbort)
        .expect("loads");
    let asked = AtomicUsize::new(0);
    let abort = || asked.fetch_add(1, Ordering::Relaxed) >= 3;
    let x = ArrayD::from_elem(vec![1_000_000], 0.5);
    let result = session.run(&[("x", Input::F32(x.view()))], &["y"], &abort);
    assert!(matches!(result, Err(InferenceError::Aborted)), "{result:?}");

    let small = ArrayD::from_elem(vec![1], 0.0);
    let y = session.run(&[("x", Input::F32(small.view()))], &["y"], &NeverAbort).expect("usable");
    assert_eq!(y[0].as_slice(), Some(&[0.0][..]));
    let counters = engine.counters();
    assert_eq!((counters.aborted_runs, counters.encoder_runs), (1, 1));
}

#[test]
fn a_caller_that_waits_for_a_busy_session_can_give_up() {
    let Some(library) = support::library() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = support::engine(&library);
    let file = support::write_sines(folder.path(), "long.onnx", 20_000);
    let session = &*engine.session(&file, Device::Cpu, &NeverAbort).expect("loads");
    thread::scope(|scope| {
        let end = hold(scope, session);
        let asked = AtomicUsize::new(0);
        let abort = || asked.fetch_add(1, Ordering::Relaxed) >= 2;
        let x = ArrayD::from_elem(vec![1], 0.5);
        let result = session.run(&[("x", Input::F32(x.view()))], &["y"], &abort);
        assert!(matches!(result, Err(InferenceError::Aborted)));
        end();
    });
}

#[test]
fn interactive_callers_go_before_those_in_the_background_in_the_order_of_arrival() {
    let Some(library) = support::library() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = support::engine(&library);
    let file = support::write_sines(folder.path(), "long.onnx", 2_000);
    let session = &*engine.session(&file, Device::Cpu, &NeverAbort).expect("loads");
    let names = ["background 1", "interactive 1", "background 2", "interactive 2"];
    // What each saw waiting when it was asked last, which is while it ran: those who came after it.
    let behind = names.map(|_| AtomicUsize::new(usize::MAX));
    thread::scope(|scope| {
        let end = hold(scope, session);
        for (i, (name, behind)) in names.iter().zip(&behind).enumerate() {
            scope.spawn(move || {
                // Long enough to be asked while it runs.
                let x = ArrayD::from_elem(vec![20_000], 0.5);
                let look = || {
                    behind.store(session.waiting(), Ordering::Relaxed);
                    false
                };
                let background = Background(&look);
                let abort: &dyn Abort = if name.starts_with('b') { &background } else { &look };
                session.run(&[("x", Input::F32(x.view()))], &["y"], abort).expect("runs");
            });
            while session.waiting() <= i {
                thread::yield_now();
            }
        }
        end();
    });
    assert_eq!(behind.map(AtomicUsize::into_inner), [1, 3, 0, 2], "{names:?}");
}
