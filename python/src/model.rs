//! Model files.

use std::path::PathBuf;

use facenet_core::model::{ImportOptions, ModelFile, import};
use pyo3::prelude::*;

use crate::error::raise;
use crate::keywords::{choice, settings};
use crate::names::json;

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

settings! {
    /// What weights do not say of themselves, as Python says it.
    ImportSettings {
        architecture: Option<String>,
        name: Option<String>,
        origin: Option<String>,
        standardization: Option<String>,
        input_size: Option<u32>,
    }
}

/// Makes a model file of a frozen TensorFlow graph or of safetensors; what it says of itself, as JSON.
#[pyfunction]
pub(crate) fn import_model(
    py: Python<'_>,
    source: PathBuf,
    output: PathBuf,
    settings: ImportSettings,
) -> PyResult<String> {
    let ImportSettings { architecture, name, origin, standardization, input_size } = settings;
    let options = ImportOptions {
        architecture: architecture.map(|name| choice("architecture", &name)).transpose()?,
        name,
        source: origin,
        standardization: standardization.map(|name| choice("standardization", &name)).transpose()?,
        input_size,
        ..ImportOptions::default()
    };
    let made = py
        .detach(|| {
            let file = import(source, &options)?;
            file.write(output)?;
            Ok(file)
        })
        .map_err(raise)?;
    json(made.spec())
}
