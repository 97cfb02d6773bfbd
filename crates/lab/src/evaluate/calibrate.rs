//! Thresholds for wanted false match rates, from people's pictures.

use ndarray::ArrayView2;
use rayon::prelude::*;
use serde::Serialize;

use super::comparisons::{Comparison, Comparisons};
use super::folds::check_finite;
use super::rates::{ErrorRates, RateOptions, error_rates};
use super::sample::{Sample, genuine, impostor};
use crate::watch::Watch;
use facenet_core::embedding::{Metric, distance};
use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::model::{Mirror, Threshold};
use facenet_core::options::Options;

/// Comparisons between two reports of progress.
const PIECE: usize = 1 << 14;

facenet_core::options! {
    /// Settings of [`calibrate`].
    ///
    /// ```
    /// use facenet::Metric;
    /// use facenet::evaluate::CalibrationOptions;
    ///
    /// let options = CalibrationOptions { metric: Metric::Cosine, ..CalibrationOptions::default() };
    /// assert_eq!(options.most_pairs, 1_000_000);
    /// ```
    #[derive(Serialize)]
    pub struct CalibrationOptions {
        /// Metric of the thresholds.
        metric: Metric = Metric::Euclidean;
        /// Most pairs of one person, and most of two, that are compared; fewer than there are will be chosen by person. A false
        /// match rate needs three divided by it.
        most_pairs: usize = 1_000_000;
        ..
        /// The wanted rates. The seed chooses the pairs too.
        rates: RateOptions = RateOptions::default();
    }
}

/// What a calibration found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Calibration {
    /// Vectors that were given.
    pub images: usize,
    /// People that they are of.
    pub people: usize,
    /// Pairs of one person that there are; of them, `rates.genuine` were compared.
    pub genuine_available: u64,
    /// Pairs of two people that there are; of them, `rates.impostor` were compared.
    pub impostor_available: u64,
    /// The thresholds and their rates.
    #[serde(flatten)]
    pub rates: ErrorRates,
}

impl Calibration {
    /// The thresholds for a model's description or a [`Profile`](super::Profile): in the order the rates were wanted in,
    /// of which the first is the default.
    pub fn thresholds(&self, mirror: Mirror, measured_on: &str) -> Vec<Threshold> {
        let points = self.rates.points.iter().map(|point| Threshold {
            distance: point.threshold,
            mirror,
            false_match_rate: point.false_match.rate,
            false_non_match_rate: point.false_non_match.rate,
            measured_on: measured_on.to_string(),
        });
        points.collect()
    }
}

/// Finds thresholds for wanted false match rates.
///
/// `vectors` has a row for each picture, of which `subjects` says whose it is, by any numbers. All pairs are compared if
/// there are no more than [`most_pairs`](CalibrationOptions::most_pairs) of a kind; otherwise pairs are chosen so that
/// every person, and every two people, count alike as far as they have enough pictures. Rates, intervals and the refusal
/// of rates are those of [`error_rates`].
///
/// Distances are measured on the threads of the current rayon pool. `watch` receives, on the thread of the caller, how
/// many steps are done, of how many, from none on: pieces of the comparisons, then the draws for the intervals.
///
/// ```
/// use facenet::Watch;
/// use facenet::evaluate::{CalibrationOptions, RateOptions, calibrate};
///
/// // Two pictures each of 30 people: on a circle, 12 degrees from one to the next.
/// let angle = |row: usize| (row / 2 * 12 + row % 2) as f32;
/// let vectors = ndarray::Array2::from_shape_fn((60, 2), |(row, column)| {
///     let angle = angle(row).to_radians();
///     if column == 0 { angle.cos() } else { angle.sin() }
/// });
/// let subjects: Vec<u32> = (0..60).map(|row| row / 2).collect();
/// let rates = RateOptions { false_match_rates: vec![0.01, 1e-6], ..RateOptions::default() };
/// let options = CalibrationOptions { rates, ..CalibrationOptions::default() };
/// let calibration = calibrate(vectors.view(), &subjects, &options, &Watch::none())?;
/// assert_eq!(calibration.rates.points[0].false_non_match.errors, 0);
/// assert_eq!(calibration.rates.refused[0].available, 435);
/// # Ok::<(), facenet::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::DimensionMismatch`] if there are not as many `subjects` as rows, [`ErrorKind::InvalidArgument`] if a value
/// is no number, or nobody has two pictures, or there is one person only; [`ErrorKind::Cancelled`],
/// and as [`error_rates`].
pub fn calibrate(
    vectors: ArrayView2<'_, f32>,
    subjects: &[u32],
    options: &CalibrationOptions,
    watch: &Watch<'_>,
) -> Result<Calibration> {
    options.rates.check()?;
    let people = rows_of_people(vectors, subjects)?;
    check_finite(vectors)?;
    let seed = options.rates.seed;
    let genuine = genuine(&people, options.most_pairs, seed, watch)?;
    let impostor = impostor(&people, options.most_pairs, seed, watch)?;
    let contiguous = vectors.as_standard_layout();
    let width = vectors.ncols();
    let values = contiguous.as_slice().unwrap_or_default();
    let row = |row: usize| &values[row * width..][..width];
    let compare = |&[a, b]: &[usize; 2]| {
        watch.check()?;
        let distance = distance(row(a), row(b), options.metric)?;
        Ok(Comparison { distance, same: subjects[a] == subjects[b], subjects: [subjects[a], subjects[b]] })
    };
    let Sample { pairs, available: genuine_available } = genuine;
    let Sample { pairs: impostor_pairs, available: impostor_available } = impostor;
    let pieces: Vec<&[[usize; 2]]> = pairs.chunks(PIECE).chain(impostor_pairs.chunks(PIECE)).collect();
    let (compared, steps) = (pieces.len() as u64, (pieces.len() + options.rates.replicates) as u64);
    let mut comparisons = Vec::with_capacity(pairs.len() + impostor_pairs.len());
    watch.done(0, steps);
    for (done, piece) in pieces.iter().enumerate() {
        comparisons.extend(piece.par_iter().map(compare).collect::<Result<Vec<Comparison>>>()?);
        watch.done(done as u64 + 1, steps);
    }
    let comparisons = Comparisons::new(comparisons, options.metric)?;
    let progress = |done, _| watch.done(compared + done, steps);
    Ok(Calibration {
        images: subjects.len(),
        people: people.len(),
        genuine_available,
        impostor_available,
        rates: error_rates(&comparisons, &options.rates, &Watch::new(&progress, watch.cancel()))?,
    })
}

/// The rows of each person, if there is a person for every vector.
pub(super) fn rows_of_people(vectors: ArrayView2<'_, f32>, subjects: &[u32]) -> Result<Vec<Vec<usize>>> {
    if subjects.len() != vectors.nrows() {
        let message = format!("{} subjects for {} vectors", subjects.len(), vectors.nrows());
        return Err(Error::new(ErrorKind::DimensionMismatch, message));
    }
    let mut rows: Vec<usize> = (0..subjects.len()).collect();
    rows.sort_by_key(|&row| subjects[row]);
    Ok(rows.chunk_by(|&a, &b| subjects[a] == subjects[b]).map(<[usize]>::to_vec).collect())
}
