//! Many embeddings of one kind.

use ndarray::{Array2, ArrayView2, Axis};

use crate::embedding::{Embedding, Fingerprint};
use crate::error::{Error, ErrorKind, Result};

/// Embeddings that were made in the same way, as the rows of a matrix.
///
/// ```
/// use facenet::{Embedding, Embeddings, Fingerprint};
///
/// let fingerprint = Fingerprint::of("a model");
/// let mut embeddings = Embeddings::empty(fingerprint, 2);
/// embeddings.push(&Embedding::new(vec![3.0, 4.0], fingerprint)?)?;
/// assert_eq!(embeddings.view().dim(), (1, 2));
/// assert_eq!(embeddings.view()[[0, 1]], 0.8);
///
/// let other = Embedding::new(vec![1.0, 0.0], Fingerprint::of("another model"))?;
/// assert!(embeddings.push(&other).is_err());
/// # Ok::<(), facenet::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Embeddings {
    fingerprint: Fingerprint,
    values: Array2<f32>,
}

impl Embeddings {
    /// No embedding yet; those to come have `dimension` values.
    pub fn empty(fingerprint: Fingerprint, dimension: usize) -> Self {
        Self { fingerprint, values: Array2::zeros((0, dimension)) }
    }

    /// The rows of `values`, each scaled to length one.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if a value is not a number or a row is zero.
    pub fn new(fingerprint: Fingerprint, values: Array2<f32>) -> Result<Self> {
        let mut embeddings = Self::empty(fingerprint, values.ncols());
        embeddings.values.reserve(Axis(0), values.nrows()).map_err(|_| too_many())?;
        for (index, row) in values.rows().into_iter().enumerate() {
            let embedding = Embedding::new(row.to_vec(), fingerprint);
            embeddings.push(&embedding.map_err(|error| error.context(format_args!("row {index}")))?)?;
        }
        Ok(embeddings)
    }

    /// Adds an embedding as the last row.
    ///
    /// # Errors
    /// [`ErrorKind::FingerprintMismatch`] or [`ErrorKind::DimensionMismatch`] if it is of another kind.
    pub fn push(&mut self, embedding: &Embedding) -> Result<()> {
        if embedding.fingerprint() != self.fingerprint {
            return Err(mismatch(embedding.fingerprint(), self.fingerprint));
        }
        let row = embedding.values();
        if row.len() != self.dimension() {
            let message = format!("an embedding of {} values among those of {}", row.len(), self.dimension());
            return Err(Error::new(ErrorKind::DimensionMismatch, message));
        }
        self.values.push_row(row.into()).map_err(|_| too_many())
    }

    /// Fails unless the embeddings have this fingerprint.
    ///
    /// # Errors
    /// [`ErrorKind::FingerprintMismatch`].
    pub fn check(&self, fingerprint: Fingerprint) -> Result<()> {
        if self.fingerprint == fingerprint { Ok(()) } else { Err(mismatch(self.fingerprint, fingerprint)) }
    }

    /// The matrix: a row for each embedding, in the order of adding.
    pub fn view(&self) -> ArrayView2<'_, f32> {
        self.values.view()
    }

    /// The matrix, without the fingerprint.
    pub fn into_values(self) -> Array2<f32> {
        self.values
    }

    /// What made the embeddings.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Number of embeddings.
    pub fn len(&self) -> usize {
        self.values.nrows()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of values of an embedding.
    pub fn dimension(&self) -> usize {
        self.values.ncols()
    }
}

fn mismatch(found: Fingerprint, wanted: Fingerprint) -> Error {
    let message =
        format!("embeddings {found} and {wanted} come from different models or preprocessing: embed all with the same");
    Error::new(ErrorKind::FingerprintMismatch, message)
}

fn too_many() -> Error {
    Error::new(ErrorKind::InvalidArgument, "more embeddings than the memory can address")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_scaled_and_checked() {
        let fingerprint = Fingerprint::of("x");
        let embeddings = Embeddings::new(fingerprint, ndarray::array![[2.0, 0.0], [0.0, 0.5]]).unwrap();
        assert_eq!(embeddings.view(), ndarray::array![[1.0, 0.0], [0.0, 1.0]]);
        for row in [[0.0, 0.0], [f32::NAN, 1.0], [f32::INFINITY, 1.0]] {
            let error = Embeddings::new(fingerprint, ndarray::arr2(&[[1.0, 0.0], row])).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert!(error.to_string().starts_with("row 1"), "{error}");
        }
        assert!(embeddings.check(Fingerprint::of("y")).is_err());
        let mut three = Embeddings::empty(fingerprint, 3);
        let two = Embedding::new(vec![1.0, 0.0], fingerprint).unwrap();
        assert_eq!(three.push(&two).unwrap_err().kind(), ErrorKind::DimensionMismatch);
    }
}
