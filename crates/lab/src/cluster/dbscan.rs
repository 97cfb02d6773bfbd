//! DBSCAN.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ndarray::ArrayView2;

use super::blocks::Points;
use super::components::Components;
use super::parts::Parts;
use super::{ClusterOptions, Clusters};
use facenet_core::error::Result;

/// [`Algorithm::Dbscan`](super::Algorithm::Dbscan) with the labels of scikit-learn's `DBSCAN`.
///
/// A few bytes a row beside the blocks of products.
pub(super) fn dbscan(
    vectors: ArrayView2<'_, f32>,
    threshold: f64,
    options: &ClusterOptions,
    parts: &mut Parts<'_>,
) -> Result<Clusters> {
    let points = Points::new(vectors);
    let count = points.len();
    let components = Components::new(count);
    // With up to two samples, whoever has a neighbour is a core point: one look at the pairs is enough.
    if options.min_samples <= 2 {
        points.for_each_within(threshold, parts, |a, b| components.join(a, b))?;
        let firsts: Vec<u32> = (0..count as u32).map(|row| components.first(row)).collect();
        let clusters = Clusters::from_keys(firsts.into_iter().map(Some));
        return Ok(clusters.without_small(options.min_samples));
    }

    let neighbors: Vec<AtomicU32> = (0..count).map(|_| AtomicU32::new(1)).collect();
    parts.begin(0.0, 0.5);
    points.for_each_within(threshold, parts, |a, b| {
        neighbors[a as usize].fetch_add(1, Ordering::Relaxed);
        neighbors[b as usize].fetch_add(1, Ordering::Relaxed);
    })?;
    let is_core = |row: u32| neighbors[row as usize].load(Ordering::Relaxed) as usize >= options.min_samples;

    // A border point has less than `min_samples` neighbours, so these are few.
    let borders: Mutex<Vec<(u32, u32)>> = Mutex::default();
    parts.begin(0.5, 1.0);
    points.for_each_within(threshold, parts, |a, b| match (is_core(a), is_core(b)) {
        (true, true) => components.join(a, b),
        (true, false) => lock(&borders).push((b, a)),
        (false, true) => lock(&borders).push((a, b)),
        (false, false) => {}
    })?;

    let clusters = Clusters::from_keys((0..count as u32).map(|row| is_core(row).then(|| components.first(row))));
    let mut labels = clusters.labels().to_vec();
    for (border, core) in borders.into_inner().unwrap_or_else(PoisonError::into_inner) {
        let reached = clusters.labels()[core as usize];
        let label = &mut labels[border as usize];
        *label = label.map_or(reached, |label| reached.map(|reached| reached.min(label)));
    }
    Ok(Clusters::numbered(labels, clusters.count() as u32))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
