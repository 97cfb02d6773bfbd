//! Pixel formats by name, and results as JSON.

use facenet_core::frame::PixelFormat;
use facenet_core::{Error, ErrorKind};
use pyo3::PyResult;
use serde::Serialize;

use crate::error::{fault, raise};

/// The pixel format called `name`, in small letters.
pub(crate) fn pixel_format(name: &str) -> PyResult<PixelFormat> {
    PixelFormat::ALL.iter().copied().find(|format| format.name().eq_ignore_ascii_case(name)).ok_or_else(|| {
        let known: Vec<String> = PixelFormat::ALL.iter().map(|format| format.name().to_lowercase()).collect();
        fault(ErrorKind::InvalidArgument, format!("color {name:?} is not one of {}", known.join(", ")))
    })
}

/// A result as JSON, for the classes of the package.
pub(crate) fn json(value: &impl Serialize) -> PyResult<String> {
    serde_json::to_string(value)
        .map_err(|error| raise(Error::new(ErrorKind::Internal, "a result as JSON").with_source(error)))
}
