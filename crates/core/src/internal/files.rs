//! Files that appear whole or not at all.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;
use tempfile::NamedTempFile;

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
    let mut file = BufWriter::new(temporary().tempfile_in(folder)?);
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
    fn a_missing_folder_is_named() {
        let error = write_whole("no such folder/file", |_| Ok(())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains("no such folder/file"), "{error}");
    }
}
