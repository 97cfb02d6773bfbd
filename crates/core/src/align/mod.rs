//! Cutting faces out of frames in the form that an embedding network expects.
//!
//! There are two ways. The *margin crop* widens the detection box and resizes it, as facenet's
//! `align_dataset_mtcnn` does. The *similarity warp* turns, scales and moves the face so that its five landmarks
//! come to lie on a template, as InsightFace does for ArcFace. Which one a model needs is written in its
//! [`EmbeddingSpec`](crate::model::EmbeddingSpec).

mod margin;
mod similarity;
mod warp;

#[doc(hidden)]
pub use margin::margin_region;
pub use similarity::Similarity;
pub use warp::Border;
#[doc(hidden)]
pub use warp::crop as warp;

use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Frame, Image};
use crate::geometry::{Landmarks, Point, Rect};
use crate::model::Alignment;

/// Where ArcFace's networks expect the five landmarks, in a crop of 112 x 112 pixels (InsightFace).
pub const ARCFACE_TEMPLATE: Landmarks = Landmarks([
    Point::new(38.2946, 51.6963),
    Point::new(73.5318, 51.5014),
    Point::new(56.0252, 71.7366),
    Point::new(41.5493, 92.3655),
    Point::new(70.7299, 92.2041),
]);

const ARCFACE_SIZE: f32 = 112.0;
const MAX_SIZE: u32 = 4096;

/// Cuts faces out of frames: square RGB crops.
///
/// An aligner is immutable and may be used by many threads at once; what changes is in [`AlignScratch`].
///
/// ```
/// use facenet::align::Aligner;
/// use facenet::model::Alignment;
/// use facenet::{Image, Landmarks, Rect};
///
/// # fn main() -> facenet::Result<()> {
/// let image = Image::from_rgb(250, 250, vec![127; 250 * 250 * 3])?;
/// let aligner = Aligner::new(Alignment::Margin { margin: 32 }, 160)?;
/// // A margin crop has no need of landmarks.
/// let crop = aligner.align(&image.frame(), &Rect::new(80.0, 70.0, 170.0, 190.0), &Landmarks::default())?;
/// assert_eq!((crop.width(), crop.height()), (160, 160));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Aligner {
    method: Method,
    size: u32,
}

#[derive(Debug, Clone)]
enum Method {
    Margin { margin: u32 },
    Warp { template: Landmarks, border: Border },
}

/// Buffers that are used again from face to face: nothing is allocated for them once they have grown.
#[derive(Debug, Default)]
pub struct AlignScratch {
    /// The part of the upright image that the crop is made from.
    region: Image,
    /// The same part, reduced.
    reduced: Image,
    resizer: fast_image_resize::Resizer,
}

impl Aligner {
    /// An aligner for crops of `size` x `size` pixels, cut as a model's description says.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the size is 0 or greater than 4096.
    pub fn new(alignment: Alignment, size: u32) -> Result<Self> {
        match alignment {
            Alignment::Margin { margin } => Ok(Self { method: Method::Margin { margin }, size: check_size(size)? }),
            Alignment::Arcface => {
                let scale = size as f32 / ARCFACE_SIZE;
                let template = ARCFACE_TEMPLATE.0.map(|point| Point::new(scale * point.x, scale * point.y));
                Self::with_template(Landmarks(template), size)
            }
        }
    }

    /// An aligner that warps the landmarks to `template`, in pixels of a crop of `size` x `size` pixels.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the size is 0 or greater than 4096, or the points of the template coincide
    /// or are not numbers.
    pub fn with_template(template: Landmarks, size: u32) -> Result<Self> {
        let size = check_size(size)?;
        Similarity::fit(&template, &template).map_err(|error| error.context("template"))?;
        Ok(Self { method: Method::Warp { template, border: Border::default() }, size })
    }

    /// The same aligner with another rule for what lies outside the image. It has no effect on margin crops, which
    /// end at the edge of the image.
    #[must_use]
    pub fn with_border(mut self, new: Border) -> Self {
        if let Method::Warp { border, .. } = &mut self.method {
            *border = new;
        }
        self
    }

    /// Width and height of the crops in pixels.
    pub fn size(&self) -> u32 {
        self.size
    }

    /// Cuts one face out of `frame`. The rectangle and the landmarks are in the coordinates of the stored pixels; the
    /// crop is upright.
    ///
    /// The margin crop uses the rectangle only, the warp the landmarks only.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if what is used of the face is not made of numbers, is degenerate (an empty
    /// rectangle, landmarks that coincide), or lies outside the image.
    pub fn align(&self, frame: &Frame<'_>, rect: &Rect, landmarks: &Landmarks) -> Result<Image> {
        let mut crop = Image::default();
        self.align_into(frame, rect, landmarks, &mut AlignScratch::default(), &mut crop)?;
        Ok(crop)
    }

    /// As [`Aligner::align`], written to `crop`.
    ///
    /// # Errors
    /// As [`Aligner::align`]; `crop` is then as it was.
    pub fn align_into(
        &self,
        frame: &Frame<'_>,
        rect: &Rect,
        landmarks: &Landmarks,
        scratch: &mut AlignScratch,
        crop: &mut Image,
    ) -> Result<()> {
        match &self.method {
            Method::Margin { margin } => {
                margin::crop(frame, &frame.rect_to_upright(*rect), *margin, self.size, scratch, crop)
            }
            Method::Warp { template, border } => {
                let landmarks = Landmarks(landmarks.0.map(|point| frame.to_upright(point)));
                let to_crop = Similarity::fit(&landmarks, template)?;
                warp::crop(frame, &to_crop, *border, self.size, scratch, crop)
            }
        }
    }

    /// Cuts all `faces` out of `frame`, in their order: a crop or the reason why there is none for each of them.
    pub fn align_each<'f>(
        &self,
        frame: &Frame<'_>,
        faces: impl IntoIterator<Item = (&'f Rect, &'f Landmarks)>,
    ) -> Vec<Result<Image>> {
        let mut scratch = AlignScratch::default();
        faces
            .into_iter()
            .map(|(rect, landmarks)| {
                let mut crop = Image::default();
                self.align_into(frame, rect, landmarks, &mut scratch, &mut crop)?;
                Ok(crop)
            })
            .collect()
    }
}

fn check_size(size: u32) -> Result<u32> {
    if (1..=MAX_SIZE).contains(&size) {
        return Ok(size);
    }
    Err(Error::new(ErrorKind::InvalidArgument, format!("a crop of {size} pixels: the size must be 1 to {MAX_SIZE}")))
}
