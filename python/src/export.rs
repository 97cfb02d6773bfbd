//! Embeddings of a folder of people as NumPy arrays and Parquet.

use std::path::PathBuf;

use facenet_lab::dataset::Partition;
use facenet_lab::export::{ExportJob, ExportOptions};
use pyo3::prelude::*;

use crate::error::raise;
use crate::extractor::Source;
use crate::names::json;
use crate::watch;

/// The counts, as JSON.
#[pyfunction]
#[pyo3(signature = (source, input, output, part_size, shard, progress=None))]
pub(crate) fn export_embeddings(
    py: Python<'_>,
    source: Source<'_>,
    input: PathBuf,
    output: PathBuf,
    part_size: usize,
    shard: (u32, u32),
    progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let shard = Partition::new(shard.0, shard.1).map_err(raise)?;
    let options = ExportOptions { part_size, shard, ..ExportOptions::default() };
    let extractor = source.extractor();
    let summary = watch::run(py, progress, |watch| {
        let job = ExportJob::plan(input, output, extractor, options)?;
        job.run(watch)
    })?;
    json(&summary)
}
