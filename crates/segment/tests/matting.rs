//! Networks for matting: alphas are PyTorch's, files are known by their tensors, and what cannot be used is told.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A fixture that cannot be read fails its test.

#[path = "../../../tests/support/safetensors.rs"]
mod safetensors;
mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use inference::{Engine, EngineOptions, InferenceError, Limits, NeverAbort, Origin, Place};
use raster::Plane;
use safetensors::tensors;
use segment::SegmentError;
use segment::matting::{BACKGROUND, Kind, LAYOUTS, Matter, OBJECT, Scene, UNKNOWN, choose};

/// Largest difference of an alpha from PyTorch's.
const TOLERANCE: f32 = 1e-4;
/// Every so many rows of an alpha are kept.
const ROWS: usize = 4;
/// The pictures of the fixtures: width, height and number.
const SIZE: (usize, usize) = (160, 96);
const FRAMES: usize = 4;
const KINDS: [Kind; 3] = [Kind::VitMatte, Kind::Rvm, Kind::ModNet];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../resources/export/fixtures/matting")
}

fn engine_over(models: PathBuf) -> Option<Arc<Engine>> {
    Some(engine_with(support::library()?, models, 1))
}

fn engine_with(library: PathBuf, models: PathBuf, threads: usize) -> Arc<Engine> {
    let (model_dirs, features) = (vec![models], Limits::bytes(64 << 20));
    Engine::new(EngineOptions { library, model_dirs, layouts: LAYOUTS, threads, features, ..EngineOptions::default() })
}

fn matter(engine: &Arc<Engine>, asked: &str) -> Matter {
    choose(engine, asked).unwrap_or_else(|error| panic!("{asked}: {error}")).matter
}

type Picture = Plane<[u8; 3]>;

/// The frames and the trimap, cut from the top left, beside each other as often as it takes.
fn pictures((width, height): (usize, usize)) -> (Vec<Picture>, Plane<u8>) {
    let strip = image::open(fixtures().join("frames.png")).expect("a PNG").to_rgb8();
    let pixels: &[[u8; 3]] = strip.as_raw().as_chunks().0;
    let at = |picture: usize, x: usize, y: usize| pixels[(picture * SIZE.1 + y) * SIZE.0 + x % SIZE.0];
    let all = || (0..height).flat_map(move |y| (0..width).map(move |x| (x, y)));
    let frames = (0..FRAMES)
        .map(|picture| Plane::from_vec(width, height, all().map(|(x, y)| at(picture, x, y)).collect()).unwrap());
    let trimap = all().map(|(x, y)| at(FRAMES, x, y)[0]).collect();
    (frames.collect(), Plane::from_vec(width, height, trimap).unwrap())
}

/// The alpha of the last frame.
fn alpha(matter: &Matter, size: (usize, usize), before: usize) -> Plane<f32> {
    let (frames, trimap) = pictures(size);
    let frames: Vec<_> = frames.iter().collect();
    let (last, earlier) = frames.split_last().unwrap();
    let scene = Scene { before: &earlier[earlier.len() - before..], picture: last, trimap: Some(&trimap) };
    matter.matte(&scene, &NeverAbort).unwrap_or_else(|error| panic!("{error}")).alpha
}

#[test]
fn alphas_are_pytorchs() {
    let Some(engine) = engine_over(fixtures()) else { return };
    for kind in KINDS {
        let matter = matter(&engine, kind.family());
        assert_eq!((matter.kind(), matter.name()), (kind, kind.family()));
        let expected = tensors(&fixtures().join(kind.family()).join("alphas.safetensors"));
        assert!(expected.len() >= 2);
        for (case, expected) in expected {
            let (size, before) = case.split_once(" after ").unwrap_or((&case, "0"));
            let (width, height) = size.split_once('x').unwrap();
            let size = (width.parse().unwrap(), height.parse().unwrap());
            let found = alpha(&matter, size, before.parse().unwrap());
            let kept = (0..size.1).step_by(ROWS).flat_map(|y| found.row(y));
            let off = safetensors::difference(kept, expected.f32());
            assert!(off <= TOLERANCE, "{kind} {case}: {off}");
        }
    }
}

#[test]
fn what_was_found_is_remembered_by_all_that_the_network_was_shown() {
    let Some(engine) = engine_over(fixtures()) else { return };
    for kind in KINDS {
        let matter = matter(&engine, kind.family());
        let (frames, mut trimap) = pictures(SIZE);
        let frames: Vec<_> = frames.iter().collect();
        let origin = |before: &[&Picture], trimap: &Plane<u8>| {
            let scene = Scene { before, picture: frames[3], trimap: Some(trimap) };
            matter.matte(&scene, &NeverAbort).unwrap().origin
        };
        assert_eq!(origin(&frames[1..3], &trimap), Origin::Computed, "{kind}");
        assert_eq!(origin(&frames[1..3], &trimap), Origin::Memory);
        let remembers = kind == Kind::Rvm;
        assert_eq!(origin(&frames[2..3], &trimap) == Origin::Computed, remembers, "{kind}: other frames before");
        trimap.row_mut(0)[0] = OBJECT;
        assert_eq!(
            origin(&frames[2..3], &trimap) == Origin::Computed,
            kind == Kind::VitMatte,
            "{kind}: another trimap"
        );
    }
    assert_eq!(engine.counters().stages["matting"].count, 2 + (3 + 2) + 1);
}

#[test]
fn alphas_do_not_depend_on_the_number_of_threads() {
    let Some(library) = support::library() else { return };
    for kind in KINDS {
        let of = |threads| alpha(&matter(&engine_with(library.clone(), fixtures(), threads), kind.family()), SIZE, 2);
        assert_eq!(of(1), of(3), "{kind}");
    }
}

#[test]
fn the_best_installed_is_taken_and_one_that_cannot_be_used_is_told() {
    let models = tempfile::tempdir().unwrap();
    let install = |family: &str, folder: &str| {
        fs::create_dir(models.path().join(folder)).unwrap();
        for entry in fs::read_dir(fixtures().join(family)).unwrap().flatten() {
            fs::copy(entry.path(), models.path().join(folder).join(entry.file_name())).unwrap();
        }
    };
    // The list of models is believed for a second: another engine each time.
    let chosen = |asked: &str| choose(&engine_over(models.path().to_owned())?, asked).map(Some).transpose();
    let Some(none) = chosen("auto") else { return };
    let words = none.unwrap_err().to_string();
    assert!(
        words.contains("no usable network for matting in ") && words.contains("ViTMatte, RVM or MODNet"),
        "{words}"
    );
    install("modnet", "a portrait");
    let name = |asked: &str| chosen(asked).unwrap().unwrap().matter.name().to_owned();
    assert_eq!(name("auto"), "a portrait");
    install("rvm", "people");
    install("vitmatte", "trimaps");
    assert_eq!((name(""), name("RVM"), name("A Portrait")), ("trimaps".into(), "people".into(), "a portrait".into()));
    let file = models.path().join("trimaps/model.onnx");
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    // A file that is cut short is of no family that can be told, so it is passed over without a word where it has no manifest.
    assert_eq!(name("auto"), "people");
    let words = chosen("vitmatte").unwrap().unwrap_err().to_string();
    assert!(words.contains("of the kind ViTMatte") && words.contains("install ViTMatte"), "{words}");
    let words = chosen("magic").unwrap().unwrap_err().to_string();
    assert!(words.contains("of the name \"magic\""), "{words}");
}

#[test]
fn a_caller_that_gives_up_and_a_budget_that_is_too_small_are_errors_and_leave_nothing_behind() {
    let Some(engine) = engine_over(fixtures()) else { return };
    let (frames, trimap) = pictures(SIZE);
    let scene = Scene { before: &frames[..3].iter().collect::<Vec<_>>(), picture: &frames[3], trimap: Some(&trimap) };
    for kind in KINDS {
        let matter = matter(&engine, kind.family());
        let aborted = matter.matte(&scene, &|| true);
        assert!(aborted.is_err_and(|error| error.is_aborted()), "{kind}");
        engine.purge();
        engine.guard().set_hard_budget(Place::Host, Some(1 << 10));
        let refused = matter.matte(&scene, &NeverAbort);
        assert!(
            matches!(refused, Err(SegmentError::Inference(InferenceError::OutOfMemory { .. }))),
            "{kind}: {refused:?}"
        );
        engine.guard().set_hard_budget(Place::Host, None);
        assert!(matter.matte(&scene, &NeverAbort).is_ok(), "{kind} works again");
    }
}

#[test]
fn pictures_that_do_not_fit_are_refused_in_words() {
    let Some(engine) = engine_over(fixtures()) else { return };
    let (frames, trimap) = pictures(SIZE);
    let (small, _) = pictures((131, 70));
    let vitmatte = matter(&engine, "vitmatte");
    let modnet = matter(&engine, "modnet");
    let refused = |matter: &Matter, scene: Scene<'_>| {
        let words = matter.matte(&scene, &NeverAbort).unwrap_err().to_string();
        assert!(words.contains("131x70 pixels") || words.contains("160x96 pixels"), "{words}");
    };
    refused(&vitmatte, Scene { before: &[], picture: &frames[0], trimap: None });
    refused(&vitmatte, Scene { before: &[], picture: &small[0], trimap: Some(&trimap) });
    refused(&modnet, Scene { before: &[], picture: &small[0], trimap: None });
    refused(&matter(&engine, "rvm"), Scene { before: &[&small[0]], picture: &frames[0], trimap: None });
    assert_eq!((BACKGROUND, UNKNOWN, OBJECT), (0, 128, 255));
}
