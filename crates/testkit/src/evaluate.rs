//! What NumPy, SciPy and scikit-learn made of the data in `tests/data/evaluate`.

use std::sync::atomic::AtomicBool;

use facenet::Metric;
use facenet::evaluate::{Comparison, Comparisons, RowPair, fold_of};
use ndarray::Array2;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Expected {
    pub vectors: Vec<Vec<f32>>,
    pub pairs: Vec<[usize; 3]>,
    pub wanted_far: f64,
    pub cross_validations: Vec<ExpectedFigures>,
    pub exact: ExpectedExact,
}

#[derive(Deserialize)]
pub struct ExpectedFigures {
    pub metric: Metric,
    pub subtract_mean: bool,
    pub folds: Vec<usize>,
    pub accuracy: [f64; 2],
    pub validation_rate: [f64; 2],
    pub far: f64,
    pub area_under_curve: f64,
    pub equal_error_rate: f64,
    pub thresholds: Vec<f64>,
    pub validation_thresholds: Vec<f64>,
}

#[derive(Deserialize)]
pub struct ExpectedExact {
    pub distances: Vec<f32>,
    pub false_match_rates: Vec<f64>,
    pub false_non_match_rates: Vec<f64>,
    pub thresholds: Vec<Option<f32>>,
    pub area_under_curve: f64,
    pub equal_error_rate: f64,
}

pub const FOLDS: usize = 5;

/// Nothing is cancelled.
pub static NEVER: AtomicBool = AtomicBool::new(false);

pub fn expected() -> Expected {
    serde_json::from_str(include_str!("../../../tests/data/evaluate/expected.json")).expect("the file is whole")
}

impl Expected {
    pub fn matrix(&self) -> Array2<f32> {
        let columns = self.vectors[0].len();
        Array2::from_shape_vec((self.vectors.len(), columns), self.vectors.concat()).expect("rows of one length")
    }

    pub fn row_pairs(&self) -> Vec<RowPair> {
        let count = self.pairs.len();
        let pair = |(index, &[a, b, same]): (usize, &[usize; 3])| RowPair {
            a,
            b,
            same: same == 1,
            fold: fold_of(index, count, FOLDS),
        };
        self.pairs.iter().enumerate().map(pair).collect()
    }

    pub fn comparisons(&self, distances: impl Iterator<Item = f32>, metric: Metric) -> Comparisons {
        let pairs = self.row_pairs().into_iter().zip(distances);
        let comparisons = pairs.map(|(pair, distance)| Comparison {
            distance,
            same: pair.same,
            subjects: [pair.a as u32 / 6, pair.b as u32 / 6],
        });
        Comparisons::new(comparisons.collect(), metric).expect("both kinds")
    }
}

#[track_caller]
pub fn assert_near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}
