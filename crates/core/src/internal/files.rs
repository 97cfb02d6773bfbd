//! Files that appear whole or not at all.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::digest;
use crate::error::{Error, Result};

/// Writes a file through `write` beside its place, then gives it its name. An existing file is replaced.
///
/// # Errors
/// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the folder does not exist,
/// [`ErrorKind::Io`](crate::ErrorKind::Io) if writing fails; the place is left as it was.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("names.txt");
/// facenet_core::internal::files::write_whole(&path, |file| writeln!(file, "Ada"))?;
/// assert_eq!(std::fs::read_to_string(&path).unwrap(), "Ada\n");
/// # Ok::<(), facenet::Error>(())
/// ```
pub fn write_whole(path: impl AsRef<Path>, mut write: impl FnMut(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    write_together(&mut [(path.as_ref(), &mut write)])
}

/// A file and what writes its contents.
pub type FileWriter<'a> = (&'a Path, &'a mut dyn FnMut(&mut dyn Write) -> io::Result<()>);

/// Writes files that belong together, as [`write_whole`] does: all are written before the first gets its name, so that
/// what fails to be written leaves the old files.
///
/// # Errors
/// As [`write_whole`].
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// let (names, ages) = (folder.path().join("names.txt"), folder.path().join("ages.txt"));
/// facenet_core::internal::files::write_together(&mut [
///     (&names, &mut |file| writeln!(file, "Ada")),
///     (&ages, &mut |file| writeln!(file, "36")),
/// ])?;
/// assert_eq!(std::fs::read_to_string(&ages).unwrap(), "36\n");
/// # Ok::<(), facenet::Error>(())
/// ```
pub fn write_together(files: &mut [FileWriter<'_>]) -> Result<()> {
    let mut written = Vec::with_capacity(files.len());
    for (path, write) in files {
        written.push((*path, write_beside(path, write).map_err(|error| Error::io("write", path, error))?));
    }
    for (path, file) in written {
        file.persist(path).map_err(|error| Error::io("write", path, error.error))?;
    }
    Ok(())
}

/// Writes what is to be the file at `path` under another name in the same folder.
fn write_beside(path: &Path, write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = BufWriter::new(temporary_in(folder)?);
    write(&mut file)?;
    let file = file.into_inner()?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Writes `value` as a line of JSON.
pub fn write_json_line(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    writeln!(out)
}

/// How the names of temporary files begin.
const TEMPORARY: &str = ".facenet-tmp-";

/// How old a temporary file of an unknown owner is that nobody writes any more.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// Folders whose leftovers are remembered to be gone.
const MOST_SWEPT: usize = 4096;

/// A temporary file in `folder`, whose name says which process it is of. What processes that are no more have left there
/// is removed, the first time that this process writes to the folder.
///
/// # Errors
/// Those of the file system.
pub fn temporary_in(folder: &Path) -> io::Result<NamedTempFile> {
    static SWEPT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let mut swept = SWEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if !swept.contains(folder) {
        sweep(folder);
        if swept.len() >= MOST_SWEPT {
            swept.clear();
        }
        swept.insert(folder.to_path_buf());
    }
    drop(swept);
    temporary().prefix(&format!("{TEMPORARY}{}-{}-", host(), std::process::id())).tempfile_in(folder)
}

/// Whether a file of this name is a temporary one of [`temporary_in`].
pub fn is_temporary(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(TEMPORARY.as_bytes())
}

/// Removes the temporary files of processes that are no more. What cannot be removed stays: it harms nobody.
fn sweep(folder: &Path) {
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(TEMPORARY)?.split_once('-'));
        let is_left = match owner {
            None => false,
            Some((of, rest)) if of == host() => {
                rest.split_once('-').is_some_and(|(process, _)| !Path::new("/proc").join(process).exists())
            }
            // Processes of other machines cannot be asked.
            Some(_) => {
                let modified = entry.metadata().and_then(|found| found.modified()).ok();
                modified.and_then(|time| time.elapsed().ok()).is_some_and(|age| age > ABANDONED)
            }
        };
        if is_left {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Names the space in which the number of a process means one: the machine, and the container on it.
fn host() -> &'static str {
    static HOST: LazyLock<String> = LazyLock::new(|| {
        let name = std::fs::read("/proc/sys/kernel/hostname").unwrap_or_default();
        let space = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
        let hash = Sha256::new_with_prefix(name).chain_update(space.as_os_str().as_encoded_bytes());
        format!("{:016x}", digest::head(hash))
    });
    &HOST
}

/// Settings for a temporary file that is to get another name, and with it the permissions of any new file: what the
/// user's umask leaves, not only the owner.
pub fn temporary<'a>() -> tempfile::Builder<'a, 'a> {
    let mut builder = tempfile::Builder::new();
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "old").unwrap();
        let error = write_whole(&path, |file| {
            file.write_all(b"half")?;
            Err(io::Error::other("no more"))
        });
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Io);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    }

    #[test]
    fn leftovers_of_processes_that_are_no_more_go() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: String| {
            let path = folder.path().join(name);
            std::fs::write(&path, "").unwrap();
            path
        };
        // No process has a number that large.
        let dead = put(format!("{TEMPORARY}{}-4194305-abc", host()));
        let alive = put(format!("{TEMPORARY}{}-1-abc", host()));
        let elsewhere = put(format!("{TEMPORARY}elsewhere-4194305-abc"));
        let old = put(format!("{TEMPORARY}elsewhere-4194305-old"));
        let yesterday = std::time::SystemTime::now() - 2 * ABANDONED;
        std::fs::File::options().write(true).open(&old).unwrap().set_modified(yesterday).unwrap();
        let other = put(".tmpabc".into());

        write_whole(folder.path().join("file"), |file| file.write_all(b"new")).unwrap();
        let there = [&dead, &alive, &elsewhere, &old, &other].map(|path| path.exists());
        assert_eq!(there, [false, true, true, false, true]);
        assert!(is_temporary(alive.file_name().unwrap()) && !is_temporary(other.file_name().unwrap()));
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = write_whole("no such folder/file", |_| Ok(())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains("no such folder/file"), "{error}");
    }
}
