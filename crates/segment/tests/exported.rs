//! The exported graphs of both families give what PyTorch gave, through the engine and as a segmenter of pictures.

#![allow(clippy::expect_used)]

#[path = "support/fixtures.rs"]
mod fixtures;
mod support;

use std::collections::BTreeSet;

use fixtures::{FAMILIES, Tensor, difference};
use inference::{Input, ModelFile, NeverAbort};
use segment::exported::Exported;

/// The largest difference of a graph's outputs from PyTorch's.
const TOLERANCE: f32 = 1e-4;

fn graph<'a>(model: &'a Exported, name: &str) -> &'a ModelFile {
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

#[test]
fn every_graph_gives_what_pytorch_gave() {
    let Some(library) = support::library() else { return };
    for family in FAMILIES {
        let model = fixtures::model(&fixtures::engine(library.clone()), family);
        let tensors = fixtures::tensors(&fixtures::folder().join(family).join("graphs.safetensors"));
        let case = |name: &String| name.rsplitn(3, '/').nth(2).expect("GRAPH/CASE/in/NAME").to_owned();
        let cases: BTreeSet<String> = tensors.keys().map(case).collect();
        let mut graphs = BTreeSet::new();
        for case in &cases {
            let name = case.split('/').next().expect("GRAPH/CASE");
            graphs.insert(name);
            let largest = if name == "vision_encoder" {
                encoder_difference(&model, family, &tensors, case)
            } else {
                case_difference(&model, graph(&model, name), &tensors, case)
            };
            println!("{family} {case}: {largest:.1e}");
            assert!(largest <= TOLERANCE, "{family} {case}: {largest}");
        }
        assert_eq!(graphs.len(), if family == "sam3" { 8 } else { 5 }, "{graphs:?}");
    }
}

/// The input of the vision encoder is the first frame: it goes the way of a picture.
fn encoder_difference(model: &Exported, family: &str, tensors: &fixtures::Tensors, case: &str) -> f32 {
    let picture = fixtures::frames(family).swap_remove(0);
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

fn case_difference(model: &Exported, graph: &ModelFile, tensors: &fixtures::Tensors, case: &str) -> f32 {
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
