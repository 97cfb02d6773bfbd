//! How far a long call is, and whether it is to go on.

use std::ffi::c_void;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use facenet_lab::Watch;

/// Is told how far a long call is, and says whether it is to go on.
///
/// It may be called on a thread of the library, but by one at a time, and must not use the handles of the call.
///
/// @param done   how much is done
/// @param total  how much there is to do
/// @param user   what was given with the callback
/// @return       0 to go on; anything else stops the call soon, which then returns FACENET_ERROR_CANCELLED
/// @since 0.1
pub type facenet_progress_callback = Option<unsafe extern "C" fn(done: u64, total: u64, user: *mut c_void) -> u32>;

/// The callback of a call, and what it wants.
pub(crate) struct Progress {
    callback: facenet_progress_callback,
    user: Mutex<User>,
    cancel: AtomicBool,
}

struct User(*mut c_void);

// SAFETY: the callback is documented to be called on any thread, by one at a time, with `user` as it was given.
unsafe impl Send for User {}

impl Progress {
    pub(crate) fn new(callback: facenet_progress_callback, user: *mut c_void) -> Self {
        Self { callback, user: Mutex::new(User(user)), cancel: AtomicBool::new(false) }
    }

    fn tell(&self, done: u64, total: u64) {
        let Some(callback) = self.callback else { return };
        let user = self.user.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // SAFETY: the callback was given to be called like this.
        if unsafe { callback(done, total, user.0) } != 0 {
            self.cancel.store(true, Ordering::Relaxed);
        }
    }

    /// Does what reports to the callback and is stopped by it.
    pub(crate) fn watch<T>(&self, work: impl FnOnce(&Watch<'_>) -> T) -> T {
        work(&Watch::new(&|done, total| self.tell(done, total), &self.cancel))
    }
}
