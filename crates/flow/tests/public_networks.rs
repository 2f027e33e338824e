//! Graphs of the public contracts, with other numbers inside: pictures go in as each wants them, motion comes out.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/networks.rs"]
mod networks;

use std::{fs, path::Path};

use flow::{FlowError, choose};
use inference::{InferenceError, NeverAbort};
use networks::{Gives, StandIn, both, chosen, dis, engine, library, ramp};

const RAFT: StandIn<'static> =
    StandIn { images: ["image1", "image2"], shape: [None; 3], outputs: &[("flow", Gives::Motion)] };
const RAFT_MANIFEST: &str = "family = \"raft\"\n[flow]\nnetwork = \"raft_small\"\nsmallest = 8\n";
const PINTO: StandIn<'static> = StandIn {
    images: ["0", "1"],
    shape: [Some(1), Some(48), Some(64)],
    outputs: &[("12006", Gives::Coarse), ("12007", Gives::Motion)],
};
const SEA_RAFT: StandIn<'static> = StandIn {
    images: ["image1", "image2"],
    shape: [Some(1), Some(40), Some(56)],
    outputs: &[("flow_final", Gives::Motion), ("info_final", Gives::Mixture)],
};
const NEUFLOW: StandIn<'static> = StandIn {
    images: ["input1", "input2"],
    shape: [Some(1), Some(32), Some(48)],
    outputs: &[("output", Gives::Motion)],
};

/// Difference of the first two channels of two ramps that begin 30 apart, in steps of 8 bits.
const STEPS: f32 = 30.0;

/// The motion that a stand-in finds between two ramps, at a size.
fn found(models: &Path, library: &Path, name: &str, width: usize, height: usize) -> flow::BothWays {
    let network = chosen(&engine(library, models.to_owned()), name).estimator;
    assert_eq!(network.name(), name);
    both(&*network, &[ramp(width, height, 0), ramp(width, height, STEPS as usize)])
}

fn assert_all(flow: &flow::Flow, expected: [f32; 2]) {
    let off = |vector: &[f32; 2]| (vector[0] - expected[0]).abs().max((vector[1] - expected[1]).abs());
    let worst = flow.vectors.iter().map(off).fold(0.0, f32::max);
    assert!(worst < 1e-3, "{worst} from {expected:?}: {:?}", flow.vectors.first());
}

#[test]
fn each_contract_gets_its_range_and_gives_its_motion() {
    let Some(library) = library() else { return };
    let models = tempfile::tempdir().unwrap();
    RAFT.install(models.path(), "ours", Some(RAFT_MANIFEST));
    PINTO.install(models.path(), "pinto", None);
    SEA_RAFT.install(models.path(), "sea", None);
    let short = StandIn { shape: [None; 3], outputs: &[("flow", Gives::Motion), ("info", Gives::Mixture)], ..SEA_RAFT };
    short.install(models.path(), "sea short", None);
    NEUFLOW.install(models.path(), "neuflow", None);
    for (name, size, white) in [
        ("ours", (50, 40), 2.0),
        ("pinto", (64, 48), 255.0),
        ("sea", (56, 40), 255.0),
        ("sea short", (150, 140), 255.0),
        ("neuflow", (48, 32), 1.0),
    ] {
        let motion = found(models.path(), &library, name, size.0, size.1);
        let expected = STEPS / 255.0 * white;
        assert_all(&motion.forward, [expected, 0.0]);
        assert_all(&motion.backward, [-expected, 0.0]);
        assert_eq!(motion.confidence.is_some(), name.starts_with("sea"), "{name}");
    }
}

#[test]
fn a_graph_of_a_fixed_size_wants_this_size_and_smaller_pictures_are_extended() {
    let Some(library) = library() else { return };
    let models = tempfile::tempdir().unwrap();
    PINTO.install(models.path(), "pinto", None);
    let network = chosen(&engine(&library, models.path().to_owned()), "auto").estimator;
    for size in [(1920, 1080), (10, 20), (64, 48)] {
        assert_eq!(network.working_size(size.0, size.1), (64, 48));
    }
    let small = both(&*network, &[ramp(33, 20, 0), ramp(33, 20, 30)]);
    assert_eq!((small.forward.width, small.forward.height), (33, 20));
    assert_all(&small.forward, [30.0, 0.0]);
    let large = network.both(&ramp(65, 48, 0), &ramp(65, 48, 1), &NeverAbort);
    assert!(matches!(large, Err(FlowError::Size { width: 64, height: 48, found_width: 65, .. })), "{large:?}");
}

#[test]
fn the_uncertainty_of_sea_raft_is_confidence() {
    let Some(library) = library() else { return };
    let models = tempfile::tempdir().unwrap();
    SEA_RAFT.install(models.path(), "sea", None);
    let network = chosen(&engine(&library, models.path().to_owned()), "raft").estimator;
    // Both weights are alike; the logarithm of the wide scale is red / 51.
    let picture = |red: u8| raster::Plane::new(56, 40, [red, 0, 0]);
    let of = |red| both(&*network, &[picture(red), picture(0)]).confidence.expect("it tells");
    let within = |scale: f32| 1.0 - (-1.0 / scale).exp();
    for red in [0, 51, 255] {
        let expected = 0.5 + 0.5 * within((f32::from(red) / 51.0).exp()) / within(1.0);
        let [there, back] = of(red);
        assert!(there.data().iter().all(|trust| (trust - expected).abs() < 1e-4), "{red}: {:?}", there.get(0, 0));
        assert!(back.data().iter().all(|trust| (trust - 1.0).abs() < 1e-6), "the first picture is black there");
    }
}

#[test]
fn a_manifest_turns_channels_and_direction() {
    let Some(library) = library() else { return };
    let models = tempfile::tempdir().unwrap();
    let turned = |name: &str, more: &str| {
        RAFT.install(models.path(), name, Some(&format!("{RAFT_MANIFEST}{more}\n")));
        found(models.path(), &library, name, 32, 24)
    };
    let steps = STEPS * 2.0 / 255.0;
    assert_all(&turned("plain", "").forward, [steps, 0.0]);
    assert_all(&turned("bgr", "channels = \"bgr\"").forward, [0.0, 0.0]);
    assert_all(&turned("range", "range = [0, 1]").forward, [steps / 2.0, 0.0]);
    let back = turned("back", "direction = \"second to first\"");
    assert_all(&back.forward, [-steps, 0.0]);
    assert_all(&back.backward, [steps, 0.0]);
}

#[test]
fn vectors_that_are_no_numbers_are_a_failed_run() {
    let Some(library) = library() else { return };
    let models = tempfile::tempdir().unwrap();
    let broken = StandIn { outputs: &[("flow", Gives::NoNumbers)], ..RAFT };
    broken.install(models.path(), "broken", Some(RAFT_MANIFEST));
    let network = chosen(&engine(&library, models.path().to_owned()), "auto").estimator;
    let result = network.both(&ramp(16, 16, 0), &ramp(16, 16, 1), &NeverAbort);
    let Err(FlowError::Inference(error @ InferenceError::Run { .. })) = result else { panic!("{result:?}") };
    assert!(error.to_string().contains("\"flow\"") && error.to_string().contains("number"), "{error}");
}

#[test]
fn a_wrong_graph_is_passed_over_with_the_tensor_named() {
    let Some(library) = library() else { return };
    for (wrong, manifest, named) in [
        (StandIn { outputs: &[("motion", Gives::Motion)], ..RAFT }, Some(RAFT_MANIFEST), "output \"flow\" f32"),
        (StandIn { outputs: &[("flow", Gives::Colours)], ..RAFT }, Some(RAFT_MANIFEST), "f32[?, 3, ?, ?]"),
        (StandIn { images: ["image1", "frame2"], ..RAFT }, Some(RAFT_MANIFEST), "input \"image2\" f32"),
        (
            StandIn { outputs: &[("1", Gives::Motion)], ..PINTO },
            None,
            "motion as output number 2, found \"1\" f32[1, 2, 48, 64]",
        ),
        (StandIn { outputs: &[("a", Gives::Motion), ("b", Gives::Colours)], ..PINTO }, None, "\"b\" f32[1, 3, 48, 64]"),
        (RAFT, Some("family = \"raft\"\n[flow]\nrange = [2, 2]\n"), "range is [2, 2]"),
        (StandIn { shape: [None, Some(64), None], ..RAFT }, Some(RAFT_MANIFEST), "fixes one side"),
        (RAFT, None, "model.toml is missing"),
    ] {
        let models = tempfile::tempdir().unwrap();
        wrong.install(models.path(), "wrong", manifest);
        let engine = engine(&library, models.path().to_owned());
        let choice = chosen(&engine, "auto");
        assert_eq!(choice.estimator.name(), "DIS fast", "{named}");
        let told = choice.passed_over.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        assert!(told.contains(named) && told.contains("wrong"), "{named} is not in: {told}");
        let refused = choose(&engine, "wrong", &dis(), &NeverAbort).err().expect("refused").to_string();
        assert!(refused.contains(named), "{named} is not in: {refused}");
    }
}

#[test]
fn a_file_that_is_cut_short_is_passed_over() {
    let Some(library) = library() else { return };
    let models = tempfile::tempdir().unwrap();
    let folder = models.path().join("raft");
    fs::create_dir(&folder).unwrap();
    let fixture = networks::fixtures().join("raft_small");
    fs::copy(fixture.join("model.toml"), folder.join("model.toml")).unwrap();
    let whole = fs::read(fixture.join("raft.onnx")).unwrap();
    fs::write(folder.join("raft.onnx"), &whole[..whole.len() / 2]).unwrap();
    let passed = |models: &Path| chosen(&engine(&library, models.to_owned()), "auto").passed_over;
    let told = passed(models.path());
    assert!(told.len() == 1 && told[0].problem.contains("cut short"), "{told:?}");
    // Of the right size and damaged: the checksum tells.
    let mut damaged = whole;
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    fs::write(folder.join("raft.onnx"), &damaged).unwrap();
    let told = passed(models.path());
    assert!(told.len() == 1 && told[0].problem.contains("SHA-256"), "{told:?}");
    // Without a manifest it cannot be made out what it was to be.
    fs::remove_file(folder.join("model.toml")).unwrap();
    fs::write(folder.join("raft.onnx"), &damaged[..100]).unwrap();
    assert_eq!(passed(models.path()).len(), 1);
}

#[test]
fn the_best_network_is_chosen_and_words_choose_among_them() {
    let Some(library) = library() else { return };
    let models = tempfile::tempdir().unwrap();
    NEUFLOW.install(models.path(), "a neuflow", None);
    let engine_now = || engine(&library, models.path().to_owned());
    let best = |asked: &str| chosen(&engine_now(), asked).estimator.name().to_owned();
    assert_eq!((best("auto").as_str(), best("neuflow").as_str()), ("a neuflow", "a neuflow"));
    SEA_RAFT.install(models.path(), "b sea", None);
    assert_eq!(best(""), "b sea");
    RAFT.install(models.path(), "c small", Some(RAFT_MANIFEST));
    assert_eq!(best("auto"), "c small");
    RAFT.install(models.path(), "d large", Some(&RAFT_MANIFEST.replace("raft_small", "raft_large")));
    assert_eq!((best(" AUTO "), best("raft")), ("d large".to_owned(), "d large".to_owned()));
    assert_eq!((best("sea-raft"), best("B Sea")), ("b sea".to_owned(), "b sea".to_owned()));
    assert_eq!(best("neuflow2"), "a neuflow");
    assert_eq!(best("dis"), "DIS fast");
}

#[test]
fn without_a_network_dis_is_used_and_a_network_that_is_asked_for_is_missed() {
    let Some(library) = library() else { return };
    let models = tempfile::tempdir().unwrap();
    let engine = engine(&library, models.path().to_owned());
    let choice = chosen(&engine, "auto");
    assert!(choice.estimator.name() == "DIS fast" && choice.passed_over.is_empty());
    let missed = choose(&engine, "raft", &dis(), &NeverAbort).err().expect("refused").to_string();
    assert!(missed.contains("\"raft\"") && missed.contains(&models.path().display().to_string()), "{missed}");
}
