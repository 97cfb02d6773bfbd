//! Work on whole folders.

use std::ffi::{c_char, c_void};

use facenet_core::export::{ExportJob, ExportOptions, ExportSummary};

use crate::boundary;
use crate::embedder::facenet_embedder;
use crate::evaluator::extractor;
use crate::pipeline::facenet_pipeline;
use crate::progress::{Progress, facenet_progress_callback};
use crate::status::facenet_status;

/// What came of an export.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_export_summary {
    /// Images in the folder.
    pub images: u64,
    /// Images that were exported before.
    pub done_before: u64,
    /// Images that this call has looked at.
    pub processed: u64,
    /// Faces among them.
    pub faces: u64,
    /// Those without a face, or broken: they are named in failures.jsonl.
    pub failed: u64,
}

/// Writes the vectors of a folder of people as NumPy arrays and Parquet files. A call that was stopped is taken up by the
/// next one with the same folders.
///
/// @param embedder  what embeds aligned faces, or NULL
/// @param pipeline  what finds, aligns and embeds faces of photos, or NULL; one of both
/// @param input     a folder per person below it
/// @param output    the folder to write to; it is made if need be
/// @param progress  is told how many images are done, or NULL
/// @param user      for `progress`
/// @param summary   gets the counts; may be NULL
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_export_folder(
    embedder: *const facenet_embedder,
    pipeline: *const facenet_pipeline,
    input: *const c_char,
    output: *const c_char,
    progress: facenet_progress_callback,
    user: *mut c_void,
    summary: *mut facenet_export_summary,
) -> facenet_status {
    boundary::call(|| {
        // SAFETY: the caller's promise.
        let extractor = unsafe { extractor(embedder, pipeline) }?;
        // SAFETY: the caller's promise.
        let (input, output) = unsafe { (boundary::path(input, "input")?, boundary::path(output, "output")?) };
        let job = ExportJob::plan(input, output, extractor, ExportOptions::default())?;
        let progress = Progress::new(progress, user);
        let tell = |so_far: &ExportSummary| {
            progress.tell(so_far.processed, so_far.processed + so_far.remaining());
        };
        let done = job.run(tell, progress.cancel())?;
        if done.interrupted {
            return Err(facenet_core::Error::new(facenet_core::ErrorKind::Cancelled, "stopped by the callback"));
        }
        if summary.is_null() {
            return Ok(());
        }
        let counts = facenet_export_summary {
            images: done.images,
            done_before: done.done_before,
            processed: done.processed,
            faces: done.faces,
            failed: done.failed,
        };
        // SAFETY: the caller's promise.
        unsafe { boundary::write(summary, "summary", counts) }
    })
}
