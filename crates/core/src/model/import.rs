//! Making model files of this library from those of others.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Display;
use std::path::Path;

use bytes::Bytes;

use super::architecture::{inception_resnet_v1, inception_resnet_v2, mtcnn, squeezenet};
use super::contents::Contents;
use super::file::ModelFile;
use super::format::{self, Format};
use super::graph::Storage;
use super::location::read_bytes;
use super::metadata;
use super::source::{graphdef, safetensors};
use super::spec::{Alignment, ColorOrder, EmbeddingSpec, Metric, ModelSpec, Standardization, Task, Threshold};
use super::tensor::Weights;
use crate::error::{Error, ErrorKind, Result};

/// Licence of weights of which nobody said it, as SPDX writes it.
const NO_LICENSE: &str = "NOASSERTION";

/// Width and height of the images that facenet trained with.
const INPUT_SIZE: u32 = 160;

crate::choices! {
    /// A network that can be made from named weights.
    #[non_exhaustive]
    pub enum Architecture {
        /// Inception-ResNet-v1, as in facenet and facenet-pytorch, of any width.
        InceptionResnetV1 = "inception-resnet-v1",
        /// Inception-ResNet-v2, as facenet trains it, of any width.
        InceptionResnetV2 = "inception-resnet-v2",
        /// SqueezeNet, as facenet trains it, of any width.
        Squeezenet = "squeezenet",
        /// MTCNN's P-Net, as in facenet-pytorch.
        MtcnnPnet = "mtcnn-pnet",
        /// MTCNN's R-Net, as in facenet-pytorch.
        MtcnnRnet = "mtcnn-rnet",
        /// MTCNN's O-Net, as in facenet-pytorch.
        MtcnnOnet = "mtcnn-onet",
    }
}

impl Architecture {
    /// A weight that no other architecture has, in the order in which they are looked for.
    const SIGNS: [(Self, &str); 6] = [
        (Self::InceptionResnetV2, "mixed_5b.branch0.conv.weight"),
        (Self::Squeezenet, "fire2.squeeze.conv.weight"),
        (Self::InceptionResnetV1, "conv2d_1a.conv.weight"),
        (Self::MtcnnPnet, "conv4_1.weight"),
        (Self::MtcnnOnet, "dense6_3.weight"),
        (Self::MtcnnRnet, "dense5_1.weight"),
    ];

    fn of(weights: &Weights) -> Result<Self> {
        let found = Self::SIGNS.iter().find(|(_, sign)| weights.contains(sign));
        found.map(|&(architecture, _)| architecture).ok_or_else(|| {
            Error::new(
                ErrorKind::ModelUnsupported,
                format!(
                    "the weights ({}) are of no known architecture: Inception-ResNet-v1 and MTCNN with \
                     facenet-pytorch's names can be imported; convert other networks to ONNX with their own tools",
                    weights.summary()
                ),
            )
        })
    }

    fn task(self) -> Task {
        match self {
            Self::InceptionResnetV1 | Self::InceptionResnetV2 | Self::Squeezenet => Task::Embedding,
            Self::MtcnnPnet => Task::MtcnnProposal,
            Self::MtcnnRnet => Task::MtcnnRefine,
            Self::MtcnnOnet => Task::MtcnnOutput,
        }
    }
}

/// What an imported model is to say of itself, where its source does not.
///
/// Fields for embedding networks mean nothing for the others. What a source says already, an ONNX file that this
/// library wrote, stays as it is unless it is given here.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// The network that the weights belong to; by default it is known by the names of the weights.
    pub architecture: Option<Architecture>,
    /// Name of the model; by default the source's file name without ending.
    pub name: Option<String>,
    /// Where the weights come from; by default the source's file name.
    pub source: Option<String>,
    /// SPDX expression of the licence of the weights; by default `NOASSERTION`.
    pub license: Option<String>,
    /// Width and height of the input in pixels; by default the ONNX file's, or 160.
    pub input_size: Option<u32>,
    /// Order of the colour planes; by default [`ColorOrder::Rgb`]. A foreign ONNX file needs it.
    pub color_order: Option<ColorOrder>,
    /// What is done to the pixel values. Every embedding network needs it: the wrong one costs accuracy and gives no
    /// error. facenet's models of 2018 and facenet-pytorch have [`Standardization::Fixed`], facenet's of 2017
    /// [`Standardization::PerImage`].
    pub standardization: Option<Standardization>,
    /// How faces are cut out; by default [`Alignment::Margin`] of 32 pixels. A foreign ONNX file needs it.
    pub alignment: Option<Alignment>,
    /// Metric of the thresholds; by default [`Metric::Euclidean`].
    pub metric: Option<Metric>,
    /// Thresholds, the default first.
    pub thresholds: Vec<Threshold>,
    /// Store the weights of an embedding network as 32-bit floats: twice the size, for a difference of some 1e-4 in the
    /// embeddings. By default they are stored as 16-bit floats, which ONNX Runtime widens while loading.
    pub full_precision: bool,
}

/// Makes a model file of the one at `source`.
///
/// Readable are frozen TensorFlow graphs of facenet's Inception-ResNet-v1 (of any age and width), safetensors files of
/// the networks in [`Architecture`] with facenet-pytorch's names, and ONNX files of any network with one input
/// `[n, 3, height, width]` and one output `[n, width]`, to which the description is attached.
///
/// ```no_run
/// use facenet::model::{ImportOptions, Standardization, import};
///
/// let options = ImportOptions { standardization: Some(Standardization::PerImage), ..Default::default() };
/// import("20170512-110547.pb", &options)?.write("20170512-110547.onnx")?;
/// # Ok::<(), facenet::Error>(())
/// ```
///
/// # Errors
///
/// [`ModelInvalid`](ErrorKind::ModelInvalid) if the file is damaged, lacks a weight or is no model at all,
/// [`ModelUnsupported`](ErrorKind::ModelUnsupported) if it is a network that cannot be imported,
/// [`InvalidArgument`](ErrorKind::InvalidArgument) if the options lack something or contradict the file.
pub fn import(source: impl AsRef<Path>, options: &ImportOptions) -> Result<ModelFile> {
    let path = source.as_ref();
    from_bytes(read_bytes(path)?, options, Some(path)).map_err(|e| e.context(path.display()))
}

/// Makes a model file of one in memory; like [`import`], but for the name, which has to be given.
///
/// # Errors
///
/// As [`import`].
pub fn import_bytes(source: impl Into<Vec<u8>>, options: &ImportOptions) -> Result<ModelFile> {
    from_bytes(source.into().into(), options, None)
}

fn from_bytes(bytes: Bytes, options: &ImportOptions, path: Option<&Path>) -> Result<ModelFile> {
    match format::detect(&bytes)? {
        Format::Onnx => describe(&bytes, options, path),
        Format::GraphDef => build(&graphdef::read(bytes)?, options, path),
        Format::Safetensors => {
            let options = agreed(options, &safetensors::stated(&bytes)?)?;
            build(&safetensors::read(&bytes)?, &options, path)
        }
    }
}

/// The options, completed by what a file of weights says of the images that its network was trained with: under these keys weights
/// that this library trained have it.
fn agreed(options: &ImportOptions, stated: &BTreeMap<String, String>) -> Result<ImportOptions> {
    let (size, standardization) = metadata::preparation(stated)?;
    let contradiction = |what: &str, stated: &dyn Display, given: &dyn Display| {
        argument(&format!("the file says that its network was trained with {what} {stated}, not {given}: leave it out"))
    };
    match (size, options.input_size, standardization, options.standardization) {
        (Some(stated), Some(given), ..) if stated != given => Err(contradiction("an input size of", &stated, &given)),
        (.., Some(stated), Some(given)) if stated != given => {
            Err(contradiction("standardisation", &metadata::word(&stated), &metadata::word(&given)))
        }
        _ => Ok(ImportOptions {
            input_size: size.or(options.input_size),
            standardization: standardization.or(options.standardization),
            ..options.clone()
        }),
    }
}

/// The inference graph for `weights`.
fn build(weights: &Weights, options: &ImportOptions, path: Option<&Path>) -> Result<ModelFile> {
    let architecture = options.architecture.map_or_else(|| Architecture::of(weights), Ok)?;
    let mut embedding = None;
    let graph = match architecture {
        Architecture::MtcnnPnet => mtcnn::proposal(weights)?,
        Architecture::MtcnnRnet => mtcnn::refine(weights)?,
        Architecture::MtcnnOnet => mtcnn::output(weights)?,
        Architecture::InceptionResnetV1 | Architecture::InceptionResnetV2 | Architecture::Squeezenet => {
            let input_size = options.input_size.unwrap_or(INPUT_SIZE);
            let storage = if options.full_precision { Storage::Float32 } else { Storage::Float16 };
            let write = match architecture {
                Architecture::InceptionResnetV2 => inception_resnet_v2::embedding,
                Architecture::Squeezenet => squeezenet::embedding,
                _ => inception_resnet_v1::embedding,
            };
            let (graph, width) = write(weights, input_size, storage)?;
            let described = ImportOptions {
                color_order: options.color_order.or(Some(ColorOrder::Rgb)),
                alignment: options.alignment.or(Some(Alignment::Margin { margin: 32 })),
                ..options.clone()
            };
            embedding = Some(embedding_spec(&described, input_size, width)?);
            graph
        }
    };
    ModelFile::from_graph(graph, model_spec(options, path, architecture.task(), embedding)?)
}

/// An ONNX file with another description.
fn describe(bytes: &Bytes, options: &ImportOptions, path: Option<&Path>) -> Result<ModelFile> {
    if options.architecture.is_some() {
        return Err(argument("an ONNX file has its own graph: no architecture can be chosen for it"));
    }
    let contents = Contents::read(bytes)?;
    let known = metadata::are_ours(&contents.properties).then(|| metadata::from_properties(&contents.properties));
    let options = &known.transpose()?.map_or_else(|| options.clone(), |spec| completed(options, spec));
    let unsupported = |what: &str| Error::new(ErrorKind::ModelUnsupported, what.to_owned());
    let (height, width) = match *contents.input {
        [_, Some(3), height, width] => (height, width),
        [_, _, _, Some(3)] => {
            return Err(unsupported(
                "the model takes channels last: export it with channels first (tf2onnx: --inputs-as-nchw)",
            ));
        }
        _ => return Err(unsupported("the model does not take images: its input is not [n, 3, height, width]")),
    };
    let [_, Some(embedding_size)] = *contents.output else {
        return Err(unsupported("the model does not give embeddings: its output is not [n, width] with a known width"));
    };
    let input_size = match (options.input_size, height, width) {
        (size, Some(height), Some(width)) if height == width && size.is_none_or(|size| size as usize == height) => {
            height
        }
        (Some(size), None, None) => size as usize,
        (None, None, None) => {
            return Err(argument("the model takes images of any size: give the input size it was trained for"));
        }
        (_, height, width) => {
            let text = |size: Option<usize>| size.map_or("any".into(), |size| size.to_string());
            return Err(argument(&format!(
                "the model takes images of {}x{} pixels: only squares of the given input size can be used",
                text(width),
                text(height)
            )));
        }
    };
    let input_size = u32::try_from(input_size).map_err(|_| unsupported("the model's input is too large"))?;
    let embedding = embedding_spec(options, input_size, embedding_size)?;
    ModelFile::described(bytes, model_spec(options, path, Task::Embedding, Some(embedding))?)
}

/// The options, completed by what the file says already.
fn completed(options: &ImportOptions, spec: ModelSpec) -> ImportOptions {
    let embedding = spec.embedding.as_ref();
    ImportOptions {
        architecture: options.architecture,
        name: options.name.clone().or(Some(spec.name)),
        source: options.source.clone().or(Some(spec.source)),
        license: options.license.clone().or(Some(spec.license)),
        input_size: options.input_size.or(embedding.map(|embedding| embedding.input_size)),
        color_order: options.color_order.or(embedding.map(|embedding| embedding.color_order)),
        standardization: options.standardization.or(embedding.map(|embedding| embedding.standardization)),
        alignment: options.alignment.or(embedding.map(|embedding| embedding.alignment)),
        metric: options.metric.or(embedding.map(|embedding| embedding.metric)),
        thresholds: match embedding {
            Some(embedding) if options.thresholds.is_empty() => embedding.thresholds.clone(),
            _ => options.thresholds.clone(),
        },
        full_precision: options.full_precision,
    }
}

fn model_spec(
    options: &ImportOptions,
    path: Option<&Path>,
    task: Task,
    embedding: Option<EmbeddingSpec>,
) -> Result<ModelSpec> {
    let text = |part: Option<&OsStr>| part.map(|part| part.to_string_lossy().into_owned());
    let name = options.name.clone().or_else(|| text(path?.file_stem())).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| argument("the model needs a name"))?;
    Ok(ModelSpec {
        source: options.source.clone().or_else(|| text(path?.file_name())).unwrap_or_else(|| name.clone()),
        name,
        task,
        weights_sha256: String::new(),
        license: options.license.clone().unwrap_or_else(|| NO_LICENSE.into()),
        embedding,
    })
}

fn embedding_spec(options: &ImportOptions, input_size: u32, embedding_size: usize) -> Result<EmbeddingSpec> {
    let missing: Vec<&str> = [
        (options.color_order.is_none(), "colour order"),
        (
            options.standardization.is_none(),
            "standardisation of the pixels (facenet of 2018 and facenet-pytorch: fixed, facenet of 2017: per image)",
        ),
        (options.alignment.is_none(), "alignment"),
    ]
    .iter()
    .filter_map(|&(missing, what)| missing.then_some(what))
    .collect();
    let (Some(color_order), Some(standardization), Some(alignment)) =
        (options.color_order, options.standardization, options.alignment)
    else {
        return Err(argument(&format!(
            "the file does not say how faces were prepared in training, and a wrong guess costs accuracy: give its {}",
            missing.join(" and its ")
        )));
    };
    if let Some(threshold) = options.thresholds.iter().find(|threshold| !threshold.distance.is_finite()) {
        return Err(argument(&format!("a threshold is {}", threshold.distance)));
    }
    Ok(EmbeddingSpec {
        input_size,
        color_order,
        standardization,
        alignment,
        embedding_size: u32::try_from(embedding_size).map_err(|_| argument("the embedding is too long"))?,
        metric: options.metric.unwrap_or(Metric::Euclidean),
        thresholds: options.thresholds.clone(),
    })
}

fn argument(message: &str) -> Error {
    Error::new(ErrorKind::InvalidArgument, message.to_owned())
}
