//! What an alignment job has done so far.

use std::path::PathBuf;

use serde::{Serialize, Serializer};

use crate::job::JobSummary;

/// Counts of an alignment job, while it runs and when it is over.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AlignSummary {
    /// What every job counts. Images that failed before and duplicates are set aside; one without a face has failed.
    #[serde(flatten)]
    pub job: JobSummary,
    /// Images without a face, or broken, according to the report of an earlier run.
    pub failed_before: u64,
    /// Images that would be written to the output of another image (`a.png` beside `a.jpg`).
    pub duplicates: u64,
    /// Images of which at least one face was written by this run.
    pub aligned: u64,
    /// Faces written by this run.
    pub faces: u64,
    /// Images in which this run found no face.
    pub no_face: u64,
    /// Images that this run could not read.
    pub broken: u64,
    /// Images that this run could read though something is wrong with their files.
    pub doubtful: u64,
    /// Where this run lists the images without a face and the broken ones; none if there was nothing to do.
    #[serde(serialize_with = "lossy")]
    pub report: Option<PathBuf>,
    /// Where this run lists the box that each face was cut from; none if there was nothing to do.
    #[serde(serialize_with = "lossy")]
    pub bounding_boxes: Option<PathBuf>,
}

fn lossy<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    path.as_ref().map(|path| path.to_string_lossy()).serialize(serializer)
}
