//! From frames to faces with embeddings: detection, alignment and embedding joined.

use rayon::prelude::*;

use crate::align::Aligner;
use crate::detect::{Detector, DetectorOptions, Face};
use crate::embed::{Embedder, EmbedderOptions};
use crate::embedding::Embedding;
use crate::error::Result;
use crate::frame::{Frame, Image, Upright};
use crate::geometry::Landmarks;
use crate::runtime::Runtime;

/// A face with everything that is made of it.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbeddedFace {
    /// Box, score and landmarks, in the coordinates of the frame's stored pixels.
    pub face: Face,
    /// The aligned face that was embedded.
    pub crop: Image,
    /// The vector.
    pub embedding: Embedding,
}

/// Settings of a [`Pipeline`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PipelineOptions {
    /// Settings of the detector.
    pub detector: DetectorOptions,
    /// Settings of the embedder. Its model also decides how faces are aligned.
    pub embedder: EmbedderOptions,
}

/// Finds, aligns and embeds faces.
///
/// A pipeline is cheap to clone and may be used from many threads at once.
///
/// ```no_run
/// use facenet::{Image, Metric, Pipeline, PipelineOptions, Runtime, RuntimeOptions};
///
/// let runtime = Runtime::new(RuntimeOptions::default())?;
/// let pipeline = Pipeline::new(&runtime, PipelineOptions::default())?;
/// let (a, b) = (Image::open("a.jpg")?, Image::open("b.jpg")?);
/// let faces = pipeline.process_batch(&[a.frame(), b.frame()])?;
/// if let ([a, ..], [b, ..]) = (&*faces[0], &*faces[1]) {
///     println!("{:.4}", a.embedding.distance(&b.embedding, Metric::Euclidean)?);
/// }
/// # Ok::<(), facenet::Error>(())
/// ```
#[derive(Clone)]
pub struct Pipeline {
    runtime: Runtime,
    detector: Detector,
    aligner: Aligner,
    embedder: Embedder,
}

impl Pipeline {
    /// A pipeline of the shipped detector and the embedder's model, faces aligned as that model needs.
    ///
    /// # Errors
    /// Those of [`Detector::new`] and [`Embedder::new`].
    pub fn new(runtime: &Runtime, options: PipelineOptions) -> Result<Self> {
        let embedder = Embedder::new(runtime, options.embedder)?;
        let aligner = Aligner::new(embedder.spec().alignment, embedder.spec().input_size)?;
        let detector = Detector::new(runtime, options.detector)?;
        Ok(Self { runtime: runtime.clone(), detector, aligner, embedder })
    }

    /// The detector.
    pub fn detector(&self) -> &Detector {
        &self.detector
    }

    /// The aligner.
    pub fn aligner(&self) -> &Aligner {
        &self.aligner
    }

    /// The embedder.
    pub fn embedder(&self) -> &Embedder {
        &self.embedder
    }

    /// The faces of `frame`.
    ///
    /// # Errors
    /// Those of the stages.
    pub fn process(&self, frame: &Frame<'_>) -> Result<Vec<EmbeddedFace>> {
        Ok(self.process_batch(std::slice::from_ref(frame))?.remove(0))
    }

    /// The faces of each of `frames`. All networks run on faces of many frames at once.
    ///
    /// # Errors
    /// Those of the stages.
    pub fn process_batch(&self, frames: &[Frame<'_>]) -> Result<Vec<Vec<EmbeddedFace>>> {
        let pool = self.runtime.pool();
        let uprights = pool.install(|| frames.par_iter().map(Frame::upright).collect::<Result<Vec<_>>>())?;
        let views: Vec<Frame<'_>> = frames
            .iter()
            .zip(&uprights)
            .map(|(frame, upright)| match upright {
                Upright::Borrowed(_) => *frame,
                Upright::Owned(image) => image.frame(),
            })
            .collect();
        let found = self.detector.detect_batch(&views)?;

        let faces: Vec<(usize, Face)> =
            found.iter().enumerate().flat_map(|(index, faces)| faces.iter().map(move |&face| (index, face))).collect();
        let align = |&(index, face): &(usize, Face)| self.aligner.align(&views[index], &face.rect, &face.landmarks);
        let crops = pool.install(|| faces.par_iter().map(align).collect::<Result<Vec<Image>>>())?;
        let embeddings = self.embedder.embed(&crops)?;

        let mut results: Vec<Vec<EmbeddedFace>> = frames.iter().map(|_| Vec::new()).collect();
        for (((index, face), crop), embedding) in faces.into_iter().zip(crops).zip(embeddings) {
            let face = match uprights[index] {
                Upright::Borrowed(_) => face,
                Upright::Owned(_) => stored(&frames[index], face),
            };
            results[index].push(EmbeddedFace { face, crop, embedding });
        }
        Ok(results)
    }
}

/// The face in the coordinates of the frame's stored pixels.
fn stored(frame: &Frame<'_>, face: Face) -> Face {
    Face {
        rect: frame.rect_to_stored(face.rect),
        landmarks: Landmarks(face.landmarks.0.map(|point| frame.to_stored(point))),
        ..face
    }
}
