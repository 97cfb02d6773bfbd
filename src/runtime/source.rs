//! Where a network comes from, and what is wrong with it if it does not load.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use ort::ErrorCode;
use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Result};

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

    /// Refuses what is plainly not a model before ONNX Runtime sees it.
    pub(super) fn check(&self) -> Result<()> {
        let mut start = Vec::new();
        match self {
            Self::File(path) => {
                let file = File::open(path).map_err(|error| Error::io("read model", path, error))?;
                file.take(512).read_to_end(&mut start).map_err(|error| Error::io("read model", path, error))?;
            }
            Self::Bytes(_, bytes) => start.extend(bytes.iter().take(512)),
        }
        match known_as(&start) {
            Some(problem) => Err(Error::new(ErrorKind::ModelInvalid, format!("{} {problem}", self.label()))),
            None => Ok(()),
        }
    }

    /// The error of a model that ONNX Runtime does not load.
    pub(super) fn refused(&self, error: ort::Error) -> Error {
        let label = self.label();
        let (kind, message) = match error.code() {
            ErrorCode::NoSuchFile => (ErrorKind::NotFound, format!("{label} does not exist")),
            ErrorCode::InvalidProtobuf | ErrorCode::NoModel => (
                ErrorKind::ModelInvalid,
                match self.missing_bytes() {
                    Some(missing) => format!("{label} breaks off: at least {missing} bytes are missing from its end"),
                    None => format!("{label} is not an ONNX model"),
                },
            ),
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

    fn missing_bytes(&self) -> Option<usize> {
        match self {
            Self::File(path) => missing_bytes(&std::fs::read(path).ok()?),
            Self::Bytes(_, bytes) => missing_bytes(bytes),
        }
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

/// What a file is that begins with `start`, if it is a known kind that is no ONNX model.
fn known_as(start: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 5] = [
        (b"version https://git-lfs", "is a Git LFS pointer, not the model itself: fetch it with `git lfs pull`"),
        (b"<", "is a web page or XML, not an ONNX model: the download went wrong"),
        (b"PK\x03\x04", "is a zip archive (perhaps a PyTorch checkpoint), not an ONNX model"),
        (b"\x80\x02", "is a Python pickle (perhaps a PyTorch checkpoint), not an ONNX model"),
        (b"\x89HDF", "is an HDF5 file (perhaps a Keras model), not an ONNX model"),
    ];
    if start.is_empty() {
        return Some("is empty");
    }
    let text = start.trim_ascii_start();
    KINDS.into_iter().find_map(|(prefix, kind)| text.starts_with(prefix).then_some(kind))
}

/// How many bytes the outermost Protocol Buffers message in `bytes` lacks; `None` if it is whole or no such message.
fn missing_bytes(mut bytes: &[u8]) -> Option<usize> {
    // ONNX's ModelProto has fields 1 to 25, of which the graph is almost the whole file.
    const LAST_FIELD: usize = 25;
    const VARINT: usize = 0;
    const LENGTH_DELIMITED: usize = 2;
    while !bytes.is_empty() {
        // A key has the form of a length: a variable-length integer.
        let key = prost::decode_length_delimiter(&mut bytes).ok()?;
        if !(1..=LAST_FIELD).contains(&(key >> 3)) {
            return None;
        }
        let value = prost::decode_length_delimiter(&mut bytes);
        match (key & 7, value) {
            (_, Err(_)) if bytes.len() < 10 => return Some(1),
            (VARINT, Ok(_)) => {}
            (LENGTH_DELIMITED, Ok(length)) => match bytes.split_at_checked(length) {
                Some((_, rest)) => bytes = rest,
                None => return Some(length - bytes.len()),
            },
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_what_is_missing() {
        // Field 1 is the number 8; field 7 has 300 bytes.
        let mut whole = vec![0x08, 0x08, 0x3a, 0xac, 0x02];
        whole.extend([0; 300]);
        assert_eq!(missing_bytes(&whole), None);
        assert_eq!(missing_bytes(&whole[..304]), Some(1));
        assert_eq!(missing_bytes(&whole[..5]), Some(300));
        assert_eq!(missing_bytes(&whole[..4]), Some(1));
        assert_eq!(missing_bytes(b"no model at all"), None);
        assert_eq!(missing_bytes(&[0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]), None);
    }

    #[test]
    fn files_of_other_kinds_are_named() {
        let known: [&[u8]; 6] = [
            b"",
            b"version https://git-lfs.github.com/spec/v1\n",
            b"\n <!DOCTYPE html>",
            b"PK\x03\x04..",
            b"\x80\x02}",
            b"\x89HDF\r\n",
        ];
        for start in known {
            assert!(known_as(start).is_some(), "{start:?}");
        }
        assert_eq!(known_as(&[0x08, 0x08, 0x12, 0x07]), None);
    }

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
