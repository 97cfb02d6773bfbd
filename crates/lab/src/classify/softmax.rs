//! Multinomial logistic regression: a softmax over one linear score for each class.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut2, Axis, NdFloat, s};
use num_traits::AsPrimitive;
use rayon::prelude::*;

use super::lbfgs::{self, End, Objective, dot};
use super::open_set::{IdentificationPoint, ThresholdChoice, Trial};
use super::vectors::{TrainingSet, check_dimension, directions};
use super::{Prediction, check_cost};
use crate::watch::Watch;
use facenet_core::error::{Error, ErrorKind, Result};

/// The optimum is near enough when the gradient is shorter than this share of the coefficients: they are then off by no more
/// than that, because the penalty alone bends the loss by one.
const TOLERANCE: f64 = 1e-4;
/// Steps to the optimum.
const STEPS: usize = 10_000;
/// Vectors whose scores are made at once by one thread.
const QUERIES: usize = 128;
/// Values of the residuals that are kept at once (16 MiB), and the fewest vectors whose they are.
const RESIDUALS: usize = 1 << 22;
const LEAST_BLOCK: usize = 256;
/// Classes and columns of the part of a gradient that one thread makes.
const CLASSES: usize = 64;
const COLUMNS: usize = 256;

/// Settings of a softmax classifier.
#[derive(Debug, Clone, Copy)]
pub struct SoftmaxOptions<'a> {
    /// How much an error on the training vectors counts against large coefficients, scikit-learn's C; more than 0. By default it is
    /// 10 and not scikit-learn's 1, which is too low for unit vectors: on LFW it costs 6 % of the names.
    pub cost: f64,
    /// Each class counts the same however many vectors it has, scikit-learn's `class_weight="balanced"`.
    pub balanced: bool,
    /// The probability below which a face counts as unknown; none to give each face the name of somebody. A
    /// [rate](ThresholdChoice::Fpir) is measured on `strangers`, and on them alone.
    pub threshold: Option<ThresholdChoice>,
    /// Vectors (m x d) of people who are not among the classes.
    pub strangers: Option<ArrayView2<'a, f32>>,
}

impl Default for SoftmaxOptions<'_> {
    fn default() -> Self {
        Self { cost: 10.0, balanced: false, threshold: None, strangers: None }
    }
}

/// A linear score for each class, and the softmax of them as probabilities.
#[derive(Debug, Clone, PartialEq)]
pub struct Softmax {
    /// k x d.
    pub(super) coefficients: Array2<f32>,
    /// k.
    pub(super) intercepts: Vec<f64>,
    pub(super) operating_point: Option<IdentificationPoint>,
}

impl Softmax {
    pub(super) fn train(
        set: &TrainingSet<'_>,
        counts: &[u64],
        options: &SoftmaxOptions<'_>,
        watch: &Watch<'_>,
    ) -> Result<Self> {
        options.check(counts.len())?;
        let strangers = options
            .strangers
            .map(|strangers| check_dimension(strangers, set.vectors.ncols()).and_then(|()| directions(strangers)));
        let strangers = strangers.transpose().map_err(|error| error.context("strangers"))?;
        let vectors = directions(set.vectors)?;
        let (classes, columns) = (counts.len(), vectors.ncols());
        let mut at = vec![0.0; classes * (columns + 1)];
        let weights = options.weights(counts);
        let mut way = Way { first: None, percent: 0, watch };
        let labelled = Labelled { vectors, labels: set.labels, weights: &weights };
        if !labelled.descend(&mut at, &mut way)? {
            // Single precision was too coarse to come near.
            let wide = Labelled { vectors: labelled.vectors.mapv(f64::from), labels: set.labels, weights: &weights };
            drop(labelled);
            if !wide.descend(&mut at, &mut way)? {
                let cost = options.cost;
                let message =
                    format!("with a cost of {cost} nothing holds the coefficients, which go on changing: lower it");
                return Err(Error::new(ErrorKind::InvalidArgument, message));
            }
        }
        let intercepts = at.split_off(classes * columns);
        let coefficients: Vec<f32> = at.into_iter().map(|value| value as f32).collect();
        let coefficients = Array2::from_shape_vec((classes, columns), coefficients).expect("a row for each class");
        let mut trained = Self { coefficients, intercepts, operating_point: None };
        trained.operating_point = match options.threshold {
            None => None,
            Some(ThresholdChoice::Score(score)) => Some(IdentificationPoint::unmeasured(score)),
            Some(ThresholdChoice::Fpir(fpir)) => {
                let met = strangers.map_or_else(Vec::new, |strangers| trained.best(&strangers));
                let trials = met.into_iter().map(|(_, score)| Trial::stranger(score)).collect();
                let point = IdentificationPoint::at_fpir(fpir, trials, std::iter::empty())?;
                if point.threshold > 1.0 {
                    let message = "the softmax is certain of too many strangers for a threshold: lower the cost, or see whether the \
                                   strangers are among the people";
                    return Err(Error::new(ErrorKind::InvalidArgument, message));
                }
                // Probabilities begin at 0.
                Some(IdentificationPoint { threshold: point.threshold.max(0.0), ..point })
            }
        };
        Ok(trained)
    }

    pub(super) fn predict(&self, vectors: ArrayView2<'_, f32>) -> Result<Vec<Prediction>> {
        check_dimension(vectors, self.coefficients.ncols())?;
        let prediction = |(nearest, score)| {
            let known = self.operating_point.is_none_or(|point| score >= point.threshold);
            Prediction { class: known.then_some(nearest), nearest, score }
        };
        Ok(self.best(&directions(vectors)?).into_iter().map(prediction).collect())
    }

    /// The coefficients of the score of each class, k x d. With two classes, their difference is what scikit-learn calls
    /// `coef_`.
    pub fn coefficients(&self) -> ArrayView2<'_, f32> {
        self.coefficients.view()
    }

    /// What is added to the score of each class, k.
    pub fn intercepts(&self) -> &[f64] {
        &self.intercepts
    }

    /// The threshold, a probability, and the error rate it was measured to have; none if each face is of somebody.
    pub fn operating_point(&self) -> Option<&IdentificationPoint> {
        self.operating_point.as_ref()
    }

    /// The probability of each class for each of `vectors` (n x d): n x k, rows that sum to 1.
    ///
    /// # Errors
    /// [`ErrorKind::DimensionMismatch`] if the vectors have another length than those trained on,
    /// [`ErrorKind::InvalidArgument`] if one is no embedding: zero, or not of numbers.
    pub fn probabilities(&self, vectors: ArrayView2<'_, f32>) -> Result<Array2<f64>> {
        check_dimension(vectors, self.coefficients.ncols())?;
        let rows = self.map(&directions(vectors)?, |scores| {
            let exponentials = exponentials(scores);
            let sum: f64 = exponentials.iter().sum();
            exponentials.into_iter().map(|value| value / sum).collect::<Vec<f64>>()
        });
        let shape = (vectors.nrows(), self.intercepts.len());
        Ok(Array2::from_shape_vec(shape, rows.concat()).expect("a column for each class"))
    }

    /// The most probable class of each of `vectors`, rows of unit norm, and its probability.
    fn best(&self, vectors: &Array2<f32>) -> Vec<(usize, f32)> {
        self.map(vectors, |scores| {
            let class = largest(scores);
            let sum: f64 = exponentials(scores).iter().sum();
            (class, sum.recip() as f32)
        })
    }

    /// What `row` makes of the scores of each of `vectors`, rows of unit norm.
    fn map<T: Send>(&self, vectors: &Array2<f32>, row: impl Fn(&[f32]) -> T + Sync) -> Vec<T> {
        let intercepts: Array1<f32> = self.intercepts.iter().map(|&value| value as f32).collect();
        let block = |queries: ArrayView2<'_, f32>| {
            let mut scores = Array2::zeros((queries.nrows(), self.intercepts.len()));
            score(queries, self.coefficients.view(), &intercepts, scores.view_mut());
            scores.rows().into_iter().map(|scores| row(scores.as_slice().expect("standard layout"))).collect()
        };
        let begins: Vec<usize> = (0..vectors.nrows()).step_by(QUERIES).collect();
        let queries = |begin: usize| vectors.slice(s![begin..(begin + QUERIES).min(vectors.nrows()), ..]);
        let blocks: Vec<Vec<T>> = begins.into_par_iter().map(|begin| block(queries(begin))).collect();
        blocks.into_iter().flatten().collect()
    }
}

impl SoftmaxOptions<'_> {
    /// What a vector of each class counts, of which there are `counts`.
    fn weights(&self, counts: &[u64]) -> Vec<f64> {
        let mean = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
        let share = |&count: &u64| if self.balanced { mean / count as f64 } else { 1.0 };
        counts.iter().map(|count| self.cost * share(count)).collect()
    }

    fn check(&self, classes: usize) -> Result<()> {
        check_cost(self.cost)?;
        let strangers = self.strangers.map_or(0, |strangers| strangers.nrows());
        let message = match self.threshold {
            _ if classes < 2 => "a softmax needs two classes: use templates for one".to_string(),
            Some(ThresholdChoice::Score(score)) if !(0.0..=1.0).contains(&score) => {
                format!("the threshold is {score}: a probability lies between 0 and 1")
            }
            Some(choice @ ThresholdChoice::Fpir(_)) => return choice.check(strangers),
            None if strangers > 0 => "strangers are there, and no threshold is to be chosen by them".to_string(),
            _ => return Ok(()),
        };
        Err(Error::new(ErrorKind::InvalidArgument, message))
    }
}

/// Writes `queries * coefficients^T + intercepts` to `scores`.
fn score<T: NdFloat>(
    queries: ArrayView2<'_, T>,
    coefficients: ArrayView2<'_, T>,
    intercepts: &Array1<T>,
    mut scores: ArrayViewMut2<'_, T>,
) {
    scores.assign(intercepts);
    general_mat_mul(T::one(), &queries, &coefficients.t(), T::one(), &mut scores);
}

/// The place of the largest value.
fn largest(scores: &[f32]) -> usize {
    scores.iter().enumerate().fold(0, |best, (class, score)| if *score > scores[best] { class } else { best })
}

/// The exponential of each score less the largest.
fn exponentials(scores: &[f32]) -> Vec<f64> {
    let highest = scores[largest(scores)];
    scores.iter().map(|score| f64::from((score - highest).exp())).collect()
}

/// Vectors of unit norm, the class of each, and cost times weight of one of each class.
struct Labelled<'a, T> {
    vectors: Array2<T>,
    labels: &'a [usize],
    weights: &'a [f64],
}

/// How far the descent is, for who wants to be told.
struct Way<'a> {
    /// The length of the first gradient.
    first: Option<f64>,
    percent: u64,
    watch: &'a Watch<'a>,
}

impl Way<'_> {
    /// Is told the length of the gradient and the one that is sought. Gradients shrink by the same share from step to step.
    fn go(&mut self, gradient: f64, target: f64) {
        let first = self.first.unwrap_or(gradient);
        let way = (first / gradient).ln() / (first / target).ln();
        self.percent = self.percent.max((100.0 * way.clamp(0.0, 1.0)) as u64);
        self.watch.done(if gradient <= target { 100 } else { self.percent.min(99) }, 100);
    }
}

/// A precision that the loss can be computed in.
trait Precision: NdFloat + AsPrimitive<f64> {
    /// The relative difference of two losses below which they are taken for equal.
    const OF_LOSSES: f64;
    /// The mean gradient of a vector below which there is nothing but rounding in it.
    const OF_GRADIENTS: f64;

    fn of(value: f64) -> Self;
}

impl Precision for f32 {
    const OF_LOSSES: f64 = 1e-6;
    const OF_GRADIENTS: f64 = 0.0;

    fn of(value: f64) -> Self {
        value as f32
    }
}

impl Precision for f64 {
    const OF_LOSSES: f64 = 1e-14;
    const OF_GRADIENTS: f64 = 1e-12;

    fn of(value: f64) -> Self {
        value
    }
}

impl<T: Precision> Labelled<'_, T> {
    /// Moves `at`, coefficients (k x d) followed by intercepts (k), to the optimum. Tells whether it is near enough.
    fn descend(&self, at: &mut Vec<f64>, way: &mut Way<'_>) -> Result<bool> {
        let (rows, classes) = (self.labels.len(), self.weights.len());
        let block = (RESIDUALS / classes).max(LEAST_BLOCK).min(rows);
        let mut loss = Loss {
            set: self,
            // Two classes have one set of coefficients in scikit-learn, the difference of these: at the optimum they are
            // opposite, and the square of their difference is twice the sum of their squares.
            penalty: if classes == 2 { 2.0 } else { 1.0 },
            residuals: vec![T::zero(); block * classes],
            gradient: f64::INFINITY,
            way,
        };
        let end = lbfgs::minimize(at, STEPS, &mut loss)?;
        let total: f64 = self.labels.iter().map(|&label| self.weights[label]).sum();
        Ok(match end {
            End::Content => true,
            End::Rounding => loss.gradient <= T::OF_GRADIENTS * total,
            End::Steps => false,
        })
    }
}

/// The penalised loss as a function of coefficients (k x d) followed by intercepts (k).
///
/// `sum of weight * -log(probability of the right class) + penalty / 2 * sum of squared coefficients`
struct Loss<'a, 'b, T> {
    set: &'a Labelled<'a, T>,
    penalty: f64,
    /// Of a block of vectors, a row each.
    residuals: Vec<T>,
    /// Length of the gradient where it was looked at last.
    gradient: f64,
    way: &'a mut Way<'b>,
}

impl<T: Precision> Loss<'_, '_, T> {
    /// Adds the gradient of the loss of a block of vectors to `gradient`, and returns that loss.
    fn add_block(
        &mut self,
        begin: usize,
        coefficients: ArrayView2<'_, T>,
        intercepts: &Array1<T>,
        gradient: &mut [f64],
    ) -> Result<f64> {
        self.way.watch.check()?;
        let Labelled { vectors, labels, weights } = self.set;
        let (classes, columns) = coefficients.dim();
        let end = (begin + self.residuals.len() / classes).min(labels.len());
        let (vectors, labels) = (vectors.slice(s![begin..end, ..]), &labels[begin..end]);
        let residuals = &mut self.residuals[..labels.len() * classes];
        let loss = |((residuals, vectors), labels): ((&mut [T], ArrayView2<'_, T>), &[usize])| {
            let scores = ArrayViewMut2::from_shape((labels.len(), classes), &mut *residuals).expect("a row for each");
            score(vectors, coefficients, intercepts, scores);
            let rows = residuals.chunks_exact_mut(classes).zip(labels);
            rows.map(|(scores, &label)| weights[label] * into_residuals(scores, label, T::of(weights[label])))
                .sum::<f64>()
        };
        let blocks: Vec<ArrayView2<'_, T>> = vectors.axis_chunks_iter(Axis(0), QUERIES).collect();
        let parts = residuals.par_chunks_mut(QUERIES * classes).zip(blocks).zip(labels.par_chunks(QUERIES));
        let losses: Vec<f64> = parts.map(loss).collect();
        let residuals = ArrayView2::from_shape((labels.len(), classes), &*residuals).expect("a row for each");
        let tiles: Vec<(usize, usize, usize, usize)> = parts_of(classes, CLASSES)
            .flat_map(|(a, b)| parts_of(columns, COLUMNS).map(move |(c, d)| (a, b, c, d)))
            .collect();
        let product = |&(a, b, c, d): &(usize, usize, usize, usize)| {
            residuals.slice(s![.., a..b]).t().dot(&vectors.slice(s![.., c..d]))
        };
        let products: Vec<Array2<T>> = tiles.par_iter().map(product).collect();
        let (of_coefficients, of_intercepts) = gradient.split_at_mut(classes * columns);
        for ((a, _, c, d), product) in tiles.into_iter().zip(products) {
            for (class, row) in product.outer_iter().enumerate() {
                let place = (a + class) * columns;
                let to = &mut of_coefficients[place + c..place + d];
                to.iter_mut().zip(row).for_each(|(to, &value)| *to += value.as_());
            }
        }
        for row in residuals.rows() {
            of_intercepts.iter_mut().zip(row).for_each(|(to, &value)| *to += value.as_());
        }
        Ok(losses.iter().sum())
    }
}

impl<T: Precision> Objective for Loss<'_, '_, T> {
    const ROUNDING: f64 = T::OF_LOSSES;

    fn evaluate(&mut self, at: &[f64], gradient: &mut [f64]) -> Result<f64> {
        let (classes, columns) = (self.set.weights.len(), self.set.vectors.ncols());
        let (coefficients, intercepts) = at.split_at(classes * columns);
        let (of_coefficients, of_intercepts) = gradient.split_at_mut(classes * columns);
        of_coefficients.iter_mut().zip(coefficients).for_each(|(to, &value)| *to = self.penalty * value);
        of_intercepts.fill(0.0);
        let mut loss = self.penalty / 2.0 * dot(coefficients, coefficients);
        let rounded = |values: &[f64]| values.iter().map(|&value| T::of(value)).collect::<Vec<T>>();
        let shape = (classes, columns);
        let coefficients = Array2::from_shape_vec(shape, rounded(coefficients)).expect("a row for each class");
        let intercepts = Array1::from(rounded(intercepts));
        for begin in (0..self.set.labels.len()).step_by(self.residuals.len() / classes) {
            loss += self.add_block(begin, coefficients.view(), &intercepts, gradient)?;
        }
        Ok(loss)
    }

    fn is_content(&mut self, at: &[f64], gradient: &[f64]) -> bool {
        let coefficients = &at[..self.set.weights.len() * self.set.vectors.ncols()];
        self.gradient = dot(gradient, gradient).sqrt();
        let first = *self.way.first.get_or_insert(self.gradient);
        // Scores of unit vectors are off by no more than the coefficients are: one is a scale for them. Where the cost
        // is so low that all coefficients are small, the first gradient is a scale.
        let target = TOLERANCE * dot(coefficients, coefficients).sqrt().max(first.min(1.0));
        self.way.go(self.gradient, target);
        self.gradient <= target
    }
}

/// Makes residuals of the scores of a vector: `weight` times probability, less 1 for the right class. Returns the loss of the
/// vector, `-log(probability of the right class)`.
fn into_residuals<T: Precision>(scores: &mut [T], label: usize, weight: T) -> f64 {
    let highest = scores.iter().copied().fold(T::neg_infinity(), T::max);
    let right = scores[label];
    scores.iter_mut().for_each(|score| *score = (*score - highest).exp());
    let own = scores[label];
    // The sum of the others is exact where the right class has nearly all, and one less it would have no digits left.
    scores[label] = T::zero();
    let others = scores.iter().fold(T::zero(), |sum, &value| sum + value);
    let scale = weight / (others + own);
    scores.iter_mut().for_each(|value| *value *= scale);
    scores[label] = -others * scale;
    let others: f64 = others.as_();
    match right == highest {
        true => others.ln_1p(),
        false => (others + own.as_()).ln() + (highest - right).as_(),
    }
}

/// The parts of `count`, of equal size if it allows and no larger than `most`.
fn parts_of(count: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let parts = count.div_ceil(most).max(1);
    (0..parts).map(move |part| (part * count / parts, (part + 1) * count / parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_all_of_it() {
        for (count, most) in [(1, 64), (64, 64), (65, 64), (158, 64), (1000, 7)] {
            let parts: Vec<(usize, usize)> = parts_of(count, most).collect();
            assert!(parts.iter().all(|(begin, end)| end > begin && end - begin <= most));
            assert!(parts.windows(2).all(|pair| pair[0].1 == pair[1].0));
            assert_eq!((parts[0].0, parts[parts.len() - 1].1), (0, count));
        }
    }

    #[test]
    fn residuals_of_near_certainty_have_digits() {
        let mut scores = [20f32, 0.0];
        let loss = into_residuals(&mut scores, 0, 1.0);
        let other = (-20f64).exp();
        let expected = other / (1.0 + other);
        assert!((loss / other.ln_1p() - 1.0).abs() < 1e-6);
        assert!((f64::from(scores[1]) / expected - 1.0).abs() < 1e-6 && scores[0] == -scores[1]);
    }
}
