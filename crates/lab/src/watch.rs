//! How far a long call is, and whether it is to stop.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::dataset::ReadImage;
use facenet_core::error::{Error, ErrorKind, Result};

static NEVER: AtomicBool = AtomicBool::new(false);

/// What a long call reports to, and what can stop it: the last parameter of every long call.
///
/// ```
/// use std::sync::atomic::AtomicBool;
/// use facenet::cluster::{self, Algorithm, ClusterOptions};
/// use facenet::{ErrorKind, Watch};
/// use ndarray::array;
///
/// let faces = array![[1.0, 0.0], [0.6, 0.8]];
/// let options = ClusterOptions::new(Algorithm::AverageLink, 0.5);
/// assert!(cluster::cluster(faces.view(), &options, &Watch::none()).is_ok());
///
/// let progress = |done, total| println!("{done} of {total}");
/// let cancel = AtomicBool::new(true); // As a signal handler or another thread would set it.
/// let error = cluster::cluster(faces.view(), &options, &Watch::new(&progress, &cancel)).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Cancelled);
/// ```
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    progress: &'a (dyn Fn(u64, u64) + Sync),
    cancel: &'a AtomicBool,
    failed: Option<&'a AtomicU64>,
    warn: &'a (dyn Fn(&Path, &str) + Sync),
}

impl<'a> Watch<'a> {
    /// Calls `progress` with how much is done and how much there is to do, on any thread; what is counted is said by the
    /// call. The call ends soon after `cancel` becomes true.
    pub fn new(progress: &'a (dyn Fn(u64, u64) + Sync), cancel: &'a AtomicBool) -> Self {
        Self { progress, cancel, failed: None, warn: &|_, _| {} }
    }

    /// Reports to nobody and never stops.
    pub fn none() -> Watch<'static> {
        Watch { progress: &|_, _| {}, cancel: &NEVER, failed: None, warn: &|_, _| {} }
    }

    /// The same for a job over images, which also counts in `failed` those that came to nothing so far; it is up to date
    /// whenever `progress` is called.
    #[must_use]
    pub fn counting(self, failed: &'a AtomicU64) -> Self {
        Self { failed: Some(failed), ..self }
    }

    /// The same for a job over images, which also calls `warn`, on any thread, with each file that was read though something is
    /// wrong with it, and [what that is](facenet_core::Image::doubt).
    #[must_use]
    pub fn warning(self, warn: &'a (dyn Fn(&Path, &str) + Sync)) -> Self {
        Self { warn, ..self }
    }

    /// Reports the images of doubt, and tells how many they are.
    pub(crate) fn doubtful(&self, images: &[ReadImage]) -> u64 {
        let doubts = images.iter().filter_map(|(path, image)| Some((path, image.as_ref().ok()?.doubt()?)));
        doubts.inspect(|(path, doubt)| (self.warn)(path, doubt)).count() as u64
    }

    /// Reports how many came to nothing so far.
    pub(crate) fn failed(&self, count: u64) {
        if let Some(failed) = self.failed {
            failed.store(count, Ordering::Relaxed);
        }
    }

    /// Reports that `done` of `total` is done.
    pub fn done(&self, done: u64, total: u64) {
        (self.progress)(done, total);
    }

    /// The same without reports.
    #[must_use]
    pub fn silent(&self) -> Self {
        Self { progress: &|_, _| {}, failed: None, warn: &|_, _| {}, ..*self }
    }

    /// Whether the call is to stop.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }

    /// Fails if the call is to stop.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`].
    pub fn check(&self) -> Result<()> {
        match self.is_cancelled() {
            true => Err(Error::new(ErrorKind::Cancelled, "interrupted")),
            false => Ok(()),
        }
    }

    /// The flag that stops the call.
    pub fn cancel(&self) -> &'a AtomicBool {
        self.cancel
    }
}
