//! The exported graphs of both families give what PyTorch gave, through the engine and as a segmenter of pictures.

#![allow(clippy::expect_used)]

#[path = "support/cases.rs"]
mod cases;
#[path = "support/fixtures.rs"]
mod fixtures;
mod support;

use std::{collections::BTreeSet, fs, path::Path, sync::Arc};

use cases::Difference;
use fixtures::{FAMILIES, difference};
use inference::{InferenceError, NeverAbort};
use raster::Plane;
use segment::{
    ImageSegmenter, Point, Prompt, SegmentError, open,
    tracker::{FramePrompt, Tracker, TrackerOptions},
};

#[test]
fn every_graph_gives_what_pytorch_gave() {
    let Some(library) = support::library() else { return };
    for family in FAMILIES {
        let model = fixtures::model(&fixtures::engine(library.clone()), family);
        let mut graphs = BTreeSet::new();
        for Difference { graph, case, largest } in cases::differences(&model, family) {
            println!("{family} {graph}/{case}: {largest:.1e}");
            assert!(largest <= cases::TOLERANCE, "{family} {graph}/{case}: {largest}");
            graphs.insert(graph);
        }
        assert_eq!(graphs.len(), if family == "sam3" { 8 } else { 5 }, "{graphs:?}");
    }
}

fn prompts(side: f32) -> [Prompt; 3] {
    let point = |x: f32, y: f32, include| Point { x: x * side, y: y * side, include };
    let click = Prompt { points: vec![point(0.2, 0.5, true)], ..Prompt::default() };
    let box_ = Some([0.9 * side, 0.32 * side, 0.6 * side, 0.08 * side]);
    let boxed = Prompt { box_, points: vec![point(0.8, 0.2, false)], ..Prompt::default() };
    let many = (0..24).map(|i| point(0.04 * i as f32, 0.5, i % 3 != 0)).collect();
    [click, boxed, Prompt { points: many, ..Prompt::default() }]
}

#[test]
fn a_picture_is_segmented_as_a_trackers_first_frame() {
    let Some(library) = support::library() else { return };
    for family in FAMILIES {
        let model = fixtures::model(&fixtures::engine(library.clone()), family);
        let side = model.facts().image_size;
        assert_eq!(model.input_size(1920, 1080), (side, side), "stretched");
        let picture = fixtures::frames(family).swap_remove(0);
        let embedding = model.embed(&picture, &NeverAbort).expect("encodes");
        let encoded = model.encoded(&embedding, &NeverAbort).expect("its own");
        for prompt in prompts(side as f32) {
            let mask = model.segment(&embedding, &prompt, &NeverAbort).expect("decodes");
            let mut tracker = Tracker::new(&model, 2, TrackerOptions::default(), &NeverAbort).expect("a tracker");
            let said = FramePrompt { points: prompt.points.clone(), box_: prompt.box_, ..FramePrompt::default() };
            let tracked = tracker.prompt(1, 0, &encoded, &said, &NeverAbort).expect("a prompt");
            assert!(mask.logits == *tracked.logits, "{family}: the same bits");
            assert_eq!((mask.iou, mask.ignored), (tracked.iou, prompt.points.len().saturating_sub(16)));
            assert_eq!(mask.extent, (mask.logits.width() as f32, mask.logits.height() as f32));
            let refined = Prompt { previous: Some(mask.previous()), ..prompt };
            let refined = model.segment(&embedding, &refined, &NeverAbort).expect("refines");
            // Nothing is left to refine of an object that the network does not see.
            assert!(refined.logits != mask.logits || tracked.score <= 0.0);
        }
        assert_eq!(model.engine().counters().encoder_runs, 1);
    }
}

#[test]
fn a_mask_is_a_prompt_of_its_own() {
    let Some(library) = support::library() else { return };
    for family in FAMILIES {
        let model = fixtures::model(&fixtures::engine(library.clone()), family);
        let side = model.facts().image_size;
        let embedding = model.embed(&fixtures::frames(family)[0], &NeverAbort).expect("encodes");
        let prompt = |plane: Plane<f32>| Prompt { mask: Some(Arc::new(plane)), ..Prompt::default() };
        let segment = |plane| model.segment(&embedding, &prompt(plane), &NeverAbort);
        let half = segment(
            Plane::from_vec(side, side, (0..side * side).map(|i| (i % side) as f32).collect()).expect("a mask"),
        );
        let empty = segment(Plane::new(side, side, 0.0)).expect("decodes").logits;
        assert!(half.expect("decodes").logits != empty);
        let error = segment(Plane::new(side, side - 1, 0.0)).expect_err("another size");
        assert!(matches!(error, SegmentError::PictureSize { .. }), "{error}");
    }
}

#[test]
fn batches_are_the_pictures_one_by_one_and_the_trunk_is_all_that_sam3_keeps() {
    let Some(library) = support::library() else { return };
    for (family, tensors) in [("sam2", 3), ("sam3", 1)] {
        let pictures = fixtures::frames(family)[..3].to_vec();
        let (one, many) = (fixtures::engine(library.clone()), fixtures::engine(library.clone()));
        let batch = fixtures::model(&many, family).embed_batch(&pictures, &NeverAbort).expect("encodes");
        let alone = fixtures::model(&one, family);
        for (picture, together) in pictures.iter().zip(&batch) {
            let alone = alone.embed(picture, &NeverAbort).expect("encodes");
            assert_eq!(alone.key(), together.key());
            assert_eq!(together.tensors().len(), tensors);
            for (a, b) in alone.tensors().iter().zip(&together.tensors()) {
                assert!(difference(a, b) <= cases::TOLERANCE, "{family}");
            }
        }
        assert_eq!((one.counters().encoder_runs, many.counters().encoder_runs), (3, 1));
        let keys: BTreeSet<_> = batch.iter().map(|embedding| embedding.key()).collect();
        assert_eq!(keys.len(), 3);
    }
}

/// A copy of a family's model in a folder of its own, changed.
fn changed(folder: &Path, family: &str, change: impl Fn(&Path)) {
    let copy = folder.join("m");
    let _ = fs::remove_dir_all(&copy);
    fs::create_dir_all(&copy).expect("a folder");
    for entry in fs::read_dir(fixtures::folder().join(family)).expect("fixtures").flatten() {
        let name = entry.file_name();
        if ["onnx", "toml"].iter().any(|end| Path::new(&name).extension().is_some_and(|found| found == *end)) {
            fs::copy(entry.path(), copy.join(name)).expect("a copy");
        }
    }
    change(&copy);
}

fn edited(folder: &Path, from: &str, to: &str) {
    let path = folder.join("model.toml");
    let text = fs::read_to_string(&path).expect("a manifest");
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replace(from, to)).expect("a manifest");
}

#[test]
fn damaged_models_are_refused_in_words_that_name_the_file_or_the_key() {
    let Some(library) = support::library() else { return };
    let place = tempfile::tempdir().expect("a folder");
    let refused = |change: &dyn Fn(&Path)| {
        changed(place.path(), "sam3", change);
        let engine = fixtures::engine_of(library.clone(), place.path().to_owned(), 1);
        let model = match open(&engine, "auto") {
            Ok(model) => model,
            Err(error) => return error.to_string(),
        };
        let picture = Plane::new(112, 112, [9u8; 3]);
        let embedding = match model.embed(&picture, &NeverAbort) {
            Ok(embedding) => embedding,
            Err(error) => return error.to_string(),
        };
        let prompt = Prompt { points: vec![Point { x: 5.0, y: 5.0, include: true }], ..Prompt::default() };
        model.segment(&embedding, &prompt, &NeverAbort).expect_err("refused").to_string()
    };
    let cut = |name: &'static str| {
        move |folder: &Path| {
            let bytes = fs::read(folder.join(name)).expect("a graph");
            fs::write(folder.join(name), &bytes[..bytes.len() / 2]).expect("written");
        }
    };
    let exchanged = |folder: &Path| {
        let path = folder.join("tracker_neck.onnx");
        let mut bytes = fs::read(&path).expect("a graph");
        if let Some(byte) = bytes.last_mut() {
            *byte ^= 1;
        }
        fs::write(path, bytes).expect("written");
    };
    for (change, words) in [
        (&cut("vision_encoder.onnx") as &dyn Fn(&Path), "vision_encoder.onnx"),
        (&exchanged, "tracker_neck.onnx"),
        (&|folder: &Path| edited(folder, "contract = 1", "contract = 9"), "contract is 9, expected 1"),
        (
            &|folder: &Path| edited(folder, "image_size = 112", "image_size = 1000000000"),
            "model.image_size is 1000000000",
        ),
        (&|folder: &Path| edited(folder, "grid = 8", "grid = 16"), "16"),
        (&|folder: &Path| edited(folder, "family = \"sam3\"", "family = \"sam2\""), "trunk"),
        (&|folder: &Path| edited(folder, "\nmemory_channels = 16", ""), "memory_channels"),
        (&|folder: &Path| fs::remove_file(folder.join("mask_prompt.onnx")).expect("removed"), "mask_prompt.onnx"),
    ] {
        let told = refused(change);
        println!("{told}\n");
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn the_ladder_goes_from_sam3_down_and_names_may_be_asked_for() {
    let Some(library) = support::library() else { return };
    let engine = fixtures::engine(library);
    assert_eq!(open(&engine, "auto").expect("installed").family(), "sam3");
    assert_eq!(open(&engine, "TINY sam2 fp32").expect("installed").family(), "sam2");
    let warm = open(&engine, "auto").expect("installed").files();
    assert_eq!(warm.len(), 4, "encoder, neck, decoder, mask prompt");
    let error = fixtures::model(&engine, "sam2").embed(&Plane::new(64, 128, [0; 3]), &NeverAbort).expect_err("size");
    assert!(matches!(&error, SegmentError::PictureSize { .. }) && error.to_string().contains("128x128"), "{error}");
    let aborted = fixtures::model(&engine, "sam2").embed(&Plane::new(128, 128, [0; 3]), &|| true).expect_err("aborted");
    assert!(matches!(aborted, SegmentError::Inference(InferenceError::Aborted)));
}
