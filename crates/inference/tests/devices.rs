//! Devices: the order, the proof, and what is told when another device runs the model.

mod support;

use std::{
    io::{self, Write},
    sync::Arc,
};

use inference::{Device, DeviceOrder, Engine, EngineOptions, InferenceError, Input, ModelFile, NeverAbort};
use ndarray::{Array1, ArrayD};

fn engine(order: &[Device]) -> Option<Arc<Engine>> {
    let options = EngineOptions {
        library: support::library()?,
        threads: 2,
        devices: DeviceOrder::of(order),
        ..EngineOptions::default()
    };
    Some(Engine::new(options))
}

fn run(engine: &Engine, model: &ModelFile) -> Result<Vec<ArrayD<f32>>, InferenceError> {
    let x = Array1::from(vec![0.5f32, -1.0]).into_dyn();
    engine.run(model, &[("x", Input::F32(x.view()))], &["y"], &NeverAbort)
}

#[test]
fn the_cpu_alone_is_a_placement_that_costs_and_loads_nothing() {
    let Some(engine) = engine(&[]) else { return };
    let missing = support::model("/nowhere/m.onnx".into());
    let placement = engine.placement(&missing, &NeverAbort).expect("nothing is looked at");
    assert_eq!((placement.device, placement.fallbacks.len()), (Device::Cpu, 0));
    assert_eq!(engine.counters().session_loads, 0);
}

#[test]
fn a_device_that_this_library_does_not_know_falls_back_to_the_cpu_and_says_why() {
    let Some(engine) = engine(&[Device::Cuda(99), Device::DirectMl(0)]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let model = support::write_sines(folder.path(), "m.onnx", 1);
    let y = run(&engine, &model).expect("the CPU runs it");
    assert!((y[0][[0]] - 0.5f32.sin()).abs() < 1e-6);

    let placement = engine.placement(&model, &NeverAbort).expect("known by now");
    assert_eq!(placement.device, Device::Cpu);
    let [cuda, direct_ml] = &placement.fallbacks[..] else { panic!("two devices before the CPU: {placement:?}") };
    // On a machine with cards, and a library for them, in CUDA's words.
    assert!(cuda.starts_with("CUDA 99: ") && cuda.len() > "CUDA 99: ".len(), "{cuda}");
    assert_eq!(direct_ml, "DirectML 0: this ONNX Runtime has no DirectML provider");
    assert_eq!(engine.counters().session_loads, 1, "only the CPU's session was loaded");

    let error = engine.session(&model, Device::Cuda(99), &NeverAbort).expect_err("asked for by name");
    let message = error.to_string();
    assert!(message.contains("m.onnx") && message.contains("cannot run on CUDA 99"), "{message}");
}

#[test]
fn a_provider_that_accepts_a_model_and_runs_nothing_of_it_is_seen_through() {
    let Some(engine) = engine(&[Device::Azure]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let model = support::write_sines(folder.path(), "m.onnx", 3);
    let placement = engine.placement(&model, &NeverAbort).expect("the CPU is left");
    assert_eq!(placement.device, Device::Cpu);
    let [fallback] = &placement.fallbacks[..] else { panic!("one device before the CPU: {placement:?}") };
    if fallback.ends_with("no Azure provider") {
        // Not `eprintln!`: the test harness would swallow it.
        let _ = writeln!(io::stderr(), "SKIPPED: this ONNX Runtime has no provider that runs nothing");
        return;
    }
    assert!(fallback.starts_with("Azure: it was accepted but runs only 0 of 3 nodes"), "{fallback}");
    run(&engine, &model).expect("the CPU runs it");

    let report = engine.report();
    let [azure, cpu] = &report.devices[..] else { panic!("two devices: {:?}", report.devices) };
    assert!(azure.problem.as_deref().is_some_and(|problem| problem.contains("0 of 1 convolutions")), "{azure:?}");
    assert_eq!((cpu.name.as_str(), &cpu.problem), ("CPU", &None));

    let before = engine.counters().session_loads;
    engine.placement(&model, &NeverAbort).expect("remembered");
    run(&engine, &model).expect("runs");
    assert_eq!(engine.counters().session_loads, before, "what was learned is not learned again");
    engine.purge();
    assert_eq!(engine.report().sessions.len(), 0);
    assert_eq!(engine.placement(&model, &NeverAbort).expect("tried again").fallbacks.len(), 1);
}

#[test]
fn what_the_system_chooses_always_runs_and_tells_only_news() {
    let Some(library) = support::library() else { return };
    let engine = Engine::new(EngineOptions { library, ..EngineOptions::default() });
    let folder = tempfile::tempdir().unwrap();
    let model = support::write_sines(folder.path(), "m.onnx", 1);
    run(&engine, &model).expect("something runs it");
    let placement = engine.placement(&model, &NeverAbort).expect("known by now");
    assert!(!placement.fallbacks.iter().any(|fallback| fallback.contains("has no")), "{placement:?}");
    let usable = engine.report().devices.iter().filter(|device| device.problem.is_none()).count();
    assert!(usable >= 1);
}
