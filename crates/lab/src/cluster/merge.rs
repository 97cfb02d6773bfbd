//! Joining the nearest clusters of a graph, as long as they are near enough.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use ndarray::{Array2, ArrayView1, s};

use super::parts::Parts;
use facenet_core::error::Result;

/// Pairs between two looks at whether to stop.
const CANDIDATES_BETWEEN_LOOKS: u64 = 1024;
/// Version of a cluster that became part of another.
const GONE: u32 = u32::MAX;

/// Clusters by the sums of their members: the mean squared distance between the members of two is
/// `mean |a|² + mean |b|² - 2 mean(a)·mean(b)`.
///
/// A cluster goes by the lowest number of its members. Pairs of clusters farther apart than the threshold are
/// forgotten: the mean distance of a union lies between those of its parts, so it is near enough only if a part is.
/// That the near part had no pair with the other is overlooked.
pub(super) struct Merger {
    sums: Array2<f32>,
    /// Sum of the squared lengths of each cluster's members.
    squares: Vec<f64>,
    sizes: Vec<f64>,
    /// What each cluster became part of.
    parents: Vec<u32>,
    /// How often each cluster has grown.
    versions: Vec<u32>,
    /// Clusters near enough, perhaps by the number of what became part of them.
    neighbors: Vec<Vec<u32>>,
    most: f64,
}

/// A cluster and its nearest neighbour, ordered by their distance, then by their numbers.
struct Candidate {
    squared_distance: f64,
    cluster: u32,
    other: u32,
    versions: (u32, u32),
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Candidate {}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.squared_distance
            .total_cmp(&other.squared_distance)
            .then((self.cluster, self.other).cmp(&(other.cluster, other.other)))
    }
}

impl Merger {
    /// A cluster for each row, which stands for `counts` members. Clusters are joined up to a root mean square
    /// distance of `threshold`.
    pub(super) fn new(mut vectors: Array2<f32>, counts: &[u32], threshold: f64) -> Self {
        let clusters = counts.len();
        let sizes: Vec<f64> = counts.iter().map(|&count| f64::from(count)).collect();
        let square = |row: ArrayView1<'_, f32>| row.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>();
        let squares = vectors.rows().into_iter().zip(&sizes).map(|(row, size)| size * square(row)).collect();
        for (mut row, &count) in vectors.rows_mut().into_iter().zip(counts) {
            row *= count as f32;
        }
        Self {
            sums: vectors,
            squares,
            sizes,
            parents: (0..clusters as u32).collect(),
            versions: vec![0; clusters],
            neighbors: vec![Vec::new(); clusters],
            most: threshold * threshold,
        }
    }

    /// Joins what is near enough along these pairs, and tells the cluster of each row.
    ///
    /// Each cluster waits with its nearest neighbour. No other comes nearer to it than that without having changed
    /// itself, and then the other waits with a distance that is no longer: the first in the queue are the nearest of
    /// all, or one of them has changed meanwhile and looks again.
    pub(super) fn merge(mut self, pairs: &[(u32, u32)], parts: &mut Parts<'_>) -> Result<Vec<u32>> {
        for &(a, b) in pairs {
            self.neighbors[a as usize].push(b);
            self.neighbors[b as usize].push(a);
        }
        let all = self.parents.len();
        let mut queue: BinaryHeap<_> =
            (0..all as u32).filter_map(|cluster| self.nearest(cluster)).map(Reverse).collect();
        let mut looks = 0;
        let mut joins = 0;
        while let Some(Reverse(candidate)) = queue.pop() {
            if looks % CANDIDATES_BETWEEN_LOOKS == 0 {
                parts.show(joins as f64 / all as f64)?;
            }
            looks += 1;
            let Candidate { cluster, other, versions, .. } = candidate;
            let now = (self.versions[cluster as usize], self.versions[other as usize]);
            let waiting = if versions == now {
                joins += 1;
                self.join(cluster.min(other), cluster.max(other))
            } else if versions.0 == now.0 {
                cluster
            } else {
                continue;
            };
            queue.extend(self.nearest(waiting).map(Reverse));
        }
        Ok((0..all as u32).map(|row| self.cluster_of(row)).collect())
    }

    /// Makes `high` a part of `low`.
    fn join(&mut self, low: u32, high: u32) -> u32 {
        let (into, from) = (low as usize, high as usize);
        let (mut sum, part) = self.sums.multi_slice_mut((s![into, ..], s![from, ..]));
        sum += &part;
        self.squares[into] += self.squares[from];
        self.sizes[into] += self.sizes[from];
        self.parents[from] = low;
        self.versions[into] += 1;
        self.versions[from] = GONE;
        let mut others = std::mem::take(&mut self.neighbors[from]);
        others.append(&mut self.neighbors[into]);
        self.resolve(low, &mut others);
        for &other in &others {
            // It may have forgotten both parts.
            self.neighbors[other as usize].push(low);
        }
        self.neighbors[into] = others;
        low
    }

    /// The nearest neighbour of a cluster, if one is near enough. Those that are not are forgotten.
    fn nearest(&mut self, cluster: u32) -> Option<Candidate> {
        let mut others = std::mem::take(&mut self.neighbors[cluster as usize]);
        self.resolve(cluster, &mut others);
        let mut nearest: Option<(f64, u32)> = None;
        others.retain(|&other| {
            let squared_distance = self.squared_distance(cluster, other);
            let near = squared_distance <= self.most;
            if near && nearest.is_none_or(|nearest| (squared_distance, other) < nearest) {
                nearest = Some((squared_distance, other));
            }
            near
        });
        self.neighbors[cluster as usize] = others;
        let (squared_distance, other) = nearest?;
        let versions = (self.versions[cluster as usize], self.versions[other as usize]);
        Some(Candidate { squared_distance, cluster, other, versions })
    }

    /// Makes the clusters that `others` are by now of them, ascending and each once, but for `cluster` itself.
    fn resolve(&mut self, cluster: u32, others: &mut Vec<u32>) {
        others.iter_mut().for_each(|other| *other = self.cluster_of(*other));
        others.sort_unstable();
        others.dedup();
        others.retain(|&other| other != cluster);
    }

    fn cluster_of(&mut self, mut row: u32) -> u32 {
        while self.parents[row as usize] != row {
            let above = self.parents[self.parents[row as usize] as usize];
            self.parents[row as usize] = above;
            row = above;
        }
        row
    }

    /// The mean squared distance between the members of two clusters.
    fn squared_distance(&self, a: u32, b: u32) -> f64 {
        let (a, b) = (a as usize, b as usize);
        let product = f64::from(self.sums.row(a).dot(&self.sums.row(b)));
        let (a_size, b_size) = (self.sizes[a], self.sizes[b]);
        self.squares[a] / a_size + self.squares[b] / b_size - 2.0 * product / (a_size * b_size)
    }
}
