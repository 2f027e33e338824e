//! One run of a session.

use std::{borrow::Cow, time::Instant};

use ndarray::ArrayD;
use ort::{
    session::{RunOptions, Session as OrtSession, SessionInputValue},
    value::TensorRef,
};

use super::{
    Input, Session,
    interruptible::{Outcome, interruptible},
    out_of_memory,
    words::tidy,
};
use crate::{abort::Abort, error::InferenceError, memory::Reservation};

type Inputs<'a> = Vec<(Cow<'a, str>, SessionInputValue<'a>)>;

pub(super) fn run(
    session: &Session,
    inputs: &[(&str, Input<'_>)],
    outputs: &[&str],
    abort: &dyn Abort,
) -> Result<Vec<ArrayD<f32>>, InferenceError> {
    let turn = |inner: &mut OrtSession| in_turn(session, inner, inputs, outputs, abort);
    session.inner.with(abort, turn).unwrap_or(Err(InferenceError::Aborted))
}

/// The run itself, once the session is the caller's alone: memory is asked for when it will be used at once.
fn in_turn(
    session: &Session,
    inner: &mut OrtSession,
    inputs: &[(&str, Input<'_>)],
    outputs: &[&str],
    abort: &dyn Abort,
) -> Result<Vec<ArrayD<f32>>, InferenceError> {
    let asked = session.peaks.expected(inputs);
    let failed = |reason: String| {
        if out_of_memory::told(&reason) {
            return InferenceError::out_of_memory(&session.model, session.device, asked, &reason);
        }
        InferenceError::Run { file: session.model.path.clone(), model: session.model.contract.name, reason }
    };
    let ort_failed = |error: ort::Error| failed(tidy(error.message()));
    let reservation = session
        .guard
        .admit(session.run_owner(), session.device.place(), asked)
        .map_err(|refused| InferenceError::refused(&session.model, session.device, &refused))?;
    let fed =
        inputs.iter().map(|(name, input)| feed(name, input)).collect::<Result<Inputs, _>>().map_err(ort_failed)?;
    let options = RunOptions::new().map_err(ort_failed)?;
    let start = Instant::now();
    let interrupt = || {
        // Sets a flag that the run looks at between two nodes; it cannot fail on live options.
        let _ = options.terminate();
    };
    let outcome = interruptible(abort, interrupt, || infer(inner, fed, outputs, &options, &reservation));
    match outcome {
        Outcome::Done { value: Ok(arrays), .. } => {
            session.peaks.learn(inputs, reservation.peak());
            session.counters.add(session.model.contract.stage, start.elapsed());
            Ok(arrays)
        }
        Outcome::Done { interrupted: true, .. } => Err(InferenceError::Aborted),
        Outcome::Done { value: Err(error), .. } => Err(ort_failed(error)),
        Outcome::Panicked(words) => Err(failed(words)),
        Outcome::NoThread(reason) => Err(InferenceError::NoThread { reason }),
    }
}

fn feed<'a>(name: &'a str, input: &'a Input<'_>) -> ort::Result<(Cow<'a, str>, SessionInputValue<'a>)> {
    let value = match input {
        Input::F32(array) => SessionInputValue::from(TensorRef::from_array_view(array.view())?),
        Input::I32(array) => SessionInputValue::from(TensorRef::from_array_view(array.view())?),
        Input::I64(array) => SessionInputValue::from(TensorRef::from_array_view(array.view())?),
        Input::Bool(array) => SessionInputValue::from(TensorRef::from_array_view(array.view())?),
    };
    Ok((Cow::Borrowed(name), value))
}

fn infer(
    inner: &mut OrtSession,
    inputs: Inputs<'_>,
    outputs: &[&str],
    options: &RunOptions,
    reservation: &Reservation,
) -> ort::Result<Vec<ArrayD<f32>>> {
    let _counted = reservation.scope();
    // All outputs are computed in any case: ONNX Runtime runs the whole graph whatever is fetched.
    let found = inner.run_with_options(inputs, options)?;
    let array = |name: &&str| {
        let value = found.get(name).ok_or_else(|| ort::Error::new(format!("the model gave no output \"{name}\"")))?;
        Ok(value.try_extract_array::<f32>()?.to_owned())
    };
    outputs.iter().map(array).collect()
}
