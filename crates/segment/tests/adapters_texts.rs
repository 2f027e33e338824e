//! usls' SAM3 for texts, as tiny models with exactly its tensors. Its decoder writes what it was given into the mask of
//! its surest candidate, so that a test reads there what arrived.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

#[path = "../../../tests/support/onnx.rs"]
#[allow(dead_code)]
mod onnx;

use std::{fs, path::Path, sync::Arc};

use inference::{Engine, NeverAbort, Stage};
use onnx::{Attribute, Graph};
use raster::Plane;
use segment::{
    Embedding, ImageSegmenter, Point, Prompt, SegmentError, open,
    text::{self, Choose, Exemplar, TextPrompt, TextSegmenter},
};

const LEVELS: [(&str, u64); 4] = [("fpn_feat_0", 288), ("fpn_feat_1", 144), ("fpn_feat_2", 72), ("fpn_pos_2", 72)];
const SIDE: usize = 1008;
/// Of the decoder's candidates: the second is the surest, the third is far below any threshold.
const LOGITS: [f32; 3] = [0.3, 2.0, -6.0];
const PRESENCE: f32 = 1.5;
const BOXES: [f32; 12] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.0, 0.0, 1.0, 1.0];

/// Each level holds the picture's channels and 253 of zeros; the position 0.25 everywhere.
fn encoder() -> Vec<u8> {
    let mut graph = Graph::default();
    graph.input("images", &[None, Some(3), Some(SIDE as u64), Some(SIDE as u64)]);
    graph.wholes("channels", &[0, 0, 0, 0, 0, 253, 0, 0]);
    graph.floats("nothing", &[], &[0.0]);
    graph.floats("quarter", &[], &[0.25]);
    for (name, grid) in LEVELS {
        graph.output(name, &[None, Some(256), Some(grid), Some(grid)]);
        let (at, small, level) = (format!("{name} at"), format!("{name} small"), format!("{name} level"));
        graph.wholes(&at, &[1, 3, grid as i64, grid as i64]);
        graph.node(&small, "Resize", &["images", "", "", &at], &[Attribute::Text("mode", "nearest")]);
        if name == "fpn_pos_2" {
            graph.node(&level, "Pad", &[&small, "channels"], &[]);
            graph.node("flat", "Mul", &[&level, "nothing"], &[]);
            graph.node(name, "Add", &["flat", "quarter"], &[]);
        } else {
            graph.node(name, "Pad", &[&small, "channels"], &[]);
        }
    }
    graph.into_model()
}

/// The features of a token are its number where it counts, and -1 where it is padding.
fn text_encoder() -> Vec<u8> {
    let mut graph = Graph::default();
    graph.wholes_input("input_ids", &[None, Some(32)]);
    graph.wholes_input("attention_mask", &[None, Some(32)]);
    graph.output("text_features", &[None, Some(32), Some(256)]);
    graph.floats("one", &[], &[1.0]);
    graph.node("ids", "Cast", &["input_ids"], &[Attribute::Whole("to", 1)]);
    graph.node("counts", "Cast", &["attention_mask"], &[Attribute::Whole("to", 1)]);
    graph.node("counted", "Mul", &["ids", "counts"], &[]);
    graph.node("padding", "Sub", &["counts", "one"], &[]);
    graph.node("tokens", "Add", &["counted", "padding"], &[]);
    graph.wholes("last", &[2]);
    graph.node("columns", "Unsqueeze", &["tokens", "last"], &[]);
    graph.wholes("wide", &[1, 32, 256]);
    graph.node("text_features", "Expand", &["columns", "wide"], &[]);
    graph.into_model()
}

/// Candidate 1 holds what arrived: the means of the levels, the features and the mask of each token, boxes, labels.
fn decoder(mask_of_truths: bool) -> Vec<u8> {
    let mut graph = Graph::default();
    graph.wholes("flat", &[-1]);
    let mut collected = Vec::new();
    for (name, grid) in LEVELS {
        graph.input(name, &[None, Some(256), Some(grid), Some(grid)]);
        let mean = format!("{name} mean");
        graph.node(&mean, "ReduceMean", &[name], &[Attribute::Whole("keepdims", 0)]);
        collected.push(mean);
    }
    graph.input("text_features", &[None, Some(32), Some(256)]);
    graph.node(
        "features",
        "ReduceMean",
        &["text_features"],
        &[Attribute::Wholes("axes", &[2]), Attribute::Whole("keepdims", 0)],
    );
    let mask = [None, Some(32)];
    if mask_of_truths {
        graph.truths_input("text_mask", &mask)
    } else {
        graph.wholes_input("text_mask", &mask)
    }
    graph.input("input_boxes", &[None, None, Some(4)]);
    graph.wholes_input("input_boxes_labels", &[None, None]);
    graph.node("mask", "Cast", &["text_mask"], &[Attribute::Whole("to", 1)]);
    graph.node("labels", "Cast", &["input_boxes_labels"], &[Attribute::Whole("to", 1)]);
    collected.extend(["features", "mask", "input_boxes", "labels"].map(str::to_owned));
    let flat: Vec<String> = collected.iter().map(|name| format!("{name} in a row")).collect();
    collected.iter().zip(&flat).for_each(|(name, flat)| graph.node(flat, "Reshape", &[name, "flat"], &[]));
    let flat: Vec<&str> = flat.iter().map(String::as_str).collect();
    graph.node("all", "Concat", &flat, &[Attribute::Whole("axis", 0)]);
    graph.node("count", "Shape", &["all"], &[]);
    graph.wholes("samples", &[288 * 288]);
    graph.wholes("none", &[0]);
    graph.node("rest", "Sub", &["samples", "count"], &[]);
    graph.node("pads", "Concat", &["none", "rest"], &[Attribute::Whole("axis", 0)]);
    graph.node("padded", "Pad", &["all", "pads"], &[]);
    graph.wholes("one mask", &[1, 1, 288, 288]);
    graph.node("arrived", "Reshape", &["padded", "one mask"], &[]);
    graph.floats("minus", &[], &[-1.0]);
    graph.node("negative", "Mul", &["arrived", "minus"], &[]);
    graph.node("pred_masks", "Concat", &["negative", "arrived", "negative"], &[Attribute::Whole("axis", 1)]);
    graph.output("pred_masks", &[None, Some(3), Some(288), Some(288)]);
    for (name, shape, values) in [
        ("pred_boxes", &[1, 3, 4][..], &BOXES[..]),
        ("pred_logits", &[1, 3], &LOGITS),
        ("presence_logits", &[1, 1], &[PRESENCE]),
    ] {
        graph.output(name, &shape.iter().map(|&size| Some(size)).collect::<Vec<_>>());
        graph.floats(&format!("constant {name}"), shape, values);
        graph.node(name, "Identity", &[&format!("constant {name}")], &[]);
    }
    graph.into_model()
}

fn write(models: &Path, decoder: Vec<u8>) {
    fs::create_dir_all(models.join("u")).unwrap();
    fs::write(models.join("u/vision-encoder.onnx"), encoder()).unwrap();
    fs::write(models.join("u/text-encoder.onnx"), text_encoder()).unwrap();
    fs::write(models.join("u/geo-encoder-mask-decoder.onnx"), decoder).unwrap();
}

/// The engine, the model, and a picture of it encoded: 102 is -0.2 after x / 127.5 - 1.
struct Opened {
    model: Box<dyn ImageSegmenter>,
    embedding: Embedding,
    engine: Arc<Engine>,
    _models: tempfile::TempDir,
}

fn opened() -> Option<Opened> {
    let library = support::library()?;
    let models = tempfile::tempdir().unwrap();
    write(models.path(), decoder(true));
    let engine = support::engine_with(library, models.path().to_owned());
    let model = open(&engine, "sam3").expect("recognised by its tensors");
    assert_eq!((model.name(), model.family(), model.input_size(1920, 1080)), ("u", "sam3-usls", (SIDE, SIDE)));
    let embedding = model.embed(&Plane::new(SIDE, SIDE, [255, 255, 102]), &NeverAbort).unwrap();
    Some(Opened { model, embedding, engine, _models: models })
}

impl Opened {
    fn texts(&self) -> &dyn TextSegmenter {
        text::of(self.model.as_ref()).unwrap()
    }

    fn detect(&self, prompt: &TextPrompt) -> Result<text::Detection, SegmentError> {
        self.texts().detect(&self.embedding, prompt, &NeverAbort)
    }

    /// What arrived: the means of the four levels, 32 features, 32 of the mask, then boxes and labels.
    fn arrived(&self, prompt: &TextPrompt, count: usize) -> Vec<f32> {
        let found = self.detect(prompt).unwrap();
        let values = found.instances[0].logits.data();
        assert!(values[count..].iter().all(|&value| value == 0.0), "nothing else arrived");
        values[..count].to_vec()
    }
}

fn text(text: &str) -> TextPrompt {
    TextPrompt { text: text.to_owned(), ..TextPrompt::default() }
}

#[test]
fn the_text_arrives_as_tokens_and_truth_values_with_one_box_that_is_none() {
    let Some(opened) = opened() else { return };
    let arrived = opened.arrived(&text("A photo of a CAT"), 4 + 64 + 5);
    let mean = (1.0 + 1.0 - 0.2) / 256.0;
    for (found, expected) in arrived[..4].iter().zip([mean, mean, mean, 0.25]) {
        // The embeddings are kept in half precision.
        assert!((found - expected).abs() < 1e-4, "{found} <> {expected}");
    }
    // CLIP's tokens of the text, between the start and the end.
    let tokens = [49406.0, 320.0, 1125.0, 539.0, 320.0, 2368.0, 49407.0];
    assert_eq!(arrived[4..11], tokens);
    assert_eq!(arrived[11..36], [-1.0; 25]);
    assert_eq!((&arrived[36..43], &arrived[43..68]), (&[1.0; 7][..], &[0.0; 25][..]));
    assert_eq!(arrived[68..], [0.0, 0.0, 0.0, 0.0, -10.0]);
}

#[test]
fn exemplars_arrive_as_shares_of_the_picture_and_alone_with_the_text_for_them() {
    let Some(opened) = opened() else { return };
    let like = Exemplar { box_: [252.0, 504.0, 756.0, 1008.0], positive: true };
    let unlike = Exemplar { box_: [0.0, 252.0, 252.0, 0.0], positive: false };
    let arrived = opened.arrived(&TextPrompt { exemplars: vec![like, unlike], ..text("") }, 4 + 64 + 10);
    // The start, "visual", the end.
    assert_eq!(arrived[4..8], [49406.0, 7195.0, 49407.0, -1.0]);
    assert_eq!(arrived[68..], [0.5, 0.75, 0.5, 0.5, 0.125, 0.125, 0.25, 0.25, 1.0, 0.0]);
    let error = opened.detect(&TextPrompt { exemplars: vec![unlike], ..text(" ") }).expect_err("nothing is meant");
    assert!(matches!(error, SegmentError::NoText), "{error}");
}

#[test]
fn scores_are_those_of_the_class_times_the_presence_and_boxes_are_as_given() {
    let Some(opened) = opened() else { return };
    let found = opened.detect(&text("cat")).unwrap();
    // sigmoid(1.5), and that times sigmoid(2.0) and sigmoid(0.3).
    assert!((found.presence - 0.817_574_5).abs() < 1e-6, "{}", found.presence);
    let scores: Vec<f32> = found.instances.iter().map(|instance| instance.score).collect();
    assert_eq!(scores.len(), 2);
    assert!((scores[0] - 0.720_117_2).abs() < 1e-6 && (scores[1] - 0.469_649_5).abs() < 1e-6, "{scores:?}");
    assert_eq!((found.instances[0].box_, found.instances[1].box_), ([0.5, 0.6, 0.7, 0.8], [0.1, 0.2, 0.3, 0.4]));
    let surer = opened.detect(&TextPrompt { threshold: Some(0.5), choose: Choose::Best, ..text("cat") }).unwrap();
    assert_eq!((surer.instances.len(), surer.mask.extent, surer.mask.iou), (1, (288.0, 288.0), scores[0]));
    assert_eq!(surer.mask.logits, found.instances[0].logits);
    let stages = opened.engine.counters().stages;
    assert_eq!((stages[Stage::Text.name()].count, stages[Stage::Decode.name()].count), (1, 1), "one text, one picture");
}

#[test]
fn clicks_are_refused_in_words_and_no_prompt_is_none() {
    let Some(opened) = opened() else { return };
    let segment = |prompt: &Prompt| opened.model.segment(&opened.embedding, prompt, &NeverAbort).expect_err("refused");
    let click = Prompt { points: vec![Point { x: 5.0, y: 5.0, include: true }], ..Prompt::default() };
    let refined = Prompt { previous: Some(opened.detect(&text("cat")).unwrap().mask.previous()), ..Prompt::default() };
    for prompt in [click, refined, Prompt { box_: Some([0.0, 0.0, 9.0, 9.0]), ..Prompt::default() }] {
        let error = segment(&prompt);
        assert!(matches!(error, SegmentError::PromptKind { .. }), "{error}");
        assert!(error.to_string().contains("describe the object by a text"), "{error}");
    }
    assert!(matches!(segment(&Prompt::default()), SegmentError::NoPrompt));
}

#[test]
fn a_text_mask_of_whole_numbers_is_not_this_family_and_named() {
    let Some(library) = support::library() else { return };
    let models = tempfile::tempdir().unwrap();
    write(models.path(), decoder(false));
    let error =
        open(&support::engine_with(library, models.path().to_owned()), "u").map(drop).expect_err("a wrong mask");
    let words = error.to_string();
    assert!(words.contains("expected input \"text_mask\" bool[?, 32], found \"text_mask\" i64[?, 32]"), "{words}");
}
