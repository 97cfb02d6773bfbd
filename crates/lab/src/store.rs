//! Embeddings on disk: a matrix in NumPy's format, the names of its rows, and what made it.
//!
//! Three files with one stem lie beside each other: `faces.npy`, a matrix of 32-bit floats with a row for each face;
//! `faces.names.txt`, a line for each row; `faces.model.json`, a [`Description`].

mod matrix;

use std::io;
use std::path::{Path, PathBuf};

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::npy;
use facenet_core::embed::Embedder;
use facenet_core::embedding::Fingerprint;
use facenet_core::embeddings::Embeddings;
use facenet_core::error::{Error, ErrorKind, Hint, Result};
use facenet_core::internal::limits::{Limit, excerpt};
use facenet_core::internal::{digest, files, limits};
use facenet_core::model::Metric;

/// What made stored embeddings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// Name of the model.
    pub model: String,
    /// The fingerprint of model and preprocessing.
    pub fingerprint: Fingerprint,
    /// Number of values of an embedding.
    pub dimension: usize,
    /// The model's metric.
    pub metric: Metric,
}

impl Description {
    /// The description of what `embedder` makes.
    pub fn of(embedder: &Embedder) -> Self {
        Self {
            model: embedder.name().to_string(),
            fingerprint: embedder.fingerprint(),
            dimension: embedder.dimension(),
            metric: embedder.spec().metric,
        }
    }

    /// Writes the description of a matrix as JSON, with the folder that has the folders of people and what ties the files.
    pub(crate) fn write(&self, folder: Option<&str>, tie: Tie, out: &mut dyn io::Write) -> io::Result<()> {
        let folder = folder.map(str::to_string);
        let about = About { description: self.clone(), folder, checksum: Some(tie.checksum()) };
        serde_json::to_writer_pretty(&mut *out, &about)?;
        writeln!(out)
    }
}

/// Embeddings that were read from disk.
///
/// ```
/// use facenet::store::{self, Description, Stored};
/// use facenet::{Fingerprint, Metric};
///
/// # let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("faces.npy");
/// let description = Description {
///     model: "a model".into(),
///     fingerprint: Fingerprint::of("a model"),
///     dimension: 2,
///     metric: Metric::Euclidean,
/// };
/// store::write(&path, &description, Some("faces"), ["faces/Ada/1.png"], ndarray::array![[0.6, 0.8]].view())?;
///
/// let stored = Stored::read(&path)?;
/// assert_eq!(stored.names, ["faces/Ada/1.png"]);
/// assert_eq!(stored.people()?, [Some("Ada")]);
/// assert_eq!(stored.embeddings()?.fingerprint(), Fingerprint::of("a model"));
/// # Ok::<(), facenet::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// The matrix, a row for each embedding.
    pub values: Array2<f32>,
    /// The name of each row, its number if no names lie beside the matrix.
    pub names: Vec<String>,
    /// What made the embeddings; none if no description lies beside the matrix.
    pub description: Option<Description>,
    /// The folder, as the names begin with it, that has a folder for each person; none if it is not known.
    pub folder: Option<String>,
}

/// What is written beside a matrix.
#[derive(Serialize, Deserialize)]
struct About {
    #[serde(flatten)]
    description: Description,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    /// That of names and matrix; none in files of versions that did not write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checksum: Option<String>,
}

/// A checksum of the names and the matrix, so that files of two runs are not taken for those of one.
#[derive(Clone, Default)]
pub(crate) struct Tie {
    hash: Sha256,
    bytes: Vec<u8>,
}

impl Tie {
    fn of<'a>(names: impl IntoIterator<Item = &'a str>, values: ArrayView2<'_, f32>) -> Self {
        let mut tie = Self::default();
        names.into_iter().for_each(|name| tie.name(name));
        values.rows().into_iter().for_each(|row| tie.values(row));
        tie
    }

    /// Adds the name of a row; the names come before the values.
    pub(crate) fn name(&mut self, name: &str) {
        self.hash.update(name);
        self.hash.update([0]);
    }

    /// Adds values of the matrix.
    pub(crate) fn values<'a>(&mut self, values: impl IntoIterator<Item = &'a f32>) {
        self.bytes.clear();
        self.bytes.extend(values.into_iter().flat_map(|value| value.to_le_bytes()));
        self.hash.update(&self.bytes);
    }

    fn checksum(self) -> String {
        format!("{:016x}", digest::head(self.hash))
    }
}

impl Stored {
    /// Reads the matrix at `path` and what lies beside it. Matrices of 64-bit floats are read too.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] and [`ErrorKind::Io`] if a file cannot be read, [`ErrorKind::DatasetInvalid`] if the files
    /// are of another kind or do not fit together.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let values = matrix::read(path)?;
        let description = description_path(path);
        let about: Option<About> = read_beside(&limits::DESCRIPTION, &description)?
            .map(|text| serde_json::from_str(&text).map_err(|error| invalid(&description, &error)))
            .transpose()?;
        let text = read_beside(&limits::NAMES, &names_path(path))?;
        if let Some(count) = text.as_ref().map(|text| text.lines().count()).filter(|&count| count != values.nrows()) {
            let counts = format!("{count} names for {} rows", values.nrows());
            return Err(invalid(path, &format!("{counts} (see {})", names_path(path).display())));
        }
        let names: Vec<String> = match text {
            // Lists of others are taken as they are.
            Some(text) if about.is_none() => text.lines().map(str::to_string).collect(),
            Some(text) => text.lines().map(unescaped).collect(),
            None => (0..values.nrows()).map(|row| row.to_string()).collect(),
        };
        let checksum = about.as_ref().and_then(|about| about.checksum.clone());
        let (description, folder) = about.map(|about| (about.description, about.folder)).unzip();
        if let Some(found) = description.as_ref().map(|description: &Description| description.dimension)
            && found != values.ncols()
        {
            return Err(invalid(path, &format!("{} columns where the description says {found}", values.ncols())));
        }
        let tie = || Tie::of(names.iter().map(String::as_str), values.view());
        if checksum.is_some_and(|wanted| tie().checksum() != wanted) {
            let (names, about) = (names_path(path), description_path(path));
            let beside = format!("{} and {}", names.display(), about.display());
            return Err(invalid(path, &format!("it was not written together with {beside}")));
        }
        Ok(Self { values, names, description, folder: folder.flatten() })
    }

    /// The person whose image each row was made of: the first folder below [`folder`](Self::folder), as
    /// [`Dataset`](crate::dataset::Dataset) has it, or none for an image that lies in no person's folder.
    ///
    /// Where that folder is not known, the person is the folder that the image lies in, if all names have the same
    /// number of folders.
    ///
    /// # Errors
    /// [`ErrorKind::DatasetInvalid`] if that leaves open who somebody is.
    pub fn people(&self) -> Result<Vec<Option<&str>>> {
        let folders = |name: &str| Path::new(name).components().count().saturating_sub(1);
        let depth = self.names.first().map_or(0, |name| folders(name));
        let are_alike = depth > 0 && self.names.iter().all(|name| folders(name) == depth);
        let person = |name| {
            let name = Path::new(name);
            match &self.folder {
                Some(folder) => {
                    let mut inner = name.strip_prefix(folder).ok()?.components();
                    Some(inner.next().filter(|_| inner.next().is_some()))
                }
                None => are_alike.then(|| name.components().nth_back(1)),
            }
        };
        let people = self.names.iter().map(|name| match person(name) {
            Some(person) => Ok(person.and_then(|person| person.as_os_str().to_str())),
            None => {
                let message = format!("nothing says which folder of `{}` is that of the person", excerpt(name));
                Err(Error::new(ErrorKind::DatasetInvalid, message).with_hint(Hint::EmbedPeople))
            }
        });
        people.collect()
    }

    /// The embeddings, with the fingerprint of what made them.
    ///
    /// # Errors
    /// [`ErrorKind::DatasetInvalid`] if that is not known, [`ErrorKind::InvalidArgument`] if a row is no embedding.
    pub fn embeddings(&self) -> Result<Embeddings> {
        let description = self.description.as_ref().ok_or_else(made_by_nobody)?;
        Embeddings::new(description.fingerprint, self.values.clone())
    }
}

/// Writes a matrix to `path`, which ends in `.npy`, and beside it the names of its rows and the description. All are
/// written before the first gets its name, so that what fails to be written leaves the old files; a checksum ties them, so that
/// what a kill between the names leaves is refused. `folder` is the folder
/// of people with which all names begin, if there is one.
///
/// # Errors
/// [`ErrorKind::DimensionMismatch`] if names or description do not fit the matrix, and those of
/// [`write_whole`](files::write_whole).
pub fn write<'a>(
    path: impl AsRef<Path>,
    description: &Description,
    folder: Option<&str>,
    names: impl IntoIterator<Item = &'a str>,
    values: ArrayView2<'_, f32>,
) -> Result<()> {
    let path = path.as_ref();
    let names: Vec<&str> = names.into_iter().collect();
    if (names.len(), description.dimension) != values.dim() {
        let message = format!(
            "{} names and a dimension of {} for a matrix of {} x {}",
            names.len(),
            description.dimension,
            values.nrows(),
            values.ncols()
        );
        return Err(Error::new(ErrorKind::DimensionMismatch, message));
    }
    let tie = Tie::of(names.iter().copied(), values);
    files::write_together(&mut [
        (&names_path(path), &mut |out| names.iter().try_for_each(|name| writeln!(out, "{}", line(name)))),
        (&description_path(path), &mut |out| description.write(folder, tie.clone(), out)),
        (path, &mut |out| {
            npy::begin(out, "<f4", values.shape())?;
            values.iter().try_for_each(|value| out.write_all(&value.to_le_bytes()))
        }),
    ])
}

/// The names of the faces of an image, in their order: that of the image, or for several of them `image#1`, `image#2` and
/// so on.
///
/// ```
/// use facenet::store::row_names;
///
/// assert_eq!(row_names("a.jpg", 1).collect::<Vec<_>>(), ["a.jpg"]);
/// assert_eq!(row_names("a.jpg", 2).collect::<Vec<_>>(), ["a.jpg#1", "a.jpg#2"]);
/// ```
pub fn row_names(image: &str, faces: usize) -> impl Iterator<Item = String> {
    (1..=faces).map(move |number| if faces == 1 { image.to_string() } else { format!("{image}#{number}") })
}

/// A name as a line: a line break in a name must not shift the rows.
pub(crate) fn line(name: &str) -> String {
    name.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r")
}

/// The name that [`line`] made a line of.
fn unescaped(line: &str) -> String {
    let mut name = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        name.push(match (character, characters.as_str().chars().next()) {
            ('\\', Some(escaped @ ('\\' | 'n' | 'r'))) => {
                characters.next();
                match escaped {
                    'n' => '\n',
                    'r' => '\r',
                    backslash => backslash,
                }
            }
            _ => character,
        });
    }
    name
}

/// The file with the names of the rows of the matrix at `path`.
#[doc(hidden)]
pub fn names_path(path: &Path) -> PathBuf {
    path.with_extension("names.txt")
}

/// The file that describes the matrix at `path`.
#[doc(hidden)]
pub fn description_path(path: &Path) -> PathBuf {
    path.with_extension("model.json")
}

/// The error for embeddings without a description.
pub(crate) fn made_by_nobody() -> Error {
    let message = "nothing beside the matrix says which model made it";
    Error::new(ErrorKind::DatasetInvalid, message).with_hint(Hint::EmbedFaces)
}

/// The text of a file that may be missing.
fn read_beside(limit: &Limit, path: &Path) -> Result<Option<String>> {
    match limit.read_text(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn invalid(path: &Path, reason: &dyn std::fmt::Display) -> Error {
    let reason = excerpt(&reason.to_string());
    let message = format!("{} does not hold embeddings of this library: {reason}", path.display());
    Error::new(ErrorKind::DatasetInvalid, message).with_hint(Hint::EmbedFaces)
}
