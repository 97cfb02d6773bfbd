//! Long calls: progress, cancellation, and messages of their own.

use std::ffi::{c_char, c_void};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use facenet_core::Result;

use crate::arguments::Arguments;
use crate::growing::{self, Growing};
use crate::messages;
use crate::status::{FACENET_OK, facenet_status};

/// Receives the progress of a long call, and decides whether it goes on.
///
/// It may be called on a thread of the library, but by one at a time, and must not use the handles of the call.
///
/// @param done   how much is done
/// @param total  how much there is to do
/// @param user   facenet_call.user
/// @return       0 to go on; anything else stops the call soon, which then returns FACENET_ERROR_CANCELLED
/// @since 0.1
pub type facenet_progress_callback = Option<unsafe extern "C" fn(done: u64, total: u64, user: *mut c_void) -> u32>;

/// Stops long calls from any thread: make one, set facenet_call.cancel, and request the stop when it is wanted. One may serve
/// any number of calls, at once or one after the other; once requested it stays so.
///
/// Many threads may use one at once.
///
/// @since 0.1
pub struct facenet_cancel(AtomicBool);

/// How a long call reports and stops: fill it with facenet_call_init, then set what is needed. NULL in its place means: no
/// progress, no cancellation, and the message of a failure from facenet_last_error.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_call {
    /// Bytes of this struct.
    pub struct_size: usize,
    /// Receives the progress; may be NULL.
    pub progress: facenet_progress_callback,
    /// Passed to `progress`.
    pub user: *mut c_void,
    /// Stops the call when it is requested; may be NULL. A callback that stops the call requests it too.
    pub cancel: *const facenet_cancel,
    /// Buffer that gets the message if the call fails, with its closing zero, cut at a character if it is too long; may be
    /// NULL. It needs no thread, unlike facenet_last_error, which has the message too.
    pub message: *mut c_char,
    /// Bytes of `message`.
    pub message_capacity: usize,
}

// SAFETY: numbers, pointers and a function that may be NULL, the size first.
unsafe impl Growing for facenet_call {
    const FIRST_SIZE: usize = size_of::<Self>();

    fn defaults() -> Self {
        Self {
            struct_size: size_of::<Self>(),
            progress: None,
            user: std::ptr::null_mut(),
            cancel: std::ptr::null(),
            message: std::ptr::null_mut(),
            message_capacity: 0,
        }
    }
}

/// Fills a facenet_call with the defaults: everything NULL.
///
/// @param call  the struct
/// @param size  sizeof(facenet_call) where the caller was compiled
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_call_init(call: *mut facenet_call, size: usize) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| growing::init(args, call, size))
}

/// Makes a request to stop that has not been made yet.
///
/// @param cancel  gets the request; free it with facenet_cancel_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_cancel_new(cancel: *mut *mut facenet_cancel) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_giving(cancel, "cancel", |_| Ok(facenet_cancel(AtomicBool::new(false))))
}

/// Requests that the calls with `cancel` stop: they return FACENET_ERROR_CANCELLED soon. Does not wait for them. Calls that
/// begin later stop too.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_cancel_request(cancel: *const facenet_cancel) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        args.get(cancel, "cancel")?.0.store(true, Ordering::Relaxed);
        Ok(())
    })
}

/// Whether the stop was requested: 1 or 0, also if `cancel` is NULL.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_cancel_requested(cancel: *const facenet_cancel) -> u32 {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }
        .value_or(0, |args| Ok(args.get(cancel, "cancel")?.0.load(Ordering::Relaxed).into()))
}

/// Frees a request, when no call with it is under way. NULL is fine.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_cancel_free(cancel: *mut facenet_cancel) {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.free(cancel)
}

/// Progress and cancellation of one call.
pub(crate) struct Progress<'a> {
    callback: facenet_progress_callback,
    user: Mutex<User>,
    stopped: &'a AtomicBool,
}

struct User(*mut c_void);

// SAFETY: the callback is documented to be called on any thread, by one at a time, with `user` as it was given.
unsafe impl Send for User {}

impl Progress<'_> {
    fn report(&self, done: u64, total: u64) {
        let Some(callback) = self.callback else { return };
        let user = self.user.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // SAFETY: the callback was given to be called like this.
        if unsafe { callback(done, total, user.0) } != 0 {
            self.stopped.store(true, Ordering::Relaxed);
        }
    }

    /// Runs `work`, which reports to the callback and is stopped by it or by the token.
    #[cfg(feature = "full")]
    pub(crate) fn watch<T>(&self, work: impl FnOnce(&facenet_lab::Watch<'_>) -> T) -> T {
        work(&facenet_lab::Watch::new(&|done, total| self.report(done, total), self.stopped))
    }
}

impl Arguments<'_> {
    /// A call that takes long, as `call` says.
    pub(crate) fn call_long(
        self,
        call: *const facenet_call,
        body: impl FnOnce(Self, &Progress<'_>) -> Result<()>,
    ) -> facenet_status {
        let status = self.call(|args| {
            let facenet_call { progress: callback, user, cancel, .. } = growing::read(args, call)?;
            let own = AtomicBool::new(false);
            let stopped = if cancel.is_null() { &own } else { &args.get(cancel, "call.cancel")?.0 };
            body(args, &Progress { callback, user: Mutex::new(User(user)), stopped })
        });
        if status != FACENET_OK {
            self.value_or((), |args| {
                let facenet_call { message, message_capacity, .. } = growing::read(args, call)?;
                let capacity = if message.is_null() { 0 } else { message_capacity };
                args.copy_text(&messages::last(), message, capacity).map(drop)
            });
        }
        status
    }
}
