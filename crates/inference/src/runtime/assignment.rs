//! Which execution provider runs which node of a session: the proof that a device really does the work.
#![allow(unsafe_code)] // `ort` has no safe function for it.

use std::{
    ffi::{CStr, c_char},
    ptr, slice,
};

use ort::{AsPointer, session::Session};

/// The session option that makes ONNX Runtime (1.24 and later) remember the assignment.
pub(crate) const RECORD_ASSIGNMENT: (&str, &str) = ("session.record_ep_graph_assignment_info", "1");

/// One node after optimisation, as the providers divided the graph among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AssignedNode {
    /// "CUDAExecutionProvider".
    pub provider: String,
    /// "Conv". A provider that compiles (TensorRT, CoreML) lists the nodes it took, not the one they became.
    pub operator: String,
}

/// The nodes of a session that was made with [`RECORD_ASSIGNMENT`].
///
/// # Errors
/// ONNX Runtime's words, when the session was made without the option.
pub(crate) fn assigned_nodes(session: &Session) -> ort::Result<Vec<AssignedNode>> {
    let api = ort::api();
    let mut subgraphs = ptr::null();
    let mut count = 0;
    // SAFETY: the session is alive for the whole function; the out pointers are locals. What is handed out belongs to
    // the session and is not freed by the caller (onnxruntime_c_api.h, `Session_GetEpGraphAssignmentInfo`).
    let subgraphs = unsafe {
        let status = (api.Session_GetEpGraphAssignmentInfo)(session.ptr(), &mut subgraphs, &mut count);
        ort::Error::result_from_status(status)?;
        array(subgraphs, count)
    };
    let mut found = Vec::new();
    for &subgraph in subgraphs {
        let mut name = ptr::null();
        let (mut nodes, mut count) = (ptr::null(), 0);
        // SAFETY: the subgraph belongs to the session; the out pointers are locals; name and nodes belong to the
        // session.
        let (provider, nodes) = unsafe {
            ort::Error::result_from_status((api.EpAssignedSubgraph_GetEpName)(subgraph, &mut name))?;
            ort::Error::result_from_status((api.EpAssignedSubgraph_GetNodes)(subgraph, &mut nodes, &mut count))?;
            (text(name), array(nodes, count))
        };
        for &node in nodes {
            let mut name = ptr::null();
            // SAFETY: the node belongs to the session, and so does its name; the out pointer is a local.
            let operator = unsafe {
                ort::Error::result_from_status((api.EpAssignedNode_GetOperatorType)(node, &mut name))?;
                text(name)
            };
            found.push(AssignedNode { provider: provider.clone(), operator });
        }
    }
    Ok(found)
}

/// # Safety
/// `first` is null or the first of `count` values that live as long as the session they were asked of.
unsafe fn array<'a, T>(first: *const T, count: usize) -> &'a [T] {
    if first.is_null() || count == 0 {
        return &[];
    }
    // SAFETY: promised by the caller.
    unsafe { slice::from_raw_parts(first, count) }
}

/// # Safety
/// `first` is null or a text that ends with a zero.
unsafe fn text(first: *const c_char) -> String {
    if first.is_null() {
        return String::new();
    }
    // SAFETY: promised by the caller.
    unsafe { CStr::from_ptr(first) }.to_string_lossy().into_owned()
}
