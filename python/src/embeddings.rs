//! Embeddings on disk.

use std::path::PathBuf;

use facenet_core::{Error, ErrorKind};
use facenet_lab::store::{Description, Stored, write};
use numpy::{IntoPyArray, PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;

use crate::error::raise;
use crate::names::json;

/// Values, names, description as JSON, the person of each row or none.
type StoredParts<'py> = (Bound<'py, PyArray2<f32>>, Vec<String>, Option<String>, Vec<Option<String>>);

#[pyfunction]
pub(crate) fn read_embeddings(py: Python<'_>, path: PathBuf) -> PyResult<StoredParts<'_>> {
    let stored = py.detach(|| Stored::read(path)).map_err(raise)?;
    // Names that say nothing of people are no fault of who only wants the vectors.
    let people = stored.people().map(|people| people.into_iter().map(|person| person.map(str::to_string)).collect());
    let people = people.unwrap_or_else(|_| vec![None; stored.names.len()]);
    let description = stored.description.as_ref().map(json).transpose()?;
    Ok((stored.values.into_pyarray(py), stored.names, description, people))
}

#[pyfunction]
pub(crate) fn write_embeddings(
    py: Python<'_>,
    path: PathBuf,
    description: &str,
    folder: Option<String>,
    names: Vec<String>,
    values: PyReadonlyArray2<'_, f32>,
) -> PyResult<()> {
    let description: Description = read_description(description)?;
    let values = values.as_array();
    py.detach(|| write(path, &description, folder.as_deref(), names.iter().map(String::as_str), values)).map_err(raise)
}

pub(crate) fn read_description(json: &str) -> PyResult<Description> {
    serde_json::from_str(json)
        .map_err(|error| raise(Error::new(ErrorKind::InvalidArgument, "what made the embeddings").with_source(error)))
}
