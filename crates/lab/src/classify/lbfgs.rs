//! Minima of smooth convex functions.

use std::collections::VecDeque;

use rayon::prelude::*;

use facenet_core::error::Result;

/// Steps whose curvature is remembered.
const MEMORY: usize = 10;
/// How much of the descent that the slope promises a step must bring, how much of the slope may be left after it, and how much
/// of it the function may rise again.
const DESCENT: f64 = 1e-4;
const FALL: f64 = 0.9;
const RISE: f64 = 0.5;
/// Lengths of a step that are tried.
const TRIALS: usize = 40;
/// Values that are summed before partial sums are: the same for any number of threads.
const PART: usize = 1 << 14;

/// Where a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The caller was content.
    Content,
    /// No step leads further down than values are exact.
    Rounding,
    /// As many steps were made as were allowed.
    Steps,
}

/// A function, its gradient, and when its minimum is near enough.
pub(super) trait Objective {
    /// The relative difference of two values below which they are taken for equal.
    const ROUNDING: f64;

    /// The value at `at`; `gradient` is overwritten.
    fn evaluate(&mut self, at: &[f64], gradient: &mut [f64]) -> Result<f64>;

    /// Whether `at`, where the gradient is `gradient`, is near enough.
    fn is_content(&mut self, at: &[f64], gradient: &[f64]) -> bool;
}

/// Moves `at` to the minimum of a convex function with the limited memory method of Broyden, Fletcher, Goldfarb and Shanno
/// (Nocedal and Wright, *Numerical Optimization*, 2006, algorithm 7.5), steps by halving and doubling until Wolfe's conditions
/// hold. Slopes decide where values are too inexact to.
pub(super) fn minimize<O: Objective>(at: &mut Vec<f64>, steps: usize, objective: &mut O) -> Result<End> {
    let mut gradient = vec![0.0; at.len()];
    let mut value = objective.evaluate(at, &mut gradient)?;
    let mut curvature = Curvature::default();
    let (mut next, mut next_gradient) = (at.clone(), gradient.clone());
    for _ in 0..steps {
        if objective.is_content(at, &gradient) {
            return Ok(End::Content);
        }
        let direction = curvature.direction(&gradient);
        let slope = dot(&gradient, &direction);
        if slope >= 0.0 {
            return Ok(End::Rounding);
        }
        // Nothing is known of the scale before the first step.
        let mut length = if curvature.pairs.is_empty() { 1.0 / (-slope).sqrt().max(1.0) } else { 1.0 };
        let (mut short, mut long) = (0.0, f64::INFINITY);
        let mut trials = 0;
        let next_value = loop {
            if trials == TRIALS {
                return Ok(End::Rounding);
            }
            trials += 1;
            next.copy_from_slice(at);
            add(&mut next, length, &direction);
            let found = objective.evaluate(&next, &mut next_gradient)?;
            // What is not a number is too far.
            let is_lower = found <= value + DESCENT * length * slope + O::ROUNDING * value.abs();
            let next_slope = dot(&next_gradient, &direction);
            if !is_lower || next_slope > -RISE * slope {
                long = length;
            } else if next_slope < FALL * slope {
                short = length;
            } else {
                break found;
            }
            length = if long.is_finite() { f64::midpoint(short, long) } else { 2.0 * length };
        };
        curvature.learn(at, &gradient, &next, &next_gradient);
        value = next_value;
        std::mem::swap(at, &mut next);
        std::mem::swap(&mut gradient, &mut next_gradient);
    }
    Ok(End::Steps)
}

/// What the last steps tell of the second derivative.
#[derive(Default)]
struct Curvature {
    pairs: VecDeque<Pair>,
}

/// A step, how the gradient changed in it, and the inverse of their product.
struct Pair {
    step: Vec<f64>,
    change: Vec<f64>,
    inverse: f64,
}

impl Curvature {
    fn learn(&mut self, from: &[f64], from_gradient: &[f64], to: &[f64], to_gradient: &[f64]) {
        let mut oldest = match self.pairs.len() {
            MEMORY => self.pairs.pop_front(),
            _ => None,
        }
        .unwrap_or_else(|| Pair { step: vec![0.0; to.len()], change: vec![0.0; to.len()], inverse: 0.0 });
        oldest.step.copy_from_slice(to);
        add(&mut oldest.step, -1.0, from);
        oldest.change.copy_from_slice(to_gradient);
        add(&mut oldest.change, -1.0, from_gradient);
        let product = dot(&oldest.step, &oldest.change);
        // Rounding may hide the curvature of a very short step.
        if product > f64::EPSILON * dot(&oldest.change, &oldest.change) {
            oldest.inverse = 1.0 / product;
            self.pairs.push_back(oldest);
        }
    }

    /// The way down from where the gradient is `gradient`.
    fn direction(&self, gradient: &[f64]) -> Vec<f64> {
        let mut direction: Vec<f64> = gradient.iter().map(|value| -value).collect();
        let mut shares = Vec::with_capacity(self.pairs.len());
        for Pair { step, change, inverse } in self.pairs.iter().rev() {
            let share = inverse * dot(step, &direction);
            add(&mut direction, -share, change);
            shares.push(share);
        }
        if let Some(Pair { change, inverse, .. }) = self.pairs.back() {
            let scale = 1.0 / (inverse * dot(change, change));
            direction.par_chunks_mut(PART).for_each(|part| part.iter_mut().for_each(|value| *value *= scale));
        }
        for (Pair { step, change, inverse }, share) in self.pairs.iter().zip(shares.into_iter().rev()) {
            let correction = share - inverse * dot(change, &direction);
            add(&mut direction, correction, step);
        }
        direction
    }
}

/// The scalar product.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let part = |(a, b): (&[f64], &[f64])| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let parts: Vec<f64> = a.par_chunks(PART).zip(b.par_chunks(PART)).map(part).collect();
    parts.iter().sum()
}

/// Adds `factor * other` to `to`.
fn add(to: &mut [f64], factor: f64, other: &[f64]) {
    let part =
        |(to, other): (&mut [f64], &[f64])| to.iter_mut().zip(other).for_each(|(to, other)| *to += factor * other);
    to.par_chunks_mut(PART).zip(other.par_chunks(PART)).for_each(part);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `sum of scale * (x - minimum)^2 + log(cosh(x))` of each coordinate, strongly convex.
    struct Bowl {
        scales: Vec<f64>,
        minimum: Vec<f64>,
    }

    impl Objective for Bowl {
        const ROUNDING: f64 = 1e-12;

        fn evaluate(&mut self, at: &[f64], gradient: &mut [f64]) -> Result<f64> {
            let mut value = 0.0;
            for (index, x) in at.iter().enumerate() {
                let away = x - self.minimum[index];
                value += self.scales[index] * away * away + x.abs() + (-2.0 * x.abs()).exp().ln_1p();
                gradient[index] = 2.0 * self.scales[index] * away + x.tanh();
            }
            Ok(value)
        }

        fn is_content(&mut self, _: &[f64], gradient: &[f64]) -> bool {
            dot(gradient, gradient).sqrt() < 1e-9
        }
    }

    #[test]
    fn the_gradient_vanishes_at_the_minimum() {
        let count = 40_000;
        let scales: Vec<f64> = (0..count).map(|i| 10f64.powf(f64::from(i % 7) / 2.0 - 1.0)).collect();
        let minimum = (0..count).map(|i| f64::from(i % 11) - 5.0).collect();
        let mut bowl = Bowl { scales, minimum };
        let mut at = vec![0.0; bowl.scales.len()];
        assert_eq!(minimize(&mut at, 1000, &mut bowl).unwrap(), End::Content);
        // Newton's method, coordinate by coordinate.
        for (index, found) in at.iter().enumerate() {
            let mut x = *found;
            for _ in 0..3 {
                let slope = 2.0 * bowl.scales[index] * (x - bowl.minimum[index]) + x.tanh();
                x -= slope / (2.0 * bowl.scales[index] + 1.0 - x.tanh().powi(2));
            }
            assert!((x - found).abs() < 1e-8, "{found} is not {x}");
        }
        let mut far = vec![1e6; bowl.scales.len()];
        assert_eq!(minimize(&mut far, 2, &mut bowl).unwrap(), End::Steps);
    }
}
