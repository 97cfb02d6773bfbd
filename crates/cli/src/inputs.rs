//! Images named on the command line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::console;
use facenet_core::Result;
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
        warn_of(path, dataset.problems(), dataset.hidden());
        dataset.check_not_empty()?;
        images.extend(dataset.images().map(|image| path.join(image)));
    }
    Ok(images)
}

/// Names what cannot be read in `folder`, and what is left out. Of many with the same reason, the first are named.
pub(crate) fn warn_of(folder: &Path, problems: &[Problem], hidden: &[PathBuf]) {
    let mut by_reason: BTreeMap<&str, Vec<&Path>> = BTreeMap::new();
    for problem in problems {
        by_reason.entry(&problem.reason).or_default().push(&problem.path);
    }
    for (reason, paths) in by_reason {
        console::warn(format_args!("cannot read {}: {reason}", first_of(folder, &paths)));
    }
    if !hidden.is_empty() {
        let paths: Vec<&Path> = hidden.iter().map(PathBuf::as_path).collect();
        console::warn(format_args!("left out, being hidden or the system's: {}", first_of(folder, &paths)));
    }
}

/// Names an image that was read though something is wrong with its file.
pub(crate) fn warn_of_doubt(path: &Path, doubt: &str) {
    console::warn(format_args!("{}: {doubt}", path.display()));
}

/// The first of some paths in `folder`, and how many they are if there are more.
fn first_of(folder: &Path, paths: &[&Path]) -> String {
    const NAMED: usize = 3;

    let named: Vec<String> = paths.iter().take(NAMED).map(|path| folder.join(path).display().to_string()).collect();
    match paths.len() {
        0..=NAMED => named.join(", "),
        count => format!("{count} files or folders ({}, ...)", named.join(", ")),
    }
}

/// A reader of images named on the command line.
pub(crate) fn reader(images: Vec<PathBuf>) -> BatchReader {
    BatchReader::new(Path::new(""), images, BATCH)
}
