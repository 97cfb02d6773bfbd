//! Folders of people in tar files, for training.

use std::path::PathBuf;

use facenet_lab::shards::{PackJob, PackOptions};
use pyo3::prelude::*;

use crate::names::json;
use crate::watch;

/// The counts, as JSON.
#[pyfunction]
#[pyo3(signature = (input, output, shard_size, progress=None))]
pub(crate) fn pack_folder(
    py: Python<'_>,
    input: PathBuf,
    output: PathBuf,
    shard_size: usize,
    progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let summary = watch::run(py, progress, |watch| {
        let job = PackJob::plan(input, output, PackOptions { shard_size })?;
        job.run(watch)
    })?;
    json(&summary)
}
