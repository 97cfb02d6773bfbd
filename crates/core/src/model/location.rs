//! Where a model file is.

use std::fmt;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::contents;
use crate::error::{Error, ErrorKind, Result};
use crate::internal::limits;

/// Where a model file is: on disk, or in memory for programs that carry their models within them.
///
/// Bytes of the program itself are borrowed, others are kept until the model is loaded. Clones share them.
///
/// ```
/// use facenet::model::ModelSource;
///
/// let file = ModelSource::from("models/mine.onnx");
/// assert_eq!(file.path(), Some("models/mine.onnx".as_ref()));
///
/// static MODEL: &[u8] = b"what include_bytes! gives";
/// let memory = ModelSource::from(MODEL);
/// assert_eq!(memory.path(), None);
/// assert_eq!(memory, ModelSource::from(MODEL.to_vec()));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ModelSource(Place);

#[derive(Clone, PartialEq, Eq)]
enum Place {
    File(PathBuf),
    Memory(Bytes),
}

impl ModelSource {
    /// The file, if it is one on disk.
    pub fn path(&self) -> Option<&Path> {
        match &self.0 {
            Place::File(path) => Some(path),
            Place::Memory(_) => None,
        }
    }

    /// SHA-256 of the contents, in hexadecimal.
    pub(crate) fn sha256(&self) -> Result<String> {
        Ok(contents::sha256(&self.bytes()?))
    }

    /// The contents; those in memory are shared, not copied.
    pub(super) fn bytes(&self) -> Result<Bytes> {
        match &self.0 {
            Place::File(path) => read_bytes(path),
            Place::Memory(bytes) => Ok(bytes.clone()),
        }
    }
}

impl From<PathBuf> for ModelSource {
    fn from(path: PathBuf) -> Self {
        Self(Place::File(path))
    }
}

impl From<&Path> for ModelSource {
    fn from(path: &Path) -> Self {
        path.to_path_buf().into()
    }
}

impl From<&str> for ModelSource {
    fn from(path: &str) -> Self {
        PathBuf::from(path).into()
    }
}

impl From<Vec<u8>> for ModelSource {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Place::Memory(bytes.into()))
    }
}

impl From<&'static [u8]> for ModelSource {
    fn from(bytes: &'static [u8]) -> Self {
        Self(Place::Memory(Bytes::from_static(bytes)))
    }
}

impl fmt::Display for ModelSource {
    /// What messages call it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::File(path) => path.display().fmt(f),
            Place::Memory(bytes) => write!(f, "the model in memory ({} bytes)", bytes.len()),
        }
    }
}

impl fmt::Debug for ModelSource {
    /// The file, or the checksum of the contents: these are megabytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::File(path) => f.debug_tuple("File").field(path).finish(),
            Place::Memory(bytes) => f.debug_tuple("Memory").field(&contents::sha256(bytes)).finish(),
        }
    }
}

/// The contents of the model file at `path`.
pub(super) fn read_bytes(path: &Path) -> Result<Bytes> {
    if path.is_dir() {
        let message =
            format!("{} is a folder, not a model file: name the file in it, or freeze it first", path.display());
        return Err(Error::new(ErrorKind::ModelInvalid, message));
    }
    limits::MODEL.read(path).map(Bytes::from)
}
