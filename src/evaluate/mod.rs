//! Error rates of verification.

mod comparisons;
mod folds;
mod grid;
mod pairs;

pub use comparisons::{Comparison, Comparisons, RocPoint};
pub use folds::{CrossValidation, Fold, FoldMean, FoldOptions, RowPair, cross_validate, fold_of};
pub use pairs::{ImageFinder, Pair, PairImage, Pairs};
