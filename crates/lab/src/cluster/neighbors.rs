//! The nearest neighbours of every row.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::blocks::Points;
use super::parts::Parts;
use facenet_core::error::Result;

/// The nearest rows of each row, found by many threads at once.
pub(super) struct Neighbors(Vec<Mutex<Nearest>>);

impl Neighbors {
    /// Up to `most` neighbours for each of `count` rows, none yet.
    pub(super) fn new(count: usize, most: usize) -> Self {
        let most = most.min(count.saturating_sub(1));
        Self((0..count).map(|_| Mutex::new(Nearest { found: Vec::with_capacity(most), most })).collect())
    }

    /// Compares all rows with all.
    pub(super) fn exact(points: &Points<'_>, most: usize, parts: &mut Parts<'_>) -> Result<Self> {
        let neighbors = Self::new(points.len(), most);
        points.for_each_block(parts, |block| {
            block.for_each_row(|row, first, products| {
                let mut nearest = neighbors.lock(row);
                for (other, &product) in (first..).zip(products) {
                    if other != row {
                        nearest.offer(other as u32, points.squared_distance_from(row, other, product));
                    }
                }
            });
            Ok(())
        })?;
        Ok(neighbors)
    }

    /// The neighbours of a row so far.
    pub(super) fn lock(&self, row: usize) -> MutexGuard<'_, Nearest> {
        self.0[row].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Pairs of neighbours, each once, ascending.
    pub(super) fn into_pairs(self) -> Vec<(u32, u32)> {
        let nearest = self.0.into_iter().map(|nearest| nearest.into_inner().unwrap_or_else(PoisonError::into_inner));
        let pair = |a: u32, b: u32| (a.min(b), a.max(b));
        let mut pairs: Vec<_> = (0..)
            .zip(nearest)
            .flat_map(|(a, nearest)| nearest.found.into_iter().map(move |(_, b)| pair(a, b)))
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }
}

/// The nearest rows of one.
pub(super) struct Nearest {
    /// Squared distance and row, ascending.
    found: Vec<(f32, u32)>,
    most: usize,
}

impl Nearest {
    /// Takes a row in if it is one of the nearest and not known yet.
    pub(super) fn offer(&mut self, row: u32, squared_distance: f32) {
        let full = self.found.len() == self.most;
        if full && self.found.last().is_none_or(|&farthest| farthest <= (squared_distance, row)) {
            return;
        }
        let place = self.found.partition_point(|&known| known < (squared_distance, row));
        if self.found.iter().any(|&(_, known)| known == row) {
            return;
        }
        if full {
            self.found.pop();
        }
        self.found.insert(place, (squared_distance, row));
    }
}
