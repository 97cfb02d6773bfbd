//! What makes vectors of a folder's images.

use facenet_core::{Error, ErrorKind, Result};
use facenet_lab::Extractor;

use crate::boundary;
use crate::embedder::facenet_embedder;
use crate::pipeline::facenet_pipeline;

/// The extractor of the caller's embedder or pipeline.
///
/// # Safety
/// As [`boundary::reference`].
pub(crate) unsafe fn read(embedder: *const facenet_embedder, pipeline: *const facenet_pipeline) -> Result<Extractor> {
    match (embedder.is_null(), pipeline.is_null()) {
        // SAFETY: the caller's promise.
        (false, true) => Ok(Extractor::of_aligned(unsafe { boundary::reference(embedder, "embedder") }?.0.clone())),
        // SAFETY: the caller's promise.
        (true, false) => Ok(Extractor::of_photos(unsafe { boundary::reference(pipeline, "pipeline") }?.0.clone())),
        _ => {
            let message = "give the embedder for aligned faces or the pipeline for photos, and NULL for the other";
            Err(Error::new(ErrorKind::InvalidArgument, message))
        }
    }
}
