//! Aligned faces as vectors.

use std::path::{Path, PathBuf};

use facenet_core::frame::{RgbView, Upright};
use facenet_core::{Embedder as CoreEmbedder, Embedding, Result};
use facenet_lab::store::Description;
use ndarray::Array2;
use numpy::{IntoPyArray, PyArray2};
use pyo3::prelude::*;

use crate::error::raise;
use crate::keywords::{Keywords, options};
use crate::names::{self, json};
use crate::picture::{Picture, each_batch};
use crate::runtime::Runtime;

#[pyclass(frozen, module = "facenet_rs._native")]
pub(crate) struct Embedder(pub(crate) CoreEmbedder);

#[pymethods]
impl Embedder {
    #[new]
    fn new(py: Python<'_>, runtime: &Runtime, settings: Keywords) -> PyResult<Self> {
        let (runtime, options) = (runtime.0.clone(), options(settings)?);
        py.detach(|| CoreEmbedder::new(&runtime, options)).map(Self).map_err(raise)
    }

    #[getter]
    fn name(&self) -> &str {
        self.0.name()
    }

    #[getter]
    /// There is one: Python names models by their files.
    fn path(&self) -> Option<PathBuf> {
        self.0.path().map(Path::to_path_buf)
    }

    #[getter]
    fn fingerprint(&self) -> String {
        self.0.fingerprint().to_string()
    }

    #[getter]
    fn dimension(&self) -> usize {
        self.0.dimension()
    }

    #[getter]
    fn mirror(&self) -> PyResult<String> {
        Ok(json(&self.0.mirror())?.trim_matches('"').to_string())
    }

    /// What a caller must know to run the model, as JSON.
    fn spec(&self) -> PyResult<String> {
        json(self.0.spec())
    }

    /// What is written beside embeddings, as JSON.
    fn description(&self) -> PyResult<String> {
        json(&Description::of(&self.0))
    }

    fn embed<'py>(
        &self,
        py: Python<'py>,
        crops: Vec<Bound<'py, PyAny>>,
        color: &str,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let crops = Picture::list(&crops, names::pixel_format(color)?)?;
        let embeddings = each_batch(py, self.0.runtime(), &crops, |frames| {
            let uprights = frames.iter().map(|frame| frame.upright()).collect::<Result<Vec<Upright<'_>>>>()?;
            let views: Vec<RgbView<'_>> = uprights.iter().map(Upright::view).collect();
            self.0.embed_views(&views)
        })?;
        Ok(vectors(embeddings.iter(), self.0.dimension()).into_pyarray(py))
    }
}

/// Embeddings as a matrix, a row for each.
pub(crate) fn vectors<'a>(embeddings: impl ExactSizeIterator<Item = &'a Embedding>, dimension: usize) -> Array2<f32> {
    let mut matrix = Array2::zeros((embeddings.len(), dimension));
    for (mut row, embedding) in matrix.rows_mut().into_iter().zip(embeddings) {
        row.assign(&ndarray::aview1(embedding.values()));
    }
    matrix
}
