//! Model files.

use std::path::PathBuf;

use facenet_core::model::{ImportOptions, ModelFile, import};
use pyo3::prelude::*;

use crate::error::raise;
use crate::names::{choice, json};

/// What a model file says of itself, as JSON.
#[pyfunction]
pub(crate) fn model_info(py: Python<'_>, path: PathBuf) -> PyResult<String> {
    json(py.detach(|| ModelFile::read(path)).map_err(raise)?.spec())
}

/// Checks the weights of a model file; its SHA-256.
#[pyfunction]
pub(crate) fn verify_model(py: Python<'_>, path: PathBuf) -> PyResult<String> {
    let verify = || ModelFile::read(path).and_then(|file| file.verify());
    py.detach(verify).map(|verified| verified.sha256).map_err(raise)
}

/// Makes a model file of a frozen TensorFlow graph or of safetensors; what it says of itself, as JSON.
#[pyfunction]
#[pyo3(signature = (source, output, architecture=None, name=None, standardization=None))]
pub(crate) fn import_model(
    py: Python<'_>,
    source: PathBuf,
    output: PathBuf,
    architecture: Option<&str>,
    name: Option<String>,
    standardization: Option<&str>,
) -> PyResult<String> {
    let standardization = standardization.map(|name| choice("standardization", name)).transpose()?;
    let architecture = architecture.map(|name| choice("architecture", name)).transpose()?;
    let options = ImportOptions { architecture, name, standardization, ..ImportOptions::default() };
    let made = py
        .detach(|| {
            let file = import(source, &options)?;
            file.write(output)?;
            Ok(file)
        })
        .map_err(raise)?;
    json(made.spec())
}
