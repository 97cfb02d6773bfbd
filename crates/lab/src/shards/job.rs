//! Making shards from a folder of people.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use rayon::prelude::*;
use serde::Serialize;
use tar::{Builder, Header};
use tempfile::NamedTempFile;

use super::index::{Index, Part};
use super::listing::Listing;
use super::plan::{self, Plan};
use super::{index_of, scan};
use crate::dataset::{Dataset, Failure, Problem, portable_text};
use crate::job::JobSummary;
use crate::watch::Watch;
use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::frame::{DecodeOptions, Image, read_file};
use facenet_core::internal::files::{temporary, write_json_line, write_whole};
use facenet_core::options::Options;

/// Images that each thread reads before all are written.
const IMAGES_PER_THREAD: usize = 8;

/// The file with what is in no shard.
const FAILURES: &str = "failures.jsonl";

/// How the names of shards begin while they are written.
const UNFINISHED: &str = ".facenet-pack-";

facenet_core::options! {
    /// Settings of a [`PackJob`].
    #[derive(Eq)]
    pub struct PackOptions {
        /// Images in a shard; 10,000 faces of 182 pixels are 100 MB of JPEG or 500 MB of PNG.
        shard_size: usize = 10_000, |size| *size > 0 => "1 or more";
    }
}

/// Counts of a job, while it runs and when it is over.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PackSummary {
    /// What every job counts, but for the images of a shard that was given up. Files that are no images have failed; they are
    /// named in `failures.jsonl`, as is what cannot be read.
    #[serde(flatten)]
    pub job: JobSummary,
    /// Shards that the images make.
    pub shards: u64,
    /// Images in all shards, once all are there.
    pub packed: Option<u64>,
}

/// A folder of people that is to be packed into shards: see the [module](super).
///
/// Each image is decoded once, and left out if it is none; what is packed are the bytes of its file. A file that cannot be read
/// ends the run. The same folder gives the same shards, byte for byte. A shard appears when it is complete, and is not made
/// again: a job that was stopped, or killed, goes on after the last when it is run again. One job at a time may write to a
/// folder. An image is known by its name: for one whose picture has changed, remove the shards.
///
/// ```
/// use facenet::Watch;
/// use facenet::shards::{PackJob, PackOptions};
///
/// let root = tempfile::tempdir()?;
/// let faces = root.path().join("faces");
/// std::fs::create_dir_all(faces.join("Ada"))?;
/// for number in 0..3 {
///     facenet::Image::from_rgb(8, 8, vec![number; 192])?.save(faces.join(format!("Ada/{number}.png")))?;
/// }
/// let job = PackJob::plan(&faces, root.path().join("shards"), PackOptions { shard_size: 2 })?;
/// let summary = job.run(&Watch::none())?;
/// assert_eq!((summary.shards, summary.packed), (2, Some(3)));
/// assert!(root.path().join("shards/faces-00001.tar").exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PackJob {
    dataset: Dataset,
    output: PathBuf,
    shards: Vec<Plan>,
    /// Identifies them.
    set: u64,
    /// The numbers of those that are to be made.
    missing: Vec<usize>,
    summary: PackSummary,
}

impl PackJob {
    /// Finds out what is to be done. Nothing is written.
    ///
    /// # Errors
    /// Those of [`Dataset::open`]; [`ErrorKind::InvalidArgument`] if a setting is out of range, `output` is `input` or a folder around
    /// it, or has shards of other images, another size or another program; [`ErrorKind::Io`] if it cannot be read;
    /// [`ErrorKind::DatasetInvalid`] if it has a damaged shard, or folders, images or compressed tar files, if there is no image in
    /// `input`, one is in no person's folder, or one has a name that is not Unicode or that WebDataset would misunderstand: with two
    /// dots, or twice but for its ending.
    pub fn plan(input: impl AsRef<Path>, output: impl AsRef<Path>, options: PackOptions) -> Result<Self> {
        options.check()?;
        let (input, output) = (input.as_ref(), output.as_ref().to_path_buf());
        let existing = existing_shards(input, &output)?;
        let dataset = Dataset::open_except(input, &output)?;
        dataset.check_not_empty()?;
        let shards = plan::shards(&dataset, options.shard_size)?;
        let summary = PackSummary {
            job: JobSummary {
                images: shards.iter().map(|shard| shard.images.len() as u64).sum(),
                unreadable: dataset.problems().len() as u64,
                ..JobSummary::default()
            },
            shards: shards.len() as u64,
            ..PackSummary::default()
        };
        let mut job = Self { dataset, output, set: plan::digest(&shards), shards, missing: Vec::new(), summary };
        job.look(existing)?;
        Ok(job)
    }

    /// Takes note of the shards that are there.
    fn look(&mut self, existing: Vec<OsString>) -> Result<()> {
        let mut existing: HashSet<OsString> = existing.into_iter().collect();
        for (number, shard) in self.shards.iter().enumerate() {
            if existing.remove(OsStr::new(&shard.name)) {
                self.existing(number)?;
                self.summary.job.done_before += shard.images.len() as u64;
            } else {
                self.missing.push(number);
            }
        }
        existing.iter().min().map_or(Ok(()), |other| Err(self.foreign(Path::new(other))))
    }

    /// The index of a shard that is there.
    fn existing(&self, number: usize) -> Result<Index> {
        let place = self.place(number);
        let index = Index::read(&index_of(&place))?.filter(|index| index.about.part == self.part(number));
        let index = index.ok_or_else(|| self.foreign(Path::new(&self.shards[number].name)))?;
        if !index.fits(&File::open(&place).map_err(|error| Error::io("read", &place, error))?) {
            let message = format!("{} is damaged: remove it", place.display());
            return Err(Error::new(ErrorKind::DatasetInvalid, message));
        }
        Ok(index)
    }

    fn part(&self, number: usize) -> Part {
        Part { shard: number, shards: self.shards.len(), set: self.set }
    }

    fn foreign(&self, shard: &Path) -> Error {
        let message = format!(
            "{} was made from other images, with another size, or by another program: remove it, or choose another folder",
            self.output.join(shard).display()
        );
        Error::new(ErrorKind::InvalidArgument, message)
    }

    fn place(&self, number: usize) -> PathBuf {
        self.output.join(&self.shards[number].name)
    }

    /// What is to be done.
    pub fn summary(&self) -> &PackSummary {
        &self.summary
    }

    /// What cannot be read in the input folder: see [`Dataset::problems`].
    pub fn problems(&self) -> &[Problem] {
        self.dataset.problems()
    }

    /// What of the input folder is left out, since it is hidden or the system's: see [`Dataset::hidden`].
    pub fn hidden(&self) -> &[PathBuf] {
        self.dataset.hidden()
    }

    /// Does the work on the threads of the current rayon pool. `watch` receives now and then how many
    /// images are done, of how many that this run has to do.
    ///
    /// Once `watch` is cancelled, the shard that is being made is given up, and the summary says that the run was interrupted.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] or [`ErrorKind::NotFound`] if an image cannot be read or something cannot be written,
    /// [`ErrorKind::DatasetInvalid`] or [`ErrorKind::InvalidArgument`] if a shard is no longer what it was. The shards that were made
    /// are kept: a job that is planned again goes on after them.
    pub fn run(self, watch: &Watch<'_>) -> Result<PackSummary> {
        let kept = "stopped; the shards that were made are kept, run it again to go on";
        self.make_missing(watch).map_err(|error| error.context(kept))
    }

    fn make_missing(&self, watch: &Watch<'_>) -> Result<PackSummary> {
        let (begin, planned) = (Instant::now(), self.summary.job.remaining());
        std::fs::create_dir_all(&self.output).map_err(|error| Error::io("make", &self.output, error))?;
        self.remove_leftovers()?;
        let mut summary = self.summary.clone();
        for &number in &self.missing {
            let mut so_far = summary.clone();
            let mut show = |read: &[Result<Vec<u8>>]| {
                let counts: &mut JobSummary = &mut so_far.job;
                counts.processed += read.len() as u64;
                counts.failed += read.iter().filter(|image| image.is_err()).count() as u64;
                counts.seconds = begin.elapsed().as_secs_f64();
                counts.report_to(watch, planned);
            };
            if !self.make(number, &mut show, watch)? {
                summary.job.interrupted = true;
                break;
            }
            summary = so_far;
        }
        if !summary.job.interrupted {
            summary.packed = Some(self.finish()?);
        }
        summary.job.seconds = begin.elapsed().as_secs_f64();
        Ok(summary)
    }

    /// Makes a shard, and tells whether it was not interrupted.
    fn make(&self, number: usize, mut progress: impl FnMut(&[Result<Vec<u8>>]), watch: &Watch<'_>) -> Result<bool> {
        let place = self.place(number);
        let unwritable = |error| Error::io("write", &place, error);
        let mut file = temporary().prefix(UNFINISHED).tempfile_in(&self.output).map_err(unwritable)?;
        let mut tar = Builder::new(BufWriter::new(&mut file));
        let mut failures = Vec::new();
        for images in self.shards[number].images.chunks(IMAGES_PER_THREAD * rayon::current_num_threads()) {
            if watch.is_cancelled() {
                return Ok(false);
            }
            let read: Vec<Result<Vec<u8>>> =
                images.par_iter().with_max_len(1).map(|image| self.read(&image.path)).collect::<Result<_>>()?;
            for (image, bytes) in images.iter().zip(&read) {
                match bytes {
                    Ok(bytes) => append(&mut tar, image, bytes).map_err(unwritable)?,
                    Err(error) => {
                        failures.push(Failure { image: portable_text(&image.path), reason: error.to_string() })
                    }
                }
            }
            progress(&read);
        }
        tar.into_inner().and_then(|mut tar| tar.flush()).map_err(unwritable)?;
        self.publish(number, file, failures)?;
        Ok(true)
    }

    /// Gives a shard that is written its name. Its index comes first: a shard without one is somebody else's.
    fn publish(&self, number: usize, file: NamedTempFile, failures: Vec<Failure>) -> Result<()> {
        let place = self.place(number);
        let unwritable = |error| Error::io("write", &place, error);
        file.as_file().sync_all().map_err(unwritable)?;
        let members = scan::contents(&place, file.as_file())?.members;
        let length = file.as_file().metadata().map_err(unwritable)?.len();
        Index::new(length, self.part(number), members, failures).write(&index_of(&place))?;
        file.persist(&place).map_err(|error| unwritable(error.error))?;
        Ok(())
    }

    /// The bytes of an image file, or why they are no image. Fails if they cannot be read, which may be otherwise tomorrow.
    fn read(&self, image: &Path) -> Result<Result<Vec<u8>>> {
        let (options, mut bytes) = (DecodeOptions::default(), Vec::new());
        read_file(&self.dataset.root().join(image), &options, &mut bytes)?;
        Ok(Image::decode_with(&bytes, &options).map(|_| bytes))
    }

    /// Removes the unfinished shards of runs that were killed.
    fn remove_leftovers(&self) -> Result<()> {
        let unreadable = |error| Error::io("read", &self.output, error);
        for entry in self.output.read_dir().map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            if entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
                std::fs::remove_file(entry.path()).map_err(|error| Error::io("remove", entry.path(), error))?;
            }
        }
        Ok(())
    }

    /// Lists what is in no shard, and counts the images that are.
    fn finish(&self) -> Result<u64> {
        let unreadable =
            |problem: &Problem| Failure { image: portable_text(&problem.path), reason: problem.reason.clone() };
        let mut failures: Vec<Failure> = self.problems().iter().map(unreadable).collect();
        let mut packed = 0;
        for number in 0..self.shards.len() {
            let index = self.existing(number)?;
            packed += index.members.len() as u64;
            failures.extend(index.about.failures);
        }
        let place = self.output.join(FAILURES);
        write_whole(place, |file| failures.iter().try_for_each(|failure| write_json_line(file, failure)))?;
        Ok(packed)
    }
}

/// The shards in a folder that shards of `input` are to be written to.
fn existing_shards(input: &Path, output: &Path) -> Result<Vec<OsString>> {
    let real = match output.canonicalize() {
        Ok(real) => real,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io("read", output, error)),
    };
    if input.canonicalize().map_err(|error| Error::io("read", input, error))?.starts_with(&real) {
        let message = format!("{} holds the folder of people: choose another folder for the shards", output.display());
        return Err(Error::new(ErrorKind::InvalidArgument, message));
    }
    Listing::of(output)?.alone()
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
