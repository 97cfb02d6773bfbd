//! Finding faces and their landmarks with MTCNN.
//!
//! Three networks of growing size look at an image: P-Net slides over a pyramid of sizes, R-Net and O-Net look at
//! what it proposes (Zhang et al., "Joint Face Detection and Alignment Using Multitask Cascaded Convolutional
//! Networks", 2016, arXiv:1604.02878). Weights and arithmetic are those of facenet's `detect_face.py`.

mod boxes;
mod detector;
mod options;
mod proposal;
mod pyramid;
mod refine;
mod resample;
mod select;
mod suppress;

pub use detector::Detector;
pub use options::{DetectorOptions, MinFaceSize, Preset, Rotations, Selection};

use serde::{Deserialize, Serialize};

use crate::frame::Frame;
use crate::geometry::{Landmarks, Rect};

/// A face that was found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Face {
    /// Bounding box; may reach past the edges of the image.
    pub rect: Rect,
    /// Probability that this is a face, 0 to 1.
    pub score: f32,
    /// Eyes, nose and corners of the mouth.
    pub landmarks: Landmarks,
}

impl Face {
    /// The face, found in the stored pixels of `frame`, in the coordinates of its upright ones.
    pub(crate) fn to_upright(self, frame: &Frame<'_>) -> Self {
        Self {
            rect: frame.rect_to_upright(self.rect),
            score: self.score,
            landmarks: Landmarks(self.landmarks.0.map(|point| frame.to_upright(point))),
        }
    }

    /// The face, found in the upright pixels of `frame`, in the coordinates of its stored pixels.
    pub(crate) fn to_stored(self, frame: &Frame<'_>) -> Self {
        Self {
            rect: frame.rect_to_stored(self.rect),
            score: self.score,
            landmarks: Landmarks(self.landmarks.0.map(|point| frame.to_stored(point))),
        }
    }
}
