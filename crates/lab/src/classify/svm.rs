//! Linear support vector machines, one for each pair of classes, with probabilities.

use std::sync::atomic::{AtomicU64, Ordering};

use libsvm_rs::probability::{multiclass_probability, sigmoid_predict};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis, s};
use rayon::prelude::*;

use super::pair::Pair;
use super::vectors::{TrainingSet, check_dimension, directions, rows_of_classes};
use super::{Prediction, check_cost};
use crate::watch::Watch;
use facenet_core::error::{Error, ErrorKind, Result};

/// Classes up to which machines are trained: there are half of its square of them.
pub const MAX_SVM_CLASSES: usize = 2000;

/// Probabilities of a pair lie at least this far from 0 and 1.
const LEAST_PROBABILITY: f64 = 1e-7;
/// Vectors that are worked on together: fewer if there are so many pairs that their decisions (8 MiB) would fill the memory.
const MAX_QUERIES: usize = 64;
const BLOCK_VALUES: usize = 1 << 20;

/// Settings of a support vector classifier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SvmOptions {
    /// The cost of a training vector on the wrong side, LIBSVM's C; more than 0.
    pub cost: f64,
    /// Decides how training vectors are shuffled for the probabilities.
    pub seed: u64,
}

impl Default for SvmOptions {
    fn default() -> Self {
        Self { cost: 1.0, seed: 666 }
    }
}

/// A linear support vector machine for each pair of classes.
///
/// It knows nobody but its classes: every face belongs to one of them. It is kept as support vectors with their
/// coefficients in each pair, not as a weight vector for each pair: with c vectors a class and k classes, that takes
/// c k (d + k) numbers instead of k^2 d / 2, less from some 2 c classes on, and as much less work.
#[derive(Debug, Clone, PartialEq)]
pub struct Svm {
    /// m x d, class by class.
    pub(super) support: Array2<f32>,
    /// The number of rows of each of the k classes.
    pub(super) counts: Vec<usize>,
    /// (k - 1) x m: the coefficient of each support vector against each other class, in their order.
    pub(super) coefficients: Array2<f64>,
    /// For each pair, in the order (0, 1), (0, 2) ... (1, 2) ...
    pub(super) intercepts: Vec<f64>,
    pub(super) slopes: Vec<f64>,
    pub(super) offsets: Vec<f64>,
}

impl Svm {
    pub(super) fn train(set: &TrainingSet<'_>, options: &SvmOptions, watch: &Watch<'_>) -> Result<Self> {
        let classes = set.names.len();
        let invalid = |message: String| Err(Error::new(ErrorKind::InvalidArgument, message));
        check_cost(options.cost)?;
        if classes < 2 {
            return invalid("a support vector machine needs two classes: use templates for one".into());
        }
        if classes > MAX_SVM_CLASSES {
            return invalid(format!("{classes} classes have too many pairs, past {MAX_SVM_CLASSES}: use templates"));
        }
        // The solver would say on the standard error how many steps each machine took.
        libsvm_rs::set_quiet(true);
        let vectors = directions(set.vectors)?;
        let rows = rows_of_classes(set.labels, classes);
        let pairs: Vec<(usize, usize)> = pairs(classes).collect();
        let done = AtomicU64::new(0);
        let train = |(index, &(a, b)): (usize, &(usize, usize))| {
            watch.check()?;
            let both = vectors.select(Axis(0), &[&rows[a][..], &rows[b]].concat());
            let seed = options.seed.wrapping_add(index as u64);
            let pair = Pair::train(both.view(), rows[a].len(), options.cost, seed);
            watch.done(done.fetch_add(1, Ordering::Relaxed) + 1, pairs.len() as u64);
            Ok(pair)
        };
        let trained: Vec<Pair> = pairs.par_iter().enumerate().map(train).collect::<Result<_>>()?;
        Ok(Self::of_pairs(&vectors, &rows, &trained))
    }

    /// Joins the pairs, whose support vectors have much in common.
    fn of_pairs(vectors: &Array2<f32>, rows: &[Vec<usize>], trained: &[Pair]) -> Self {
        let starts = starts(rows.iter().map(Vec::len));
        let total: usize = rows.iter().map(Vec::len).sum();
        let mut all = Array2::zeros((rows.len() - 1, total));
        for ((a, b), pair) in pairs(rows.len()).zip(trained) {
            let (of_a, of_b) = pair.coefficients.split_at(rows[a].len());
            all.slice_mut(s![b - 1, starts[a]..starts[a] + of_a.len()]).assign(&ArrayView1::from(of_a));
            all.slice_mut(s![a, starts[b]..starts[b] + of_b.len()]).assign(&ArrayView1::from(of_b));
        }
        let is_support = |&column: &usize| all.column(column).iter().any(|&value| value != 0.0);
        let support_of = |(start, rows): (&usize, &Vec<usize>)| {
            let (start, end) = (*start, *start + rows.len());
            (start..end).filter(is_support).collect::<Vec<usize>>()
        };
        let kept: Vec<Vec<usize>> = starts.iter().zip(rows).map(support_of).collect();
        let (order, columns) = (rows.concat(), kept.concat());
        let support: Vec<usize> = columns.iter().map(|&column| order[column]).collect();
        Self {
            support: vectors.select(Axis(0), &support),
            counts: kept.iter().map(Vec::len).collect(),
            coefficients: all.select(Axis(1), &columns),
            intercepts: trained.iter().map(|pair| pair.intercept).collect(),
            slopes: trained.iter().map(|pair| pair.slope).collect(),
            offsets: trained.iter().map(|pair| pair.offset).collect(),
        }
    }

    pub(super) fn predict(&self, vectors: ArrayView2<'_, f32>) -> Result<Vec<Prediction>> {
        let probabilities = self.probabilities(vectors)?;
        let prediction = |row: ArrayView1<'_, f64>| {
            let mut best = (0, row[0]);
            for (class, &probability) in row.iter().enumerate() {
                if probability > best.1 {
                    best = (class, probability);
                }
            }
            Prediction { class: Some(best.0), nearest: best.0, score: best.1 as f32 }
        };
        Ok(probabilities.outer_iter().map(prediction).collect())
    }

    /// The support vectors, m x d, class by class.
    pub fn support_vectors(&self) -> ArrayView2<'_, f32> {
        self.support.view()
    }

    /// The decision of each pair about each of `vectors` (n x d): n x k (k - 1) / 2, pairs in the order (0, 1), (0, 2)
    /// ... (1, 2) ...; above 0 for the first class. scikit-learn's `decision_function` with the shape `ovo`.
    ///
    /// # Errors
    /// [`ErrorKind::DimensionMismatch`] if the vectors have another length than those trained on,
    /// [`ErrorKind::InvalidArgument`] if one is no embedding: zero, or not of numbers.
    pub fn decisions(&self, vectors: ArrayView2<'_, f32>) -> Result<Array2<f64>> {
        self.map(vectors, self.intercepts.len(), |decisions| decisions)
    }

    /// The probability of each class for each of `vectors` (n x d): n x k, rows that sum to 1.
    ///
    /// # Errors
    /// As [`decisions`](Self::decisions).
    pub fn probabilities(&self, vectors: ArrayView2<'_, f32>) -> Result<Array2<f64>> {
        self.map(vectors, self.counts.len(), |decisions| self.couple(&decisions))
    }

    /// A row of `columns` values for each vector, made from its decisions.
    fn map(
        &self,
        vectors: ArrayView2<'_, f32>,
        columns: usize,
        row: impl Fn(Vec<f64>) -> Vec<f64> + Sync,
    ) -> Result<Array2<f64>> {
        check_dimension(vectors, self.support.ncols())?;
        let vectors = directions(vectors)?;
        let block_size = (BLOCK_VALUES / self.intercepts.len()).clamp(1, MAX_QUERIES);
        let block = |begin: usize| {
            let queries = vectors.slice(s![begin..(begin + block_size).min(vectors.nrows()), ..]);
            self.decide(queries).into_iter().flat_map(&row).collect::<Vec<f64>>()
        };
        let begins: Vec<usize> = (0..vectors.nrows()).step_by(block_size).collect();
        let blocks: Vec<Vec<f64>> = begins.into_par_iter().map(block).collect();
        Ok(Array2::from_shape_vec((vectors.nrows(), columns), blocks.concat()).expect("rows of the same length"))
    }

    /// The decision of each pair about each of `queries`.
    fn decide(&self, queries: ArrayView2<'_, f32>) -> Vec<Vec<f64>> {
        let products = queries.dot(&self.support.t()).mapv(f64::from);
        // What the support vectors of a class add to its decisions against each other class.
        let of_class = |(start, &count): (usize, &usize)| {
            let range = s![.., start..start + count];
            products.slice(range).dot(&self.coefficients.slice(range).t())
        };
        let sums: Vec<Array2<f64>> =
            starts(self.counts.iter().copied()).into_iter().zip(&self.counts).map(of_class).collect();
        let decide = |query: usize| {
            let pairs = pairs(self.counts.len()).zip(&self.intercepts);
            pairs.map(|((a, b), intercept)| sums[a][[query, b - 1]] + sums[b][[query, a]] + intercept).collect()
        };
        (0..queries.nrows()).map(decide).collect()
    }

    /// The probability of each class, from the decisions of the pairs.
    fn couple(&self, decisions: &[f64]) -> Vec<f64> {
        let classes = self.counts.len();
        let mut pairwise = vec![vec![0.0; classes]; classes];
        for (index, (a, b)) in pairs(classes).enumerate() {
            let first = sigmoid_predict(decisions[index], self.slopes[index], self.offsets[index]);
            pairwise[a][b] = first.clamp(LEAST_PROBABILITY, 1.0 - LEAST_PROBABILITY);
            pairwise[b][a] = 1.0 - pairwise[a][b];
        }
        let mut probabilities = vec![0.0; classes];
        multiclass_probability(classes, &pairwise, &mut probabilities);
        probabilities
    }
}

/// Every pair of `classes` classes, in LIBSVM's order.
fn pairs(classes: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..classes).flat_map(move |a| (a + 1..classes).map(move |b| (a, b)))
}

/// Where each class begins, if they have `counts` rows.
fn starts(counts: impl Iterator<Item = usize>) -> Vec<usize> {
    counts
        .scan(0, |next, count| {
            let start = *next;
            *next += count;
            Some(start)
        })
        .collect()
}
