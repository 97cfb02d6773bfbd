//! Whose face it is, among people who are known.

use std::path::PathBuf;

use facenet_core::ErrorKind;
use facenet_lab::classify::{
    Classifier as CoreClassifier, Method, SoftmaxOptions, SvmOptions, TemplateOptions, ThresholdChoice, TrainingSet,
};
use ndarray::Array1;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::embeddings::read_description;
use crate::error::{fault, raise};
use crate::names::{choice, json};
use crate::pool::detached;
use crate::watch;

#[pyclass(frozen, module = "facenet_rs._native")]
pub(crate) struct Classifier(CoreClassifier);

/// How people are learned, as Python says it.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct ClassifierSettings<'py> {
    method: String,
    kind: String,
    fpir: f64,
    score: Option<f32>,
    cost: Option<f64>,
    seed: u64,
    balanced: bool,
    strangers: Option<PyReadonlyArray2<'py, f32>>,
}

/// Class or -1, nearest class, score: of each row.
type Predictions<'py> = (Bound<'py, PyArray1<i64>>, Bound<'py, PyArray1<i64>>, Bound<'py, PyArray1<f32>>);

#[pymethods]
impl Classifier {
    #[staticmethod]
    #[pyo3(signature = (vectors, labels, names, description, settings, progress=None))]
    fn train(
        py: Python<'_>,
        vectors: PyReadonlyArray2<'_, f32>,
        labels: Vec<usize>,
        names: Vec<String>,
        description: &str,
        settings: ClassifierSettings<'_>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let set = TrainingSet { vectors: vectors.as_array(), labels: &labels, names: &names };
        let description = read_description(description)?;
        let ClassifierSettings { method, kind, fpir, score, cost, seed, balanced, strangers } = settings;
        let threshold = score.map_or(ThresholdChoice::Fpir(fpir), ThresholdChoice::Score);
        let strangers = strangers.as_ref().map(|strangers| strangers.as_array());
        let method = match method.as_str() {
            "template" => Method::Template(TemplateOptions { kind: choice("kind", &kind)?, threshold, strangers }),
            "svm" => Method::Svm(SvmOptions { cost: cost.unwrap_or(SvmOptions::default().cost), seed }),
            "softmax" => {
                let threshold = (score.is_some() || strangers.is_some()).then_some(threshold);
                let cost = cost.unwrap_or(SoftmaxOptions::default().cost);
                Method::Softmax(SoftmaxOptions { cost, balanced, threshold, strangers })
            }
            other => {
                let message = format!("{other:?} is no method: template, svm or softmax");
                return Err(fault(ErrorKind::InvalidArgument, message));
            }
        };
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
