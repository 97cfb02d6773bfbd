//! Errors of the library as exceptions: `facenet_rs.errors` has a class for each kind.

use facenet_core::{Error, ErrorKind};
use pyo3::prelude::*;
use pyo3::types::PyType;

/// The exception for an error.
pub(crate) fn raise(error: Error) -> PyErr {
    Python::attach(|py| {
        class(py, error.kind()).map_or_else(|cause| cause, |class| PyErr::from_type(class, error.to_string()))
    })
}

/// An exception of `kind` that says `message`.
pub(crate) fn fault(kind: ErrorKind, message: impl Into<String>) -> PyErr {
    raise(Error::new(kind, message.into()))
}

fn class(py: Python<'_>, kind: ErrorKind) -> PyResult<Bound<'_, PyType>> {
    let of_kind = py.import("facenet_rs.errors")?.getattr("of_kind")?;
    Ok(of_kind.call1((kind.name(),))?.cast_into::<PyType>()?)
}

/// The name and the number of every kind of error.
#[pyfunction]
pub(crate) fn error_kinds() -> Vec<(&'static str, i32)> {
    ErrorKind::ALL.iter().map(|kind| (kind.name(), kind.number())).collect()
}
