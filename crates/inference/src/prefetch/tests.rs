use std::sync::{Mutex, atomic::AtomicUsize, mpsc::channel};
use std::time::Duration;

use super::*;
use crate::abort::NeverAbort;

const PATIENCE: Duration = Duration::from_secs(60);

fn pass(total: usize, batch: usize) -> Pass<'static> {
    Pass { total, batch, abort: &NeverAbort }
}

#[test]
fn every_frame_is_inferred_once_in_order_in_batches_of_the_given_size() {
    let batches = Mutex::new(Vec::new());
    let infer = |batch: Vec<usize>, _: &dyn Abort| {
        batches.lock().unwrap().push(batch);
        Ok::<_, InferenceError>(())
    };
    pass(7, 3).run(|frame| Ok(Some(frame)), infer, |_| true).unwrap();
    assert_eq!(batches.into_inner().unwrap(), [vec![0, 1, 2], vec![3, 4, 5], vec![6]]);
}

#[test]
fn frames_that_are_known_are_not_inferred_and_count_as_done() {
    let seen = Mutex::new(Vec::new());
    let mut last = None;
    let infer = |batch: Vec<usize>, _: &dyn Abort| {
        seen.lock().unwrap().extend(batch);
        Ok::<_, InferenceError>(())
    };
    let told = |progress: PassProgress| {
        last = Some(progress);
        true
    };
    pass(6, 2).run(|frame| Ok((frame % 2 == 1).then_some(frame)), infer, told).unwrap();
    assert_eq!(seen.into_inner().unwrap(), [1, 3, 5]);
    assert_eq!(last.map(|progress| (progress.done, progress.total)), Some((6, 6)));
}

#[test]
fn the_next_frame_is_prepared_while_the_network_works() {
    // Frame 0 is not finished before frame 1 was prepared: without overlap this would wait in vain.
    let (prepared, next) = channel();
    let next = Mutex::new(next);
    let infer = |batch: Vec<usize>, _: &dyn Abort| {
        if batch == [0] {
            next.lock().unwrap().recv_timeout(PATIENCE).expect("frame 1 was not prepared meanwhile");
        }
        Ok::<_, InferenceError>(())
    };
    let prepare = |frame| {
        if frame == 1 {
            prepared.send(()).unwrap();
        }
        Ok(Some(frame))
    };
    pass(3, 1).run(prepare, infer, |_| true).unwrap();
}

#[test]
fn no_more_is_prepared_than_the_thread_will_soon_take() {
    let furthest = AtomicUsize::new(0);
    let infer = |batch: Vec<usize>, _: &dyn Abort| {
        let ahead = furthest.load(Ordering::SeqCst) - batch[0];
        assert!(ahead <= AHEAD + 2, "{ahead} frames ahead");
        Ok::<_, InferenceError>(())
    };
    let prepare = |frame| {
        furthest.store(frame, Ordering::SeqCst);
        Ok(Some(frame))
    };
    pass(50, 1).run(prepare, infer, |_| true).unwrap();
}

#[test]
fn an_abort_reaches_the_thread_at_work_and_ends_the_pass() {
    let at_work = AtomicBool::new(false);
    let infer = |_: Vec<usize>, abort: &dyn Abort| {
        at_work.store(true, Ordering::Relaxed);
        while !abort.aborted() {
            thread::yield_now();
        }
        Err(InferenceError::Aborted)
    };
    let abort = || at_work.load(Ordering::Relaxed);
    let result = Pass { total: 1000, batch: 1, abort: &abort }.run(|frame| Ok(Some(frame)), infer, |_| true);
    assert!(matches!(result, Err(InferenceError::Aborted)));
}

#[test]
fn cancelling_at_the_last_word_is_heard() {
    let progress = |progress: PassProgress| progress.done < progress.total;
    let result = pass(4, 2).run(|index| Ok(Some(index)), |_, _| Ok::<_, InferenceError>(()), progress);
    assert!(matches!(result, Err(InferenceError::Aborted)), "{result:?}");
}

#[test]
fn cancelling_in_the_progress_ends_the_pass() {
    let inferred = AtomicUsize::new(0);
    let infer = |batch: Vec<usize>, _: &dyn Abort| {
        inferred.fetch_add(batch.len(), Ordering::SeqCst);
        Ok::<_, InferenceError>(())
    };
    let result = pass(1000, 1).run(|frame| Ok(Some(frame)), infer, |_| false);
    assert!(matches!(result, Err(InferenceError::Aborted)));
    assert!(inferred.into_inner() < 1000);
}

#[test]
fn the_first_error_of_either_side_ends_the_pass_with_that_error() {
    let failure = || InferenceError::ModelMissing { file: "m".into() };
    let missing = |result| matches!(result, Err(InferenceError::ModelMissing { .. }));
    let infer = |batch: Vec<usize>, _: &dyn Abort| if batch[0] == 3 { Err(failure()) } else { Ok(()) };
    assert!(missing(pass(1000, 1).run(|frame| Ok(Some(frame)), infer, |_| true)));
    let prepare = |frame| if frame == 3 { Err(failure()) } else { Ok(Some(frame)) };
    assert!(missing(pass(1000, 1).run(prepare, |_, _| Ok(()), |_| true)));
}

#[test]
#[should_panic(expected = "a scoped thread panicked")]
fn a_panic_at_work_reaches_the_caller_instead_of_hanging_it() {
    let infer = |_: Vec<usize>, _: &dyn Abort| -> Result<(), InferenceError> { panic!("at work") };
    let _ = pass(5, 1).run(|frame| Ok(Some(frame)), infer, |_| true);
}

#[test]
fn a_pass_of_no_frames_ends_at_once_and_tells_so() {
    let mut told = Vec::new();
    let progress = |progress: PassProgress| {
        told.push(progress.fraction());
        true
    };
    pass(0, 4).run(|_| Ok(Some(0usize)), |_, _| Ok::<_, InferenceError>(()), progress).unwrap();
    assert_eq!(told, [1.0]);
}
