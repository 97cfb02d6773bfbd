//! Average linkage along the graph of nearest neighbours.

use ndarray::ArrayView2;

use super::blocks::Points;
use super::content::Distinct;
use super::merge::Merger;
use super::neighbors::Neighbors;
use super::parts::Parts;
use super::{ClusterOptions, Clusters, forest};
use facenet_core::error::{Error, ErrorKind, Result};

/// Bytes of a neighbour: in the list of the nearest, in that of all pairs, then in the lists of both ends.
const BYTES_PER_NEIGHBOR: u64 = 24;

/// [`Algorithm::KnnGraph`](super::Algorithm::KnnGraph).
pub(super) fn knn_graph(
    vectors: ArrayView2<'_, f32>,
    threshold: f64,
    options: &ClusterOptions,
    parts: &mut Parts<'_>,
) -> Result<Clusters> {
    let distinct = Distinct::of(vectors);
    let points = Points::new(distinct.vectors.view());
    check_memory(points.len(), options)?;
    parts.begin(0.0, 0.9);
    let neighbors = match points.len() <= options.exact_neighbors_up_to {
        true => Neighbors::exact(&points, options.neighbors, parts)?,
        false => forest::neighbors(&points, options.neighbors, options.seed, parts)?,
    };
    parts.begin(0.9, 1.0);
    let merger = Merger::new(distinct.vectors, &distinct.counts, threshold);
    let keys = merger.merge(&neighbors.into_pairs(), parts)?;
    Ok(Clusters::from_keys(distinct.places.iter().map(|&place| Some(keys[place as usize]))))
}

fn check_memory(count: usize, options: &ClusterOptions) -> Result<()> {
    let neighbors = options.neighbors.min(count.saturating_sub(1));
    let bytes = (count as u64).saturating_mul(neighbors as u64).saturating_mul(BYTES_PER_NEIGHBOR);
    if bytes <= options.memory_limit {
        return Ok(());
    }
    let message = format!(
        "{neighbors} neighbours of each of {count} vectors need {} MiB, and the limit is {} MiB: \
         take fewer neighbours or raise the limit",
        bytes >> 20,
        options.memory_limit >> 20
    );
    Err(Error::new(ErrorKind::Unsupported, message))
}
