//! The `facenet` command line.

use std::ffi::OsString;

use facenet_cli::run;
use pyo3::prelude::*;

/// Does what `arguments` ask for, the name of the program first, and tells the exit code.
#[pyfunction]
pub(crate) fn run_command(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    py.detach(|| run(arguments).number())
}
