//! Calls in a child of the process that made the first call. Handles of the parent refuse to work there; what needs no handle
//! must not wait for the parent's threads, which the child does not have.

use std::ffi::c_int;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use facenet_core::{Error, ErrorKind, Result};

/// Whether the process is a child of the one that made the first call. Asking the system at each call would take longer than
/// the call. The handler that sets it is the library's one registration with the process; it runs in children only, stores to
/// a static, and stays loaded as the library does.
static IS_CHILD: AtomicBool = AtomicBool::new(false);

extern "C" fn in_child() {
    IS_CHILD.store(true, Ordering::Relaxed);
}

/// In a child, makes this thread a pool of its own, for the work that is not given to the pool of a runtime.
pub(crate) fn leave_threads_of_parent() -> Result<()> {
    static WATCH: OnceLock<c_int> = OnceLock::new();
    // SAFETY: the handler, which stays loaded as this library does, only stores to a static.
    if *WATCH.get_or_init(|| unsafe { libc::pthread_atfork(None, None, Some(in_child)) }) != 0 {
        return Err(Error::new(ErrorKind::Internal, "there is no memory to take note of a fork"));
    }
    if !IS_CHILD.load(Ordering::Relaxed) || rayon::current_thread_index().is_some() {
        return Ok(());
    }
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
    let alone = alone
        .map_err(|error| Error::new(ErrorKind::Unsupported, "this thread cannot work after fork").with_source(error))?;
    // The thread stays in it until it ends.
    std::mem::forget(alone);
    Ok(())
}
