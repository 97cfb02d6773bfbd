//! The folder of aligned faces: names, files that appear whole or not at all, what killed runs left behind.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io::{ErrorKind as IoErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::record::is_running;
use facenet_core::error::{Error, Result};
use facenet_core::frame::Image;
use facenet_core::internal::files;

/// The output paths of an image.
///
/// One face: `Name/Name_0001.png`. Several: `Name/Name_0001_0.png`, `Name/Name_0001_1.png` and so on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outputs {
    base: PathBuf,
    numbered: bool,
}

impl Outputs {
    /// The outputs in `folder` of the image at `relative`.
    pub(super) fn new(folder: &Path, relative: &Path, numbered: bool) -> Self {
        Self { base: folder.join(relative).with_extension("png"), numbered }
    }

    /// The path without a face's number.
    pub(super) fn base(&self) -> &Path {
        &self.base
    }

    /// The path of face `index`.
    pub(super) fn face(&self, index: usize) -> PathBuf {
        if !self.numbered {
            return self.base.clone();
        }
        let mut name = self.base.file_stem().map_or_else(OsString::new, OsString::from);
        name.push(format!("_{index}.png"));
        self.base.with_file_name(name)
    }

    /// Whether all faces of the image are there: [`Writer::write`] writes the first one last.
    pub(super) fn exist(&self) -> bool {
        // After a power cut, a file system may show a file that was renamed in time, but is empty.
        self.face(0).metadata().is_ok_and(|metadata| metadata.len() > 0)
    }
}

/// Writes the faces of one run.
pub(super) struct Writer {
    folder: PathBuf,
    run: u32,
    prepared: Mutex<HashSet<PathBuf>>,
}

/// Why a face was not written.
pub(super) enum WriteError {
    /// This image cannot have an output; others can.
    Image(String),
    /// Nothing can be written any more.
    Folder(Error),
}

impl Writer {
    /// Writes into `folder`, as run number `run`.
    pub(super) fn new(folder: &Path, run: u32) -> Self {
        Self { folder: folder.to_path_buf(), run, prepared: Mutex::default() }
    }

    /// Writes the crops of one image. `before` is called when all are on the disk, before the first can be seen.
    pub(super) fn write<'a>(
        &self,
        outputs: &Outputs,
        crops: impl DoubleEndedIterator<Item = &'a Image> + ExactSizeIterator,
        before: impl FnOnce() -> Result<()>,
    ) -> Result<(), WriteError> {
        let folder = outputs.base().parent().unwrap_or(&self.folder);
        self.prepare(folder)?;
        let mut written = Vec::with_capacity(crops.len());
        for (index, crop) in crops.enumerate().rev() {
            written.push((self.temporary(folder, crop)?, outputs.face(index)));
        }
        before().map_err(WriteError::Folder)?;
        for (file, path) in written {
            file.persist(&path).map_err(|e| sort(&path, e.error))?;
        }
        Ok(())
    }

    fn temporary(&self, folder: &Path, crop: &Image) -> Result<tempfile::NamedTempFile, WriteError> {
        let png = crop.encode_png().map_err(WriteError::Folder)?;
        let prefix = format!("{TEMPORARY}{:05}-", self.run);
        let mut builder = files::temporary();
        builder.prefix(&prefix).suffix(".tmp");
        let mut file = builder.tempfile_in(folder).map_err(|e| sort(folder, e))?;
        file.write_all(&png).map_err(|e| sort(folder, e))?;
        Ok(file)
    }

    /// Creates the folder and removes what killed runs left in it, once.
    fn prepare(&self, folder: &Path) -> Result<(), WriteError> {
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        if prepared.contains(folder) {
            return Ok(());
        }
        std::fs::create_dir_all(folder).map_err(|e| sort(folder, e))?;
        let entries = folder.read_dir().map_err(|e| sort(folder, e))?;
        for entry in entries.flatten() {
            if run_of(&entry.file_name().to_string_lossy()).is_some_and(|run| !is_running(&self.folder, run)) {
                // Somebody else may have removed it first.
                let _ = std::fs::remove_file(entry.path());
            }
        }
        prepared.insert(folder.to_path_buf());
        Ok(())
    }
}

const TEMPORARY: &str = ".facenet-";

/// The number of the run that made this temporary file; none if it is another file.
fn run_of(name: &str) -> Option<u32> {
    let (run, _) = name.strip_suffix(".tmp")?.strip_prefix(TEMPORARY)?.split_once('-')?;
    run.parse().ok()
}

/// Tells an error that concerns only this path from one that will come again with every other.
fn sort(path: &Path, error: std::io::Error) -> WriteError {
    let error = without_temporary(error);
    match error.kind() {
        IoErrorKind::InvalidFilename
        | IoErrorKind::IsADirectory
        | IoErrorKind::NotADirectory
        | IoErrorKind::AlreadyExists => WriteError::Image(format!("cannot write {}: {error}", path.display())),
        _ => WriteError::Folder(Error::io("write", path, error)),
    }
}

/// The error without the name of the temporary file, which `tempfile` adds and nobody can look at any more.
fn without_temporary(error: std::io::Error) -> std::io::Error {
    let text = error.to_string();
    match text.split_once(" at path \"") {
        Some((cause, _)) if error.get_ref().is_some() => std::io::Error::new(error.kind(), cause),
        _ => error,
    }
}
