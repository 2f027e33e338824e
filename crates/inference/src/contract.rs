//! What a model file must look like to be used: the names, element types and shapes of its tensors.

use std::{fmt, path::Path, sync::Arc};

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
    /// The size that the [`Sizes`] of a model file give to this name, or free in the file.
    Named(&'static str),
}

impl Dim {
    fn size(&self, sizes: &Sizes) -> Option<i64> {
        match self {
            Self::Any => None,
            Self::Is(size) => Some(*size),
            Self::Named(name) => sizes.get(name),
        }
    }
}

/// Sizes by name, for contracts of model families whose members differ in size.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sizes(Arc<[(&'static str, i64)]>);

impl Sizes {
    /// These names and sizes. A name that is missing is any size.
    pub fn new(sizes: &[(&'static str, i64)]) -> Self {
        Self(sizes.into())
    }

    fn get(&self, name: &str) -> Option<i64> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, size)| *size)
    }
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
    pub(crate) fn check(
        &self,
        file: &Path,
        sizes: &Sizes,
        inputs: &[Outlet],
        outputs: &[Outlet],
    ) -> Result<(), InferenceError> {
        let mismatch =
            |expected, found| InferenceError::Contract { file: file.to_owned(), model: self.name, expected, found };
        for (what, specs, found) in [("input", self.inputs, inputs), ("output", self.outputs, outputs)] {
            for &spec in specs {
                let wanted = Wanted { spec, sizes };
                let Some(outlet) = found.iter().find(|outlet| outlet.name() == spec.name) else {
                    return Err(mismatch(format!("{what} {wanted}"), format!("{what}s {}", list(found))));
                };
                if !wanted.accepts(outlet.dtype()) {
                    return Err(mismatch(format!("{what} {wanted}"), Shown(outlet).to_string()));
                }
            }
        }
        match inputs.iter().find(|input| self.inputs.iter().all(|spec| spec.name != input.name())) {
            Some(extra) => Err(mismatch("no other inputs".to_owned(), format!("also an input {}", Shown(extra)))),
            None => Ok(()),
        }
    }
}

/// A tensor as a contract wants it of one model file.
struct Wanted<'a> {
    spec: TensorSpec,
    sizes: &'a Sizes,
}

impl Wanted<'_> {
    fn shape(&self) -> impl ExactSizeIterator<Item = Option<i64>> {
        self.spec.shape.iter().map(|dim| dim.size(self.sizes))
    }

    fn accepts(&self, found: &ValueType) -> bool {
        let ValueType::Tensor { ty, shape, .. } = found else { return false };
        let element = match self.spec.element {
            Element::F32 => TensorElementType::Float32,
            Element::I64 => TensorElementType::Int64,
        };
        // A negative size in a file means that it is free.
        let fits = |(want, &have): (Option<i64>, &i64)| have < 0 || want.is_none_or(|want| want == have);
        *ty == element && shape.len() == self.shape().len() && self.shape().zip(shape.iter()).all(fits)
    }
}

impl fmt::Display for Wanted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" {}", self.spec.name, self.spec.element)?;
        write_shape(f, self.shape())
    }
}

/// A tensor of a file in the same words.
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
