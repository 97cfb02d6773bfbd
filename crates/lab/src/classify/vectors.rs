//! Vectors as they are given, checked and brought to length one.

use std::collections::HashSet;

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use facenet_core::embedding::norm;
use facenet_core::error::{Error, ErrorKind, Result};

/// Vectors with the class of each, to train on.
///
/// The vectors may have any scale: only their directions count.
#[derive(Debug, Clone, Copy)]
pub struct TrainingSet<'a> {
    /// A vector a row, n x d.
    pub vectors: ArrayView2<'a, f32>,
    /// The class of each row, an index into `names`; length n.
    pub labels: &'a [usize],
    /// The names of the classes, each of which has a row at least.
    pub names: &'a [String],
}

impl TrainingSet<'_> {
    /// The number of rows of each class, if the set is one to train on.
    pub(super) fn counts(&self) -> Result<Vec<u64>> {
        let invalid = |message: String| Err(Error::new(ErrorKind::InvalidArgument, message));
        if self.labels.len() != self.vectors.nrows() {
            return Err(Error::new(
                ErrorKind::DimensionMismatch,
                format!("{} vectors and {} labels: each vector needs one", self.vectors.nrows(), self.labels.len()),
            ));
        }
        if self.labels.is_empty() {
            return invalid("there is no vector to train on".into());
        }
        let mut seen = HashSet::with_capacity(self.names.len());
        if let Some(name) = self.names.iter().find(|name| !seen.insert(name.as_str())) {
            return invalid(format!("two classes are called {name:?}: a name is that of one class"));
        }
        let mut counts = vec![0; self.names.len()];
        for (row, &label) in self.labels.iter().enumerate() {
            match counts.get_mut(label) {
                Some(count) => *count += 1,
                None => return invalid(format!("vector {row} is of class {label}, and {} have names", counts.len())),
            }
        }
        match counts.iter().position(|&count| count == 0) {
            Some(class) => invalid(format!("class {:?} has no vector to train on", self.names[class])),
            None => Ok(counts),
        }
    }
}

/// The rows scaled to length one, in standard layout. A row that has this length to float precision stays as it is.
pub(super) fn directions(vectors: ArrayView2<'_, f32>) -> Result<Array2<f32>> {
    if vectors.ncols() == 0 {
        return Err(Error::new(ErrorKind::DimensionMismatch, "the vectors have no values"));
    }
    let mut unit = vectors.as_standard_layout().into_owned();
    let scale = |(row, values): (usize, &mut [f32])| {
        let length = norm(values);
        if !length.is_finite() || length == 0.0 {
            let message = format!("vector {row} has length {length}: it is no embedding");
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        if (length - 1.0).abs() > 1e-6 {
            values.iter_mut().for_each(|value| *value = (f64::from(*value) / length) as f32);
        }
        Ok(())
    };
    let columns = unit.ncols();
    let values = unit.as_slice_mut().expect("standard layout");
    values.par_chunks_mut(columns).with_min_len(64).enumerate().try_for_each(scale)?;
    Ok(unit)
}

/// The rows of each of `count` classes, in their order.
pub(super) fn rows_of_classes(labels: &[usize], count: usize) -> Vec<Vec<usize>> {
    let mut rows = vec![Vec::new(); count];
    labels.iter().enumerate().for_each(|(row, &label)| rows[label].push(row));
    rows
}

/// Fails unless vectors of `found` values can be compared with those of `trained` values.
pub(super) fn check_dimension(vectors: ArrayView2<'_, f32>, trained: usize) -> Result<()> {
    match vectors.len_of(Axis(1)) {
        found if found == trained => Ok(()),
        found => Err(Error::new(
            ErrorKind::DimensionMismatch,
            format!("the vectors have {found} values, those that the classifier was trained on {trained}"),
        )),
    }
}
