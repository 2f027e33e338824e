//! The tiny RAFTs of the exporter, run as installed networks, give what torchvision gives.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/networks.rs"]
mod networks;

use std::{fs, sync::Arc};

use flow::{BothWays, Flow, FlowError};
use inference::{InferenceError, NeverAbort, Place};
use networks::{KINDS, both, chosen, engine, engine_with_threads, fixtures, frames, library};

/// Largest difference from torchvision, in pixels.
const TOLERANCE: f32 = 1e-3;
/// Of the rows of a flow, the fixtures keep every so many.
const ROWS: usize = 4;

fn name(kind: &str) -> String {
    format!("tiny {kind}")
}

fn largest(found: &Flow, expected: &Flow) -> f32 {
    assert_eq!((found.width, found.height), (expected.width, expected.height));
    let parts = |flow: &Flow| flow.vectors.as_flattened().to_vec();
    networks::safetensors::difference(&parts(found), &parts(expected))
}

#[test]
fn both_networks_give_what_torchvision_gives_at_three_sizes() {
    let Some(library) = library() else { return };
    let engine = engine(&library, fixtures());
    for kind in KINDS {
        let network = chosen(&engine, &name(kind)).estimator;
        let cases = networks::safetensors::tensors(&fixtures().join(kind).join("flow.safetensors"));
        assert_eq!(cases.len(), 3);
        for (size, expected) in cases {
            let (width, height) = size.split_once('x').expect("WIDTHxHEIGHT");
            let (width, height): (usize, usize) = (width.parse().unwrap(), height.parse().unwrap());
            assert_eq!(network.working_size(width, height), (width, height));
            let found = both(&*network, &frames(kind, width, height));
            let rows = (0..2).flat_map(|part| {
                let flow = &found.forward;
                (0..height).step_by(ROWS).flat_map(move |y| flow.row(y).iter().map(move |vector| vector[part]))
            });
            let off = networks::safetensors::difference(&rows.collect::<Vec<_>>(), expected.f32());
            println!("{kind} {size}: {off:.1e}");
            assert!(off <= TOLERANCE, "{kind} {size}: {off}");
            let spread = expected.f32().std(0.0);
            assert!(spread > 100.0 * TOLERANCE, "the fixture says something: {spread}");
            assert_eq!(found.confidence, None, "RAFT does not tell");
        }
    }
}

#[test]
fn sides_that_are_no_multiples_are_extended_by_their_border_and_cut_out_again() {
    let Some(library) = library() else { return };
    let engine = engine(&library, fixtures());
    let network = chosen(&engine, "tiny raft_small").estimator;
    let pictures = frames("raft_small", 131, 90);
    let found = both(&*network, &pictures);
    // The same by hand: 136 x 128, with 2 columns and 19 rows before the picture.
    let padded = pictures.each_ref().map(|picture| {
        let at = |to: usize, before: usize, side: usize| to.saturating_sub(before).min(side - 1);
        let pixels = (0..128).flat_map(|y| (0..136).map(move |x| (at(x, 2, 131), at(y, 19, 90))));
        raster::Plane::from_vec(136, 128, pixels.map(|(x, y)| *picture.get(x, y).unwrap()).collect()).unwrap()
    });
    let whole = both(&*network, &padded);
    let cut = |flow: &Flow| Flow::from_fn(131, 90, |x, y| flow.get(x + 2, y + 19).unwrap());
    assert_eq!(found.forward, cut(&whole.forward));
    assert_eq!(found.backward, cut(&whole.backward));
}

#[test]
fn both_ways_in_one_run_are_the_two_runs() {
    let Some(library) = library() else { return };
    for kind in KINDS {
        let engine = engine(&library, fixtures());
        let network = chosen(&engine, &name(kind)).estimator;
        let pictures = frames(kind, 144, 136);
        let runs = || engine.counters().stages["flow"].count;
        let together = both(&*network, &pictures);
        assert_eq!(runs(), 1);
        // A run may take half of it: two pairs of 144 x 136 are counted at 16 MB, one at 8.
        engine.guard().set_hard_budget(Place::Host, Some(30 << 20));
        let one_by_one = both(&*network, &pictures);
        assert_eq!(runs(), 3);
        assert_eq!(together, one_by_one, "{kind}: to the bit");
        let [a, b] = pictures;
        let swapped = both(&*network, &[b, a]);
        assert_eq!(swapped.forward, one_by_one.backward, "{kind}");
    }
}

#[test]
fn motion_does_not_depend_on_the_number_of_threads() {
    let Some(library) = library() else { return };
    let pictures = frames("raft_large", 160, 128);
    let of = |threads| -> BothWays {
        let engine = engine_with_threads(&library, fixtures(), threads);
        both(&*chosen(&engine, "tiny raft_large").estimator, &pictures)
    };
    assert_eq!(of(1), of(4));
}

#[test]
fn a_small_budget_makes_the_working_size_smaller_and_too_small_a_one_is_told() {
    let Some(library) = library() else { return };
    let engine = engine(&library, fixtures());
    let network = chosen(&engine, "tiny raft_small").estimator;
    engine.guard().set_hard_budget(Place::Host, Some(8 << 30));
    assert_eq!(network.working_size(960, 540), (960, 540));
    engine.guard().set_hard_budget(Place::Host, Some(600 << 20));
    let (width, height) = network.working_size(960, 540);
    assert!((300..900).contains(&width), "{width}x{height}");
    engine.guard().set_hard_budget(Place::Host, Some(1 << 20));
    assert!(network.working_size(1920, 1080).0 < 160);
    let [a, b] = frames("raft_small", 128, 128);
    let refused = network.both(&a, &b, &NeverAbort);
    assert!(matches!(refused, Err(FlowError::Inference(InferenceError::OutOfMemory { .. }))), "{refused:?}");
    engine.guard().set_hard_budget(Place::Host, None);
    assert!(network.both(&a, &b, &NeverAbort).is_ok(), "and works again");
}

#[test]
fn where_memory_runs_out_during_a_run_it_is_done_smaller_at_the_size_that_was_asked_for() {
    let Some(library) = library() else { return };
    let engine = engine(&library, fixtures());
    let network = chosen(&engine, "tiny raft_small").estimator;
    let pictures = [0, 3].map(|start| networks::ramp(640, 480, start));
    // Enough for what a run of such pictures is guessed to take, and too little for all correlations of 80 x 60 cells.
    engine.guard().set_hard_budget(Place::Host, Some(160 << 20));
    let found = both(&*network, &pictures);
    assert!(engine.counters().failed_runs > 0);
    assert_eq!((found.forward.width, found.backward.height), (640, 480));
    let parts = [&found.forward, &found.backward].map(|flow| flow.vectors.as_flattened());
    assert!(parts.iter().all(|parts| parts.iter().all(|part| part.is_finite())));
    // With all the memory it is another motion, for it is not searched in a smaller picture.
    engine.guard().set_hard_budget(Place::Host, None);
    assert!(largest(&found.forward, &both(&*network, &pictures).forward) > TOLERANCE);
}

#[test]
fn a_caller_that_gives_up_gets_nothing() {
    let Some(library) = library() else { return };
    let engine = engine(&library, fixtures());
    let network = chosen(&engine, "tiny raft_small").estimator;
    let [a, b] = frames("raft_small", 128, 128);
    let aborted = |result| matches!(result, Err(FlowError::Inference(InferenceError::Aborted)));
    assert!(aborted(network.both(&a, &b, &|| true).map(drop)));
    assert!(network.both(&a, &b, &NeverAbort).is_ok());
    let choice = flow::choose(&networks::engine(&library, fixtures()), "auto", &networks::dis(), &|| true);
    assert!(aborted(choice.map(drop)), "reading the file takes long on a network");
}

#[test]
fn pictures_that_do_not_go_together_are_refused() {
    let Some(library) = library() else { return };
    let network = chosen(&engine(&library, fixtures()), "tiny raft_small").estimator;
    let [a, _] = frames("raft_small", 128, 128);
    let [other, _] = frames("raft_small", 128, 120);
    assert!(matches!(network.both(&a, &other, &NeverAbort), Err(FlowError::Size { .. })));
    let none = raster::Plane::new(0, 0, [0; 3]);
    assert!(matches!(network.both(&none, &none, &NeverAbort), Err(FlowError::Empty)));
    assert_eq!(network.working_size(0, 0), (0, 0));
}

#[test]
fn results_are_named_by_the_content_of_the_file() {
    let Some(library) = library() else { return };
    let models = tempfile::tempdir().unwrap();
    let copy = models.path().join("copy");
    fs::create_dir(&copy).unwrap();
    for file in ["model.toml", "raft.onnx"] {
        fs::copy(fixtures().join("raft_small").join(file), copy.join(file)).unwrap();
    }
    let key = |engine: &Arc<inference::Engine>, name: &str| chosen(engine, name).estimator.fingerprint();
    let (here, there) = (engine(&library, fixtures()), engine(&library, models.path().to_owned()));
    assert_eq!(key(&here, "tiny raft_small"), key(&there, "tiny raft_small"));
    assert_ne!(key(&here, "tiny raft_small"), key(&here, "tiny raft_large"));
    // Other ranges, other motion.
    let manifest = fs::read_to_string(copy.join("model.toml")).unwrap();
    fs::write(copy.join("model.toml"), manifest.replace("[-1.0, 1.0]", "[0.0, 255.0]")).unwrap();
    let changed = engine(&library, models.path().to_owned());
    assert_ne!(key(&here, "tiny raft_small"), key(&changed, "tiny raft_small"));
}
