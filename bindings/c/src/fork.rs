//! Calls in a child of the process that made the first call. Handles of the parent refuse to work there; what needs no handle
//! must not wait for the parent's threads, which the child does not have.

use std::sync::OnceLock;

use facenet_core::{Error, ErrorKind, Result};

/// In a child, makes this thread a pool of its own, for the work that is not given to the pool of a runtime.
pub(crate) fn leave_threads_of_parent() -> Result<()> {
    static FIRST: OnceLock<u32> = OnceLock::new();
    let process = std::process::id();
    if *FIRST.get_or_init(|| process) == process || rayon::current_thread_index().is_some() {
        return Ok(());
    }
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
    let alone = alone
        .map_err(|error| Error::new(ErrorKind::Unsupported, "this thread cannot work after fork").with_source(error))?;
    // The thread stays in it until it ends.
    std::mem::forget(alone);
    Ok(())
}
