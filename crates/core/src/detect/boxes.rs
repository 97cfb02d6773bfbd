//! Arithmetic on MTCNN's candidate boxes.
//!
//! Coordinates count pixels from 1 and both corners belong to the box, as in the original MATLAB code
//! (Zhang et al., "Joint Face Detection and Alignment Using Multitask Cascaded Convolutional Networks",
//! 2016) and in facenet's `detect_face.py`, whose double precision is kept as well.

/// A box that may hold a face.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub(super) x1: f64,
    pub(super) y1: f64,
    pub(super) x2: f64,
    pub(super) y2: f64,
    pub(super) score: f32,
}

/// Offsets of a box's left, top, right and bottom edge, as fractions of its width and height.
pub(super) type Regression = [f32; 4];

/// What the overlap of two boxes is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overlap {
    /// The area that the boxes cover together.
    Union,
    /// The area of the smaller box.
    Minimum,
}

impl Candidate {
    /// Horizontal extent between the corner pixels' centres.
    pub(super) fn width(&self) -> f64 {
        self.x2 - self.x1
    }

    /// Vertical extent between the corner pixels' centres.
    pub(super) fn height(&self) -> f64 {
        self.y2 - self.y1
    }

    /// Number of pixels across.
    pub(super) fn columns(&self) -> f64 {
        self.width() + 1.0
    }

    /// Number of pixels down.
    pub(super) fn rows(&self) -> f64 {
        self.height() + 1.0
    }

    pub(super) fn area(&self) -> f64 {
        self.columns() * self.rows()
    }

    /// Moves the edges by `regression` times `width` and `height`.
    fn moved(&self, regression: Regression, width: f64, height: f64) -> Candidate {
        let [left, top, right, bottom] = regression.map(f64::from);
        Candidate {
            x1: self.x1 + left * width,
            y1: self.y1 + top * height,
            x2: self.x2 + right * width,
            y2: self.y2 + bottom * height,
            score: self.score,
        }
    }

    /// The box after the proposal network's regression, which does not count the last pixel.
    pub(super) fn apply_proposal_regression(&self, regression: Regression) -> Candidate {
        self.moved(regression, self.width(), self.height())
    }

    /// The box after the regression of the later networks.
    pub(super) fn apply_regression(&self, regression: Regression) -> Candidate {
        self.moved(regression, self.columns(), self.rows())
    }

    /// The square around the same centre with the longer side.
    pub(super) fn squared(&self) -> Candidate {
        let (width, height) = (self.width(), self.height());
        let side = width.max(height);
        let x1 = self.x1 + width * 0.5 - side * 0.5;
        let y1 = self.y1 + height * 0.5 - side * 0.5;
        Candidate { x1, y1, x2: x1 + side, y2: y1 + side, score: self.score }
    }

    /// The box with its coordinates cut to whole numbers, towards zero.
    pub(super) fn truncated(&self) -> Candidate {
        Candidate {
            x1: self.x1.trunc(),
            y1: self.y1.trunc(),
            x2: self.x2.trunc(),
            y2: self.y2.trunc(),
            score: self.score,
        }
    }

    pub(super) fn overlap(&self, other: &Candidate, kind: Overlap) -> f64 {
        let width = (self.x2.min(other.x2) - self.x1.max(other.x1) + 1.0).max(0.0);
        let height = (self.y2.min(other.y2) - self.y1.max(other.y1) + 1.0).max(0.0);
        let shared = width * height;
        match kind {
            Overlap::Union => shared / (self.area() + other.area() - shared),
            Overlap::Minimum => shared / self.area().min(other.area()),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(in crate::detect) fn any_box() -> impl Strategy<Value = Candidate> {
        (0.0..300.0f64, 0.0..300.0f64, 0.0..120.0f64, 0.0..120.0f64, 0..50u32)
            .prop_map(|(x1, y1, w, h, score)| Candidate { x1, y1, x2: x1 + w, y2: y1 + h, score: score as f32 / 50.0 })
    }

    proptest! {
        #[test]
        fn a_square_keeps_the_centre_and_the_longer_side(candidate in any_box()) {
            let square = candidate.squared();
            prop_assert!((square.width() - square.height()).abs() < 1e-9);
            prop_assert!((square.width() - candidate.width().max(candidate.height())).abs() < 1e-9);
            prop_assert!((square.x1 + square.x2 - candidate.x1 - candidate.x2).abs() < 1e-9);
            prop_assert!((square.y1 + square.y2 - candidate.y1 - candidate.y2).abs() < 1e-9);
        }

        #[test]
        fn zero_regression_moves_nothing(candidate in any_box()) {
            prop_assert_eq!(candidate.apply_regression([0.0; 4]), candidate);
            prop_assert_eq!(candidate.apply_proposal_regression([0.0; 4]), candidate);
        }
    }
}
