//! What training needs around the network: which images in which order, how they look, how fast to learn, what was learned.
//!
//! The steps themselves run in PyTorch, in the Python package; see `docs/training.md`.

#[cfg(feature = "plots")]
mod curves;
mod feed;
#[cfg(feature = "plots")]
mod hdf5;
#[cfg(feature = "plots")]
mod history;
mod images;
#[cfg(feature = "plots")]
mod logs;
#[cfg(feature = "plots")]
mod original;
mod sample;
mod settings;

#[cfg(feature = "plots")]
pub use curves::draw;
pub use feed::{Augmentation, Batches, Feed, FeedOptions};
#[cfg(feature = "plots")]
pub use history::{History, LearningCurve};
pub use images::TrainingImages;
#[cfg(feature = "plots")]
pub use logs::read_history;
pub use sample::{People, people_batch, shuffled};
pub use settings::{Optimizer, Precision, TrainingDevice, TrainingMethod, TrainingSettings};
