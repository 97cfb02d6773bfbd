//! The way of one picture: bytes or a camera frame → [`frame`] → [`detect`] → [`align`] → [`embed`] → comparison. The stages
//! do not know each other; [`Pipeline`] joins them.
//!
//! Programs depend on the crate `facenet`, which gives all of this under the same names.

#![deny(unsafe_code)]

#[cfg(not(target_os = "linux"))]
compile_error!("facenet runs on Linux only: it finds ONNX Runtime and GPUs as they are installed there");

pub mod align;
pub mod detect;
pub mod embed;
pub mod embedding;
pub mod embeddings;
pub mod error;
pub mod frame;
pub mod geometry;
#[doc(hidden)]
pub mod internal;
pub mod model;
pub mod pipeline;
pub mod runtime;

pub use align::Aligner;
pub use detect::{Detector, DetectorOptions, Face};
pub use embed::{Embedder, EmbedderOptions};
pub use embedding::{Embedding, Fingerprint};
pub use embeddings::Embeddings;
pub use error::{Error, ErrorKind, Result};
pub use frame::{Frame, Image};
pub use geometry::{Landmarks, Point, Rect};
pub use model::Metric;
pub use pipeline::{EmbeddedFace, Pipeline, PipelineOptions};
pub use runtime::{Provider, Runtime, RuntimeOptions};
