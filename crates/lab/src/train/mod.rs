//! What training needs around the network: which images in which order, how they look, how fast to learn, what was learned.
//!
//! The steps themselves run in PyTorch, in the Python package; see `docs/training.md`.

#[cfg(feature = "plots")]
mod curves;
mod feed;
mod images;
mod sample;
mod settings;

#[cfg(feature = "plots")]
pub use curves::{History, LearningCurve, draw, read_history};
pub use feed::{Augmentation, Batches, Feed, FeedOptions};
pub use images::TrainingImages;
pub use sample::{People, people_batch, shuffled};
pub use settings::{Optimizer, Precision, TrainingDevice, TrainingMethod, TrainingSettings};
