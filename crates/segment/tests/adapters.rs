//! Exports that other people made, as tiny models with exactly their tensors. Each decoder writes what it was given
//! into the mask that counts, so that a test reads there what arrived.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

#[path = "../../../tests/support/onnx.rs"]
#[allow(dead_code)]
mod onnx;

use std::{fs, path::Path, sync::Arc};

use inference::{Engine, NeverAbort};
use onnx::{Attribute, Graph};
use raster::Plane;
use segment::{ImageSegmenter, Point, Prompt, SegmentError, Segmentation, open};

/// Grid of the coarsest embedding: the two others are twice and four times as fine.
struct Sizes {
    side: u64,
    grid: u64,
}

const SAM3: Sizes = Sizes { side: 1008, grid: 72 };
const SAM2: Sizes = Sizes { side: 1024, grid: 64 };

/// (name, channels, times the grid) of an encoder's outputs.
type Embeddings<'a> = [(&'a str, u64, u64); 3];

const TRANSFORMERS: Embeddings<'_> =
    [("image_embeddings.0", 32, 4), ("image_embeddings.1", 64, 2), ("image_embeddings.2", 256, 1)];
const RECTLABEL: Embeddings<'_> =
    [("high_res_features1", 32, 4), ("high_res_features2", 64, 2), ("image_embeddings", 256, 1)];
const SAMEXPORTER: Embeddings<'_> = [("high_res_feats_0", 32, 4), ("high_res_feats_1", 64, 2), ("image_embed", 256, 1)];

/// Every channel of every embedding is the mean of the picture's channels.
fn encoder(input: &str, embeddings: &Embeddings<'_>, sizes: &Sizes) -> Vec<u8> {
    let mut graph = Graph::default();
    graph.input(input, &[None, Some(3), Some(sizes.side), Some(sizes.side)]);
    for (name, channels, times) in embeddings {
        let grid = times * sizes.grid;
        graph.output(name, &[None, Some(*channels), Some(grid), Some(grid)]);
        let (smaller, at, weights) = (format!("{name} smaller"), format!("{name} at"), format!("{name} weights"));
        graph.wholes(&at, &[1, 3, grid as i64, grid as i64]);
        graph.node(&smaller, "Resize", &[input, "", "", &at], &[Attribute::Text("mode", "nearest")]);
        graph.floats(&weights, &[*channels, 3, 1, 1], &vec![1.0 / 3.0; 3 * *channels as usize]);
        graph.node(name, "Conv", &[&smaller, &weights], &[]);
    }
    graph.into_model()
}

/// A decoder under construction that collects what it is given.
struct Decoder {
    graph: Graph,
    collected: Vec<String>,
}

impl Decoder {
    fn new(embeddings: &Embeddings<'_>, sizes: &Sizes) -> Self {
        let mut decoder = Self { graph: Graph::default(), collected: Vec::new() };
        for (name, channels, times) in embeddings {
            let grid = times * sizes.grid;
            decoder.graph.input(name, &[Some(1), Some(*channels), Some(grid), Some(grid)]);
        }
        decoder.graph.wholes("flat", &[-1]);
        decoder.graph.node("mean", "ReduceMean", &[embeddings[2].0], &[Attribute::Whole("keepdims", 0)]);
        decoder.collect("mean");
        decoder
    }

    fn floats(&mut self, name: &str, shape: &[Option<u64>]) {
        self.graph.input(name, shape);
        self.collect(name);
    }

    fn wholes(&mut self, name: &str, shape: &[Option<u64>]) {
        self.graph.wholes_input(name, shape);
        let as_floats = format!("{name} as floats");
        self.graph.node(&as_floats, "Cast", &[name], &[Attribute::Whole("to", 1)]);
        self.collect(&as_floats);
    }

    /// The one value of a large input that counts: its largest.
    fn peak(&mut self, name: &str, shape: &[Option<u64>]) {
        self.graph.input(name, shape);
        let peak = format!("{name} peak");
        self.graph.node(&peak, "ReduceMax", &[name], &[Attribute::Whole("keepdims", 0)]);
        self.collect(&peak);
    }

    fn collect(&mut self, name: &str) {
        let flat = format!("{name} flat");
        self.graph.node(&flat, "Reshape", &[name, "flat"], &[]);
        self.collected.push(flat);
    }

    /// What was collected, then zeros, as the token `chosen` of `shape`, which ends in tokens, side, side; nothing in
    /// the other tokens. The estimates are constant.
    fn finish(mut self, masks: &str, shape: &[u64], ious: &str, estimates: &[f32], chosen: usize) -> Vec<u8> {
        let graph = &mut self.graph;
        let side = shape[shape.len() - 1];
        let shapes = |shape: &[u64]| shape.iter().map(|&size| Some(size)).collect::<Vec<_>>();
        graph.output(masks, &shapes(shape));
        let lead = &shape[..shape.len() - 2];
        graph.output(ious, &shapes(lead));
        graph.floats("estimates", lead, estimates);
        graph.node(ious, "Identity", &["estimates"], &[]);
        let all: Vec<&str> = self.collected.iter().map(String::as_str).collect();
        graph.node("all", "Concat", &all, &[Attribute::Whole("axis", 0)]);
        graph.node("count", "Shape", &["all"], &[]);
        graph.wholes("samples", &[(side * side) as i64]);
        graph.wholes("none", &[0]);
        graph.node("rest", "Sub", &["samples", "count"], &[]);
        graph.node("pads", "Concat", &["none", "rest"], &[Attribute::Whole("axis", 0)]);
        graph.node("padded", "Pad", &["all", "pads"], &[]);
        let mut one = shape.to_vec();
        let axis = shape.len() - 3;
        one[axis] = 1;
        graph.wholes("as one mask", &one.iter().map(|&size| size as i64).collect::<Vec<_>>());
        graph.node("mask", "Reshape", &["padded", "as one mask"], &[]);
        graph.floats("nothing", &[], &[0.0]);
        graph.node("empty", "Mul", &["mask", "nothing"], &[]);
        let tokens: Vec<&str> =
            (0..estimates.len()).map(|token| if token == chosen { "mask" } else { "empty" }).collect();
        graph.node(masks, "Concat", &tokens, &[Attribute::Whole("axis", axis as i64)]);
        self.graph.into_model()
    }
}

/// `object_score_logits` is asked of the files and not used.
fn transformers_decoder(sizes: &Sizes) -> Vec<u8> {
    let mut decoder = Decoder::new(&TRANSFORMERS, sizes);
    decoder.floats("input_points", &[Some(1), None, None, Some(2)]);
    decoder.wholes("input_labels", &[Some(1), None, None]);
    decoder.floats("input_boxes", &[Some(1), None, Some(4)]);
    decoder.graph.output("object_score_logits", &[Some(1), Some(1), Some(1)]);
    decoder.graph.floats("score", &[1, 1, 1], &[3.0]);
    decoder.graph.node("object_score_logits", "Identity", &["score"], &[]);
    let side = 4 * sizes.grid;
    decoder.finish("pred_masks", &[1, 1, 3, side, side], "iou_scores", &[0.3, 0.8, 0.5], 1)
}

fn together_decoder(embeddings: &Embeddings<'_>, masks: &str, tokens: &[f32], chosen: usize, frame: bool) -> Vec<u8> {
    let mut decoder = Decoder::new(embeddings, &SAM2);
    decoder.floats("point_coords", &[None, None, Some(2)]);
    decoder.floats("point_labels", &[None, None]);
    decoder.peak("mask_input", &[None, Some(1), Some(256), Some(256)]);
    decoder.floats("has_mask_input", &[None]);
    if frame {
        decoder.wholes("orig_im_size", &[Some(2)]);
    }
    decoder.finish(masks, &[1, tokens.len() as u64, 256, 256], "iou_predictions", tokens, chosen)
}

fn write(models: &Path, files: &[(&str, Vec<u8>)]) {
    for (name, content) in files {
        let path = models.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

/// The engine, the model and a white picture of its size. The folder must live as long.
struct Opened {
    model: Box<dyn ImageSegmenter>,
    picture: Plane<[u8; 3]>,
    _engine: Arc<Engine>,
    _models: tempfile::TempDir,
}

fn opened(files: &[(&str, Vec<u8>)]) -> Option<Opened> {
    let library = support::library()?;
    let models = tempfile::tempdir().unwrap();
    write(models.path(), files);
    let engine = support::engine_with(library, models.path().to_owned());
    let model = open(&engine, "auto").expect("recognised by its tensors");
    let (width, height) = model.input_size(1920, 1080);
    Some(Opened { model, picture: Plane::new(width, height, [255; 3]), _engine: engine, _models: models })
}

impl Opened {
    fn segment(&self, prompt: &Prompt) -> Result<Segmentation, SegmentError> {
        let embedding = self.model.embed(&self.picture, &NeverAbort)?;
        self.model.segment(&embedding, prompt, &NeverAbort)
    }

    /// What arrived, behind the mean of the embedding.
    fn arrived(&self, prompt: &Prompt, count: usize) -> Vec<f32> {
        let mask = self.segment(prompt).unwrap();
        assert!(mask.logits.data()[count + 1..].iter().all(|&value| value == 0.0), "nothing else arrived");
        mask.logits.data()[1..=count].to_vec()
    }
}

fn clicks() -> Vec<Point> {
    vec![Point { x: 900.5, y: 20.0, include: true }, Point { x: 3.0, y: 1000.0, include: false }]
}

const BOX: [f32; 4] = [10.0, 20.0, 300.0, 400.0];

fn sam3_tracker() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("dropped/onnx/some_encoder.onnx", encoder("pixel_values", &TRANSFORMERS, &SAM3)),
        ("dropped/onnx/some_decoder.onnx", transformers_decoder(&SAM3)),
    ]
}

#[test]
fn the_sam3_tracker_gets_points_labels_and_boxes_apart_and_its_best_guess_counts() {
    let Some(tracker) = opened(&sam3_tracker()) else { return };
    assert_eq!((tracker.model.name(), tracker.model.family()), ("dropped", "sam3-tracker"));
    // The frame is stretched, width and height each by its own factor.
    assert_eq!(tracker.model.input_size(1920, 1080), (1008, 1008));
    let both = Prompt { points: clicks(), box_: Some(BOX), ..Prompt::default() };
    let expected = [900.5, 20.0, 3.0, 1000.0, 1.0, 0.0, 10.0, 20.0, 300.0, 400.0];
    assert_eq!(tracker.arrived(&both, 10), expected);
    let points = Prompt { points: clicks(), ..Prompt::default() };
    assert_eq!(tracker.arrived(&points, 6), expected[..6], "no box is no box, not one of zeros");
    let box_ = Prompt { box_: Some([300.0, 400.0, 10.0, 20.0]), ..Prompt::default() };
    assert_eq!(tracker.arrived(&box_, 4), BOX, "sorted corners, and no point at all");
    let mask = tracker.segment(&both).unwrap();
    assert_eq!((mask.iou, mask.extent), (0.8, (288.0, 288.0)));
    // White is 1 after x / 127.5 - 1.
    assert!((mask.logits.data()[0] - 1.0).abs() < 1e-3, "{}", mask.logits.data()[0]);
}

#[test]
fn what_the_tracker_export_cannot_use_is_refused_in_words() {
    let Some(tracker) = opened(&sam3_tracker()) else { return };
    let points = Prompt { points: clicks(), ..Prompt::default() };
    let previous = tracker.segment(&points).unwrap().previous();
    let refine = Prompt { previous: Some(previous), ..points.clone() };
    let mask = Prompt { mask: Some(Arc::new(Plane::new(1008, 1008, 1.0))), ..points };
    for prompt in [refine, mask] {
        let error = tracker.segment(&prompt).expect_err("refused");
        assert!(matches!(error, SegmentError::PromptKind { .. }), "{error}");
    }
}

#[test]
fn sam2_of_transformers_has_the_same_names_and_its_own_sizes() {
    let files = [
        ("m/vision_encoder.onnx", encoder("pixel_values", &TRANSFORMERS, &SAM2)),
        ("m/prompt_encoder_mask_decoder.onnx", transformers_decoder(&SAM2)),
    ];
    let Some(sam2) = opened(&files) else { return };
    assert_eq!((sam2.model.family(), sam2.model.input_size(640, 480)), ("sam2-transformers", (1024, 1024)));
    let prompt = Prompt { points: clicks(), ..Prompt::default() };
    assert_eq!(sam2.arrived(&prompt, 6), [900.5, 20.0, 3.0, 1000.0, 1.0, 0.0]);
    // White by ImageNet's mean and deviation, averaged over the channels.
    let white = ((1.0 - 0.485) / 0.229 + (1.0 - 0.456) / 0.224 + (1.0 - 0.406) / 0.225) / 3.0;
    let found = sam2.segment(&prompt).unwrap().logits.data()[0];
    assert!((found - white).abs() < 2e-3, "{found} <> {white}");
}

/// For both exports that take the box among the points. `tail` follows has_mask_input.
fn takes_the_box_among_the_points(opened: &Opened, tail: &[f32]) {
    let prompt = Prompt { points: clicks()[..1].to_vec(), box_: Some(BOX), ..Prompt::default() };
    let expected = [&[10.0, 20.0, 300.0, 400.0, 900.5, 20.0, 2.0, 3.0, 1.0, 0.0, 0.0][..], tail].concat();
    assert_eq!(opened.arrived(&prompt, expected.len()), expected);
    let previous = opened.segment(&prompt).unwrap().previous();
    let refine = Prompt { previous: Some(previous), ..prompt };
    // The earlier logits hold a coordinate of 900.5, which is far beyond the clamp.
    let expected = [&[10.0, 20.0, 300.0, 400.0, 900.5, 20.0, 2.0, 3.0, 1.0, 32.0, 1.0][..], tail].concat();
    assert_eq!(opened.arrived(&refine, expected.len()), expected);
}

#[test]
fn rectlabels_sam2_gets_the_box_before_the_points_and_earlier_logits() {
    // Token 0 has the largest estimate and is not stable: zeros are neither inside nor outside.
    let decoder = together_decoder(&RECTLABEL, "low_res_masks", &[0.9, 0.1, 0.2, 0.7], 3, true);
    let files = [
        ("sam2.1_tiny/sam2.1_tiny_preprocess.onnx", encoder("input", &RECTLABEL, &SAM2)),
        ("sam2.1_tiny/sam2.1_tiny.onnx", decoder),
    ];
    let Some(rectlabel) = opened(&files) else { return };
    assert_eq!(rectlabel.model.family(), "sam2-rectlabel");
    let click = Prompt { points: clicks()[..1].to_vec(), ..Prompt::default() };
    assert_eq!(rectlabel.arrived(&click, 7), [900.5, 20.0, 1.0, 0.0, 0.0, 8.0, 8.0]);
    assert_eq!(rectlabel.segment(&click).unwrap().iou, 0.7);
    takes_the_box_among_the_points(&rectlabel, &[8.0, 8.0]);
}

#[test]
fn samexporters_sam2_gets_the_same_and_gives_three_guesses() {
    let decoder = together_decoder(&SAMEXPORTER, "masks", &[0.1, 0.2, 0.7], 2, false);
    let files = [("m/e.onnx", encoder("image", &SAMEXPORTER, &SAM2)), ("m/d.onnx", decoder)];
    let Some(samexporter) = opened(&files) else { return };
    assert_eq!(samexporter.model.family(), "sam2-samexporter");
    takes_the_box_among_the_points(&samexporter, &[]);
}

#[test]
fn a_decoder_of_the_other_model_is_named_with_the_tensor() {
    let Some(library) = support::library() else { return };
    let models = tempfile::tempdir().unwrap();
    let mut files = sam3_tracker();
    files[1].1 = transformers_decoder(&SAM2);
    write(models.path(), &files);
    let error = open(&support::engine_with(library, models.path().to_owned()), "auto").map(drop).expect_err("mixed");
    let words = error.to_string();
    assert!(words.contains("image_embeddings.0\" f32[?, 32, 288, 288]"), "{words}");
    assert!(words.contains("some_decoder.onnx is not a SAM3 tracker prompt encoder"), "{words}");
}

#[test]
fn ailias_video_export_says_what_its_files_lack() {
    let Some(library) = support::library() else { return };
    let models = tempfile::tempdir().unwrap();
    let (mut decoder, mut attention, mut other) = (Graph::default(), Graph::default(), Graph::default());
    for name in ["image_embeddings", "image_pe", "dense_prompt_embeddings"] {
        decoder.input(name, &[None, Some(256), Some(64), Some(64)]);
    }
    decoder.input("sparse_prompt_embeddings", &[None, None, Some(256)]);
    decoder.input("high_res_features1", &[None, Some(32), Some(256), Some(256)]);
    decoder.input("high_res_features2", &[None, Some(64), Some(128), Some(128)]);
    ["masks", "iou_pred", "sam_tokens_out"].iter().for_each(|name| decoder.output(name, &[None]));
    for (name, channels) in [("curr", 256), ("curr_pos", 256), ("memory_1", 64), ("memory_pos_1", 64)] {
        attention.input(name, &[None, Some(1), Some(channels)]);
    }
    ["memory_2", "memory_pos_2"].iter().for_each(|name| attention.input(name, &[None, None, Some(64)]));
    attention.output("pix_feat", &[Some(4096), Some(1), Some(256)]);
    other.input("x", &[None, Some(256)]);
    other.output("x_out", &[None, Some(256)]);
    let files = [
        ("a/mask_decoder_hiera_t.onnx", decoder.into_model()),
        ("a/memory_attention_hiera_t.onnx", attention.into_model()),
        ("a/mlp_hiera_t.onnx", other.into_model()),
    ];
    write(models.path(), &files);
    let error = open(&support::engine_with(library, models.path().to_owned()), "sam2").map(drop).expect_err("not run");
    assert!(error.to_string().contains("ailia's SAM2 video export, whose files lack values"), "{error}");
}

#[test]
fn the_video_export_of_sam2_onnx_cpp_says_what_its_files_lack() {
    let Some(library) = support::library() else { return };
    let models = tempfile::tempdir().unwrap();
    let (mut decoder, mut attention) = (Graph::default(), Graph::default());
    decoder.input("point_coords", &[None, None, Some(2)]);
    decoder.input("point_labels", &[None, None]);
    let embeddings = [("image_embed", 256, 64), ("high_res_feats_0", 32, 256), ("high_res_feats_1", 64, 128)];
    embeddings.iter().for_each(|(name, channels, grid)| {
        decoder.input(name, &[Some(1), Some(*channels), Some(*grid), Some(*grid)]);
    });
    decoder.output("obj_ptr", &[None, Some(256)]);
    [("mask_for_mem", 1024), ("pred_mask", 256)].iter().for_each(|(name, side)| {
        decoder.output(name, &[Some(1), None, Some(*side), Some(*side)]);
    });
    attention.input("current_vision_feat", &[Some(1), Some(256), Some(64), Some(64)]);
    attention.input("current_vision_pos_embed", &[Some(4096), Some(1), Some(256)]);
    attention.input("memory_0", &[None, Some(256)]);
    attention.input("memory_1", &[None, Some(64), Some(64), Some(64)]);
    attention.input("memory_pos_embed", &[None, Some(1), Some(64)]);
    attention.output("fused_feat", &[Some(1), Some(256), Some(64), Some(64)]);
    let encoder = encoder("input", &RECTLABEL, &SAM2);
    let files = [
        ("o/image_encoder.onnx", encoder),
        ("o/image_decoder.onnx", decoder.into_model()),
        ("o/memory_attention.onnx", attention.into_model()),
    ];
    write(models.path(), &files);
    let error = open(&support::engine_with(library, models.path().to_owned()), "sam2").map(drop).expect_err("not run");
    assert!(error.to_string().contains("lack the score of the object being there"), "{error}");
}
