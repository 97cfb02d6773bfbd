//! Confidence intervals by resampling people.

use rand::RngExt;
use rayon::prelude::*;
use serde::Serialize;

use super::comparisons::{Comparisons, Tally};
use super::random::{Draw, generator};
use crate::watch::Watch;
use facenet_core::error::Result;

/// Replicates that are made between two reports of progress.
const BATCH: usize = 64;

/// The range in which a rate lies with the chosen confidence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// The middle part of `values` that holds the share `confidence` of them; none of no values.
    fn middle(mut values: Vec<f64>, confidence: f64) -> Option<Self> {
        values.sort_unstable_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        let quantile = |share: f64| {
            let place = share * last as f64;
            let (below, above) = (place.floor() as usize, (place.ceil() as usize).min(last));
            values[below] + (place - place.floor()) * (values[above] - values[below])
        };
        Some(Self { low: quantile((1.0 - confidence) / 2.0), high: quantile((1.0 + confidence) / 2.0) })
    }
}

/// The figures of the same comparisons with people drawn again and again.
pub(super) struct Replicates(Vec<Tally>);

impl Replicates {
    /// Draws as many people as there are, with replacement, `count` times. A comparison then counts as often as its
    /// person was drawn, or the product of both for two people.
    ///
    /// `watch` receives how many times are done, of how many.
    pub(super) fn draw(
        comparisons: &Comparisons,
        positions: &[usize],
        count: usize,
        seed: u64,
        watch: &Watch<'_>,
    ) -> Result<Self> {
        let people = people(comparisons);
        let number = |subject: u32| people.binary_search(&subject).unwrap_or_default();
        let subjects: Vec<[usize; 2]> =
            comparisons.ordered().par_iter().map(|comparison| comparison.subjects.map(number)).collect();
        let replicate = |index: usize| {
            watch.check()?;
            // A generator for each, so that the result does not depend on the number of threads.
            let mut random = generator(seed, Draw::Replicate(index));
            let mut drawn = vec![0u64; people.len()];
            for _ in 0..people.len() {
                drawn[random.random_range(0..people.len())] += 1;
            }
            Ok(comparisons.tally(positions, |index| {
                let [a, b] = subjects[index];
                if a == b { drawn[a] } else { drawn[a] * drawn[b] }
            }))
        };
        // Of one person, every draw is the same.
        let count = if people.len() < 2 { 0 } else { count };
        let mut usable: Vec<Tally> = Vec::new();
        watch.done(0, count as u64);
        for start in (0..count).step_by(BATCH) {
            let end = count.min(start + BATCH);
            let tallies: Vec<Option<Tally>> = (start..end).into_par_iter().map(replicate).collect::<Result<_>>()?;
            usable.extend(tallies.into_iter().flatten());
            watch.done(end as u64, count as u64);
        }
        Ok(Self(if usable.len() < count.div_ceil(2) { Vec::new() } else { usable }))
    }

    /// The interval of a figure; none if there are too few people to draw from.
    pub(super) fn interval(&self, confidence: f64, figure: impl Fn(&Tally) -> f64) -> Option<Interval> {
        Interval::middle(self.0.iter().map(figure).collect(), confidence)
    }
}

/// Everyone who is compared, ascending.
pub(super) fn people(comparisons: &Comparisons) -> Vec<u32> {
    let mut people: Vec<u32> = comparisons.ordered().iter().flat_map(|comparison| comparison.subjects).collect();
    people.par_sort_unstable();
    people.dedup();
    people
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected values are those of `numpy.quantile`.
    #[test]
    fn the_middle_part_is_that_of_numpy() {
        let middle = Interval::middle(vec![4.0, 1.0, 3.0, 2.0], 0.5).unwrap();
        assert_eq!((middle.low, middle.high), (1.75, 3.25));
        assert_eq!(Interval::middle(Vec::new(), 0.95), None);
    }
}
