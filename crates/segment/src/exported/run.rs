//! One run of one graph, with its outputs held against the shapes they must have.

use inference::{Abort, Engine, InferenceError, Input, ModelFile};
use ndarray::ArrayD;

use crate::error::SegmentError;

/// An axis of any length in an expected shape.
pub(crate) const ANY: usize = usize::MAX;

/// Runs a graph. `outputs` are names and shapes; the arrays come back in that order and of those shapes.
pub(crate) fn run<const N: usize>(
    engine: &Engine,
    graph: &ModelFile,
    inputs: &[(&str, Input<'_>)],
    outputs: [(&str, &[usize]); N],
    abort: &dyn Abort,
) -> Result<[ArrayD<f32>; N], SegmentError> {
    let arrays = engine.run(graph, inputs, &outputs.map(|(name, _)| name), abort)?;
    let wrong = |reason: String| InferenceError::Run { file: graph.path.clone(), model: graph.contract.name, reason };
    for (array, (name, shape)) in arrays.iter().zip(&outputs) {
        let fits = |(found, wanted): (&usize, &usize)| *wanted == ANY || found == wanted;
        if array.ndim() != shape.len() || !array.shape().iter().zip(*shape).all(fits) {
            let axis = |&axis: &usize| if axis == ANY { "?".to_owned() } else { axis.to_string() };
            let wanted: Vec<_> = shape.iter().map(axis).collect();
            let (found, wanted) = (array.shape(), wanted.join(", "));
            return Err(wrong(format!("it gave \"{name}\" of {found:?}, expected [{wanted}]")).into());
        }
    }
    let count = arrays.len();
    arrays.try_into().map_err(|_| wrong(format!("it gave {count} outputs, expected {N}")).into())
}

/// An array of a shape that fits its values by construction. Where that is wrong after all it is empty, and the run
/// fails with ONNX Runtime's words about its shape.
pub(crate) fn array<T: Clone + Default>(shape: &[usize], values: Vec<T>) -> ArrayD<T> {
    ArrayD::from_shape_vec(shape, values).unwrap_or_else(|_| ArrayD::from_elem(vec![0; shape.len()], T::default()))
}
