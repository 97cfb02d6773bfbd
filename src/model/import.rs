//! Making model files of this library from those of others.

use std::path::Path;

use bytes::Bytes;

use super::architecture::{inception_resnet_v1, mtcnn};
use super::file::{ModelFile, read_bytes};
use super::graph::Storage;
use super::source::{graphdef, safetensors};
use super::spec::{Alignment, ColorOrder, EmbeddingSpec, Metric, ModelSpec, Standardization, Task, Threshold};
use super::tensor::Weights;
use crate::error::{Error, ErrorKind, Result};

/// What an imported model is to say of itself, where the source does not.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// Name of the model; by default the source's file name without extension.
    pub name: Option<String>,
    /// Where the weights come from; by default the source's file name.
    pub source: Option<String>,
    /// SPDX expression of the licence of the weights; by default `NOASSERTION`.
    pub license: Option<String>,
    /// Width and height of the input in pixels, for an embedding network.
    pub input_size: u32,
    /// What is done to the pixel values.
    pub standardization: Standardization,
    /// How faces are cut out.
    pub alignment: Alignment,
    /// Metric of the thresholds.
    pub metric: Metric,
    /// Thresholds, the default first.
    pub thresholds: Vec<Threshold>,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self {
            name: None,
            source: None,
            license: None,
            input_size: 160,
            standardization: Standardization::PerImage,
            alignment: Alignment::Margin { margin: 32 },
            metric: Metric::Euclidean,
            thresholds: Vec::new(),
        }
    }
}

/// Reads the model at `source` and makes a model file of it.
pub fn import(source: impl AsRef<Path>, options: &ImportOptions) -> Result<ModelFile> {
    let path = source.as_ref();
    let bytes = read_bytes(path)?;
    let file_name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let spec = ModelSpec {
        name: options.name.clone().unwrap_or_else(|| stem.into()),
        task: Task::Embedding,
        weights_sha256: String::new(),
        source: options.source.clone().unwrap_or_else(|| file_name.into()),
        license: options.license.clone().unwrap_or_else(|| "NOASSERTION".into()),
        embedding: None,
    };
    from_weights(&weights(bytes)?, spec, options).map_err(|e| e.context(path.display()))
}

fn weights(bytes: Bytes) -> Result<Weights> {
    if bytes.get(8) == Some(&b'{') { safetensors::read(&bytes) } else { graphdef::read(bytes) }
}

fn from_weights(weights: &Weights, mut spec: ModelSpec, options: &ImportOptions) -> Result<ModelFile> {
    let (task, build): (Task, fn(&Weights) -> Result<super::onnx::Graph>) = if weights.contains("conv2d_1a.conv.weight")
    {
        let (graph, width) = inception_resnet_v1::embedding(weights, options.input_size, Storage::Float16)?;
        spec.embedding = Some(EmbeddingSpec {
            input_size: options.input_size,
            color_order: ColorOrder::Rgb,
            standardization: options.standardization,
            alignment: options.alignment,
            embedding_size: width as u32,
            metric: options.metric,
            thresholds: options.thresholds.clone(),
        });
        return Ok(ModelFile::from_graph(graph, spec));
    } else if weights.contains("conv4_1.weight") {
        (Task::MtcnnProposal, mtcnn::proposal)
    } else if weights.contains("dense6_3.weight") {
        (Task::MtcnnOutput, mtcnn::output)
    } else if weights.contains("dense5_1.weight") {
        (Task::MtcnnRefine, mtcnn::refine)
    } else {
        return Err(Error::new(ErrorKind::ModelUnsupported, "the weights are of no architecture that is known here"));
    };
    spec.task = task;
    Ok(ModelFile::from_graph(build(weights)?, spec))
}
