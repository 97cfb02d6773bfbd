//! Which row is in which cluster.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::Hash;

use serde::Serialize;

/// The clusters of the rows of a matrix.
///
/// ```
/// use facenet::cluster::Clusters;
///
/// let clusters = Clusters::from_keys(["b", "a", "b", ""].map(|key| (!key.is_empty()).then_some(key)));
/// assert_eq!(clusters.labels(), [Some(0), Some(1), Some(0), None]);
/// assert_eq!(clusters.members(), [vec![0, 2], vec![1]]);
/// assert_eq!(clusters.only(1).labels(), [None, Some(1), None, None]);
/// assert_eq!(clusters.without_small(2).labels(), [Some(0), None, Some(0), None]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clusters {
    labels: Vec<Option<u32>>,
    count: u32,
}

impl Clusters {
    /// Rows with equal keys are a cluster, rows without are in none. Clusters are numbered by their first row.
    pub fn from_keys<K: Hash + Eq>(keys: impl IntoIterator<Item = Option<K>>) -> Self {
        let mut numbers = HashMap::new();
        let number = |key: K| {
            let next = numbers.len() as u32;
            *numbers.entry(key).or_insert(next)
        };
        let mut number = number;
        let labels = keys.into_iter().map(|key| key.map(&mut number)).collect();
        Self { labels, count: numbers.len() as u32 }
    }

    /// Labels that are numbered already, from 0 to `count`.
    pub(super) fn numbered(labels: Vec<Option<u32>>, count: u32) -> Self {
        Self { labels, count }
    }

    /// The number of each row's cluster, from 0 on; none if it is in no cluster.
    pub fn labels(&self) -> &[Option<u32>] {
        &self.labels
    }

    /// Number of clusters.
    pub fn count(&self) -> usize {
        self.count as usize
    }

    /// The rows of each cluster, ascending.
    pub fn members(&self) -> Vec<Vec<usize>> {
        let mut members = vec![Vec::new(); self.count()];
        for (row, label) in self.labels.iter().enumerate() {
            if let Some(label) = label {
                members[*label as usize].push(row);
            }
        }
        members
    }

    /// The number and the rows of each cluster, the largest first; of equal ones that with the lower number.
    pub fn largest_first(&self) -> Vec<(u32, Vec<usize>)> {
        let mut members: Vec<_> = (0..).zip(self.members()).collect();
        members.sort_by_key(|(_, rows)| Reverse(rows.len()));
        members
    }

    /// This cluster alone, under the number that it has: the others keep theirs but are empty, and their rows are in
    /// none.
    pub fn only(&self, number: u32) -> Self {
        let labels = self.labels.iter().map(|label| label.filter(|&label| label == number)).collect();
        Self { labels, count: self.count }
    }

    /// The clusters with `least` rows or more, in the same order and numbered anew. The rows of the others are in none.
    pub fn without_small(self, least: usize) -> Self {
        if least <= 1 {
            return self;
        }
        let mut count = 0;
        let numbers: Vec<Option<u32>> = self
            .members()
            .iter()
            .map(|rows| {
                (rows.len() >= least).then(|| {
                    count += 1;
                    count - 1
                })
            })
            .collect();
        let labels = self.labels.iter().map(|label| label.and_then(|label| numbers[label as usize])).collect();
        Self { labels, count }
    }
}
