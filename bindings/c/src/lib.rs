//! libfacenet: the C interface of facenet.
//!
//! One file a handle, named as in the core. Each export converts arguments and results inside the barrier of
//! [`barrier`], and computes nothing. The header `include/facenet.h` is made from this crate by cbindgen: what is
//! written here is the manual that C programmers read, so it speaks of C.

#![allow(non_camel_case_types, reason = "names of C")]
#![cfg_attr(not(feature = "full"), allow(dead_code, reason = "some of what is shared serves work on folders only"))]
#![allow(clippy::missing_safety_doc, reason = "what a C caller must keep to is said once, at the top of the header")]

mod arguments;
mod barrier;
#[cfg(feature = "full")]
mod extractor;
mod fork;
mod growing;
#[cfg(feature = "full")]
mod matrix;
mod messages;

// In the order of the header, from simple to advanced. Those behind the feature are what the flavour `core` lacks.
pub mod version;

pub mod status;

pub mod runtime;

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

pub mod findings;

pub mod log;

#[cfg(feature = "full")]
pub mod call;

#[cfg(feature = "full")]
pub mod people;

#[cfg(feature = "full")]
pub mod classifier;

#[cfg(feature = "full")]
pub mod clusters;

#[cfg(feature = "full")]
pub mod report;

#[cfg(feature = "full")]
pub mod evaluator;

#[cfg(feature = "full")]
pub mod calibration;

#[cfg(feature = "full")]
pub mod folder;
