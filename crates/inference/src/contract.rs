//! What a model file must look like to be used: the names, element types and shapes of its tensors.

use std::{fmt, path::Path, sync::Arc};

use ort::value::{Outlet, ValueType};
use serde::Serialize;

use crate::{counters::Stage, error::InferenceError};

/// The element type of a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// 32-bit floating point.
    F32,
    /// 32-bit signed integer.
    I32,
    /// 64-bit signed integer.
    I64,
    /// Truth value.
    Bool,
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::Bool => "bool",
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
        let tensors = |outlets: &[Outlet]| outlets.iter().map(GraphTensor::of).collect::<Vec<_>>();
        match self.misfits(sizes, &tensors(inputs), &tensors(outputs)).into_iter().next() {
            Some(Misfit { expected, found }) => {
                Err(InferenceError::Contract { file: file.to_owned(), model: self.name, expected, found })
            }
            None => Ok(()),
        }
    }

    /// Everything in which the tensors of a graph are not those that are wanted.
    pub(crate) fn misfits(&self, sizes: &Sizes, inputs: &[GraphTensor], outputs: &[GraphTensor]) -> Vec<Misfit> {
        let mut misfits = Vec::new();
        for (what, specs, found) in [("input", self.inputs, inputs), ("output", self.outputs, outputs)] {
            for &spec in specs {
                let wanted = Wanted { spec, sizes };
                match found.iter().find(|tensor| tensor.name == spec.name) {
                    Some(tensor) if wanted.accepts(tensor) => {}
                    Some(tensor) => {
                        misfits.push(Misfit { expected: format!("{what} {wanted}"), found: tensor.to_string() })
                    }
                    None => misfits.push(Misfit {
                        expected: format!("{what} {wanted}"),
                        found: if found.is_empty() {
                            format!("no {what}s")
                        } else {
                            format!("{what}s {}", list(found))
                        },
                    }),
                }
            }
        }
        let extra = inputs.iter().find(|input| self.inputs.iter().all(|spec| spec.name != input.name));
        misfits.extend(
            extra.map(|extra| Misfit {
                expected: "no other inputs".to_owned(),
                found: format!("also an input {extra}"),
            }),
        );
        misfits
    }

    /// How many of the wanted tensors a graph has by name, and how many there are: how near a graph comes that does
    /// not fit.
    pub(crate) fn known_names(&self, inputs: &[GraphTensor], outputs: &[GraphTensor]) -> (usize, usize) {
        let known = |specs: &[TensorSpec], found: &[GraphTensor]| {
            specs.iter().filter(|spec| found.iter().any(|tensor| tensor.name == spec.name)).count()
        };
        (known(self.inputs, inputs) + known(self.outputs, outputs), self.inputs.len() + self.outputs.len())
    }
}

/// A tensor of a graph that is not what a contract wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Misfit {
    /// The tensor that is wanted.
    pub expected: String,
    /// What the graph has.
    pub found: String,
}

/// An input or output as a graph declares it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GraphTensor {
    /// Its name.
    pub name: String,
    /// Its element type as ONNX Runtime's users write it: "f32", "i64", "bool"; other words for what is no tensor.
    pub element: String,
    /// The sizes of its axes, outermost first, `None` for a free one; nothing at all when even their number is free.
    pub shape: Option<Vec<Option<i64>>>,
}

impl GraphTensor {
    fn of(outlet: &Outlet) -> Self {
        let (element, shape) = match outlet.dtype() {
            // A negative size in a file means that it is free.
            ValueType::Tensor { ty, shape, .. } => {
                (ty.to_string(), Some(shape.iter().map(|&size| (size >= 0).then_some(size)).collect()))
            }
            other => (other.to_string(), None),
        };
        Self { name: outlet.name().to_owned(), element, shape }
    }
}

impl fmt::Display for GraphTensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" {}", self.name, self.element)?;
        match &self.shape {
            Some(shape) => write_shape(f, shape.iter().copied()),
            None => f.write_str("[...]"),
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

    fn accepts(&self, found: &GraphTensor) -> bool {
        let Some(shape) = &found.shape else { return false };
        let fits = |(want, have): (Option<i64>, &Option<i64>)| want.zip(*have).is_none_or(|(want, have)| want == have);
        found.element == self.spec.element.to_string()
            && shape.len() == self.shape().len()
            && self.shape().zip(shape).all(fits)
    }
}

impl fmt::Display for Wanted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" {}", self.spec.name, self.spec.element)?;
        write_shape(f, self.shape())
    }
}

fn write_shape(f: &mut fmt::Formatter<'_>, sizes: impl Iterator<Item = Option<i64>>) -> fmt::Result {
    let sizes: Vec<_> = sizes.map(|size| size.map_or("?".to_owned(), |size| size.to_string())).collect();
    write!(f, "[{}]", sizes.join(", "))
}

fn list(tensors: &[GraphTensor]) -> String {
    let tensors: Vec<_> = tensors.iter().map(GraphTensor::to_string).collect();
    tensors.join(", ")
}
