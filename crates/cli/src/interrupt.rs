//! Ctrl-C and the termination signal.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::console::INTERRUPTED;
use facenet_core::{Error, ErrorKind, Result};

static INTERRUPTED_ONCE: AtomicBool = AtomicBool::new(false);

/// Whether the command looks at the flag.
static WATCHED: AtomicBool = AtomicBool::new(false);

/// From now on, the first interruption sets the flag that is returned; the second ends the process at once.
pub(crate) fn catch() -> Result<&'static AtomicBool> {
    listen()?;
    WATCHED.store(true, Ordering::Relaxed);
    Ok(&INTERRUPTED_ONCE)
}

/// From now on, an interruption ends the process at once, with the exit code that says so. What is being written has
/// another name than what it is to be, and goes with the next run.
#[allow(unsafe_code, reason = "there is no other way to end a process at once")]
pub(crate) fn listen() -> Result<()> {
    static LISTENING: Once = Once::new();
    let on_signal = || {
        if !WATCHED.load(Ordering::Relaxed) || INTERRUPTED_ONCE.swap(true, Ordering::Relaxed) {
            // SAFETY: ends the process without running any more of its code, which has no preconditions. Exit
            // handlers are left out on purpose: other threads are still inside of ONNX Runtime.
            unsafe { libc::_exit(INTERRUPTED.into()) }
        }
    };
    let mut listening = Ok(());
    LISTENING.call_once(|| listening = ctrlc::set_handler(on_signal));
    listening.map_err(|e| Error::new(ErrorKind::Internal, "cannot listen for the interruption").with_source(e))
}
