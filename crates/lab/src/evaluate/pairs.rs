//! Lists of pairs of images, as LFW's `pairs.txt`.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

use serde::Serialize;
use unicode_normalization::UnicodeNormalization as _;

use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::frame::IMAGE_EXTENSIONS;
use facenet_core::internal::limits::{self, excerpt};

/// An image of a person: `Name/Name_0001.jpg` is number 1 of `Name`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct PairImage {
    /// Name of the person.
    pub name: String,
    /// Number of the image among those of the person.
    pub number: u32,
}

impl PairImage {
    /// The image's path without its extension, relative to the folder of people.
    ///
    /// ```
    /// use facenet::evaluate::PairImage;
    ///
    /// let image = PairImage { name: "Ada".into(), number: 7 };
    /// assert_eq!(image.stem(), std::path::Path::new("Ada/Ada_0007"));
    /// ```
    pub fn stem(&self) -> PathBuf {
        Path::new(&self.name).join(format!("{}_{:04}", self.name, self.number))
    }
}

/// Two images, and whether they show the same person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// One image.
    pub a: PairImage,
    /// The other.
    pub b: PairImage,
    /// Whether the list says that both show the same person.
    pub same: bool,
}

/// A list of pairs.
///
/// The format is that of LFW (<http://vis-www.cs.umass.edu/lfw/README.txt>): a line `Name 1 4` for two images of one
/// person, `Name 1 Other 3` for images of two people. Fields are separated by tabs or, in a line without any, by
/// spaces: a name with spaces needs tabs. The first line may say how long the list is: `10 300` for ten folds, each of
/// 300 pairs of the same and 300 of different people, or `500` for that many of both kinds.
///
/// ```
/// use facenet::evaluate::Pairs;
///
/// let pairs = Pairs::parse("1\t1\nAda\t1\t2\nAda\t1\tGrace Hopper\t3\n")?;
/// assert_eq!(pairs.folds(), Some(1));
/// assert!(pairs.pairs()[0].same);
/// assert_eq!(pairs.pairs()[1].b.name, "Grace Hopper");
/// # Ok::<(), facenet::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairs {
    folds: Option<usize>,
    pairs: Vec<Pair>,
}

impl Pairs {
    /// Reads the list in the file `path`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] and [`ErrorKind::Io`] if it cannot be read, else as [`parse`](Self::parse).
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::parse(&limits::PAIRS.read_text(path)?).map_err(|e| e.context(path.display()))
    }

    /// The list in `text`.
    ///
    /// # Errors
    /// [`ErrorKind::DatasetInvalid`] with the number of the line if one is no pair, if there is no pair at all, or if
    /// there are more or fewer than the first line says.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).peekable();
        let header = lines.peek().and_then(|(_, line)| Header::parse(line));
        if header.is_some() {
            lines.next();
        }
        let pairs = lines
            .map(|(index, line)| parse_pair(line).map_err(|e| e.context(format_args!("line {}", index + 1))))
            .collect::<Result<Vec<_>>>()?;
        if pairs.is_empty() {
            return Err(invalid("the list has no pairs".into()));
        }
        match header {
            Some(Header { pairs: promised, .. }) if promised != pairs.len() as u64 => Err(invalid(format!(
                "the first line promises {promised} pairs and {} follow: fetch the list again, or leave out that line",
                pairs.len()
            ))),
            _ => Ok(Self { folds: header.and_then(|header| header.folds), pairs }),
        }
    }

    /// The pairs, in the order of the list.
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// The number of folds that the first line names.
    pub fn folds(&self) -> Option<usize> {
        self.folds
    }

    /// Every image that the list names, once, in the order of the names.
    pub fn images(&self) -> Vec<&PairImage> {
        let mut images: Vec<&PairImage> = self.pairs.iter().flat_map(|pair| [&pair.a, &pair.b]).collect();
        images.sort_unstable();
        images.dedup();
        images
    }
}

/// What the first line says of the rest.
struct Header {
    folds: Option<usize>,
    pairs: u64,
}

impl Header {
    fn parse(line: &str) -> Option<Self> {
        let numbers: Vec<u32> =
            line.split_whitespace().take(3).map(|field| field.parse().ok()).collect::<Option<_>>()?;
        match *numbers {
            [each] => Some(Self { folds: None, pairs: 2 * u64::from(each) }),
            [folds, each] => Some(Self { folds: Some(folds as usize), pairs: 2 * u64::from(folds) * u64::from(each) }),
            _ => None,
        }
    }
}

fn parse_pair(line: &str) -> Result<Pair> {
    if line.len() > limits::LINE {
        return Err(invalid(format!("{} has {} bytes: a pair has fewer", excerpt(line), line.len())));
    }
    let fields: Vec<&str> = match line.contains('\t') {
        true => line.split('\t').map(str::trim).filter(|field| !field.is_empty()).collect(),
        false => line.split_whitespace().collect(),
    };
    match *fields {
        [name, a, b] => Ok(Pair { a: image(name, a)?, b: image(name, b)?, same: true }),
        [name, a, other, b] => Ok(Pair { a: image(name, a)?, b: image(other, b)?, same: false }),
        _ => Err(invalid(format!(
            "\"{}\" has {} fields: a pair is `Name 1 4` or `Name 1 Other 3`, with tabs around names with spaces",
            excerpt(line),
            fields.len()
        ))),
    }
}

fn image(name: &str, number: &str) -> Result<PairImage> {
    let mut components = Path::new(name).components();
    if !matches!((components.next(), components.next()), (Some(Component::Normal(only)), None) if only == name) {
        return Err(invalid(format!("\"{}\" is no name of a folder", excerpt(name))));
    }
    let number = number.parse().map_err(|_| invalid(format!("\"{}\" is no number of an image", excerpt(number))))?;
    Ok(PairImage { name: name.into(), number })
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::DatasetInvalid, message)
}

/// The images of a folder of people, found by person and number whatever their extension is.
///
/// Of several files with one stem, the first in the order of `IMAGE_EXTENSIONS` is taken.
///
/// ```
/// use facenet::evaluate::{ImageFinder, PairImage};
///
/// let root = tempfile::tempdir()?;
/// std::fs::create_dir(root.path().join("Ada"))?;
/// std::fs::write(root.path().join("Ada/Ada_0001.PNG"), b"")?;
///
/// let mut finder = ImageFinder::new(root.path());
/// let found = finder.find(&PairImage { name: "Ada".into(), number: 1 })?;
/// assert_eq!(found.as_deref(), Some(std::path::Path::new("Ada/Ada_0001.PNG")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ImageFinder {
    root: PathBuf,
    /// The folders of the root by their names in one form, once a name was not found as it is.
    folders: Option<HashMap<String, OsString>>,
    /// The images of the people looked at so far, by stem.
    people: HashMap<String, HashMap<String, PathBuf>>,
}

impl ImageFinder {
    /// A finder of images below the folder `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), folders: None, people: HashMap::new() }
    }

    /// The path of the image, relative to the folder, if it is there.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if the person's folder exists and cannot be read.
    pub fn find(&mut self, image: &PairImage) -> Result<Option<PathBuf>> {
        if !self.people.contains_key(&image.name) {
            let images = match self.folder_of(&image.name)? {
                Some(folder) => images_of(&self.root, &folder)?,
                None => HashMap::new(),
            };
            self.people.insert(image.name.clone(), images);
        }
        let stem = one_form(&format!("{}_{:04}", image.name, image.number));
        Ok(self.people.get(&image.name).and_then(|images| images.get(&stem)).cloned())
    }

    /// The person's folder: that of the very name, or of one that differs in its Unicode form only, as names that a Mac has
    /// written do, whose accents are characters of their own.
    fn folder_of(&mut self, name: &str) -> Result<Option<OsString>> {
        if self.root.join(name).exists() {
            return Ok(Some(name.into()));
        }
        let folders = match &mut self.folders {
            Some(folders) => folders,
            unknown => unknown.insert(folders_of(&self.root)?),
        };
        Ok(folders.get(&one_form(name)).cloned())
    }
}

/// A text in the form in which an accent and its letter are one character.
fn one_form(text: &str) -> String {
    text.nfc().collect()
}

/// What is in `root`, by its name in one form. Of several names of one form, the first is taken.
fn folders_of(root: &Path) -> Result<HashMap<String, OsString>> {
    let mut folders: HashMap<String, OsString> = HashMap::new();
    let fail = |e| Error::io("read", root, e);
    let entries = match root.read_dir() {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(folders),
        Err(e) => return Err(fail(e)),
    };
    for entry in entries {
        let name = entry.map_err(fail)?.file_name();
        let Some(form) = name.to_str().map(one_form) else { continue };
        if folders.get(&form).is_none_or(|known| name < *known) {
            folders.insert(form, name);
        }
    }
    Ok(folders)
}

fn images_of(root: &Path, name: &OsStr) -> Result<HashMap<String, PathBuf>> {
    let folder = root.join(name);
    let entries = match folder.read_dir() {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(HashMap::new()),
        Err(e) => return Err(Error::io("read", folder, e)),
    };
    let mut images: HashMap<String, PathBuf> = HashMap::new();
    for entry in entries {
        let file = PathBuf::from(entry.map_err(|e| Error::io("read", &folder, e))?.file_name());
        let (Some(stem), Some(rank)) = (file.file_stem().and_then(|stem| stem.to_str()), rank(&file)) else { continue };
        let stem = one_form(stem);
        let better = images.get(&stem).is_none_or(|known| (rank, &*file) < (self::rank(known).unwrap_or(rank), known));
        if better {
            images.insert(stem, file);
        }
    }
    images.values_mut().for_each(|file| *file = Path::new(name).join(&*file));
    Ok(images)
}

/// The place of the file's extension among those of images.
fn rank(file: &Path) -> Option<usize> {
    let extension = file.extension()?;
    IMAGE_EXTENSIONS.iter().position(|known| extension.eq_ignore_ascii_case(known))
}
