//! Images named on the command line.

use std::path::{Path, PathBuf};

use crate::console;
use facenet_core::{Error, ErrorKind, Result};
use facenet_lab::dataset::{BatchReader, Dataset, Problem};

/// Images that are decoded together.
pub(crate) const BATCH: usize = 32;

/// The images at `paths`: a folder stands for all images in it.
pub(crate) fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut images = Vec::new();
    for path in paths {
        if !path.is_dir() {
            images.push(path.clone());
            continue;
        }
        let dataset = Dataset::open(path)?;
        warn_of(path, dataset.problems());
        if dataset.people().is_empty() {
            return Err(Error::new(ErrorKind::NotFound, format!("no image in the folder {}", path.display())));
        }
        images.extend(dataset.images().map(|image| path.join(image)));
    }
    Ok(images)
}

/// Names what could not be read in `folder`.
pub(crate) fn warn_of(folder: &Path, problems: &[Problem]) {
    for problem in problems {
        console::warn(format_args!("cannot read {}: {}", folder.join(&problem.path).display(), problem.reason));
    }
}

/// A reader of images named on the command line.
pub(crate) fn reader(images: Vec<PathBuf>) -> BatchReader {
    BatchReader::new(Path::new(""), images, BATCH)
}
