//! Whose face it is, among people who are known.

use std::path::PathBuf;

use facenet_lab::classify::{Classifier as CoreClassifier, ClassifierOptions, TrainingSet};
use ndarray::Array1;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::embeddings::read_description;
use crate::error::raise;
use crate::keywords::{Keywords, options};
use crate::names::json;
use crate::pool::detached;
use crate::watch;

#[pyclass(frozen, module = "facenet_rs._native")]
pub(crate) struct Classifier(CoreClassifier);

/// Class or -1, nearest class, score: of each row.
type Predictions<'py> = (Bound<'py, PyArray1<i64>>, Bound<'py, PyArray1<i64>>, Bound<'py, PyArray1<f32>>);

#[pymethods]
impl Classifier {
    #[expect(clippy::too_many_arguments, reason = "one for each argument of the method in Python")]
    #[staticmethod]
    #[pyo3(signature = (vectors, labels, names, description, strangers, settings, progress=None))]
    fn train(
        py: Python<'_>,
        vectors: PyReadonlyArray2<'_, f32>,
        labels: Vec<usize>,
        names: Vec<String>,
        description: &str,
        strangers: Option<PyReadonlyArray2<'_, f32>>,
        settings: Keywords,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let set = TrainingSet { vectors: vectors.as_array(), labels: &labels, names: &names };
        let description = read_description(description)?;
        let options: ClassifierOptions = options(settings)?;
        let strangers = strangers.as_ref().map(|strangers| strangers.as_array());
        let method = options.method(strangers).map_err(raise)?;
        watch::run(py, progress, |watch| CoreClassifier::train(&set, description, &method, watch)).map(Self)
    }

    #[staticmethod]
    fn load(path: PathBuf) -> PyResult<Self> {
        CoreClassifier::load(path).map(Self).map_err(raise)
    }

    /// The content of a file that `save` wrote.
    #[staticmethod]
    fn from_bytes(content: &[u8]) -> PyResult<Self> {
        CoreClassifier::from_bytes(content).map(Self).map_err(raise)
    }

    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        self.0.to_bytes().map(|content| PyBytes::new(py, &content)).map_err(raise)
    }

    fn save(&self, path: PathBuf) -> PyResult<()> {
        self.0.save(path).map_err(raise)
    }

    fn predict<'py>(
        &self,
        py: Python<'py>,
        vectors: PyReadonlyArray2<'py, f32>,
        fingerprint: &str,
    ) -> PyResult<Predictions<'py>> {
        let (vectors, fingerprint) = (vectors.as_array(), fingerprint.parse().map_err(raise)?);
        let found = detached(py, || self.0.predict(vectors, fingerprint)).map_err(raise)?;
        let class = |class: Option<usize>| class.map_or(-1, |class| class as i64);
        Ok((
            found.iter().map(|one| class(one.class)).collect::<Array1<i64>>().into_pyarray(py),
            found.iter().map(|one| class(Some(one.nearest))).collect::<Array1<i64>>().into_pyarray(py),
            found.iter().map(|one| one.score).collect::<Array1<f32>>().into_pyarray(py),
        ))
    }

    /// Names and numbers of images of the classes, as JSON.
    fn classes(&self) -> PyResult<String> {
        json(&self.0.classes())
    }

    /// What made the vectors, as JSON.
    fn description(&self) -> PyResult<String> {
        json(self.0.description())
    }

    /// The operating point as JSON; none for a classifier that knows no strangers.
    fn operating_point(&self) -> PyResult<Option<String>> {
        self.0.rule().operating_point().map(json).transpose()
    }
}
