//! libfacenet: the C interface of facenet.
//!
//! One file a handle, named as in the core. Each export converts arguments and results inside the barrier of
//! [`barrier`], and computes nothing. The header `include/facenet.h` is made from this crate by cbindgen: what is
//! written here is the manual that C programmers read, so it speaks of C.

#![allow(non_camel_case_types, reason = "names of C")]
#![allow(clippy::missing_safety_doc, reason = "what a C caller must keep to is said once, at the top of the header")]

mod arguments;
mod barrier;
mod extractor;
mod fork;
mod matrix;
mod messages;
mod options;

// In the order of the header, from simple to advanced.
pub mod version;

pub mod status;

pub mod log;

pub mod runtime;

pub mod findings;

pub mod frame;

pub mod image;

pub mod faces;

pub mod pipeline;

pub mod distance;

pub mod bytes;

pub mod detector;

pub mod aligner;

pub mod embedder;

pub mod model;

pub mod progress;

pub mod people;

pub mod classifier;

pub mod clusters;

pub mod report;

pub mod evaluator;

pub mod calibration;

pub mod folder;
