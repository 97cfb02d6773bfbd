//! The calls of ONNX Runtime's C interface that `ort` does not wrap.
//!
//! Only for use after the library is loaded, which having a [`Session`] or [`Loaded`] proves.

#![allow(unsafe_code, reason = "these are C functions")]

use std::ffi::{CStr, c_char};
use std::ptr;

use ort::AsPointer;
use ort::session::Session;

use super::environment::Loaded;

/// The names of the providers the library was built with.
pub(super) fn available_providers(_: &Loaded) -> ort::Result<Vec<String>> {
    let api = ort::api();
    let mut names: *mut *mut c_char = ptr::null_mut();
    let mut count = 0;
    // SAFETY: both pointers are to variables of the right types.
    let status = unsafe { (api.GetAvailableProviders)(&mut names, &mut count) };
    // SAFETY: the status comes from the call above and is used once.
    unsafe { ort::Error::result_from_status(status) }?;
    // SAFETY: the call succeeded, so `names` has `count` strings.
    let list = unsafe { slice(names.cast_const(), count.unsigned_abs() as usize) };
    let providers = list.iter().map(|&name| text(name)).collect();
    // SAFETY: the list came from GetAvailableProviders and is not used any more.
    let status = unsafe { (api.ReleaseAvailableProviders)(names, count) };
    // SAFETY: the status comes from the call above and is used once.
    unsafe { ort::Error::result_from_status(status) }?;
    Ok(providers)
}

/// Nodes of a network that one provider runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assignment {
    /// ONNX Runtime's name of the provider.
    pub(super) provider: String,
    /// Operator and name of each node.
    pub(super) nodes: Vec<String>,
}

/// Which provider runs which nodes of `session`, which must have been made with the entry
/// `session.record_ep_graph_assignment_info`.
pub(super) fn assignments(session: &Session) -> ort::Result<Vec<Assignment>> {
    let api = ort::api();
    let mut subgraphs = ptr::null();
    let mut count = 0;
    // SAFETY: the session is alive, and both pointers are to variables of the right types.
    let status = unsafe { (api.Session_GetEpGraphAssignmentInfo)(session.ptr(), &mut subgraphs, &mut count) };
    // SAFETY: the status comes from the call above and is used once.
    unsafe { ort::Error::result_from_status(status) }?;
    // SAFETY: the call succeeded, so `subgraphs` has `count` pointers, which live as long as the session.
    let subgraphs = unsafe { slice(subgraphs, count) };
    let mut found: Vec<Assignment> = Vec::new();
    for &subgraph in subgraphs {
        let mut name = ptr::null();
        // SAFETY: the subgraph belongs to the session, and the pointer is to a variable of the right type.
        let status = unsafe { (api.EpAssignedSubgraph_GetEpName)(subgraph, &mut name) };
        // SAFETY: the status comes from the call above and is used once.
        unsafe { ort::Error::result_from_status(status) }?;
        let mut nodes = ptr::null();
        let mut count = 0;
        // SAFETY: as for the name.
        let status = unsafe { (api.EpAssignedSubgraph_GetNodes)(subgraph, &mut nodes, &mut count) };
        // SAFETY: the status comes from the call above and is used once.
        unsafe { ort::Error::result_from_status(status) }?;
        // SAFETY: the call succeeded, so `nodes` has `count` pointers, which live as long as the session.
        let nodes = unsafe { slice(nodes, count) };

        let provider = text(name);
        let index = found.iter().position(|assignment| assignment.provider == provider).unwrap_or_else(|| {
            found.push(Assignment { provider, nodes: Vec::new() });
            found.len() - 1
        });
        for &node in nodes {
            let (mut operator, mut name) = (ptr::null(), ptr::null());
            // SAFETY: the node belongs to the session, and the pointer is to a variable of the right type.
            let status = unsafe { (api.EpAssignedNode_GetOperatorType)(node, &mut operator) };
            // SAFETY: the status comes from the call above and is used once.
            unsafe { ort::Error::result_from_status(status) }?;
            // SAFETY: as for the operator.
            let status = unsafe { (api.EpAssignedNode_GetName)(node, &mut name) };
            // SAFETY: the status comes from the call above and is used once.
            unsafe { ort::Error::result_from_status(status) }?;
            found[index].nodes.push(format!("{} {}", text(operator), text(name)));
        }
    }
    Ok(found)
}

/// The array of `count` elements at `start`, which may be null if there are none.
///
/// # Safety
/// Unless `count` is 0, `start` points to that many elements, which do not change for the lifetime `'a`.
unsafe fn slice<'a, T>(start: *const T, count: usize) -> &'a [T] {
    if start.is_null() || count == 0 {
        return &[];
    }
    // SAFETY: by the condition above.
    unsafe { std::slice::from_raw_parts(start, count) }
}

/// A copy of a string of ONNX Runtime's.
fn text(string: *const c_char) -> String {
    if string.is_null() {
        return String::new();
    }
    // SAFETY: ONNX Runtime's strings end in NUL and live as long as the session or list they were taken from.
    unsafe { CStr::from_ptr(string) }.to_string_lossy().into_owned()
}
