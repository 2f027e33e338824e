//! Text prompts on the tiny SAM3: the same instances as PyTorch's, what is run when, what is refused.
#![allow(clippy::expect_used)] // A test that cannot read its fixtures has failed.

#[path = "support/fixtures.rs"]
mod fixtures;
mod support;

use std::{path::PathBuf, sync::Arc};

use fixtures::{difference, model};
use inference::{DiskOptions, Engine, EngineOptions, InferenceError, NeverAbort, Stage};
use ndarray::{ArrayD, Axis};
use segment::{
    Embedding, ImageSegmenter, Point, Prompt, SegmentError,
    exported::Exported,
    text::{Choose, Detection, Exemplar, TextPrompt, TextSegmenter},
};

/// Of scores, boxes and logits.
const TOLERANCE: f32 = 1e-4;

fn engine() -> Option<Arc<Engine>> {
    support::library().map(fixtures::engine)
}

fn engine_with_disk(folder: PathBuf) -> Option<Arc<Engine>> {
    let disk = Some(DiskOptions { folder, max_bytes: 64 << 20 });
    Some(Engine::new(EngineOptions { disk, ..engine()?.options().clone() }))
}

/// SAM3 and its encoding of the first frame.
fn on_first_frame(engine: &Arc<Engine>) -> (Arc<Exported>, Embedding) {
    let model = model(engine, "sam3");
    let embedding = model.embed(&fixtures::frames("sam3")[0], &NeverAbort).expect("encodes");
    (model, embedding)
}

fn text(text: &str) -> TextPrompt {
    TextPrompt { text: text.to_owned(), ..TextPrompt::default() }
}

fn runs(engine: &Engine, stage: Stage) -> u64 {
    engine.counters().stages[stage.name()].count
}

/// A box of the fixtures (centre, width, height as shares) in pixels.
fn exemplar([x, y, width, height]: [f32; 4], positive: bool) -> Exemplar {
    let box_ = [x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0].map(|share| share * 112.0);
    Exemplar { box_, positive }
}

fn assert_equal(case: &str, found: &Detection, expected: &fixtures::Tensors) {
    let output = |name: &str| expected[&format!("{case}/out/{name}")].f32();
    let scores: Vec<f32> = output("scores").iter().copied().collect();
    let (masks, boxes) = (output("pred_masks"), output("pred_boxes"));
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    assert_eq!(found.instances.len(), order.len(), "{case}");
    let (mut score, mut edge, mut logit) = (0f32, 0f32, 0f32);
    for (instance, &candidate) in found.instances.iter().zip(&order) {
        let of_candidate = |array: &ArrayD<f32>| -> Vec<f32> {
            array.index_axis(Axis(0), 0).index_axis(Axis(0), candidate).iter().copied().collect()
        };
        let (mask, corners) = (of_candidate(masks), of_candidate(boxes));
        score = score.max((instance.score - scores[candidate]).abs());
        edge = edge.max(difference(&instance.box_, &corners));
        logit = logit.max(difference(instance.logits.data(), &mask));
        let inside = |logits: &[f32]| logits.iter().map(|&logit| logit > 0.0).collect::<Vec<_>>();
        assert_eq!(inside(instance.logits.data()), inside(&mask), "{case}");
    }
    println!("{case}: scores differ by at most {score:.1e}, boxes by {edge:.1e}, logits by {logit:.1e}");
    assert!(score.max(edge).max(logit) <= TOLERANCE, "{case}");
    let logit = output("presence_logits")[[0, 0]];
    assert!((found.presence - 1.0 / (1.0 + (-logit).exp())).abs() <= TOLERANCE, "{case}");
}

#[test]
fn the_instances_are_those_that_pytorch_finds() {
    let Some(engine) = engine() else { return };
    let (model, embedding) = on_first_frame(&engine);
    let boxes = vec![exemplar([0.2, 0.5, 0.3, 0.3], true), exemplar([0.75, 0.2, 0.2, 0.25], false)];
    let cases = [
        ("text", text("cat")),
        ("longer text", text("A photo of a\tCAT ")),
        ("text and boxes", TextPrompt { exemplars: boxes, ..text("cat") }),
    ];
    let expected = fixtures::tensors(&fixtures::folder().join("sam3/concepts.safetensors"));
    for (case, prompt) in cases {
        let prompt = TextPrompt { threshold: Some(0.0), ..prompt };
        let found = model.detect(&embedding, &prompt, &NeverAbort).unwrap_or_else(|error| panic!("{case}: {error}"));
        assert_equal(case, &found, &expected);
        assert!(!found.cut);
    }
}

#[test]
fn the_threshold_and_the_choice_decide_what_makes_the_mask() {
    let Some(engine) = engine() else { return };
    let (model, embedding) = on_first_frame(&engine);
    let find = |threshold, choose| {
        let prompt = TextPrompt { threshold, choose, ..text("cat") };
        model.detect(&embedding, &prompt, &NeverAbort).expect("detects")
    };
    // The model's own threshold is 0.3: four of eight candidates.
    let all = find(None, Choose::All);
    assert_eq!((all.instances.len(), all.chosen.as_slice()), (4, [0, 1, 2, 3].as_slice()));
    assert!((all.mask.iou - 0.41463).abs() < TOLERANCE, "{}", all.mask.iou);
    for (at, logit) in all.mask.logits.data().iter().enumerate() {
        let inside = all.instances.iter().any(|instance| instance.logits.data()[at] > 0.0);
        assert_eq!(*logit > 0.0, inside);
    }
    assert_eq!(find(Some(0.41), Choose::All).instances, all.instances[..1]);
    assert_eq!(find(None, Choose::Best).mask.logits, all.instances[0].logits);
    assert_eq!(find(None, Choose::Index(2)).mask.logits, all.instances[2].logits);
    let nothing = find(None, Choose::Index(4));
    assert!(nothing.chosen.is_empty() && nothing.mask.logits.data().iter().all(|&logit| logit == -1024.0));
    assert_eq!((nothing.mask.iou, nothing.mask.extent), (0.0, (32.0, 32.0)));
    assert!(find(Some(0.99), Choose::All).instances.is_empty());
    // 3.5 pixels a sample.
    let inside = all.instances[0].logits.data().iter().position(|&logit| logit > 0.0).expect("a sample inside");
    let (x, y) = ((inside % 32) as f32 * 3.5 + 1.0, (inside / 32) as f32 * 3.5 + 1.0);
    assert_eq!(find(None, Choose::Under { x, y }).chosen, [0]);
    assert!(find(None, Choose::Under { x: -1.0, y }).chosen.is_empty());
}

#[test]
fn a_text_is_encoded_once_and_a_choice_runs_nothing() {
    let Some(engine) = engine() else { return };
    let (model, first) = on_first_frame(&engine);
    let second = model.embed(&fixtures::frames("sam3")[1], &NeverAbort).expect("encodes");
    let detect = |embedding, prompt: &TextPrompt| model.detect(embedding, prompt, &NeverAbort).expect("detects");
    let cat = detect(&first, &text("cat"));
    assert_eq!((runs(&engine, Stage::Text), runs(&engine, Stage::Decode)), (1, 1));
    assert_eq!(detect(&first, &text(" CAT\n")), cat);
    detect(&first, &TextPrompt { threshold: Some(0.5), choose: Choose::Best, ..text("cat") });
    assert_eq!((runs(&engine, Stage::Text), runs(&engine, Stage::Decode)), (1, 1));
    assert_ne!(detect(&second, &text("cat")).instances, cat.instances);
    assert_eq!((runs(&engine, Stage::Text), runs(&engine, Stage::Decode)), (1, 2));
    assert_ne!(detect(&first, &text("dog")).instances, cat.instances);
    let boxed = TextPrompt { exemplars: vec![exemplar([0.2, 0.5, 0.3, 0.3], true)], ..text("cat") };
    let unlike = TextPrompt { exemplars: vec![exemplar([0.2, 0.5, 0.3, 0.3], false)], ..text("cat") };
    assert_ne!(detect(&first, &boxed), detect(&first, &unlike));
    assert_eq!((runs(&engine, Stage::Text), runs(&engine, Stage::Decode)), (2, 5));
}

#[test]
fn features_on_disk_make_the_text_encoder_needless() {
    let folder = tempfile::tempdir().expect("a folder");
    let long = text(&"a red ball and ".repeat(600));
    let detect = || {
        let engine = engine_with_disk(folder.path().to_owned())?;
        let (model, embedding) = on_first_frame(&engine);
        let found = model.detect(&embedding, &long, &NeverAbort).expect("detects");
        let loaded = engine.report().sessions.iter().any(|session| session.model == "SAM3 text encoder");
        Some((found, runs(&engine, Stage::Text), loaded))
    };
    let Some((fresh, 1, true)) = detect() else { return assert!(support::library().is_none()) };
    assert!(fresh.cut, "what was cut is told");
    assert_eq!(detect(), Some((fresh, 0, false)), "and it still is where the features are remembered");
}

#[test]
fn odd_texts_are_used_cut_or_refused_in_words() {
    let Some(engine) = engine() else { return };
    let (model, embedding) = on_first_frame(&engine);
    let detect = |words: &str| {
        let prompt = TextPrompt { threshold: Some(0.0), ..text(words) };
        model.detect(&embedding, &prompt, &NeverAbort)
    };
    let longs = ["cat ".repeat(2500), "x".repeat(10_000), "猫".repeat(10_000), "\u{1f431}".repeat(10_000)];
    let longs = longs.iter().map(|long| (long.as_str(), true));
    let shorts = [
        "\u{1f431}",
        "собака",
        "कुत्ता",
        "\u{202e}tac",
        "c\0at\u{7f}",
        "<start_of_text>",
        "<|endoftext|>",
        "!",
        "\u{301}",
    ];
    for (words, cut) in longs.chain(shorts.map(|short| (short, false))) {
        let found = detect(words).unwrap_or_else(|error| panic!("{words:.20}: {error}"));
        assert_eq!(found.cut, cut, "{words:.20}");
        let sane = |instance: &segment::text::Instance| {
            (0.0..=1.0).contains(&instance.score) && instance.logits.data().iter().all(|logit| logit.is_finite())
        };
        assert!(found.instances.iter().all(sane), "{words:.20}");
    }
    assert_eq!(detect("c\0at\u{7f}").expect("a cat"), detect("cat").expect("a cat"));
    for nothing in ["", " \t\r\n", "\0\u{1}\u{1b}"] {
        let error = detect(nothing).expect_err("nothing is said");
        assert!(matches!(error, SegmentError::NoText), "{error}");
        assert!(error.to_string().starts_with("no text: write what to look for"), "{error}");
    }
}

#[test]
fn a_found_mask_is_refined_by_clicks() {
    let Some(engine) = engine() else { return };
    let (model, embedding) = on_first_frame(&engine);
    let found = model.detect(&embedding, &text("cat"), &NeverAbort).expect("detects");
    let click = Prompt { points: vec![Point { x: 20.0, y: 60.0, include: true }], ..Prompt::default() };
    let refined = Prompt { previous: Some(found.mask.previous()), ..click.clone() };
    let clicked = model.segment(&embedding, &click, &NeverAbort).expect("a mask");
    let refined = model.segment(&embedding, &refined, &NeverAbort).expect("a mask");
    assert_ne!(clicked.logits, refined.logits);
}

#[test]
fn other_models_and_their_encodings_are_refused() {
    let Some(engine) = engine() else { return };
    let (sam3, _) = on_first_frame(&engine);
    let sam2 = model(&engine, "sam2");
    let side = sam2.facts().image_size;
    let other = sam2.embed(&raster::Plane::new(side, side, [9, 9, 9]), &NeverAbort).expect("encodes");
    assert!(sam3.takes_texts() && !sam2.takes_texts());
    let error = sam2.detect(&other, &text("cat"), &NeverAbort).expect_err("no text graphs");
    let words = "tiny sam2 fp32 cannot use a text as the prompt; use points or a box, or install SAM3";
    assert!(matches!(error, SegmentError::PromptKind { .. }) && error.to_string().starts_with(words), "{error}");
    let error = sam3.detect(&other, &text("cat"), &NeverAbort).expect_err("another model");
    assert!(matches!(error, SegmentError::OtherModel { .. }), "{error}");
    assert!(sam3.text_fingerprint(&NeverAbort).is_ok() && sam2.text_fingerprint(&NeverAbort).is_err());
}

#[test]
fn an_abort_is_no_answer_and_leaves_none_behind() {
    let Some(engine) = engine() else { return };
    let (model, embedding) = on_first_frame(&engine);
    let error = model.detect(&embedding, &text("cat"), &|| true).expect_err("aborted");
    assert!(matches!(error, SegmentError::Inference(InferenceError::Aborted)), "{error}");
    assert_eq!(model.detect(&embedding, &text("cat"), &NeverAbort).expect("detects").instances.len(), 4);
}
