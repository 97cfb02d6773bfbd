//! The detector: three networks over one image or many.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::boxes::Candidate;
use super::pyramid::{Level, levels};
use super::refine::{OUTPUT_SIDE, REFINE_SIDE, Refinement};
use super::resample::Resampler;
use super::select::select;
use super::{DetectorOptions, Face, Rotations, proposal, refine};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Frame, Image, Region, RgbView, Rotation, Upright};
use crate::geometry::{Landmarks, Point, Rect};
use crate::internal::pool::ObjectPool;
use crate::model::{ModelFile, ModelSource, Task};
use crate::options::Options;
use crate::runtime::{Network, NetworkOptions, Runtime, ShapeProfile};

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
    scratch: ObjectPool<Scratch>,
    images: ObjectPool<Image>,
}

/// Buffers of one worker.
#[derive(Default)]
struct Scratch {
    resampler: Resampler,
    input: Vec<f32>,
}

impl Detector {
    /// A detector with the networks that `options` name.
    ///
    /// ```no_run
    /// use facenet::{Detector, DetectorOptions, Runtime, RuntimeOptions};
    ///
    /// let runtime = Runtime::new(RuntimeOptions::default())?;
    /// let network = |name| std::fs::read(name).expect("a network").into();
    /// let networks = ["mtcnn-pnet.onnx", "mtcnn-rnet.onnx", "mtcnn-onet.onnx"].map(network);
    /// let options = DetectorOptions { networks: Some(networks), ..DetectorOptions::default() };
    /// let detector = Detector::new(&runtime, options)?;
    /// # Ok::<(), facenet::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if an option is out of range, and the
    /// errors of loading a model.
    pub fn new(runtime: &Runtime, options: DetectorOptions) -> Result<Self> {
        options.check()?;
        let shipped = |task| runtime.shipped_model(task).map(ModelSource::from);
        let [proposal, refine, output] = match &options.networks {
            Some(networks) => networks.clone(),
            None => [shipped(Task::MtcnnProposal)?, shipped(Task::MtcnnRefine)?, shipped(Task::MtcnnOutput)?],
        };
        let load = |name: &str, source: ModelSource, task: Task, profile: ShapeProfile| {
            let sessions = runtime.threads();
            let options = NetworkOptions { sessions, profile: Some(profile), ..NetworkOptions::default() };
            let file = ModelFile::of(&source)?;
            if file.spec().task != task {
                let found = &file.spec().name;
                let message = format!("{source} holds the model `{found}` where {name} is needed: fetch it again");
                return Err(Error::new(ErrorKind::ModelMismatch, message));
            }
            file.check_weights()?;
            Network::from_shared(runtime, &source.to_string(), file.shared_bytes(), options)
        };
        let batch = |side: usize| ShapeProfile {
            min: [1, 3, side, side],
            opt: [MAX_BATCH / 2, 3, side, side],
            max: [MAX_BATCH, 3, side, side],
        };
        let band = ShapeProfile { min: [1, 3, 12, 12], opt: [1, 3, 150, 320], max: [1, 3, 1024, 16384] };
        let shared = Shared {
            proposal: load("P-Net", proposal, Task::MtcnnProposal, band)?,
            refine: load("R-Net", refine, Task::MtcnnRefine, batch(REFINE_SIDE))?,
            output: load("O-Net", output, Task::MtcnnOutput, batch(OUTPUT_SIDE))?,
            scratch: ObjectPool::default(),
            images: ObjectPool::default(),
            runtime: runtime.clone(),
        };
        Ok(Self { shared: Arc::new(shared), options })
    }

    /// A detector with other options over the same networks, which need not be named again.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if an option is out of range, or other networks are named.
    pub fn with_options(&self, options: DetectorOptions) -> Result<Self> {
        options.check()?;
        let networks = self.options.networks.clone();
        if options.networks.is_some() && options.networks != networks {
            let message = "other networks are named than those that are loaded: make a new detector of them";
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        Ok(Self { shared: Arc::clone(&self.shared), options: DetectorOptions { networks, ..options } })
    }

    /// The options in force.
    pub fn options(&self) -> &DetectorOptions {
        &self.options
    }

    /// Faces of `frame`, in the coordinates of its stored pixels, the most probable first.
    pub fn detect(&self, frame: &Frame<'_>) -> Result<Vec<Face>> {
        Ok(self.detect_batch(std::slice::from_ref(frame))?.remove(0))
    }

    /// Faces in the part of `frame` that `region` covers, in the coordinates of the whole frame. Only this part is
    /// converted; relative sizes and the centre in the options are those of the region.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the region has no pixel in the frame.
    ///
    /// ```no_run
    /// # use facenet::{Detector, DetectorOptions, Image, Rect, Runtime, RuntimeOptions};
    /// # let detector = Detector::new(&Runtime::new(RuntimeOptions::default())?, DetectorOptions::default())?;
    /// let image = Image::open("entrance.jpg")?;
    /// let door = Rect::new(400.0, 100.0, 800.0, 700.0);
    /// let faces = detector.detect_in(&image.frame(), door)?;
    /// # Ok::<(), facenet::Error>(())
    /// ```
    pub fn detect_in(&self, frame: &Frame<'_>, region: Rect) -> Result<Vec<Face>> {
        let region = pixels_inside(frame.rect_to_upright(region), frame.upright_size()).ok_or_else(|| {
            let (width, height) = (frame.width(), frame.height());
            let message = format!("the region {region:?} has no pixel in the frame of {width}x{height}");
            Error::new(ErrorKind::InvalidArgument, message)
        })?;
        let upright = self.install(|| frame.upright_region(region))?;
        let view = upright.view();
        let faces = self.detect_upright(&[view])?.remove(0);
        let (x, y) = (region.x as f32, region.y as f32);
        Ok(faces.into_iter().map(|face| moved(face, x, y).to_stored(frame)).collect())
    }

    /// Faces of each of `frames`. The frames may differ in size; the later networks run on candidates of many
    /// frames at once.
    pub fn detect_batch(&self, frames: &[Frame<'_>]) -> Result<Vec<Vec<Face>>> {
        let images = &self.shared.images;
        let convert = || frames.par_iter().map(|frame| frame.upright_kept(images)).collect::<Result<Vec<_>>>();
        let uprights = self.install(convert)?;
        let views: Vec<RgbView<'_>> = uprights.iter().map(Upright::view).collect();
        let found = frames.iter().zip(self.detect_upright(&views)?);
        let faces = found.map(|(frame, faces)| faces.into_iter().map(|face| face.to_stored(frame)).collect()).collect();
        uprights.into_iter().for_each(|upright| upright.give_back(images));
        Ok(faces)
    }

    /// Faces of each of the upright images `views`, in their coordinates.
    pub(crate) fn detect_upright(&self, views: &[RgbView<'_>]) -> Result<Vec<Vec<Face>>> {
        let found = self.install(|| match self.options.rotations {
            Rotations::None => self.detect_views(views),
            Rotations::QuarterTurns => self.detect_turned(views),
        })?;
        let selected = |(found, view): (_, &RgbView<'_>)| select(found, &self.options, view.width(), view.height());
        Ok(found.into_iter().zip(views).map(selected).collect())
    }

    fn install<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        self.shared.runtime.pool().install(work)
    }

    /// Faces of each of `views`, turned the way in which they score highest, in the coordinates of the view.
    fn detect_turned(&self, views: &[RgbView<'_>]) -> Result<Vec<Vec<Face>>> {
        let score = |faces: &[Face]| faces.iter().map(|face| face.score).sum::<f32>();
        let mut best = self.detect_views(views)?;
        for turn in [Rotation::Clockwise90, Rotation::Clockwise180, Rotation::Clockwise270] {
            let frames: Vec<Frame<'_>> = views.iter().map(|view| Frame::of_view(*view).with_rotation(turn)).collect();
            let turned = frames.par_iter().map(Frame::upright).collect::<Result<Vec<_>>>()?;
            let turned: Vec<RgbView<'_>> = turned.iter().map(Upright::view).collect();
            let found = frames.iter().zip(self.detect_views(&turned)?);
            for (best, (frame, faces)) in best.iter_mut().zip(found) {
                if score(&faces) > score(best) {
                    *best = faces.into_iter().map(|face| face.to_stored(frame)).collect();
                }
            }
        }
        Ok(best)
    }

    /// `frame` as it was searched when `face` was found in it: turned so that the face stands upright, if
    /// [`DetectorOptions::rotations`] says so. Cut faces out of this one.
    ///
    /// ```no_run
    /// # use facenet::{Aligner, Detector, DetectorOptions, Image, Runtime, RuntimeOptions, model::Alignment};
    /// # let detector = Detector::new(&Runtime::new(RuntimeOptions::default())?, DetectorOptions::default())?;
    /// let image = Image::open("on-its-side.jpg")?;
    /// let aligner = Aligner::new(Alignment::Margin { margin: 32 }, 160)?;
    /// for face in detector.detect(&image.frame())? {
    ///     let crop = aligner.align(&detector.turned_frame(&image.frame(), &face), &face.rect, &face.landmarks)?;
    /// }
    /// # Ok::<(), facenet::Error>(())
    /// ```
    pub fn turned_frame<'a>(&self, frame: &Frame<'a>, face: &Face) -> Frame<'a> {
        match self.options.rotations {
            Rotations::None => *frame,
            Rotations::QuarterTurns => frame.turned(turn_of(&face.to_upright(frame).landmarks)),
        }
    }

    fn detect_views(&self, views: &[RgbView<'_>]) -> Result<Vec<Vec<Face>>> {
        let candidates = self.propose(views)?;
        let refinements = self.refine::<5>(&self.shared.refine, REFINE_SIDE, views, candidates, 1)?;
        let candidates = refinements.par_iter().map(|refinements| refine::refined(refinements)).collect();
        let refinements = self.refine::<15>(&self.shared.output, OUTPUT_SIDE, views, candidates, 2)?;
        Ok(refinements.iter().map(|refinements| refine::faces(refinements)).collect())
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
                self.shared.scratch.lend(|Scratch { resampler, input }| {
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

    /// The candidates of each image that R-Net or O-Net accepts, with its outputs.
    fn refine<const N: usize>(
        &self,
        network: &Network,
        side: usize,
        views: &[RgbView<'_>],
        candidates: Vec<Vec<Candidate>>,
        stage: usize,
    ) -> Result<Vec<Vec<Refinement<N>>>> {
        let mut owners = Vec::new();
        let mut flat = Vec::new();
        for (image, candidates) in candidates.into_iter().enumerate() {
            for candidate in refine::whole_pixels(candidates) {
                owners.push(image);
                flat.push((views[image], candidate));
            }
        }
        let batch = flat.len().div_ceil(self.shared.runtime.threads()).clamp(1, MAX_BATCH);
        let refinements = flat
            .par_chunks(batch)
            .map(|batch| {
                self.shared.scratch.lend(|Scratch { resampler, input }| {
                    refine::run::<N>(network, side, batch, self.options.thresholds[stage], resampler, input)
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let mut by_image = vec![Vec::new(); views.len()];
        for (image, refinement) in owners.into_iter().zip(refinements.into_iter().flatten()) {
            by_image[image].extend(refinement);
        }
        Ok(by_image)
    }
}

/// The whole pixels of an image of the given size that `rect` touches, or `None` if there is none.
fn pixels_inside(rect: Rect, (width, height): (u32, u32)) -> Option<Region> {
    if !rect.is_valid() {
        return None;
    }
    // Out-of-range values end at the edges: `as` saturates.
    let (x1, y1) = (rect.x1.floor() as u32, rect.y1.floor() as u32);
    let (x2, y2) = ((rect.x2.ceil() as u32).min(width), (rect.y2.ceil() as u32).min(height));
    (x1 < x2 && y1 < y2).then(|| Region::new(x1, y1, x2 - x1, y2 - y1))
}

/// The quarter turn after which the mouth is below the eyes.
fn turn_of(landmarks: &Landmarks) -> Rotation {
    let [left_eye, right_eye, _, mouth_left, mouth_right] = landmarks.0;
    let x = mouth_left.x + mouth_right.x - left_eye.x - right_eye.x;
    let y = mouth_left.y + mouth_right.y - left_eye.y - right_eye.y;
    match (x.abs() > y.abs(), x > 0.0, y < 0.0) {
        (true, true, _) => Rotation::Clockwise90,
        (true, false, _) => Rotation::Clockwise270,
        (false, _, true) => Rotation::Clockwise180,
        (false, _, false) => Rotation::None,
    }
}

fn moved(face: Face, x: f32, y: f32) -> Face {
    let Rect { x1, y1, x2, y2 } = face.rect;
    Face {
        rect: Rect::new(x1 + x, y1 + y, x2 + x, y2 + y),
        score: face.score,
        landmarks: Landmarks(face.landmarks.0.map(|point| Point::new(point.x + x, point.y + y))),
    }
}
