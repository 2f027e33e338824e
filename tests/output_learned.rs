//! MatteOutput's edge by a network: what counts of it and where, what it is shown, and what is told where there is none.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use std::fs;
use std::path::PathBuf;

use headless::host::{Instance, RenderRequest, Value};
use support::onnx::Graph;
use support::output::*;
use support::workplace::in_own_process;
use support::*;

const SIZE: (usize, usize) = (192, 128);
const LEARNED: Value = Value::Integer(4);
const VITMATTE: i32 = 1;
const RVM: i32 = 2;
const MODNET: i32 = 3;

/// What a ViTMatte that gives its trimap back says where that is unknown.
const UNKNOWN: f32 = 128.0 / 255.0;
/// What each frame adds to the alpha of the RVM that counts them.
const STEP: f32 = 0.15;

fn install(name: &str, graph: Graph) {
    let folder = PathBuf::from(std::env::var_os("SAM3ROTO_MODELS").unwrap()).join(name);
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("network.onnx"), graph.into_model()).unwrap();
}

fn picture(graph: &mut Graph, name: &str, channels: u64) {
    graph.input(name, &[Some(1), Some(channels), None, None]);
    graph.wholes("channel", &[1]);
}

/// `output` = one channel of `input`, times `by`, plus `and`.
fn channel(graph: &mut Graph, output: &str, input: &str, number: i64, [by, and]: [f32; 2]) {
    graph.wholes("first", &[number]);
    graph.wholes("end", &[number + 1]);
    graph.floats("by", &[1], &[by]);
    graph.floats("and", &[1], &[and]);
    graph.node("one", "Slice", &[input, "first", "end", "channel"], &[]);
    graph.node("scaled", "Mul", &["one", "by"], &[]);
    graph.node(output, "Add", &["scaled", "and"], &[]);
    graph.output(output, &[Some(1), Some(1), None, None]);
}

/// A ViTMatte that gives its trimap back.
fn vitmatte() -> Graph {
    let mut graph = Graph::default();
    picture(&mut graph, "pixel_values", 4);
    channel(&mut graph, "alphas", "pixel_values", 3, [1.0, 0.0]);
    graph
}

/// A MODNet whose people are red, or all that is not.
fn modnet(red: bool) -> Graph {
    let mut graph = Graph::default();
    picture(&mut graph, "input", 3);
    channel(&mut graph, "output", "input", 0, if red { [0.5, 0.5] } else { [-0.5, 0.5] });
    graph
}

/// An RVM whose alpha tells how many frames it has seen.
fn rvm() -> Graph {
    let mut graph = Graph::default();
    picture(&mut graph, "src", 3);
    (1..=4).for_each(|i| graph.input(&format!("r{i}i"), &[None, None, None, None]));
    graph.input("downsample_ratio", &[Some(1)]);
    channel(&mut graph, "nothing", "src", 0, [0.0, 0.0]);
    graph.floats("frame", &[1, 1, 1, 1], &[STEP]);
    graph.node("r1o", "Add", &["r1i", "frame"], &[]);
    graph.node("pha", "Add", &["nothing", "r1o"], &[]);
    (2..=4).for_each(|i| graph.node(&format!("r{i}o"), "Identity", &[&format!("r{i}i")], &[]));
    graph.output("pha", &[Some(1), Some(1), None, None]);
    (1..=4).for_each(|i| graph.output(&format!("r{i}o"), &[None, None, None, None]));
    graph
}

fn learning(model: i32) -> Instance {
    let display = ("sourceEncoding", Value::Integer(1));
    let values =
        [("refine", LEARNED), ("learnedModel", Value::Integer(model)), ("trimapOutside", Value::Double(6.0)), display];
    on_scene(SIZE.0, SIZE.1, &values).unwrap()
}

fn mattes(instance: &Instance, time: f64) -> Vec<f32> {
    alpha(&render(instance, &RenderRequest::at(time)).frame)
}

/// The panel's line, which is shown with the next change.
fn told(instance: &Instance) -> String {
    instance.set("featherBias", Value::Double(0.0)).unwrap();
    match instance.get("status").unwrap() {
        Value::Text(line) => line,
        other => panic!("{other:?}"),
    }
}

fn warned(instance: &Instance) -> String {
    instance.persistent_message().map(|message| message.text).unwrap_or_default()
}

/// What the trimap does not know, and so far inside that all of the network counts: the matte's own soft edge.
fn soft() -> Vec<bool> {
    alpha(&matte(SIZE.0, SIZE.1)).iter().map(|alpha| (0.06..0.94).contains(alpha)).collect()
}

#[test]
fn a_trimap_network_counts_in_the_unknown_band_and_nowhere_else() {
    in_own_process("a_trimap_network_counts_in_the_unknown_band_and_nowhere_else", || {
        install("trimaps", vitmatte());
        let instance = learning(VITMATTE);
        let found = mattes(&instance, 0.0);
        instance.set("outputMode", Value::Integer(4)).unwrap();
        let trimap: Vec<f32> = rgba(&render(&instance, &RenderRequest::at(0.0)).frame).iter().map(|p| p[0]).collect();
        let given = alpha(&matte(SIZE.0, SIZE.1));
        for (i, soft) in soft().into_iter().enumerate() {
            match trimap[i] {
                0.5 if soft => assert!((found[i] - UNKNOWN).abs() < 1e-5, "{} at {i}", found[i]),
                0.5 => assert!(found[i] >= given[i].min(UNKNOWN) - 1e-5 && found[i] <= given[i].max(UNKNOWN) + 1e-5),
                _ => assert_eq!(found[i], given[i]),
            }
        }
        assert!(told(&instance).contains("edge by trimaps on CPU, "), "{}", told(&instance));
        assert_eq!(warned(&instance), "");
        // Half of it is half of it.
        instance.set("outputMode", Value::Integer(0)).unwrap();
        instance.set("refineAmount", Value::Double(0.5)).unwrap();
        let half = mattes(&instance, 0.0);
        assert!((0..half.len()).all(|i| (half[i] - 0.5 * (found[i] + given[i])).abs() < 1e-5));
        assert!(told(&instance).contains("remembered"), "{}", told(&instance));
        instance.destroy().unwrap();
    });
}

#[test]
fn a_network_for_people_counts_in_the_band() {
    in_own_process("a_network_for_people_counts_in_the_band", || {
        install("people", modnet(true));
        let instance = learning(MODNET);
        let found = mattes(&instance, 0.0);
        let given = alpha(&matte(SIZE.0, SIZE.1));
        let red: Vec<f32> = rgba(&scene(SIZE.0, SIZE.1)).iter().map(|pixel| pixel[0]).collect();
        let edge: Vec<usize> = soft().iter().enumerate().filter(|(_, soft)| **soft).map(|(i, _)| i).collect();
        let off = edge.iter().map(|&i| (found[i] - red[i]).abs()).sum::<f32>() / edge.len() as f32;
        assert!(off < 0.03, "as red as the picture, which the network sees larger: {off} apart on average");
        assert!((0..found.len()).all(|i| given[i] < 1.0 || found[i] > 0.6));
        assert!(told(&instance).contains("edge by people on CPU, 768 x 512"), "{}", told(&instance));
        instance.destroy().unwrap();
    });
}

#[test]
fn a_network_that_sees_no_object_is_told_and_the_edge_is_guided() {
    in_own_process("a_network_that_sees_no_object_is_told_and_the_edge_is_guided", || {
        install("people", modnet(false));
        let instance = learning(0);
        let found = mattes(&instance, 0.0);
        assert!(told(&instance).contains("people does not see the object"), "{}", told(&instance));
        assert!(warned(&instance).contains("Install ViTMatte"), "{}", warned(&instance));
        instance.set("refine", Value::Integer(2)).unwrap();
        assert_eq!(found, mattes(&instance, 0.0), "as guided by colour");
        assert_eq!(warned(&instance), "");
        instance.destroy().unwrap();
    });
}

#[test]
fn a_network_with_a_memory_sees_the_frames_before_whatever_was_rendered_before() {
    in_own_process("a_network_with_a_memory_sees_the_frames_before_whatever_was_rendered_before", || {
        install("video", rvm());
        let instance = learning(RVM);
        let soft = soft();
        let of_edge = |time: f64| {
            let found = mattes(&instance, time);
            let edge: Vec<f32> = (0..found.len()).filter(|&i| soft[i]).map(|i| found[i]).collect();
            assert!(edge.iter().all(|alpha| (alpha - edge[0]).abs() < 1e-5));
            edge[0]
        };
        for time in [50.0, 49.0, 3.0, 51.0, 4.0] {
            let frames = if time >= 4.0 { 5.0 } else { time as f32 + 1.0 };
            assert!((of_edge(time) - STEP * frames).abs() < 1e-5, "{} at {time}", of_edge(time));
        }
        assert!(told(&instance).contains(", 4 frames before, "), "{}", told(&instance));
        instance.set("learnedHistory", Value::Integer(3)).unwrap();
        assert!((of_edge(50.0) - STEP * 4.0).abs() < 1e-5);
        // The first frame has none before it, and this network then finds next to nothing.
        instance.set("learnedHistory", Value::Integer(4)).unwrap();
        mattes(&instance, 0.0);
        assert!(told(&instance).contains("does not see the object"), "{}", told(&instance));
        instance.destroy().unwrap();
    });
}

#[test]
fn without_a_network_the_edge_is_guided_and_a_kind_that_is_missing_is_an_error() {
    in_own_process("without_a_network_the_edge_is_guided_and_a_kind_that_is_missing_is_an_error", || {
        let instance = learning(0);
        let found = mattes(&instance, 0.0);
        assert!(told(&instance).contains("edge guided by colour: no learned model"), "{}", told(&instance));
        let words = warned(&instance);
        assert!(words.contains("no usable network for matting") && words.contains("install ViTMatte"), "{words}");
        instance.set("refine", Value::Integer(2)).unwrap();
        assert_eq!(found, mattes(&instance, 0.0));
        instance.set("refine", LEARNED).unwrap();
        instance.set("learnedModel", Value::Integer(RVM)).unwrap();
        assert!(instance.render(&RenderRequest::at(0.0)).is_err());
        assert!(warned(&instance).contains("of the kind RVM"), "{}", warned(&instance));
        instance.destroy().unwrap();
    });
}

#[test]
fn a_proxy_looks_like_the_full_size_with_a_network_too() {
    in_own_process("a_proxy_looks_like_the_full_size_with_a_network_too", || {
        install("trimaps", vitmatte());
        let instance = learning(VITMATTE);
        let full = mattes(&instance, 0.0);
        let proxy = alpha(&render(&instance, &RenderRequest { scale: (0.5, 0.5), ..RenderRequest::at(0.0) }).frame);
        let (width, height) = (SIZE.0 / 2, SIZE.1 / 2);
        assert_eq!(proxy.len(), width * height);
        let four = |i: usize| {
            let (x, y) = (2 * (i % width), 2 * (i / width));
            [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| full[(y + dy) * SIZE.0 + x + dx]).iter().sum::<f32>() / 4.0
        };
        let off: f32 = (0..proxy.len()).map(|i| (proxy[i] - four(i)).abs()).sum();
        assert!(off / (proxy.len() as f32) < 0.01, "{}", off / proxy.len() as f32);
        instance.destroy().unwrap();
    });
}

#[test]
fn mattes_nobody_wants_are_fine_with_every_network() {
    in_own_process("mattes_nobody_wants_are_fine_with_every_network", || {
        install("trimaps", vitmatte());
        install("video", rvm());
        install("people", modnet(true));
        let wild = [f32::NAN, -3.0, 7.0, f32::INFINITY, 0.5, 1.0, 0.0];
        type Shape<'a> = &'a dyn Fn(usize, usize) -> f32;
        let shapes: [Shape<'_>; 4] =
            [&|_, _| 0.0, &|_, _| 1.0, &|x, y| if (x, y) == (0, 0) { 1.0 } else { 0.0 }, &|x, y| {
                wild[(x / 3 + y / 4) % wild.len()]
            }];
        for (width, height) in [(1, 1), (3, 200), (4096, 25)] {
            for shape in shapes {
                let clips = vec![("Source", scene(width, height)), ("Matte", drawn_alpha(width, height, shape))];
                let instance = instance(Setup { clips, values: vec![("refine", LEARNED)] }).unwrap();
                for model in [VITMATTE, RVM, MODNET] {
                    instance.set("learnedModel", Value::Integer(model)).unwrap();
                    let found = mattes(&instance, 0.0);
                    assert!(found.iter().all(|alpha| (0.0..=1.0).contains(alpha)), "{width}x{height}, {model}");
                }
                instance.destroy().unwrap();
            }
        }
    });
}
