//! What stands in a folder of shards.

use std::ffi::OsString;
use std::fs::DirEntry;
use std::io;
use std::path::{Path, PathBuf};

use super::EXTENSION;
use crate::dataset::{has_image_extension, is_hidden};
use facenet_core::error::{Error, ErrorKind, Result};

/// Endings of tar files that cannot be read in any order, or that are not taken for tar files.
const UNREADABLE: [&str; 8] = [".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".tar.zst", ".tar.lz4"];

/// The shards in a folder, and what must not stand beside them.
#[derive(Debug, Default)]
pub(super) struct Listing {
    root: PathBuf,
    /// The names of the shards, sorted.
    pub(super) shards: Vec<OsString>,
    stranger: Option<(OsString, &'static str)>,
}

impl Listing {
    /// Looks into `root`. A file has no shards.
    ///
    /// Fails if the folder, or something in it that is called like a shard, cannot be read.
    pub(super) fn of(root: &Path) -> Result<Self> {
        let unreadable = |error| Error::io("read", root, error);
        let mut listing = Self { root: root.to_path_buf(), ..Self::default() };
        if !root.metadata().map_err(unreadable)?.is_dir() {
            return Ok(listing);
        }
        let mut strangers = Vec::new();
        for entry in root.read_dir().map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let name = entry.file_name();
            if is_hidden(&name, entry.path().is_dir()) {
                continue;
            }
            if is_shard(&entry)? {
                listing.shards.push(name);
            } else if let Some(what) = stranger(&entry).map_err(unreadable)? {
                strangers.push((name, what));
            }
        }
        listing.shards.sort_unstable();
        listing.stranger = strangers.into_iter().min();
        Ok(listing)
    }

    /// The shards, if nothing stands beside them that somebody would expect to be read too.
    pub(super) fn alone(self) -> Result<Vec<OsString>> {
        let Some((name, what)) = self.stranger else { return Ok(self.shards) };
        let message = format!("{} is {what}: give shards a folder of their own", self.root.join(name).display());
        Err(Error::new(ErrorKind::DatasetInvalid, message))
    }
}

/// Whether an entry is a file that is called like a shard.
fn is_shard(entry: &DirEntry) -> Result<bool> {
    let path = entry.path();
    if path.extension().is_none_or(|extension| extension != EXTENSION) {
        return Ok(false);
    }
    let kind = path.metadata().map_err(|error| Error::io("read", &path, error))?.file_type();
    if !kind.is_file() && !kind.is_dir() {
        let message = format!("{} is neither a file nor a folder", path.display());
        return Err(Error::new(ErrorKind::DatasetInvalid, message));
    }
    Ok(kind.is_file())
}

/// What an entry is that must not stand beside shards.
fn stranger(entry: &DirEntry) -> io::Result<Option<&'static str>> {
    let mut kind = entry.file_type()?;
    if kind.is_symlink() {
        match entry.path().metadata() {
            Ok(found) => kind = found.file_type(),
            Err(_) => return Ok(Some("a link that cannot be read")),
        }
    }
    let name = entry.file_name().to_string_lossy().to_lowercase();
    Ok(if kind.is_dir() {
        Some("a folder")
    } else if has_image_extension(&name) {
        Some("an image in no tar file")
    } else if UNREADABLE.iter().any(|ending| name.ends_with(ending)) {
        Some("not read: unpack it to a name that ends in .tar")
    } else {
        None
    })
}
