//! Weights from a safetensors file.

use std::collections::BTreeMap;

use half::{bf16, f16};
use safetensors::{Dtype, SafeTensorError, SafeTensors};

use crate::error::{Error, ErrorKind, Result};
use crate::internal::limits::excerpt;
use crate::model::tensor::{Tensor, Weights};

/// What is before this in its name is before all others too, where a network was saved as a part of another.
const FIRST_LAYER: &str = "conv2d_1a.conv.weight";

/// What the file says beside its weights, by key.
pub(in crate::model) fn stated(bytes: &[u8]) -> Result<BTreeMap<String, String>> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    Ok(header.metadata().iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect())
}

fn damaged(error: SafeTensorError) -> Error {
    let reason = excerpt(&error.to_string());
    Error::new(ErrorKind::ModelInvalid, format!("the safetensors file is damaged or breaks off: {reason}"))
        .with_source(error)
}

/// All tensors of floats in the file, under their own names. Others (counters, for instance) are left out.
pub(in crate::model) fn read(bytes: &[u8]) -> Result<Weights> {
    let file = SafeTensors::deserialize(bytes).map_err(damaged)?;
    let mut weights = Weights::default();
    for (name, view) in file.iter() {
        let data = view.data();
        let values: Vec<f32> = match view.dtype() {
            Dtype::F32 => data.as_chunks().0.iter().map(|&value| f32::from_le_bytes(value)).collect(),
            Dtype::F64 => data.as_chunks().0.iter().map(|&value| f64::from_le_bytes(value) as f32).collect(),
            Dtype::F16 => data.as_chunks().0.iter().map(|&value| f16::from_le_bytes(value).to_f32()).collect(),
            Dtype::BF16 => data.as_chunks().0.iter().map(|&value| bf16::from_le_bytes(value).to_f32()).collect(),
            _ => continue,
        };
        let tensor = Tensor::new(view.shape().to_vec(), values)
            .map_err(|e| e.context(format_args!("weight `{}`", excerpt(name))))?;
        weights.insert(name, tensor);
    }
    Ok(weights.without_prefix_of(FIRST_LAYER))
}
