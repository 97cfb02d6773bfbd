//! Error rates of verification.

mod bootstrap;
mod calibrate;
mod comparisons;
mod folds;
mod grid;
mod insightface;
mod lfw;
mod pairs;
mod people;
mod plot;
mod profile;
mod protocol;
mod rates;
mod report;
mod sample;

pub use bootstrap::Interval;
pub use calibrate::{Calibration, CalibrationOptions, calibrate};
pub use comparisons::{Comparison, Comparisons, RocPoint};
pub use folds::{CrossValidation, Fold, FoldMean, FoldOptions, RowPair, cross_validate, fold_of};
pub use insightface::InsightfacePairs;
pub use lfw::lfw;
pub use pairs::{ImageFinder, Pair, PairImage, Pairs};
pub use people::People;
pub use plot::{Curve, CurveKind, check_picture_name, draw, svg};
pub use profile::Profile;
pub use protocol::{
    HardPair, ImageVector, LeftOut, Protocol, ProtocolImage, ProtocolPair, Validation, ValidationOptions, validate,
};
pub use rates::{ErrorRates, Estimate, OperatingPoint, Rate, RateOptions, Refusal, error_rates};
pub use report::report;
