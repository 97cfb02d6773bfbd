//! Faces cut out of pictures.

use facenet_core::model::Alignment;
use facenet_core::{Aligner as CoreAligner, ErrorKind, Image};
use ndarray::Array4;
use numpy::{IntoPyArray, PyArray4, PyReadonlyArray2, PyReadonlyArray3};
use pyo3::prelude::*;

use crate::detector::regions;
use crate::error::{fault, raise};
use crate::names;
use crate::picture::{Picture, each_batch};
use crate::runtime::Runtime;

#[pyclass(frozen, module = "facenet_rs._native")]
pub(crate) struct Aligner(pub(crate) CoreAligner);

#[pymethods]
impl Aligner {
    /// An aligner for crops of `size` pixels a side: with `margin`, or to the template of ArcFace without one.
    #[new]
    fn new(size: u32, margin: Option<u32>) -> PyResult<Self> {
        let alignment = margin.map_or(Alignment::Arcface, |margin| Alignment::Margin { margin });
        CoreAligner::new(alignment, size).map(Self).map_err(raise)
    }

    #[getter]
    fn size(&self) -> u32 {
        self.0.size()
    }

    /// The faces of a picture, n x size x size x 3.
    fn align<'py>(
        &self,
        py: Python<'py>,
        runtime: &Runtime,
        picture: &Bound<'py, PyAny>,
        color: &str,
        boxes: PyReadonlyArray2<'py, f32>,
        landmarks: PyReadonlyArray3<'py, f32>,
    ) -> PyResult<Bound<'py, PyArray4<u8>>> {
        let (boxes, landmarks) = (boxes.as_array(), landmarks.as_array());
        if boxes.ncols() != 4 || landmarks.shape() != [boxes.nrows(), 5, 2] {
            let message =
                format!("boxes {:?} and landmarks {:?}: (n, 4) and (n, 5, 2)", boxes.shape(), landmarks.shape());
            return Err(fault(ErrorKind::DimensionMismatch, message));
        }
        let faces = regions(boxes, landmarks);
        let pictures = [Picture::new(picture, names::pixel_format(color)?)?];
        let crops = each_batch(py, &runtime.0, &pictures, |frames| {
            frames.iter().flat_map(|frame| faces.iter().map(|(rect, marks)| self.0.align(frame, rect, marks))).collect()
        })?;
        Ok(crop_array(&crops.iter().collect::<Vec<_>>(), self.0.size()).into_pyarray(py))
    }
}

/// Crops of `size` pixels a side as one array.
pub(crate) fn crop_array(crops: &[&Image], size: u32) -> Array4<u8> {
    let size = size as usize;
    let mut data = Vec::with_capacity(crops.len() * size * size * 3);
    crops.iter().for_each(|crop| data.extend_from_slice(crop.data()));
    Array4::from_shape_vec((crops.len(), size, size, 3), data).unwrap_or_default()
}
