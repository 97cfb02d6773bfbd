//! Where a network comes from, and what is wrong with it if it does not load.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use ort::ErrorCode;

use crate::error::{Error, ErrorKind, Hint, Result};
use crate::internal::limits::{self, excerpt};
use crate::model::contents;
use crate::model::format::{self, Format};

/// An ONNX model whose file was read.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// A short name: the file's without folder and ending.
    pub(super) name: String,
    /// What messages call it.
    pub(super) label: String,
    pub(super) bytes: Bytes,
}

impl Source {
    /// The file at `path`.
    pub(super) fn of_file(path: &Path) -> Result<Self> {
        let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Ok(Self { name, label: format!("model {}", path.display()), bytes: limits::MODEL.read(path)?.into() })
    }

    /// The contents of a file, and a name for messages.
    pub(super) fn of_bytes(name: &str, bytes: Bytes) -> Self {
        Self { name: name.into(), label: format!("model {}", excerpt(name)), bytes }
    }

    /// What the model says of itself. Refuses what is no ONNX model, breaks off or needs other files, before ONNX Runtime
    /// sees it.
    pub(super) fn check(&self) -> Result<BTreeMap<String, String>> {
        match format::detect(&self.bytes).map_err(|error| error.context(&self.label))? {
            Format::Onnx => contents::check(&self.bytes).map_err(|error| error.context(&self.label)),
            Format::GraphDef | Format::Safetensors => Err(Error::new(
                ErrorKind::ModelInvalid,
                format!("{} is not an ONNX file: it must be imported first", self.label),
            )
            .with_hint(Hint::ImportModel)),
        }
    }

    /// The error of a model that ONNX Runtime does not load.
    pub(super) fn refused(&self, error: ort::Error) -> Error {
        let label = &self.label;
        let (kind, message) = match error.code() {
            ErrorCode::InvalidProtobuf | ErrorCode::NoModel => {
                (ErrorKind::ModelInvalid, format!("{label} breaks off or is damaged: fetch it again"))
            }
            ErrorCode::InvalidArgument => {
                (ErrorKind::ModelInvalid, format!("{label} does not load: {}", excerpt(words(&error))))
            }
            _ => (ErrorKind::ModelUnsupported, format!("{label} does not load: {}", excerpt(words(&error)))),
        };
        Error::new(kind, message).with_source(error)
    }

    /// The error of a model over which ONNX Runtime's interface panicked.
    pub(super) fn broken(&self, text: &str) -> Error {
        let message = format!("{} is damaged: fetch it again ({})", self.label, excerpt(text));
        Error::new(ErrorKind::ModelInvalid, message)
    }

    /// SHA-256 of the model, in hexadecimal.
    pub(super) fn sha256(&self) -> String {
        contents::sha256(&self.bytes)
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
