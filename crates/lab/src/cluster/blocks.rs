//! All pairs of rows, as blocks of a matrix product.

use std::ops::Range;

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewMut2, Axis, s};
use rayon::prelude::*;

use super::parts::Parts;
use facenet_core::error::Result;
use facenet_core::internal::pool::ObjectPool;

/// Rows and columns of a block; with it and both its factors of 512 columns the second-level cache is full.
const SIDE: usize = 512;
/// Blocks for each thread between two looks at whether to stop.
const BLOCKS_PER_THREAD: usize = 16;

/// The rows of a matrix and what is needed to tell how far two are apart.
///
/// Products of rows come from blocks in single precision. A decision that this could get wrong is made again in double
/// precision, so that it does not depend on the place of a pair in its block.
pub(super) struct Points<'a> {
    vectors: ArrayView2<'a, f32>,
    /// Squared length of each row.
    squares: Vec<f32>,
    /// Most that single precision is wrong by, as a fraction of the sum of both squared lengths.
    error: f32,
}

impl<'a> Points<'a> {
    pub(super) fn new(vectors: ArrayView2<'a, f32>) -> Self {
        let square = |row: ArrayView1<'_, f32>| row.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>() as f32;
        let squares = vectors.rows().into_iter().map(square).collect();
        // Higham, Accuracy and Stability of Numerical Algorithms, 3.1: a sum of d products is wrong by no more than d
        // rounding errors. Twice that and a few more, for the sums around it.
        let error = (vectors.ncols() + 8) as f32 * f32::EPSILON;
        Self { vectors, squares, error }
    }

    pub(super) fn len(&self) -> usize {
        self.squares.len()
    }

    pub(super) fn row(&self, index: usize) -> ArrayView1<'_, f32> {
        self.vectors.row(index)
    }

    /// The rows with these numbers.
    pub(super) fn select(&self, rows: &[u32]) -> Array2<f32> {
        let rows: Vec<usize> = rows.iter().map(|&row| row as usize).collect();
        self.vectors.select(Axis(0), &rows)
    }

    /// The squared distance of two rows in double precision.
    pub(super) fn squared_distance(&self, a: usize, b: usize) -> f64 {
        self.terms(a, b).map(|(x, y)| (x - y).powi(2)).sum()
    }

    fn dot(&self, a: usize, b: usize) -> f64 {
        self.terms(a, b).map(|(x, y)| x * y).sum()
    }

    fn terms(&self, a: usize, b: usize) -> impl Iterator<Item = (f64, f64)> {
        self.row(a).into_iter().zip(self.row(b)).map(|(&x, &y)| (f64::from(x), f64::from(y)))
    }

    /// What a squared distance or a dot product may be wrong by.
    fn slack(&self, a: usize, b: usize) -> f32 {
        // Products that are too small for single precision vanish.
        (self.squares[a] + self.squares[b]).max(f32::MIN_POSITIVE / f32::EPSILON) * self.error
    }

    /// The squared distance of two rows, given their product in single precision.
    pub(super) fn squared_distance_from(&self, a: usize, b: usize, product: f32) -> f32 {
        let squared = self.squares[a] + self.squares[b] - 2.0 * product;
        // What is left of a difference of near equals is noise.
        if squared < 64.0 * self.slack(a, b) { self.squared_distance(a, b) as f32 } else { squared }
    }

    /// Calls `found` for each pair of rows that are no farther apart than `distance`, from many threads at once.
    pub(super) fn for_each_within(
        &self,
        distance: f64,
        parts: &mut Parts<'_>,
        found: impl Fn(u32, u32) + Sync,
    ) -> Result<()> {
        let most = distance * distance;
        self.for_each_block(parts, |block| {
            block.for_each(|a, b, product| {
                let squared = self.squares[a] + self.squares[b] - 2.0 * product;
                let (squared, slack) = (f64::from(squared), f64::from(self.slack(a, b)));
                if squared <= most + slack && (squared < most - slack || self.squared_distance(a, b) <= most) {
                    found(a as u32, b as u32);
                }
            });
            Ok(())
        })
    }

    /// Calls `found` with all pairs of rows of a block whose dot product is more than `threshold`, and the product,
    /// from many threads at once. Ends soon after it failed.
    pub(super) fn for_each_alike(
        &self,
        threshold: f64,
        parts: &mut Parts<'_>,
        found: impl Fn(&[(u32, u32, f32)]) -> Result<()> + Sync,
    ) -> Result<()> {
        let spare = ObjectPool::<Vec<(u32, u32, f32)>>::default();
        self.for_each_block(parts, |block| {
            spare.lend(|pairs| {
                pairs.clear();
                block.for_each(|a, b, product| {
                    let (near, slack) = (f64::from(product), f64::from(self.slack(a, b)));
                    if near > threshold - slack && (near > threshold + slack || self.dot(a, b) > threshold) {
                        pairs.push((a as u32, b as u32, product));
                    }
                });
                found(pairs)
            })
        })
    }

    /// Calls `visit` with every block of the upper triangle, from many threads at once. Ends soon after it failed.
    pub(super) fn for_each_block(
        &self,
        parts: &mut Parts<'_>,
        visit: impl Fn(Block<'_>) -> Result<()> + Sync,
    ) -> Result<()> {
        let starts = || (0..self.len()).step_by(SIDE);
        let corners: Vec<_> = starts().flat_map(|a| starts().filter(move |&b| b >= a).map(move |b| (a, b))).collect();
        let buffers = ObjectPool::<Vec<f32>>::default();
        let together = BLOCKS_PER_THREAD * rayon::current_num_threads();
        for (index, some) in corners.chunks(together).enumerate() {
            parts.show((index * together) as f64 / corners.len() as f64)?;
            some.par_iter().try_for_each(|&(row, column)| {
                let rows = |start| start..self.len().min(start + SIDE);
                buffers.lend(|buffer| visit(self.block(rows(row), rows(column), buffer)))
            })?;
        }
        Ok(())
    }

    /// The products of some rows with some others.
    pub(super) fn block<'b>(&self, rows: Range<usize>, columns: Range<usize>, buffer: &'b mut Vec<f32>) -> Block<'b> {
        let part = |range: Range<usize>| self.vectors.slice(s![range, ..]);
        let (row, column) = (rows.start, columns.start);
        Block { row, column, products: products(part(rows), part(columns), buffer) }
    }
}

/// The dot products of the rows of two matrices.
pub(super) fn products<'b>(
    a: ArrayView2<'_, f32>,
    b: ArrayView2<'_, f32>,
    buffer: &'b mut Vec<f32>,
) -> ArrayView2<'b, f32> {
    let shape = (a.nrows(), b.nrows());
    buffer.resize(buffer.len().max(shape.0 * shape.1), 0.0);
    let buffer = &mut buffer[..shape.0 * shape.1];
    if let Ok(mut products) = ArrayViewMut2::from_shape(shape, buffer) {
        general_mat_mul(1.0, &a, &b.t(), 0.0, &mut products);
    }
    ArrayView2::from_shape(shape, buffer).unwrap_or_else(|_| unreachable!("the buffer has the size of the product"))
}

/// Dot products of some rows with some others.
pub(super) struct Block<'a> {
    row: usize,
    column: usize,
    products: ArrayView2<'a, f32>,
}

impl Block<'_> {
    /// Calls `each` with both rows and their product, for every pair whose first is before its second.
    pub(super) fn for_each(&self, mut each: impl FnMut(usize, usize, f32)) {
        for (row, products) in (self.row..).zip(self.products.rows()) {
            let skipped = (row + 1).saturating_sub(self.column);
            for (column, &product) in (self.column..).zip(products).skip(skipped) {
                each(row, column, product);
            }
        }
    }

    /// Calls `each` with a row, the number of the first of the others of the block, and the products with them, for
    /// every row of either side.
    pub(super) fn for_each_row(&self, each: impl Fn(usize, usize, ArrayView1<'_, f32>)) {
        for (row, products) in (self.row..).zip(self.products.rows()) {
            each(row, self.column, products);
        }
        if self.row != self.column {
            for (row, products) in (self.column..).zip(self.products.columns()) {
                each(row, self.row, products);
            }
        }
    }
}
