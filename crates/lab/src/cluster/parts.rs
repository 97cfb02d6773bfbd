//! How far an algorithm is that does its work in parts.

use crate::watch::Watch;
use facenet_core::error::Result;

/// What the whole of the work is counted as.
const WHOLE: u64 = 1000;

/// Reports how far an algorithm is, in parts of known shares.
pub(super) struct Parts<'a> {
    watch: &'a Watch<'a>,
    before: f64,
    share: f64,
}

impl<'a> Parts<'a> {
    pub(super) fn new(watch: &'a Watch<'a>) -> Self {
        Self { watch, before: 0.0, share: 1.0 }
    }

    /// The next part begins, which is the work from `from` to `to`.
    pub(super) fn begin(&mut self, from: f64, to: f64) {
        (self.before, self.share) = (from, to - from);
    }

    /// Reports that `done`, 0 to 1, of the present part is done, unless the work is to stop.
    pub(super) fn show(&self, done: f64) -> Result<()> {
        self.watch.check()?;
        self.watch.done(((self.before + done * self.share) * WHOLE as f64) as u64, WHOLE);
        Ok(())
    }

    pub(super) fn watch(&self) -> &'a Watch<'a> {
        self.watch
    }
}
