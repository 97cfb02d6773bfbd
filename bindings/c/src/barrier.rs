//! The barrier around every export: no panic unwinds into C. It exports nothing itself.

use facenet_core::Result;
use facenet_core::internal::fence;

use crate::status::{FACENET_ERROR_PANIC, FACENET_OK, facenet_status};
use crate::{fork, messages};

/// Runs the body of an export. An error becomes its status, and so does a panic; the message is kept for the thread.
pub(crate) fn call(body: impl FnOnce() -> Result<()>) -> facenet_status {
    let in_own_process = || {
        fork::leave_threads_of_parent()?;
        body()
    };
    run(in_own_process).map_or_else(|status| status, |()| FACENET_OK)
}

/// The same for an export without a status, which returns `other` if anything fails.
pub(crate) fn value_or<T>(other: T, body: impl FnOnce() -> Result<T>) -> T {
    run(body).unwrap_or(other)
}

fn run<T>(body: impl FnOnce() -> Result<T>) -> Result<T, facenet_status> {
    // Panics go to the log instead of the standard error. The hook belongs to the copy of Rust's standard library that is
    // linked into this one: a host, even one in Rust, has its own copy and keeps its own hook.
    fence::report_panics(|info| messages::log(&info.to_string()));
    let result = fence::caught(|| {
        #[cfg(feature = "test-panic")]
        assert!(std::env::var_os("FACENET_TEST_PANIC").is_none(), "wanted by a test");
        body()
    });
    match result {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => {
            messages::remember(messages::of(&error));
            Err(error.kind().number())
        }
        Err(text) => {
            messages::remember(format!("a fault of the library: {text}"));
            Err(FACENET_ERROR_PANIC)
        }
    }
}
