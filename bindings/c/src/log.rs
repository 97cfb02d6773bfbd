//! Log.

use std::ffi::{c_char, c_void};

use crate::messages::Receiver;
use crate::status::facenet_status;
use crate::{barrier, messages};

/// Receives a message of the library.
///
/// It may be called on any thread, several at once, and must not call back into the library.
///
/// @param message  text that lives as long as the call
/// @param user     the pointer that was given to facenet_log_to
/// @since 0.1
pub type facenet_log_callback = Option<unsafe extern "C" fn(message: *const c_char, user: *mut c_void)>;

/// Sends the messages of the library that belong to no result, among them those of its own faults, to `callback`. NULL, the
/// state at first, discards them. The library prints nothing. Holds for the whole process.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub extern "C" fn facenet_log_to(callback: facenet_log_callback, user: *mut c_void) -> facenet_status {
    barrier::call(|| {
        messages::send_to(callback.map(|callback| Receiver { callback, user }));
        Ok(())
    })
}
