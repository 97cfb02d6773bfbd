//! The way of many pictures: a folder of people → faces and whose they are → [`evaluate`], [`cluster`], [`classify`],
//! [`export`], or the feed of [training](train).
//!
//! Programs depend on the crate `facenet`, which gives all of this under the same names by its feature `lab`.

#![deny(unsafe_code)]

pub mod classify;
pub mod cluster;
pub mod dataset;
pub mod evaluate;
#[cfg(feature = "parquet")]
pub mod export;
pub mod extract;
pub mod folder;
pub mod job;
mod npy;
#[cfg(feature = "html")]
mod page;
pub mod people;
#[cfg(feature = "plots")]
mod plot;
pub mod shards;
pub mod store;
pub mod train;
mod watch;

pub use classify::Classifier;
pub use extract::Extractor;
pub use people::LabelledFaces;
pub use watch::Watch;
