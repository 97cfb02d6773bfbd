//! Making a folder of aligned faces from a folder of images.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use super::output::{Outputs, Writer};
use super::record::{Header, Past, Record, Status};
use super::run::{Run, stopped};
use super::{AlignSummary, Dataset, Partition, Problem};
use crate::job::JobSummary;
use crate::watch::Watch;
use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::frame::Image;
use facenet_core::options::{OptionValue, Options};

/// In which order images are worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Order {
    /// By name.
    #[default]
    Sorted,
    /// Shuffled. Processes that share an output folder get in each other's way less with different seeds.
    Random {
        /// The same seed gives the same order.
        seed: u64,
    },
}

/// `sorted`, or `random:7` for the order of seed 7.
impl OptionValue for Order {
    const KIND: &'static str = "ORDER";

    fn parse(text: &str) -> Option<Self> {
        match text.trim().split_once(':') {
            None => (text.trim() == "sorted").then_some(Self::Sorted),
            Some(("random", seed)) => seed.parse().ok().map(|seed| Self::Random { seed }),
            Some(_) => None,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Sorted => "sorted".into(),
            Self::Random { seed } => format!("random:{seed}"),
        }
    }

    fn values() -> String {
        "sorted, or a seed as in random:7".into()
    }
}

facenet_core::options! {
    /// Settings of an [`AlignJob`].
    pub struct AlignOptions {
        /// Work on one of several parts of the images: 1/4 is the first of four.
        shard: Partition = Partition::ALL;
        /// The order in which images are worked on: by name, or shuffled by a seed.
        order: Order = Order::Sorted;
        /// Write every face of an image (Name_0001_0.png, Name_0001_1.png, ...), not only the most central one (Name_0001.png).
        multiple_faces: bool = false;
        /// Try again the images that gave no face, or were broken, in an earlier run.
        retry_failed: bool = false;
        /// Images that are worked on together; fewer if they are large.
        batch: usize = 64, |batch| *batch > 0 => "1 or more";
        ..
        /// What must be the same for all faces in the output folder, by name. A folder whose faces were made
        /// with another value is refused, as is one that was made with the other value of
        /// [`multiple_faces`](Self::multiple_faces).
        settings: BTreeMap<String, String> = BTreeMap::new();
        /// How faces are looked for, by name. Images that gave no face, or were broken, in runs with other values are
        /// tried again; faces that are there stay.
        detection: BTreeMap<String, String> = BTreeMap::new();
    }
}

/// A face as it is written to the output folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlignedFace {
    /// The aligned face.
    pub crop: Image,
    /// The part of the image it was cut from, in pixels: left, top, right, bottom.
    pub bounding_box: [i32; 4],
}

/// A folder of images to be made into a folder of aligned faces.
///
/// `INPUT/Name/Name_0001.jpg` becomes `OUTPUT/Name/Name_0001.png`. A face appears in the output folder when it
/// is complete, and an image whose faces are there is not worked on again: a job that was stopped, or killed,
/// goes on where it was when it is run again, and several processes may work on one output folder.
///
/// Each run that has something to do leaves two files in the output folder: `bounding_boxes_NNNNN.txt` with a line
/// `PATH x1 y1 x2 y2` for every face (and `PATH` for an image without), and `align_report_NNNNN.jsonl` with a line
/// for every image that gave no face and why. Images in the reports of earlier runs that looked for faces in the
/// [same way](AlignOptions::detection) are left alone.
///
/// ```no_run
/// use std::sync::atomic::AtomicBool;
/// use facenet::Watch;
/// use facenet::dataset::{AlignJob, AlignOptions, AlignedFace};
/// use facenet::{Runtime, RuntimeOptions};
///
/// let runtime = Runtime::new(RuntimeOptions::default())?;
/// let cancel = AtomicBool::new(false);
/// let job = AlignJob::plan("lfw", "lfw_160", &AlignOptions::default())?;
/// println!("{} images to do", job.pending().len());
/// let summary = job.run(
///     runtime.pool(),
///     |images| Ok(images.iter().map(|_image| Ok(Vec::<AlignedFace>::new())).collect()),
///     &Watch::new(&|done, total| println!("{done} of {total} images"), &cancel),
/// )?;
/// println!("{} faces", summary.faces);
/// # Ok::<(), facenet::Error>(())
/// ```
#[derive(Debug)]
pub struct AlignJob {
    pub(super) input: PathBuf,
    pub(super) output: PathBuf,
    pub(super) options: AlignOptions,
    pub(super) pending: Vec<PathBuf>,
    duplicates: Vec<(PathBuf, PathBuf)>,
    problems: Vec<Problem>,
    hidden: Vec<PathBuf>,
    pub(super) summary: AlignSummary,
}

impl AlignJob {
    /// Finds out what is to be done. Nothing is written.
    ///
    /// # Errors
    /// Those of [`Dataset::open`]; [`ErrorKind::DatasetInvalid`] if there is no image in `input`;
    /// [`ErrorKind::InvalidArgument`] if an option is out of its range, or `output` is the same folder as `input` or holds faces that were made with
    /// other [settings](AlignOptions::settings) or [`multiple_faces`](AlignOptions::multiple_faces); [`ErrorKind::Io`] if `output` is there and cannot be read.
    pub fn plan(input: impl AsRef<Path>, output: impl AsRef<Path>, options: &AlignOptions) -> Result<Self> {
        let (input, output) = (input.as_ref(), output.as_ref());
        options.check()?;
        if same_folder(input, output) {
            let message = format!("{} is both input and output: choose another folder for the faces", output.display());
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        let dataset = Dataset::open_except(input, output)?;
        dataset.check_not_empty()?;
        let past = Past::read(output, &Header::of(options))?;
        let (images, duplicates) = without_duplicates(&dataset, options.shard);
        let mut job = Self {
            input: input.to_path_buf(),
            output: output.to_path_buf(),
            options: options.clone(),
            pending: Vec::new(),
            summary: AlignSummary {
                job: JobSummary {
                    images: (images.len() + duplicates.len()) as u64,
                    set_aside: duplicates.len() as u64,
                    unreadable: dataset.problems().len() as u64,
                    ..JobSummary::default()
                },
                duplicates: duplicates.len() as u64,
                ..AlignSummary::default()
            },
            duplicates,
            problems: dataset.problems().to_vec(),
            hidden: dataset.hidden().to_vec(),
        };
        for image in images {
            if job.outputs(&image).exist() {
                job.summary.job.done_before += 1;
            } else if !options.retry_failed && past.has_failed(&image) {
                job.summary.failed_before += 1;
                job.summary.job.set_aside += 1;
            } else {
                job.pending.push(image);
            }
        }
        if let Order::Random { seed } = options.order {
            job.pending.shuffle(&mut StdRng::seed_from_u64(seed));
        }
        Ok(job)
    }

    /// The images to be worked on, in order: input path and the output path of the (first) face.
    pub fn pending(&self) -> impl ExactSizeIterator<Item = (PathBuf, PathBuf)> {
        self.pending.iter().map(|image| (self.input.join(image), self.outputs(image).face(0)))
    }

    /// Images that would be written to the output of another image, and that other image, which goes first.
    pub fn duplicates(&self) -> &[(PathBuf, PathBuf)] {
        &self.duplicates
    }

    /// What cannot be read in the input folder: see [`Dataset::problems`].
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// What of the input folder is left out, since it is hidden or the system's: see [`Dataset::hidden`].
    pub fn hidden(&self) -> &[PathBuf] {
        &self.hidden
    }

    /// The counts before the first image.
    pub fn summary(&self) -> &AlignSummary {
        &self.summary
    }

    /// Does the work on the threads of `pool` and returns the final counts.
    ///
    /// `worker` gets a batch of images and returns the faces of each, best first; it is called by one thread of the
    /// pool at a time, and should spread its work over the pool. Meanwhile other threads decode the next
    /// batch and write the faces of the last. An error of the worker stops the job; an error for one image is
    /// noted in the report.
    ///
    /// `watch` receives, on the calling thread after each batch, how many images are done, of how many that this run has to
    /// do. Once it is cancelled, no further image
    /// is decoded, what the worker has found is written, and the summary says `interrupted`. The worker is waited for;
    /// it may look at the same watch and give up its batch with [`ErrorKind::Cancelled`], which is no failure then.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if the output folder cannot be written; errors of the worker. What was finished
    /// before stays and will not be done again.
    pub fn run<W>(self, pool: &rayon::ThreadPool, worker: W, watch: &Watch<'_>) -> Result<AlignSummary>
    where
        W: Fn(&[Image]) -> Result<Vec<Result<Vec<AlignedFace>>>> + Sync,
    {
        if self.pending.is_empty() {
            return Ok(self.summary);
        }
        std::fs::create_dir_all(&self.output).map_err(|e| Error::io("create", &self.output, e))?;
        let record = Record::create(&self.output, Header::of(&self.options)).map_err(|e| stopped(e, &self.summary))?;
        for (image, first) in &self.duplicates {
            let reason = format!("has the same output as {}", first.display());
            record.failure(image, Status::Duplicate, Some(reason))?;
        }
        for problem in &self.problems {
            record.failure(&problem.path, Status::Unreadable, Some(problem.reason.clone()))?;
        }
        let writer = Writer::new(&self.output, record.number());
        let mut summary = Run { job: &self, record: &record, writer: &writer, worker, watch }.go(pool)?;
        if record.is_empty() {
            (summary.report, summary.bounding_boxes) = (None, None);
        }
        // What is written to a file that has no name any more is lost without an error.
        let places = [Some(&self.output), summary.report.as_ref(), summary.bounding_boxes.as_ref()];
        if let Some(gone) = places.into_iter().flatten().find(|place| !place.exists()) {
            let message = format!("{} was removed while the job ran: faces may be lost, run it again", gone.display());
            return Err(Error::new(ErrorKind::NotFound, message));
        }
        Ok(summary)
    }

    pub(super) fn outputs(&self, image: &Path) -> Outputs {
        Outputs::new(&self.output, image, self.options.multiple_faces)
    }
}

/// The images of the shard, and apart from them those whose output belongs to an image before them.
fn without_duplicates(dataset: &Dataset, shard: Partition) -> (Vec<PathBuf>, Vec<(PathBuf, PathBuf)>) {
    let mut owners: HashMap<PathBuf, &Path> = HashMap::new();
    let (mut images, mut duplicates) = (Vec::new(), Vec::new());
    for image in dataset.images() {
        let owner = *owners.entry(image.with_extension("")).or_insert(image);
        if !shard.contains(image) {
            continue;
        }
        if owner == image {
            images.push(image.to_path_buf());
        } else {
            duplicates.push((image.to_path_buf(), owner.to_path_buf()));
        }
    }
    (images, duplicates)
}

fn same_folder(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}
