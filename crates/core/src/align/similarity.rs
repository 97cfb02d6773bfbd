//! Similarity transforms: turning, scaling evenly and moving.

use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Landmarks, Point};

/// Sum of squared distances to their mean, in square pixels, up to which points count as one point.
const MIN_SPREAD: f64 = 1e-3;
/// Below this scale a face of the template's size would be larger than any image.
const MIN_SCALE: f64 = 1e-5;

/// A rotation, an even scale and a translation: `(x, y)` goes to `(a x - b y + tx, b x + a y + ty)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Similarity {
    a: f64,
    b: f64,
    tx: f64,
    ty: f64,
}

impl Similarity {
    /// The transform that brings the points `from` closest to the points `to`, by the sum of squared distances.
    ///
    /// It is the one that Umeyama gives ("Least-squares estimation of transformation parameters between two point
    /// patterns", 1991): in two dimensions the problem is linear in `a`, `b`, `tx` and `ty`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if a coordinate is not a number, the points of `from` coincide, or no rotation
    /// brings the two sets nearer to each other (such as for a set and its mirror image, at times).
    ///
    /// ```
    /// use facenet::align::{ARCFACE_TEMPLATE, Similarity};
    /// use facenet::{Landmarks, Point};
    ///
    /// # fn main() -> facenet::Result<()> {
    /// let twice = Landmarks(ARCFACE_TEMPLATE.0.map(|point| Point::new(2.0 * point.x + 7.0, 2.0 * point.y)));
    /// let to_template = Similarity::fit(&twice, &ARCFACE_TEMPLATE)?;
    /// assert!((to_template.scale() - 0.5).abs() < 1e-6);
    /// let (x, y) = to_template.apply(107.0, 100.0);
    /// assert!((x - 50.0).abs() < 1e-4 && (y - 50.0).abs() < 1e-4);
    /// # Ok(())
    /// # }
    /// ```
    pub fn fit(from: &Landmarks, to: &Landmarks) -> Result<Self> {
        if !from.is_valid() || !to.is_valid() {
            return Err(Error::new(ErrorKind::InvalidArgument, "the landmarks are not numbers"));
        }
        let (from_mean, to_mean) = (mean(from), mean(to));
        let (mut spread, mut along, mut across) = (0.0, 0.0, 0.0);
        for (from, to) in from.0.iter().zip(&to.0) {
            let (x, y) = (f64::from(from.x) - from_mean.0, f64::from(from.y) - from_mean.1);
            let (u, v) = (f64::from(to.x) - to_mean.0, f64::from(to.y) - to_mean.1);
            spread += x * x + y * y;
            along += x * u + y * v;
            across += x * v - y * u;
        }
        if spread < MIN_SPREAD {
            return Err(Error::new(ErrorKind::InvalidArgument, "the landmarks are all in one place"));
        }
        let (a, b) = (along / spread, across / spread);
        if a.hypot(b) < MIN_SCALE {
            return Err(Error::new(ErrorKind::InvalidArgument, "the landmarks do not have the shape of a face"));
        }
        let (tx, ty) = (to_mean.0 - a * from_mean.0 + b * from_mean.1, to_mean.1 - b * from_mean.0 - a * from_mean.1);
        Ok(Self { a, b, tx, ty })
    }

    /// A turn by `angle` radians (from x towards y) and a scale that bring the point `from` to the point `to`.
    #[doc(hidden)]
    pub fn about(from: (f64, f64), angle: f64, scale: f64, to: (f64, f64)) -> Self {
        let (a, b) = (scale * angle.cos(), scale * angle.sin());
        Self { a, b, tx: to.0 - a * from.0 + b * from.1, ty: to.1 - b * from.0 - a * from.1 }
    }

    /// How many times longer distances become.
    pub fn scale(&self) -> f64 {
        self.a.hypot(self.b)
    }

    /// The angle from the x axis towards the y axis by which directions turn, in radians: clockwise on the screen.
    pub fn rotation(&self) -> f64 {
        self.b.atan2(self.a)
    }

    /// Where the point (`x`, `y`) goes.
    pub fn apply(&self, x: f64, y: f64) -> (f64, f64) {
        (self.a * x - self.b * y + self.tx, self.b * x + self.a * y + self.ty)
    }

    /// The transform that leads back.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let square = self.a * self.a + self.b * self.b;
        let (a, b) = (self.a / square, -self.b / square);
        Self { a, b, tx: -(a * self.tx - b * self.ty), ty: -(b * self.tx + a * self.ty) }
    }
}

fn mean(landmarks: &Landmarks) -> (f64, f64) {
    let sum = |coordinate: fn(&Point) -> f32| landmarks.0.iter().map(|point| f64::from(coordinate(point))).sum::<f64>();
    (sum(|point| point.x) / 5.0, sum(|point| point.y) / 5.0)
}
