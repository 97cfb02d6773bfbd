//! A folder of photos made into a folder of aligned faces.

use std::path::PathBuf;
use std::sync::Mutex;

use facenet_lab::dataset::AlignOptions;
use facenet_lab::folder::{FolderAlignment, FolderAlignmentOptions};
use pyo3::prelude::*;

use crate::keywords::{self, Keywords};
use crate::names::json;
use crate::runtime::Runtime;
use crate::watch;

/// The counts as JSON, and faces that could not be cut out.
#[pyfunction]
#[pyo3(signature = (runtime, input, output, detector, settings, progress=None))]
pub(crate) fn align_folder(
    py: Python<'_>,
    runtime: &Runtime,
    input: PathBuf,
    output: PathBuf,
    detector: Keywords,
    mut settings: Keywords,
    progress: Option<Py<PyAny>>,
) -> PyResult<(String, Vec<String>)> {
    let job: AlignOptions = keywords::taken(&mut settings)?;
    let detector = keywords::options(detector)?;
    let options = FolderAlignmentOptions { detector, job, ..keywords::options(settings)? };
    let left_out = Mutex::new(Vec::new());
    let runtime = runtime.0.clone();
    let summary = watch::run(py, progress, |watch| {
        let alignment = FolderAlignment::plan(input, output, options)?;
        let note = |error: &facenet_core::Error| {
            left_out.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(error.to_string());
        };
        alignment.run(&runtime, note, watch)
    })?;
    let left_out = left_out.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    Ok((json(&summary)?, left_out))
}
