//! Error rates with their counts and confidence intervals, where the data supports them.

use std::fmt;

use rayon::slice::ParallelSliceMut;
use serde::Serialize;

use super::bootstrap::{Interval, Replicates, people};
use super::comparisons::{Comparisons, RocPoint};
use crate::watch::Watch;
use facenet_core::embedding::Metric;
use facenet_core::error::Result;
use facenet_core::options::Options;

/// Errors that must be expected at a rate for it to be quoted: the rule of 3.
const FEWEST_ERRORS: f64 = 3.0;
/// Errors from which on a rate is trusted to about a third of itself: the rule of 30.
const ENOUGH_ERRORS: usize = 30;

facenet_core::options! {
    /// Settings of [`error_rates`].
    ///
    /// ```
    /// use facenet::evaluate::RateOptions;
    /// use facenet::options::Options;
    ///
    /// let options = RateOptions { false_match_rates: vec![1e-5], ..RateOptions::default() };
    /// assert_eq!((options.confidence, options.replicates), (0.95, 1000));
    /// assert!(RateOptions { confidence: 95.0, ..options }.check().is_err());
    /// ```
    #[derive(Serialize)]
    pub struct RateOptions {
        /// False match rates for which a threshold is wanted.
        false_match_rates: Vec<f64> = vec![1e-2, 1e-3, 1e-4],
            |rates| rates.iter().all(is_share) => "numbers between 0 and 1, ends excluded, with commas between";
        /// Share of confidence of the intervals.
        confidence: f64 = 0.95, is_share => "a number between 0 and 1, ends excluded";
        /// How often people are drawn again for the intervals; 0 for no intervals.
        replicates: usize = 1000;
        /// What is drawn; the same seed gives the same figures.
        seed: u64 = 0;
    }
}

/// Whether a share is neither none nor all.
pub(super) fn is_share(share: &f64) -> bool {
    *share > 0.0 && *share < 1.0
}

/// A figure and the interval it lies in.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Estimate {
    /// The figure of the data.
    pub value: f64,
    /// Its confidence interval; none if there are too few people.
    pub interval: Option<Interval>,
}

/// A rate of errors and what it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Rate {
    /// Errors over comparisons.
    pub rate: f64,
    /// Number of errors.
    pub errors: usize,
    /// Number of comparisons.
    pub comparisons: usize,
    /// Confidence interval; none if there are too few people.
    pub interval: Option<Interval>,
}

/// A threshold for a wanted false match rate, and the rates there.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OperatingPoint {
    /// The false match rate that was wanted.
    pub wanted: f64,
    /// The decision is "same" at this distance or nearer (for [`Metric::Cosine`], at this similarity or more).
    pub threshold: f32,
    /// Different people taken for the same.
    pub false_match: Rate,
    /// The same person taken for different people.
    pub false_non_match: Rate,
    /// Whether there are fewer than 30 false matches, so that the rate is a rough one.
    pub rough: bool,
}

/// A false match rate that was wanted and is not quoted.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Refusal {
    /// The rate.
    pub wanted: f64,
    /// Why it is not.
    pub reason: RefusalReason,
    /// Pairs of different people that it needs.
    pub needed: u64,
    /// Pairs of different people that there are.
    pub available: u64,
}

/// Why a false match rate is not quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RefusalReason {
    /// There are fewer pairs of different people than it needs.
    TooFewPairs,
    /// More comparisons of different people than it allows share the least distance, so that no threshold is strict
    /// enough.
    TiedAtLeastDistance,
}

impl fmt::Display for Refusal {
    /// The reason in words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { needed, available, .. } = self;
        match self.reason {
            RefusalReason::TooFewPairs => {
                write!(f, "it needs {needed} different pairs of people and there are {available}")
            }
            RefusalReason::TiedAtLeastDistance => {
                write!(f, "more pairs of different people than it allows are at the least distance of all")
            }
        }
    }
}

/// The error rates of comparisons, in the terms of ISO/IEC 19795-1.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ErrorRates {
    /// Metric of the thresholds.
    pub metric: Metric,
    /// Comparisons of one person.
    pub genuine: usize,
    /// Comparisons of two people.
    pub impostor: usize,
    /// People compared.
    pub people: usize,
    /// Pairs of people in the comparisons of two people, each counted once.
    pub pairs_of_people: usize,
    /// Area under the exact ROC curve.
    pub area_under_curve: Estimate,
    /// Equal error rate of the exact ROC curve.
    pub equal_error_rate: Estimate,
    /// A threshold for each wanted rate that the data supports.
    pub points: Vec<OperatingPoint>,
    /// The wanted rates that it does not support.
    pub refused: Vec<Refusal>,
    /// The exact ROC curve.
    #[serde(skip)]
    pub roc: Vec<RocPoint>,
}

/// The error rates of `comparisons`.
///
/// **Intervals** are percentiles of a bootstrap over people: pictures of one person err together, so people are drawn, not
/// pairs. A comparison of one person counts as often as the person was drawn, one of two people the product of both
/// counts. This is the vertex bootstrap (Snijders and Borgatti 1999; for face verification Fogliato, Patil and Perona,
/// *Confidence intervals for error rates in 1:1 matching tasks*, 2024), known as the pigeonhole bootstrap (Owen 2007). Its
/// intervals are never too narrow in expectation, and too wide, by a factor of up to 1.7, where hardly anybody occurs in
/// two comparisons. Rates are those at the fixed threshold. Where no error was seen, the upper end is the rule of 3:
/// `1 - (1 - confidence)^(1/n)` of n people (or pairs of people).
///
/// **Support**: a false match rate is quoted if 3 errors or more are expected of as many independent comparisons as
/// there are pairs of people; several pictures of the same two people are not independent. Fewer than 30 errors make a
/// rate rough. Both rules are those of ISO/IEC 19795-1, after Doddington and others, *The NIST speaker recognition
/// evaluation*, Speech Communication 31 (2000).
///
/// The threshold of a rate is the loosest one that has no more false matches. The draws run on the threads of the current
/// rayon pool; the result does not depend on their number. `watch` receives, on the thread of the caller, how many draws
/// are done, of how many, from none on.
///
/// ```
/// use facenet::Watch;
/// use facenet::Metric;
/// use facenet::evaluate::{Comparison, Comparisons, RateOptions, error_rates};
///
/// let of = |a: u32, b: u32, distance| Comparison { distance, same: a == b, subjects: [a, b] };
/// let comparisons: Vec<_> = (0..40u32)
///     .flat_map(|a| (a..40).map(move |b| of(a, b, (b - a) as f32)))
///     .collect();
/// let comparisons = Comparisons::new(comparisons, Metric::Euclidean)?;
/// let rates = error_rates(&comparisons, &RateOptions::default(), &Watch::none())?;
/// assert_eq!(rates.points.len(), 1);
/// assert_eq!((rates.refused[0].wanted, rates.refused[0].needed, rates.refused[0].available), (1e-3, 3000, 780));
/// # Ok::<(), facenet::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::InvalidArgument`](facenet_core::ErrorKind::InvalidArgument) if a rate or the confidence does not lie between 0
/// and 1; [`ErrorKind::Cancelled`](facenet_core::ErrorKind::Cancelled) once `watch` is cancelled.
pub fn error_rates(comparisons: &Comparisons, options: &RateOptions, watch: &Watch<'_>) -> Result<ErrorRates> {
    options.check()?;
    watch.check()?;
    let pairs_of_people = pairs_of_people(comparisons);
    let (mut thresholds, mut refused) = (Vec::new(), Vec::new());
    for &wanted in &options.false_match_rates {
        // What a quotient like 3 / 0.001 is more than the whole number that is meant is taken off.
        let needed = (FEWEST_ERRORS / wanted * (1.0 - 1e-9)).ceil() as u64;
        let available = pairs_of_people as u64;
        let mut refuse = |reason| refused.push(Refusal { wanted, reason, needed, available });
        match comparisons.threshold(wanted) {
            _ if needed > available => refuse(RefusalReason::TooFewPairs),
            Some(threshold) => thresholds.push((wanted, threshold)),
            None => refuse(RefusalReason::TiedAtLeastDistance),
        }
    }
    let positions: Vec<usize> = thresholds.iter().map(|&(_, threshold)| comparisons.position(threshold)).collect();
    let mut ascending = positions.clone();
    ascending.sort_unstable();
    let replicates = Replicates::draw(comparisons, &ascending, options.replicates, options.seed, watch)?;
    let point = |(&(wanted, threshold), position): (&(f64, f32), &usize)| {
        let place = ascending.binary_search(position).unwrap_or_default();
        let interval = |which: usize| replicates.interval(options.confidence, |tally| tally.at_positions[place][which]);
        let (accepted, false_matches) = comparisons.accepted(threshold);
        let people = people_with_genuine(comparisons);
        OperatingPoint {
            wanted,
            threshold,
            false_match: rate(false_matches, comparisons.impostor(), interval(0), pairs_of_people, options.confidence),
            false_non_match: rate(
                comparisons.genuine() - accepted,
                comparisons.genuine(),
                interval(1),
                people,
                options.confidence,
            ),
            rough: false_matches < ENOUGH_ERRORS,
        }
    };
    Ok(ErrorRates {
        metric: comparisons.metric(),
        genuine: comparisons.genuine(),
        impostor: comparisons.impostor(),
        people: people(comparisons).len(),
        pairs_of_people,
        area_under_curve: Estimate {
            value: comparisons.area_under_curve(),
            interval: replicates.interval(options.confidence, |tally| tally.area_under_curve),
        },
        equal_error_rate: Estimate {
            value: comparisons.equal_error_rate(),
            interval: replicates.interval(options.confidence, |tally| tally.equal_error_rate),
        },
        points: thresholds.iter().zip(&positions).map(point).collect(),
        refused,
        roc: comparisons.roc(),
    })
}

/// A rate; where no error was seen among `independent` trials, its interval reaches as far as the rule of 3 says.
fn rate(errors: usize, comparisons: usize, interval: Option<Interval>, independent: usize, confidence: f64) -> Rate {
    let interval = match errors {
        0 => interval.map(|_| Interval { low: 0.0, high: 1.0 - (1.0 - confidence).powf(1.0 / independent as f64) }),
        _ => interval,
    };
    Rate { rate: errors as f64 / comparisons as f64, errors, comparisons, interval }
}

fn pairs_of_people(comparisons: &Comparisons) -> usize {
    let different = comparisons.ordered().iter().filter(|comparison| !comparison.same);
    let ordered = different.map(|comparison| {
        let [a, b] = comparison.subjects;
        (a.min(b), a.max(b))
    });
    let mut pairs: Vec<(u32, u32)> = ordered.collect();
    pairs.par_sort_unstable();
    pairs.dedup();
    pairs.len()
}

fn people_with_genuine(comparisons: &Comparisons) -> usize {
    let genuine = comparisons.ordered().iter().filter(|comparison| comparison.same);
    let mut people: Vec<u32> = genuine.map(|comparison| comparison.subjects[0]).collect();
    people.sort_unstable();
    people.dedup();
    people.len()
}
