//! Keyword arguments of Python as options of the library.

use std::collections::HashMap;
use std::path::PathBuf;

use facenet_core::options::Options;
use pyo3::prelude::*;

use crate::error::raise;

/// Keyword arguments by the names that the library has for them; `None` for the default.
pub(crate) type Keywords = HashMap<String, Option<Keyword>>;

/// The value of a keyword argument.
#[derive(FromPyObject)]
pub(crate) enum Keyword {
    Switch(bool),
    Number(f64),
    Text(String),
    Path(PathBuf),
    Several(Vec<Keyword>),
}

impl Keyword {
    /// The text form that options are read from.
    fn text(self) -> String {
        match self {
            Self::Switch(value) => value.to_string(),
            Self::Number(value) => value.to_string(),
            Self::Text(text) => text,
            Self::Path(path) => path.display().to_string(),
            Self::Several(values) => values.into_iter().map(Self::text).collect::<Vec<_>>().join(","),
        }
    }
}

/// The options that `keywords` say.
pub(crate) fn options<T: Options>(keywords: Keywords) -> PyResult<T> {
    let mut options = T::default();
    for (name, value) in keywords {
        if let Some(value) = value {
            options.set(&name, &value.text()).map_err(raise)?;
        }
    }
    Ok(options)
}
