//! Making shards from a folder of people.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rayon::prelude::*;
use serde::Serialize;
use tar::{Builder, Header};
use tempfile::NamedTempFile;

use super::index::{Failure, Index};
use super::people::shards_in;
use super::plan::{self, Plan};
use super::{index_of, scan};
use crate::dataset::{Dataset, Problem};
use crate::error::{Error, ErrorKind, Result};
use crate::files::{temporary, write_whole};
use crate::frame::{DecodeOptions, Image, read_file};

/// Images that each thread reads before all are written.
const IMAGES_PER_THREAD: usize = 8;

/// The file with the images that are in no shard.
const FAILURES: &str = "failures.jsonl";

/// Settings of a [`PackJob`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackOptions {
    /// Images in a shard, 1 or more.
    pub shard_size: usize,
}

impl Default for PackOptions {
    /// 10,000: with faces of 182 pixels, 100 MB of JPEG or 500 MB of PNG.
    fn default() -> Self {
        Self { shard_size: 10_000 }
    }
}

/// Counts of a job, while it runs and when it is over.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PackSummary {
    /// Images in the folder of people.
    pub images: u64,
    /// Shards that they make.
    pub shards: u64,
    /// Images in shards that were there already.
    pub done_before: u64,
    /// Images that this run has looked at.
    pub processed: u64,
    /// Those among them that are no images or cannot be read. They are named in `failures.jsonl`.
    pub failed: u64,
    /// Time spent, in seconds.
    pub seconds: f64,
    /// Whether the run was stopped before it was through.
    pub interrupted: bool,
    /// Images in all shards, once all are there.
    pub packed: Option<u64>,
}

impl PackSummary {
    /// Images that this run still has to look at.
    pub fn remaining(&self) -> u64 {
        self.images.saturating_sub(self.done_before + self.processed)
    }
}

/// A folder of people that is to be packed into shards: see the [module](super).
///
/// Each image is decoded once, and left out if it is none; what is packed are the bytes of its file. The same folder gives the
/// same shards, byte for byte. A shard appears when it is complete, and is not made again: a job that was stopped, or killed, goes on
/// after the last when it is run again. An image is known by its name: for one whose picture has changed, remove the shards.
///
/// ```
/// use std::sync::atomic::AtomicBool;
/// use facenet::packed::{PackJob, PackOptions};
///
/// let root = tempfile::tempdir()?;
/// let faces = root.path().join("faces");
/// std::fs::create_dir_all(faces.join("Ada"))?;
/// for number in 0..3 {
///     facenet::Image::from_rgb(8, 8, vec![number; 192])?.save(faces.join(format!("Ada/{number}.png")))?;
/// }
/// let job = PackJob::plan(&faces, root.path().join("shards"), PackOptions { shard_size: 2 })?;
/// let summary = job.run(|so_far| println!("{} images left", so_far.remaining()), &AtomicBool::new(false))?;
/// assert_eq!((summary.shards, summary.packed), (2, Some(3)));
/// assert!(root.path().join("shards/faces-00001.tar").exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PackJob {
    dataset: Dataset,
    output: PathBuf,
    shards: Vec<Plan>,
    summary: PackSummary,
}

impl PackJob {
    /// Finds out what is to be done. Nothing is written.
    ///
    /// # Errors
    /// Those of [`Dataset::open`]; [`ErrorKind::InvalidArgument`] if a setting is out of range, or `output` has shards of other
    /// images, another size or another program; [`ErrorKind::DatasetInvalid`] if there is no image in `input`, one is in no person's
    /// folder, or one has a name that is not Unicode or that WebDataset would misunderstand: with two dots, or twice but for its ending.
    pub fn plan(input: impl AsRef<Path>, output: impl AsRef<Path>, options: PackOptions) -> Result<Self> {
        if options.shard_size == 0 {
            return Err(Error::new(ErrorKind::InvalidArgument, "shard_size is 0: it must be 1 or more"));
        }
        let (input, output) = (input.as_ref(), output.as_ref().to_path_buf());
        let dataset = Dataset::open_except(input, &output)?;
        if dataset.people().is_empty() {
            return Err(Error::new(ErrorKind::DatasetInvalid, format!("no image in {}", input.display())));
        }
        let shards = plan::shards(&dataset, options.shard_size)?;
        let mut job = Self { dataset, output, shards, summary: PackSummary::default() };
        job.look()?;
        Ok(job)
    }

    /// Looks for shards that are there.
    fn look(&mut self) -> Result<()> {
        let existing = if self.output.exists() { shards_in(&self.output)? } else { Vec::new() };
        if let Some(other) = existing.iter().find(|name| self.shards.iter().all(|shard| *shard.name != ***name)) {
            return Err(self.foreign(Path::new(other)));
        }
        self.summary.shards = self.shards.len() as u64;
        for shard in &self.shards {
            let images = shard.images.len() as u64;
            self.summary.images += images;
            if self.place(shard).exists() {
                self.existing(shard)?;
                self.summary.done_before += images;
            }
        }
        Ok(())
    }

    /// The index of a shard that is there.
    fn existing(&self, shard: &Plan) -> Result<Index> {
        let index = Index::read(&index_of(&self.place(shard)));
        index.filter(|index| index.about.plan == shard.digest()).ok_or_else(|| self.foreign(Path::new(&shard.name)))
    }

    fn foreign(&self, shard: &Path) -> Error {
        let message = format!(
            "{} was made from other images, with another size, or by another program: remove it, or choose another folder",
            self.output.join(shard).display()
        );
        Error::new(ErrorKind::InvalidArgument, message)
    }

    fn place(&self, shard: &Plan) -> PathBuf {
        self.output.join(&shard.name)
    }

    /// What is to be done.
    pub fn summary(&self) -> &PackSummary {
        &self.summary
    }

    /// What could not be read in the input folder.
    pub fn problems(&self) -> &[Problem] {
        self.dataset.problems()
    }

    /// Does the work on the threads of the current rayon pool. `progress` is told now and then how far it is.
    ///
    /// Once `cancel` is true, the shard that is being made is given up, and the summary says that the run was interrupted.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if something cannot be written. The shards that were made are kept.
    pub fn run(self, mut progress: impl FnMut(&PackSummary), cancel: &AtomicBool) -> Result<PackSummary> {
        let begin = Instant::now();
        std::fs::create_dir_all(&self.output).map_err(|error| Error::io("make", &self.output, error))?;
        let mut summary = self.summary.clone();
        for shard in self.shards.iter().filter(|shard| !self.place(shard).exists()) {
            let mut show = |read: &[Result<Vec<u8>>]| {
                summary.processed += read.len() as u64;
                summary.failed += read.iter().filter(|image| image.is_err()).count() as u64;
                summary.seconds = begin.elapsed().as_secs_f64();
                progress(&summary);
            };
            summary.interrupted = !self.make(shard, &mut show, cancel)?;
            if summary.interrupted {
                break;
            }
        }
        if !summary.interrupted {
            summary.packed = Some(self.finish()?);
        }
        summary.seconds = begin.elapsed().as_secs_f64();
        Ok(summary)
    }

    /// Makes a shard, and tells whether it was not interrupted.
    fn make(&self, shard: &Plan, mut progress: impl FnMut(&[Result<Vec<u8>>]), cancel: &AtomicBool) -> Result<bool> {
        let place = self.place(shard);
        let unwritable = |error| Error::io("write", &place, error);
        let mut file = temporary().tempfile_in(&self.output).map_err(unwritable)?;
        let mut tar = Builder::new(BufWriter::new(&mut file));
        let mut failures = Vec::new();
        for images in shard.images.chunks(IMAGES_PER_THREAD * rayon::current_num_threads()) {
            if cancel.load(Ordering::Relaxed) {
                return Ok(false);
            }
            let read: Vec<Result<Vec<u8>>> =
                images.par_iter().with_max_len(1).map(|image| self.read(&image.path)).collect();
            for (image, bytes) in images.iter().zip(&read) {
                match bytes {
                    Ok(bytes) => append(&mut tar, image, bytes).map_err(unwritable)?,
                    Err(error) => failures.push(Failure { image: text(&image.path), reason: error.to_string() }),
                }
            }
            progress(&read);
        }
        tar.into_inner().and_then(|mut tar| tar.flush()).map_err(unwritable)?;
        self.publish(shard, file, failures)?;
        Ok(true)
    }

    /// Gives a shard that is written its name. Its index comes first: a shard without one is somebody else's.
    fn publish(&self, shard: &Plan, file: NamedTempFile, failures: Vec<Failure>) -> Result<()> {
        let place = self.place(shard);
        let unwritable = |error| Error::io("write", &place, error);
        file.as_file().sync_all().map_err(unwritable)?;
        let members = scan::members(&place, &file.reopen().map_err(unwritable)?)?;
        let length = file.as_file().metadata().map_err(unwritable)?.len();
        Index::new(length, shard.digest(), members, failures).write(&index_of(&place))?;
        file.persist(&place).map_err(|error| unwritable(error.error))?;
        Ok(())
    }

    /// The bytes of an image file.
    fn read(&self, image: &Path) -> Result<Vec<u8>> {
        let (options, mut bytes) = (DecodeOptions::default(), Vec::new());
        read_file(&self.dataset.root().join(image), &options, &mut bytes)?;
        Image::decode_with(&bytes, &options)?;
        Ok(bytes)
    }

    /// Lists the images that are in no shard, and counts the others.
    fn finish(&self) -> Result<u64> {
        let (mut packed, mut failures) = (0, Vec::new());
        for shard in &self.shards {
            let index = self.existing(shard)?;
            packed += index.members.len() as u64;
            failures.extend(index.about.failures);
        }
        write_whole(self.output.join(FAILURES), |mut file| {
            for failure in &failures {
                serde_json::to_writer(&mut file, failure)?;
                writeln!(file)?;
            }
            Ok(())
        })?;
        Ok(packed)
    }
}

/// Adds an image and the number of its person, which depend on nothing but them.
fn append(tar: &mut Builder<impl Write>, image: &plan::Image, bytes: &[u8]) -> io::Result<()> {
    let label = image.label.to_string();
    for (path, bytes) in [(&image.path, bytes), (&image.path.with_extension("cls"), label.as_bytes())] {
        let mut header = Header::new_ustar();
        header.set_mode(0o644);
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, path, bytes)?;
    }
    Ok(())
}

fn text(path: &Path) -> String {
    String::from_utf8_lossy(&crate::dataset::portable_bytes(path)).into_owned()
}
