//! Comparisons ordered by distance, and the exact error rates at every threshold.

use rayon::slice::ParallelSliceMut;
use serde::Serialize;

use facenet_core::embedding::Metric;
use facenet_core::error::{Error, ErrorKind, Result};

/// Two faces that were compared.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Comparison {
    /// Their distance (or, for [`Metric::Cosine`], similarity).
    pub distance: f32,
    /// Whether both faces are of the same person: a mated comparison in the terms of ISO/IEC 19795-1.
    pub same: bool,
    /// The people of the two faces, by any numbers.
    pub subjects: [u32; 2],
}

/// The rates of errors at one threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RocPoint {
    /// The decision is "same" at this distance or nearer; none where every comparison is rejected.
    pub threshold: Option<f32>,
    /// False match rate: share of the comparisons of different people that are taken for the same.
    pub false_match_rate: f64,
    /// False non-match rate: share of the comparisons of one person that are taken for different people.
    pub false_non_match_rate: f64,
}

/// Comparisons, the nearest first, of which some are of the same and some of different people.
///
/// Rates are those of ISO/IEC 19795-1: nothing is binned or interpolated, every distance that occurs is a threshold.
///
/// ```
/// use facenet::Metric;
/// use facenet::evaluate::{Comparison, Comparisons};
///
/// let of = |distance, same| Comparison { distance, same, subjects: [0, u32::from(!same)] };
/// let comparisons = Comparisons::new(vec![of(0.9, false), of(0.3, true), of(0.5, true)], Metric::Euclidean)?;
/// assert_eq!((comparisons.area_under_curve(), comparisons.equal_error_rate()), (1.0, 0.0));
/// assert_eq!(comparisons.accepted(0.4), (1, 0));
/// # Ok::<(), facenet::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Comparisons {
    ordered: Vec<Comparison>,
    metric: Metric,
    genuine: usize,
}

impl Comparisons {
    /// Orders `comparisons`, whose distances are in `metric`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if a distance is not a number, or if there is none of the same or none of
    /// different people.
    pub fn new(mut comparisons: Vec<Comparison>, metric: Metric) -> Result<Self> {
        if let Some(index) = comparisons.iter().position(|comparison| !comparison.distance.is_finite()) {
            let message = format!("the distance of comparison {index} is {}", comparisons[index].distance);
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        let genuine = comparisons.iter().filter(|comparison| comparison.same).count();
        let impostor = comparisons.len() - genuine;
        if genuine == 0 || impostor == 0 {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!(
                    "{genuine} pairs of the same and {impostor} of different people: error rates need some of both"
                ),
            ));
        }
        comparisons.par_sort_by(|a, b| match metric {
            Metric::Cosine => b.distance.total_cmp(&a.distance),
            Metric::Euclidean | Metric::SquaredEuclidean | Metric::Angular => a.distance.total_cmp(&b.distance),
        });
        Ok(Self { ordered: comparisons, metric, genuine })
    }

    /// The comparisons, the nearest first.
    pub fn ordered(&self) -> &[Comparison] {
        &self.ordered
    }

    /// The metric of the distances.
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// How many are of the same person.
    pub fn genuine(&self) -> usize {
        self.genuine
    }

    /// How many are of different people.
    pub fn impostor(&self) -> usize {
        self.ordered.len() - self.genuine
    }

    /// How many comparisons of the same and of different people are within `threshold`.
    pub fn accepted(&self, threshold: f32) -> (usize, usize) {
        let accepted = &self.ordered[..self.position(threshold)];
        let genuine = accepted.iter().filter(|comparison| comparison.same).count();
        (genuine, accepted.len() - genuine)
    }

    /// The corners of the exact ROC curve, from the strictest threshold to the loosest.
    pub fn roc(&self) -> Vec<RocPoint> {
        let (genuine, impostor) = (self.genuine as f64, self.impostor() as f64);
        let mut corners: Vec<(RocPoint, [usize; 2])> = Vec::new();
        let mut add = |threshold, accepted: [usize; 2]| {
            // Of steps in one direction, the last makes the corner.
            if let [.., (_, before), (_, last)] = *corners {
                let step = |from: [usize; 2], to: [usize; 2]| [to[0] - from[0], to[1] - from[1]];
                let (first, second) = (step(before, last), step(last, accepted));
                if (0..2).any(|axis| first[axis] == 0 && second[axis] == 0) {
                    corners.pop();
                }
            }
            let point = RocPoint {
                threshold,
                false_match_rate: accepted[1] as f64 / impostor,
                false_non_match_rate: (self.genuine - accepted[0]) as f64 / genuine,
            };
            corners.push((point, accepted));
        };
        let mut accepted = [0; 2];
        add(None, accepted);
        for group in self.groups() {
            let same = group.iter().filter(|comparison| comparison.same).count();
            accepted = [accepted[0] + same, accepted[1] + group.len() - same];
            add(Some(group[0].distance), accepted);
        }
        corners.into_iter().map(|(point, _)| point).collect()
    }

    /// Area under the exact ROC curve: the probability that a pair of one person is nearer than one of two people, ties
    /// counted half (Mann-Whitney).
    pub fn area_under_curve(&self) -> f64 {
        self.tally(&[], |_| 1).map_or(f64::NAN, |tally| tally.area_under_curve)
    }

    /// The rate at which false match rate and false non-match rate are equal, on straight lines between the points of
    /// the exact ROC curve.
    pub fn equal_error_rate(&self) -> f64 {
        self.tally(&[], |_| 1).map_or(f64::NAN, |tally| tally.equal_error_rate)
    }

    /// The loosest threshold with a false match rate of no more than `rate`. None if the nearest comparison of
    /// different people, with those at its distance, is too many already and no pair of one person is nearer.
    pub fn threshold(&self, rate: f64) -> Option<f32> {
        // What a product of floats like 0.001 x 3000 lacks of the whole number that is meant is given back.
        let most = (rate * self.impostor() as f64 * (1.0 + 1e-9)) as usize;
        let (mut last, mut impostors) = (None, 0);
        for group in self.groups() {
            impostors += group.iter().filter(|comparison| !comparison.same).count();
            if impostors > most {
                return last.map(|last| between(last, group[0].distance));
            }
            last = Some(group[0].distance);
        }
        last
    }

    /// How many comparisons are within `threshold`.
    pub(super) fn position(&self, threshold: f32) -> usize {
        self.ordered.partition_point(|comparison| self.metric.within(comparison.distance, threshold))
    }

    /// Comparisons of the same distance together, the nearest first.
    fn groups(&self) -> impl Iterator<Item = &[Comparison]> {
        self.ordered.chunk_by(|a, b| a.distance == b.distance)
    }

    /// The rates if every comparison counted `weight` times, by its place in the order; at `positions`, which ascend, if
    /// just so many comparisons were accepted. None if all weights of one kind are zero.
    pub(super) fn tally(&self, positions: &[usize], weight: impl Fn(usize) -> u64) -> Option<Tally> {
        let (mut accepted, mut doubled_area) = ([0u64; 2], 0.0);
        let mut at_positions = Vec::with_capacity(positions.len());
        let mut positions = positions.iter().copied().peekable();
        let mut total = [0u64; 2];
        for (index, comparison) in self.ordered.iter().enumerate() {
            total[usize::from(!comparison.same)] += weight(index);
        }
        if total.contains(&0) {
            return None;
        }
        let rates = |[genuine, impostor]: [u64; 2]| {
            [impostor as f64 / total[1] as f64, (total[0] - genuine) as f64 / total[0] as f64]
        };
        let mut last = [0.0, 1.0];
        let mut equal_error_rate = None;
        let mut index = 0;
        for group in self.groups() {
            while positions.next_if(|&position| position <= index).is_some() {
                at_positions.push(rates(accepted));
            }
            let before = accepted;
            for comparison in group {
                accepted[usize::from(!comparison.same)] += weight(index);
                index += 1;
            }
            doubled_area += (accepted[1] - before[1]) as f64 * (accepted[0] + before[0]) as f64;
            if equal_error_rate.is_none() {
                let now = rates(accepted);
                if now[1] <= now[0] {
                    equal_error_rate = Some(crossing(last, now));
                }
                last = now;
            }
        }
        at_positions.extend(positions.map(|_| rates(accepted)));
        Some(Tally {
            area_under_curve: doubled_area / 2.0 / total[0] as f64 / total[1] as f64,
            equal_error_rate: equal_error_rate.unwrap_or(1.0),
            at_positions,
        })
    }
}

/// What [`Comparisons::tally`] counted.
pub(super) struct Tally {
    pub(super) area_under_curve: f64,
    pub(super) equal_error_rate: f64,
    /// False match rate and false non-match rate at each position.
    pub(super) at_positions: Vec<[f64; 2]>,
}

/// Where the line between two points (false match rate, false non-match rate) has both rates equal.
fn crossing(from: [f64; 2], to: [f64; 2]) -> f64 {
    let (above, below) = (from[1] - from[0], to[0] - to[1]);
    let share = if above + below > 0.0 { above / (above + below) } else { 0.0 };
    from[0] + share * (to[0] - from[0])
}

/// A threshold that accepts `near` and not `far`, midway where floats allow.
fn between(near: f32, far: f32) -> f32 {
    let middle = near + (far - near) / 2.0;
    if middle == far { near } else { middle }
}
