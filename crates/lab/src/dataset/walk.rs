//! Finding the images of a folder of people.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::frame::{IMAGE_EXTENSIONS, has_image_extension, unread_reason};

/// Folders that systems and storage devices make beside the files of their users: thumbnails, deleted files, snapshots.
const SYSTEM_FOLDERS: [&str; 12] = [
    "@eaDir",
    "#recycle",
    "#snapshot",
    "@Recycle",
    "@Recently-Snapshot",
    "$RECYCLE.BIN",
    "RECYCLER",
    "System Volume Information",
    "__MACOSX",
    "lost+found",
    "Network Trash Folder",
    "Temporary Items",
];

/// A person and the images of this person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Name of the person's folder; empty for the images that lie directly in the root folder.
    pub name: OsString,
    /// The images, relative to the root folder, sorted.
    pub images: Vec<PathBuf>,
}

impl Person {
    /// The name as text.
    ///
    /// # Errors
    /// [`ErrorKind::DatasetInvalid`] if it is not Unicode.
    ///
    /// ```
    /// let person = facenet::dataset::Person { name: "Ada".into(), images: vec!["Ada/1.png".into()] };
    /// assert_eq!(person.unicode_name()?, "Ada");
    /// # Ok::<(), facenet::Error>(())
    /// ```
    pub fn unicode_name(&self) -> Result<&str> {
        self.name.to_str().ok_or_else(|| {
            let message = format!("the folder {:?} has a name that is not Unicode: rename it", self.name);
            Error::new(ErrorKind::DatasetInvalid, message)
        })
    }
}

/// Something in the folder that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What cannot be read, relative to the root folder.
    pub path: PathBuf,
    /// Why.
    pub reason: String,
}

/// The images of a folder of people, in an order that depends on nothing but their names.
///
/// ```
/// use facenet::dataset::Dataset;
///
/// let root = tempfile::tempdir()?;
/// std::fs::create_dir(root.path().join("Ada"))?;
/// std::fs::write(root.path().join("Ada/Ada_0001.jpg"), b"")?;
///
/// let dataset = Dataset::open(root.path())?;
/// assert_eq!(dataset.people()[0].name, "Ada");
/// assert_eq!(dataset.people()[0].images, [std::path::Path::new("Ada/Ada_0001.jpg")]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Dataset {
    root: PathBuf,
    people: Vec<Person>,
    problems: Vec<Problem>,
    hidden: Vec<PathBuf>,
}

impl Dataset {
    /// Walks the folder `root`.
    ///
    /// An image is a regular file whose name ends like one. [Hidden](Self::hidden) files and folders are left out.
    /// Symbolic links are followed; one that leads back to a folder above itself is a [problem](Self::problems), as is
    /// everything else that cannot be read.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] or [`ErrorKind::Io`] if `root` cannot be read, [`ErrorKind::DatasetInvalid`] if
    /// it is not a folder.
    pub fn open(root: impl AsRef<Path>) -> Result<Self> {
        Self::walk(root.as_ref(), None)
    }

    /// Walks the folder `root` but for the folder `except`, whichever way it is reached: links to it, or to
    /// something in it, are left out too.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_except(root: impl AsRef<Path>, except: impl AsRef<Path>) -> Result<Self> {
        let root = root.as_ref();
        let real_root = root.canonicalize().map_err(|e| Error::io("read", root, e))?;
        // A folder that does not exist yet has nothing to leave out.
        let Ok(except) = except.as_ref().canonicalize() else { return Self::walk(root, None) };
        let around_root = real_root.starts_with(&except);
        let is_left_out = |path: &Path| {
            path.canonicalize()
                .is_ok_and(|real| real.starts_with(&except) && !(around_root && real.starts_with(&real_root)))
        };
        Self::walk(root, Some(&is_left_out))
    }

    fn walk(root: &Path, is_left_out: Option<&dyn Fn(&Path) -> bool>) -> Result<Self> {
        let metadata = root.metadata().map_err(|e| Error::io("read", root, e))?;
        if !metadata.is_dir() {
            let message = format!("{} is not a folder: name the one that holds a folder per person", root.display());
            return Err(Error::new(ErrorKind::DatasetInvalid, message));
        }
        let mut hidden = Vec::new();
        let keep = |entry: &DirEntry| {
            let (name, is_folder) = (entry.file_name(), entry.file_type().is_dir());
            if entry.depth() == 0 {
                return true;
            }
            if is_hidden(name, is_folder) {
                if is_folder || has_image_extension(name) || unread_reason(name).is_some() {
                    hidden.push(relative_to(root, entry.path()));
                }
                return false;
            }
            // Plain files are where their folder is, which has been looked at.
            let may_be_left_out = is_folder || entry.path_is_symlink();
            !(may_be_left_out && is_left_out.is_some_and(|is_left_out| is_left_out(entry.path())))
        };
        let mut people: BTreeMap<OsString, Vec<PathBuf>> = BTreeMap::new();
        let mut problems = Vec::new();
        for entry in WalkDir::new(root).follow_links(true).sort_by_file_name().into_iter().filter_entry(keep) {
            match entry {
                Ok(entry) if entry.file_type().is_file() => {
                    let path = relative_to(root, entry.path());
                    if has_image_extension(&path) {
                        people.entry(name_of_person(&path)).or_default().push(path);
                    } else if let Some(reason) = unread_reason(&path) {
                        problems.push(Problem { path, reason });
                    }
                }
                Ok(_) => {}
                Err(e) if e.depth() == 0 => return Err(Error::io("read", root, e.into())),
                Err(e) => {
                    problems.push(Problem { path: relative_to(root, e.path().unwrap_or(root)), reason: reason(e) })
                }
            }
        }
        let people = people.into_iter().map(|(name, images)| Person { name, images }).collect();
        Ok(Self { root: root.to_path_buf(), people, problems, hidden })
    }

    /// The folder that was walked, as it was given.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Everyone with at least one image, sorted by name.
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// The same without the images that lie directly in the root folder, which are of nobody.
    pub fn named(&self) -> &[Person] {
        &self.people[usize::from(!self.nameless().is_empty())..]
    }

    /// The images that lie directly in the root folder.
    pub fn nameless(&self) -> &[PathBuf] {
        // The empty name is the first in the order.
        self.people.first().filter(|person| person.name.is_empty()).map_or(&[], |person| &person.images)
    }

    /// All images, relative to the root folder, person by person.
    pub fn images(&self) -> impl Iterator<Item = &Path> {
        self.people.iter().flat_map(|person| person.images.iter().map(PathBuf::as_path))
    }

    /// What cannot be read: folders, links that lead nowhere or back, and pictures whose names end like those of a format
    /// that is not read, as HEIC.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// What is left out, relative to the root folder: folders whose names begin with a dot, those that systems and storage
    /// devices make for themselves (`@eaDir`, `$RECYCLE.BIN`, `__MACOSX` and the like), and pictures whose names begin with
    /// a dot. What lies in such a folder is not listed.
    pub fn hidden(&self) -> &[PathBuf] {
        &self.hidden
    }

    /// Fails if the name of an image or of a folder around it is not Unicode: for what stores names as text, in which two of
    /// them could become one, and none would be found again.
    ///
    /// # Errors
    /// [`ErrorKind::DatasetInvalid`], with the first such name.
    pub fn check_unicode(&self) -> Result<()> {
        self.images().try_for_each(check_unicode)
    }

    /// Fails if there is no image.
    ///
    /// # Errors
    /// [`ErrorKind::DatasetInvalid`], with what there is instead.
    pub fn check_not_empty(&self) -> Result<()> {
        if !self.people.is_empty() {
            return Ok(());
        }
        let mut message = format!("no image in the folder {}", self.root.display());
        match self.problems.as_slice() {
            [] => message.push_str(&format!(" (looked for files that end in {})", IMAGE_EXTENSIONS.join(", "))),
            [first, others @ ..] => {
                message.push_str(&format!(": {}: {}", first.path.display(), first.reason));
                if !others.is_empty() {
                    message.push_str(&format!(" ({} others cannot be read either)", others.len()));
                }
            }
        }
        Err(Error::new(ErrorKind::DatasetInvalid, message))
    }
}

/// Fails if the path of an image is not Unicode.
///
/// # Errors
/// [`ErrorKind::DatasetInvalid`].
pub fn check_unicode(image: &Path) -> Result<()> {
    match image.to_str() {
        Some(_) => Ok(()),
        None => {
            let message = format!(
                "{image:?} has a name that is not Unicode, and could not be found by what is stored: rename it"
            );
            Err(Error::new(ErrorKind::DatasetInvalid, message))
        }
    }
}

/// Whether the name of a file or folder says that it is hidden, or one that the system made for itself.
pub(crate) fn is_hidden(name: &OsStr, is_folder: bool) -> bool {
    name.as_encoded_bytes().starts_with(b".")
        || is_folder && SYSTEM_FOLDERS.iter().any(|system| name.eq_ignore_ascii_case(system))
}

fn relative_to(root: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(root).unwrap_or(path).to_path_buf()
}

fn name_of_person(image: &Path) -> OsString {
    let mut components = image.components();
    match (components.next(), components.next()) {
        (Some(folder), Some(_)) => folder.as_os_str().to_os_string(),
        _ => OsString::new(),
    }
}

fn reason(error: walkdir::Error) -> String {
    match error.loop_ancestor() {
        Some(ancestor) => format!("the link leads back to {}", ancestor.display()),
        None => std::io::Error::from(error).to_string(),
    }
}
