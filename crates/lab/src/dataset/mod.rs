//! Folders of people: finding the images, splitting the work over machines, aligning every face.
//!
//! A dataset is a folder with one folder per person, as in Labeled Faces in the Wild:
//!
//! ```text
//! root/Name/Name_0001.jpg
//! root/Other/summer/beach.png      belongs to "Other", however deep it lies
//! root/passer-by.jpg               belongs to the person without a name
//! ```
//!
//! [`Dataset`] walks such a folder. [`AlignJob`] makes a folder of aligned faces from it; the job may be
//! killed at any time and started again, and any number of processes and machines may share it.

mod align;
mod output;
mod partition;
mod reader;
mod record;
mod run;
mod split;
mod summary;
mod walk;

pub use align::{AlignJob, AlignOptions, AlignedFace, Order};
pub use partition::Partition;
#[doc(hidden)]
pub use reader::{BatchReader, ReadImage};
pub use split::{Split, SplitOptions};
pub use summary::AlignSummary;
#[doc(hidden)]
pub use walk::check_unicode;
pub(crate) use walk::is_hidden;
pub use walk::{Dataset, Person, Problem};

#[doc(hidden)]
pub use facenet_core::frame::has_image_extension;

use std::path::Path;

use serde::{Deserialize, Serialize};

/// The bytes of a path inside a dataset, the same on every system: components joined by `/`.
pub(crate) fn portable_bytes(relative: &Path) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(relative.as_os_str().len());
    for component in relative.components() {
        if !bytes.is_empty() {
            bytes.push(b'/');
        }
        bytes.extend_from_slice(component.as_os_str().as_encoded_bytes());
    }
    bytes
}

/// [`portable_bytes`] as text, as far as they are Unicode.
pub(crate) fn portable_text(relative: &Path) -> String {
    String::from_utf8_lossy(&portable_bytes(relative)).into_owned()
}

/// An image that is left out of what a job makes, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) image: String,
    pub(crate) reason: String,
}

/// A folder of empty files of these names.
#[cfg(test)]
pub(crate) fn of_empty_files(images: &[&str]) -> (tempfile::TempDir, Dataset) {
    let root = tempfile::tempdir().unwrap();
    for image in images {
        let path = root.path().join(image);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, b"").unwrap();
    }
    let dataset = Dataset::open(root.path()).unwrap();
    (root, dataset)
}
