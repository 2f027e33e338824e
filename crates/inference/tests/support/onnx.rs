//! The models of this crate's tests as lists of nodes.

#[path = "../../../../tests/support/onnx.rs"]
mod file;

#[allow(unused_imports, reason = "each test file uses its part")]
pub use file::{FLOAT, INT64};

/// An input or an output.
pub struct Value<'a> {
    pub name: &'a str,
    /// [`FLOAT`] or [`INT64`].
    pub element: u64,
    /// `None` is a free size.
    pub shape: &'a [Option<u64>],
}

pub struct Node<'a> {
    pub operator: &'a str,
    pub inputs: &'a [&'a str],
    pub output: &'a str,
}

/// Weights of a model.
pub struct Weight<'a> {
    pub name: &'a str,
    pub shape: &'a [u64],
    pub values: &'a [f32],
}

/// A model of opset 17.
pub fn model(nodes: &[Node<'_>], inputs: &[Value<'_>], outputs: &[Value<'_>]) -> Vec<u8> {
    model_with_weights(nodes, &[], inputs, outputs)
}

/// A model of opset 17 with weights.
pub fn model_with_weights(
    nodes: &[Node<'_>],
    weights: &[Weight<'_>],
    inputs: &[Value<'_>],
    outputs: &[Value<'_>],
) -> Vec<u8> {
    let mut graph = file::Graph::default();
    nodes.iter().for_each(|node| graph.node(node.output, node.operator, node.inputs, &[]));
    weights.iter().for_each(|weight| graph.floats(weight.name, weight.shape, weight.values));
    inputs.iter().for_each(|input| graph.input_of(input.name, input.element, input.shape));
    outputs.iter().for_each(|output| graph.output_of(output.name, output.element, output.shape));
    graph.into_model()
}

/// `y = sin(sin(... x))`, `count` times, over a vector of free length. Long chains take long and can be interrupted
/// after each link.
pub fn sines(count: usize) -> Vec<u8> {
    let names: Vec<String> = (1..count).map(|i| format!("t{i}")).collect();
    let name = |i: usize| match i {
        0 => "x",
        i if i == count => "y",
        i => names[i - 1].as_str(),
    };
    let inputs: Vec<_> = (0..count).map(|i| [name(i)]).collect();
    let nodes: Vec<_> = (0..count).map(|i| Node { operator: "Sin", inputs: &inputs[i], output: name(i + 1) }).collect();
    let vector = |name| Value { name, element: FLOAT, shape: &[None] };
    model(&nodes, &[vector("x")], &[vector("y")])
}
