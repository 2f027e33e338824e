//! A writer of ONNX files just large enough for the tests' own models: protobuf fields by the numbers of `onnx.proto`.

/// Element types of `TensorProto.DataType`.
pub const FLOAT: u64 = 1;
pub const INT64: u64 = 7;
pub const BOOL: u64 = 9;

/// An attribute of a node.
pub enum Attribute<'a> {
    Whole(&'a str, i64),
    Wholes(&'a str, &'a [i64]),
    Text(&'a str, &'a str),
}

/// A graph under construction.
#[derive(Default)]
pub struct Graph {
    bytes: Vec<u8>,
}

impl Graph {
    /// An input of floats; `None` is a free size.
    pub fn input(&mut self, name: &str, shape: &[Option<u64>]) {
        self.input_of(name, FLOAT, shape);
    }

    /// An input of whole numbers; `None` is a free size.
    pub fn wholes_input(&mut self, name: &str, shape: &[Option<u64>]) {
        self.input_of(name, INT64, shape);
    }

    /// An input of an element type.
    pub fn input_of(&mut self, name: &str, element: u64, shape: &[Option<u64>]) {
        field(&mut self.bytes, 11, &value_info(name, element, shape));
    }

    /// An input of truth values; `None` is a free size.
    pub fn truths_input(&mut self, name: &str, shape: &[Option<u64>]) {
        self.input_of(name, BOOL, shape);
    }

    /// An output of floats; `None` is a free size.
    pub fn output(&mut self, name: &str, shape: &[Option<u64>]) {
        self.output_of(name, FLOAT, shape);
    }

    /// An output of an element type.
    pub fn output_of(&mut self, name: &str, element: u64, shape: &[Option<u64>]) {
        field(&mut self.bytes, 12, &value_info(name, element, shape));
    }

    /// A constant of floats.
    pub fn floats(&mut self, name: &str, shape: &[u64], values: &[f32]) {
        let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        field(&mut self.bytes, 5, &tensor(name, FLOAT, shape, &raw));
    }

    /// A constant of floats that begins a file beside the graph.
    pub fn floats_beside(&mut self, name: &str, shape: &[u64], file: &str) {
        let mut constant = Vec::new();
        shape.iter().for_each(|&size| number(&mut constant, 1, size));
        number(&mut constant, 2, FLOAT);
        field(&mut constant, 8, name.as_bytes());
        let length = (shape.iter().product::<u64>() * 4).to_string();
        for (key, value) in [("location", file), ("offset", "0"), ("length", &length)] {
            let mut entry = Vec::new();
            field(&mut entry, 1, key.as_bytes());
            field(&mut entry, 2, value.as_bytes());
            field(&mut constant, 13, &entry);
        }
        number(&mut constant, 14, 1);
        field(&mut self.bytes, 5, &constant);
    }

    /// A constant list of whole numbers.
    pub fn wholes(&mut self, name: &str, values: &[i64]) {
        let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        field(&mut self.bytes, 5, &tensor(name, INT64, &[values.len() as u64], &raw));
    }

    /// `output = operator(inputs)`. An empty input is one left out.
    pub fn node(&mut self, output: &str, operator: &str, inputs: &[&str], attributes: &[Attribute<'_>]) {
        let mut node = Vec::new();
        inputs.iter().for_each(|name| field(&mut node, 1, name.as_bytes()));
        field(&mut node, 2, output.as_bytes());
        field(&mut node, 3, output.as_bytes());
        field(&mut node, 4, operator.as_bytes());
        attributes.iter().for_each(|attribute| field(&mut node, 5, &attribute.bytes()));
        field(&mut self.bytes, 1, &node);
    }

    /// The file: a model of opset 17.
    pub fn into_model(mut self) -> Vec<u8> {
        field(&mut self.bytes, 2, b"tiny");
        let mut opset = Vec::new();
        number(&mut opset, 2, 17);
        let mut file = Vec::new();
        number(&mut file, 1, 8);
        field(&mut file, 7, &self.bytes);
        field(&mut file, 8, &opset);
        file
    }
}

impl Attribute<'_> {
    /// `AttributeProto`, with the type numbers of `AttributeProto.AttributeType`.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self {
            Self::Whole(name, value) => {
                field(&mut bytes, 1, name.as_bytes());
                number(&mut bytes, 3, value.cast_unsigned());
                number(&mut bytes, 20, 2);
            }
            Self::Wholes(name, values) => {
                field(&mut bytes, 1, name.as_bytes());
                values.iter().for_each(|value| number(&mut bytes, 8, value.cast_unsigned()));
                number(&mut bytes, 20, 7);
            }
            Self::Text(name, value) => {
                field(&mut bytes, 1, name.as_bytes());
                field(&mut bytes, 4, value.as_bytes());
                number(&mut bytes, 20, 3);
            }
        }
        bytes
    }
}

fn tensor(name: &str, element: u64, shape: &[u64], raw: &[u8]) -> Vec<u8> {
    let mut tensor = Vec::new();
    shape.iter().for_each(|&size| number(&mut tensor, 1, size));
    number(&mut tensor, 2, element);
    field(&mut tensor, 8, name.as_bytes());
    field(&mut tensor, 9, raw);
    tensor
}

fn value_info(name: &str, element: u64, shape: &[Option<u64>]) -> Vec<u8> {
    let mut dimensions = Vec::new();
    for (axis, size) in shape.iter().enumerate() {
        let mut dimension = Vec::new();
        match size {
            Some(size) => number(&mut dimension, 1, *size),
            None => field(&mut dimension, 2, format!("{name}_{axis}").as_bytes()),
        }
        field(&mut dimensions, 1, &dimension);
    }
    let mut tensor = Vec::new();
    number(&mut tensor, 1, element);
    field(&mut tensor, 2, &dimensions);
    let mut kind = Vec::new();
    field(&mut kind, 1, &tensor);
    let mut info = Vec::new();
    field(&mut info, 1, name.as_bytes());
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
