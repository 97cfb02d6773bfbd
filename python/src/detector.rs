//! Faces in pictures.

use facenet_core::{Detector as CoreDetector, Face, Landmarks, Point, Rect, Runtime as CoreRuntime};
use ndarray::{Array1, Array2, Array3, ArrayView2, ArrayView3};
use numpy::{IntoPyArray, PyArray1, PyArray2, PyArray3};
use pyo3::prelude::*;

use crate::error::raise;
use crate::keywords::{Keywords, options};
use crate::names;
use crate::picture::{Picture, each_batch};
use crate::runtime::Runtime;

/// Boxes (n x 4), scores (n) and landmarks (n x 5 x 2) of the faces of a picture.
pub(crate) type FaceArrays<'py> = (Bound<'py, PyArray2<f32>>, Bound<'py, PyArray1<f32>>, Bound<'py, PyArray3<f32>>);

#[pyclass(frozen, module = "facenet_rs._native")]
pub(crate) struct Detector {
    pub(crate) detector: CoreDetector,
    pub(crate) runtime: CoreRuntime,
}

#[pymethods]
impl Detector {
    #[new]
    fn new(py: Python<'_>, runtime: &Runtime, settings: Keywords) -> PyResult<Self> {
        let (runtime, options) = (runtime.0.clone(), options(settings)?);
        let detector = py.detach(|| CoreDetector::new(&runtime, options)).map_err(raise)?;
        Ok(Self { detector, runtime })
    }

    #[pyo3(signature = (pictures, color, region=None))]
    fn detect<'py>(
        &self,
        py: Python<'py>,
        pictures: Vec<Bound<'py, PyAny>>,
        color: &str,
        region: Option<[f32; 4]>,
    ) -> PyResult<Vec<FaceArrays<'py>>> {
        let pictures = Picture::list(&pictures, names::pixel_format(color)?)?;
        let region = region.map(|[x1, y1, x2, y2]| Rect::new(x1, y1, x2, y2));
        let found = each_batch(py, &self.runtime, &pictures, |frames| match region {
            Some(region) => frames.iter().map(|frame| self.detector.detect_in(frame, region)).collect(),
            None => self.detector.detect_batch(frames),
        })?;
        Ok(found.into_iter().map(|faces| arrays(py, faces.iter())).collect())
    }
}

pub(crate) fn arrays<'py, 'a>(
    py: Python<'py>,
    faces: impl ExactSizeIterator<Item = &'a Face> + Clone,
) -> FaceArrays<'py> {
    let mut boxes = Array2::zeros((faces.len(), 4));
    let mut landmarks = Array3::zeros((faces.len(), 5, 2));
    let scores: Array1<f32> = faces.clone().map(|face| face.score).collect();
    for (index, face) in faces.enumerate() {
        let Rect { x1, y1, x2, y2 } = face.rect;
        boxes.row_mut(index).assign(&ndarray::aview1(&[x1, y1, x2, y2]));
        for (point, Point { x, y }) in face.landmarks.0.iter().enumerate() {
            landmarks[[index, point, 0]] = *x;
            landmarks[[index, point, 1]] = *y;
        }
    }
    (boxes.into_pyarray(py), scores.into_pyarray(py), landmarks.into_pyarray(py))
}

/// The boxes and landmarks in arrays of the shapes of [`FaceArrays`].
pub(crate) fn regions(boxes: ArrayView2<'_, f32>, landmarks: ArrayView3<'_, f32>) -> Vec<(Rect, Landmarks)> {
    let rows = boxes.rows().into_iter().zip(landmarks.outer_iter());
    rows.map(|(rect, points)| {
        let point = |index: usize| Point::new(points[[index, 0]], points[[index, 1]]);
        (Rect::new(rect[0], rect[1], rect[2], rect[3]), Landmarks(std::array::from_fn(point)))
    })
    .collect()
}
