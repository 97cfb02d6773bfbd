//! The work of an alignment job: while one batch is with the worker, the next is decoded and the last is written.

use std::collections::VecDeque;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use rayon::prelude::*;

use super::output::{WriteError, Writer};
use super::record::{Record, Status};
use super::{AlignJob, AlignedFace, Summary};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::Image;

/// Pixels that are decoded ahead of the worker: 100 MB of 8-bit RGB.
const PIXELS_AHEAD: u64 = 1 << 25;

/// A job at work.
pub(super) struct Run<'a, W> {
    pub(super) job: &'a AlignJob,
    pub(super) record: &'a Record,
    pub(super) writer: &'a Writer,
    pub(super) worker: W,
    pub(super) cancel: &'a AtomicBool,
}

/// What became of an image.
enum Outcome {
    Aligned(Vec<AlignedFace>),
    Broken(String),
    /// Another process was faster.
    DoneElsewhere,
}

/// An image for the worker, or what became of it before.
type Decoded = (PathBuf, Result<Image, Outcome>);

/// How an image has left the job.
enum Settled {
    Faces(usize),
    NoFace,
    Broken,
    DoneElsewhere,
}

impl<W> Run<'_, W>
where
    W: Fn(&[Image]) -> Result<Vec<Result<Vec<AlignedFace>>>> + Sync,
{
    pub(super) fn go(&self, pool: &rayon::ThreadPool, mut progress: impl FnMut(&Summary)) -> Result<Summary> {
        let begin = Instant::now();
        let mut summary = Summary {
            report: Some(self.record.report_path().to_path_buf()),
            bounding_boxes: Some(self.record.bounding_boxes_path().to_path_buf()),
            ..self.job.summary.clone()
        };
        let mut queue = VecDeque::from(self.job.pending.clone());
        let (mut decoded, mut finished) = (Vec::new(), Vec::new());
        loop {
            summary.interrupted = self.cancelled() && summary.remaining() > 0;
            let mut next = Vec::new();
            if summary.interrupted {
                decoded.clear();
            } else {
                next.extend(queue.drain(..queue.len().min(self.job.options.batch.max(1))));
            }
            if next.is_empty() && decoded.is_empty() && finished.is_empty() {
                return Ok(summary);
            }
            let (ahead, (aligned, written)) =
                pool.join(|| self.decode(next), || rayon::join(|| self.align(decoded), || self.write(finished)));
            let mut failed = Ok(());
            for settled in written {
                match settled {
                    Ok(settled) => count(&mut summary, settled),
                    Err(error) => failed = Err(error),
                }
            }
            summary.seconds = begin.elapsed().as_secs_f64();
            finished = failed.and(aligned).map_err(|e| stopped(e, &summary))?;
            progress(&summary);

            decoded = Vec::with_capacity(ahead.len());
            for (image, ready) in ahead.into_iter().rev() {
                match ready {
                    Some(ready) => decoded.push((image, ready)),
                    None => queue.push_front(image),
                }
            }
        }
    }

    fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }

    /// Reads images until there are enough pixels in memory; the others get none and must wait.
    fn decode(&self, images: Vec<PathBuf>) -> Vec<(PathBuf, Option<Result<Image, Outcome>>)> {
        let pixels = AtomicU64::new(0);
        let decode = |image: PathBuf| {
            if self.cancelled() || pixels.load(Ordering::Relaxed) >= PIXELS_AHEAD {
                return (image, None);
            }
            if self.job.outputs(&image).exist() {
                return (image, Some(Err(Outcome::DoneElsewhere)));
            }
            let decoded = open(&self.job.input.join(&image)).map_err(|e| Outcome::Broken(e.to_string()));
            if let Ok(decoded) = &decoded {
                pixels.fetch_add(u64::from(decoded.width()) * u64::from(decoded.height()), Ordering::Relaxed);
            }
            (image, Some(decoded))
        };
        images.into_par_iter().with_max_len(1).map(decode).collect()
    }

    /// Gives the images to the worker.
    fn align(&self, batch: Vec<Decoded>) -> Result<Vec<(PathBuf, Outcome)>> {
        let (mut outcomes, mut paths, mut images) = (Vec::with_capacity(batch.len()), Vec::new(), Vec::new());
        for (path, decoded) in batch {
            match decoded {
                Ok(image) => {
                    paths.push(path);
                    images.push(image);
                }
                Err(outcome) => outcomes.push((path, outcome)),
            }
        }
        if images.is_empty() {
            return Ok(outcomes);
        }
        let results = (self.worker)(&images)?;
        if results.len() != images.len() {
            let message = format!("the worker returned {} results for {} images", results.len(), images.len());
            return Err(Error::new(ErrorKind::Internal, message));
        }
        for (path, faces) in paths.into_iter().zip(results) {
            outcomes.push((path, faces.map_or_else(|e| Outcome::Broken(e.to_string()), Outcome::Aligned)));
        }
        Ok(outcomes)
    }

    fn write(&self, outcomes: Vec<(PathBuf, Outcome)>) -> Vec<Result<Settled>> {
        outcomes.into_par_iter().with_max_len(1).map(|(image, outcome)| self.settle(&image, outcome)).collect()
    }

    /// Writes what became of an image.
    fn settle(&self, image: &Path, outcome: Outcome) -> Result<Settled> {
        match outcome {
            Outcome::Aligned(faces) if faces.is_empty() => {
                self.record.no_face(self.job.outputs(image).base())?;
                self.record.failure(image, Status::NoFace, None)?;
                Ok(Settled::NoFace)
            }
            Outcome::Aligned(mut faces) => {
                if !self.job.options.multiple_faces {
                    faces.truncate(1);
                }
                let outputs = self.job.outputs(image);
                // First the line, then the picture: a run that is killed may write a line twice, never none.
                let lines = || {
                    self.record.faces(faces.iter().enumerate().map(|(i, face)| (outputs.face(i), &face.bounding_box)))
                };
                match self.writer.write(&outputs, faces.iter().map(|face| &face.crop), lines) {
                    Ok(()) => Ok(Settled::Faces(faces.len())),
                    Err(WriteError::Image(reason)) => self.broken(image, reason),
                    Err(WriteError::Folder(error)) => Err(error),
                }
            }
            Outcome::Broken(reason) => self.broken(image, reason),
            Outcome::DoneElsewhere => Ok(Settled::DoneElsewhere),
        }
    }

    fn broken(&self, image: &Path, reason: String) -> Result<Settled> {
        self.record.failure(image, Status::Broken, Some(reason))?;
        Ok(Settled::Broken)
    }
}

/// Decodes a file. A decoder that panics has met a broken image, which must not end the whole job.
fn open(path: &Path) -> Result<Image> {
    catch_unwind(|| Image::open(path))
        .unwrap_or_else(|_| Err(Error::new(ErrorKind::ImageDecode, format!("{}: the decoder failed", path.display()))))
}

fn count(summary: &mut Summary, settled: Settled) {
    match settled {
        Settled::Faces(faces) => {
            summary.aligned += 1;
            summary.faces += faces as u64;
        }
        Settled::NoFace => summary.no_face += 1,
        Settled::Broken => summary.broken += 1,
        Settled::DoneElsewhere => summary.done_before += 1,
    }
}

fn stopped(error: Error, summary: &Summary) -> Error {
    let done = summary.processed();
    error.context(format!("stopped after {done} images, which are kept (run it again to go on)"))
}
