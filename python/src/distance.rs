//! Distances of vectors.

use facenet_core::embedding::distance;
use facenet_core::{Metric, Result};
use ndarray::Array2;
use numpy::{IntoPyArray, PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;
use rayon::prelude::*;

use crate::error::raise;
use crate::keywords::choice;
use crate::pool::detached;

/// The distances of each row of `a` from each row of `b`.
#[pyfunction]
pub(crate) fn distances<'py>(
    py: Python<'py>,
    a: PyReadonlyArray2<'py, f32>,
    b: PyReadonlyArray2<'py, f32>,
    metric: &str,
) -> PyResult<Bound<'py, PyArray2<f32>>> {
    let metric: Metric = choice("metric", metric)?;
    let (a, b) = (a.as_array(), b.as_array());
    let (a, b) = (a.as_standard_layout(), b.as_standard_layout());
    let (rows, columns) = (a.nrows(), b.nrows());
    let row = |row: usize| {
        let a = a.row(row);
        let a = a.as_slice().unwrap_or_default();
        let one = |column: usize| distance(a, b.row(column).as_slice().unwrap_or_default(), metric);
        (0..columns).map(one).collect::<Result<Vec<f32>>>()
    };
    // One pair is not worth the threads.
    let found = match rows * columns {
        0..1024 => (0..rows).map(row).collect::<Result<Vec<_>>>(),
        _ => detached(py, || (0..rows).into_par_iter().map(row).collect()),
    };
    let values = found.map_err(raise)?.concat();
    Ok(Array2::from_shape_vec((rows, columns), values).unwrap_or_default().into_pyarray(py))
}

/// Whether a distance is one of the same person, at `threshold`.
#[pyfunction]
pub(crate) fn within(distance: f32, threshold: f32, metric: &str) -> PyResult<bool> {
    Ok(choice::<Metric>("metric", metric)?.within(distance, threshold))
}
