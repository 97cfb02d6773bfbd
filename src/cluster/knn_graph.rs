//! Average linkage along the graph of nearest neighbours.

use ndarray::ArrayView2;

use super::blocks::Points;
use super::content::Distinct;
use super::merge::Merger;
use super::neighbors::Neighbors;
use super::watch::Watch;
use super::{ClusterOptions, Clusters, forest};
use crate::error::Result;

/// [`Algorithm::KnnGraph`](super::Algorithm::KnnGraph).
pub(super) fn knn_graph(
    vectors: ArrayView2<'_, f32>,
    options: &ClusterOptions,
    watch: &mut Watch<'_>,
) -> Result<Clusters> {
    let distinct = Distinct::of(vectors);
    let points = Points::new(distinct.vectors.view());
    watch.part(0.0, 0.9);
    let neighbors = match points.len() <= options.exact_neighbors_up_to {
        true => Neighbors::exact(&points, options.neighbors, watch)?,
        false => forest::neighbors(&points, options.neighbors, options.seed, watch)?,
    };
    watch.part(0.9, 1.0);
    let merger = Merger::new(distinct.vectors, &distinct.counts, options.threshold);
    let keys = merger.merge(&neighbors.into_pairs(), watch)?;
    Ok(Clusters::from_keys(distinct.places.iter().map(|&place| Some(keys[place as usize]))))
}
