//! Keyword arguments of Python as options of the library.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use facenet_core::ErrorKind;
use facenet_core::options::{OptionValue, Options, refused, unknown};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::{fault, raise};

/// Keyword arguments by the names that the library has for them; `None` for the default.
pub(crate) type Keywords = HashMap<String, Option<Keyword>>;

/// The value of a keyword argument.
#[derive(FromPyObject)]
pub(crate) enum Keyword {
    Switch(bool),
    Whole(u64),
    Number(f64),
    Text(String),
    /// What is not Unicode, and objects that stand for paths.
    Path(PathBuf),
    Several(Vec<Keyword>),
}

impl Keyword {
    /// The text form that options are read from.
    fn text(self) -> OsString {
        match self {
            Self::Switch(value) => value.to_string().into(),
            Self::Whole(value) => value.to_string().into(),
            Self::Number(value) => value.to_string().into(),
            Self::Text(text) => text.into(),
            Self::Path(path) => path.into(),
            Self::Several(values) => values.into_iter().map(Self::text).collect::<Vec<_>>().join(OsStr::new(",")),
        }
    }
}

/// The value of the argument `what` that `text` stands for.
pub(crate) fn choice<T: OptionValue>(what: &str, text: &str) -> PyResult<T> {
    T::parse(text).ok_or_else(|| raise(refused(what, text, &T::values())))
}

/// The options that `keywords` say.
pub(crate) fn options<T: Options>(mut keywords: Keywords) -> PyResult<T> {
    let options = taken(&mut keywords)?;
    match keywords.into_keys().next() {
        Some(name) => Err(raise(unknown(&name, T::FIELDS))),
        None => Ok(options),
    }
}

/// The same where the `keywords` say other options too, which remain.
pub(crate) fn taken<T: Options>(keywords: &mut Keywords) -> PyResult<T> {
    let mut options = T::default();
    for field in T::FIELDS {
        if let Some(value) = keywords.remove(field.name).flatten() {
            options.set(field.name, value.text()).map_err(raise)?;
        }
    }
    Ok(options)
}

/// A struct that is read from a dictionary with exactly its fields: one that is missing, or that nobody reads, is an error.
macro_rules! settings {
    ($(#[doc = $doc:literal])+ $name:ident { $($field:ident: $type:ty,)+ }) => {
        $(#[doc = $doc])+
        pub(crate) struct $name {
            $($field: $type,)+
        }

        impl<'a, 'py> pyo3::FromPyObject<'a, 'py> for $name {
            type Error = pyo3::PyErr;

            fn extract(object: pyo3::Borrowed<'a, 'py, pyo3::PyAny>) -> pyo3::PyResult<Self> {
                let given = object.cast::<pyo3::types::PyDict>()?;
                $crate::keywords::check_names(&given, &[$(stringify!($field)),+])?;
                Ok(Self { $($field: $crate::keywords::field(&given, stringify!($field))?,)+ })
            }
        }
    };
}
pub(crate) use settings;

/// Fails if a name in the dictionary is none of `known`.
pub(crate) fn check_names(given: &Bound<'_, PyDict>, known: &[&str]) -> PyResult<()> {
    for name in given.keys() {
        let name = name.extract::<String>()?;
        if !known.contains(&name.as_str()) {
            let message = format!("there is no setting {name:?}: there are {}", known.join(", "));
            return Err(fault(ErrorKind::InvalidArgument, message));
        }
    }
    Ok(())
}

/// The value of the setting `name`.
pub(crate) fn field<'py, T: FromPyObjectOwned<'py, Error = PyErr>>(
    given: &Bound<'py, PyDict>,
    name: &str,
) -> PyResult<T> {
    let missing = || fault(ErrorKind::InvalidArgument, format!("the setting {name:?} is missing"));
    given.get_item(name)?.ok_or_else(missing)?.extract()
}
