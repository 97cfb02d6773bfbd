//! ONNX Runtime, and what there is of it on this machine.

use std::path::PathBuf;

use facenet_core::runtime::doctor::examine;
use facenet_core::{Runtime as CoreRuntime, RuntimeOptions};
use pyo3::prelude::*;

use crate::error::raise;
use crate::names::json;

#[pyclass(frozen, module = "facenet_rs._native")]
pub(crate) struct Runtime(pub(crate) CoreRuntime);

fn options(
    library: Option<PathBuf>,
    provider: &str,
    threads: Option<usize>,
    models: Option<PathBuf>,
    engine_cache: Option<PathBuf>,
) -> PyResult<RuntimeOptions> {
    let provider = provider.parse().map_err(raise)?;
    Ok(RuntimeOptions { library, provider, threads, models, engine_cache })
}

#[pymethods]
impl Runtime {
    #[new]
    #[pyo3(signature = (library, provider, threads, models, engine_cache))]
    fn new(
        py: Python<'_>,
        library: Option<PathBuf>,
        provider: &str,
        threads: Option<usize>,
        models: Option<PathBuf>,
        engine_cache: Option<PathBuf>,
    ) -> PyResult<Self> {
        let options = options(library, provider, threads, models, engine_cache)?;
        py.detach(|| CoreRuntime::new(options)).map(Self).map_err(raise)
    }

    fn info(&self, py: Python<'_>) -> PyResult<String> {
        let info = py.detach(|| self.0.info());
        json(&info)
    }
}

/// The report of the doctor: as JSON, as text, and whether all works.
#[pyfunction]
pub(crate) fn doctor(
    py: Python<'_>,
    library: Option<PathBuf>,
    provider: &str,
    models: Option<PathBuf>,
) -> PyResult<(String, String, bool)> {
    let options = options(library, provider, None, models, None)?;
    let report = py.detach(|| examine(&options));
    Ok((json(&report)?, report.to_string(), report.works()))
}
