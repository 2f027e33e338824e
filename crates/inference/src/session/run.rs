//! One run of a session.

use std::{borrow::Cow, time::Instant};

use ndarray::ArrayD;
use ort::{
    session::{RunOptions, Session as OrtSession, SessionInputValue},
    value::TensorRef,
};
use parking_lot::MutexGuard;

use super::{
    Input, Session,
    interruptible::{Outcome, interruptible},
};
use crate::{
    abort::{Abort, POLL},
    error::InferenceError,
    runtime::RUN_SHRINKS_ARENA,
};

type Inputs<'a> = Vec<(Cow<'a, str>, SessionInputValue<'a>)>;

pub(super) fn run(
    session: &Session,
    inputs: &[(&str, Input<'_>)],
    outputs: &[&str],
    abort: &dyn Abort,
) -> Result<Vec<ArrayD<f32>>, InferenceError> {
    let failed =
        |reason: String| InferenceError::Run { file: session.file.clone(), model: session.contract.name, reason };
    let ort_failed = |error: ort::Error| failed(error.message().to_owned());
    let inputs =
        inputs.iter().map(|(name, input)| feed(name, input)).collect::<Result<Inputs, _>>().map_err(ort_failed)?;
    let options = run_options().map_err(ort_failed)?;
    let mut guard = wait_for(session, abort)?;
    let inner = &mut *guard;
    let start = Instant::now();
    let interrupt = || {
        // Sets a flag that the run looks at between two nodes; it cannot fail on live options.
        let _ = options.terminate();
    };
    let outcome = interruptible(abort, interrupt, || infer(inner, inputs, outputs, &options));
    drop(guard);
    match outcome {
        Outcome::Done { value: Ok(arrays), .. } => {
            session.counters.add(session.contract.stage, start.elapsed());
            Ok(arrays)
        }
        Outcome::Done { interrupted: true, .. } => Err(InferenceError::Aborted),
        Outcome::Done { value: Err(error), .. } => Err(ort_failed(error)),
        Outcome::Panicked(words) => Err(failed(words)),
    }
}

fn run_options() -> ort::Result<RunOptions> {
    let mut options = RunOptions::new()?;
    options.set(RUN_SHRINKS_ARENA.0, RUN_SHRINKS_ARENA.1)?;
    Ok(options)
}

fn feed<'a>(name: &'a str, input: &'a Input<'_>) -> ort::Result<(Cow<'a, str>, SessionInputValue<'a>)> {
    let value = match input {
        Input::F32(array) => SessionInputValue::from(TensorRef::from_array_view(array.view())?),
        Input::I64(array) => SessionInputValue::from(TensorRef::from_array_view(array.view())?),
    };
    Ok((Cow::Borrowed(name), value))
}

/// The session for this caller alone, after those that came before.
fn wait_for<'a>(session: &'a Session, abort: &dyn Abort) -> Result<MutexGuard<'a, OrtSession>, InferenceError> {
    loop {
        if abort.aborted() {
            return Err(InferenceError::Aborted);
        }
        if let Some(inner) = session.inner.try_lock_for(POLL) {
            return Ok(inner);
        }
    }
}

fn infer(
    inner: &mut OrtSession,
    inputs: Inputs<'_>,
    outputs: &[&str],
    options: &RunOptions,
) -> ort::Result<Vec<ArrayD<f32>>> {
    // All outputs are computed in any case: ONNX Runtime runs the whole graph whatever is fetched.
    let found = inner.run_with_options(inputs, options)?;
    let array = |name: &&str| {
        let value = found.get(name).ok_or_else(|| ort::Error::new(format!("the model gave no output \"{name}\"")))?;
        Ok(value.try_extract_array::<f32>()?.to_owned())
    };
    outputs.iter().map(array).collect()
}
