//! Nearest template with rejection of strangers.

use ndarray::{Array2, ArrayView2, s};
use rayon::prelude::*;

use super::Prediction;
use super::open_set::{IdentificationPoint, ThresholdChoice, Trial};
use super::vectors::{TrainingSet, check_dimension, directions, rows_of_classes};
use crate::watch::Watch;
use facenet_core::embedding::norm;
use facenet_core::error::{Error, ErrorKind, Result};

/// Rows of a product that are made at once: their scores (2 MiB) stay in the cache.
const QUERIES: usize = 128;
const TEMPLATES: usize = 4096;

facenet_core::choices! {
    /// What stands for a class.
    #[derive(Default)]
    pub enum TemplateKind {
        /// The mean direction of its vectors.
        #[default]
        Mean = "mean",
        /// Each of its vectors; the nearest counts.
        Each = "each",
    }
}

/// Settings of a template classifier.
#[derive(Debug, Clone, Copy, Default)]
pub struct TemplateOptions<'a> {
    /// What stands for a class.
    pub kind: TemplateKind,
    /// Where strangers begin.
    pub threshold: ThresholdChoice,
    /// Vectors (m x d) of people who are not among the classes: trials for the threshold beside those that the classes
    /// themselves give.
    pub strangers: Option<ArrayView2<'a, f32>>,
}

/// A class for each direction; a face belongs to the nearest if that is near enough.
///
/// The score of a class is the cosine of the angle to its nearest template.
#[derive(Debug, Clone, PartialEq)]
pub struct Templates {
    pub(super) kind: TemplateKind,
    /// m x d, rows of unit norm.
    pub(super) vectors: Array2<f32>,
    /// The class of each row.
    pub(super) classes: Vec<usize>,
    pub(super) operating_point: IdentificationPoint,
}

/// The nearest class of a vector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Nearest {
    pub(super) class: usize,
    pub(super) score: f32,
}

impl Templates {
    pub(super) fn train(set: &TrainingSet<'_>, options: &TemplateOptions<'_>, watch: &Watch<'_>) -> Result<Self> {
        options.threshold.check(set.labels.len() + options.strangers.map_or(0, |strangers| strangers.nrows()))?;
        let vectors = directions(set.vectors)?;
        let rows = rows_of_classes(set.labels, set.names.len());
        let operating_point = IdentificationPoint::unmeasured(match options.threshold {
            ThresholdChoice::Score(score) => score,
            ThresholdChoice::Fpir(_) => f32::INFINITY,
        });
        let (templates, classes) = match options.kind {
            TemplateKind::Mean => (means(&vectors, &rows, set.names)?, (0..rows.len()).collect()),
            TemplateKind::Each => (vectors.clone(), set.labels.to_vec()),
        };
        let mut trained = Self { kind: options.kind, vectors: templates, classes, operating_point };
        if let ThresholdChoice::Fpir(fpir) = options.threshold {
            let mated = trained.mated(&vectors, set.labels, &rows);
            let others = trained.nearest(&vectors, Some(set.labels), watch)?;
            let left_out = |other: &Nearest| Trial::left_out(other.score, rows.len());
            let mut trials: Vec<Trial> = others.iter().flatten().map(left_out).collect();
            if let Some(strangers) = options.strangers {
                check_dimension(strangers, vectors.ncols()).map_err(|e| e.context("strangers"))?;
                let strangers = directions(strangers).map_err(|e| e.context("strangers"))?;
                let nearest = trained.nearest(&strangers, None, watch)?;
                trials.extend(nearest.into_iter().flatten().map(|nearest| Trial::stranger(nearest.score)));
            }
            let rivals = others.iter().map(|other| other.map_or(f32::NEG_INFINITY, |other| other.score));
            let mated = mated.into_iter().zip(rivals).filter_map(|(own, rival)| Some((own?, rival)));
            trained.operating_point = IdentificationPoint::at_fpir(fpir, trials, mated)?;
        }
        Ok(trained)
    }

    pub(super) fn predict(&self, vectors: ArrayView2<'_, f32>) -> Result<Vec<Prediction>> {
        check_dimension(vectors, self.vectors.ncols())?;
        let nearest = self.nearest(&directions(vectors)?, None, &Watch::none())?;
        let prediction = |Nearest { class, score }| {
            let known = score >= self.operating_point.threshold;
            Prediction { class: known.then_some(class), nearest: class, score }
        };
        Ok(nearest.into_iter().flatten().map(prediction).collect())
    }

    /// What stands for a class.
    pub fn kind(&self) -> TemplateKind {
        self.kind
    }

    /// The templates, m x d, each of unit norm.
    pub fn vectors(&self) -> ArrayView2<'_, f32> {
        self.vectors.view()
    }

    /// The class of each template.
    pub fn classes(&self) -> &[usize] {
        &self.classes
    }

    /// The threshold, and the error rates it was measured to have.
    pub fn operating_point(&self) -> &IdentificationPoint {
        &self.operating_point
    }

    /// The nearest class of each of `vectors`, rows of unit norm; if `except` names a class for each of them, that class
    /// is passed over. None if no class is left.
    pub(super) fn nearest(
        &self,
        vectors: &Array2<f32>,
        except: Option<&[usize]>,
        watch: &Watch<'_>,
    ) -> Result<Vec<Option<Nearest>>> {
        let block = |begin: usize| {
            let queries = vectors.slice(s![begin..(begin + QUERIES).min(vectors.nrows()), ..]);
            let mut best: Vec<Option<Nearest>> = vec![None; queries.nrows()];
            for first in (0..self.classes.len()).step_by(TEMPLATES) {
                watch.check()?;
                let end = (first + TEMPLATES).min(self.classes.len());
                let scores = queries.dot(&self.vectors.slice(s![first..end, ..]).t());
                for (index, (best, scores)) in best.iter_mut().zip(scores.outer_iter()).enumerate() {
                    let except = except.map(|except| except[begin + index]);
                    for (&score, &class) in scores.iter().zip(&self.classes[first..end]) {
                        if Some(class) != except && best.is_none_or(|best| score > best.score) {
                            *best = Some(Nearest { class, score });
                        }
                    }
                }
            }
            Ok(best)
        };
        let begins: Vec<usize> = (0..vectors.nrows()).step_by(QUERIES).collect();
        let blocks: Vec<Vec<Option<Nearest>>> = begins.into_par_iter().map(block).collect::<Result<_>>()?;
        Ok(blocks.concat())
    }

    /// The score of each training vector for its own class, as if the vector had not been trained on. None for the only
    /// one of a class.
    fn mated(&self, vectors: &Array2<f32>, labels: &[usize], rows: &[Vec<usize>]) -> Vec<Option<f32>> {
        let sums: Vec<Vec<f64>> = match self.kind {
            TemplateKind::Mean => rows.par_iter().map(|rows| sum(vectors, rows)).collect(),
            TemplateKind::Each => Vec::new(),
        };
        let score = |row: usize| {
            let (class, values) = (labels[row], vectors.row(row));
            let others = rows[class].iter().filter(|&&other| other != row);
            match self.kind {
                _ if rows[class].len() < 2 => None,
                TemplateKind::Mean => {
                    let others = || sums[class].iter().zip(values).map(|(sum, &value)| sum - f64::from(value));
                    let length = others().map(|value| value * value).sum::<f64>().sqrt();
                    let product: f64 = others().zip(values).map(|(other, &value)| other * f64::from(value)).sum();
                    Some(if length > 0.0 { (product / length) as f32 } else { 0.0 })
                }
                TemplateKind::Each => others.map(|&other| values.dot(&vectors.row(other))).reduce(f32::max),
            }
        };
        (0..labels.len()).into_par_iter().with_min_len(64).map(score).collect()
    }
}

/// The mean direction of the rows of each class.
fn means(vectors: &Array2<f32>, rows: &[Vec<usize>], names: &[String]) -> Result<Array2<f32>> {
    let mean = |(rows, name): (&Vec<usize>, &String)| {
        let sum: Vec<f32> = sum(vectors, rows).into_iter().map(|value| value as f32).collect();
        let length = norm(&sum);
        if length < 1e-6 {
            let message = format!("the {} vectors of {name:?} point in opposite directions", rows.len());
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        Ok(sum.into_iter().map(move |value| (f64::from(value) / length) as f32).collect::<Vec<f32>>())
    };
    let means: Vec<Vec<f32>> = rows.par_iter().zip(names).map(mean).collect::<Result<_>>()?;
    let shape = (means.len(), vectors.ncols());
    Ok(Array2::from_shape_vec(shape, means.concat()).expect("rows of the same length"))
}

fn sum(vectors: &Array2<f32>, rows: &[usize]) -> Vec<f64> {
    let mut sum = vec![0.0; vectors.ncols()];
    for &row in rows {
        sum.iter_mut().zip(vectors.row(row)).for_each(|(sum, &value)| *sum += f64::from(value));
    }
    sum
}
