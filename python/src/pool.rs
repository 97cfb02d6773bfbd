//! Threads for work that has no runtime, such as clustering.

use std::process;
use std::sync::{Arc, Mutex, PoisonError};

use facenet_core::{Error, ErrorKind, Result};
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// The pool, and the process that its threads are in: a child made by `fork` has none of its parent's, and work given to them
/// would wait for ever.
static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

/// The pool of this process. The interpreter is held, so that no other thread is in here when a process forks.
pub(crate) fn pool(_py: Python<'_>) -> Result<Arc<ThreadPool>> {
    let mut kept = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((process, pool)) = &*kept
        && *process == process::id()
    {
        return Ok(pool.clone());
    }
    let made = ThreadPoolBuilder::new()
        .build()
        .map(Arc::new)
        .map_err(|error| Error::new(ErrorKind::Internal, "cannot start worker threads").with_source(error))?;
    // Dropping the parent's would tell its threads to end.
    std::mem::forget(kept.replace((process::id(), made.clone())));
    Ok(made)
}

/// Does `work` on the pool, without the interpreter.
pub(crate) fn detached<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    let pool = pool(py)?;
    py.detach(|| pool.install(work))
}
