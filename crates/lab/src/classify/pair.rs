//! The support vector machine between two classes, and the sigmoid that makes a probability of what it says.

use libsvm_rs::probability::sigmoid_train;
use libsvm_rs::qmatrix::QMatrix;
use libsvm_rs::solver::{Solver, SolverVariant};
use ndarray::{Array2, ArrayView2};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

/// Tolerance of the stopping criterion, LIBSVM's default.
const TOLERANCE: f64 = 1e-3;
/// Folds of the decisions that the sigmoid is fitted to.
const FOLDS: usize = 5;

/// Two classes against each other.
pub(super) struct Pair {
    /// The coefficient of each vector, zero if it is no support vector.
    pub(super) coefficients: Vec<f64>,
    /// What is added to the sum of coefficients times products.
    pub(super) intercept: f64,
    /// The sigmoid `1 / (1 + exp(slope * decision + offset))`, the probability of the first class.
    pub(super) slope: f64,
    pub(super) offset: f64,
}

impl Pair {
    /// Trains on `vectors`, the first `positive` of which are of the first class.
    pub(super) fn train(vectors: ArrayView2<'_, f32>, positive: usize, cost: f64, seed: u64) -> Self {
        let problem = Problem::new(vectors, positive, cost);
        let all: Vec<usize> = (0..problem.signs.len()).collect();
        let (slope, offset) = problem.sigmoid(seed);
        let Solution { coefficients, intercept } = problem.solve(&all);
        Self { coefficients, intercept, slope, offset }
    }
}

struct Problem {
    /// All products, in the precision that the solver keeps.
    products: Array2<f32>,
    squares: Vec<f64>,
    signs: Vec<i8>,
    cost: f64,
}

struct Solution {
    coefficients: Vec<f64>,
    intercept: f64,
}

impl Problem {
    fn new(vectors: ArrayView2<'_, f32>, positive: usize, cost: f64) -> Self {
        let wide = vectors.mapv(f64::from);
        let products = wide.dot(&wide.t());
        let signs = (0..vectors.nrows()).map(|row| if row < positive { 1 } else { -1 }).collect();
        Self { squares: products.diag().to_vec(), products: products.mapv(|value| value as f32), signs, cost }
    }

    /// The machine for the vectors at `rows`; its coefficients are in the order of `rows`.
    fn solve(&self, rows: &[usize]) -> Solution {
        let signs: Vec<i8> = rows.iter().map(|&row| self.signs[row]).collect();
        let matrix = Matrix {
            problem: self,
            rows: rows.to_vec(),
            diagonal: rows.iter().map(|&row| self.squares[row]).collect(),
            row: vec![0.0; rows.len()],
        };
        let mut alpha = vec![0.0; rows.len()];
        let linear = vec![-1.0; rows.len()];
        let (variant, matrix) = (SolverVariant::Standard, Box::new(matrix));
        let (cost, shrinking) = (self.cost, true);
        let solved =
            Solver::solve(variant, rows.len(), matrix, &linear, &signs, &mut alpha, cost, cost, TOLERANCE, shrinking);
        let coefficients = alpha.into_iter().zip(signs).map(|(alpha, sign)| alpha * f64::from(sign)).collect();
        Solution { coefficients, intercept: -solved.rho }
    }

    /// Slope and offset of the sigmoid, fitted to decisions about vectors that were not trained on.
    fn sigmoid(&self, seed: u64) -> (f64, f64) {
        let count = self.signs.len();
        let mut order: Vec<usize> = (0..count).collect();
        order.shuffle(&mut StdRng::seed_from_u64(seed));
        let mut decisions = vec![0.0; count];
        let folds = FOLDS.min(count);
        for fold in 0..folds {
            let (begin, end) = (fold * count / folds, (fold + 1) * count / folds);
            let trained = || order[..begin].iter().chain(&order[end..]).copied();
            let (mut rows, negative): (Vec<usize>, Vec<usize>) = trained().partition(|&row| self.signs[row] > 0);
            let positive = rows.len();
            rows.extend(&negative);
            let decide: Box<dyn Fn(usize) -> f64> = match (positive, negative.len()) {
                (0, 0) => Box::new(|_| 0.0),
                (_, 0) => Box::new(|_| 1.0),
                (0, _) => Box::new(|_| -1.0),
                _ => {
                    let Solution { coefficients, intercept } = self.solve(&rows);
                    let rows = &rows;
                    Box::new(move |row| {
                        let terms = coefficients.iter().zip(rows);
                        let sum: f64 = terms.map(|(c, &other)| c * f64::from(self.products[[row, other]])).sum();
                        sum + intercept
                    })
                }
            };
            order[begin..end].iter().for_each(|&row| decisions[row] = decide(row));
        }
        let signs: Vec<f64> = self.signs.iter().map(|&sign| sign.into()).collect();
        sigmoid_train(&decisions, &signs)
    }
}

/// The quadratic form of the dual problem: products times the signs of both classes.
struct Matrix<'a> {
    problem: &'a Problem,
    rows: Vec<usize>,
    diagonal: Vec<f64>,
    row: Vec<f32>,
}

impl QMatrix for Matrix<'_> {
    fn get_q(&mut self, i: usize, len: usize) -> &[f32] {
        let Problem { products, signs, .. } = self.problem;
        let own = self.rows[i];
        let products = products.row(own);
        for (value, &other) in self.row[..len].iter_mut().zip(&self.rows) {
            *value = if signs[own] == signs[other] { products[other] } else { -products[other] };
        }
        &self.row[..len]
    }

    fn get_qd(&self) -> &[f64] {
        &self.diagonal
    }

    fn swap_index(&mut self, i: usize, j: usize) {
        self.rows.swap(i, j);
        self.diagonal.swap(i, j);
    }
}
