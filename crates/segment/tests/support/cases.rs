//! The committed cases of single graphs: inputs, and what PyTorch made of them.
#![allow(clippy::expect_used)] // A fixture that does not fit fails its test.

use std::collections::BTreeSet;

use inference::{Input, ModelFile, NeverAbort};
use segment::exported::Exported;

use crate::fixtures::{Tensor, Tensors, difference, folder, frames, tensors};

/// The largest difference of a graph's outputs from PyTorch's.
pub const TOLERANCE: f32 = 1e-4;

/// How far a graph is from PyTorch in one case.
pub struct Difference {
    pub graph: String,
    pub case: String,
    pub largest: f32,
}

/// Runs a model's graphs on every committed case of its family.
pub fn differences(model: &Exported, family: &str) -> Vec<Difference> {
    let tensors = tensors(&folder().join(family).join("graphs.safetensors"));
    let prefix = |name: &String| name.rsplitn(3, '/').nth(2).expect("GRAPH/CASE/in/NAME").to_owned();
    let prefixes: BTreeSet<String> = tensors.keys().map(prefix).collect();
    let one = |prefix: &String| {
        let (graph, case) = prefix.split_once('/').expect("GRAPH/CASE");
        let largest = match graph {
            "vision_encoder" => encoder_difference(model, family, &tensors, prefix),
            _ => case_difference(model, graph_of(model, graph), &tensors, prefix),
        };
        Difference { graph: graph.to_owned(), case: case.to_owned(), largest }
    };
    prefixes.iter().map(one).collect()
}

fn graph_of<'a>(model: &'a Exported, name: &str) -> &'a ModelFile {
    let graphs = model.graphs();
    let optional = |graph: &'a Option<ModelFile>| graph.as_ref().expect("in this family");
    match name {
        "vision_encoder" => &graphs.vision_encoder,
        "tracker_neck" => optional(&graphs.tracker_neck),
        "prompt_mask_decoder" => &graphs.prompt_mask_decoder,
        "mask_prompt" => &graphs.mask_prompt,
        "memory_encoder" => &graphs.memory_encoder,
        "memory_attention" => &graphs.memory_attention,
        "text_encoder" => optional(&graphs.text_encoder),
        "detector" => optional(&graphs.detector),
        other => panic!("{other}"),
    }
}

/// The input of the vision encoder is the first frame: it goes the way of a picture.
fn encoder_difference(model: &Exported, family: &str, tensors: &Tensors, case: &str) -> f32 {
    let picture = frames(family).swap_remove(0);
    let embedding = model.embed(&picture, &NeverAbort).expect("encodes");
    let found = embedding.tensors();
    let outputs = model.graphs().vision_encoder.contract.outputs;
    assert_eq!(found.len(), outputs.len());
    let one = |(found, output): (&_, &inference::TensorSpec)| {
        let found: &ndarray::CowArray<'_, f32, ndarray::IxDyn> = found;
        difference(found, tensors[&format!("{case}/out/{}", output.name)].f32())
    };
    found.iter().zip(outputs).map(one).fold(0.0, f32::max)
}

fn case_difference(model: &Exported, graph: &ModelFile, tensors: &Tensors, case: &str) -> f32 {
    let of = |kind: &str| {
        let prefix = format!("{case}/{kind}/");
        let named =
            move |(name, tensor): (&String, &Tensor)| Some((name.strip_prefix(&prefix)?.to_owned(), tensor.clone()));
        tensors.iter().filter_map(named).collect::<Vec<_>>()
    };
    let floats = |tensor: Tensor| match tensor {
        Tensor::U8(bytes) => Tensor::F32(bytes.mapv(f32::from)),
        other => other,
    };
    let inputs: Vec<_> = of("in").into_iter().map(|(name, tensor)| (name, floats(tensor))).collect();
    let fed: Vec<_> = inputs
        .iter()
        .map(|(name, tensor)| {
            let input = match tensor {
                Tensor::F32(array) => Input::F32(array.view()),
                Tensor::I64(array) => Input::I64(array.view()),
                Tensor::U8(_) => unreachable!("made f32"),
            };
            (name.as_str(), input)
        })
        .collect();
    let expected = of("out");
    assert!(!expected.is_empty(), "{case}");
    let names: Vec<_> = expected.iter().map(|(name, _)| name.as_str()).collect();
    let found = model.engine().run(graph, &fed, &names, &NeverAbort).unwrap_or_else(|error| panic!("{case}: {error}"));
    found.iter().zip(&expected).map(|(found, (_, expected))| difference(found, expected.f32())).fold(0.0, f32::max)
}
