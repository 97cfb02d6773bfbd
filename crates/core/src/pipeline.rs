//! From frames to faces with embeddings: detection, alignment and embedding joined.

use std::sync::Arc;

use rayon::prelude::*;

use crate::align::{AlignScratch, Aligner};
use crate::detect::{Detector, DetectorOptions, Face};
use crate::embed::{Embedder, EmbedderOptions};
use crate::embedding::Embedding;
use crate::error::{ErrorKind, Result};
use crate::frame::{Frame, Image, RgbView, Upright};
use crate::geometry::Rect;
use crate::internal::pool::ObjectPool;
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
    shared: Arc<Shared>,
}

struct Shared {
    runtime: Runtime,
    detector: Detector,
    aligner: Aligner,
    embedder: Embedder,
    images: ObjectPool<Image>,
    scratch: ObjectPool<AlignScratch>,
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
        let (images, scratch) = (ObjectPool::default(), ObjectPool::default());
        let shared = Shared { runtime: runtime.clone(), detector, aligner, embedder, images, scratch };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The same pipeline with other settings of the detector. The networks are shared.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if a setting is out of range.
    pub fn with_detector_options(&self, options: DetectorOptions) -> Result<Self> {
        let Shared { runtime, detector, aligner, embedder, .. } = &*self.shared;
        let detector = detector.with_options(options)?;
        let (runtime, aligner, embedder) = (runtime.clone(), aligner.clone(), embedder.clone());
        let (images, scratch) = (ObjectPool::default(), ObjectPool::default());
        Ok(Self { shared: Arc::new(Shared { runtime, detector, aligner, embedder, images, scratch }) })
    }

    /// The detector.
    pub fn detector(&self) -> &Detector {
        &self.shared.detector
    }

    /// The aligner.
    pub fn aligner(&self) -> &Aligner {
        &self.shared.aligner
    }

    /// The embedder.
    pub fn embedder(&self) -> &Embedder {
        &self.shared.embedder
    }

    /// The faces of `frame`.
    ///
    /// # Errors
    /// Those of the stages.
    pub fn process(&self, frame: &Frame<'_>) -> Result<Vec<EmbeddedFace>> {
        Ok(self.process_batch(std::slice::from_ref(frame))?.remove(0))
    }

    /// The faces in the part of `frame` that `region` covers, in the coordinates of the whole frame.
    ///
    /// # Errors
    /// Those of the stages.
    pub fn process_in(&self, frame: &Frame<'_>, region: Rect) -> Result<Vec<EmbeddedFace>> {
        let found = self.shared.detector.detect_in(frame, region)?;
        Ok(self.embed(std::slice::from_ref(frame), vec![found])?.remove(0))
    }

    /// The faces of each of `frames`. All networks run on faces of many frames at once.
    ///
    /// A face that cannot be cut out, since its box lies outside of the frame or its landmarks coincide, is left out.
    ///
    /// # Errors
    /// Those of the stages.
    pub fn process_batch(&self, frames: &[Frame<'_>]) -> Result<Vec<Vec<EmbeddedFace>>> {
        let Shared { runtime, detector, images, .. } = &*self.shared;
        let convert = || frames.par_iter().map(|frame| frame.upright_kept(images)).collect::<Result<Vec<_>>>();
        let uprights = runtime.pool().install(convert)?;
        // Converted once for all stages; what is found there is brought back to the stored pixels at the end.
        let views: Vec<RgbView<'_>> = uprights.iter().map(Upright::view).collect();
        let found = detector.detect_upright(&views)?;
        let upright_frames: Vec<Frame<'_>> = frames
            .iter()
            .zip(&uprights)
            .map(|(frame, upright)| match upright {
                Upright::Borrowed(_) => *frame,
                Upright::Owned(image) => image.frame(),
            })
            .collect();
        let mut results = self.embed(&upright_frames, found)?;
        for ((faces, frame), upright) in results.iter_mut().zip(frames).zip(uprights) {
            if matches!(upright, Upright::Owned(_)) {
                faces.iter_mut().for_each(|face| face.face = face.face.to_stored(frame));
            }
            upright.give_back(images);
        }
        Ok(results)
    }

    /// Aligns and embeds the faces `found` in each of `frames`.
    fn embed(&self, frames: &[Frame<'_>], found: Vec<Vec<Face>>) -> Result<Vec<Vec<EmbeddedFace>>> {
        let Shared { runtime, aligner, embedder, scratch, .. } = &*self.shared;
        let faces: Vec<(usize, Face)> = found
            .into_iter()
            .enumerate()
            .flat_map(|(index, faces)| faces.into_iter().map(move |face| (index, face)))
            .collect();
        let align = |&(index, face): &(usize, Face)| {
            let mut crop = Image::default();
            let cut = scratch
                .lend(|scratch| aligner.align_into(&frames[index], &face.rect, &face.landmarks, scratch, &mut crop));
            match cut {
                Ok(()) => Ok(Some((index, face, crop))),
                Err(error) if error.kind() == ErrorKind::InvalidArgument => Ok(None),
                Err(error) => Err(error),
            }
        };
        let cut = runtime.pool().install(|| faces.par_iter().map(align).collect::<Result<Vec<_>>>())?;
        let cut: Vec<(usize, Face, Image)> = cut.into_iter().flatten().collect();
        let views: Vec<RgbView<'_>> = cut.iter().map(|(.., crop)| crop.view()).collect();
        let embeddings = embedder.embed_views(&views)?;
        let mut results: Vec<Vec<EmbeddedFace>> = frames.iter().map(|_| Vec::new()).collect();
        for ((index, face, crop), embedding) in cut.into_iter().zip(embeddings) {
            results[index].push(EmbeddedFace { face, crop, embedding });
        }
        Ok(results)
    }
}
