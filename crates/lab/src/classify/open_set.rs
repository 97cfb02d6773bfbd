//! Where strangers begin: a threshold for a rate of false positives, and the rates measured at it.

use serde::{Deserialize, Serialize};

use facenet_core::error::{Error, ErrorKind, Result};

/// With fewer trials than this over the rate, not even a threshold without a single error could be said to keep it, with
/// 95 % confidence (the "rule of 3", ISO/IEC 19795-1).
const TRIALS_TIMES_RATE: f64 = 3.0;

/// How the threshold below which a face counts as unknown is chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum ThresholdChoice {
    /// The lowest threshold whose false positive identification rate, measured while training, is no more than this.
    Fpir(f64),
    /// This score: a cosine, -1 to 1, or the probability of a softmax, 0 to 1. Nothing is measured.
    Score(f32),
}

impl Default for ThresholdChoice {
    fn default() -> Self {
        Self::Fpir(0.01)
    }
}

/// A fraction of trials that ended in an error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct IdentificationRate {
    /// The share, 0 to 1. For false positives it is scaled to the whole gallery, see [`IdentificationPoint::fpir`].
    pub rate: f64,
    /// Trials that ended in an error.
    pub errors: u64,
    /// All trials.
    pub trials: u64,
}

impl IdentificationRate {
    /// The fraction of `trials` that are true, none if there are no trials.
    pub(super) fn of(trials: impl Iterator<Item = bool>) -> Option<Self> {
        let (errors, trials) = trials.fold((0, 0), |(errors, trials), error| (errors + u64::from(error), trials + 1));
        (trials > 0).then(|| Self { rate: errors as f64 / trials as f64, errors, trials })
    }
}

/// A threshold with the error rates that were measured at it.
///
/// The terms are those of ISO/IEC 19795-1: in a mated trial the face is of an enrolled person, in a nonmated trial of
/// somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct IdentificationPoint {
    /// A face whose best score is less counts as unknown. A cosine of templates, a probability of a softmax.
    pub threshold: f32,
    /// False positive identification rate: the fraction of nonmated trials in which somebody was recognised.
    ///
    /// The trials are the training vectors, each against the gallery without its own class, and the strangers. A gallery
    /// that lacks one of k classes gives fewer chances to err, so that those errors count k / (k - 1). Of a softmax the trials
    /// are the strangers alone.
    pub fpir: Option<IdentificationRate>,
    /// False negative identification rate: the fraction of mated trials in which the right class was not the best, or
    /// its score less than the threshold.
    ///
    /// The trials are the training vectors of classes with two at least, each against a gallery to which it did not add.
    /// Of a softmax it is not measured: it was trained on all of them.
    pub fnir: Option<IdentificationRate>,
}

/// A face of somebody who is not in the gallery: its best score there, and how much a false positive counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trial {
    score: f32,
    weight: f64,
}

impl Trial {
    /// A trial of a stranger.
    pub(super) fn stranger(score: f32) -> Self {
        Self { score, weight: 1.0 }
    }

    /// A trial of one of `classes` classes that was left out of the gallery.
    pub(super) fn left_out(score: f32, classes: usize) -> Self {
        Self { score, weight: classes as f64 / (classes as f64 - 1.0) }
    }
}

impl IdentificationPoint {
    /// A threshold of which nothing is known.
    pub(super) fn unmeasured(threshold: f32) -> Self {
        Self { threshold, fpir: None, fnir: None }
    }

    /// The lowest threshold at which `trials` show a false positive identification rate of `fpir` at most, and what
    /// `mated` trials (score of the right class, best of the others) show there.
    pub(super) fn at_fpir(fpir: f64, mut trials: Vec<Trial>, mated: impl Iterator<Item = (f32, f32)>) -> Result<Self> {
        let count = trials.len();
        let needed = TRIALS_TIMES_RATE / fpir;
        if (count as f64) < needed {
            return Err(too_few(fpir, count));
        }
        trials.sort_unstable_by(|a, b| b.score.total_cmp(&a.score));
        let allowed = fpir * count as f64;
        let mut weight = 0.0;
        // Weights are not exact: three of 4/3 are four.
        let within = |trial: &&Trial| {
            weight += trial.weight;
            weight <= allowed + 1e-9
        };
        let accepted = trials.iter().take_while(within).count();
        let threshold = match (trials[..accepted].last(), trials.get(accepted)) {
            (lowest, Some(refused)) => {
                let halfway = lowest.map_or(refused.score, |lowest| f32::midpoint(lowest.score, refused.score));
                if halfway > refused.score { halfway } else { refused.score.next_up() }
            }
            (_, None) => -1.0,
        };
        // Equal scores fall together, so that there may be fewer than were allowed.
        let errors: Vec<&Trial> = trials.iter().take_while(|trial| trial.score >= threshold).collect();
        let rate = errors.iter().map(|trial| trial.weight).sum::<f64>() / count as f64;
        let fpir = IdentificationRate { rate, errors: errors.len() as u64, trials: count as u64 };
        let fnir = IdentificationRate::of(mated.map(|(own, rival)| own < threshold || own <= rival));
        Ok(Self { threshold, fpir: Some(fpir), fnir })
    }
}

fn too_few(fpir: f64, trials: usize) -> Error {
    let remedy = match TRIALS_TIMES_RATE / trials as f64 {
        supported if supported < 1.0 => {
            format!(
                "these support rates from {:.3}; ask for such a rate, add strangers",
                (supported * 1e3).ceil() / 1e3
            )
        }
        _ => "add strangers".to_string(),
    };
    Error::new(
        ErrorKind::InvalidArgument,
        format!(
            "a false positive identification rate of {fpir} needs {:.0} faces to measure, and there are {trials} (faces \
             of one class alone are none): {remedy} or set the threshold itself",
            (TRIALS_TIMES_RATE / fpir).ceil()
        ),
    )
}

impl ThresholdChoice {
    /// Fails if the choice is none, or its rate lower than `trials` faces can show: all that are to be trained on, and the
    /// strangers. Fewer may be found to be of use, but not more.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`].
    ///
    /// ```
    /// use facenet::classify::ThresholdChoice;
    ///
    /// assert!(ThresholdChoice::Fpir(0.01).check(1000).is_ok());
    /// assert!(ThresholdChoice::Fpir(0.01).check(100).is_err());
    /// ```
    pub fn check(self, trials: usize) -> Result<()> {
        let message = match self {
            Self::Fpir(rate) if !(rate > 0.0 && rate < 1.0) => {
                format!("the false positive identification rate is {rate}: it must lie between 0 and 1")
            }
            Self::Score(score) if !(-1.0..=1.0).contains(&score) => {
                format!("the threshold is {score}: a cosine lies between -1 and 1")
            }
            Self::Fpir(rate) if (trials as f64) < TRIALS_TIMES_RATE / rate => return Err(too_few(rate, trials)),
            _ => return Ok(()),
        };
        Err(Error::new(ErrorKind::InvalidArgument, message))
    }
}
