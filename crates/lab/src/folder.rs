//! A folder of photos made into a folder of aligned faces: a detector and an aligner at the work of an [`AlignJob`].

use std::path::Path;

use rayon::prelude::*;

use crate::dataset::{AlignJob, AlignOptions, AlignSummary, AlignedFace};
use crate::watch::Watch;
use facenet_core::align::{Aligner, margin_region};
use facenet_core::detect::{Detector, DetectorOptions, Face, Selection};
use facenet_core::error::{Error, Result};
use facenet_core::frame::{Frame, Image};
use facenet_core::model::Alignment;
use facenet_core::options::Options;
use facenet_core::runtime::Runtime;

/// Images that are worked on before the next look at whether to stop.
const IMAGES_BETWEEN_LOOKS: usize = 16;

facenet_core::options! {
    /// Settings of a [`FolderAlignment`]. The defaults are those of facenet's `align_dataset_mtcnn.py`, with the size and margin
    /// of the model that ships.
    pub struct FolderAlignmentOptions {
        /// Width and height of an aligned face in pixels.
        image_size: u32 = 160, |size| (1..=4096).contains(size) => "from 1 to 4096";
        /// Pixels by which the detected box is made wider and higher.
        margin: u32 = 32;
        ..
        /// How faces are looked for. Its selection is not used: all faces of an image are written if
        /// [`AlignOptions::multiple_faces`] is set, else the most central one.
        detector: DetectorOptions = DetectorOptions::default();
        /// Which images, and in which order. What its `settings` and `detection` hold is added to.
        job: AlignOptions = AlignOptions::default();
    }
}

/// The work of making a folder of photos into a folder of aligned faces, as [`AlignJob`] describes both.
///
/// ```no_run
/// use facenet::Watch;
/// use facenet::folder::{FolderAlignment, FolderAlignmentOptions};
/// use facenet::{Runtime, RuntimeOptions};
///
/// let alignment = FolderAlignment::plan("lfw", "lfw_160", FolderAlignmentOptions::default())?;
/// println!("{} images to do", alignment.job().pending().len());
/// let summary = alignment.run(
///     &Runtime::new(RuntimeOptions::default())?,
///     |error| eprintln!("left out one of several faces: {error}"),
///     &Watch::none(),
/// )?;
/// println!("{} faces", summary.faces);
/// # Ok::<(), facenet::Error>(())
/// ```
#[derive(Debug)]
pub struct FolderAlignment {
    job: AlignJob,
    options: FolderAlignmentOptions,
}

impl FolderAlignment {
    /// Finds out what is to be done. Nothing is written.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](facenet_core::ErrorKind::InvalidArgument) if an option is out of its range; those of
    /// [`AlignJob::plan`].
    pub fn plan(input: impl AsRef<Path>, output: impl AsRef<Path>, options: FolderAlignmentOptions) -> Result<Self> {
        options.check()?;
        let settings = options.settings();
        let FolderAlignmentOptions { detector, mut job, .. } = options.clone();
        job.settings.extend(settings);
        let selection = if job.multiple_faces { Selection::All } else { Selection::Central };
        let detector = DetectorOptions { selection, ..detector };
        job.detection.extend(detector.settings());
        let options = FolderAlignmentOptions { detector, job, ..options };
        Ok(Self { job: AlignJob::plan(input, output, &options.job)?, options })
    }

    /// What is to be done.
    pub fn job(&self) -> &AlignJob {
        &self.job
    }

    /// Does the work and returns the final counts.
    ///
    /// `watch` is as for [`AlignJob::run`]. `left_out` is told, on any thread, of a face that could
    /// not be cut out although others of its image could; an image of whose faces none could counts as broken.
    ///
    /// # Errors
    /// Those of [`Detector::new`], [`Aligner::new`] and [`AlignJob::run`].
    pub fn run(self, runtime: &Runtime, left_out: impl Fn(&Error) + Sync, watch: &Watch<'_>) -> Result<AlignSummary> {
        let FolderAlignmentOptions { detector, image_size, margin, .. } = self.options;
        let cutter = Cutter {
            detector: Detector::new(runtime, detector)?,
            aligner: Aligner::new(Alignment::Margin { margin }, image_size)?,
            margin,
        };
        let worker = |images: &[Image]| {
            let mut aligned = Vec::with_capacity(images.len());
            for few in images.chunks(IMAGES_BETWEEN_LOOKS) {
                watch.check()?;
                aligned.extend(cutter.faces(few, &left_out)?);
            }
            Ok(aligned)
        };
        self.job.run(runtime.pool(), worker, watch)
    }
}

/// Cuts the faces out of images.
struct Cutter {
    detector: Detector,
    aligner: Aligner,
    margin: u32,
}

impl Cutter {
    /// The faces of each image.
    fn faces(&self, images: &[Image], left_out: &(impl Fn(&Error) + Sync)) -> Result<Vec<Result<Vec<AlignedFace>>>> {
        let frames: Vec<Frame<'_>> = images.iter().map(Image::frame).collect();
        let faces = self.detector.detect_batch(&frames)?;
        let cut = |(frame, faces): (&Frame<'_>, Vec<Face>)| {
            let crop =
                |face: &Face| self.aligner.align(&self.detector.turned_frame(frame, face), &face.rect, &face.landmarks);
            let cut = faces.iter().map(|face| self.face(frame, face, crop(face)?));
            without_failed(cut.collect(), left_out)
        };
        Ok(frames.par_iter().zip(faces).map(cut).collect())
    }

    fn face(&self, frame: &Frame<'_>, face: &Face, crop: Image) -> Result<AlignedFace> {
        let region = margin_region(&face.rect, self.margin, frame.width(), frame.height())?;
        let bounding_box = [region.x, region.y, region.x + region.width, region.y + region.height];
        Ok(AlignedFace { crop, bounding_box: bounding_box.map(|edge| edge as i32) })
    }
}

/// The faces that could be cut out; an error if there are faces and none could.
fn without_failed(faces: Vec<Result<AlignedFace>>, left_out: &impl Fn(&Error)) -> Result<Vec<AlignedFace>> {
    if faces.iter().all(Result::is_err) {
        return faces.into_iter().collect();
    }
    Ok(faces.into_iter().filter_map(|face| face.inspect_err(left_out).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use facenet_core::error::ErrorKind;

    fn face() -> Result<AlignedFace> {
        Ok(AlignedFace { crop: Image::default(), bounding_box: [0, 0, 1, 1] })
    }

    fn failure() -> Result<AlignedFace> {
        Err(Error::new(ErrorKind::InvalidArgument, "outside"))
    }

    #[test]
    fn a_face_that_fails_is_left_out_and_told_of() {
        let told = std::cell::Cell::new(0);
        let count = |_: &Error| told.set(told.get() + 1);
        assert_eq!(without_failed(vec![face(), failure(), face()], &count).unwrap().len(), 2);
        assert_eq!(told.get(), 1);
        assert!(without_failed(vec![failure(), failure()], &count).is_err());
        assert!(without_failed(vec![], &count).unwrap().is_empty());
        assert_eq!(told.get(), 1);
    }
}
