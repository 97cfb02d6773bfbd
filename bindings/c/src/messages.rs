//! Messages of the library: the last one of each thread, and the log.

use std::cell::RefCell;
use std::ffi::{CString, c_char, c_void};
use std::sync::{PoisonError, RwLock};

use facenet_core::Error;
use facenet_core::internal::limits::excerpt;

thread_local! {
    static LAST_ERROR: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps `message` as the last one of this thread.
pub(crate) fn remember(message: String) {
    // While a thread ends, its last message is gone.
    let _ = LAST_ERROR.try_with(|last| *last.borrow_mut() = message);
}

/// The last message of this thread.
pub(crate) fn last() -> String {
    LAST_ERROR.try_with(|last| last.borrow().clone()).unwrap_or_default()
}

/// An error with its causes.
pub(crate) fn of(error: &Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    let mut message = error.to_string();
    for cause in causes.map(|cause| excerpt(&cause.to_string())) {
        // Messages of the library often end with their cause.
        if !message.contains(&cause) {
            message.push_str(": ");
            message.push_str(&cause);
        }
    }
    message
}

/// Receiver of the log.
#[derive(Clone, Copy)]
pub(crate) struct Receiver {
    pub(crate) callback: unsafe extern "C" fn(*const c_char, *mut c_void),
    pub(crate) user: *mut c_void,
}

// SAFETY: the callback is documented to be called on any thread, with `user` as it was given.
unsafe impl Send for Receiver {}
// SAFETY: as above.
unsafe impl Sync for Receiver {}

static RECEIVER: RwLock<Option<Receiver>> = RwLock::new(None);

/// Sends the log to `receiver`, or nowhere.
pub(crate) fn send_to(receiver: Option<Receiver>) {
    *RECEIVER.write().unwrap_or_else(PoisonError::into_inner) = receiver;
}

/// Writes a message to the log.
pub(crate) fn log(message: &str) {
    let receiver = *RECEIVER.read().unwrap_or_else(PoisonError::into_inner);
    if let (Some(receiver), Ok(text)) = (receiver, CString::new(message)) {
        // SAFETY: the callback was registered to be called like this, and the text lives until it returns.
        unsafe { (receiver.callback)(text.as_ptr(), receiver.user) };
    }
}
