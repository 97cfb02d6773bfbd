//! Average linkage over the matrix of all distances.

use std::ops::Range;

use kodama::{Method, linkage};
use ndarray::{ArrayView2, Axis};
use rayon::prelude::*;

use super::blocks::Points;
use super::components::Components;
use super::parts::Parts;
use super::{ClusterOptions, Clusters, content};
use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::internal::pool::ObjectPool;

/// Rows whose distances one thread computes at a time.
const STRIPE: usize = 128;
/// Other rows at a time.
const COLUMNS: usize = 1024;
/// Stripes for each thread between two looks at whether to stop.
const STRIPES_PER_THREAD: usize = 8;

/// [`Algorithm::AverageLink`](super::Algorithm::AverageLink), by the nearest-neighbour chain of Murtagh (1985).
pub(super) fn average_link(
    vectors: ArrayView2<'_, f32>,
    threshold: f64,
    options: &ClusterOptions,
    parts: &mut Parts<'_>,
) -> Result<Clusters> {
    let count = vectors.nrows();
    let mut distances = reserve(count, options.memory_limit)?;
    // In this order, equal distances are met in the same order wherever the rows stand.
    let order = content::order(vectors);
    parts.begin(0.0, 0.6);
    fill(&mut distances, vectors.select(Axis(0), &order).view(), parts)?;
    parts.begin(0.6, 1.0);
    parts.show(0.0)?;
    let dendrogram = linkage(&mut distances, count, Method::Average);

    let components = Components::new(2 * count - 1);
    let joined = dendrogram.steps().iter().zip(count as u32..);
    for (step, cluster) in joined.filter(|(step, _)| f64::from(step.dissimilarity) <= threshold) {
        components.join(step.cluster1 as u32, cluster);
        components.join(step.cluster2 as u32, cluster);
    }
    let mut keys = vec![0; count];
    for (place, row) in (0..).zip(order) {
        keys[row] = components.first(place);
    }
    Ok(Clusters::from_keys(keys.into_iter().map(Some)))
}

/// Room for the distances of all pairs.
fn reserve(count: usize, limit: u64) -> Result<Vec<f32>> {
    let pairs = count as u64 * (count as u64 - 1) / 2;
    let bytes = pairs * size_of::<f32>() as u64;
    let too_large = |reason: &str| {
        let message = format!(
            "average linkage of {count} vectors needs {} MiB for their distances, {reason}: \
             raise the limit or use the graph of nearest neighbours (knn-graph)",
            bytes >> 20
        );
        Error::new(ErrorKind::Unsupported, message)
    };
    let pairs = match usize::try_from(pairs) {
        Ok(pairs) if bytes <= limit && 2 * count as u64 <= u64::from(u32::MAX) => pairs,
        _ => return Err(too_large(&format!("and the limit is {} MiB", limit >> 20))),
    };
    let mut distances = Vec::new();
    distances.try_reserve_exact(pairs).map_err(|_| too_large("which there is no room for"))?;
    distances.resize(pairs, 0.0);
    Ok(distances)
}

/// The distances of each row to those after it, row by row.
fn fill(mut distances: &mut [f32], vectors: ArrayView2<'_, f32>, parts: &mut Parts<'_>) -> Result<()> {
    let points = Points::new(vectors);
    let mut stripes = Vec::new();
    for start in (0..points.len()).step_by(STRIPE) {
        let end = points.len().min(start + STRIPE);
        let (stripe, rest) = distances.split_at_mut((start..end).map(|row| points.len() - 1 - row).sum());
        distances = rest;
        stripes.push((start..end, stripe));
    }
    let buffers = ObjectPool::<Vec<f32>>::default();
    let (total, together) = (stripes.len(), STRIPES_PER_THREAD * rayon::current_num_threads());
    for (index, some) in stripes.chunks_mut(together).enumerate() {
        parts.show((index * together) as f64 / total as f64)?;
        some.par_iter_mut().for_each(|(rows, stripe)| {
            buffers.lend(|buffer| fill_stripe(&points, rows.clone(), stripe, buffer));
        });
    }
    Ok(())
}

fn fill_stripe(points: &Points<'_>, rows: Range<usize>, stripe: &mut [f32], buffer: &mut Vec<f32>) {
    for column in (rows.start..points.len()).step_by(COLUMNS) {
        let block = points.block(rows.clone(), column..points.len().min(column + COLUMNS), buffer);
        let (mut last, mut begin) = (rows.start, 0);
        block.for_each(|a, b, product| {
            if a > last {
                begin += (last..a).map(|row| points.len() - 1 - row).sum::<usize>();
                last = a;
            }
            stripe[begin + b - a - 1] = points.squared_distance_from(a, b, product).sqrt();
        });
    }
}
