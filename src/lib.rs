//! Face detection, alignment, embedding and comparison: MTCNN and FaceNet on ONNX Runtime.
//!
//! Data flows one way: bytes or a camera frame → [`frame`] → [`detect`] → [`align`] → [`embed`] →
//! comparison. The stages do not know each other; [`Pipeline`] joins them.
//!
//! With the feature `lab`, which is on by default, come folders of people: [`dataset`], [`evaluate`], [`cluster`], [`classify`],
//! [`export`] and the feed of [training](train).

#![deny(unsafe_code)]

pub use facenet_core::{
    Aligner, Detector, DetectorOptions, EmbeddedFace, Embedder, EmbedderOptions, Embedding, Embeddings, Error,
    ErrorKind, Face, Fingerprint, Frame, Image, Landmarks, Metric, Pipeline, PipelineOptions, Point, Provider, Rect,
    Result, Runtime, RuntimeOptions,
};
pub use facenet_core::{align, detect, embed, embedding, embeddings, error, frame, geometry, model, pipeline, runtime};
#[cfg(feature = "parquet")]
pub use facenet_lab::export;
#[cfg(feature = "lab")]
pub use facenet_lab::{Classifier, Extractor};
#[cfg(feature = "lab")]
pub use facenet_lab::{classify, cluster, dataset, evaluate, extract, folder, shards, store, train};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
