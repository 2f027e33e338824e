//! MobileSAM through the trait, with the real weights: what is encoded when, what prompts mean, what is refused.

mod support;

use std::{fs, sync::Arc};

use inference::{Engine, NeverAbort};
use raster::Plane;
use segment::{ImageSegmenter, Point, Prompt, SegmentError, open};

/// A disc of one colour before a slope of another, and where the disc is: centre x, y and radius.
const DISC: (f32, f32, f32) = (400.0, 260.0, 120.0);

fn disc_picture(width: usize, height: usize) -> Plane<[u8; 3]> {
    let pixel = |i: usize| {
        let (x, y) = ((i % width) as f32 + 0.5, (i / width) as f32 + 0.5);
        let grain = ((i * 7919) % 13) as u8;
        if (x - DISC.0).hypot(y - DISC.1) < DISC.2 {
            [210, 60 + grain, 40]
        } else {
            [40, 90 + (y / 8.0) as u8, 70 + grain]
        }
    };
    Plane::from_vec(width, height, (0..width * height).map(pixel).collect()).unwrap_or_else(|_| unreachable!())
}

fn include(x: f32, y: f32) -> Point {
    Point { x, y, include: true }
}

fn on_the_disc() -> Prompt {
    Prompt { points: vec![include(DISC.0, DISC.1)], ..Prompt::default() }
}

/// Intersection over union of a mask at picture size with the disc.
fn overlap(mask: &Plane<f32>) -> f64 {
    let (mut both, mut either) = (0, 0);
    for (y, row) in mask.rows().enumerate() {
        for (x, &logit) in row.iter().enumerate() {
            let inside = (x as f32 + 0.5 - DISC.0).hypot(y as f32 + 0.5 - DISC.1) < DISC.2;
            both += usize::from(inside && logit > 0.0);
            either += usize::from(inside || logit > 0.0);
        }
    }
    both as f64 / f64::from(either.max(1) as u32)
}

fn opened() -> Option<(Arc<Engine>, Box<dyn ImageSegmenter>)> {
    let engine = support::engine()?;
    let model = open(&engine, "auto").unwrap_or_else(|error| panic!("{error}"));
    Some((engine, model))
}

#[test]
fn a_click_and_a_box_find_the_object_where_it_is() {
    let Some((_, model)) = opened() else { return };
    assert_eq!(model.family(), "sam1");
    let picture = disc_picture(1024, 575);
    let embedding = model.embed(&picture, &NeverAbort).expect("encodes");
    let boxed = Prompt { box_: Some([525.0, 385.0, 275.0, 135.0]), ..Prompt::default() };
    for prompt in [on_the_disc(), boxed] {
        let mask = model.segment(&embedding, &prompt, &NeverAbort).expect("decodes");
        let overlap = overlap(&mask.resampled(1024, 575));
        assert!(overlap > 0.96 && mask.iou > 0.8, "IoU {overlap}, predicted {}", mask.iou);
        assert_eq!((mask.extent, mask.logits.height()), ((256.0, 143.75), 144));
    }
}

#[test]
fn a_second_prompt_on_a_frame_never_encodes_again() {
    let Some((engine, model)) = opened() else { return };
    let picture = disc_picture(1024, 576);
    let first = model.embed(&picture, &NeverAbort).expect("encodes");
    let one = model.segment(&first, &on_the_disc(), &NeverAbort).expect("decodes");
    let again = open(&engine, model.name()).expect("another instance");
    let second = again.embed(&picture.clone(), &NeverAbort).expect("is there");
    let two = again.segment(&second, &on_the_disc(), &NeverAbort).expect("decodes");
    assert_eq!(one, two, "the same bits");
    assert_eq!(first.key(), second.key());
    let counters = engine.counters();
    assert_eq!((counters.encoder_runs, counters.decoder_runs), (1, 2));
    assert_eq!((counters.feature_hits, counters.feature_misses), (1, 1));
    assert_eq!(counters.session_loads, 2);
    assert_eq!(engine.report().features.bytes, 256 * 64 * 64 * 2, "kept in half precision");
}

#[test]
fn an_exclude_point_takes_away_and_a_previous_mask_is_refined() {
    let Some((_, model)) = opened() else { return };
    let embedding = model.embed(&disc_picture(1024, 576), &NeverAbort).expect("encodes");
    let first = model.segment(&embedding, &on_the_disc(), &NeverAbort).expect("decodes");
    let mut prompt = on_the_disc();
    prompt.points.push(Point { include: false, ..include(800.0, 400.0) });
    prompt.points.push(include(5000.0, 0.0));
    prompt.previous = Some(first.previous());
    let refined = model.segment(&embedding, &prompt, &NeverAbort).expect("decodes");
    assert_ne!(refined.logits, first.logits);
    assert!(overlap(&refined.resampled(1024, 576)) > 0.96);
    assert_eq!(refined.ignored, 1, "the point outside is left out and counted");
}

#[test]
fn one_thread_and_four_give_the_same_bits() {
    let (Some(library), Some(folder)) = (support::library(), support::model_folder()) else { return };
    let masks = [1, 4].map(|threads| {
        let engine = support::engine_with_threads(library.clone(), folder.with_file_name(""), threads);
        let model = open(&engine, "auto").expect("installed");
        let embedding = model.embed(&disc_picture(1024, 576), &NeverAbort).expect("encodes");
        model.segment(&embedding, &on_the_disc(), &NeverAbort).expect("decodes").logits
    });
    assert_eq!(masks[0], masks[1]);
}

#[test]
fn no_prompt_costs_nothing_and_abort_leaves_no_trace() {
    let Some((engine, model)) = opened() else { return };
    let picture = disc_picture(1024, 300);
    let stopped = model.embed(&picture, &|| true).expect_err("stopped");
    assert!(stopped.is_aborted());
    assert_eq!(engine.counters().encoder_runs, 0);
    let embedding = model.embed(&picture, &NeverAbort).expect("encodes after an abort");
    let nothing = model.segment(&embedding, &Prompt::default(), &NeverAbort);
    assert!(matches!(nothing, Err(SegmentError::NoPrompt)));
    assert_eq!(engine.counters().decoder_runs, 0);
}

#[test]
fn pictures_of_a_size_the_model_never_asked_for_are_refused_with_numbers() {
    let Some((_, model)) = opened() else { return };
    for (width, height) in [(0, 0), (1024, 0), (640, 480), (2048, 1024)] {
        let error = model.embed(&Plane::new(width, height, [0; 3]), &NeverAbort).expect_err("refused");
        assert!(matches!(error, SegmentError::PictureSize { .. }), "{error}");
        assert!(error.to_string().contains(&format!("{width}x{height}")), "{error}");
    }
    for (frame, picture) in [
        ((1920, 1080), (1024, 576)),
        ((1024, 431), (1024, 431)),
        ((480, 854), (576, 1024)),
        ((1, 1), (1024, 1024)),
        ((16384, 2), (1024, 1)),
        ((0, 0), (1024, 1024)),
    ] {
        assert_eq!(model.input_size(frame.0, frame.1), picture);
    }
}

#[test]
fn an_embedding_of_another_model_is_refused() {
    let Some((engine, _)) = opened() else { return };
    let Some(folder) = support::model_folder() else { return };
    let copies = tempfile::tempdir().unwrap();
    for name in ["one", "two"] {
        fs::create_dir(copies.path().join(name)).unwrap();
        for file in ["encoder.onnx", "sam.onnx"] {
            fs::copy(folder.join(file), copies.path().join(name).join(file)).unwrap();
        }
    }
    // The same network and another file: field 6 of an ONNX model is a comment.
    let mut encoder = fs::read(folder.join("encoder.onnx")).unwrap();
    encoder.extend([6 << 3 | 2, 1, b'!']);
    fs::write(copies.path().join("two").join("encoder.onnx"), encoder).unwrap();
    let engine = support::engine_with(engine.report().library.path, copies.path().to_owned());
    let (one, two) = (open(&engine, "ONE").expect("by name"), open(&engine, "two").expect("by name"));
    let embedding = one.embed(&disc_picture(1024, 576), &NeverAbort).expect("encodes");
    let error = two.segment(&embedding, &on_the_disc(), &NeverAbort).expect_err("another model");
    assert!(matches!(&error, SegmentError::OtherModel { .. }) && error.to_string().contains("one in "), "{error}");
}

#[test]
fn files_that_are_cut_short_or_exchanged_are_named() {
    let Some(library) = support::library() else { return };
    let Some(folder) = support::model_folder() else { return };
    let copies = tempfile::tempdir().unwrap();
    let model_folder = copies.path().join("m");
    fs::create_dir(&model_folder).unwrap();
    let decoder = fs::read(folder.join("sam.onnx")).unwrap();
    fs::write(model_folder.join("sam.onnx"), &decoder).unwrap();
    fs::write(model_folder.join("encoder.onnx"), &decoder[..decoder.len() / 2]).unwrap();
    // An engine looks at most once a second: a new one for each state of the folder.
    let opened = || open(&support::engine_with(library.clone(), copies.path().to_owned()), "m");
    let words = |state: &str| opened().map(drop).expect_err(state).to_string();
    let cut = words("cut short");
    assert!(cut.contains("encoder.onnx") && cut.contains("cut short"), "{cut}");

    fs::copy(folder.join("sam.onnx"), model_folder.join("encoder.onnx")).unwrap();
    let exchanged = words("exchanged");
    assert!(exchanged.contains("encoder.onnx") && exchanged.contains("expected"), "{exchanged}");

    fs::copy(folder.join("encoder.onnx"), model_folder.join("encoder.onnx")).unwrap();
    let model = opened().expect("repaired");
    let picture = disc_picture(1024, 576);
    assert!(model.embed(&picture, &NeverAbort).is_ok(), "works once repaired");
}
