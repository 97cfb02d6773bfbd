//! What an alignment job has done so far.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::watch::Watch;

/// Counts of an alignment job, while it runs and when it is over.
///
/// Every image of the job's part is in exactly one of `done_before`, `failed_before`, `duplicates`, `aligned`,
/// `no_face`, `broken` and [`remaining`](Self::remaining).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// Images in the input folder, or in this process's part of it.
    pub images: u64,
    /// Images whose output was there already, from an earlier run or from another process.
    pub done_before: u64,
    /// Images without a face, or broken, according to the report of an earlier run.
    pub failed_before: u64,
    /// Images that would be written to the output of another image (`a.png` beside `a.jpg`).
    pub duplicates: u64,
    /// Folders and links that could not be read.
    pub unreadable: u64,
    /// Images of which at least one face was written by this run.
    pub aligned: u64,
    /// Faces written by this run.
    pub faces: u64,
    /// Images in which this run found no face.
    pub no_face: u64,
    /// Images that this run could not read.
    pub broken: u64,
    /// Time spent on the images, in seconds.
    pub seconds: f64,
    /// Whether the run was stopped before it was through.
    pub interrupted: bool,
    /// Where this run lists the images without a face and the broken ones; none if there was nothing to do.
    #[serde(serialize_with = "lossy")]
    pub report: Option<PathBuf>,
    /// Where this run lists the box that each face was cut from; none if there was nothing to do.
    #[serde(serialize_with = "lossy")]
    pub bounding_boxes: Option<PathBuf>,
}

impl Summary {
    /// Images that this run has looked at.
    pub fn processed(&self) -> u64 {
        self.aligned + self.no_face + self.broken
    }

    /// Images still to be looked at.
    pub fn remaining(&self) -> u64 {
        let settled = self.done_before + self.failed_before + self.duplicates + self.processed();
        self.images.saturating_sub(settled)
    }

    /// Reports the counts.
    pub(super) fn report_to(&self, watch: &Watch<'_>) {
        watch.failed(self.no_face + self.broken);
        watch.done(self.images - self.remaining(), self.images);
    }

    /// Images per second.
    pub fn rate(&self) -> f64 {
        if self.seconds > 0.0 { self.processed() as f64 / self.seconds } else { 0.0 }
    }

    /// How long the remaining images will take at the present rate; none before the first image is through.
    pub fn eta(&self) -> Option<Duration> {
        if self.processed() == 0 {
            return None;
        }
        Duration::try_from_secs_f64(self.remaining() as f64 * self.seconds / self.processed() as f64).ok()
    }
}

fn lossy<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    path.as_ref().map(|path| path.to_string_lossy()).serialize(serializer)
}
