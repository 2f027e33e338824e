//! What a model file must look like to be used: the names, element types and shapes of its tensors.

use std::fmt;

use crate::counters::Stage;

/// The element type of a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// 32-bit floating point.
    F32,
    /// 64-bit signed integer.
    I64,
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::I64 => "i64",
        })
    }
}

/// One axis of a tensor as a contract wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dim {
    /// Any size, fixed or free in the file.
    Any,
    /// This size, or free in the file.
    Is(i64),
}

/// One tensor as a contract wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TensorSpec {
    /// The name in the graph.
    pub name: &'static str,
    /// The element type.
    pub element: Element,
    /// The axes, outermost first. An empty slice means a scalar.
    pub shape: &'static [Dim],
}

/// What a model file must provide. Written down by the crate that knows the model; checked when a session is loaded.
///
/// A file may have more outputs than the contract names, but no more inputs: an input nobody feeds would fail later,
/// at the first frame, with a worse message.
#[derive(Debug, PartialEq, Eq)]
pub struct Contract {
    /// What the model is to a person: "SAM1 image encoder".
    pub name: &'static str,
    /// What its runs count as.
    pub stage: Stage,
    /// All inputs.
    pub inputs: &'static [TensorSpec],
    /// The outputs that are used.
    pub outputs: &'static [TensorSpec],
}
