//! The headers of a tar file.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::iter;
use std::os::unix::fs::FileExt;
use std::path::{Component, Path, PathBuf};

use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};
use tar::{Archive, Entry};

use crate::dataset::{has_image_extension, is_hidden, portable_bytes};
use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::internal::digest;
use facenet_core::internal::limits::excerpt;

/// Headers and contents begin at multiples of this.
pub(super) const BLOCK: u64 = 512;

/// The most bytes of a `.cls` file: a number, or a name.
const LONGEST_CLASS: u64 = 256;

/// The most bytes of what stands before a member: its header, and those that hold a long name or whatever else.
const LONGEST_HEADERS: u64 = 1 << 20;

/// What a tar file holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Contents {
    /// The images, in their order.
    pub(super) members: Vec<Member>,
    /// For each folder whose images have a `.cls` the one that they have.
    pub(super) classes: BTreeMap<OsString, String>,
}

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
    #[serde(serialize_with = "with_slashes")]
    pub(super) path: PathBuf,
    /// What its `.cls` holds, if it is in no folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) class: Option<String>,
}

impl Member {
    /// The first folder in its path, if there is one.
    pub(super) fn folder(&self) -> Option<&OsStr> {
        let mut parts = self.path.iter();
        parts.next().filter(|_| parts.next().is_some())
    }
}

/// What tells a header from others, the one of another image in the same place above all.
pub(super) fn seal(header: &[u8]) -> u64 {
    // The reader puts long numbers of owner and group, which stand elsewhere, into the header.
    const OWNERS: std::ops::Range<usize> = 108..124;

    let (before, after) = (header.get(..OWNERS.start), header.get(OWNERS.end..));
    digest::head(Sha256::new().chain_update(before.unwrap_or_default()).chain_update(after.unwrap_or_default()))
}

/// What is in the tar file at `path`. Only headers and `.cls` are read.
///
/// Fails if the file is no tar file or breaks off, has images that are links, have holes or are of nobody, or a folder for several
/// classes.
pub(super) fn contents(path: &Path, file: &File) -> Result<Contents> {
    let broken = |error: io::Error| broken(path, error);
    let length = file.metadata().map_err(|error| Error::io("read", path, error))?.len();
    let (mut members, mut classes, mut end) = (Vec::new(), HashMap::new(), 0);
    let left = Cell::new(LONGEST_HEADERS);
    let mut archive = Archive::new(Headers { file, length, position: 0, left: &left });
    for entry in archive.entries_with_seek().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        left.set(LONGEST_HEADERS);
        let name = entry.path().map_err(broken)?.into_owned();
        if is_sparse(&mut entry).map_err(broken)? {
            return Err(refused(path, &name, "is stored with holes: pack it without (no tar --sparse)"));
        }
        let blocks = entry.size().checked_next_multiple_of(BLOCK);
        end = match blocks.and_then(|blocks| entry.raw_file_position().checked_add(blocks)) {
            Some(end) if end <= length => end,
            _ => return Err(broken(io::ErrorKind::UnexpectedEof.into())),
        };
        let Some(inside) = plain(&name) else {
            return Err(refused(path, &name, "is not below the folder that was packed: leave it out"));
        };
        let is_class = inside.extension().is_some_and(|extension| extension == "cls");
        let kind = entry.header().entry_type();
        if is_out_of_sight(&inside) || kind.is_dir() || !(is_class || has_image_extension(&inside)) {
            continue;
        }
        if !kind.is_file() && !kind.is_contiguous() {
            return Err(refused(path, &inside, "is a link: pack the files themselves (tar --hard-dereference -h)"));
        }
        if !is_class {
            let seal = seal(entry.header().as_bytes());
            let offset = entry.raw_file_position();
            members.push(Member { offset, length: entry.size(), seal, path: inside, class: None });
            continue;
        }
        if entry.size() > LONGEST_CLASS {
            return Err(refused(path, &inside, "is longer than a number or a name of a person"));
        }
        let mut class = Vec::new();
        entry.read_to_end(&mut class).map_err(broken)?;
        match String::from_utf8(class) {
            Ok(class) => classes.insert(key(&inside), class.trim().to_string()),
            Err(_) => return Err(refused(path, &inside, "is not a text in UTF-8")),
        };
    }
    check_end(Headers { file, length, position: end, left: &Cell::new(u64::MAX) }).map_err(broken)?;
    let classes = give_classes(path, &mut members, &classes)?;
    Ok(Contents { members, classes })
}

/// Gives the images in no folder their class, and returns that of the images of each folder.
fn give_classes(
    path: &Path,
    members: &mut [Member],
    classes: &HashMap<String, String>,
) -> Result<BTreeMap<OsString, String>> {
    let mut of_folders = BTreeMap::new();
    for member in members {
        let class = classes.get(&key(&member.path)).filter(|class| !class.is_empty());
        match (member.folder(), class) {
            (None, Some(class)) => member.class = Some(class.clone()),
            (None, None) => {
                return Err(refused(
                    path,
                    &member.path,
                    "is in no folder and has no .cls beside it: nothing says who it is",
                ));
            }
            (Some(folder), Some(class)) => match of_folders.get(folder) {
                None => drop(of_folders.insert(folder.to_os_string(), class.clone())),
                Some(other) if other == class => {}
                Some(other) => {
                    let why = format!(
                        "has class {}, another in its folder {}: a folder must be a person; \
                         leave folders that are none out of the names",
                        excerpt(class),
                        excerpt(other)
                    );
                    return Err(refused(path, &member.path, &why));
                }
            },
            (Some(_), None) => {}
        }
    }
    Ok(of_folders)
}

/// Whether the bytes of an entry are those of its file without the zeros in it.
fn is_sparse(entry: &mut Entry<'_, impl Read>) -> io::Result<bool> {
    if entry.header().entry_type().is_gnu_sparse() {
        return Ok(true);
    }
    // Values with line breaks in them, which extended attributes may have, are no errors.
    let extensions = entry.pax_extensions()?;
    Ok(extensions.is_some_and(|all| all.flatten().any(|extension| extension.key_bytes().starts_with(b"GNU.sparse."))))
}

/// An error while headers were read: of the system, or of what they say.
fn broken(path: &Path, error: io::Error) -> Error {
    let mut causes = iter::successors(Some(&error as &dyn std::error::Error), |cause| cause.source());
    if causes.any(|cause| cause.downcast_ref().is_some_and(|cause: &io::Error| cause.raw_os_error().is_some())) {
        return Error::io("read", path, error);
    }
    let reason = excerpt(&error.to_string());
    let message = format!("{} is not a tar file, or one that is damaged ({reason}): make it again", path.display());
    Error::new(ErrorKind::DatasetInvalid, message).with_source(error)
}

/// A tar file while its headers are read: at a position of its own, not past the end, and no more at a time than is left.
struct Headers<'a> {
    file: &'a File,
    length: u64,
    position: u64,
    left: &'a Cell<u64>,
}

impl Read for Headers<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.length.saturating_sub(self.position).min(bytes.len() as u64);
        if self.left.get() == 0 && count > 0 {
            return Err(io::Error::other("a header is longer than 1 MiB"));
        }
        let count = count.min(self.left.get());
        self.file.read_exact_at(&mut bytes[..count as usize], self.position)?;
        self.left.set(self.left.get() - count);
        self.position += count;
        Ok(count as usize)
    }
}

impl Seek for Headers<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
        };
        self.position = position.filter(|&position| position <= self.length).ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(self.position)
    }
}

fn refused(tar: &Path, member: &Path, why: &str) -> Error {
    let message = format!("{} {why}", tar.join(excerpt(&member.to_string_lossy())).display());
    Error::new(ErrorKind::DatasetInvalid, message)
}

/// Fails unless what is left to be read is the end of a tar file: two blocks of zeros, and no more than zeros.
fn check_end(mut file: impl Read) -> io::Result<()> {
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
pub(super) fn plain(path: &Path) -> Option<PathBuf> {
    let parts = path.components().filter(|part| *part != Component::CurDir);
    parts.map(|part| matches!(part, Component::Normal(_)).then_some(part)).collect()
}

/// Whether a file or one of the folders around it is hidden.
fn is_out_of_sight(path: &Path) -> bool {
    path.ancestors().enumerate().any(|(depth, part)| part.file_name().is_some_and(|name| is_hidden(name, depth > 0)))
}

/// What WebDataset calls the key of a file: its path up to the first dot in its name.
fn key(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let key = name.split_once('.').map_or(&*name, |(key, _)| key);
    path.with_file_name(key).to_string_lossy().into_owned()
}

fn with_slashes<S: Serializer>(path: &Path, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    let path = portable_bytes(path);
    let path = str::from_utf8(&path).map_err(|_| S::Error::custom("a name is not Unicode"))?;
    serializer.serialize_str(path)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_system_is_no_damage() {
        let folder = tempfile::tempdir().unwrap();
        let file = File::open(folder.path()).unwrap();
        if file.metadata().unwrap().len() > 0 {
            assert_eq!(contents(folder.path(), &file).unwrap_err().kind(), ErrorKind::Io);
        }
        let cause = || io::Error::from_raw_os_error(5);
        let wrapped = io::Error::other(Error::io("read", "a.tar", cause()));
        for error in [cause(), wrapped] {
            assert_eq!(broken(folder.path(), error).kind(), ErrorKind::Io);
        }
        assert_eq!(broken(folder.path(), io::Error::other("a checksum")).kind(), ErrorKind::DatasetInvalid);
    }
}
