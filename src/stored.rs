//! Embeddings on disk: a matrix in NumPy's format, the names of its rows, and what made it.
//!
//! Three files with one stem lie beside each other: `faces.npy`, a matrix of 32-bit floats with a row for each face;
//! `faces.names.txt`, a line for each row; `faces.model.json`, a [`Description`].

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use ndarray::{Array2, ArrayView2};
use ndarray_npy::{ReadNpyExt, WriteNpyExt};
use serde::{Deserialize, Serialize};

use crate::embed::Embedder;
use crate::embedding::Fingerprint;
use crate::embeddings::Embeddings;
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::model::Metric;

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

    /// Writes the description as JSON.
    pub(crate) fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }
}

/// Embeddings that were read from disk.
///
/// ```
/// use facenet::stored::{self, Description, Stored};
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
/// stored::write(&path, &description, ["Ada/1.png"], ndarray::array![[0.6, 0.8]].view())?;
///
/// let stored = Stored::read(&path)?;
/// assert_eq!(stored.names, ["Ada/1.png"]);
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
}

impl Stored {
    /// Reads the matrix at `path` and what lies beside it. Matrices of 64-bit floats are read too.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] and [`ErrorKind::Io`] if a file cannot be read, [`ErrorKind::DatasetInvalid`] if the files
    /// are of another kind or do not fit together.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let values = read_matrix(path)?;
        let names = match read_beside(&names_path(path))? {
            Some(text) => text.lines().map(str::to_string).collect(),
            None => (0..values.nrows()).map(|row| row.to_string()).collect::<Vec<_>>(),
        };
        if names.len() != values.nrows() {
            let counts = format!("{} names for {} rows", names.len(), values.nrows());
            return Err(invalid(path, &format!("{counts} (see {})", names_path(path).display())));
        }
        let description = description_path(path);
        let description: Option<Description> = read_beside(&description)?
            .map(|text| serde_json::from_str(&text).map_err(|error| invalid(&description, &error)))
            .transpose()?;
        if let Some(found) = description.as_ref().map(|description| description.dimension)
            && found != values.ncols()
        {
            return Err(invalid(path, &format!("{} columns where the description says {found}", values.ncols())));
        }
        Ok(Self { values, names, description })
    }

    /// The embeddings, with the fingerprint of what made them.
    ///
    /// # Errors
    /// [`ErrorKind::DatasetInvalid`] if that is not known, [`ErrorKind::InvalidArgument`] if a row is no embedding.
    pub fn embeddings(&self) -> Result<Embeddings> {
        let Some(description) = &self.description else {
            let message = "nothing beside the matrix says which model made it: embed the faces with `facenet embed`";
            return Err(Error::new(ErrorKind::DatasetInvalid, message));
        };
        Embeddings::new(description.fingerprint, self.values.clone())
    }
}

/// Writes a matrix to `path`, which ends in `.npy`, and beside it the names of its rows and the description. All are
/// written before the first gets its name, so that what fails to be written leaves the old files.
///
/// # Errors
/// [`ErrorKind::DimensionMismatch`] if names or description do not fit the matrix, and those of
/// [`write_whole`](files::write_whole).
pub fn write<'a>(
    path: impl AsRef<Path>,
    description: &Description,
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
    files::write_together(&mut [
        (&names_path(path), &mut |out| names.iter().try_for_each(|name| writeln!(out, "{}", line(name)))),
        (&description_path(path), &mut |out| description.write(out)),
        (path, &mut |out| values.write_npy(out).map_err(io::Error::other)),
    ])
}

/// A name as a line: a line break in a name must not shift the rows.
pub fn line(name: &str) -> String {
    name.replace('\n', "\\n").replace('\r', "\\r")
}

/// The file with the names of the rows of the matrix at `path`.
pub fn names_path(path: &Path) -> PathBuf {
    path.with_extension("names.txt")
}

/// The file that describes the matrix at `path`.
pub fn description_path(path: &Path) -> PathBuf {
    path.with_extension("model.json")
}

fn read_matrix(path: &Path) -> Result<Array2<f32>> {
    let open = || File::open(path).map(BufReader::new).map_err(|error| Error::io("read", path, error));
    match Array2::<f32>::read_npy(open()?) {
        Ok(values) => Ok(values),
        Err(ndarray_npy::ReadNpyError::WrongDescriptor(_)) => {
            let wide = Array2::<f64>::read_npy(open()?).map_err(|error| invalid(path, &error))?;
            Ok(wide.mapv(|value| value as f32))
        }
        Err(ndarray_npy::ReadNpyError::Io(error)) => Err(Error::io("read", path, error)),
        Err(error) => Err(invalid(path, &error)),
    }
}

/// The text of a file that may be missing.
fn read_beside(path: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path, error)),
    }
}

fn invalid(path: &Path, reason: &dyn std::fmt::Display) -> Error {
    let message = format!("{} does not hold embeddings as `facenet embed` writes them: {reason}", path.display());
    Error::new(ErrorKind::DatasetInvalid, message)
}
