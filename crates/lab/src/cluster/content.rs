//! An order of rows that depends on what is in them, not on where they stand.

use std::cmp::Ordering;

use ndarray::{Array2, ArrayView2, Axis};

/// The rows in the order of their values, the first value first.
pub(super) fn order(vectors: ArrayView2<'_, f32>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..vectors.nrows()).collect();
    order.sort_by(|&a, &b| compare(vectors, a, b));
    order
}

/// The different rows of a matrix, in the order of their values.
pub(super) struct Distinct {
    pub(super) vectors: Array2<f32>,
    /// How often each occurs.
    pub(super) counts: Vec<u32>,
    /// The place of each row of the matrix among the different ones.
    pub(super) places: Vec<u32>,
}

impl Distinct {
    pub(super) fn of(vectors: ArrayView2<'_, f32>) -> Self {
        let (mut firsts, mut counts, mut places) = (Vec::new(), Vec::new(), vec![0; vectors.nrows()]);
        for row in order(vectors) {
            match (firsts.last(), counts.last_mut()) {
                (Some(&last), Some(count)) if compare(vectors, last, row).is_eq() => *count += 1,
                _ => {
                    firsts.push(row);
                    counts.push(1);
                }
            }
            places[row] = firsts.len() as u32 - 1;
        }
        Self { vectors: vectors.select(Axis(0), &firsts), counts, places }
    }
}

fn compare(vectors: ArrayView2<'_, f32>, a: usize, b: usize) -> Ordering {
    vectors.row(a).iter().partial_cmp(vectors.row(b).iter()).unwrap_or(Ordering::Equal)
}
