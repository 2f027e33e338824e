//! What an ONNX file says of itself: the tensors it takes and gives, and what its weights are. Read straight from the
//! protobuf (`onnx.proto3`), without ONNX Runtime and without the weights: a few milliseconds for gigabytes.

mod wire;

use std::{
    collections::{BTreeMap, HashSet},
    fs::File,
    io::{Read, Seek},
    path::Path,
};

use serde::Serialize;

pub(crate) use wire::Flaw;
use wire::{Value, Wire};

use crate::contract::GraphTensor;

/// Inputs and outputs of one graph. Old exporters list every weight among the inputs.
const MOST_TENSORS: usize = 100_000;
/// Axes of a tensor; ONNX Runtime's own operators stop at 8 or so.
const MOST_AXES: usize = 64;
/// Bytes of a name. PyTorch names reach two hundred.
const MOST_NAME: usize = 4096;
/// Bytes of the names of all weights together.
const MOST_NAMES: usize = 64 << 20;
/// Files in which weights may lie.
const MOST_DATA_FILES: usize = 64;

/// What most of a graph's weights are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Weights {
    /// 32-bit floating point.
    #[serde(rename = "fp32")]
    Full,
    /// 16-bit floating point.
    #[serde(rename = "fp16")]
    Half,
    /// Whole numbers of 8 bits or fewer.
    #[serde(rename = "quantised")]
    Quantised,
}

impl std::fmt::Display for Weights {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Full => "fp32",
            Self::Half => "fp16",
            Self::Quantised => "quantised",
        })
    }
}

/// The face of a graph.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Graph {
    /// What must be fed; weights are left out.
    pub inputs: Vec<GraphTensor>,
    /// What it gives.
    pub outputs: Vec<GraphTensor>,
    /// What its weights are; `None` where it has none.
    pub weights: Option<Weights>,
    /// The files beside it that hold weights, as it names them, and how many bytes each must have at least.
    pub data_files: BTreeMap<String, u64>,
}

impl Graph {
    /// Reads the file.
    pub fn of_file(path: &Path) -> Result<Self, Flaw> {
        let unreadable = |error: std::io::Error| Flaw::Unreadable(error.to_string());
        let file = File::open(path).map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        Self::read(file, length)
    }

    /// Reads a model of `length` bytes.
    pub fn read<R: Read + Seek>(source: R, length: u64) -> Result<Self, Flaw> {
        let mut reading = Reading { wire: Wire::new(source, length), graph: Self::default(), found: Found::default() };
        reading.model()?;
        let Reading { mut graph, found, .. } = reading;
        graph.inputs.retain(|input| !found.weights.contains(&input.name));
        graph.weights = found.counts.kind();
        Ok(graph)
    }
}

/// What is gathered on the way.
#[derive(Default)]
struct Found {
    weights: HashSet<String>,
    bytes_of_names: usize,
    counts: Counts,
}

/// Weights by element type. The many tables of shapes and indices are 64-bit integers and do not count.
#[derive(Default)]
struct Counts {
    full: u64,
    half: u64,
    small: u64,
}

impl Counts {
    fn add(&mut self, element: u64, values: u64) {
        // `TensorProto.DataType`: FLOAT, DOUBLE; FLOAT16, BFLOAT16; UINT8, INT8 and the float8, int4, float4 kinds.
        let kind = match element {
            1 | 11 => &mut self.full,
            10 | 16 => &mut self.half,
            2 | 3 | 17..=23 => &mut self.small,
            _ => return,
        };
        *kind = kind.saturating_add(values);
    }

    /// A quantised model keeps its norms, biases and scales in floating point: a share of whole numbers is enough.
    fn kind(&self) -> Option<Weights> {
        let floating = self.full.saturating_add(self.half);
        match (self.small, floating) {
            (0, 0) => None,
            (small, floating) if small > floating / 8 => Some(Weights::Quantised),
            _ if self.half > self.full => Some(Weights::Half),
            _ => Some(Weights::Full),
        }
    }
}

struct Reading<R> {
    wire: Wire<R>,
    graph: Graph,
    found: Found,
}

/// Messages and fields by the numbers of `onnx.proto3`.
impl<R: Read + Seek> Reading<R> {
    fn model(&mut self) -> Result<(), Flaw> {
        let end = self.wire.length();
        let mut graphs = 0;
        while let Some(field) = self.wire.field(end)? {
            match (field.number, field.value) {
                (7, Value::Span { end }) => {
                    graphs += 1;
                    self.graph(end)?;
                }
                (_, value) => self.wire.pass(&value)?,
            }
        }
        if graphs == 0 { Err(Flaw::NoGraph) } else { Ok(()) }
    }

    fn graph(&mut self, end: u64) -> Result<(), Flaw> {
        while let Some(field) = self.wire.field(end)? {
            match (field.number, field.value) {
                (5, Value::Span { end }) => self.weight(end)?,
                (11, Value::Span { end }) => {
                    let tensor = self.tensor(end)?;
                    push(&mut self.graph.inputs, tensor, "inputs", MOST_TENSORS)?;
                }
                (12, Value::Span { end }) => {
                    let tensor = self.tensor(end)?;
                    push(&mut self.graph.outputs, tensor, "outputs", MOST_TENSORS)?;
                }
                (_, value) => self.wire.pass(&value)?,
            }
        }
        Ok(())
    }

    /// `TensorProto`: the head of it, the values themselves are passed over.
    fn weight(&mut self, end: u64) -> Result<(), Flaw> {
        let (mut element, mut values, mut axes) = (0, 1u64, 0usize);
        let (mut place, mut external) = (Place::default(), false);
        while let Some(field) = self.wire.field(end)? {
            match (field.number, field.value) {
                (1, Value::Number(size)) => (values, axes) = (values.saturating_mul(size), axes + 1),
                (1, Value::Span { end }) => {
                    while self.wire.at() < end {
                        (values, axes) = (values.saturating_mul(self.wire.varint(end)?), axes + 1);
                    }
                }
                (2, Value::Number(number)) => element = number,
                (8, Value::Span { end }) => {
                    let name = self.wire.text(end, "bytes of a name", MOST_NAME)?;
                    self.found.bytes_of_names += name.len();
                    if self.found.bytes_of_names > MOST_NAMES {
                        return Err(Flaw::TooMany { what: "bytes of names", most: MOST_NAMES });
                    }
                    self.found.weights.insert(name);
                }
                (13, Value::Span { end }) => self.place(end, &mut place)?,
                (14, Value::Number(location)) => external = location == 1,
                (_, value) => self.wire.pass(&value)?,
            }
            if axes > MOST_AXES {
                return Err(Flaw::TooMany { what: "axes of a tensor", most: MOST_AXES });
            }
        }
        self.found.counts.add(element, values);
        if external && !place.file.is_empty() {
            let needed = self.graph.data_files.entry(place.file).or_default();
            *needed = (*needed).max(place.offset.saturating_add(place.length));
            if self.graph.data_files.len() > MOST_DATA_FILES {
                return Err(Flaw::TooMany { what: "files of weights", most: MOST_DATA_FILES });
            }
        }
        Ok(())
    }

    /// `StringStringEntryProto` of a tensor's `external_data`.
    fn place(&mut self, end: u64, place: &mut Place) -> Result<(), Flaw> {
        let (mut key, mut value) = (String::new(), String::new());
        while let Some(field) = self.wire.field(end)? {
            match (field.number, field.value) {
                (1, Value::Span { end }) => key = self.wire.text(end, "bytes of a name", MOST_NAME)?,
                (2, Value::Span { end }) => value = self.wire.text(end, "bytes of a name", MOST_NAME)?,
                (_, value) => self.wire.pass(&value)?,
            }
        }
        match key.as_str() {
            "location" => place.file = value,
            "offset" => place.offset = value.parse().unwrap_or_default(),
            "length" => place.length = value.parse().unwrap_or_default(),
            _ => {}
        }
        Ok(())
    }

    /// `ValueInfoProto`.
    fn tensor(&mut self, end: u64) -> Result<GraphTensor, Flaw> {
        let mut tensor = GraphTensor { name: String::new(), element: "no tensor".to_owned(), shape: None };
        while let Some(field) = self.wire.field(end)? {
            match (field.number, field.value) {
                (1, Value::Span { end }) => tensor.name = self.wire.text(end, "bytes of a name", MOST_NAME)?,
                (2, Value::Span { end }) => self.kind(end, &mut tensor)?,
                (_, value) => self.wire.pass(&value)?,
            }
        }
        Ok(tensor)
    }

    /// `TypeProto`, of which only `tensor_type` is of interest.
    fn kind(&mut self, end: u64, tensor: &mut GraphTensor) -> Result<(), Flaw> {
        while let Some(field) = self.wire.field(end)? {
            match (field.number, field.value) {
                (1, Value::Span { end }) => self.tensor_kind(end, tensor)?,
                (_, value) => self.wire.pass(&value)?,
            }
        }
        Ok(())
    }

    fn tensor_kind(&mut self, end: u64, tensor: &mut GraphTensor) -> Result<(), Flaw> {
        while let Some(field) = self.wire.field(end)? {
            match (field.number, field.value) {
                (1, Value::Number(element)) => tensor.element = element_name(element),
                (2, Value::Span { end }) => tensor.shape = Some(self.shape(end)?),
                (_, value) => self.wire.pass(&value)?,
            }
        }
        Ok(())
    }

    fn shape(&mut self, end: u64) -> Result<Vec<Option<i64>>, Flaw> {
        let mut shape = Vec::new();
        while let Some(field) = self.wire.field(end)? {
            match (field.number, field.value) {
                (1, Value::Span { end }) => {
                    let size = self.dimension(end)?;
                    push(&mut shape, size, "axes of a tensor", MOST_AXES)?;
                }
                (_, value) => self.wire.pass(&value)?,
            }
        }
        Ok(shape)
    }

    /// A size, or `None` for a free one, which has a name or nothing.
    fn dimension(&mut self, end: u64) -> Result<Option<i64>, Flaw> {
        let mut size = None;
        while let Some(field) = self.wire.field(end)? {
            match (field.number, field.value) {
                (1, Value::Number(number)) => size = Some(number.cast_signed()).filter(|&size| size >= 0),
                (_, value) => self.wire.pass(&value)?,
            }
        }
        Ok(size)
    }
}

/// Where a weight lies outside of the file.
#[derive(Default)]
struct Place {
    file: String,
    offset: u64,
    length: u64,
}

fn push<T>(list: &mut Vec<T>, item: T, what: &'static str, most: usize) -> Result<(), Flaw> {
    if list.len() >= most {
        return Err(Flaw::TooMany { what, most });
    }
    list.push(item);
    Ok(())
}

/// `TensorProto.DataType` in the words that a contract uses.
fn element_name(number: u64) -> String {
    let name = match number {
        1 => "f32",
        2 => "u8",
        3 => "i8",
        4 => "u16",
        5 => "i16",
        6 => "i32",
        7 => "i64",
        8 => "str",
        9 => "bool",
        10 => "f16",
        11 => "f64",
        12 => "u32",
        13 => "u64",
        16 => "bf16",
        other => return format!("element type {other}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests;
