//! Bringing one file to another place, so that it is never lost and nothing is overwritten.

use std::fs::{self, File};
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::Path;

use super::Transfer;
use facenet_core::internal::files;

/// Brings `source` to `target`. What an earlier run has done already, or half, is completed.
pub(super) fn transfer(transfer: Transfer, source: &Path, target: &Path) -> io::Result<()> {
    if is_gone(source) && target.exists() {
        return Ok(());
    }
    match transfer {
        Transfer::Copy => copy(source, target),
        Transfer::Link => link(source, target),
        Transfer::Move => rename(source, target),
    }
}

/// Whether there is no such file, or the link leads nowhere: then another try is in vain.
pub(super) fn is_gone(source: &Path) -> bool {
    matches!(source.try_exists(), Ok(false))
}

/// Moves the file: it has both names for a moment, then the new one.
fn rename(source: &Path, target: &Path) -> io::Result<()> {
    if source.symlink_metadata()?.is_symlink() {
        // A relative link would lead elsewhere from the new place.
        link(&source.canonicalize()?, target)?;
    } else {
        match fs::hard_link(source, target) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => expect_same(source, target)?,
            // Another file system, or one that knows no hard links.
            Err(_) => copy(source, target)?,
        }
    }
    fs::remove_file(source)
}

/// Copies the file with its permissions and its time; it appears whole.
fn copy(source: &Path, target: &Path) -> io::Result<()> {
    let folder = target.parent().unwrap_or(Path::new("."));
    let temporary = files::temporary_in(folder)?;
    fs::copy(source, temporary.path())?;
    if let Ok(modified) = source.metadata().and_then(|metadata| metadata.modified()) {
        temporary.as_file().set_modified(modified)?;
    }
    temporary.as_file().sync_all()?;
    match temporary.persist_noclobber(target) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => expect_same(source, target),
        Err(error) => Err(error.error),
    }
}

fn link(source: &Path, target: &Path) -> io::Result<()> {
    source.metadata()?;
    match std::os::unix::fs::symlink(source, target) {
        Err(error)
            if error.kind() == ErrorKind::AlreadyExists && fs::read_link(target).is_ok_and(|to| to == source) =>
        {
            Ok(())
        }
        other => other,
    }
}

/// Fails if another file is at `target`.
fn expect_same(source: &Path, target: &Path) -> io::Result<()> {
    let read = |path: &Path| Ok::<_, io::Error>(BufReader::with_capacity(1 << 16, File::open(path)?).bytes());
    let (mut a, mut b) = (read(source)?, read(target)?);
    if source.metadata()?.len() == target.metadata()?.len() {
        loop {
            match (a.next().transpose()?, b.next().transpose()?) {
                (None, None) => return Ok(()),
                (a, b) if a == b => {}
                _ => break,
            }
        }
    }
    Err(io::Error::new(ErrorKind::AlreadyExists, format!("another file is at {}", target.display())))
}
