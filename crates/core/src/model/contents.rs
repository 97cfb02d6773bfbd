//! What is in an encoded ONNX model besides the weights, and the identity of the weights.

use std::collections::{BTreeMap, HashSet};

use bytes::Bytes;
use prost::Message;
use sha2::{Digest, Sha256};

use super::onnx::{self, Dimension, DimensionValue, Property, ValueInfo};
use super::wire::{Fields, Payload};
use super::{computation, metadata};
use crate::error::{Error, ErrorKind, Result};
use crate::internal::limits::excerpt;

/// Field numbers of `ModelProto`.
const GRAPH: u64 = 7;
const METADATA: u64 = 14;
/// Field numbers of `GraphProto`.
const INITIALIZER: u64 = 5;
const INPUT: u64 = 11;
const OUTPUT: u64 = 12;
/// Field numbers of `TensorProto` that hold values, in any form.
const VALUES: [u64; 7] = [4, 5, 6, 7, 9, 10, 11];
/// A file with more inputs, outputs or properties than this is not a model of a face network.
const MOST_ENTRIES: usize = 1 << 14;

/// Sizes of a tensor; `None` where any size will do.
pub(crate) type Shape = Vec<Option<usize>>;

/// The part of a model that can be read without touching its weights.
#[derive(Debug)]
pub(crate) struct Contents {
    /// Shape of the only input.
    pub(crate) input: Shape,
    /// Shape of the only output.
    pub(crate) output: Shape,
    /// The metadata.
    pub(crate) properties: BTreeMap<String, String>,
}

impl Contents {
    /// Reads the model in `bytes`, which must have one input and one output of 32-bit floats.
    pub(crate) fn read(bytes: &Bytes) -> Result<Self> {
        let mut graphs = Fields::new(bytes.clone()).messages(GRAPH);
        let graph =
            graphs.next().ok_or_else(|| Error::new(ErrorKind::ModelInvalid, "the ONNX file has no graph"))??;
        // Readers join them, or take one.
        if graphs.next().is_some() {
            return Err(Error::new(ErrorKind::ModelInvalid, "the ONNX file has two graphs"));
        }
        let properties = check(bytes)?;
        let mut inputs = values(&graph, INPUT)?;
        if inputs.len() > 1 {
            // Old files list their weights among the inputs.
            let weights = initializer_names(&graph)?;
            inputs.retain(|input| !weights.contains(&input.name));
        }
        Ok(Self { input: only(&inputs, "input")?, output: only(&values(&graph, OUTPUT)?, "output")?, properties })
    }
}

/// The metadata of the model in `bytes`, which must be whole and need no other file.
pub(crate) fn check(bytes: &Bytes) -> Result<BTreeMap<String, String>> {
    computation::check(bytes)?;
    let properties = Fields::new(bytes.clone()).messages(METADATA).take(MOST_ENTRIES);
    properties.map(|property| decode::<Property>(property?).map(|Property { key, value }| (key, value))).collect()
}

/// The model in `bytes` with `properties` in place of all its metadata that begins with our prefix.
pub(crate) fn with_properties(bytes: &Bytes, properties: Vec<(String, String)>) -> Result<Bytes> {
    let mut described = Vec::with_capacity(bytes.len() + 4096);
    for field in Fields::new(bytes.clone()) {
        let field = field?;
        if let (METADATA, Some(payload)) = (field.number, field.payload.bytes())
            && decode::<Property>(payload)?.key.starts_with(metadata::PREFIX)
        {
            continue;
        }
        described.extend_from_slice(&field.encoded);
    }
    let metadata_props = properties.into_iter().map(|(key, value)| Property { key, value }).collect();
    described.extend(onnx::Model { metadata_props, ..Default::default() }.encode_to_vec());
    Ok(described.into())
}

/// The [structures](computation::structure) of the networks that ship. What they compute follows from their weights.
const SHIPPED_STRUCTURES: [&str; 4] = [
    "0d3afc405c50f20434f8d04fc6842932c5ec543006b22605c82b4339245fbab3",
    "7acb1797a11fe3c9a1e94a79ecd82b465f60f674c0ddd031bd6d1b20f9cb4a7c",
    "1d817e1f81ea31ffb1f2639b5f36e692514c5741af614c307c837a5df7658bfe",
    "d57d84240633a72e1593d1fbebeb6a795d402c677a5d1cd1394b8c52875fc759",
];

/// SHA-256 over name, type, shape and values of every initializer, in the order of the file, and over the
/// [structure](computation::structure) of a network that does not ship, in hexadecimal.
///
/// Names and values are preceded by their length in bytes, shapes by their number of axes, all numbers are
/// little-endian, of 64 bits but for the 32 of the type.
pub(crate) fn weights_sha256(bytes: &Bytes) -> Result<String> {
    computation::check(bytes)?;
    let mut hash = Sha256::new();
    for graph in Fields::new(bytes.clone()).messages(GRAPH) {
        for initializer in Fields::new(graph?).messages(INITIALIZER) {
            let initializer = initializer?;
            let tensor: onnx::Tensor = decode(initializer.clone())?;
            update_with_length(&mut hash, tensor.name.as_bytes());
            hash.update(tensor.data_type.to_le_bytes());
            hash.update((tensor.dims.len() as u64).to_le_bytes());
            tensor.dims.iter().for_each(|dim| hash.update(dim.to_le_bytes()));
            for field in Fields::new(initializer) {
                let field = field?;
                if VALUES.contains(&field.number) {
                    let (Payload::Bytes(values) | Payload::Number(values)) = field.payload;
                    update_with_length(&mut hash, &values);
                }
            }
        }
    }
    let structure = computation::structure(bytes)?;
    if !SHIPPED_STRUCTURES.contains(&hexadecimal(&structure).as_str()) {
        update_with_length(&mut hash, &structure);
    }
    Ok(hexadecimal(&hash.finalize()))
}

/// SHA-256 of `bytes`, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn update_with_length(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

fn values(graph: &Bytes, number: u64) -> Result<Vec<ValueInfo>> {
    Fields::new(graph.clone()).messages(number).take(MOST_ENTRIES).map(|message| decode(message?)).collect()
}

fn initializer_names(graph: &Bytes) -> Result<HashSet<String>> {
    Fields::new(graph.clone())
        .messages(INITIALIZER)
        .take(MOST_ENTRIES)
        .map(|message| Ok(decode::<onnx::Tensor>(message?)?.name))
        .collect()
}

/// The shape of the one value in `values`, which must be floats.
fn only(values: &[ValueInfo], role: &str) -> Result<Shape> {
    let unsupported = |what: String| Error::new(ErrorKind::ModelUnsupported, what);
    let [value] = values else {
        let names: Vec<String> = values.iter().take(4).map(|value| excerpt(&value.name)).collect();
        return Err(unsupported(format!(
            "the model has {} {role}s ({}): a network with one {role} is needed",
            values.len(),
            names.join(", ")
        )));
    };
    let name = excerpt(&value.name);
    let tensor = value.r#type.as_ref().and_then(|r#type| r#type.tensor_type.as_ref());
    let Some((tensor, shape)) = tensor.and_then(|tensor| Some((tensor, tensor.shape.as_ref()?))) else {
        return Err(unsupported(format!("the model does not say the shape of its {role} `{name}`")));
    };
    if tensor.elem_type != onnx::FLOAT {
        return Err(unsupported(format!(
            "the {role} `{name}` has data type {}: 32-bit floats are needed",
            tensor.elem_type
        )));
    }
    let is_negative = |dim: &Dimension| matches!(dim.value, Some(DimensionValue::Fixed(size)) if size < -1);
    if shape.dim.iter().any(is_negative) {
        return Err(Error::new(ErrorKind::ModelInvalid, format!("the {role} `{name}` has a size below zero")));
    }
    Ok(shape
        .dim
        .iter()
        .map(|dim| match dim.value {
            Some(DimensionValue::Fixed(size)) => usize::try_from(size).ok().filter(|&size| size > 0),
            _ => None,
        })
        .collect())
}

fn decode<M: Message + Default>(bytes: Bytes) -> Result<M> {
    M::decode(bytes).map_err(|e| {
        Error::new(ErrorKind::ModelInvalid, format!("the ONNX file is damaged or breaks off: {e}")).with_source(e)
    })
}
