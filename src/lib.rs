//! Face detection, alignment, embedding and comparison: MTCNN and FaceNet on ONNX Runtime.
//!
//! Data flows one way: bytes or a camera frame → [`frame`] → [`detect`] → [`align`] → [`embed`] →
//! comparison. The stages do not know each other; [`Pipeline`] joins them.

#![deny(unsafe_code)]

pub mod align;
mod cancel;
pub mod classify;
#[cfg(feature = "cli")]
pub mod cli;
pub mod cluster;
pub mod dataset;
pub mod detect;
mod digest;
pub mod embed;
pub mod embedding;
pub mod embeddings;
pub mod error;
pub mod evaluate;
pub mod export;
pub mod extract;
pub mod files;
pub mod folder;
pub mod frame;
pub mod geometry;
pub mod model;
pub mod packed;
mod page;
pub mod pipeline;
mod plot;
pub mod runtime;
mod spare;
pub mod stored;
pub mod train;

pub use align::Aligner;
pub use classify::Classifier;
pub use detect::{Detector, DetectorOptions, Face};
pub use embed::{Embedder, EmbedderOptions};
pub use embedding::{Embedding, Fingerprint, Metric};
pub use embeddings::Embeddings;
pub use error::{Error, ErrorKind, Result};
pub use extract::Extractor;
pub use frame::{Frame, Image};
pub use geometry::{Landmarks, Point, Rect};
pub use pipeline::{EmbeddedFace, Pipeline, PipelineOptions};
pub use runtime::{Network, NetworkOptions, Provider, Runtime, RuntimeOptions};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
