//! Embeddings of a folder of people as NumPy arrays and Parquet.

use std::path::PathBuf;

use facenet_lab::export::{ExportJob, ExportOptions};
use pyo3::prelude::*;

use crate::extractor::Source;
use crate::keywords::{Keywords, options};
use crate::names::json;
use crate::watch;

/// The counts, as JSON.
#[pyfunction]
#[pyo3(signature = (source, input, output, settings, progress=None))]
pub(crate) fn export_embeddings(
    py: Python<'_>,
    source: Source<'_>,
    input: PathBuf,
    output: PathBuf,
    settings: Keywords,
    progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let options: ExportOptions = options(settings)?;
    let extractor = source.extractor();
    let summary = watch::run(py, progress, |watch| {
        let job = ExportJob::plan(input, output, extractor, options)?;
        job.run(watch)
    })?;
    json(&summary)
}
