//! The detector: three networks over one image or many.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use rayon::prelude::*;

use super::boxes::Candidate;
use super::pyramid::{Level, levels};
use super::refine::{OUTPUT_SIDE, REFINE_SIDE, Verdict};
use super::resample::Resampler;
use super::select::select;
use super::{DetectorOptions, Face, proposal, refine};
use crate::error::Result;
use crate::frame::{Frame, RgbView, Upright};
use crate::geometry::{Landmarks, Rect};
use crate::runtime::{Network, NetworkOptions, Runtime};

/// Most candidates that one run of R-Net or O-Net takes: enough to keep a core busy, few enough to stay in its
/// cache and to spread over the cores.
const MAX_BATCH: usize = 32;

/// Finds faces with MTCNN.
///
/// A detector is cheap to clone and may be used from many threads at once. The networks are loaded once and shared
/// by its clones and by [`with_options`](Self::with_options).
#[derive(Clone)]
pub struct Detector {
    shared: Arc<Shared>,
    options: DetectorOptions,
}

struct Shared {
    runtime: Runtime,
    proposal: Network,
    refine: Network,
    output: Network,
    scratch: Mutex<Vec<Scratch>>,
}

/// Buffers of one worker.
#[derive(Default)]
struct Scratch {
    resampler: Resampler,
    input: Vec<f32>,
}

impl Detector {
    /// A detector with the networks that ship with the library.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if an option is out of range, and the
    /// errors of loading a model.
    pub fn new(runtime: &Runtime, options: DetectorOptions) -> Result<Self> {
        options.validate()?;
        let load = |name: &str| {
            let sessions = NetworkOptions { sessions: runtime.threads(), ..NetworkOptions::default() };
            Network::load(runtime, runtime.models().join(name), sessions)
        };
        let shared = Shared {
            proposal: load("mtcnn-pnet.onnx")?,
            refine: load("mtcnn-rnet.onnx")?,
            output: load("mtcnn-onet.onnx")?,
            scratch: Mutex::default(),
            runtime: runtime.clone(),
        };
        Ok(Self { shared: Arc::new(shared), options })
    }

    /// A detector with other options over the same networks.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if an option is out of range.
    pub fn with_options(&self, options: DetectorOptions) -> Result<Self> {
        options.validate()?;
        Ok(Self { shared: Arc::clone(&self.shared), options })
    }

    /// The options in force.
    pub fn options(&self) -> &DetectorOptions {
        &self.options
    }

    /// Faces of `frame`, in the coordinates of its stored pixels, the most probable first.
    pub fn detect(&self, frame: &Frame<'_>) -> Result<Vec<Face>> {
        Ok(self.detect_batch(std::slice::from_ref(frame))?.remove(0))
    }

    /// Faces in the part of `frame` that `region` covers, in the coordinates of the whole frame.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the region has no pixel in the frame.
    pub fn detect_in(&self, frame: &Frame<'_>, region: Rect) -> Result<Vec<Face>> {
        let _ = (frame, region);
        unimplemented!()
    }

    /// Faces of each of `frames`. The frames may differ in size; the later networks run on candidates of many
    /// frames at once.
    pub fn detect_batch(&self, frames: &[Frame<'_>]) -> Result<Vec<Vec<Face>>> {
        let uprights = self.install(|| frames.par_iter().map(Frame::upright).collect::<Result<Vec<Upright<'_>>>>())?;
        let views: Vec<RgbView<'_>> = uprights.iter().map(Upright::view).collect();
        let faces = self.install(|| self.detect_views(&views))?;
        let results = frames.iter().zip(&views).zip(faces);
        Ok(results
            .map(|((frame, view), faces)| {
                let faces = select(faces, &self.options, view.width(), view.height());
                faces.into_iter().map(|face| to_stored(frame, face)).collect()
            })
            .collect())
    }

    fn install<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        self.shared.runtime.pool().install(work)
    }

    fn detect_views(&self, views: &[RgbView<'_>]) -> Result<Vec<Vec<Face>>> {
        let candidates = self.propose(views)?;
        let verdicts = self.examine::<5>(&self.shared.refine, REFINE_SIDE, views, candidates, 1)?;
        let candidates = verdicts.par_iter().map(|verdicts| refine::refined(verdicts)).collect();
        let verdicts = self.examine::<15>(&self.shared.output, OUTPUT_SIDE, views, candidates, 2)?;
        Ok(verdicts.iter().map(|verdicts| refine::faces(verdicts)).collect())
    }

    /// P-Net's candidates for each image.
    fn propose(&self, views: &[RgbView<'_>]) -> Result<Vec<Vec<Candidate>>> {
        let mut bands: Vec<(usize, usize, Level, Range<usize>)> = Vec::new();
        for (image, view) in views.iter().enumerate() {
            let min_face = self.options.min_face_pixels(view.width(), view.height());
            let levels = levels(view.width(), view.height(), min_face, self.options.factor);
            for (number, level) in levels.iter().enumerate() {
                bands.extend(level.bands().map(|band| (image, number, *level, band)));
            }
        }
        let found = bands
            .par_iter()
            .with_max_len(1)
            .map(|(image, _, level, band)| {
                let (network, threshold) = (&self.shared.proposal, self.options.thresholds[0]);
                self.with_scratch(|Scratch { resampler, input }| {
                    proposal::search(network, views[*image], level, band.clone(), threshold, resampler, input)
                })
            })
            .collect::<Result<Vec<_>>>()?;

        let mut by_level: Vec<Vec<Vec<proposal::Proposal>>> = vec![Vec::new(); views.len()];
        for ((image, number, ..), proposals) in bands.iter().zip(found) {
            let levels = &mut by_level[*image];
            levels.resize_with((number + 1).max(levels.len()), Vec::new);
            levels[*number].extend(proposals);
        }
        Ok(by_level
            .into_par_iter()
            .map(|levels| {
                let thinned: Vec<_> = levels.into_par_iter().flat_map_iter(proposal::thin_level).collect();
                proposal::merge_levels(&thinned)
            })
            .collect())
    }

    /// The verdicts of R-Net or O-Net on the candidates of each image.
    fn examine<const N: usize>(
        &self,
        network: &Network,
        side: usize,
        views: &[RgbView<'_>],
        candidates: Vec<Vec<Candidate>>,
        stage: usize,
    ) -> Result<Vec<Vec<Verdict<N>>>> {
        let mut owners = Vec::new();
        let mut flat = Vec::new();
        for (image, candidates) in candidates.into_iter().enumerate() {
            for candidate in refine::whole_pixels(candidates) {
                owners.push(image);
                flat.push((views[image], candidate));
            }
        }
        let batch = flat.len().div_ceil(self.shared.runtime.threads()).clamp(1, MAX_BATCH);
        let verdicts = flat
            .par_chunks(batch)
            .map(|batch| {
                self.with_scratch(|Scratch { resampler, input }| {
                    refine::examine::<N>(network, side, batch, self.options.thresholds[stage], resampler, input)
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let mut by_image = vec![Vec::new(); views.len()];
        for (image, verdict) in owners.into_iter().zip(verdicts.into_iter().flatten()) {
            by_image[image].extend(verdict);
        }
        Ok(by_image)
    }

    /// Lends a worker's buffers to `work`.
    fn with_scratch<R>(&self, work: impl FnOnce(&mut Scratch) -> R) -> R {
        let lock = || self.shared.scratch.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut scratch = lock().pop().unwrap_or_default();
        let result = work(&mut scratch);
        lock().push(scratch);
        result
    }
}

/// The face in the coordinates of the frame's stored pixels.
fn to_stored(frame: &Frame<'_>, face: Face) -> Face {
    Face {
        rect: frame.rect_to_stored(face.rect),
        score: face.score,
        landmarks: Landmarks(face.landmarks.0.map(|point| frame.to_stored(point))),
    }
}
