//! Chinese Whispers.

use std::sync::{Mutex, PoisonError};

use ndarray::ArrayView2;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rayon::prelude::*;

use super::blocks::Points;
use super::content::Distinct;
use super::parts::Parts;
use super::{ClusterOptions, Clusters};
use facenet_core::error::{Error, ErrorKind, Result};

/// Bytes of an edge while the graph is made: as a pair with its weight, then in the lists of both ends.
const BYTES_PER_EDGE: u64 = 36;

/// [`Algorithm::ChineseWhispers`](super::Algorithm::ChineseWhispers).
pub(super) fn chinese_whispers(
    vectors: ArrayView2<'_, f32>,
    threshold: f64,
    options: &ClusterOptions,
    parts: &mut Parts<'_>,
) -> Result<Clusters> {
    let distinct = Distinct::of(vectors);
    parts.begin(0.0, 0.9);
    let edges = edges(&Points::new(distinct.vectors.view()), threshold, options.memory_limit, parts)?;
    let graph = Graph::new(&distinct, edges, threshold);
    parts.begin(0.9, 1.0);
    let labels = graph.whisper(options, parts)?;
    Ok(Clusters::from_keys(distinct.places.iter().map(|&place| Some(labels[place as usize]))))
}

/// Pairs whose dot product is more than the threshold.
fn edges(
    points: &Points<'_>,
    threshold: f64,
    memory_limit: u64,
    parts: &mut Parts<'_>,
) -> Result<Vec<(u32, u32, f32)>> {
    let most = memory_limit / BYTES_PER_EDGE;
    let all: Mutex<Vec<(u32, u32, f32)>> = Mutex::default();
    points.for_each_alike(threshold, parts, |pairs| {
        let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
        if (all.len() + pairs.len()) as u64 > most || all.try_reserve(pairs.len()).is_err() {
            let message = format!(
                "more than {most} pairs of {} vectors are more alike than {threshold}, and take more memory than {} MiB: \
                 raise the threshold or the limit",
                points.len(),
                memory_limit >> 20
            );
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        all.extend_from_slice(pairs);
        Ok(())
    })?;
    Ok(all.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// The neighbours of each node one after the other.
struct Graph {
    /// Where the neighbours of each node begin, and the end of the last.
    starts: Vec<usize>,
    neighbors: Vec<(u32, f32)>,
}

impl Graph {
    fn new(distinct: &Distinct, edges: Vec<(u32, u32, f32)>, threshold: f64) -> Self {
        let nodes = distinct.counts.len();
        let repeated = (0..nodes as u32).filter_map(|node| {
            // The copies of a row are neighbours of each other.
            let count = distinct.counts[node as usize];
            let row = distinct.vectors.row(node as usize);
            let square: f64 = row.iter().map(|&value| f64::from(value).powi(2)).sum();
            (count > 1 && square > threshold).then(|| (node, node, square as f32 * (count - 1) as f32))
        });
        let weight = |of: u32, weight: f32| distinct.counts[of as usize] as f32 * weight;
        let mut directed: Vec<(u32, u32, f32)> = repeated.collect();
        let mut starts = vec![0; nodes + 1];
        directed.reserve_exact(2 * edges.len());
        for (a, b, product) in edges {
            directed.extend([(a, b, weight(b, product)), (b, a, weight(a, product))]);
        }
        // The threads that found the edges came in any order; sums of weights must not depend on it.
        directed.par_sort_unstable_by_key(|&(node, neighbor, _)| (node, neighbor));
        for &(node, ..) in &directed {
            starts[node as usize + 1] += 1;
        }
        for node in 0..nodes {
            starts[node + 1] += starts[node];
        }
        let neighbors = directed.into_iter().map(|(_, neighbor, weight)| (neighbor, weight)).collect();
        Self { starts, neighbors }
    }

    /// The cluster of each node.
    fn whisper(&self, options: &ClusterOptions, parts: &mut Parts<'_>) -> Result<Vec<u32>> {
        let nodes = self.starts.len() - 1;
        let mut labels: Vec<u32> = (0..nodes as u32).collect();
        let mut order: Vec<usize> = (0..nodes).collect();
        let mut random = StdRng::seed_from_u64(options.seed);
        let mut weights = vec![0.0; nodes];
        for round in 0..options.iterations {
            parts.show(round as f64 / options.iterations as f64)?;
            order.shuffle(&mut random);
            let mut changed = false;
            for &node in &order {
                let label = self.heaviest(node, &labels, &mut weights);
                changed |= label != labels[node];
                labels[node] = label;
            }
            if !changed {
                break;
            }
        }
        Ok(labels)
    }

    /// The label with the most weight among the neighbours of `node`: of equal ones its own, then the least. `weights`
    /// is all zero before and after.
    fn heaviest(&self, node: usize, labels: &[u32], weights: &mut [f32]) -> u32 {
        let neighbors = &self.neighbors[self.starts[node]..self.starts[node + 1]];
        for &(neighbor, weight) in neighbors {
            weights[labels[neighbor as usize] as usize] += weight;
        }
        let mut best = labels[node];
        for &(neighbor, _) in neighbors {
            let label = labels[neighbor as usize];
            let (weight, most) = (weights[label as usize], weights[best as usize]);
            if weight > most || weight == most && best != labels[node] && label < best {
                best = label;
            }
        }
        for &(neighbor, _) in neighbors {
            weights[labels[neighbor as usize] as usize] = 0.0;
        }
        best
    }
}
