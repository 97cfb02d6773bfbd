//! Where a network comes from, and what is wrong with it if it does not load.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use bytes::Bytes;
use ort::ErrorCode;
use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Hint, Result};
use crate::model::format::{self, Format};

/// An ONNX model in a file or in memory.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source<'a> {
    /// A file.
    File(&'a Path),
    /// The bytes of a file, and a name for messages.
    Bytes(&'a str, &'a [u8]),
}

impl Source<'_> {
    /// A short name: the file's without folder and ending.
    pub(super) fn name(&self) -> Cow<'_, str> {
        match self {
            Self::File(path) => path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy(),
            Self::Bytes(name, _) => Cow::Borrowed(name),
        }
    }

    /// What messages call it.
    pub(super) fn label(&self) -> String {
        match self {
            Self::File(path) => format!("model {}", path.display()),
            Self::Bytes(name, _) => format!("model {name}"),
        }
    }

    /// Size in bytes; 0 if the file cannot be read.
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::File(path) => std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
            Self::Bytes(_, bytes) => bytes.len() as u64,
        }
    }

    /// Refuses what is plainly not an ONNX model, before ONNX Runtime sees it.
    pub(super) fn check(&self) -> Result<()> {
        const START: usize = 4096;
        let start = match self {
            Self::File(path) => {
                let fail = |error| Error::io("read model", path, error);
                let mut start = Vec::new();
                File::open(path).map_err(fail)?.take(START as u64).read_to_end(&mut start).map_err(fail)?;
                Bytes::from(start)
            }
            Self::Bytes(_, bytes) => Bytes::copy_from_slice(&bytes[..bytes.len().min(START)]),
        };
        match format::detect(&start).map_err(|error| error.context(self.label()))? {
            Format::Onnx => Ok(()),
            Format::GraphDef | Format::Safetensors => Err(Error::new(
                ErrorKind::ModelInvalid,
                format!("{} is not an ONNX file: it must be imported first", self.label()),
            )
            .with_hint(Hint::ImportModel)),
        }
    }

    /// The error of a model that ONNX Runtime does not load.
    pub(super) fn refused(&self, error: ort::Error) -> Error {
        let label = self.label();
        let (kind, message) = match error.code() {
            ErrorCode::NoSuchFile => (ErrorKind::NotFound, format!("{label} does not exist")),
            ErrorCode::InvalidProtobuf | ErrorCode::NoModel => {
                (ErrorKind::ModelInvalid, format!("{label} breaks off or is damaged: fetch it again"))
            }
            ErrorCode::InvalidArgument => {
                (ErrorKind::ModelInvalid, format!("{label} does not load: {}", words(&error)))
            }
            _ => (ErrorKind::ModelUnsupported, format!("{label} does not load: {}", words(&error))),
        };
        Error::new(kind, message).with_source(error)
    }

    /// SHA-256 of the model, in hexadecimal.
    pub(super) fn sha256(&self) -> Result<String> {
        let hash = match self {
            Self::Bytes(_, bytes) => Sha256::digest(bytes),
            Self::File(path) => {
                Sha256::digest(std::fs::read(path).map_err(|error| Error::io("read model", path, error))?)
            }
        };
        Ok(hash.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// ONNX Runtime's message without the place in its source and the repeated name of the file.
pub(super) fn words(error: &ort::Error) -> &str {
    let message = error.message().trim();
    let message = match message.split_once(" failed:") {
        Some((start, rest)) if start.starts_with("Load model from ") => rest,
        _ => message,
    };
    // "/onnxruntime_src/.../model.cc:256 onnxruntime::Model::Model(...) Unsupported model IR version"
    match message.split_once("/onnxruntime_src/").and_then(|(_, place)| place.split_once(") ")) {
        Some((_, rest)) => rest,
        None => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_file_is_that_of_its_bytes() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("abc.onnx");
        std::fs::write(&path, b"abc").expect("the file is written");
        // FIPS 180-2, appendix B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Source::File(&path).sha256().expect("a hash"), expected);
        assert_eq!(Source::Bytes("abc", b"abc").sha256().expect("a hash"), expected);
        assert_eq!(Source::File(&path).name(), "abc");
    }
}
