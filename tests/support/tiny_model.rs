//! A model of the SAM1 contract in a few kilobytes, written on the spot: hundreds of renders in seconds, where what is
//! tested is the engine and not the mattes.
//!
//! The encoder averages the picture in squares of 16 and mixes the colours into 256 channels. The decoder adds a hill
//! round each include point, a hole round each exclude point and the inside of the box to the brightness that it reads
//! back from the embedding. So every matte depends on its picture and on every prompt.

use std::path::Path;

use super::onnx::{Attribute, Graph};

/// Name and folder of the model, as the panel and the doctor show it.
pub const NAME: &str = "tiny";

/// Side of the embedding; the logits are four times as large.
const GRID: usize = 64;
const CHANNELS: usize = 256;
/// What a prompt's label (plus one) weighs: padding, exclude, include, and the box's corners, which weigh otherwise.
const POINT_WEIGHTS: [f32; 5] = [0.0, -1.0, 1.0, 0.0, 0.0];
/// The box's centre is half the sum of its corners, half its extent half their difference.
const CENTRE_WEIGHTS: [f32; 5] = [0.0, 0.0, 0.0, 0.5, 0.5];
const EXTENT_WEIGHTS: [f32; 5] = [0.0, 0.0, 0.0, -0.5, 0.5];
/// Steepness of a hill: its value halves a sixth of the canvas away.
const HILL: f32 = -25.0;

/// Writes the model into `<models>/tiny`.
pub fn write(models: &Path) {
    let folder = models.join(NAME);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("encoder.onnx"), encoder()).unwrap();
    std::fs::write(folder.join("sam.onnx"), decoder()).unwrap();
}

fn encoder() -> Vec<u8> {
    let mut graph = Graph::default();
    graph.input("input", &[None, Some(3), Some(1024), Some(1024)]);
    graph.output("output", &[None, Some(256), Some(64), Some(64)]);
    let sixteen = [16, 16];
    let square = [Attribute::Wholes("kernel_shape", &sixteen), Attribute::Wholes("strides", &sixteen)];
    graph.node("averaged", "AveragePool", &["input"], &square);
    let mixing: Vec<f32> = (0..CHANNELS * 3).map(|i| wave(i / 3, i % 3)).collect();
    graph.floats("mixing", &[CHANNELS as u64, 3, 1, 1], &mixing);
    graph.node("output", "Conv", &["averaged", "mixing"], &[]);
    graph.into_model()
}

/// Waves of different lengths, so that the decoder finds each colour again among the channels.
fn wave(channel: usize, colour: usize) -> f32 {
    (channel as f32 * 0.37 * (colour + 1) as f32).cos()
}

fn decoder() -> Vec<u8> {
    let mut graph = Graph::default();
    graph.input("image_embeddings", &[Some(1), Some(256), Some(64), Some(64)]);
    graph.input("point_coords", &[Some(1), None, Some(2)]);
    graph.input("point_labels", &[Some(1), None]);
    graph.input("mask_input", &[Some(1), Some(1), Some(256), Some(256)]);
    graph.input("has_mask_input", &[Some(1)]);
    graph.input("orig_im_size", &[Some(2)]);
    graph.output("iou_predictions", &[None, Some(1)]);
    graph.output("low_res_masks", &[None, Some(1), Some(256), Some(256)]);
    constants(&mut graph);
    prompts(&mut graph);
    hills(&mut graph);
    inside_of_box(&mut graph);
    logits(&mut graph);
    graph.into_model()
}

fn constants(graph: &mut Graph) {
    let cells: Vec<f32> = (0..GRID).map(|i| (i as f32 + 0.5) / GRID as f32).collect();
    graph.floats("x", &[1, 1, 1, GRID as u64], &cells);
    graph.floats("y", &[1, 1, GRID as u64, 1], &cells);
    graph.floats("point_weights", &[5], &POINT_WEIGHTS);
    graph.floats("centre_weights", &[5], &CENTRE_WEIGHTS);
    graph.floats("extent_weights", &[5], &EXTENT_WEIGHTS);
    let constants = [
        ("one", 1.0),
        ("minus_one", -1.0),
        ("of_canvas", 1.0 / 1024.0),
        ("hill", HILL),
        ("thinnest_box", 0.001),
        ("prompt_gain", 6.0),
        ("picture_gain", 0.5),
        ("threshold", -2.0),
        ("previous_gain", 0.1),
    ];
    for (name, value) in constants {
        graph.floats(name, &[], &[value]);
    }
    graph.wholes("first", &[0]);
    graph.wholes("second", &[1]);
    graph.wholes("as_map", &[3]);
    graph.wholes("as_maps", &[2, 3]);
    let readout = |c: usize| (0..3).map(|colour| wave(c, colour)).sum::<f32>() / 128.0;
    graph.floats("readout", &[1, CHANNELS as u64, 1, 1], &(0..CHANNELS).map(readout).collect::<Vec<_>>());
    graph.floats("enlarge", &[4], &[1.0, 1.0, 4.0, 4.0]);
}

/// Positions in parts of the canvas and weights, each as [1, points, 1, 1].
fn prompts(graph: &mut Graph) {
    graph.node("placed", "Mul", &["point_coords", "of_canvas"], &[]);
    for (name, index) in [("point_x", "first"), ("point_y", "second")] {
        let list = format!("{name}_list");
        // Gathered by a list of one index, the axis stays: [1, points, 1].
        graph.node(&list, "Gather", &["placed", index], &[Attribute::Whole("axis", 2)]);
        graph.node(name, "Unsqueeze", &[&list, "as_map"], &[]);
    }
    graph.node("label_plus_one", "Add", &["point_labels", "one"], &[]);
    graph.node("label", "Cast", &["label_plus_one"], &[Attribute::Whole("to", 7)]);
    for kind in ["point", "centre", "extent"] {
        let (weights, list, maps) = (format!("{kind}_weights"), format!("{kind}_list"), format!("{kind}_weight"));
        graph.node(&list, "Gather", &[&weights, "label"], &[]);
        graph.node(&maps, "Unsqueeze", &[&list, "as_maps"], &[]);
    }
}

fn hills(graph: &mut Graph) {
    for axis in ["x", "y"] {
        let (away, squared) = (format!("away_{axis}"), format!("away_{axis}_squared"));
        graph.node(&away, "Sub", &[axis, &format!("point_{axis}")], &[]);
        graph.node(&squared, "Mul", &[&away, &away], &[]);
    }
    graph.node("distance_squared", "Add", &["away_x_squared", "away_y_squared"], &[]);
    graph.node("steep", "Mul", &["distance_squared", "hill"], &[]);
    graph.node("each_hill", "Exp", &["steep"], &[]);
    graph.node("weighted_hills", "Mul", &["each_hill", "point_weight"], &[]);
    graph.node("hills", "ReduceSum", &["weighted_hills", "second"], &[]);
}

/// 1 in the middle of the box, 0 on its edge, -1 outside; 0 everywhere when there is no box.
fn inside_of_box(graph: &mut Graph) {
    graph.node("is_box", "ReduceSum", &["centre_weight", "second"], &[]);
    for axis in ["x", "y"] {
        let name = |part: &str| format!("box_{part}_{axis}");
        for part in ["centre", "extent"] {
            let shares = name(&format!("{part}_shares"));
            graph.node(&shares, "Mul", &[&format!("{part}_weight"), &format!("point_{axis}")], &[]);
            graph.node(&name(part), "ReduceSum", &[&shares, "second"], &[]);
        }
        graph.node(&name("extent_positive"), "Add", &[&name("extent"), "thinnest_box"], &[]);
        graph.node(&name("away"), "Sub", &[axis, &name("centre")], &[]);
        graph.node(&name("distance"), "Abs", &[&name("away")], &[]);
        graph.node(&name("share"), "Div", &[&name("distance"), &name("extent_positive")], &[]);
    }
    graph.node("box_outwards", "Max", &["box_share_x", "box_share_y"], &[]);
    graph.node("box_inwards", "Sub", &["one", "box_outwards"], &[]);
    graph.node("box_limited", "Clip", &["box_inwards", "minus_one", "one"], &[]);
    graph.node("box", "Mul", &["box_limited", "is_box"], &[]);
}

fn logits(graph: &mut Graph) {
    graph.node("brightness", "Conv", &["image_embeddings", "readout"], &[]);
    graph.node("picture", "Mul", &["brightness", "picture_gain"], &[]);
    graph.node("prompted", "Add", &["hills", "box"], &[]);
    graph.node("said", "Mul", &["prompted", "prompt_gain"], &[]);
    graph.node("said_and_seen", "Add", &["said", "picture"], &[]);
    graph.node("small", "Add", &["said_and_seen", "threshold"], &[]);
    graph.node("large", "Resize", &["small", "", "enlarge"], &[Attribute::Text("mode", "linear")]);
    graph.node("previous", "Mul", &["mask_input", "has_mask_input"], &[]);
    graph.node("previous_share", "Mul", &["previous", "previous_gain"], &[]);
    graph.node("low_res_masks", "Add", &["large", "previous_share"], &[]);
    let over_map = [2, 3];
    let peak = [Attribute::Wholes("axes", &over_map), Attribute::Whole("keepdims", 0)];
    graph.node("peak", "ReduceMax", &["low_res_masks"], &peak);
    graph.node("iou_predictions", "Sigmoid", &["peak"], &[]);
}
