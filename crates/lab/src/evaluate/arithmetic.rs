//! The arithmetic of NumPy, SciPy and scikit-learn that the original's figures rest on.

/// How many of the sorted `values` lie strictly below each of the ascending `thresholds`.
pub(super) fn counts_below(values: &[f64], thresholds: impl Iterator<Item = f64>) -> impl Iterator<Item = usize> {
    let mut below = 0;
    thresholds.map(move |threshold| {
        below += values[below..].iter().take_while(|&&value| value < threshold).count();
        below
    })
}

/// The value at `at` of the line through the points (`x`, `y`), whose `x` ascend and may repeat.
///
/// As `numpy.interp` does it: the segment is the one that begins at the last `x` not above `at`, and outside of all `x`
/// the outermost `y` holds. There must be a point. SciPy's `interp1d` leaves the work to it if its kind is `linear`. The
/// original asks for `slinear`, a spline, which gives the same where no `x` repeats, and which SciPy of today refuses to
/// make where one does.
pub(super) fn interpolate(x: &[f64], y: &[f64], at: f64) -> f64 {
    let high = x.partition_point(|&x| x <= at);
    if high == 0 || high == x.len() {
        return y[high.saturating_sub(1)];
    }
    let low = high - 1;
    (y[high] - y[low]) / (x[high] - x[low]) * (at - x[low]) + y[low]
}

/// Area under the line through the points (`x`, `y`), by the trapezoidal rule.
pub(super) fn area(x: &[f64], y: &[f64]) -> f64 {
    x.windows(2).zip(y.windows(2)).map(|(x, y)| (x[1] - x[0]) * (y[1] + y[0]) / 2.0).sum()
}

/// Mean and population standard deviation.
pub(super) fn mean_and_deviation(values: impl ExactSizeIterator<Item = f64> + Clone) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.clone().sum::<f64>() / count;
    let variance = values.map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    (mean, variance.sqrt())
}

/// The root of the falling function `f` between 0 and 1, or where it jumps from above zero to below.
pub(super) fn root(f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    // Every step halves the interval: after these, it is as short as floats near one can tell apart.
    for _ in 0..53 {
        let middle = (low + high) / 2.0;
        if f(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected values are those of `scipy.interpolate.interp1d` of the kind `linear` (SciPy 1.17).
    #[test]
    fn repeated_points_are_taken_as_scipy_takes_them() {
        let x = [0.0, 0.0, 0.001, 0.001, 0.001, 0.002, 0.002, 1.0];
        let y: Vec<f64> = (0..8).map(f64::from).collect();
        assert_eq!(interpolate(&x, &y, 0.001), 4.0);
        assert_eq!(interpolate(&x, &y, 0.0015), 4.5);
        assert_eq!(interpolate(&x, &y, 1.0), 7.0);
    }

    #[test]
    fn thresholds_are_not_below_themselves() {
        let counts: Vec<usize> = counts_below(&[0.0, 1.0, 1.0, 2.0], [0.0, 0.5, 1.0, 1.5, 3.0].into_iter()).collect();
        assert_eq!(counts, [0, 1, 1, 3, 4]);
    }

    #[test]
    fn a_root_is_found_at_the_borders_too() {
        assert!((root(|x| 0.25 - x) - 0.25).abs() < 1e-12);
        assert!(root(|x| -x) < 1e-12);
        assert!(root(|x| 1.0 - x) > 1.0 - 1e-12);
    }
}
