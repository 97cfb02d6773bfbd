//! A model file in memory.

use std::path::Path;

use bytes::Bytes;
use prost::Message;

use super::contents::{self, Contents};
use super::format::{self, Format};
use super::location::ModelSource;
use super::manifest::Manifest;
use super::spec::{ModelSpec, Task, Threshold};
use super::{metadata, onnx};
use crate::error::{Error, ErrorKind, Hint, Result};
use crate::internal::files;
use crate::internal::limits::excerpt;

/// An ONNX file and what it says of itself.
///
/// Reading one copies its bytes once, and looks at everything but the weights: a file that breaks off, is of another
/// kind or contradicts its description is refused at once, a changed weight only by [`verify`](Self::verify).
///
/// ```no_run
/// use facenet::model::ModelFile;
///
/// let file = ModelFile::read("models/facenet-20180408-102900.onnx")?;
/// let embedding = file.spec().embedding.as_ref().expect("an embedding network");
/// println!("{}: {} px in, {} numbers out", file.spec().name, embedding.input_size, embedding.embedding_size);
/// file.verify()?;
/// # Ok::<(), facenet::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ModelFile {
    bytes: Bytes,
    spec: ModelSpec,
    input_shape: Vec<Option<usize>>,
    output_shape: Vec<Option<usize>>,
}

/// What [`ModelFile::verify`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// SHA-256 of the whole file, in hexadecimal.
    pub sha256: String,
    /// Whether this is, byte for byte, a model that ships with this version of the library.
    pub shipped: bool,
}

impl ModelFile {
    /// Reads the model file at `path`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) and [`Io`](ErrorKind::Io) if it cannot be read, else as
    /// [`from_bytes`](Self::from_bytes).
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        Self::of(&path.as_ref().into())
    }

    /// The model file whose contents are `bytes`.
    ///
    /// # Errors
    ///
    /// [`ModelInvalid`](ErrorKind::ModelInvalid) if this is no ONNX model, if it breaks off, lacks a description or
    /// contradicts it; [`ModelUnsupported`](ErrorKind::ModelUnsupported) if it is a model of a kind that this version
    /// does not run.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Result<Self> {
        Self::open(bytes.into().into())
    }

    /// The model file at `source`. Bytes in memory are shared, not copied.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read) or [`from_bytes`](Self::from_bytes).
    pub fn of(source: &ModelSource) -> Result<Self> {
        Self::open(source.bytes()?).map_err(|e| e.context(source))
    }

    fn open(bytes: Bytes) -> Result<Self> {
        if format::detect(&bytes)? != Format::Onnx {
            return Err(invalid("not an ONNX file: it must be imported first".into()).with_hint(Hint::ImportModel));
        }
        let contents = Contents::read(&bytes)?;
        if !metadata::are_ours(&contents.properties) {
            let message = "the ONNX file does not say what input it needs: it must be imported, with a description";
            return Err(invalid(message.into()).with_hint(Hint::ImportModel));
        }
        let spec = metadata::from_properties(&contents.properties)?;
        check_shapes(&spec, &contents)?;
        Ok(Self { bytes, spec, input_shape: contents.input, output_shape: contents.output })
    }

    /// The file that holds `graph` and is described by `spec`, whose checksum is filled in.
    pub(super) fn from_graph(graph: onnx::Graph, spec: ModelSpec) -> Result<Self> {
        let model = onnx::Model {
            ir_version: onnx::IR_VERSION,
            producer_name: "facenet".into(),
            graph: Some(graph),
            opset_import: vec![onnx::OperatorSet { domain: String::new(), version: onnx::OPSET_VERSION }],
            ..Default::default()
        };
        Self::described(&model.encode_to_vec().into(), spec)
    }

    /// The ONNX model `bytes`, described by `spec`, whose checksum is filled in.
    pub(super) fn described(bytes: &Bytes, mut spec: ModelSpec) -> Result<Self> {
        spec.weights_sha256 = contents::weights_sha256(bytes)?;
        Self::open(contents::with_properties(bytes, metadata::to_properties(&spec))?)
    }

    /// The same model with other thresholds: `thresholds` take the place of those in the description that hold for the
    /// same treatments of mirror images, and come before the rest. They are in the metric of the description.
    ///
    /// ```no_run
    /// use facenet::model::{Mirror, ModelFile, Threshold};
    ///
    /// let threshold = Threshold {
    ///     distance: 1.1,
    ///     mirror: Mirror::Off,
    ///     false_match_rate: 1e-4,
    ///     false_non_match_rate: 0.02,
    ///     measured_on: "photos of our staff".into(),
    /// };
    /// ModelFile::read("model.onnx")?.with_thresholds(vec![threshold])?.write("staff.onnx")?;
    /// # Ok::<(), facenet::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if a threshold is no finite number,
    /// [`ModelMismatch`](ErrorKind::ModelMismatch) if the model is not one for embeddings.
    pub fn with_thresholds(&self, mut thresholds: Vec<Threshold>) -> Result<Self> {
        if let Some(threshold) = thresholds.iter().find(|threshold| !threshold.distance.is_finite()) {
            let message = format!("{} is no threshold: it must be a finite number", threshold.distance);
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        let mut spec = self.spec.clone();
        let Some(embedding) = &mut spec.embedding else {
            let message = format!("the model `{}` makes no embeddings, so it has no thresholds", spec.name);
            return Err(Error::new(ErrorKind::ModelMismatch, message));
        };
        embedding.thresholds.retain(|old| thresholds.iter().all(|new| new.mirror != old.mirror));
        thresholds.append(&mut embedding.thresholds);
        embedding.thresholds = thresholds;
        Self::open(contents::with_properties(&self.bytes, metadata::to_properties(&spec))?)
    }

    /// What the file says of itself.
    pub fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    /// The file's contents, not copied.
    pub(crate) fn shared_bytes(&self) -> Bytes {
        self.bytes.clone()
    }

    /// The file's contents.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Shape of the input, `[n, 3, height, width]`; `None` where any size will do.
    pub fn input_shape(&self) -> &[Option<usize>] {
        &self.input_shape
    }

    /// Shape of the output; `None` where the size depends on the input.
    pub fn output_shape(&self) -> &[Option<usize>] {
        &self.output_shape
    }

    /// Checks every byte of the weights against the checksum in the description.
    pub(crate) fn check_weights(&self) -> Result<()> {
        let name = &self.spec.name;
        let weights = contents::weights_sha256(&self.bytes)?;
        if weights != self.spec.weights_sha256 {
            return Err(Error::new(
                ErrorKind::ModelMismatch,
                format!(
                    "the weights of model `{name}` have SHA-256 {weights} where its description says {}: the file is \
                     damaged or was edited, fetch it again",
                    excerpt(&self.spec.weights_sha256)
                ),
            ));
        }
        Ok(())
    }

    /// Checks every byte of the weights against the checksum in the description, and a file that has the name of a
    /// shipped model against the list of shipped models.
    ///
    /// # Errors
    ///
    /// [`ModelMismatch`](ErrorKind::ModelMismatch) if a checksum differs.
    pub fn verify(&self) -> Result<Verified> {
        self.check_weights()?;
        let name = &self.spec.name;
        let sha256 = contents::sha256(&self.bytes);
        let shipped = Manifest::shipped().models.iter().find(|model| model.name == *name);
        match shipped {
            Some(model) if model.sha256 != sha256 => Err(Error::new(
                ErrorKind::ModelMismatch,
                format!(
                    "the file is not the model `{name}` that ships with this version: it has SHA-256 {sha256} where {} \
                     is expected; fetch it again, or give your own model another name",
                    model.sha256
                ),
            )),
            _ => Ok(Verified { sha256, shipped: shipped.is_some() }),
        }
    }

    /// Writes the file to `path`, replacing what was there only when everything is written.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) if the folder does not exist, [`Io`](ErrorKind::Io) if it cannot be written.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        files::write_whole(path, |file| file.write_all(&self.bytes))
    }
}

/// Refuses a description that does not fit the graph.
fn check_shapes(spec: &ModelSpec, contents: &Contents) -> Result<()> {
    let side = spec.embedding.as_ref().map(|embedding| embedding.input_size as usize);
    let (side, channels) = match spec.task {
        Task::MtcnnProposal => (None, Some(5)),
        Task::MtcnnRefine => (Some(24), Some(5)),
        Task::MtcnnOutput => (Some(48), Some(15)),
        Task::Embedding => (side, spec.embedding.as_ref().map(|embedding| embedding.embedding_size as usize)),
    };
    let agree = |found: Option<usize>, wanted: Option<usize>| found.is_none() || wanted.is_none() || found == wanted;
    let input = matches!(*contents.input, [_, Some(3), height, width] if agree(height, side) && agree(width, side));
    let rank = if spec.task == Task::MtcnnProposal { 4 } else { 2 };
    let output = contents.output.len() == rank && agree(contents.output[1], channels);
    if input && output {
        return Ok(());
    }
    let text = |shape: &[Option<usize>]| {
        shape.iter().map(|size| size.map_or("?".into(), |size| size.to_string())).collect::<Vec<_>>().join(", ")
    };
    Err(invalid(format!(
        "the model `{}` takes [{}] and gives [{}], which does not fit its description ({} px, {} values)",
        spec.name,
        text(&contents.input),
        text(&contents.output),
        text(&[side]),
        text(&[channels]),
    )))
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::ModelInvalid, message)
}
