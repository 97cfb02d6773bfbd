//! Synthetic people: vectors scattered around a direction for each.

use facenet::classify::{Classifier, Method, TrainingSet};
use facenet::store::Description;
use facenet::{Fingerprint, Metric, Result, Watch};
use ndarray::Array2;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

pub fn fingerprint() -> Fingerprint {
    Fingerprint::of("synthetic")
}

pub fn description(dimension: usize) -> Description {
    Description { model: "synthetic".into(), fingerprint: fingerprint(), dimension, metric: Metric::Cosine }
}

/// Vectors with the class of each.
#[derive(Debug, Clone)]
pub struct People {
    pub vectors: Array2<f32>,
    pub labels: Vec<usize>,
    pub names: Vec<String>,
}

impl People {
    /// `images` vectors of each of `people`, in `dimension` dimensions, scattered by `spread`.
    pub fn new(people: usize, images: usize, dimension: usize, spread: f32, seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let mut vectors = Array2::zeros((people * images, dimension));
        for person in 0..people {
            let center: Vec<f32> = (0..dimension).map(|_| random.random_range(-1.0..1.0)).collect();
            for image in 0..images {
                let mut row = vectors.row_mut(person * images + image);
                row.iter_mut().zip(&center).for_each(|(v, c)| *v = c + spread * random.random_range(-1.0..1.0f32));
            }
        }
        let labels = (0..people * images).map(|row| row / images).collect();
        Self { vectors, labels, names: (0..people).map(|person| format!("Person_{person}")).collect() }
    }

    /// The same rows in another order.
    pub fn permuted(&self, order: &[usize]) -> Self {
        Self {
            vectors: self.vectors.select(ndarray::Axis(0), order),
            labels: order.iter().map(|&row| self.labels[row]).collect(),
            names: self.names.clone(),
        }
    }

    pub fn set(&self) -> TrainingSet<'_> {
        TrainingSet { vectors: self.vectors.view(), labels: &self.labels, names: &self.names }
    }

    pub fn train(&self, method: &Method<'_>) -> Result<Classifier> {
        train(&self.set(), method)
    }
}

pub fn train(set: &TrainingSet<'_>, method: &Method<'_>) -> Result<Classifier> {
    Classifier::train(set, description(set.vectors.ncols()), method, &Watch::none())
}
