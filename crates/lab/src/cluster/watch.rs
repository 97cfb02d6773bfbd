//! How far an algorithm is, and whether it is to stop.

use std::sync::atomic::{AtomicBool, Ordering};

use facenet_core::error::{Error, ErrorKind, Result};

/// Tells the caller of an algorithm how far it is, in parts of known shares.
pub(super) struct Watch<'a> {
    progress: &'a mut dyn FnMut(f64),
    cancel: &'a AtomicBool,
    before: f64,
    share: f64,
}

impl<'a> Watch<'a> {
    pub(super) fn new(progress: &'a mut dyn FnMut(f64), cancel: &'a AtomicBool) -> Self {
        Self { progress, cancel, before: 0.0, share: 1.0 }
    }

    /// The next part begins, which is the work from `from` to `to`.
    pub(super) fn part(&mut self, from: f64, to: f64) {
        (self.before, self.share) = (from, to - from);
    }

    /// Tells that `done`, 0 to 1, of the present part is done.
    pub(super) fn show(&mut self, done: f64) -> Result<()> {
        if self.cancel.load(Ordering::Relaxed) {
            return Err(Error::new(ErrorKind::Cancelled, "clustering was interrupted"));
        }
        (self.progress)(self.before + done * self.share);
        Ok(())
    }

    /// The flag that says that the work is to end, for those who cannot call [`show`](Self::show).
    pub(super) fn cancel(&self) -> &'a AtomicBool {
        self.cancel
    }
}
