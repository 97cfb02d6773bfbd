//! How well faces are told apart.

use std::ffi::OsString;
use std::path::PathBuf;

use facenet_core::internal::files::write_whole;
use facenet_core::model::{Mirror, Threshold};
use facenet_core::{ErrorKind, Fingerprint, Result};
use facenet_lab::evaluate::{
    self, Blufr, BlufrOptions, CalibrationOptions, Curve, CurveKind, FoldOptions, ImageFinder, ImageVector,
    InsightfacePairs, Pairs, Profile as CoreProfile, Protocol, Validation, ValidationOptions,
};
use ndarray::{Array1, Array2, Axis};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use crate::error::{fault, raise};
use crate::extractor::Source;
use crate::keywords::{Keywords, choice, options, taken};
use crate::names::json;
use crate::watch;

/// How pairs are evaluated, by a list that may say of how many `folds`.
fn validation(mut keywords: Keywords, folds: Option<usize>) -> PyResult<ValidationOptions> {
    let listed = folds.filter(|_| !matches!(keywords.get("folds"), Some(Some(_))));
    let given: FoldOptions = taken(&mut keywords)?;
    let folds = FoldOptions { folds: listed.unwrap_or(given.folds), ..given };
    let rates = taken(&mut keywords)?;
    Ok(ValidationOptions { folds, rates, ..options(keywords)? })
}

/// What an evaluation found.
#[pyclass(frozen, module = "facenet_rs._native")]
pub(crate) struct Report(Validation);

/// Thresholds, false match rates and false non-match rates.
type Roc<'py> = (Bound<'py, PyArray1<f32>>, Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>);

#[pymethods]
impl Report {
    fn json(&self) -> PyResult<String> {
        json(&self.0)
    }

    /// The distance of each pair.
    fn distances<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f32>> {
        PyArray1::from_slice(py, &self.0.cross_validation.distances)
    }

    /// The exact curve over all pairs. The threshold that rejects everything is not a number.
    fn roc<'py>(&self, py: Python<'py>) -> Roc<'py> {
        let points = &self.0.rates.roc;
        let column = |value: fn(&evaluate::RocPoint) -> f64| points.iter().map(value).collect::<Array1<f64>>();
        let thresholds: Array1<f32> = points.iter().map(|point| point.threshold.unwrap_or(f32::NAN)).collect();
        (
            thresholds.into_pyarray(py),
            column(|point| point.false_match_rate).into_pyarray(py),
            column(|point| point.false_non_match_rate).into_pyarray(py),
        )
    }

    fn write_html(&self, py: Python<'_>, path: PathBuf, model: &str, data: &str) -> PyResult<()> {
        let write = || {
            let page = evaluate::report(&self.0, model, data)?;
            write_whole(path, |file| file.write_all(page.as_bytes()))
        };
        py.detach(write).map_err(raise)
    }

    /// Draws the curve `kind`, "roc" or "det", as SVG or PNG.
    fn draw(&self, py: Python<'_>, path: PathBuf, kind: &str, name: &str) -> PyResult<()> {
        let kind = match kind {
            "roc" => CurveKind::Roc,
            "det" => CurveKind::Det,
            other => return Err(fault(ErrorKind::InvalidArgument, format!("{other:?} is no curve: roc or det"))),
        };
        let curve = Curve { name, points: &self.0.rates.roc };
        py.detach(|| evaluate::draw(path, kind, &[curve])).map_err(raise)
    }
}

/// Evaluates pairs of vectors, the rows of `a` and `b`, by the protocol of Labeled Faces in the Wild. `subjects` has a number for
/// the person of each row of `a`, then of each of `b`; without it there are no confidence intervals.
#[pyfunction]
#[pyo3(signature = (a, b, same, subjects, settings, progress=None))]
pub(crate) fn validate_pairs(
    py: Python<'_>,
    a: PyReadonlyArray2<'_, f32>,
    b: PyReadonlyArray2<'_, f32>,
    same: Vec<bool>,
    subjects: Option<Vec<u32>>,
    settings: Keywords,
    progress: Option<Py<PyAny>>,
) -> PyResult<Report> {
    let count = same.len();
    let mut options = validation(settings, None)?;
    let lengths = (a.as_array().nrows(), b.as_array().nrows(), subjects.as_ref().map_or(2 * count, Vec::len));
    if lengths != (count, count, 2 * count) {
        let message = format!("{} and {} vectors, {count} answers: as many of each", lengths.0, lengths.1);
        return Err(fault(ErrorKind::DimensionMismatch, message));
    }
    let (a, b) = (a.as_array(), b.as_array());
    if a.ncols() != b.ncols() {
        return Err(fault(ErrorKind::DimensionMismatch, "the vectors of the pairs have different lengths"));
    }
    let mut vectors = Array2::zeros((2 * count, a.ncols()));
    for ((mut pair, a), b) in vectors.axis_chunks_iter_mut(Axis(0), 2).zip(a.rows()).zip(b.rows()) {
        pair.row_mut(0).assign(&a);
        pair.row_mut(1).assign(&b);
    }
    let mut protocol = Protocol::of_answers(&same);
    match subjects {
        Some(subjects) => {
            let (a, b) = subjects.split_at(count);
            let by_pair = a.iter().zip(b).flat_map(|(&a, &b)| [a, b]);
            protocol.images.iter_mut().zip(by_pair).for_each(|(image, subject)| image.subject = subject);
        }
        None => options.rates.replicates = 0,
    }
    let rows: Vec<ImageVector> = (0..2 * count).map(ImageVector::Row).collect();
    watch::run(py, progress, |watch| evaluate::validate(&protocol, vectors.view(), &rows, &options, &watch.silent()))
        .map(Report)
}

/// Validates on a folder of people and a list of pairs, or on a file of InsightFace, for which `source` is an embedder.
#[pyfunction]
#[pyo3(signature = (source, data, pairs, settings, progress=None))]
pub(crate) fn validate_lfw(
    py: Python<'_>,
    source: Source<'_>,
    data: PathBuf,
    pairs: Option<PathBuf>,
    settings: Keywords,
    progress: Option<Py<PyAny>>,
) -> PyResult<Report> {
    let extractor = source.extractor();
    let found = match pairs {
        Some(pairs) => {
            let pairs = py.detach(|| Pairs::read(pairs)).map_err(raise)?;
            let options = validation(settings, pairs.folds())?;
            watch::run(py, progress, |watch| evaluate::lfw(&extractor, data, &pairs, &options, watch))
        }
        None => {
            let options = validation(settings, None)?;
            watch::run(py, progress, |watch| {
                let pairs = InsightfacePairs::read(data)?;
                pairs.validate(extractor.embedder(), &options, watch)
            })
        }
    };
    found.map(Report)
}

/// Both images of a pair, none for one that is not there, and whether they are of one person.
type PairFiles = (Option<OsString>, Option<OsString>, bool);

/// The pairs of a list, with the images below `folder`.
#[pyfunction]
pub(crate) fn pairs_of(py: Python<'_>, folder: PathBuf, pairs: PathBuf) -> PyResult<Vec<PairFiles>> {
    let list = || {
        let mut finder = ImageFinder::new(&folder);
        let mut file = |image| {
            Ok(finder.find(image)?.map(|image| folder.join(image).into_os_string())) as Result<Option<OsString>>
        };
        let list = Pairs::read(pairs)?;
        list.pairs().iter().map(|pair| Ok((file(&pair.a)?, file(&pair.b)?, pair.same))).collect::<Result<Vec<_>>>()
    };
    py.detach(list).map_err(raise)
}

/// Compares everybody with everybody on random splits; the result as JSON.
#[pyfunction]
#[pyo3(signature = (vectors, subjects, settings, progress=None))]
pub(crate) fn blufr(
    py: Python<'_>,
    vectors: PyReadonlyArray2<'_, f32>,
    subjects: Vec<u32>,
    settings: Keywords,
    progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    let options: BlufrOptions = options(settings)?;
    let vectors = vectors.as_array();
    let result: Blufr = watch::run(py, progress, |watch| evaluate::blufr(vectors, &subjects, &options, watch))?;
    json(&result)
}

/// Finds thresholds for wanted false match rates. Gives the calibration as JSON, and its thresholds as JSON.
#[pyfunction]
#[pyo3(signature = (vectors, subjects, settings, mirror, measured_on, progress=None))]
pub(crate) fn calibrate(
    py: Python<'_>,
    vectors: PyReadonlyArray2<'_, f32>,
    subjects: Vec<u32>,
    settings: Keywords,
    mirror: &str,
    measured_on: &str,
    progress: Option<Py<PyAny>>,
) -> PyResult<(String, String)> {
    let ValidationOptions { folds, rates, .. } = validation(settings, None)?;
    let options = CalibrationOptions { metric: folds.metric, rates, ..CalibrationOptions::default() };
    let mirror: Mirror = choice("mirror", mirror)?;
    let vectors = vectors.as_array();
    let found = watch::run(py, progress, |watch| evaluate::calibrate(vectors, &subjects, &options, watch))?;
    Ok((json(&found)?, json(&found.thresholds(mirror, measured_on))?))
}

/// Thresholds that were measured for a model and preprocessing.
#[pyclass(frozen, module = "facenet_rs._native")]
pub(crate) struct Profile(CoreProfile);

#[pymethods]
impl Profile {
    /// A profile of `thresholds`, JSON as [`calibrate`] gives it.
    #[new]
    fn new(model: &str, fingerprint: &str, metric: &str, thresholds: &str) -> PyResult<Self> {
        let fingerprint: Fingerprint = fingerprint.parse().map_err(raise)?;
        let thresholds: Vec<Threshold> = serde_json::from_str(thresholds)
            .map_err(|error| fault(ErrorKind::InvalidArgument, format!("thresholds: {error}")))?;
        CoreProfile::new(model, fingerprint, choice("metric", metric)?, thresholds).map(Self).map_err(raise)
    }

    #[staticmethod]
    fn read(path: PathBuf) -> PyResult<Self> {
        CoreProfile::read(path).map(Self).map_err(raise)
    }

    fn write(&self, path: PathBuf) -> PyResult<()> {
        self.0.write(path).map_err(raise)
    }

    /// Fails if the thresholds are not for embeddings with this fingerprint.
    fn check(&self, fingerprint: &str) -> PyResult<()> {
        self.0.check(fingerprint.parse().map_err(raise)?).map_err(raise)
    }

    fn json(&self) -> PyResult<String> {
        json(&self.0)
    }
}
