//! Images for training.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Mutex;

use facenet_core::ErrorKind;
use facenet_lab::train::{self, Augmentation, FeedOptions, TrainingImages, TrainingSettings};
use numpy::{IntoPyArray, PyArray4};
use pyo3::prelude::*;

use crate::error::{fault, raise};
use crate::keywords::{choice, settings};
use crate::names::json;
use crate::pool::detached;

#[pyclass(frozen, module = "facenet_rs._native")]
pub(crate) struct Feed(train::Feed);

settings! {
    /// What images look like, as Python says it.
    FeedSettings {
        paths: Vec<PathBuf>,
        image_size: u32,
        random_crop: bool,
        random_flip: bool,
        random_rotate: bool,
        standardization: String,
        seed: u64,
        threads: usize,
    }
}

#[pymethods]
impl Feed {
    #[new]
    fn new(settings: FeedSettings) -> PyResult<Self> {
        let FeedSettings { image_size, random_crop: crop, random_flip: flip, random_rotate: rotate, .. } = settings;
        let standardization = choice("standardization", &settings.standardization)?;
        let augmentation = Augmentation { crop, flip, rotate };
        let FeedSettings { paths, seed, threads, .. } = settings;
        let options = FeedOptions { image_size, augmentation, standardization, seed, threads };
        train::Feed::new(paths, options).map(Self).map_err(raise)
    }

    /// The images at `indices` as they look in `epoch`.
    fn batch<'py>(&self, py: Python<'py>, indices: Vec<usize>, epoch: u64) -> PyResult<Bound<'py, PyArray4<f32>>> {
        py.detach(|| self.0.batch(&indices, epoch)).map(|images| images.into_pyarray(py)).map_err(raise)
    }

    /// Width and height of the image at `index`.
    fn size(&self, py: Python<'_>, index: usize) -> PyResult<(u32, u32)> {
        py.detach(|| self.0.size(index)).map_err(raise)
    }

    /// The batches of each list of indices, some made ahead.
    fn batches(&self, lists: Vec<Vec<usize>>, epoch: u64, ahead: usize) -> Batches {
        Batches(Mutex::new(self.0.batches(lists, epoch, ahead)))
    }
}

#[pyclass(frozen, module = "facenet_rs._native")]
pub(crate) struct Batches(Mutex<train::Batches>);

#[pymethods]
impl Batches {
    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyArray4<f32>>>> {
        let next = || self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next();
        py.detach(next).transpose().map(|batch| batch.map(|images| images.into_pyarray(py))).map_err(raise)
    }
}

/// The settings of a training with the defaults of what is not there, as JSON.
#[pyfunction]
pub(crate) fn check_training(settings: &str) -> PyResult<String> {
    json(&TrainingSettings::from_json(settings).map_err(raise)?)
}

/// The images of an epoch, `count` of them of `images`; epochs count from 1 and follow each other in an endless row of shuffles.
#[pyfunction]
pub(crate) fn sample_softmax(images: usize, epoch: u64, count: usize, seed: u64) -> PyResult<Vec<usize>> {
    let from = epoch.saturating_sub(1).saturating_mul(count as u64);
    train::shuffled(images, from, count, seed).map_err(raise)
}

/// Who is on which image.
#[pyclass(frozen, module = "facenet_rs._native")]
pub(crate) struct People(train::People);

#[pymethods]
impl People {
    #[new]
    fn new(labels: Vec<u32>) -> PyResult<Self> {
        // A label is an index; one in the millions of millions is none.
        if let Some(label) = labels.iter().find(|&&label| label as usize > 16 * labels.len() + 65_536) {
            let message = format!("label {label} of {} images: number people from 0", labels.len());
            return Err(fault(ErrorKind::InvalidArgument, message));
        }
        Ok(Self(train::People::new(&labels)))
    }

    /// The images of batch `batch` of an epoch of triplet training.
    fn sample(
        &self,
        people_per_batch: usize,
        images_per_person: usize,
        seed: u64,
        epoch: u64,
        batch: u64,
    ) -> PyResult<Vec<usize>> {
        let draw = epoch.wrapping_shl(32) ^ batch;
        train::people_batch(&self.0, people_per_batch, images_per_person, seed, draw).map_err(raise)
    }
}

/// Image files, the number of the person of each, the names of the people, and what could not be read.
type FoundImages = (Vec<OsString>, Vec<usize>, Vec<String>, Vec<String>);

/// The images in a folder of people or of shards.
#[pyfunction]
pub(crate) fn people_of(py: Python<'_>, folder: PathBuf) -> PyResult<FoundImages> {
    let images = detached(py, || TrainingImages::open(folder)).map_err(raise)?;
    let TrainingImages { paths, labels, names, problems } = images;
    let problems = problems.iter().map(|problem| format!("{}: {}", problem.path.display(), problem.reason)).collect();
    Ok((paths.into_iter().map(PathBuf::into_os_string).collect(), labels, names, problems))
}
