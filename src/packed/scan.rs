//! The headers of a tar file.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tar::{Archive, Entry};

use crate::dataset::has_image_extension;
use crate::error::{Error, ErrorKind, Result};

/// Headers and contents begin at multiples of this.
pub(super) const BLOCK: u64 = 512;

/// Bytes of a `.cls` file that are looked at: a number, or a short name.
const LONGEST_CLASS: u64 = 256;

/// An image in a tar file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Member {
    /// Where its bytes begin; its header lies before them.
    pub(super) offset: u64,
    /// How many they are.
    pub(super) length: u64,
    /// Tells its header from others: see [`seal`].
    pub(super) seal: u64,
    /// Its name, as a path without `.` in it.
    pub(super) path: PathBuf,
    /// What its `.cls` holds, if it is in no folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) class: Option<String>,
}

/// What tells a header from others, the one of another image in the same place above all.
pub(super) fn seal(header: &[u8]) -> u64 {
    // The reader puts long numbers of owner and group, which stand elsewhere, into the header.
    const OWNERS: std::ops::Range<usize> = 108..124;

    let (before, after) = (header.get(..OWNERS.start), header.get(OWNERS.end..));
    let digest = Sha256::new().chain_update(before.unwrap_or_default()).chain_update(after.unwrap_or_default());
    digest.finalize().first_chunk().map_or(0, |&first| u64::from_be_bytes(first))
}

/// The images in the tar file at `path`, in their order. Only headers are read.
///
/// Fails if the file is no tar file, breaks off, or has images that are links or of nobody.
pub(super) fn members(path: &Path, file: &File) -> Result<Vec<Member>> {
    let broken = |error: io::Error| {
        let message = format!("{} is not a tar file, or one that is damaged ({error}): make it again", path.display());
        Error::new(ErrorKind::DatasetInvalid, message).with_source(error)
    };
    let length = file.metadata().map_err(|error| Error::io("read", path, error))?.len();
    let (mut members, mut classes, mut end) = (Vec::new(), HashMap::new(), 0);
    let mut archive = Archive::new(file);
    for entry in archive.entries_with_seek().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        end = entry.raw_file_position().saturating_add(entry.size().next_multiple_of(BLOCK));
        if end > length {
            return Err(broken(io::ErrorKind::UnexpectedEof.into()));
        }
        let name = entry.path().map_err(broken)?.into_owned();
        let Some(inside) = plain(&name) else {
            return Err(refused(path, &name, "is not below the folder that was packed: leave it out"));
        };
        if is_hidden(&inside) {
            continue;
        }
        if has_image_extension(&inside) {
            members.extend(member(path, &entry, inside)?);
        } else if inside.extension().is_some_and(|extension| extension == "cls") && is_alone(&inside) {
            let mut class = String::new();
            entry.by_ref().take(LONGEST_CLASS).read_to_string(&mut class).map_err(broken)?;
            classes.insert(key(&inside), class.trim().to_string());
        }
    }
    check_end(file, end).map_err(broken)?;
    for member in members.iter_mut().filter(|member| is_alone(&member.path)) {
        member.class = classes.get(&key(&member.path)).filter(|class| !class.is_empty()).cloned();
        if member.class.is_none() {
            return Err(refused(
                path,
                &member.path,
                "is in no folder and has no .cls beside it: nothing says who it is",
            ));
        }
    }
    Ok(members)
}

/// The image of an entry; none if the entry is a folder.
fn member(tar: &Path, entry: &Entry<'_, impl Read>, path: PathBuf) -> Result<Option<Member>> {
    let kind = entry.header().entry_type();
    if kind.is_dir() {
        return Ok(None);
    }
    if !kind.is_file() && !kind.is_contiguous() {
        return Err(refused(
            tar,
            &path,
            "is a link or has holes: pack the images themselves (tar --hard-dereference -h)",
        ));
    }
    let seal = seal(entry.header().as_bytes());
    Ok(Some(Member { offset: entry.raw_file_position(), length: entry.size(), seal, path, class: None }))
}

fn refused(tar: &Path, member: &Path, why: &str) -> Error {
    let message = format!("{} {why}", tar.join(member).display());
    Error::new(ErrorKind::DatasetInvalid, message)
}

/// Fails unless the file ends as tar files do: with two blocks of zeros, and no more than zeros.
fn check_end(mut file: &File, end: u64) -> io::Result<()> {
    file.seek(SeekFrom::Start(end))?;
    let (mut length, mut bytes) = (0, [0; 4096]);
    loop {
        match file.read(&mut bytes)? {
            0 if length >= 2 * BLOCK => return Ok(()),
            0 => return Err(io::Error::other("it has no end: it breaks off")),
            count if bytes[..count].iter().any(|&byte| byte != 0) => {
                return Err(io::Error::other("something stands behind its end, as in joined tar files"));
            }
            count => length += count as u64,
        }
    }
}

/// The path without `.`; none if it leads elsewhere.
fn plain(path: &Path) -> Option<PathBuf> {
    let parts = path.components().filter(|part| *part != Component::CurDir);
    parts.map(|part| matches!(part, Component::Normal(_)).then_some(part)).collect()
}

fn is_hidden(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."))
}

/// Whether the path is in no folder.
fn is_alone(path: &Path) -> bool {
    path.components().count() == 1
}

/// What WebDataset calls the key of a file in no folder: its name up to the first dot.
fn key(name: &Path) -> String {
    let name = name.to_string_lossy();
    name.split_once('.').map_or(&*name, |(key, _)| key).to_string()
}
