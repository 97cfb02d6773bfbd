//! The work of an alignment job: while one batch is with the worker, the next is decoded and the last is written.

use std::error::Error as _;
use std::io::ErrorKind as IoErrorKind;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rayon::prelude::*;

use super::output::{WriteError, Writer};
use super::reader::{BatchReader, ReadImage};
use super::record::{Record, Status};
use super::{AlignJob, AlignSummary, AlignedFace};
use crate::watch::Watch;
use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::frame::Image;

/// A job at work.
pub(super) struct Run<'a, W> {
    pub(super) job: &'a AlignJob,
    pub(super) record: &'a Record,
    pub(super) writer: &'a Writer,
    pub(super) worker: W,
    pub(super) watch: &'a Watch<'a>,
}

/// The faces of an image, or why there can be none.
type Aligned = (PathBuf, Result<Vec<AlignedFace>>);

/// What was written for an image.
enum Written {
    Faces(usize),
    NoFace,
    Broken,
}

impl<W> Run<'_, W>
where
    W: Fn(&[Image]) -> Result<Vec<Result<Vec<AlignedFace>>>> + Sync,
{
    pub(super) fn go(&self, pool: &rayon::ThreadPool) -> Result<AlignSummary> {
        let (begin, planned) = (Instant::now(), self.job.summary.job.remaining());
        let mut summary = AlignSummary {
            report: Some(self.record.report_path().to_path_buf()),
            bounding_boxes: Some(self.record.bounding_boxes_path().to_path_buf()),
            ..self.job.summary.clone()
        };
        let mut reader = BatchReader::new(&self.job.input, self.job.pending.clone(), self.job.options.batch);
        let (mut decoded, mut aligned) = (Vec::new(), Vec::new());
        loop {
            if self.watch.is_cancelled() {
                // What was only decoded is dropped, and done by the next run.
                let written = pool.install(|| self.write(aligned));
                count(&mut summary, written)?;
                summary.job.interrupted = summary.job.remaining() > 0;
                return Ok(summary);
            }
            // Another process may have been faster.
            summary.job.done_before += reader.skip(|image| self.job.outputs(image).exist());
            let work = || rayon::join(|| self.align(decoded), || self.write(aligned));
            let (next, (found, written)) = reader.read_unless(self.watch, pool, work);
            summary.job.seconds = begin.elapsed().as_secs_f64();
            let found = match found {
                // The worker has heard of it too.
                Err(error) if error.kind() == ErrorKind::Cancelled && self.watch.is_cancelled() => Ok(vec![]),
                found => found,
            };
            aligned = count(&mut summary, written).and(found).map_err(|e| stopped(e, &summary))?;
            summary.doubtful += self.watch.doubtful(&next);
            decoded = next;
            summary.job.report_to(self.watch, planned);
            if decoded.is_empty() && aligned.is_empty() {
                summary.job.interrupted = self.watch.is_cancelled() && summary.job.remaining() > 0;
                return Ok(summary);
            }
        }
    }

    /// Gives the images to the worker.
    fn align(&self, batch: Vec<ReadImage>) -> Result<Vec<Aligned>> {
        let (mut aligned, mut paths, mut images) = (Vec::with_capacity(batch.len()), Vec::new(), Vec::new());
        for (path, image) in batch {
            match image {
                Ok(image) => {
                    paths.push(path);
                    images.push(image);
                }
                Err(error) => aligned.push((path, Err(error))),
            }
        }
        if images.is_empty() {
            return Ok(aligned);
        }
        let faces = (self.worker)(&images)?;
        if faces.len() != images.len() {
            let message = format!("the worker returned {} results for {} images", faces.len(), images.len());
            return Err(Error::new(ErrorKind::Internal, message));
        }
        aligned.extend(paths.into_iter().zip(faces));
        Ok(aligned)
    }

    fn write(&self, aligned: Vec<Aligned>) -> Vec<Result<Written>> {
        aligned.into_par_iter().with_max_len(1).map(|(image, faces)| self.write_image(&image, faces)).collect()
    }

    fn write_image(&self, image: &Path, faces: Result<Vec<AlignedFace>>) -> Result<Written> {
        let outputs = self.job.outputs(image);
        let faces = match faces {
            Ok(faces) => faces,
            Err(error) => return self.broken(image, error.to_string()),
        };
        if faces.is_empty() {
            self.record.no_face(outputs.base())?;
            self.record.failure(image, Status::NoFace, None)?;
            return Ok(Written::NoFace);
        }
        let wanted = if self.job.options.multiple_faces { &faces[..] } else { &faces[..1] };
        // First the line, then the picture: a run that is killed may leave a line twice, never a face without one.
        let lines = || {
            let boxes = wanted.iter().map(|face| &face.bounding_box);
            self.record.faces(boxes.enumerate().map(|(index, bounding_box)| (outputs.face(index), bounding_box)))
        };
        match self.writer.write(&outputs, wanted.iter().map(|face| &face.crop), lines) {
            Ok(()) => Ok(Written::Faces(wanted.len())),
            Err(WriteError::Image(reason)) => self.broken(image, reason),
            Err(WriteError::Folder(error)) => Err(error),
        }
    }

    fn broken(&self, image: &Path, reason: String) -> Result<Written> {
        self.record.failure(image, Status::Broken, Some(reason))?;
        Ok(Written::Broken)
    }
}

/// Adds to the counts; the error is one of those met.
fn count(summary: &mut AlignSummary, written: Vec<Result<Written>>) -> Result<()> {
    let mut failed = Ok(());
    for written in written {
        summary.job.processed += u64::from(written.is_ok());
        summary.job.failed += u64::from(matches!(written, Ok(Written::NoFace | Written::Broken)));
        match written {
            Ok(Written::Faces(faces)) => {
                summary.aligned += 1;
                summary.faces += faces as u64;
            }
            Ok(Written::NoFace) => summary.no_face += 1,
            Ok(Written::Broken) => summary.broken += 1,
            Err(error) => failed = Err(error),
        }
    }
    failed
}

/// Says how far the job has come, and what is to be done.
pub(super) fn stopped(error: Error, summary: &AlignSummary) -> Error {
    let done = summary.job.processed;
    let cause = error.source().and_then(|cause| cause.downcast_ref::<std::io::Error>());
    let remedy = match cause.map(std::io::Error::kind) {
        Some(IoErrorKind::StorageFull | IoErrorKind::QuotaExceeded) => "free some space, then run it again",
        Some(IoErrorKind::ReadOnlyFilesystem) => "make the file system writable, then run it again",
        _ => "run it again to go on",
    };
    error.context(format!("stopped after {done} images, which are kept ({remedy})"))
}
