//! The people in a folder of shards.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::scan::Member;
use super::{EXTENSION, members_of};
use crate::dataset::Person;
use crate::error::{Error, ErrorKind, Result};

/// The images in a folder of shards, in the order that the folder they were packed from has.
///
/// ```
/// use std::sync::atomic::AtomicBool;
/// use facenet::packed::{PackJob, PackOptions, Packed};
///
/// let root = tempfile::tempdir()?;
/// let (faces, shards) = (root.path().join("faces"), root.path().join("shards"));
/// std::fs::create_dir_all(faces.join("Ada"))?;
/// facenet::Image::from_rgb(8, 8, vec![0; 192])?.save(faces.join("Ada/Ada_0001.png"))?;
/// PackJob::plan(&faces, &shards, PackOptions::default())?.run(|_| {}, &AtomicBool::new(false))?;
///
/// let packed = Packed::find(&shards)?.expect("there are shards");
/// assert_eq!(packed.people()[0].name, "Ada");
/// assert_eq!(packed.people()[0].images, [std::path::Path::new("faces-00000.tar/Ada/Ada_0001.png")]);
/// assert!(Packed::find(&faces)?.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Packed {
    root: PathBuf,
    people: Vec<Person>,
}

impl Packed {
    /// Looks for shards in the folder `root`: files that end in `.tar`. None if there are none. Only headers are read, or less
    /// where there is an index, on the threads of the current rayon pool.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] or [`ErrorKind::Io`] if something cannot be read; [`ErrorKind::DatasetInvalid`] if a shard is
    /// damaged, nothing says who is on an image, two shards have the same image, none has one, or there are folders beside the shards.
    pub fn find(root: impl AsRef<Path>) -> Result<Option<Self>> {
        let root = root.as_ref();
        let shards = shards_in(root)?;
        if shards.is_empty() {
            return Ok(None);
        }
        let members = |shard: &OsString| Ok(members_of(&root.join(shard))?.1);
        let found: Vec<Vec<Member>> = shards.par_iter().map(members).collect::<Result<_>>()?;
        let mut people: BTreeMap<OsString, BTreeMap<PathBuf, &OsStr>> = BTreeMap::new();
        for (shard, members) in shards.iter().zip(found) {
            for member in members {
                let images = people.entry(person_of(&member)).or_default();
                if let Some(other) = images.insert(member.path.clone(), shard) {
                    let (path, other) = (root.join(shard).join(&member.path), root.join(other));
                    let message =
                        format!("{} is in {} too: leave one of these shards out", path.display(), other.display());
                    return Err(Error::new(ErrorKind::DatasetInvalid, message));
                }
            }
        }
        if people.is_empty() {
            let message = format!("no image in the shards in {}", root.display());
            return Err(Error::new(ErrorKind::DatasetInvalid, message));
        }
        let images = |images: BTreeMap<PathBuf, &OsStr>| {
            images.into_iter().map(|(path, shard)| Path::new(shard).join(path)).collect()
        };
        let people = people.into_iter().map(|(name, of_person)| Person { name, images: images(of_person) }).collect();
        Ok(Some(Self { root: root.to_path_buf(), people }))
    }

    /// The folder that was looked into, as it was given.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Everyone with at least one image, sorted by name. The images go through their shards: `faces-00000.tar/Ada/Ada_0001.png`.
    pub fn people(&self) -> &[Person] {
        &self.people
    }
}

fn person_of(member: &Member) -> OsString {
    let folder = || member.path.iter().next().unwrap_or_default();
    member.class.as_ref().map_or_else(|| folder().to_os_string(), OsString::from)
}

/// The names of the shards in a folder, sorted.
pub(super) fn shards_in(root: &Path) -> Result<Vec<OsString>> {
    let unreadable = |error| Error::io("read", root, error);
    if root.is_file() {
        return Ok(Vec::new());
    }
    let (mut shards, mut folders) = (Vec::new(), Vec::new());
    for entry in root.read_dir().map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default();
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let is_called_so = path.extension().is_some_and(|extension| extension == EXTENSION);
        if is_called_so && path.is_file() {
            shards.push(name.to_os_string());
        } else if path.is_dir() {
            folders.push(name.to_os_string());
        }
    }
    shards.sort_unstable();
    if let (Some(shard), Some(folder)) = (shards.first(), folders.first()) {
        let message = format!(
            "{} holds both a shard ({}) and a folder ({}): give each a place of its own",
            root.display(),
            shard.display(),
            folder.display()
        );
        return Err(Error::new(ErrorKind::DatasetInvalid, message));
    }
    Ok(shards)
}
