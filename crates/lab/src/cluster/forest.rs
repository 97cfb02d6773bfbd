//! Nearest neighbours of so many rows that all cannot be compared with all.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rayon::prelude::*;

use super::blocks::{Points, products};
use super::neighbors::Neighbors;
use super::parts::Parts;
use crate::watch::Watch;
use facenet_core::error::Result;
use facenet_core::internal::pool::ObjectPool;

/// Rows in a leaf, at most: all of them are compared with each other.
const LEAF: usize = 1024;
/// Trees of a forest.
const TREES: usize = 12;

/// The nearest neighbours that meet in a leaf of one of several random projection trees (Dasgupta and Freund, *Random
/// projection trees and low dimensional manifolds*, 2008), which split at the median of the projection onto the
/// difference of two random rows.
pub(super) fn neighbors(points: &Points<'_>, most: usize, seed: u64, parts: &mut Parts<'_>) -> Result<Neighbors> {
    let neighbors = Neighbors::new(points.len(), most);
    let forest = Forest { points, neighbors: &neighbors, buffers: ObjectPool::default(), watch: parts.watch() };
    let mut random = StdRng::seed_from_u64(seed);
    let mut rows: Vec<u32> = (0..points.len() as u32).collect();
    for tree in 0..TREES {
        parts.show(tree as f64 / TREES as f64)?;
        rows.sort_unstable();
        forest.grow(&mut rows, random.random());
    }
    parts.show(1.0)?;
    Ok(neighbors)
}

struct Forest<'a, 'p> {
    points: &'a Points<'p>,
    neighbors: &'a Neighbors,
    buffers: ObjectPool<Vec<f32>>,
    watch: &'a Watch<'a>,
}

impl Forest<'_, '_> {
    /// Splits the rows in halves until they are few enough to be compared.
    fn grow(&self, rows: &mut [u32], seed: u64) {
        if rows.len() <= LEAF {
            return self.compare(rows);
        }
        if self.watch.is_cancelled() {
            return;
        }
        let mut random = StdRng::seed_from_u64(seed);
        let mut any = || self.points.row(rows[random.random_range(0..rows.len())] as usize);
        let direction = &any() - &any();
        let mut sides: Vec<(f32, u32)> =
            rows.par_iter().map(|&row| (direction.dot(&self.points.row(row as usize)), row)).collect();
        let half = sides.len() / 2;
        sides.select_nth_unstable_by(half, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for (row, (_, side)) in rows.iter_mut().zip(sides) {
            *row = side;
        }
        let (left, right) = rows.split_at_mut(half);
        let seeds: [u64; 2] = [random.random(), random.random()];
        rayon::join(|| self.grow(left, seeds[0]), || self.grow(right, seeds[1]));
    }

    /// Compares the rows of a leaf with each other.
    fn compare(&self, rows: &mut [u32]) {
        // Sums of the blocks depend on the place of a row in them.
        rows.sort_unstable();
        let leaf = self.points.select(rows);
        self.buffers.lend(|buffer| {
            for (&a, products) in rows.iter().zip(products(leaf.view(), leaf.view(), buffer).rows()) {
                let mut nearest = self.neighbors.lock(a as usize);
                for (&b, &product) in rows.iter().zip(products).filter(|&(&b, _)| b != a) {
                    nearest.offer(b, self.points.squared_distance_from(a as usize, b as usize, product));
                }
            }
        });
    }
}
