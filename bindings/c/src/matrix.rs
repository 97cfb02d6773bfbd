//! Vectors of the caller, one after the other.

use facenet_core::{Error, ErrorKind, Result};
use ndarray::ArrayView2;

use crate::arguments::Arguments;

/// `count` embeddings of `dimension` values.
pub(crate) fn read<'a>(
    args: Arguments<'a>,
    embeddings: *const f32,
    count: usize,
    dimension: usize,
    name: &str,
) -> Result<ArrayView2<'a, f32>> {
    let too_many = || {
        let message = format!("{name}: {count} embeddings of {dimension} values are more than memory can hold");
        Error::new(ErrorKind::InvalidArgument, message)
    };
    let values = count.checked_mul(dimension).ok_or_else(too_many)?;
    let values = args.slice(embeddings, values, name)?;
    ArrayView2::from_shape((count, dimension), values).map_err(|_| too_many())
}
