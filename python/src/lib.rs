//! The native module of the Python package `facenet_rs`.
//!
//! It converts arguments and results, and computes nothing. What Python people meet is written in Python, in `facenet_rs/`;
//! this module is private to it. The interpreter is let go of while networks run.

mod aligner;
mod classifier;
mod cli;
mod clusters;
mod detector;
mod distance;
mod embedder;
mod embeddings;
mod error;
mod evaluator;
mod export;
mod extractor;
mod feed;
mod folder;
mod keywords;
mod model;
mod names;
mod pack;
mod picture;
mod pipeline;
mod pool;
mod runtime;
mod watch;

use pyo3::prelude::*;

#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use crate::aligner::Aligner;
    #[pymodule_export]
    use crate::classifier::Classifier;
    #[pymodule_export]
    use crate::cli::run_command;
    #[pymodule_export]
    use crate::clusters::{cluster, cluster_page, cluster_scores, cluster_threshold};
    #[pymodule_export]
    use crate::detector::Detector;
    #[pymodule_export]
    use crate::distance::{distances, within};
    #[pymodule_export]
    use crate::embedder::Embedder;
    #[pymodule_export]
    use crate::embeddings::{read_embeddings, write_embeddings};
    #[pymodule_export]
    use crate::error::error_kinds;
    #[pymodule_export]
    use crate::evaluator::{Profile, Report, blufr, calibrate, pairs_of, validate_lfw, validate_pairs};
    #[pymodule_export]
    use crate::export::export_embeddings;
    #[pymodule_export]
    use crate::extractor::extract;
    #[pymodule_export]
    use crate::feed::{Batches, Feed, People, check_training, people_of, sample_softmax};
    #[pymodule_export]
    use crate::folder::align_folder;
    #[pymodule_export]
    use crate::model::{import_model, model_info, verify_model};
    #[pymodule_export]
    use crate::pack::pack_folder;
    #[pymodule_export]
    use crate::pipeline::Pipeline;
    #[pymodule_export]
    use crate::runtime::{Runtime, doctor};

    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
