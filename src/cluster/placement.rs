//! Image files in a folder for each cluster.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use super::Clusters;
use super::transfer::transfer;
use crate::error::{Error, ErrorKind, Result};
use crate::files;

/// Name of the list while there is something left to do.
const UNFINISHED: &str = "placement.unfinished.jsonl";
/// Name of the list when all is done.
const FINISHED: &str = "placement.jsonl";

/// How a file gets to its cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transfer {
    /// A copy; the file stays.
    Copy,
    /// A symbolic link to the file, which stays.
    Link,
    /// The file itself. It is removed from its old place when it is whole at the new one.
    Move,
}

/// Image files that are to be put into a folder for each cluster: `FOLDER/12/Ada_0001.png`.
///
/// What goes where is listed in a file of the folder before the first file is touched: `placement.unfinished.jsonl`, a
/// line for each file with its `source` and `target`; `placement.jsonl` when all is done. A placement that was stopped,
/// or killed, goes on with [`resume`](Self::resume). Files are never overwritten: those with the same name get numbers
/// (`Ada_0001-2.png`).
///
/// ```
/// use std::sync::atomic::AtomicBool;
/// use facenet::cluster::{Clusters, Placement, Transfer};
///
/// # let folder = tempfile::tempdir()?;
/// let (photo, out) = (folder.path().join("photo.jpg"), folder.path().join("clusters"));
/// std::fs::write(&photo, "a photo")?;
/// let clusters = Clusters::from_keys([Some("Ada")]);
/// let placement = Placement::plan(&out, Transfer::Copy, &clusters, &[&photo])?;
/// let placed = placement.run(|_done| {}, &AtomicBool::new(false))?;
/// assert_eq!(placed.files, 1);
/// assert_eq!(std::fs::read_to_string(out.join("0/photo.jpg"))?, "a photo");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    folder: PathBuf,
    transfer: Transfer,
    entries: Vec<Entry>,
}

/// A file and its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The file, an absolute path.
    pub source: PathBuf,
    /// Its place, relative to the folder of the clusters.
    pub target: PathBuf,
}

/// The first line of the list.
#[derive(Serialize, Deserialize)]
struct Header {
    transfer: Transfer,
    files: usize,
}

/// What a placement did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Placed {
    /// Files that are in their places, those of earlier runs among them.
    pub files: usize,
    /// Files that could not be put there, and why; they are where they were.
    pub failures: Vec<(PathBuf, String)>,
    /// Files that were not reached because of an interruption.
    pub remaining: usize,
}

impl Placement {
    /// Finds a place in `folder` for the file of each row of `clusters`. Rows without a cluster have none; a file that
    /// is in one cluster with several faces is put there once. Nothing is written.
    ///
    /// # Errors
    /// [`ErrorKind::DimensionMismatch`] if there is not one file for each row; [`ErrorKind::InvalidArgument`] if the
    /// folder is not empty, the name of a file is not Unicode, or a file that is to be moved is in several clusters.
    pub fn plan<P: AsRef<Path>>(
        folder: impl AsRef<Path>,
        transfer: Transfer,
        clusters: &Clusters,
        files: &[P],
    ) -> Result<Self> {
        let folder = folder.as_ref();
        if files.len() != clusters.labels().len() {
            let message = format!("{} files for {} faces in clusters", files.len(), clusters.labels().len());
            return Err(Error::new(ErrorKind::DimensionMismatch, message));
        }
        check_empty(folder)?;
        let width = clusters.count().saturating_sub(1).to_string().len();
        let (mut entries, mut clusters_of) = (Vec::new(), HashMap::<PathBuf, u32>::new());
        for (cluster, rows) in (0u32..).zip(clusters.members()) {
            let mut names = Names::default();
            let mut known = HashSet::new();
            for row in rows {
                let source = absolute(files[row].as_ref())?;
                if !known.insert(source.clone()) {
                    continue;
                }
                if transfer == Transfer::Move && clusters_of.insert(source.clone(), cluster).is_some() {
                    let message = format!("{} has faces in several clusters: copy or link the files", source.display());
                    return Err(Error::new(ErrorKind::InvalidArgument, message));
                }
                let target = Path::new(&format!("{cluster:0width$}")).join(names.free(&source));
                entries.push(Entry { source, target });
            }
        }
        Ok(Self { folder: folder.to_path_buf(), transfer, entries })
    }

    /// The placement that was begun in `folder` and is not finished; none if there is no such.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if the list cannot be read, [`ErrorKind::DatasetInvalid`] if it is not one.
    pub fn resume(folder: impl AsRef<Path>) -> Result<Option<Self>> {
        let folder = folder.as_ref();
        let path = folder.join(UNFINISHED);
        let file = match fs::File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("read", path, error)),
        };
        let invalid = |error: serde_json::Error| {
            Error::new(ErrorKind::DatasetInvalid, format!("{} is no list of files: {error}", path.display()))
        };
        let (mut header, mut entries) = (None::<Header>, Vec::new());
        for line in BufReader::new(file).lines() {
            let line = line.map_err(|error| Error::io("read", &path, error))?;
            match header {
                None => header = Some(serde_json::from_str(&line).map_err(invalid)?),
                Some(_) => entries.push(serde_json::from_str(&line).map_err(invalid)?),
            }
        }
        match header {
            Some(Header { transfer, files }) if files == entries.len() => {
                Ok(Some(Self { folder: folder.to_path_buf(), transfer, entries }))
            }
            _ => Err(Error::new(ErrorKind::DatasetInvalid, format!("{} breaks off", path.display()))),
        }
    }

    /// The folder of the clusters' folders.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How files get to their places.
    pub fn transfer(&self) -> Transfer {
        self.transfer
    }

    /// The files and their places.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Puts the files in their places. `progress` is told how many have been looked at. When `cancel` becomes true, no
    /// further file is touched. A file that cannot be placed does not keep the others from theirs.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if the folder or the list cannot be written.
    pub fn run(&self, mut progress: impl FnMut(usize), cancel: &AtomicBool) -> Result<Placed> {
        fs::create_dir_all(&self.folder).map_err(|error| Error::io("create", &self.folder, error))?;
        let list = self.folder.join(UNFINISHED);
        files::write_whole(&list, |out| {
            serde_json::to_writer(&mut *out, &Header { transfer: self.transfer, files: self.entries.len() })?;
            writeln!(out)?;
            self.entries.iter().try_for_each(|entry| {
                serde_json::to_writer(&mut *out, entry)?;
                writeln!(out)
            })
        })?;
        let mut placed = Placed { files: 0, failures: Vec::new(), remaining: 0 };
        for (index, entry) in self.entries.iter().enumerate() {
            if cancel.load(Ordering::Relaxed) {
                placed.remaining = self.entries.len() - index;
                return Ok(placed);
            }
            match self.place(entry) {
                Ok(()) => placed.files += 1,
                Err(error) => placed.failures.push((entry.source.clone(), error.to_string())),
            }
            progress(index + 1);
        }
        if placed.failures.is_empty() {
            let finished = self.folder.join(FINISHED);
            fs::rename(&list, &finished).map_err(|error| Error::io("write", finished, error))?;
        }
        Ok(placed)
    }

    fn place(&self, entry: &Entry) -> io::Result<()> {
        let target = self.folder.join(&entry.target);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        transfer(self.transfer, &entry.source, &target)
    }
}

/// Fails if there is something in the folder.
fn check_empty(folder: &Path) -> Result<()> {
    match folder.read_dir().map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => {
            let message = format!("{} is not empty: choose a new folder for the clusters", folder.display());
            Err(Error::new(ErrorKind::InvalidArgument, message))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Error::io("read", folder, error)),
    }
}

fn absolute(file: &Path) -> Result<PathBuf> {
    if file.to_str().is_none() {
        let message = format!("the name {} is not Unicode and cannot be listed: rename the file", file.display());
        return Err(Error::new(ErrorKind::InvalidArgument, message));
    }
    std::path::absolute(file).map_err(|error| Error::io("find", file, error))
}

/// The names that are taken in a folder, on systems that do not tell capital letters apart too.
#[derive(Default)]
struct Names(HashSet<String>);

impl Names {
    /// The name of the file, with a number if it is taken.
    fn free(&mut self, file: &Path) -> String {
        let text = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
        let (stem, extension) = (text(file.file_stem()), text(file.extension()));
        let dot = if extension.is_empty() { "" } else { "." };
        let numbered = (2..).map(|number| format!("{stem}-{number}{dot}{extension}"));
        let mut names = std::iter::once(format!("{stem}{dot}{extension}")).chain(numbered);
        names.find(|name| self.0.insert(name.to_lowercase())).unwrap_or_default()
    }
}
