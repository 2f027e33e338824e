//! Trying a device out with a model of a few bytes.

use ort::{session::Session as OrtSession, value::TensorRef};

use super::{
    setup::{Graph, Setup, assigned},
    words::tidy,
};
use crate::device::{self, Proof};

/// `y = x times x` for a matrix of 8 by 8, as ONNX writes it (onnx.proto3): format 8, the graph, operator set 17.
const PRODUCT: &[u8] = b"\x08\x08:D\
    \x0a\x11\x0a\x01x\x0a\x01x\x12\x01y\x22\x06MatMul\
    \x12\x05trial\
    Z\x13\x0a\x01x\x12\x0e\x0a\x0c\x08\x01\x12\x08\x0a\x02\x08\x08\x0a\x02\x08\x08\
    b\x13\x0a\x01y\x12\x0e\x0a\x0c\x08\x01\x12\x08\x0a\x02\x08\x08\x0a\x02\x08\x08\
    B\x02\x10\x11";

/// Makes a session, looks who runs its one node, and runs it.
///
/// # Errors
/// Why the device cannot be used, in words.
pub(crate) fn try_out(setup: &Setup<'_>) -> Result<(), String> {
    let device = setup.device;
    if !device.in_library() {
        return Err(device::not_in_library(device));
    }
    let words = |error: ort::Error| tidy(error.message());
    let builder = setup.builder(Graph::Given).map_err(|error| tidy(error.message()))?;
    let mut session = { builder }.commit_from_memory(PRODUCT).map_err(words)?;
    if let Proof::SilentFallback(reason) = device::weigh(device, &assigned(&session)?) {
        return Err(reason);
    }
    run(&mut session).map_err(words)?.then_some(()).ok_or_else(|| "it gives a wrong result".to_owned())
}

/// Whether the square of twice the identity is four times the identity.
fn run(session: &mut OrtSession) -> ort::Result<bool> {
    let identity = |scale: f32| ndarray::Array2::from_diag_elem(8, scale);
    let x = identity(2.0);
    let found = session.run(ort::inputs!["x" => TensorRef::from_array_view(&x)?])?;
    let y = found.get("y").ok_or_else(|| ort::Error::new("it gives no result"))?.try_extract_array::<f32>()?;
    Ok(y == identity(4.0).into_dyn())
}
