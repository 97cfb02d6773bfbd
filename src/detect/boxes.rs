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

/// Offsets of a box's left, top, right and bottom edge, as shares of its width and height.
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
    fn width(&self) -> f64 {
        self.x2 - self.x1
    }

    /// Vertical extent between the corner pixels' centres.
    fn height(&self) -> f64 {
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

    fn area(&self) -> f64 {
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
    pub(super) fn regressed_proposal(&self, regression: Regression) -> Candidate {
        self.moved(regression, self.width(), self.height())
    }

    /// The box after the regression of the later networks.
    pub(super) fn regressed(&self, regression: Regression) -> Candidate {
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

    fn overlap(&self, other: &Candidate, kind: Overlap) -> f64 {
        let width = (self.x2.min(other.x2) - self.x1.max(other.x1) + 1.0).max(0.0);
        let height = (self.y2.min(other.y2) - self.y1.max(other.y1) + 1.0).max(0.0);
        let shared = width * height;
        match kind {
            Overlap::Union => shared / (self.area() + other.area() - shared),
            Overlap::Minimum => shared / self.area().min(other.area()),
        }
    }
}

/// Greedy non-maximum suppression: the indices of the boxes that stay, best score first.
///
/// A box goes if its overlap with a better one that stays is more than `threshold`.
pub(super) fn suppress(boxes: &[Candidate], threshold: f64, kind: Overlap) -> Vec<usize> {
    let scores: Vec<f32> = boxes.iter().map(|candidate| candidate.score).collect();
    let mut kept: Vec<usize> = Vec::new();
    for index in ascending(&scores).into_iter().rev() {
        let candidate = &boxes[index];
        if kept.iter().all(|&better| candidate.overlap(&boxes[better], kind) <= threshold) {
            kept.push(index);
        }
    }
    kept
}

/// Longest list that is sorted by the network.
const NETWORK: usize = 64;

/// The indices of `scores` from the lowest to the highest.
///
/// In single precision the scores of good candidates often are equal, all of them 1, and then the order decides
/// which of several neighbouring boxes a face gets. It is the order of the reference: numpy's `argsort`, which
/// on processors with AVX-512 sorts up to 64 values by a bitonic network (Batcher, "Sorting networks and their
/// applications", 1968) that leaves equal values where they are.
fn ascending(scores: &[f32]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    if scores.len() > NETWORK {
        order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
        return order;
    }
    let padded = scores.len().next_power_of_two().max(8);
    order.extend(scores.len()..padded);
    let score = |index: usize| scores.get(index).copied().unwrap_or(f32::INFINITY);
    let mut exchange = |low: usize, high: usize| {
        if low < high && score(order[low]) > score(order[high]) {
            order.swap(low, high);
        }
    };
    let sizes = std::iter::successors(Some(2), |size| Some(size * 2)).take_while(|&size| size <= padded);
    for size in sizes {
        (0..padded).for_each(|index| exchange(index, index ^ (size - 1)));
        let strides = std::iter::successors(Some(size / 4), |stride| Some(stride / 2)).take_while(|&stride| stride > 0);
        for stride in strides {
            (0..padded).for_each(|index| exchange(index, index ^ stride));
        }
    }
    order.truncate(scores.len());
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_box() -> impl Strategy<Value = Candidate> {
        (0.0..300.0f64, 0.0..300.0f64, 0.0..120.0f64, 0.0..120.0f64, 0..50u32)
            .prop_map(|(x1, y1, w, h, score)| Candidate { x1, y1, x2: x1 + w, y2: y1 + h, score: score as f32 / 50.0 })
    }

    /// The original's loop, written out: take the best of the rest, drop what overlaps it.
    fn suppress_by_removal(boxes: &[Candidate], threshold: f64, kind: Overlap) -> Vec<usize> {
        let scores: Vec<f32> = boxes.iter().map(|candidate| candidate.score).collect();
        let mut rest = ascending(&scores);
        let mut picked = Vec::new();
        while let Some(best) = rest.pop() {
            picked.push(best);
            rest.retain(|&other| {
                let (a, b) = (&boxes[best], &boxes[other]);
                let w = (a.x2.min(b.x2) - a.x1.max(b.x1) + 1.0).max(0.0);
                let h = (a.y2.min(b.y2) - a.y1.max(b.y1) + 1.0).max(0.0);
                let area = |c: &Candidate| (c.x2 - c.x1 + 1.0) * (c.y2 - c.y1 + 1.0);
                let base = match kind {
                    Overlap::Union => area(a) + area(b) - w * h,
                    Overlap::Minimum => area(a).min(area(b)),
                };
                w * h / base <= threshold
            });
        }
        picked
    }

    /// Computed with numpy 1.26.4's `argsort` on a processor with AVX-512.
    #[test]
    fn equal_scores_have_the_order_of_numpy() {
        let cases: [(&[u8], &[usize]); 5] = [
            (&[2, 3, 0, 3, 1], &[2, 4, 0, 1, 3]),
            (&[2, 2, 1, 3, 0, 1, 1, 2], &[4, 2, 5, 6, 0, 1, 7, 3]),
            (&[1, 0, 0, 0, 0, 0, 3, 0, 2, 3, 0, 1, 1], &[1, 2, 3, 4, 7, 5, 10, 0, 12, 11, 8, 6, 9]),
            (
                &[1, 3, 0, 3, 3, 3, 0, 1, 2, 1, 2, 2, 2, 0, 3, 2, 3, 1, 1, 3, 0, 0, 1, 2, 0, 3, 1],
                &[2, 6, 13, 21, 20, 24, 9, 7, 17, 26, 18, 22, 0, 11, 8, 10, 12, 15, 23, 14, 3, 1, 5, 4, 16, 19, 25],
            ),
            (
                &[
                    0, 2, 3, 3, 3, 1, 0, 3, 2, 3, 0, 0, 2, 1, 1, 3, 0, 2, 1, 1, 3, 0, 1, 0, 0, 1, 2, 2, 1, 0, 3, 3, 0,
                    0, 1, 0, 3, 2, 2, 1, 2, 3, 0, 3, 0, 1, 3, 3, 0, 3,
                ],
                &[
                    0, 6, 10, 11, 24, 23, 21, 16, 29, 35, 48, 44, 42, 32, 33, 18, 25, 39, 19, 22, 13, 14, 5, 34, 45,
                    28, 27, 1, 26, 12, 8, 17, 40, 37, 38, 31, 7, 4, 9, 15, 2, 30, 20, 3, 43, 41, 46, 36, 47, 49,
                ],
            ),
        ];
        for (scores, order) in cases {
            let scores: Vec<f32> = scores.iter().map(|&score| f32::from(score)).collect();
            assert_eq!(ascending(&scores), order);
        }
    }

    proptest! {
        #[test]
        fn ascending_orders_any_scores(scores in prop::collection::vec(0u32..20, 0..200)) {
            let scores: Vec<f32> = scores.into_iter().map(|score| score as f32).collect();
            let mut order = ascending(&scores);
            prop_assert!(order.windows(2).all(|pair| scores[pair[0]] <= scores[pair[1]]));
            order.sort_unstable();
            prop_assert!(order.into_iter().eq(0..scores.len()));
        }

        #[test]
        fn suppression_equals_the_removal_loop(
            boxes in prop::collection::vec(any_box(), 0..60),
            threshold in 0.1..0.9f64,
            minimum in any::<bool>(),
        ) {
            let kind = if minimum { Overlap::Minimum } else { Overlap::Union };
            prop_assert_eq!(suppress(&boxes, threshold, kind), suppress_by_removal(&boxes, threshold, kind));
        }

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
            prop_assert_eq!(candidate.regressed([0.0; 4]), candidate);
            prop_assert_eq!(candidate.regressed_proposal([0.0; 4]), candidate);
        }
    }
}
