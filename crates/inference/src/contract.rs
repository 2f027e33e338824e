//! What a model file must look like to be used: the names, element types and shapes of its tensors.

use std::{fmt, path::Path};

use ort::value::{Outlet, TensorElementType, ValueType};

use crate::{counters::Stage, error::InferenceError};

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

impl Contract {
    /// Compares what a file has with what is wanted.
    pub(crate) fn check(&self, file: &Path, inputs: &[Outlet], outputs: &[Outlet]) -> Result<(), InferenceError> {
        let mismatch =
            |expected, found| InferenceError::Contract { file: file.to_owned(), model: self.name, expected, found };
        for (what, specs, found) in [("input", self.inputs, inputs), ("output", self.outputs, outputs)] {
            for spec in specs {
                let Some(outlet) = found.iter().find(|outlet| outlet.name() == spec.name) else {
                    return Err(mismatch(format!("{what} {spec}"), format!("{what}s {}", list(found))));
                };
                if !spec.accepts(outlet.dtype()) {
                    return Err(mismatch(format!("{what} {spec}"), Shown(outlet).to_string()));
                }
            }
        }
        match inputs.iter().find(|input| self.inputs.iter().all(|spec| spec.name != input.name())) {
            Some(extra) => Err(mismatch("no other inputs".to_owned(), format!("also an input {}", Shown(extra)))),
            None => Ok(()),
        }
    }
}

impl TensorSpec {
    fn accepts(&self, found: &ValueType) -> bool {
        let ValueType::Tensor { ty, shape, .. } = found else { return false };
        let element = match self.element {
            Element::F32 => TensorElementType::Float32,
            Element::I64 => TensorElementType::Int64,
        };
        // A negative size in a file means that it is free.
        let fits = |(want, have): (&Dim, &i64)| *have < 0 || matches!(want, Dim::Any) || *want == Dim::Is(*have);
        *ty == element && shape.len() == self.shape.len() && self.shape.iter().zip(shape.iter()).all(fits)
    }
}

impl fmt::Display for TensorSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = self.shape.iter().map(|dim| match dim {
            Dim::Any => None,
            Dim::Is(size) => Some(*size),
        });
        write!(f, "\"{}\" {}", self.name, self.element)?;
        write_shape(f, sizes)
    }
}

/// A tensor of a file in the words of [`TensorSpec`].
struct Shown<'a>(&'a Outlet);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" ", self.0.name())?;
        let ValueType::Tensor { ty, shape, .. } = self.0.dtype() else { return write!(f, "{}", self.0.dtype()) };
        write!(f, "{ty}")?;
        write_shape(f, shape.iter().map(|&size| (size >= 0).then_some(size)))
    }
}

fn write_shape(f: &mut fmt::Formatter<'_>, sizes: impl Iterator<Item = Option<i64>>) -> fmt::Result {
    let sizes: Vec<_> = sizes.map(|size| size.map_or("?".to_owned(), |size| size.to_string())).collect();
    write!(f, "[{}]", sizes.join(", "))
}

fn list(outlets: &[Outlet]) -> String {
    let outlets: Vec<_> = outlets.iter().map(|outlet| Shown(outlet).to_string()).collect();
    outlets.join(", ")
}
