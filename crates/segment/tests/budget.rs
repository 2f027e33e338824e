//! A hard budget of memory is kept to while a shot is tracked: shown by the most that ever stood in the ledger.

#![allow(clippy::expect_used)] // A step that fails ends the test.

#[path = "support/fixtures.rs"]
mod fixtures;
mod support;

use std::{path::Path, sync::Arc};

use fixtures::FAMILIES;
use inference::{Engine, EngineOptions, InferenceError, Limits, MemoryOptions, NeverAbort, Place};
use raster::Plane;
use segment::{
    LAYOUTS, Point, SegmentError, open,
    tracker::{FramePrompt, TrackerOptions},
};

/// Frames that are tracked: enough that memories and pointers pile up.
const FRAMES: usize = 6;

/// Budgets that are tried, from half to all of what it took without one.
const BUDGETS: u64 = 8;

fn engine(library: &Path, hard: Option<u64>) -> Arc<Engine> {
    Engine::new(EngineOptions {
        library: library.to_owned(),
        model_dirs: vec![fixtures::folder()],
        layouts: LAYOUTS,
        memory: MemoryOptions { host_hard_bytes: hard, ..MemoryOptions::default() },
        features: Limits::bytes(4 << 20),
        ..EngineOptions::default()
    })
}

/// The masks of a clicked frame and of those after it.
fn track(engine: &Arc<Engine>, family: &str) -> Result<Vec<Plane<f32>>, SegmentError> {
    let model = open(engine, &format!("tiny {family} fp32"))?;
    let trackers = model.trackers().expect("a model with memory");
    let mut tracker = trackers.start(TrackerOptions::default(), &NeverAbort)?;
    let mut masks = Vec::new();
    for (index, picture) in fixtures::frames(family).iter().take(FRAMES).enumerate() {
        let embedding = model.embed(picture, &NeverAbort)?;
        let side = picture.width() as f32;
        let click = || vec![Point { x: side / 2.0, y: side / 2.0, include: true }];
        let found = match index {
            0 => tracker.prompt(0, &embedding, &FramePrompt { points: click(), ..FramePrompt::default() }, &NeverAbort),
            _ => tracker.step(index, &embedding, &NeverAbort),
        };
        masks.push(found?.logits);
        engine.guard().after_frame();
    }
    Ok(masks)
}

fn peak(engine: &Engine) -> u64 {
    let report = engine.guard().report();
    report.places.iter().find(|told| told.place == Place::Host).map_or(0, |told| told.peak_bytes)
}

#[test]
fn a_hard_budget_is_never_exceeded_while_a_shot_is_tracked() {
    for family in FAMILIES {
        let Some(library) = support::library() else { return };
        let free = engine(&library, None);
        let right = track(&free, family).expect("nothing is limited");
        let enough = peak(&free);
        assert!(enough > 0);
        let (mut whole, mut refused) = (0, 0);
        for step in 1..=BUDGETS {
            let budget = enough / 2 + enough * step / (2 * BUDGETS);
            let engine = engine(&library, Some(budget));
            match track(&engine, family) {
                Ok(masks) => {
                    assert_eq!(masks, right, "{family} within {budget} bytes");
                    whole += 1;
                }
                Err(SegmentError::Inference(InferenceError::OutOfMemory { .. })) => refused += 1,
                Err(other) => panic!("{family} within {budget} bytes: {other}"),
            }
            let most = peak(&engine);
            assert!(most <= budget, "{family}: {most} bytes of {budget}");
        }
        println!("{family}: {enough} bytes without a budget; of {BUDGETS} budgets {whole} were enough, {refused} not");
        assert!(whole > 0 && refused > 0, "{family}: {whole} whole, {refused} refused");
    }
}
