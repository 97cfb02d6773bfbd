//! What every job over the images of a folder counts.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::watch::Watch;
use facenet_core::error::{Error, ErrorKind, Result};

/// Counts of a job over the images of a folder, while it runs and when it is over. Every image is in exactly one of
/// `done_before`, `set_aside`, `processed` and [`remaining`](Self::remaining).
///
/// ```
/// use facenet::dataset::{AlignJob, AlignOptions};
///
/// # let folder = tempfile::tempdir()?;
/// # std::fs::create_dir_all(folder.path().join("photos/Ada"))?;
/// # std::fs::write(folder.path().join("photos/Ada/1.jpg"), b"")?;
/// # let (photos, faces) = (folder.path().join("photos"), folder.path().join("faces"));
/// let job = AlignJob::plan(photos, faces, &AlignOptions::default())?;
/// let counts = &job.summary().job;
/// assert_eq!((counts.images, counts.processed, counts.remaining()), (1, 0, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct JobSummary {
    /// Images in the folder, or in this process's part of it.
    pub images: u64,
    /// Images that were done already, by an earlier run or another process.
    pub done_before: u64,
    /// Images that are not this run's to do, for reasons that the job counts one by one.
    #[serde(skip)]
    pub set_aside: u64,
    /// Images that this run has looked at.
    pub processed: u64,
    /// Those of them that gave nothing: without a face, or broken.
    pub failed: u64,
    /// Folders and links that cannot be read, and pictures of a format that is not read.
    pub unreadable: u64,
    /// Time spent on the images, in seconds.
    pub seconds: f64,
    /// Whether the run was stopped before it was through.
    pub interrupted: bool,
}

impl JobSummary {
    /// Images still to be looked at.
    pub fn remaining(&self) -> u64 {
        self.images.saturating_sub(self.done_before + self.set_aside + self.processed)
    }

    /// Images per second.
    pub fn rate(&self) -> f64 {
        if self.seconds > 0.0 { self.processed as f64 / self.seconds } else { 0.0 }
    }

    /// How long the remaining images will take at the present rate; none before the first image is through.
    pub fn eta(&self) -> Option<Duration> {
        if self.processed == 0 {
            return None;
        }
        Duration::try_from_secs_f64(self.remaining() as f64 * self.seconds / self.processed as f64).ok()
    }

    /// Reports how many of the `planned` images of this run are through, by whomever.
    pub(crate) fn report_to(&self, watch: &Watch<'_>, planned: u64) {
        watch.failed(self.failed);
        watch.done(planned - self.remaining().min(planned), planned);
    }
}

/// The version of what jobs write down to be resumed. It grows when a record means something else than before.
pub(crate) const RECORD_VERSION: u32 = 1;

/// Fails if the record in the file `path` is of a later version than this one reads. Records of before there were versions
/// have 0.
pub(crate) fn check_record(path: &Path, version: u32) -> Result<()> {
    if version <= RECORD_VERSION {
        return Ok(());
    }
    let message = format!("{} was written by a later version of facenet: go on with that one", path.display());
    Err(Error::new(ErrorKind::Unsupported, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_and_time_left_are_of_this_run() {
        let counts = JobSummary {
            images: 100,
            done_before: 50,
            set_aside: 10,
            processed: 10,
            seconds: 5.0,
            ..Default::default()
        };
        assert_eq!((counts.remaining(), counts.rate(), counts.eta()), (30, 2.0, Some(Duration::from_secs(15))));
        assert_eq!(JobSummary { processed: 0, ..counts }.eta(), None);
    }
}
