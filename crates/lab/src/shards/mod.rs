//! Folders of people packed into a few large files, for training: reading millions of small files is what a disk does worst.
//!
//! The files are plain tar files, as WebDataset has them:
//!
//! ```text
//! root/faces-00000.tar        Name/Name_0001.jpg   the bytes of the image file, as they were
//!                             Name/Name_0001.cls   the number of the person, in decimal
//!                             Other/Other_0007.png
//!                             ...
//! root/faces-00000.index      where each image lies in the tar, so that nobody needs to look for it
//! root/faces-00001.tar
//! ```
//!
//! [`PackJob`] makes them, [`ShardFolder`] finds the images in them. A path that goes through a tar file, such as
//! `root/faces-00000.tar/Name/Name_0001.jpg`, names an image in it, wherever the files of a training are named.
//!
//! Tar files of other programs are read as well: of GNU tar (`tar -C faces -cf shards/faces.tar .`), of WebDataset's writer. The person
//! is the first folder of a member's path; of a member in no folder, it is what the `.cls` beside it holds. An index is only taken for
//! what it says if the tar is the one it was made from; without one the headers are read. What was packed together is
//! read together: of shards with indexes none may be missing.

mod files;
mod index;
mod job;
mod listing;
mod people;
mod plan;
mod scan;

pub(crate) use files::ImageFiles;
pub use job::{PackJob, PackOptions, PackSummary};
pub use people::ShardFolder;

use std::fs::File;
use std::path::{Path, PathBuf};

use facenet_core::error::{Error, Result};
use index::{Index, Part};
use scan::Contents;

/// The ending of the files that are taken for shards.
const EXTENSION: &str = "tar";

/// The index of a shard.
fn index_of(shard: &Path) -> PathBuf {
    shard.with_extension("index")
}

/// A shard that was opened.
struct Shard {
    file: File,
    /// As its index says, if that can be believed, else as its headers say.
    contents: Contents,
    /// What its index says of it and the others.
    part: Option<Part>,
}

impl Shard {
    fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::io("read", path, error))?;
        Ok(match Index::read(&index_of(path))?.filter(|index| index.fits(&file)) {
            Some(Index { about, members }) => {
                let contents = Contents { members, ..Contents::default() };
                Self { file, contents, part: Some(about.part) }
            }
            None => Self { contents: scan::contents(path, &file)?, file, part: None },
        })
    }
}
