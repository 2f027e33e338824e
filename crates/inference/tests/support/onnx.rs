//! A writer of ONNX files just large enough for tests: protobuf fields by the numbers of `onnx.proto3`.

/// Element type numbers of `TensorProto.DataType`.
pub const FLOAT: u64 = 1;
pub const INT64: u64 = 7;

pub struct Value<'a> {
    pub name: &'a str,
    pub element: u64,
    /// `None` is a free size.
    pub shape: &'a [Option<u64>],
}

pub struct Node<'a> {
    pub operator: &'a str,
    pub inputs: &'a [&'a str],
    pub outputs: &'a [&'a str],
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
    let mut graph = Vec::new();
    for node in nodes {
        let mut bytes = Vec::new();
        node.inputs.iter().for_each(|name| field(&mut bytes, 1, name.as_bytes()));
        node.outputs.iter().for_each(|name| field(&mut bytes, 2, name.as_bytes()));
        field(&mut bytes, 4, node.operator.as_bytes());
        field(&mut graph, 1, &bytes);
    }
    field(&mut graph, 2, b"test");
    weights.iter().for_each(|weight| field(&mut graph, 5, &tensor(weight)));
    inputs.iter().for_each(|value| field(&mut graph, 11, &value_info(value)));
    outputs.iter().for_each(|value| field(&mut graph, 12, &value_info(value)));

    let mut opset = Vec::new();
    number(&mut opset, 2, 17);
    let mut file = Vec::new();
    number(&mut file, 1, 8);
    field(&mut file, 7, &graph);
    field(&mut file, 8, &opset);
    file
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
    let ends: Vec<_> = (0..count).map(|i| ([name(i)], [name(i + 1)])).collect();
    let nodes: Vec<_> =
        ends.iter().map(|(input, output)| Node { operator: "Sin", inputs: input, outputs: output }).collect();
    let vector = |name| Value { name, element: FLOAT, shape: &[None] };
    model(&nodes, &[vector("x")], &[vector("y")])
}

fn tensor(weight: &Weight<'_>) -> Vec<u8> {
    let mut tensor = Vec::new();
    weight.shape.iter().for_each(|&size| number(&mut tensor, 1, size));
    number(&mut tensor, 2, FLOAT);
    field(&mut tensor, 8, weight.name.as_bytes());
    let bytes: Vec<u8> = weight.values.iter().flat_map(|value| value.to_le_bytes()).collect();
    field(&mut tensor, 9, &bytes);
    tensor
}

fn value_info(value: &Value<'_>) -> Vec<u8> {
    let mut shape = Vec::new();
    for (axis, size) in value.shape.iter().enumerate() {
        let mut dimension = Vec::new();
        match size {
            Some(size) => number(&mut dimension, 1, *size),
            None => field(&mut dimension, 2, format!("free{axis}").as_bytes()),
        }
        field(&mut shape, 1, &dimension);
    }
    let mut tensor = Vec::new();
    number(&mut tensor, 1, value.element);
    field(&mut tensor, 2, &shape);
    let mut kind = Vec::new();
    field(&mut kind, 1, &tensor);
    let mut info = Vec::new();
    field(&mut info, 1, value.name.as_bytes());
    field(&mut info, 2, &kind);
    info
}

fn field(to: &mut Vec<u8>, tag: u64, bytes: &[u8]) {
    varint(to, tag << 3 | 2);
    varint(to, bytes.len() as u64);
    to.extend_from_slice(bytes);
}

fn number(to: &mut Vec<u8>, tag: u64, value: u64) {
    varint(to, tag << 3);
    varint(to, value);
}

fn varint(to: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}
