//! How often a classifier is right.

use serde::Serialize;

use super::{IdentificationRate, Prediction};
use facenet_core::error::{Error, ErrorKind, Result};

/// Error rates of predictions whose answers are known, in the terms of ISO/IEC 19795-1.
///
/// ```
/// use facenet::classify::{Evaluation, Prediction};
///
/// let face = |class, nearest| Prediction { class, nearest, score: 0.5 };
/// let predictions = [face(Some(0), 0), face(None, 1), face(None, 0)];
/// // The last is of a stranger.
/// let evaluation = Evaluation::new(&predictions, &[Some(0), Some(1), None])?;
/// assert_eq!(evaluation.fnir.map(|fnir| (fnir.errors, fnir.trials)), Some((1, 2)));
/// assert_eq!(evaluation.misidentified.map(|wrong| wrong.errors), Some(0));
/// assert_eq!(evaluation.fpir.map(|fpir| fpir.rate), Some(0.0));
/// # Ok::<(), facenet::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Evaluation {
    /// False negative identification rate: the fraction of faces of known people that were not given their name. The accuracy is
    /// the rest. None if there is no such face.
    pub fnir: Option<IdentificationRate>,
    /// The fraction of faces of known people whose nearest class is another, whatever its score.
    pub misidentified: Option<IdentificationRate>,
    /// False positive identification rate: the fraction of faces of strangers that were given a name. None if there is none.
    pub fpir: Option<IdentificationRate>,
}

impl Evaluation {
    /// Compares `predictions` with the classes that are right, none for a stranger.
    ///
    /// # Errors
    /// [`ErrorKind::DimensionMismatch`] if there are not as many of both.
    pub fn new(predictions: &[Prediction], right: &[Option<usize>]) -> Result<Self> {
        if predictions.len() != right.len() {
            let message = format!("{} predictions and {} answers", predictions.len(), right.len());
            return Err(Error::new(ErrorKind::DimensionMismatch, message));
        }
        let pairs = || predictions.iter().zip(right);
        let known = || pairs().filter_map(|(prediction, right)| Some((prediction, (*right)?)));
        let strangers = pairs().filter(|(_, right)| right.is_none());
        Ok(Self {
            fnir: IdentificationRate::of(known().map(|(prediction, right)| prediction.class != Some(right))),
            misidentified: IdentificationRate::of(known().map(|(prediction, right)| prediction.nearest != right)),
            fpir: IdentificationRate::of(strangers.map(|(prediction, _)| prediction.class.is_some())),
        })
    }
}
