//! Points, rectangles and the five facial landmarks, in pixels.
//!
//! The x axis points right and the y axis down. Coordinates are those of the caller's image unless a
//! function says otherwise.

use serde::{Deserialize, Serialize};

/// A position in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Point {
    /// Distance from the left edge.
    pub x: f32,
    /// Distance from the top edge.
    pub y: f32,
}

impl Point {
    /// The point at (`x`, `y`).
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }
}

/// A rectangle between two corners, in pixels. It may reach past the edges of the image.
///
/// ```
/// use facenet::Rect;
///
/// let a = Rect::new(0.0, 0.0, 10.0, 10.0);
/// let b = Rect::new(5.0, 0.0, 15.0, 10.0);
/// assert_eq!(a.area(), 100.0);
/// assert!((a.iou(&b) - 1.0 / 3.0).abs() < 1e-6);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Rect {
    /// Left edge.
    pub x1: f32,
    /// Top edge.
    pub y1: f32,
    /// Right edge.
    pub x2: f32,
    /// Bottom edge.
    pub y2: f32,
}

impl Rect {
    /// The rectangle from (`x1`, `y1`) to (`x2`, `y2`).
    pub const fn new(x1: f32, y1: f32, x2: f32, y2: f32) -> Self {
        Self { x1, y1, x2, y2 }
    }

    /// Horizontal extent; negative if the corners are swapped.
    pub fn width(&self) -> f32 {
        self.x2 - self.x1
    }

    /// Vertical extent; negative if the corners are swapped.
    pub fn height(&self) -> f32 {
        self.y2 - self.y1
    }

    /// Area in square pixels, 0 for an empty rectangle.
    pub fn area(&self) -> f32 {
        self.width().max(0.0) * self.height().max(0.0)
    }

    /// The point in the middle.
    pub fn center(&self) -> Point {
        Point::new((self.x1 + self.x2) / 2.0, (self.y1 + self.y2) / 2.0)
    }

    /// The part that lies in both rectangles; empty if there is none.
    #[must_use]
    pub fn intersection(&self, other: &Rect) -> Rect {
        let (x1, y1) = (self.x1.max(other.x1), self.y1.max(other.y1));
        Rect::new(x1, y1, self.x2.min(other.x2).max(x1), self.y2.min(other.y2).max(y1))
    }

    /// Intersection over union, from 0 (apart) to 1 (the same).
    pub fn iou(&self, other: &Rect) -> f32 {
        let shared = self.intersection(other).area();
        let union = self.area() + other.area() - shared;
        if union > 0.0 { shared / union } else { 0.0 }
    }

    /// Whether every coordinate is a number and the corners are in order.
    pub fn is_valid(&self) -> bool {
        [self.x1, self.y1, self.x2, self.y2].iter().all(|v| v.is_finite()) && self.x1 < self.x2 && self.y1 < self.y2
    }
}

/// Five facial landmarks: left eye, right eye, nose tip, left and right corner of the mouth.
///
/// Left and right are those of an upright image, as the viewer sees it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Landmarks(pub [Point; 5]);

impl Landmarks {
    /// Whether every coordinate is a number.
    pub fn is_valid(&self) -> bool {
        self.0.iter().all(|point| point.x.is_finite() && point.y.is_finite())
    }
}
