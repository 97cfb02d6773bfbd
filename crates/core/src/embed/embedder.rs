//! The embedder: standardisation, batches, mirrored copies.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::standardize::standardize;
use crate::embedding::{Embedding, Fingerprint};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Image, RgbView};
use crate::internal::pool::ObjectPool;
use crate::model::{Alignment, EmbeddingSpec, Mirror, ModelFile, ModelSource, Standardization, Task};
use crate::options::Options;
use crate::runtime::{Network, NetworkOptions, Runtime, ShapeProfile};

crate::options! {
    /// Settings of an [`Embedder`]. By default everything is as the model file says.
    ///
    /// ```
    /// use facenet::embed::EmbedderOptions;
    /// use facenet::model::Mirror;
    ///
    /// let options = EmbedderOptions { mirror: Mirror::Average, ..EmbedderOptions::default() };
    /// assert_eq!(options.batch_size, 16);
    /// ```
    pub struct EmbedderOptions {
        /// The model, in a file or in memory; by default the file that ships with the library.
        model: Option<ModelSource> = None;
        /// Pixel standardisation, if it is not to be the model's.
        standardization: Option<Standardization> = None;
        /// How the faces were cut out, if not as the model says. It becomes part of the fingerprint.
        alignment: Option<Alignment> = None;
        /// What is made of a face and its mirror image; anything but off takes twice the time.
        mirror: Mirror = Mirror::Off;
        /// Most images in one run of the network; from 16 more only cost memory.
        batch_size: usize = 16, |size| *size > 0 => "1 or more";
    }
}

/// Turns aligned faces into embeddings.
///
/// An embedder is cheap to clone and may be used from many threads at once.
#[derive(Clone)]
pub struct Embedder {
    shared: Arc<Shared>,
}

struct Shared {
    runtime: Runtime,
    network: Network,
    path: Option<PathBuf>,
    name: String,
    spec: EmbeddingSpec,
    mirror: Mirror,
    batch_size: usize,
    fingerprint: Fingerprint,
    inputs: ObjectPool<Vec<f32>>,
}

impl Embedder {
    /// An embedder with the model that `options` name.
    ///
    /// ```no_run
    /// use facenet::{Embedder, EmbedderOptions, Runtime, RuntimeOptions};
    ///
    /// let runtime = Runtime::new(RuntimeOptions::default())?;
    /// // In a program that carries its model: `static MODEL: &[u8] = include_bytes!("mine.onnx");`
    /// let bytes = std::fs::read("mine.onnx").expect("a model");
    /// let options = EmbedderOptions { model: Some(bytes.into()), ..EmbedderOptions::default() };
    /// let embedder = Embedder::new(&runtime, options)?;
    /// # Ok::<(), facenet::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the batch size is zero, [`ErrorKind::ModelMismatch`] if the model is not
    /// one for embeddings, and the errors of reading and loading a model.
    pub fn new(runtime: &Runtime, options: EmbedderOptions) -> Result<Self> {
        options.check()?;
        let source = options.model.map_or_else(|| runtime.shipped_model(Task::Embedding).map(Into::into), Ok)?;
        let file = ModelFile::of(&source)?;
        let model = file.spec();
        let (Task::Embedding, Some(spec)) = (model.task, &model.embedding) else {
            return Err(Error::new(
                ErrorKind::ModelMismatch,
                format!("{source} is a model for another task than embeddings: name one that embeds faces"),
            ));
        };
        let mut used = spec.clone();
        used.standardization = options.standardization.unwrap_or(spec.standardization);
        used.alignment = options.alignment.unwrap_or(spec.alignment);
        // A threshold says nothing about distances that were made in another way than it was measured.
        let as_measured = (used.standardization, used.alignment) == (spec.standardization, spec.alignment);
        used.thresholds.retain(|threshold| as_measured && threshold.mirror == options.mirror);
        file.check_weights()?;
        let fingerprint = fingerprint(&model.weights_sha256, &used, options.mirror);
        let shape = |count: usize| [count, 3, spec.input_size as usize, spec.input_size as usize];
        let largest = shape(options.batch_size.max(options.mirror.copies()));
        let profile = ShapeProfile { min: shape(1), opt: largest, max: largest };
        let network =
            NetworkOptions { intra_threads: runtime.threads(), profile: Some(profile), ..NetworkOptions::default() };
        let network = Network::from_shared(runtime, &source.to_string(), file.shared_bytes(), network)?;
        Ok(Self {
            shared: Arc::new(Shared {
                runtime: runtime.clone(),
                network,
                path: source.path().map(Path::to_path_buf),
                name: model.name.clone(),
                spec: used,
                mirror: options.mirror,
                batch_size: options.batch_size,
                fingerprint,
                inputs: ObjectPool::default(),
            }),
        })
    }

    /// Where the network runs.
    pub fn runtime(&self) -> &Runtime {
        &self.shared.runtime
    }

    /// Name of the model.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// The model file; none if the model was in memory.
    pub fn path(&self) -> Option<&Path> {
        self.shared.path.as_deref()
    }

    /// What the network needs and gives, with the options applied. Of the thresholds, those stay that were measured
    /// with the same preprocessing.
    pub fn spec(&self) -> &EmbeddingSpec {
        &self.shared.spec
    }

    /// What is made of a face and its mirror image.
    pub fn mirror(&self) -> Mirror {
        self.shared.mirror
    }

    /// The fingerprint that the embeddings carry.
    pub fn fingerprint(&self) -> Fingerprint {
        self.shared.fingerprint
    }

    /// Length of the embeddings.
    pub fn dimension(&self) -> usize {
        let size = self.shared.spec.embedding_size as usize;
        if self.shared.mirror == Mirror::Concatenate { 2 * size } else { size }
    }

    /// Embeddings of aligned faces, each of `input_size` x `input_size` pixels.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if an image has another size.
    pub fn embed(&self, faces: &[Image]) -> Result<Vec<Embedding>> {
        let views: Vec<RgbView<'_>> = faces.iter().map(Image::view).collect();
        self.embed_views(&views)
    }

    /// The same for borrowed pixels.
    pub fn embed_views(&self, faces: &[RgbView<'_>]) -> Result<Vec<Embedding>> {
        let side = self.shared.spec.input_size as usize;
        if let Some((index, face)) = faces.iter().enumerate().find(|(_, f)| (f.width(), f.height()) != (side, side)) {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!(
                    "face {index} has {}x{} pixels: {} takes {side}x{side}, so align it to that size",
                    face.width(),
                    face.height(),
                    self.shared.name
                ),
            ));
        }
        let copies = self.shared.mirror.copies();
        let mut embeddings = Vec::with_capacity(faces.len());
        for batch in faces.chunks((self.shared.batch_size / copies).max(1)) {
            let inputs: Vec<(RgbView<'_>, bool)> =
                batch.iter().flat_map(|&face| [(face, false), (face, true)].into_iter().take(copies)).collect();
            let vectors = self.run(&inputs)?;
            for vectors in vectors.chunks_exact(copies) {
                let embedding = Embedding::new(self.join(vectors), self.shared.fingerprint);
                embeddings.push(embedding.map_err(|error| {
                    let message = format!("{} gave no usable vector: fetch the model again", self.shared.name);
                    Error::new(ErrorKind::Inference, message).with_source(error)
                })?);
            }
        }
        Ok(embeddings)
    }

    /// One vector for each image, mirrored where it says so.
    fn run(&self, images: &[(RgbView<'_>, bool)]) -> Result<Vec<Vec<f32>>> {
        let Shared { runtime, network, spec, inputs, .. } = &*self.shared;
        let side = spec.input_size as usize;
        let values = 3 * side * side;
        let mut input = inputs.take();
        input.resize(images.len() * values, 0.0);
        runtime.pool().install(|| {
            input.par_chunks_exact_mut(values).zip(images).for_each(|(out, &(image, mirrored))| {
                standardize(image, spec.standardization, spec.color_order, mirrored, out);
            });
        });
        let size = spec.embedding_size as usize;
        let vectors = network.run([images.len(), 3, side, side], &input, |_, output| {
            output.chunks_exact(size).map(<[f32]>::to_vec).collect()
        });
        inputs.put(input);
        vectors
    }

    /// The vector of a face from those of its copies.
    fn join(&self, vectors: &[Vec<f32>]) -> Vec<f32> {
        match self.shared.mirror {
            Mirror::Concatenate => vectors.concat(),
            Mirror::Off | Mirror::Average => {
                (0..vectors[0].len()).map(|index| vectors.iter().map(|vector| vector[index]).sum()).collect()
            }
        }
    }
}

/// The fingerprint of embeddings: of the weights and of everything that is done before and after them.
///
/// Stored embeddings depend on it, so it is made of the names in model files, which do not change.
fn fingerprint(weights: &str, spec: &EmbeddingSpec, mirror: Mirror) -> Fingerprint {
    let description = serde_json::json!([
        "facenet embedding 1",
        weights,
        spec.input_size,
        spec.color_order,
        spec.standardization,
        spec.alignment,
        mirror,
    ]);
    Fingerprint::of(&description.to_string())
}
