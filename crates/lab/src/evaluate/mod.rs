//! How well faces are told apart: error rates of verification, and thresholds for wanted ones.
//!
//! Two views of the same comparisons. [`cross_validate`] gives the figures of facenet's `validate_on_lfw`, digit by digit,
//! for comparison with published ones. [`error_rates`] counts all comparisons at once, in the terms of ISO/IEC 19795-1:
//! the false match rate (FMR) is the fraction of comparisons of two people that are taken for one, the false non-match rate
//! (FNMR) the fraction of comparisons of one person that are taken for two; every rate comes with its counts and a
//! confidence interval, and a rate that the data cannot support is refused.
//!
//! [`lfw`] makes a [`Validation`] of both from a folder of images and a list of [`Pairs`]; [`InsightfacePairs`] from a file
//! of InsightFace; [`validate`] from vectors. [`report`] writes it as a page, [`draw`] draws its curves. [`blufr`] compares
//! everybody with everybody, and searches for people. [`calibrate`] finds thresholds on anybody's pictures, which a
//! [`Profile`] keeps or [`ModelFile::with_thresholds`](facenet_core::model::ModelFile::with_thresholds) writes into the model.
//!
//! ```
//! use facenet::Watch;
//! use facenet::Metric;
//! use facenet::evaluate::{Comparison, Comparisons, RateOptions, error_rates};
//!
//! // Distances of every two of 200 pictures, two each of 100 people.
//! let distance = |a: u32, b: u32| if a / 2 == b / 2 { 0.4 } else { 1.0 + (a * b % 97) as f32 / 100.0 };
//! let pairs = (0..200).flat_map(|a| (0..a).map(move |b| (a, b)));
//! let comparisons = pairs.map(|(a, b)| Comparison { distance: distance(a, b), same: a / 2 == b / 2, subjects: [a / 2, b / 2] });
//! let comparisons = Comparisons::new(comparisons.collect(), Metric::Euclidean)?;
//!
//! let options = RateOptions { false_match_rates: vec![1e-2, 1e-4], ..RateOptions::default() };
//! let rates = error_rates(&comparisons, &options, &Watch::none())?;
//! assert_eq!(rates.points[0].false_non_match.errors, 0);
//! assert_eq!(rates.refused[0].needed, 30_000);
//! # Ok::<(), facenet::Error>(())
//! ```

mod arithmetic;
mod blufr;
mod bootstrap;
mod calibrate;
mod comparisons;
mod folds;
mod grid;
mod insightface;
mod lfw;
mod pairs;
mod pickle;
#[cfg(feature = "plots")]
mod plot;
mod profile;
mod protocol;
mod random;
mod rates;
#[cfg(feature = "html")]
mod report;
mod sample;

pub use blufr::{Blufr, BlufrOptions, BlufrTrial, TrialRate, blufr};
pub use bootstrap::Interval;
pub use calibrate::{Calibration, CalibrationOptions, calibrate};
pub use comparisons::{Comparison, Comparisons, RocPoint};
pub use folds::{CrossValidation, Fold, FoldMean, FoldOptions, RowPair, cross_validate, fold_of};
pub use insightface::InsightfacePairs;
pub use lfw::lfw;
pub use pairs::{ImageFinder, Pair, PairImage, Pairs};
#[cfg(feature = "plots")]
#[doc(hidden)]
pub use plot::check_picture_name;
#[cfg(feature = "plots")]
pub use plot::{Curve, CurveKind, draw, svg};
pub use profile::Profile;
pub use protocol::{
    HardPair, ImageVector, Protocol, ProtocolImage, ProtocolPair, Validation, ValidationOptions, validate,
};
pub use rates::{ErrorRates, Estimate, OperatingPoint, Rate, RateOptions, Refusal, RefusalReason, error_rates};
#[cfg(feature = "html")]
pub use report::report;
