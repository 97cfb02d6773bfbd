//! Non-maximum suppression.

use std::collections::HashMap;

use super::boxes::{Candidate, Overlap};

/// Greedy non-maximum suppression: the indices of the boxes that stay, best score first.
///
/// A box goes if its overlap with a better one that stays is more than `threshold`.
pub(super) fn suppress(boxes: &[Candidate], threshold: f64, kind: Overlap) -> Vec<usize> {
    let scores: Vec<f32> = boxes.iter().map(|candidate| candidate.score).collect();
    let mut kept = Kept::default();
    for index in ascending(&scores).into_iter().rev() {
        let candidate = &boxes[index];
        let stays = |better: &Candidate| candidate.overlap(better, kind) <= threshold;
        if kept.all_near(candidate, threshold, kind, stays) {
            kept.push(index, *candidate);
        }
    }
    kept.order
}

/// The boxes that stay, found again by place: a crowd or a noisy picture has tens of thousands.
///
/// Boxes whose longer side is of the same power of two share a grid of squares twice that large, and lie in the square
/// that holds their top left corner.
#[derive(Default)]
struct Kept {
    order: Vec<usize>,
    grids: Vec<Grid>,
}

struct Grid {
    /// Side of a square, above the side of every box in the grid.
    side: f64,
    squares: HashMap<(i64, i64), Vec<Candidate>>,
}

impl Kept {
    fn push(&mut self, index: usize, candidate: Candidate) {
        self.order.push(index);
        let longer = candidate.width().max(candidate.height()).max(1.0);
        let side = (longer.log2().floor() + 1.0).exp2();
        let at = self.grids.iter().position(|grid| grid.side == side).unwrap_or_else(|| {
            self.grids.push(Grid { side, squares: HashMap::new() });
            self.grids.len() - 1
        });
        let grid = &mut self.grids[at];
        grid.squares.entry(square(candidate.x1, candidate.y1, side)).or_default().push(candidate);
    }

    /// Whether `test` holds for each box whose overlap with `candidate` could be more than `threshold`.
    fn all_near(
        &self,
        candidate: &Candidate,
        threshold: f64,
        kind: Overlap,
        test: impl Fn(&Candidate) -> bool,
    ) -> bool {
        // What two boxes share is no more than the smaller of them, so far smaller boxes are no rivals in the union.
        let least = match kind {
            Overlap::Union => (threshold * candidate.area()).sqrt(),
            Overlap::Minimum => 0.0,
        };
        self.grids.iter().filter(|grid| grid.side + 1.0 >= least).all(|grid| {
            // One pixel more on each side: corners belong to the boxes.
            let (left, top) = square(candidate.x1 - grid.side - 1.0, candidate.y1 - grid.side - 1.0, grid.side);
            let (right, bottom) = square(candidate.x2 + 1.0, candidate.y2 + 1.0, grid.side);
            let rows = bottom.saturating_sub(top).saturating_add(1);
            let squares = right.saturating_sub(left).saturating_add(1).saturating_mul(rows);
            if squares > grid.squares.len() as i64 {
                return grid.squares.values().flatten().all(&test);
            }
            (top..=bottom)
                .flat_map(|row| (left..=right).map(move |column| (column, row)))
                .filter_map(|square| grid.squares.get(&square))
                .flatten()
                .all(&test)
        })
    }
}

/// Column and row of the square that holds a point.
fn square(x: f64, y: f64, side: f64) -> (i64, i64) {
    ((x / side).floor() as i64, (y / side).floor() as i64)
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

    use super::super::boxes::tests::any_box;
    use super::*;

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
            boxes in prop::collection::vec(any_box(), 0..150),
            threshold in 0.1..0.9f64,
            minimum in any::<bool>(),
        ) {
            let kind = if minimum { Overlap::Minimum } else { Overlap::Union };
            prop_assert_eq!(suppress(&boxes, threshold, kind), suppress_by_removal(&boxes, threshold, kind));
        }
    }
}
