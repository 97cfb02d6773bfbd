//! A folder of photos made into a folder of aligned faces.

use std::path::PathBuf;
use std::sync::Mutex;

use facenet_lab::dataset::{AlignOptions, Order, Partition};
use facenet_lab::folder::{FolderAlignment, FolderAlignmentOptions};
use pyo3::prelude::*;

use crate::error::raise;
use crate::keywords::{self, Keywords};
use crate::names::json;
use crate::runtime::Runtime;
use crate::watch;

/// How a folder is aligned, as Python says it.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct FolderSettings {
    image_size: u32,
    margin: u32,
    multiple_faces: bool,
    retry_failed: bool,
    order_seed: Option<u64>,
    shard: (u32, u32),
}

/// The counts as JSON, and faces that could not be cut out.
#[pyfunction]
#[pyo3(signature = (runtime, input, output, detector, settings, progress=None))]
pub(crate) fn align_folder(
    py: Python<'_>,
    runtime: &Runtime,
    input: PathBuf,
    output: PathBuf,
    detector: Keywords,
    settings: FolderSettings,
    progress: Option<Py<PyAny>>,
) -> PyResult<(String, Vec<String>)> {
    let FolderSettings { image_size, margin, multiple_faces, retry_failed, order_seed, shard } = settings;
    let job = AlignOptions {
        shard: Partition::new(shard.0, shard.1).map_err(raise)?,
        order: order_seed.map_or(Order::Sorted, |seed| Order::Random { seed }),
        multiple_faces,
        retry_failed,
        ..AlignOptions::default()
    };
    let options = FolderAlignmentOptions { detector: keywords::options(detector)?, image_size, margin, job };
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
