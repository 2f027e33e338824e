//! Memory that runs out at every step of loading, running and remembering.

use std::sync::Arc;

use inference::{
    Device, DeviceOrder, Engine, EngineOptions, Feature, InferenceError, Input, KeyBuilder, Limits, ModelFile,
    NeverAbort, OwnerKind, Place,
};
use ndarray::ArrayD;

use crate::{hungry, support};

/// More than loading and running the model takes.
const ENOUGH: u64 = 80 << 20;

const STEPS: u64 = 100;

/// What an effect does for a frame.
fn load_run_and_remember(engine: &Engine, file: &ModelFile, x: &ArrayD<f32>) -> Result<Arc<Feature>, InferenceError> {
    let key = KeyBuilder::new("faults").finish();
    engine.features().get_or_compute(key, &NeverAbort, || {
        engine.run(file, &[("x", Input::F32(x.view()))], &["y"], &NeverAbort).map(Feature::new)
    })
}

/// How a try ended, by where memory ran out.
#[derive(Debug, Default)]
struct Outcomes {
    right: usize,
    refused_to_load: usize,
    refused_to_run: usize,
    failed_in_the_runtime: usize,
}

impl Outcomes {
    fn count(&mut self, budget: u64, result: Result<Arc<Feature>, InferenceError>, right: &Feature) {
        match result {
            Ok(feature) => {
                assert_eq!(*feature, *right, "a wrong result with {budget} bytes");
                self.right += 1;
            }
            Err(InferenceError::OutOfMemory { reason, device: Device::Cpu, .. }) => {
                let outcome = match reason.as_str() {
                    reason if reason.contains("bad_alloc") || reason.contains("bad allocation") => {
                        &mut self.failed_in_the_runtime
                    }
                    reason if reason.contains("for the model hungry") => &mut self.refused_to_load,
                    reason if reason.contains("for the run of hungry") => &mut self.refused_to_run,
                    other => panic!("with {budget} bytes: {other}"),
                };
                *outcome += 1;
            }
            Err(other) => panic!("with {budget} bytes: {other}"),
        }
    }
}

/// What ONNX Runtime holds for runs by the ledger: nothing, when none is under way.
fn left_by_runs(engine: &Engine) -> u64 {
    let rows = engine.guard().report().rows;
    rows.iter().filter(|row| row.owner.kind == OwnerKind::Run).map(|row| row.charged_bytes).sum()
}

#[test]
fn each_of_100_budgets_gives_the_right_result_or_an_honest_error_and_the_engine_lives_on() {
    let Some(library) = support::library() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = hungry::write(folder.path());
    let engine = Engine::new(EngineOptions {
        library,
        threads: 2,
        features: Limits::bytes(64 << 20),
        devices: DeviceOrder::cpu(),
        ..EngineOptions::default()
    });
    let x = hungry::column();
    let right = load_run_and_remember(&engine, &file, &x).expect("nothing is limited");
    assert!(right.tensors()[0].iter().any(|&value| value != 0.0));

    let mut outcomes = Outcomes::default();
    for step in 0..STEPS {
        engine.purge();
        let budget = ENOUGH * step / (STEPS - 1);
        engine.guard().set_hard_budget(Place::Host, Some(budget));
        outcomes.count(budget, load_run_and_remember(&engine, &file, &x), &right);
        assert_eq!(left_by_runs(&engine), 0, "after {budget} bytes");

        engine.guard().set_hard_budget(Place::Host, None);
        let after = load_run_and_remember(&engine, &file, &x).expect("the same engine, with memory");
        assert_eq!(*after, *right, "after {budget} bytes");
    }
    println!("{outcomes:?}");
    let Outcomes { right, refused_to_load, refused_to_run, failed_in_the_runtime } = outcomes;
    assert_eq!(right + refused_to_load + refused_to_run + failed_in_the_runtime, STEPS as usize);
    // The budgets were worth trying: memory ran out in each of the ways there are.
    assert!(right >= 5 && refused_to_load >= 3 && refused_to_run >= 3 && failed_in_the_runtime >= 20);

    engine.purge();
    let rows = engine.guard().report().rows;
    assert!(rows.iter().all(|row| row.charged_bytes == 0), "nothing is left behind: {rows:?}");
}
