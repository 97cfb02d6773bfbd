//! How well clusters agree with the people that are known.

use std::collections::HashMap;
use std::hash::Hash;

use serde::Serialize;

use facenet_core::error::{Error, ErrorKind, Result};

/// Precision, recall and their harmonic mean, 0 to 1 each.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Agreement {
    /// How much of what is together belongs together.
    pub precision: f64,
    /// How much of what belongs together is together.
    pub recall: f64,
    /// Harmonic mean of both.
    pub f: f64,
}

/// How well clusters agree with the people that are known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Scores {
    /// The mean over faces (Bagga and Baldwin, 1998; Amigó, Gonzalo, Artiles and Verdejo, 2009): the fraction of a face's
    /// cluster that is of its person, and the fraction of its person's faces that are in its cluster.
    pub bcubed: Agreement,
    /// Over pairs of faces: the fraction of the pairs of one cluster that are of one person, and the fraction of the pairs of
    /// one person that are in one cluster. People with many faces weigh quadratically. Where there is no pair the share
    /// is 1.
    pub pairwise: Agreement,
}

impl Agreement {
    fn new(precision: f64, recall: f64) -> Self {
        let sum = precision + recall;
        Self { precision, recall, f: if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 } }
    }
}

/// Scores the clusters of some faces by the person of each. A face without a cluster counts as a cluster of one.
///
/// # Errors
/// [`ErrorKind::DimensionMismatch`] if there is not one person for each face; [`ErrorKind::InvalidArgument`] if there
/// are no faces.
///
/// ```
/// use facenet::cluster;
///
/// let scores = cluster::scores(&[Some(0), Some(0), Some(0), None], &["Ada", "Ada", "Bob", "Bob"])?;
/// assert_eq!(scores.pairwise.precision, 1.0 / 3.0);
/// assert_eq!(scores.bcubed.recall, 0.75);
/// # Ok::<(), facenet::Error>(())
/// ```
pub fn scores<P: Hash + Eq>(labels: &[Option<u32>], people: &[P]) -> Result<Scores> {
    if labels.len() != people.len() {
        let message = format!("{} labels and {} people: each face needs both", labels.len(), people.len());
        return Err(Error::new(ErrorKind::DimensionMismatch, message));
    }
    if labels.is_empty() {
        return Err(Error::new(ErrorKind::InvalidArgument, "there are no faces to score"));
    }
    let (mut clusters, mut persons, mut shared) = (HashMap::new(), HashMap::new(), HashMap::new());
    for (row, (label, person)) in labels.iter().zip(people).enumerate() {
        let cluster = label.ok_or(row);
        *clusters.entry(cluster).or_insert(0u64) += 1;
        *persons.entry(person).or_insert(0u64) += 1;
        *shared.entry((cluster, person)).or_insert(0u64) += 1;
    }
    let pairs = |count: u64| u128::from(count) * u128::from(count - 1) / 2;
    let (mut precision, mut recall, mut right) = (0.0, 0.0, 0);
    for ((cluster, person), &both) in &shared {
        let square = (both as f64).powi(2);
        precision += square / clusters[cluster] as f64;
        recall += square / persons[person] as f64;
        right += pairs(both);
    }
    let share = |of: u128| if of == 0 { 1.0 } else { right as f64 / of as f64 };
    let faces = labels.len() as f64;
    Ok(Scores {
        bcubed: Agreement::new(precision / faces, recall / faces),
        pairwise: Agreement::new(
            share(clusters.values().copied().map(pairs).sum()),
            share(persons.values().copied().map(pairs).sum()),
        ),
    })
}
