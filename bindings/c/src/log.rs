//! What would otherwise be printed.

use std::ffi::{CString, c_char, c_void};
use std::panic;
use std::sync::{Once, RwLock};

use crate::boundary;
use crate::status::facenet_status;

/// Gets a message of the library.
///
/// It may be called on any thread, several at once, and must not call back into the library.
///
/// @param message  text that lives as long as the call
/// @param user     what was given to facenet_log_to
/// @since 0.1
pub type facenet_log_callback = Option<unsafe extern "C" fn(message: *const c_char, user: *mut c_void)>;

#[derive(Clone, Copy)]
struct Target {
    callback: unsafe extern "C" fn(*const c_char, *mut c_void),
    user: *mut c_void,
}

// SAFETY: the callback is documented to be called on any thread, with `user` as it was given.
unsafe impl Send for Target {}
// SAFETY: as above.
unsafe impl Sync for Target {}

static TARGET: RwLock<Option<Target>> = RwLock::new(None);

/// Sends what the library has to say beside its results, faults of its own among it, to `callback`, or nowhere if that is
/// NULL, as at first. The library prints nothing. Holds for the whole process.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub extern "C" fn facenet_log_to(callback: facenet_log_callback, user: *mut c_void) -> facenet_status {
    boundary::call(|| {
        let target = callback.map(|callback| Target { callback, user });
        *TARGET.write().unwrap_or_else(std::sync::PoisonError::into_inner) = target;
        Ok(())
    })
}

/// Says something to whoever listens.
pub(crate) fn say(message: &str) {
    let target = *TARGET.read().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let (Some(target), Ok(text)) = (target, CString::new(message)) {
        // SAFETY: the callback was given to be called like this, and the text lives until it returns.
        unsafe { (target.callback)(text.as_ptr(), target.user) };
    }
}

/// Panics are caught and reported as statuses; their message goes to the log and not to the standard error. The library
/// has its own copy of Rust's runtime, so that this touches nothing of the host's.
pub(crate) fn keep_panics_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| panic::set_hook(Box::new(|info| say(&info.to_string()))));
}
