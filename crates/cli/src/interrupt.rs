//! Ctrl-C and the termination signal.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::console::INTERRUPTED;
use facenet_core::{Error, ErrorKind, Result};

static INTERRUPTED_ONCE: AtomicBool = AtomicBool::new(false);

/// From now on, the first interruption sets the flag that is returned; the second ends the process at once.
#[allow(unsafe_code, reason = "there is no other way to end a process at once")]
pub(crate) fn catch() -> Result<&'static AtomicBool> {
    let on_signal = || {
        if INTERRUPTED_ONCE.swap(true, Ordering::Relaxed) {
            // SAFETY: ends the process without running any more of its code, which has no preconditions. Exit
            // handlers are left out on purpose: other threads are still inside of ONNX Runtime.
            unsafe { libc::_exit(INTERRUPTED.into()) }
        }
    };
    ctrlc::set_handler(on_signal)
        .map_err(|e| Error::new(ErrorKind::Internal, "cannot listen for the interruption").with_source(e))?;
    Ok(&INTERRUPTED_ONCE)
}
