//! Faces of the same person together, without knowing anybody.

use std::path::{Path, PathBuf};

use facenet_core::internal::files::write_whole;
use facenet_core::{Error, ErrorKind, Image};
use facenet_lab::cluster::{self as core, Algorithm, ClusterOptions, Clusters, PageOptions};
use ndarray::Array1;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use crate::error::{fault, raise};
use crate::keywords::{Keywords, choice, options};
use crate::names::json;
use crate::pool::detached;
use crate::watch;

/// The number of the cluster of each row, -1 for none.
#[pyfunction]
#[pyo3(signature = (vectors, settings, progress=None))]
pub(crate) fn cluster<'py>(
    py: Python<'py>,
    vectors: PyReadonlyArray2<'py, f32>,
    settings: Keywords,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    let options: ClusterOptions = options(settings)?;
    let vectors = vectors.as_array();
    let clusters = watch::run(py, progress, |watch| core::cluster(vectors, &options, watch))?;
    let labels: Array1<i64> = clusters.labels().iter().map(|label| label.map_or(-1, i64::from)).collect();
    Ok(labels.into_pyarray(py))
}

/// How well labels agree with people, as JSON.
#[pyfunction]
pub(crate) fn cluster_scores(py: Python<'_>, labels: Vec<i64>, people: Vec<String>) -> PyResult<String> {
    json(&detached(py, || core::scores(&numbers(&labels), &people)).map_err(raise)?)
}

/// The threshold that was measured for an algorithm on the embeddings of a model, if one was; the algorithm's name.
#[pyfunction]
pub(crate) fn cluster_threshold(algorithm: Option<&str>, fingerprint: &str) -> PyResult<(String, Option<f64>)> {
    let algorithm = algorithm.map(|name| choice("algorithm", name)).transpose()?.unwrap_or(Algorithm::RECOMMENDED);
    Ok((algorithm.name().into(), algorithm.threshold(fingerprint.parse().map_err(raise)?)))
}

/// Writes a page that shows the clusters of image files.
#[pyfunction]
pub(crate) fn cluster_page(
    py: Python<'_>,
    path: PathBuf,
    labels: Vec<i64>,
    images: Vec<PathBuf>,
    title: String,
) -> PyResult<()> {
    let clusters = Clusters::from_keys(numbers(&labels));
    let names: Vec<String> = images.iter().map(|image| image.to_string_lossy().into_owned()).collect();
    if names.len() != labels.len() {
        let message = format!("{} labels and {} images: one for each", labels.len(), names.len());
        return Err(fault(ErrorKind::DimensionMismatch, message));
    }
    let picture = |row: usize| images.get(row).map(Path::new).ok_or_else(missing).and_then(Image::open);
    let options = PageOptions { title, ..PageOptions::default() };
    let write = || {
        let page = core::page(&clusters, &names, picture, &options)?;
        write_whole(path, |file| file.write_all(page.as_bytes()))
    };
    detached(py, write).map_err(raise)
}

fn missing() -> Error {
    Error::new(ErrorKind::Internal, "no such row")
}

fn numbers(labels: &[i64]) -> Vec<Option<u32>> {
    labels.iter().map(|&label| u32::try_from(label).ok()).collect()
}
