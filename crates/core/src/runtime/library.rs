//! Finding the ONNX Runtime library.

use std::cmp::Reverse;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::dylib::{Dylib, SONAMES};
use super::{place, python};
use crate::error::{Error, ErrorKind, Hint, Result};

/// Environment variables that name the library; the first that is set decides.
const VARIABLES: [&str; 2] = ["FACENET_ORT_DYLIB", "ORT_DYLIB_PATH"];

/// What to do if no library is named and none is found.
const INSTALL: &str =
    "Install ONNX Runtime, such as its Python package onnxruntime, or name the library file in FACENET_ORT_DYLIB.";

/// How the ONNX Runtime library was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum LibrarySource {
    /// [`RuntimeOptions::library`](super::RuntimeOptions::library) names it.
    Options,
    /// The environment variable `FACENET_ORT_DYLIB` or `ORT_DYLIB_PATH` names it.
    Environment,
    /// Something else in this process had loaded it.
    Process,
    /// It lies beside the program or the shared library that this code is part of.
    Beside,
    /// It belongs to the Python package `onnxruntime`.
    Python,
    /// The dynamic loader found it among the installed libraries.
    System,
}

impl fmt::Display for LibrarySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Options => "named in the options",
            Self::Environment => "named by an environment variable",
            Self::Process => "loaded already in this process",
            Self::Beside => "beside the program",
            Self::Python => "Python package onnxruntime",
            Self::System => "installed library",
        })
    }
}

/// A library file, or the folder it lies in, that the user names.
struct Named {
    path: PathBuf,
    /// The environment variable that names it; none if the options do.
    variable: Option<&'static str>,
}

impl Named {
    /// What the options name, or else the environment.
    fn look(option: Option<&Path>) -> Option<Self> {
        if let Some(path) = option {
            return Some(Self { path: path.to_path_buf(), variable: None });
        }
        VARIABLES.into_iter().find_map(|variable| {
            let path = std::env::var_os(variable).filter(|path| !path.is_empty())?;
            Some(Self { path: path.into(), variable: Some(variable) })
        })
    }

    fn source(&self) -> LibrarySource {
        self.variable.map_or(LibrarySource::Options, |_| LibrarySource::Environment)
    }

    fn remedy(&self) -> String {
        match self.variable {
            Some(variable) => format!("Correct or unset {variable}."),
            None => "Correct the option, or leave it out to have the library looked for.".to_owned(),
        }
    }
}

/// Opens the library that `option`, the environment or the search order says.
///
/// A library that is named is the only one that is tried.
pub(super) fn find(option: Option<&Path>) -> Result<(Dylib, LibrarySource)> {
    match Named::look(option) {
        Some(named) => Ok((open_named(&named)?, named.source())),
        None => search(),
    }
}

/// What to do if [`find`] fails.
pub(super) fn remedy(option: Option<&Path>) -> String {
    Named::look(option).map_or_else(|| INSTALL.to_owned(), |named| named.remedy())
}

fn open_named(named: &Named) -> Result<Dylib> {
    let path = &named.path;
    let fail = |kind, reason: &str| {
        let (path, remedy) = (path.display(), named.remedy());
        let by = named.variable.map_or("named in the options".to_owned(), |variable| format!("named by {variable}"));
        Error::new(kind, format!("cannot load ONNX Runtime from {path} ({by}): {reason}. {remedy}"))
    };
    let file = if path.is_dir() { newest_in(path) } else { Some(path.to_path_buf()) };
    let file = file.and_then(|file| file.canonicalize().ok());
    let file = file.ok_or_else(|| {
        let reason = if path.is_dir() { "no libonnxruntime.so is in this folder" } else { "there is no such file" };
        fail(ErrorKind::RuntimeNotFound, reason)
    })?;
    Dylib::open(&file).map_err(|reason| fail(ErrorKind::RuntimeLoad, &reason))
}

/// Tries every usual place and keeps account of what was there.
fn search() -> Result<(Dylib, LibrarySource)> {
    let mut account = Account::default();
    if let Some(dylib) = account.note("loaded in this process".to_owned(), Dylib::loaded()) {
        return Ok((dylib, LibrarySource::Process));
    }
    let beside = place::beside(&["", "../lib"]).into_iter().map(|folder| (folder, LibrarySource::Beside));
    let wheels = place::beside(&["../onnxruntime/capi"]).into_iter().chain(python_folders());
    let wheels = wheels.chain(fetched()).map(|folder| (folder, LibrarySource::Python));
    for (folder, source) in beside.chain(wheels) {
        let found = newest_in(&folder).map(|file| file.canonicalize().unwrap_or(file));
        let opened = found.map(|file| Dylib::open(&file).map_err(|reason| format!("{} {reason}", file.display())));
        if let Some(dylib) = account.note(folder.display().to_string(), opened) {
            return Ok((dylib, source));
        }
    }
    for soname in SONAMES {
        if let Some(dylib) = account.note(format!("installed as {soname}"), Dylib::installed(soname)) {
            return Ok((dylib, LibrarySource::System));
        }
    }
    Err(account.into_error())
}

fn python_folders() -> impl Iterator<Item = PathBuf> {
    python::package_folders().into_iter().map(|folder| folder.join("onnxruntime/capi"))
}

/// Where `make demo` puts the Python package: `.ort` of the source tree has a folder for each version of it.
fn fetched() -> impl Iterator<Item = PathBuf> {
    let entries = place::source_tree().and_then(|tree| std::fs::read_dir(tree.join(".ort")).ok());
    let folders = entries.into_iter().flatten().flatten().map(|entry| entry.path().join("onnxruntime/capi"));
    let newest =
        folders.filter_map(|folder| Some((newest_in(&folder).and_then(|file| version_in(file.file_name()?))?, folder)));
    newest.max().map(|(_, folder)| folder).into_iter()
}

/// The file of the newest ONNX Runtime in `folder`.
fn newest_in(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    let mut files: Vec<(Vec<u32>, PathBuf)> =
        entries.filter_map(|entry| Some((version_in(&entry.file_name())?, entry.path()))).collect();
    files.sort_by_key(|(version, _)| Reverse(version.clone()));
    files.into_iter().next().map(|(_, file)| file)
}

/// The numbers in the name of a library file: `[1, 31, 1]` of `libonnxruntime.so.1.31.1`, none of `libonnxruntime.so`.
fn version_in(name: &OsStr) -> Option<Vec<u32>> {
    match name.to_str()?.strip_prefix("libonnxruntime.so")? {
        "" => Some(Vec::new()),
        version => version.strip_prefix('.')?.split('.').map(|part| part.parse().ok()).collect(),
    }
}

/// What the search met.
#[derive(Default)]
struct Account {
    lines: Vec<String>,
    met_unfit: bool,
}

impl Account {
    /// Notes what was at `place`, and gives back a library that serves.
    fn note(&mut self, place: String, opened: Option<Result<Dylib, String>>) -> Option<Dylib> {
        let outcome = match opened {
            Some(Ok(dylib)) => return Some(dylib),
            Some(Err(reason)) => {
                self.met_unfit = true;
                reason
            }
            None => "none".to_owned(),
        };
        self.lines.push(format!("{place}: {outcome}"));
        None
    }

    fn into_error(self) -> Error {
        let (kind, what) = match self.met_unfit {
            true => (ErrorKind::RuntimeLoad, "no ONNX Runtime that serves was found"),
            false => (ErrorKind::RuntimeNotFound, "ONNX Runtime was not found"),
        };
        Error::new(kind, format!("{what}. {INSTALL} Looked at: {}", self.lines.join("; ")))
            .with_hint(Hint::InstallRuntime)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_library_files() {
        let version = |name: &str| version_in(OsStr::new(name));
        assert_eq!(version("libonnxruntime.so.1.31.1"), Some(vec![1, 31, 1]));
        assert_eq!(version("libonnxruntime.so"), Some(vec![]));
        for other in
            ["libonnxruntime_providers_cuda.so", "libonnxruntime.so.bak", "libonnxruntime.so.1.x", "onnxruntime.so"]
        {
            assert_eq!(version(other), None, "{other}");
        }
    }

    #[test]
    fn the_newest_file_of_a_folder_is_taken() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert_eq!(newest_in(folder.path()), None);
        for name in ["libonnxruntime.so", "libonnxruntime.so.1.9.1", "libonnxruntime.so.1.31.1", "libz.so.2"] {
            std::fs::write(folder.path().join(name), b"").expect("the file is written");
        }
        assert_eq!(newest_in(folder.path()), Some(folder.path().join("libonnxruntime.so.1.31.1")));
    }
}
