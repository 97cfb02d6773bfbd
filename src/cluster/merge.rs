//! Joining the nearest clusters of a graph, as long as they are near enough.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use ndarray::{Array2, ArrayView1};
use rayon::prelude::*;

use super::watch::Watch;
use crate::error::Result;

/// Joins between two looks at whether to stop.
const JOINS_BETWEEN_LOOKS: usize = 1024;

/// Clusters by the sums of their members: the mean squared distance between the members of two is
/// `mean |a|² + mean |b|² - 2 mean(a)·mean(b)`.
///
/// A cluster goes by the lowest number of its members. Pairs of clusters farther apart than the threshold are forgotten: the mean
/// distance of a union lies between those of its parts, so it is near enough only if a part is.
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

/// Two clusters that may be joined, ordered by their distance, then by their numbers.
#[derive(PartialEq, PartialOrd)]
struct Candidate {
    squared_distance: f64,
    clusters: (u32, u32),
    versions: (u32, u32),
}

impl Eq for Candidate {}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.squared_distance.total_cmp(&other.squared_distance).then(self.clusters.cmp(&other.clusters))
    }
}

impl Merger {
    /// A cluster for each row, which stands for `counts` members. Clusters are joined up to a root mean square distance of
    /// `threshold`.
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

    /// Joins what is near enough, beginning with these pairs, and tells the cluster of each row.
    pub(super) fn merge(mut self, pairs: Vec<(u32, u32)>, watch: &mut Watch<'_>) -> Result<Vec<u32>> {
        let candidates: Vec<Reverse<Candidate>> =
            pairs.into_par_iter().filter_map(|(a, b)| self.candidate(a, b)).map(Reverse).collect();
        for Reverse(candidate) in &candidates {
            let (a, b) = candidate.clusters;
            self.neighbors[a as usize].push(b);
            self.neighbors[b as usize].push(a);
        }
        let mut heap = BinaryHeap::from(candidates);
        let (mut joins, all) = (0, self.parents.len());
        while let Some(Reverse(candidate)) = heap.pop() {
            let (a, b) = candidate.clusters;
            if candidate.versions != (self.versions[a as usize], self.versions[b as usize]) {
                continue;
            }
            if joins % JOINS_BETWEEN_LOOKS == 0 {
                watch.show(joins as f64 / all as f64)?;
            }
            joins += 1;
            self.join(a, b);
            let neighbors = self.neighbors_of(a);
            let near: Vec<Candidate> = neighbors.into_iter().filter_map(|other| self.candidate(a, other)).collect();
            self.neighbors[a as usize] = near.iter().map(|near| near.other(a)).collect();
            heap.extend(near.into_iter().map(Reverse));
        }
        Ok((0..all as u32).map(|row| self.cluster_of(row)).collect())
    }

    /// Makes `b` a part of `a`, which has the lower number.
    fn join(&mut self, a: u32, b: u32) {
        let (low, high) = (a as usize, b as usize);
        let (mut sum, part) = self.sums.multi_slice_mut((ndarray::s![low, ..], ndarray::s![high, ..]));
        sum += &part;
        self.squares[low] += self.squares[high];
        self.sizes[low] += self.sizes[high];
        self.parents[high] = a;
        self.versions[low] += 1;
        self.versions[high] = u32::MAX;
        let others = std::mem::take(&mut self.neighbors[high]);
        for &other in &others {
            // Those who know the part are to know the whole.
            let other = self.cluster_of(other);
            if other != a {
                self.neighbors[other as usize].push(a);
            }
        }
        self.neighbors[low].extend(others);
    }

    /// The clusters that the list of `cluster` stands for now, ascending.
    fn neighbors_of(&mut self, cluster: u32) -> Vec<u32> {
        let mut neighbors = std::mem::take(&mut self.neighbors[cluster as usize]);
        for neighbor in &mut neighbors {
            *neighbor = self.cluster_of(*neighbor);
        }
        neighbors.sort_unstable();
        neighbors.dedup();
        neighbors.retain(|&neighbor| neighbor != cluster);
        neighbors
    }

    fn cluster_of(&mut self, mut row: u32) -> u32 {
        while self.parents[row as usize] != row {
            let above = self.parents[self.parents[row as usize] as usize];
            self.parents[row as usize] = above;
            row = above;
        }
        row
    }

    /// The two clusters, if they are near enough.
    fn candidate(&self, a: u32, b: u32) -> Option<Candidate> {
        let clusters = (a.min(b), a.max(b));
        let (low, high) = (clusters.0 as usize, clusters.1 as usize);
        let product = f64::from(self.sums.row(low).dot(&self.sums.row(high)));
        let (low_size, high_size) = (self.sizes[low], self.sizes[high]);
        let lengths = self.squares[low] / low_size + self.squares[high] / high_size;
        let squared_distance = lengths - 2.0 * product / (low_size * high_size);
        let versions = (self.versions[low], self.versions[high]);
        (squared_distance <= self.most).then_some(Candidate { squared_distance, clusters, versions })
    }
}

impl Candidate {
    fn other(&self, cluster: u32) -> u32 {
        if self.clusters.0 == cluster { self.clusters.1 } else { self.clusters.0 }
    }
}
