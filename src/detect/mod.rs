//! Finding faces.

use crate::geometry::{Landmarks, Rect};

/// A face that was found.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Face {
    /// Bounding box; may reach past the edges of the image.
    pub rect: Rect,
    /// Probability that this is a face, 0 to 1.
    pub score: f32,
    /// Eyes, nose and corners of the mouth.
    pub landmarks: Landmarks,
}

/// Settings of a [`Detector`].
#[derive(Debug, Clone, Default)]
pub struct DetectorOptions {}

/// Finds faces with MTCNN.
pub struct Detector {}
