//! The work of an export.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;

use super::arrays::{self, Places};
use super::part::{About, Reader, Rows};
use super::plan::{self, Kind, Part};
use crate::dataset::{Dataset, Failure, Partition, Person, Problem, portable_text};
use crate::extract::{Extractor, ImageFaces};
use crate::job::{JobSummary, RECORD_VERSION};
use crate::store::Description;
use crate::watch::Watch;
use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::internal::limits::excerpt;
use facenet_core::options::Options;

facenet_core::options! {
    /// Settings of an [`ExportJob`].
    pub struct ExportOptions {
        /// About how many images go into a Parquet file; what an interruption undoes is no more than one file, and the memory
        /// needed grows with it.
        part_size: usize = 512, |size| *size > 0 => "1 or more";
        /// The share of the Parquet files to make; the arrays are made by whoever finds all of them there.
        shard: Partition = Partition::ALL;
        /// Name of the array of embeddings.
        embeddings_name: String = "embeddings.npy".into(), is_array => "the name of a file in the output folder that ends in .npy";
        /// Name of the array of numbers of people.
        labels_name: String = "labels.npy".into(), is_array => "the name of a file in the output folder that ends in .npy";
        /// Name of the array of names of people.
        label_strings_name: String = "label_strings.npy".into(), is_array => "the name of a file in the output folder that ends in .npy";
        ..
        /// What must be the same for all of an export, by name; how faces are found and chosen is
        /// [added](Extractor::settings). A folder that was exported with other values is refused, as is one with another
        /// fingerprint.
        settings: BTreeMap<String, String> = BTreeMap::new();
    }
}

/// Whether `name` is one of an array in the output folder.
fn is_array(name: &String) -> bool {
    Path::new(name).file_name() == Some(name.as_ref()) && name.ends_with(".npy")
}

/// Counts of an export, while it runs and when it is over.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ExportSummary {
    /// What every job counts. Images that other shards have to do are set aside; those that failed are named in
    /// `failures.jsonl`.
    #[serde(flatten)]
    pub job: JobSummary,
    /// Images that other shards have to do.
    pub elsewhere: u64,
    /// Faces of the images that this run has looked at.
    pub faces: u64,
    /// Whether all images are exported, and the arrays hold them.
    pub complete: bool,
    /// Faces in the arrays, once they are complete.
    pub rows: Option<u64>,
}

/// A folder of people whose embeddings are to be written to files: see the [module](super).
///
/// An image is known by its name: one whose picture has changed is not exported again. Remove the output folder for that.
///
/// The work is done in parts, each a Parquet file that appears whole. A job that was stopped, or killed, goes on after
/// the last of them when it is run again; images that were added make new parts and leave the others as they are. The
/// memory needed does not grow with the number of images, but for their names.
///
/// ```no_run
/// use facenet::Watch;
/// use facenet::export::{ExportJob, ExportOptions};
/// use facenet::{Embedder, EmbedderOptions, Extractor, Runtime, RuntimeOptions};
///
/// let runtime = Runtime::new(RuntimeOptions::default())?;
/// let extractor = Extractor::of_aligned(Embedder::new(&runtime, EmbedderOptions::default())?);
/// let job = ExportJob::plan("lfw_160", "lfw_embeddings", extractor, ExportOptions::default())?;
/// let summary = job.run(&Watch::none())?;
/// assert!(summary.complete);
/// # Ok::<(), facenet::Error>(())
/// ```
pub struct ExportJob {
    dataset: Dataset,
    output: PathBuf,
    extractor: Extractor,
    options: ExportOptions,
    parts: Vec<Part>,
    pending: Vec<usize>,
    summary: ExportSummary,
}

impl ExportJob {
    /// Finds out what is to be done. Nothing is written.
    ///
    /// # Errors
    /// Those of [`Dataset::open_except`]; [`ErrorKind::DatasetInvalid`] if there is no image in `input`;
    /// [`ErrorKind::DatasetInvalid`] too if the name of a person's folder is not Unicode; [`ErrorKind::InvalidArgument`] if a
    /// part has no image, two files have the same name or a name has a folder in it,
    /// or if `output` holds an export that was made with other settings; [`ErrorKind::FingerprintMismatch`] if it was made
    /// with another model or preprocessing.
    pub fn plan(
        input: impl AsRef<Path>,
        output: impl AsRef<Path>,
        extractor: Extractor,
        mut options: ExportOptions,
    ) -> Result<Self> {
        options.check()?;
        check_names(&options)?;
        options.settings.extend(extractor.settings());
        let (input, output) = (input.as_ref(), output.as_ref().to_path_buf());
        let dataset = Dataset::open_except(input, &output)?;
        dataset.check_not_empty()?;
        // Arrays of text hold nothing else, and two names must not become one.
        dataset.people().iter().try_for_each(|person| person.unicode_name().map(drop))?;
        dataset.check_unicode()?;
        let kind = Kind { fingerprint: extractor.embedder().fingerprint(), settings: &options.settings };
        let parts = plan::cut(dataset.images(), options.part_size, &kind);
        let mut job =
            Self { dataset, output, extractor, options, parts, pending: Vec::new(), summary: ExportSummary::default() };
        job.summary.job.unreadable = job.problems().len() as u64;
        job.look()?;
        Ok(job)
    }

    /// Looks for parts that are there.
    fn look(&mut self) -> Result<()> {
        let existing = plan::existing(&self.folder())?;
        if let Some(part) = existing.values().min() {
            self.check_kind(&Reader::open(part)?.about)?;
        }
        let shard = self.options.shard;
        for part in &self.parts {
            let images = part.images.len() as u64;
            self.summary.job.images += images;
            if existing.contains_key(&part.digest) {
                self.summary.job.done_before += images;
            } else if part.digest % u64::from(shard.count()) != u64::from(shard.index() - 1) {
                self.summary.elsewhere += images;
                self.summary.job.set_aside += images;
            } else {
                self.pending.push(part.index);
            }
        }
        Ok(())
    }

    fn check_kind(&self, found: &About) -> Result<()> {
        let (place, wanted) = (self.output.display(), self.description());
        if found.description.fingerprint != wanted.fingerprint {
            let message = format!(
                "{place} holds embeddings of {} ({}), not of {} ({}): choose another folder",
                excerpt(&found.description.model),
                found.description.fingerprint,
                wanted.model,
                wanted.fingerprint
            );
            return Err(Error::new(ErrorKind::FingerprintMismatch, message));
        }
        if found.settings != self.options.settings {
            let message = format!(
                "{place} was exported with {}, not with {:?}: choose another folder",
                excerpt(&format!("{:?}", found.settings)),
                self.options.settings
            );
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        Ok(())
    }

    fn description(&self) -> Description {
        Description::of(self.extractor.embedder())
    }

    /// The folder of the Parquet files.
    fn folder(&self) -> PathBuf {
        self.output.join("parts")
    }

    /// What is to be done.
    pub fn summary(&self) -> &ExportSummary {
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

    /// Does the work. After each image `watch` receives how many are done, of how many that this run has to do.
    ///
    /// Once `watch` is cancelled, the part that is being made is given up, and the summary says that the run was interrupted.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if something cannot be written, and the errors of the stages. The parts that were made are kept.
    pub fn run(mut self, watch: &Watch<'_>) -> Result<ExportSummary> {
        let (begin, planned) = (Instant::now(), self.summary.job.remaining());
        std::fs::create_dir_all(self.folder()).map_err(|error| Error::io("make", self.folder(), error))?;
        let mut summary = self.summary.clone();
        let pending = std::mem::take(&mut self.pending);
        let images = pending.iter().flat_map(|&index| self.parts[index].images.iter().cloned());
        let mut making = Making::new(&self, pending.iter().map(|&index| &self.parts[index]));
        let done = self.extractor.run(self.dataset.root(), images, &watch.silent(), |image| {
            summary.job.processed += 1;
            match making.add(image)? {
                0 => summary.job.failed += 1,
                faces => summary.faces += faces,
            }
            summary.job.seconds = begin.elapsed().as_secs_f64();
            summary.job.report_to(watch, planned);
            Ok(())
        });
        match done {
            Err(error) if error.kind() == ErrorKind::Cancelled => summary.job.interrupted = true,
            done => {
                done?;
                summary.rows = self.finish()?;
                summary.complete = summary.rows.is_some();
            }
        }
        summary.job.seconds = begin.elapsed().as_secs_f64();
        Ok(summary)
    }

    /// Joins the parts, if all are there, and removes those of images that are no more.
    fn finish(&self) -> Result<Option<u64>> {
        let folder = self.folder();
        let mut existing = plan::existing(&folder)?;
        let mut files = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            let Some(found) = existing.remove(&part.digest) else { return Ok(None) };
            // Its place among the parts may have changed.
            let file = folder.join(part.file_name());
            // Another process may have been as fast.
            if found != file
                && let Err(error) = std::fs::rename(&found, &file)
                && !file.exists()
            {
                return Err(Error::io("rename", &found, error));
            }
            files.push(file);
        }
        let place = |name: &str| self.output.join(name);
        let places = Places {
            embeddings: place(&self.options.embeddings_name),
            labels: place(&self.options.labels_name),
            label_strings: place(&self.options.label_strings_name),
            failures: place("failures.jsonl"),
        };
        let people = self.dataset.people().iter().map(Person::unicode_name).collect::<Result<Vec<&str>>>()?;
        let rows = arrays::write(&places, &files, &people, &self.description())?;
        for stale in existing.values() {
            match std::fs::remove_file(stale) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::io("remove", stale, error));
                }
                _ => {}
            }
        }
        Ok(Some(rows as u64))
    }
}

/// Fails if two arrays have the same name.
fn check_names(options: &ExportOptions) -> Result<()> {
    let names = [&options.embeddings_name, &options.labels_name, &options.label_strings_name];
    let double = names.iter().enumerate().find(|(index, name)| names[..*index].contains(name));
    double.map_or(Ok(()), |(_, name)| {
        Err(Error::new(ErrorKind::InvalidArgument, format!("two arrays would be written to {name}")))
    })
}

/// The part that is being made.
struct Making<'a, P> {
    job: &'a ExportJob,
    parts: P,
    part: Option<&'a Part>,
    images: usize,
    rows: Rows,
    about: About,
}

impl<'a, P: Iterator<Item = &'a Part>> Making<'a, P> {
    fn new(job: &'a ExportJob, mut parts: P) -> Self {
        let description = job.description();
        let rows = Rows::new(description.dimension);
        let about = About {
            version: RECORD_VERSION,
            description,
            settings: job.options.settings.clone(),
            failures: Vec::new(),
        };
        Self { job, part: parts.next(), parts, images: 0, rows, about }
    }

    /// Adds the next image, writes the part if it was the last one of it, and tells how many faces the image has.
    fn add(&mut self, image: ImageFaces) -> Result<u64> {
        let path = portable_text(&image.path);
        let person = match path.split_once('/') {
            Some((person, _)) => person,
            None => "",
        };
        let faces = image.found().unwrap_or_else(|reason| {
            self.about.failures.push(Failure { image: path.clone(), reason });
            Vec::new()
        });
        for (number, face) in faces.iter().enumerate() {
            self.rows.push(&path, person, number, face);
        }
        self.images += 1;
        if let Some(part) = self.part
            && self.images == part.images.len()
        {
            self.rows.write(&self.job.folder().join(part.file_name()), &self.about)?;
            self.about.failures.clear();
            (self.part, self.images) = (self.parts.next(), 0);
        }
        Ok(faces.len() as u64)
    }
}
