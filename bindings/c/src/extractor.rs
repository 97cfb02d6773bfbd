//! Extractors: an embedder for aligned faces or a pipeline for photos.

use facenet_core::{Error, ErrorKind, Result};
use facenet_lab::Extractor;

use crate::arguments::Arguments;
use crate::embedder::facenet_embedder;
use crate::pipeline::facenet_pipeline;

/// The extractor of the caller's embedder or pipeline.
pub(crate) fn read(
    args: Arguments<'_>,
    embedder: *const facenet_embedder,
    pipeline: *const facenet_pipeline,
) -> Result<Extractor> {
    match (embedder.is_null(), pipeline.is_null()) {
        (false, true) => Ok(Extractor::of_aligned(args.get(embedder, "embedder")?.0.clone())),
        (true, false) => Ok(Extractor::of_photos(args.get(pipeline, "pipeline")?.0.clone())),
        _ => {
            let message = "give the embedder for aligned faces or the pipeline for photos, and NULL for the other";
            Err(Error::new(ErrorKind::InvalidArgument, message))
        }
    }
}
