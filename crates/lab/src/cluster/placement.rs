//! Image files in a folder for each cluster.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Clusters;
use super::transfer::{is_gone, transfer};
use crate::job::{RECORD_VERSION, check_record};
use crate::watch::Watch;
use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::internal::files;
use facenet_core::internal::limits::{self, excerpt};

/// Name of the list while there is something left to do.
const UNFINISHED: &str = "placement.unfinished.jsonl";
/// Name of the list when all is done.
const FINISHED: &str = "placement.jsonl";

/// How a file gets to its cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
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
/// or killed, goes on with [`resume`](Self::resume); its [`Origin`] tells whose it is.
/// Files are never overwritten: those with the same name get numbers (`Ada_0001-2.png`).
///
/// ```
/// use facenet::Watch;
/// use facenet::cluster::{Clusters, Placement, Transfer};
///
/// # let folder = tempfile::tempdir()?;
/// let (photo, out) = (folder.path().join("photo.jpg"), folder.path().join("clusters"));
/// std::fs::write(&photo, "a photo")?;
/// let clusters = Clusters::from_keys([Some("Ada")]);
/// let placement = Placement::plan(&out, Transfer::Copy, &clusters, &[&photo])?;
/// let placed = placement.run(&Watch::none())?;
/// assert_eq!(placed.files, 1);
/// assert_eq!(std::fs::read_to_string(out.join("0/photo.jpg"))?, "a photo");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    folder: PathBuf,
    transfer: Transfer,
    origin: Origin,
    entries: Vec<Entry>,
}

/// What a placement is of, so that it is finished only by those who ask for the same.
///
/// ```
/// use facenet::cluster::Origin;
///
/// let origin = Origin { root: Some("/photos".into()), request: "dbscan, threshold 1".into() };
/// assert_ne!(origin, Origin::default());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The folder that all files are in, an absolute path; none if they may be anywhere.
    pub root: Option<PathBuf>,
    /// What was asked for, in words of the caller.
    pub request: String,
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
    #[serde(default)]
    version: u32,
    transfer: Transfer,
    files: usize,
    #[serde(default)]
    origin: Origin,
}

/// What a placement did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Placed {
    /// Files that are in their places, those of earlier runs among them.
    pub files: usize,
    /// Files that could not be put there, and why; they are where they were, unless they are gone.
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
    /// folder is not empty, the name of a file is not Unicode, or a file that is to be moved is in several clusters
    /// or, by a link, has several names.
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
        let mut originals = HashMap::<PathBuf, PathBuf>::new();
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
                if transfer == Transfer::Move
                    // What is not there fails when its turn comes.
                    && let Ok(original) = source.canonicalize()
                    && let Some(other) = originals.insert(original, source.clone())
                {
                    let names = format!("{} and {}", other.display(), source.display());
                    let message = format!("{names} are one file, which a link leads to: copy or link the files");
                    return Err(Error::new(ErrorKind::InvalidArgument, message));
                }
                let target = Path::new(&format!("{cluster:0width$}")).join(names.free(&source));
                entries.push(Entry { source, target });
            }
        }
        Ok(Self { folder: folder.to_path_buf(), transfer, origin: Origin::default(), entries })
    }

    /// The same, which is known to be of `origin` when it is [resumed](Self::resume).
    pub fn of(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// The placement that was begun in `folder` and is not finished; none if there is no such.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if the list cannot be read; [`ErrorKind::DatasetInvalid`] if it is not one, has a file that is
    /// not in the root of its [`Origin`], or a place that is not in `folder`.
    pub fn resume(folder: impl AsRef<Path>) -> Result<Option<Self>> {
        Self::read(folder.as_ref(), UNFINISHED)
    }

    /// The placement that was finished in `folder`; none if there is no such.
    ///
    /// # Errors
    /// As [`resume`](Self::resume).
    pub fn finished(folder: impl AsRef<Path>) -> Result<Option<Self>> {
        Self::read(folder.as_ref(), FINISHED)
    }

    fn read(folder: &Path, list: &str) -> Result<Option<Self>> {
        let path = folder.join(list);
        let text = match limits::PLACEMENT.read_text(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let invalid = |error: serde_json::Error| {
            let reason = excerpt(&error.to_string());
            Error::new(ErrorKind::DatasetInvalid, format!("{} is no list of files: {reason}", path.display()))
        };
        let (mut header, mut entries) = (None::<Header>, Vec::new());
        for line in text.lines() {
            match header {
                None => header = Some(serde_json::from_str(line).map_err(invalid)?),
                Some(_) => entries.push(serde_json::from_str(line).map_err(invalid)?),
            }
        }
        match header {
            Some(Header { version, transfer, files, origin }) if files == entries.len() => {
                check_record(&path, version)?;
                match entries.iter().find(|entry| !origin.admits(entry)) {
                    None => Ok(Some(Self { folder: folder.to_path_buf(), transfer, origin, entries })),
                    Some(Entry { source, target }) => {
                        let [source, target] = [source, target].map(|path| excerpt(&path.to_string_lossy()));
                        let what = format!("{source} as {target}");
                        let message = format!("{} has what leads out of its folders: {what}", path.display());
                        Err(Error::new(ErrorKind::DatasetInvalid, message))
                    }
                }
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

    /// What it is of.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The files and their places.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Puts the files in their places. `watch` receives how many have been looked at. Once it is cancelled, no
    /// further file is touched. A file that cannot be placed does not keep the others from theirs, and is tried again
    /// when the placement is resumed, unless it is gone.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if the folder or the list cannot be written.
    pub fn run(&self, watch: &Watch<'_>) -> Result<Placed> {
        fs::create_dir_all(&self.folder).map_err(|error| Error::io("create", &self.folder, error))?;
        let list = self.folder.join(UNFINISHED);
        let header = Header {
            version: RECORD_VERSION,
            transfer: self.transfer,
            files: self.entries.len(),
            origin: self.origin.clone(),
        };
        files::write_whole(&list, |out| {
            files::write_json_line(out, &header)?;
            self.entries.iter().try_for_each(|entry| files::write_json_line(out, entry))
        })?;
        let mut placed = Placed { files: 0, failures: Vec::new(), remaining: 0 };
        let mut finished = true;
        for (index, entry) in self.entries.iter().enumerate() {
            if watch.is_cancelled() {
                placed.remaining = self.entries.len() - index;
                return Ok(placed);
            }
            match self.place(entry) {
                Ok(()) => placed.files += 1,
                Err(error) => {
                    finished &= is_gone(&entry.source);
                    placed.failures.push((entry.source.clone(), error.to_string()));
                }
            }
            watch.done(index as u64 + 1, self.entries.len() as u64);
        }
        if finished {
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

impl Origin {
    /// Whether a file of this may be brought to this place.
    fn admits(&self, Entry { source, target }: &Entry) -> bool {
        let leads_down = |path: &Path| {
            let mut components = path.components().peekable();
            components.peek().is_some() && components.all(|component| matches!(component, Component::Normal(_)))
        };
        let inner = self.root.as_ref().map(|root| source.strip_prefix(root).is_ok_and(leads_down));
        source.is_absolute() && inner.unwrap_or(true) && leads_down(target)
    }
}

/// Fails if there is something in the folder.
fn check_empty(folder: &Path) -> Result<()> {
    let is_left =
        |entry: &io::Result<fs::DirEntry>| entry.as_ref().is_ok_and(|it| files::is_temporary(&it.file_name()));
    match folder.read_dir().map(|entries| entries.filter(|entry| !is_left(entry)).count() == 0) {
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
