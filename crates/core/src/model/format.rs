//! Telling file formats apart, and saying what to do with those that cannot be read.

use bytes::Bytes;

use super::wire::{Fields, Payload};
use crate::error::{Error, ErrorKind, Hint, Result};

/// A format that models are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// An ONNX `ModelProto`.
    Onnx,
    /// A TensorFlow `GraphDef`.
    GraphDef,
    /// Named tensors, without a graph.
    Safetensors,
}

/// How a zip archive begins, such as PyTorch writes.
const PYTORCH: &[u8] = b"PK\x03\x04";

const FREEZE: &str = "freeze it into one graph first, with facenet's freeze_graph.py";
const SAVE: &str = "save its weights as safetensors first, with `safetensors.torch.save_file(state_dict, path)`";

/// Beginnings of files that are often taken for models, what they are and what to do.
const FOREIGN: &[(&[u8], &str, &str)] = &[
    (b"version https://git-lfs", "a Git LFS pointer, not the model itself", "fetch it with `git lfs pull`"),
    (b"<", "a web page, not a model", "the download went wrong: open its address in a browser to see why"),
    (PYTORCH, "a PyTorch checkpoint, or another zip archive", SAVE),
    (b"\x80\x02", "a pickle, perhaps an old PyTorch checkpoint", SAVE),
    (b"\x80\x04", "a pickle", SAVE),
    (b"\x93NUMPY", "a NumPy array", SAVE),
    (b"\x89HDF", "an HDF5 file, perhaps of Keras", "convert it to ONNX with tf2onnx"),
    (b"\x1f\x8b", "compressed with gzip", "unpack it"),
    (b"model_checkpoint_path", "the list of a folder of TensorFlow checkpoints", FREEZE),
    (b"node {", "a TensorFlow graph in text form", FREEZE),
];

/// A protobuf string is not as long as this where the name of a model's producer is expected.
const LONGEST_PRODUCER_NAME: usize = 256;

/// The format of the file whose contents are `bytes`.
pub(crate) fn detect(bytes: &Bytes) -> Result<Format> {
    if bytes.is_empty() {
        return Err(invalid("is empty: fetch it again".into()));
    }
    // First, because the length at its beginning may look like anything.
    if bytes.get(4..9) == Some(b"\0\0\0\0{") {
        return Ok(Format::Safetensors);
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    if let Some(&(start, what, advice)) = FOREIGN.iter().find(|(start, ..)| text.starts_with(start)) {
        let error = invalid(format!("is {what}: {advice}"));
        return Err(if start == PYTORCH { error.with_hint(Hint::ExportTraining) } else { error });
    }
    if bytes.get(4..8) == Some(b"TFL3") {
        return Err(invalid("is a TensorFlow Lite model: convert the original to ONNX with tf2onnx".into()));
    }
    protobuf(bytes)
}

/// Tells protobuf messages apart by their first fields.
fn protobuf(bytes: &Bytes) -> Result<Format> {
    let mut fields = Fields::new(bytes.clone()).map_while(Result::ok);
    let first = fields.next().filter(|field| field.number == 1).map(|field| field.payload);
    match first {
        // The version of a ModelProto or of a SavedModel, whose second field is a graph with all that belongs to it.
        Some(Payload::Number(_)) => match fields.next() {
            Some(field) if field.number == 2 && field.encoded.len() > LONGEST_PRODUCER_NAME => {
                Err(invalid(format!("is a TensorFlow SavedModel: {FREEZE}, or convert it to ONNX with tf2onnx")))
            }
            _ => Ok(Format::Onnx),
        },
        // The first node of a GraphDef, or the general part of a MetaGraphDef, whose third field is a message.
        Some(Payload::Bytes(first)) if !first.is_empty() && Fields::new(first.clone()).all(|field| field.is_ok()) => {
            if fields.any(|field| field.number == 3 && matches!(field.payload, Payload::Bytes(_))) {
                return Err(invalid(format!(
                    "is the .meta file of a TensorFlow checkpoint, without weights: {FREEZE}"
                )));
            }
            Ok(Format::GraphDef)
        }
        _ => Err(invalid(
            "is no ONNX model, frozen TensorFlow graph or safetensors file, or it is damaged at its beginning".into(),
        )),
    }
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::ModelInvalid, message)
}
