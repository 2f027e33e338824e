//! Masks equal those of the reference pipeline in Python. `SAM3ROTO_PARITY` is the output folder of
//! `resources/parity/mobilesam_reference.py`; without it nothing is tested here.

mod support;

use std::{
    env, fs,
    io::{self, Write},
    path::PathBuf,
};

use inference::NeverAbort;
use segment::{Point, Prompt, open};
use serde::Deserialize;

/// At least this intersection over union at model resolution.
const ENOUGH: f64 = 0.995;

#[derive(Deserialize)]
struct Index {
    stills: Vec<Still>,
}

#[derive(Deserialize)]
struct Still {
    image: PathBuf,
    picture: (usize, usize),
    points: Vec<ReferencePoint>,
    #[serde(rename = "box")]
    box_: Option<[f32; 4]>,
    samples: (usize, usize),
    iou: f32,
    logits_file: PathBuf,
}

#[derive(Deserialize)]
struct ReferencePoint {
    x: f32,
    y: f32,
    include: bool,
}

#[test]
fn masks_equal_the_reference_on_every_still() {
    let Some(folder) = env::var_os("SAM3ROTO_PARITY").map(PathBuf::from) else {
        // Not `eprintln!`: the test harness would swallow it.
        let _ = writeln!(io::stderr(), "SKIPPED: SAM3ROTO_PARITY is not set, nothing was tested here");
        return;
    };
    let Some(engine) = support::engine() else { return };
    let model = open(&engine, "auto").expect("installed");
    let index = fs::read_to_string(folder.join("index.json")).expect("made by the reference script");
    let index: Index = serde_json::from_str(&index).expect("made by the reference script");
    assert!(!index.stills.is_empty());
    for still in &index.stills {
        let picture = support::picture_of(&still.image, &*model);
        assert_eq!((picture.width(), picture.height()), still.picture);
        let prompt = Prompt {
            points: still.points.iter().map(|&ReferencePoint { x, y, include }| Point { x, y, include }).collect(),
            box_: still.box_,
            previous: None,
            mask: None,
        };
        let embedding = model.embed(&picture, &NeverAbort).expect("encodes");
        let mask = model.segment(&embedding, &prompt, &NeverAbort).expect("decodes");
        assert_eq!((mask.logits.width(), mask.logits.height()), still.samples);
        let bytes = fs::read(folder.join(&still.logits_file)).expect("logits");
        let reference: Vec<f32> = bytes.as_chunks().0.iter().map(|&four| f32::from_le_bytes(four)).collect();
        let found = mask.logits.data();
        assert_eq!(found.len(), reference.len());
        let (mut both, mut either, mut largest) = (0u32, 0u32, 0f32);
        for (a, b) in found.iter().zip(&reference) {
            both += u32::from(*a > 0.0 && *b > 0.0);
            either += u32::from(*a > 0.0 || *b > 0.0);
            largest = largest.max((a - b).abs());
        }
        let overlap = f64::from(both) / f64::from(either);
        let name = still.image.display();
        println!(
            "{name}: IoU {overlap:.5}, logits differ by at most {largest:.4}, predicted IoU {:.4} and {:.4}",
            mask.iou, still.iou
        );
        assert!(either > 0 && overlap >= ENOUGH, "{name}: IoU {overlap}");
    }
}
