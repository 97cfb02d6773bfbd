//! Cross-validation without shuffling, and the figures of facenet's `validate_on_lfw`.

use ndarray::{Array1, ArrayView1, ArrayView2};
use rayon::prelude::*;
use serde::Serialize;

use super::arithmetic::{area, counts_below, interpolate, mean_and_deviation, root};
use super::grid::Grid;
use super::rates::is_share;
use facenet_core::embedding::Metric;
use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::model::Mirror;
use facenet_core::options::Options;

/// Two rows of a matrix of vectors that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RowPair {
    /// Row of one vector.
    pub a: usize,
    /// Row of the other.
    pub b: usize,
    /// Whether both are of the same person.
    pub same: bool,
    /// The fold that the pair is tested in.
    pub fold: usize,
}

facenet_core::options! {
    /// Settings of [`cross_validate`].
    ///
    /// ```
    /// use facenet::evaluate::FoldOptions;
    /// use facenet::options::Options;
    ///
    /// let options = FoldOptions { subtract_mean: true, ..FoldOptions::default() };
    /// assert_eq!((options.folds, options.wanted_far), (10, 1e-3));
    /// assert!(FoldOptions { folds: 1, ..options }.check().is_err());
    /// ```
    #[derive(Serialize)]
    pub struct FoldOptions {
        /// Folds of the cross-validation: one to test and the others to train on.
        folds: usize = 10, |folds| *folds > 1 => "2 or more";
        /// Metric of the distances; facenet's metric 0 by default.
        metric: Metric = Metric::SquaredEuclidean;
        /// Subtract the mean of the embeddings trained on.
        subtract_mean: bool = false;
        /// What was made of mirror images; it matters for the grid of thresholds alone.
        mirror: Mirror = Mirror::Off;
        /// False accept rate at which the validation rate is taken.
        wanted_far: f64 = 1e-3, is_share => "a number between 0 and 1, ends excluded";
    }
}

/// What was trained on nine folds and tested on the tenth.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Fold {
    /// Pairs of the same person that were tested.
    pub genuine: usize,
    /// Pairs of different people that were tested.
    pub impostor: usize,
    /// Distance below which most pairs trained on are decided rightly (for [`Metric::Cosine`], a similarity above which).
    pub threshold: f64,
    /// Pairs of the same person that were tested and rejected at that threshold.
    pub false_non_matches: usize,
    /// Pairs of different people that were tested and accepted at that threshold.
    pub false_matches: usize,
    /// Distance below which the pairs trained on have the wanted false accept rate (or similarity above which).
    pub validation_threshold: f64,
    /// Pairs of the same person that were tested and accepted at the validation threshold.
    pub validated: usize,
    /// Pairs of different people that were tested and accepted at the validation threshold.
    pub validation_false_accepts: usize,
}

impl Fold {
    fn accuracy(&self) -> f64 {
        let pairs = self.genuine + self.impostor;
        (pairs - self.false_non_matches - self.false_matches) as f64 / pairs as f64
    }
}

/// A mean over folds, and the population standard deviation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FoldMean {
    /// Mean.
    pub mean: f64,
    /// Standard deviation, divided by the number of folds and not one less, as the original prints it.
    pub deviation: f64,
}

/// The figures that facenet's `validate_on_lfw` prints, and where they come from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CrossValidation {
    /// Fraction of right decisions.
    pub accuracy: FoldMean,
    /// Fraction of the pairs of one person that are accepted at the threshold for the wanted false accept rate.
    pub validation_rate: FoldMean,
    /// False accept rate that this threshold has on the pairs tested, mean over folds.
    pub far: f64,
    /// Area under the mean ROC curve of the folds.
    pub area_under_curve: f64,
    /// Equal error rate of the mean ROC curve of the folds.
    pub equal_error_rate: f64,
    /// Each fold.
    pub folds: Vec<Fold>,
    /// Distance of each pair in the fold where it is tested.
    #[serde(skip)]
    pub distances: Vec<f32>,
}

/// The fold that element `index` of `count` belongs to: runs of the same length, the first `count % folds` of which are
/// one longer, as scikit-learn's `KFold` without shuffling makes them.
///
/// ```
/// let folds: Vec<usize> = (0..7).map(|index| facenet::evaluate::fold_of(index, 7, 3)).collect();
/// assert_eq!(folds, [0, 0, 0, 1, 1, 2, 2]);
/// ```
pub fn fold_of(index: usize, count: usize, folds: usize) -> usize {
    let (length, longer) = (count / folds.max(1), count % folds.max(1));
    let in_longer = longer * (length + 1);
    if index < in_longer { index / (length + 1) } else { longer + (index - in_longer) / length.max(1) }
}

/// Trains thresholds on all folds but one and tests them on that one, as facenet's `validate_on_lfw` does.
///
/// `vectors` has a row for each face, of any length. The arithmetic is the original's (`lfw.py` and `facenet.py` of
/// davidsandberg/facenet), in 64 bits: a pair is accepted below the threshold; accuracy is trained on thresholds 0, 0.01,
/// 0.02, ... of which the first best is taken; the validation rate on thresholds 0, 0.001, 0.002, ... and linear
/// interpolation between them, with the threshold 0 if the wanted rate is never reached; ROC curves are averaged at the
/// same thresholds.
///
/// It differs in four things. The thresholds go on past 4, where the original's end, if there are greater distances. For
/// [`Mirror::Concatenate`] and the squared Euclidean distance, steps and end are half of that: our embeddings have
/// length one where the original's two vectors in a row have the length of a square's diagonal, so that our squared
/// distances are half of the original's, and decisions are the same. The angle to a vector of zeros is a right one, not
/// undefined. [`Metric::Cosine`], which the original lacks, runs over the thresholds of one minus the similarity. Pairs are in
/// the folds that they say; on lists with missing images, see [`validate`](super::validate).
///
/// The folds run on the threads of the current rayon pool.
///
/// ```
/// use facenet::evaluate::{FoldOptions, RowPair, cross_validate};
///
/// let vectors = ndarray::array![[1.0f32, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]];
/// let pair = |a, b, same, fold| RowPair { a, b, same, fold };
/// let pairs = [pair(0, 1, true, 0), pair(0, 2, false, 0), pair(2, 3, true, 1), pair(1, 3, false, 1)];
/// let options = FoldOptions { folds: 2, ..FoldOptions::default() };
/// let result = cross_validate(vectors.view(), &pairs, &options)?;
/// assert_eq!((result.accuracy.mean, result.area_under_curve), (1.0, 1.0));
/// # Ok::<(), facenet::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] if a row does not exist or holds what is no number, if there are fewer than two folds,
/// or a fold without a pair of the same or without a pair of different people, or if vectors lie too far apart.
pub fn cross_validate(
    vectors: ArrayView2<'_, f32>,
    pairs: &[RowPair],
    options: &FoldOptions,
) -> Result<CrossValidation> {
    check(vectors, pairs, options)?;
    let sums = options.subtract_mean.then(|| Sums::of(vectors, pairs, options.folds));
    let measured: Vec<Measured> = (0..options.folds)
        .into_par_iter()
        .map(|fold| {
            let mean = sums.as_ref().map(|sums| sums.mean_without(fold));
            Measured::new(vectors, pairs, fold, options.metric, mean.as_ref())
        })
        .collect();
    let largest = measured.iter().map(|measured| measured.largest).fold(0.0, f64::max);
    let grid = Grid::new(options.metric, options.mirror, largest)?;
    let tested: Vec<Tested> = measured.par_iter().map(|measured| measured.test(&grid, options)).collect();

    let folds: Vec<Fold> = tested.iter().map(|tested| tested.fold.clone()).collect();
    let mean_of = |rate: fn(&Tested) -> &Vec<f64>| {
        let sum = |index: usize| tested.iter().map(|tested| rate(tested)[index]).sum::<f64>();
        (0..grid.coarse).map(|index| sum(index) / options.folds as f64).collect::<Vec<f64>>()
    };
    let (true_rates, false_rates) = (mean_of(|tested| &tested.true_rates), mean_of(|tested| &tested.false_rates));
    let over_folds = |of: fn(&Fold) -> f64| {
        let (mean, deviation) = mean_and_deviation(folds.iter().map(of));
        FoldMean { mean, deviation }
    };
    let mut distances = vec![0.0; pairs.len()];
    for measured in &measured {
        for &(index, dissimilarity) in &measured.tested {
            distances[index] = in_metric(options.metric, dissimilarity) as f32;
        }
    }
    Ok(CrossValidation {
        accuracy: over_folds(Fold::accuracy),
        validation_rate: over_folds(|fold| fold.validated as f64 / fold.genuine as f64),
        far: over_folds(|fold| fold.validation_false_accepts as f64 / fold.impostor as f64).mean,
        area_under_curve: area(&false_rates, &true_rates),
        equal_error_rate: root(|x| 1.0 - x - interpolate(&false_rates, &true_rates, x)),
        folds,
        distances,
    })
}

fn check(vectors: ArrayView2<'_, f32>, pairs: &[RowPair], options: &FoldOptions) -> Result<()> {
    options.check()?;
    let rows = vectors.nrows();
    let wrong = |pair: &&RowPair| pair.a >= rows || pair.b >= rows || pair.fold >= options.folds;
    if let Some(pair) = pairs.iter().find(wrong) {
        return invalid(format!("there is {pair:?}, of {rows} vectors and {} folds", options.folds));
    }
    check_finite(vectors)?;
    check_kinds(pairs, options)
}

/// Fails unless each fold has pairs of both kinds.
pub(super) fn check_kinds(pairs: &[RowPair], options: &FoldOptions) -> Result<()> {
    // Fewer pairs than folds leave a fold empty; a check here keeps absurd numbers from taking memory.
    if options.folds > pairs.len() {
        return invalid(format!("{} folds of {} pairs: use fewer folds", options.folds, pairs.len()));
    }
    let mut counts = vec![[0usize; 2]; options.folds];
    pairs.iter().for_each(|pair| counts[pair.fold][usize::from(pair.same)] += 1);
    match counts.iter().position(|counts| counts.contains(&0)) {
        Some(fold) => invalid(format!(
            "fold {} of {} has {} pairs of the same and {} of different people, and needs some of both: use fewer folds, \
             or a list with both kinds in every fold",
            fold + 1,
            options.folds,
            counts[fold][1],
            counts[fold][0]
        )),
        None => Ok(()),
    }
}

/// Fails if a value is no number.
pub(super) fn check_finite(vectors: ArrayView2<'_, f32>) -> Result<()> {
    match vectors.rows().into_iter().position(|row| row.iter().any(|value| !value.is_finite())) {
        Some(row) => invalid(format!("the vector in row {row} holds a value that is no number")),
        None => Ok(()),
    }
}

fn invalid(message: String) -> Result<()> {
    Err(Error::new(ErrorKind::InvalidArgument, message))
}

/// Sums of the vectors of pairs, for the means of those trained on.
struct Sums {
    total: Array1<f64>,
    of_folds: Vec<(Array1<f64>, usize)>,
    vectors: usize,
}

impl Sums {
    fn of(vectors: ArrayView2<'_, f32>, pairs: &[RowPair], folds: usize) -> Self {
        let zeros = Array1::<f64>::zeros(vectors.ncols());
        let mut of_folds = vec![(zeros.clone(), 0); folds];
        for pair in pairs {
            let (sum, count) = &mut of_folds[pair.fold];
            for row in [pair.a, pair.b] {
                sum.zip_mut_with(&vectors.row(row), |sum, &value| *sum += f64::from(value));
                *count += 1;
            }
        }
        let total = of_folds.iter().fold(zeros, |total, (sum, _)| total + sum);
        Self { total, of_folds, vectors: 2 * pairs.len() }
    }

    fn mean_without(&self, fold: usize) -> Array1<f64> {
        let (sum, count) = &self.of_folds[fold];
        (&self.total - sum) / (self.vectors - count) as f64
    }
}

/// The distances of all pairs as they are when one fold is tested.
struct Measured {
    train: Sorted,
    test: Sorted,
    /// Index and distance of each pair that is tested.
    tested: Vec<(usize, f64)>,
    largest: f64,
}

/// Sorted distances of pairs of the same and of different people.
#[derive(Default)]
struct Sorted {
    genuine: Vec<f64>,
    impostor: Vec<f64>,
}

/// A fold, and its ROC curve at the coarse thresholds.
struct Tested {
    fold: Fold,
    true_rates: Vec<f64>,
    false_rates: Vec<f64>,
}

impl Measured {
    fn new(
        vectors: ArrayView2<'_, f32>,
        pairs: &[RowPair],
        fold: usize,
        metric: Metric,
        mean: Option<&Array1<f64>>,
    ) -> Self {
        let (mut train, mut test, mut tested) = (Sorted::default(), Sorted::default(), Vec::new());
        for (index, pair) in pairs.iter().enumerate() {
            let distance = dissimilarity(vectors.row(pair.a), vectors.row(pair.b), mean, metric);
            let part = if pair.fold == fold { &mut test } else { &mut train };
            if pair.same { &mut part.genuine } else { &mut part.impostor }.push(distance);
            if pair.fold == fold {
                tested.push((index, distance));
            }
        }
        for distances in [&mut train.genuine, &mut train.impostor, &mut test.genuine, &mut test.impostor] {
            distances.sort_unstable_by(f64::total_cmp);
        }
        let lasts =
            [&train.genuine, &train.impostor, &test.genuine, &test.impostor].map(|sorted| sorted.last().copied());
        let largest = lasts.into_iter().flatten().fold(0.0, f64::max);
        Self { train, test, tested, largest }
    }

    fn test(&self, grid: &Grid, options: &FoldOptions) -> Tested {
        let Self { train, test, .. } = self;
        let (genuine, impostor) = (test.genuine.len(), test.impostor.len());
        let threshold = best_threshold(train, grid);
        let validation_threshold = far_threshold(&train.impostor, grid, options.wanted_far);
        let below = |distances: &[f64], threshold: f64| distances.partition_point(|&distance| distance < threshold);
        let rates = |distances: &[f64]| {
            counts_below(distances, grid.coarse()).map(|count| count as f64 / distances.len() as f64).collect()
        };
        Tested {
            fold: Fold {
                genuine,
                impostor,
                threshold: in_metric(options.metric, threshold),
                false_non_matches: genuine - below(&test.genuine, threshold),
                false_matches: below(&test.impostor, threshold),
                validation_threshold: in_metric(options.metric, validation_threshold),
                validated: below(&test.genuine, validation_threshold),
                validation_false_accepts: below(&test.impostor, validation_threshold),
            },
            true_rates: rates(&test.genuine),
            false_rates: rates(&test.impostor),
        }
    }
}

/// The first of the coarse thresholds that decides the most pairs rightly.
fn best_threshold(train: &Sorted, grid: &Grid) -> f64 {
    let accepted = counts_below(&train.genuine, grid.coarse()).zip(counts_below(&train.impostor, grid.coarse()));
    let mut best = (0, 0.0);
    for (threshold, (genuine, impostor)) in grid.coarse().zip(accepted) {
        let right = genuine + train.impostor.len() - impostor;
        if right > best.0 {
            best = (right, threshold);
        }
    }
    best.1
}

/// The threshold with the wanted false accept rate, between the fine ones; 0 if none of them reaches it.
fn far_threshold(impostor: &[f64], grid: &Grid, wanted: f64) -> f64 {
    let rates: Vec<f64> =
        counts_below(impostor, grid.fine()).map(|count| count as f64 / impostor.len() as f64).collect();
    if rates.last().is_none_or(|&most| most < wanted) {
        return 0.0;
    }
    interpolate(&rates, &grid.fine().collect::<Vec<_>>(), wanted)
}

/// How unlike two vectors are, less `mean`: the distance, or one minus the similarity.
fn dissimilarity(a: ArrayView1<'_, f32>, b: ArrayView1<'_, f32>, mean: Option<&Array1<f64>>, metric: Metric) -> f64 {
    let (mut squared, mut product, mut lengths) = (0.0, 0.0, [0.0; 2]);
    for index in 0..a.len() {
        let mean = mean.map_or(0.0, |mean| mean[index]);
        let (x, y) = (f64::from(a[index]) - mean, f64::from(b[index]) - mean);
        squared += (x - y) * (x - y);
        product += x * y;
        lengths[0] += x * x;
        lengths[1] += y * y;
    }
    let length = lengths[0].sqrt() * lengths[1].sqrt();
    let cosine = if length > 0.0 { (product / length).clamp(-1.0, 1.0) } else { 0.0 };
    match metric {
        Metric::SquaredEuclidean => squared,
        Metric::Euclidean => squared.sqrt(),
        Metric::Angular => cosine.acos() / std::f64::consts::PI,
        Metric::Cosine => 1.0 - cosine,
    }
}

/// The distance or similarity of a dissimilarity.
fn in_metric(metric: Metric, dissimilarity: f64) -> f64 {
    match metric {
        Metric::Cosine => 1.0 - dissimilarity,
        Metric::Euclidean | Metric::SquaredEuclidean | Metric::Angular => dissimilarity,
    }
}
