//! The people in a folder of shards.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::index::Part;
use super::listing::Listing;
use super::scan::Member;
use super::{Shard, plan};
use crate::dataset::Person;
use facenet_core::error::{Error, ErrorKind, Hint, Result};

/// The images in a folder of shards, in the order that the folder they were packed from has.
///
/// ```
/// use facenet::Watch;
/// use facenet::shards::{PackJob, PackOptions, ShardFolder};
///
/// let root = tempfile::tempdir()?;
/// let (faces, shards) = (root.path().join("faces"), root.path().join("shards"));
/// std::fs::create_dir_all(faces.join("Ada"))?;
/// facenet::Image::from_rgb(8, 8, vec![0; 192])?.save(faces.join("Ada/Ada_0001.png"))?;
/// PackJob::plan(&faces, &shards, PackOptions::default())?.run(&Watch::none())?;
///
/// let packed = ShardFolder::find(&shards)?.expect("there are shards");
/// assert_eq!(packed.people()[0].name, "Ada");
/// assert_eq!(packed.people()[0].images, [std::path::Path::new("faces-00000.tar/Ada/Ada_0001.png")]);
/// assert!(ShardFolder::find(&faces)?.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ShardFolder {
    root: PathBuf,
    people: Vec<Person>,
}

impl ShardFolder {
    /// Looks for shards in the folder `root`: files that end in `.tar`. None if there are none. Only headers are read, or less
    /// where there is an index, on the threads of the current rayon pool.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] or [`ErrorKind::Io`] if something cannot be read; [`ErrorKind::DatasetInvalid`] if a shard is
    /// damaged, some of those that were packed together are missing, nothing says who is on an image, folders and `.cls` contradict
    /// each other, an image is there twice, there is none, or folders, images or compressed tar files stand beside the shards.
    pub fn find(root: impl AsRef<Path>) -> Result<Option<Self>> {
        let root = root.as_ref();
        let listing = Listing::of(root)?;
        if listing.shards.is_empty() {
            return Ok(None);
        }
        let names = listing.alone()?;
        let shards: Vec<Shard> = names.par_iter().map(|name| Shard::open(&root.join(name))).collect::<Result<_>>()?;
        check_parts(root, &names, &shards)?;
        check_classes(root, &shards)?;
        check_depth(root, &shards)?;
        let mut people: BTreeMap<OsString, BTreeMap<PathBuf, &OsStr>> = BTreeMap::new();
        for (name, shard) in names.iter().zip(shards) {
            for member in shard.contents.members {
                let images = people.entry(person_of(&member)).or_default();
                if let Some(other) = images.insert(member.path.clone(), name) {
                    let path = root.join(name).join(&member.path);
                    let message = match other == name {
                        true => format!("{} is there twice, as after tar -r: make the tar file again", path.display()),
                        false => format!(
                            "{} is in {} too: leave one of these shards out",
                            path.display(),
                            root.join(other).display()
                        ),
                    };
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
    member.folder().or(member.class.as_deref().map(OsStr::new)).unwrap_or_default().to_os_string()
}

/// Fails if shards that were packed together are not all there, or those of another packing beside them.
fn check_parts(root: &Path, names: &[OsString], shards: &[Shard]) -> Result<()> {
    let mut parts = names.iter().zip(shards).filter_map(|(name, shard)| Some((name, shard.part?)));
    let Some((first, Part { set, shards: total, .. })) = parts.next() else { return Ok(()) };
    if let Some((other, _)) = parts.find(|(_, part)| (part.set, part.shards) != (set, total)) {
        let message = format!(
            "{} and {} were not packed together: give each packing a folder of its own",
            root.join(first).display(),
            root.join(other).display()
        );
        return Err(Error::new(ErrorKind::DatasetInvalid, message));
    }
    // One that has lost its index is known by its name.
    let number = |(name, shard): (&OsString, &Shard)| shard.part.map(|part| part.shard).or_else(|| plan::number(name));
    let there: HashSet<usize> = names.iter().zip(shards).filter_map(number).filter(|&number| number < total).collect();
    if there.len() < total {
        let message = format!(
            "{}: only {} of {total} shards are here: pack again, or copy them all. To train with these alone, remove their .index",
            root.display(),
            there.len()
        );
        return Err(Error::new(ErrorKind::DatasetInvalid, message).with_hint(Hint::PackShards));
    }
    Ok(())
}

/// Fails unless folders of images that have a `.cls` are people, each of another class.
fn check_classes(root: &Path, shards: &[Shard]) -> Result<()> {
    let (mut of_folders, mut of_classes) = (HashMap::new(), HashMap::new());
    for (folder, class) in shards.iter().flat_map(|shard| &shard.contents.classes) {
        let other_class = *of_folders.entry(folder).or_insert(class);
        let other_folder = *of_classes.entry(class).or_insert(folder);
        if (other_class, other_folder) != (class, folder) {
            let message = format!(
                "{}: the .cls of images in the folder {} say {class}, others in {} say {other_class}: a folder must be a person; leave \
                 folders that are none out of the names",
                root.display(),
                folder.display(),
                other_folder.display()
            );
            return Err(Error::new(ErrorKind::DatasetInvalid, message));
        }
    }
    Ok(())
}

/// Fails if all images lie in folders of one folder: that is the folder of people then, and no person.
fn check_depth(root: &Path, shards: &[Shard]) -> Result<()> {
    let mut members = shards.iter().flat_map(|shard| &shard.contents.members);
    let Some(top) = members.clone().next().and_then(Member::folder) else { return Ok(()) };
    let is_below = |member: &Member| member.folder() == Some(top) && member.path.iter().nth(2).is_some();
    if shards.iter().any(|shard| shard.part.is_some()) || !members.all(is_below) {
        return Ok(());
    }
    let top = top.display();
    let message = format!(
        "{}: all images lie in folders of the folder {top}, so that they are of one person. If {top} is a folder of people, pack what is \
         in it: tar -C {top} -cf faces.tar .",
        root.display()
    );
    Err(Error::new(ErrorKind::DatasetInvalid, message))
}
