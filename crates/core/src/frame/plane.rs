//! The planes of a frame and their rows.

use std::fmt;

use super::RgbView;
use crate::error::{Error, ErrorKind, Result};

/// Borrowed bytes with the distance between the starts of their rows.
///
/// The last row may end where its pixels end: it needs no padding.
#[derive(Clone, Copy)]
pub struct Plane<'a> {
    /// The bytes of all rows.
    pub data: &'a [u8],
    /// Bytes from the start of a row to the start of the row below it; at least the bytes of a row.
    ///
    /// Negative if the rows are stored from the bottom up: `data` then begins with the bottom row.
    pub stride: isize,
}

impl<'a> Plane<'a> {
    /// A plane over `data` with rows `stride` bytes apart.
    pub const fn new(data: &'a [u8], stride: isize) -> Self {
        Self { data, stride }
    }
}

impl fmt::Debug for Plane<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plane").field("bytes", &self.data.len()).field("stride", &self.stride).finish()
    }
}

/// Rows of a plane that are known to lie inside its bytes.
#[derive(Clone, Copy, Default)]
pub(super) struct Rows<'a> {
    data: &'a [u8],
    stride: usize,
    row_bytes: usize,
    count: usize,
    bottom_up: bool,
}

impl<'a> Rows<'a> {
    /// The `count` rows of `row_bytes` bytes in `plane`, once all of them are known to be there.
    pub(super) fn new(plane: Plane<'a>, row_bytes: usize, count: usize) -> Result<Self> {
        let stride = plane.stride.unsigned_abs();
        if stride < row_bytes {
            return Err(Error::new(
                ErrorKind::FrameInvalid,
                format!("stride {} is smaller than a row of {row_bytes} bytes", plane.stride),
            ));
        }
        let needed = count
            .checked_sub(1)
            .and_then(|steps| stride.checked_mul(steps))
            .and_then(|before_last| before_last.checked_add(row_bytes));
        if needed.is_none_or(|needed| needed > plane.data.len()) {
            return Err(Error::new(
                ErrorKind::FrameInvalid,
                format!(
                    "{} bytes are too few for {count} rows of {row_bytes} bytes at stride {}",
                    plane.data.len(),
                    plane.stride
                ),
            ));
        }
        Ok(Self { data: plane.data, stride, row_bytes, count, bottom_up: plane.stride < 0 })
    }

    /// `count` rows of `row_bytes` bytes that fill `data`.
    pub(super) fn packed(data: &'a [u8], row_bytes: usize, count: usize) -> Self {
        debug_assert_eq!(data.len(), row_bytes * count);
        Self { data, stride: row_bytes, row_bytes, count, bottom_up: false }
    }

    /// The rows of a view.
    pub(super) fn of_view(view: RgbView<'a>) -> Self {
        let (data, stride) = view.bytes();
        Self { data, stride, row_bytes: 3 * view.width(), count: view.height(), bottom_up: false }
    }

    /// The bytes of row `y`, counted from the top.
    pub(super) fn row(&self, y: usize) -> &'a [u8] {
        let stored = if self.bottom_up { self.count - 1 - y } else { y };
        &self.data[stored * self.stride..][..self.row_bytes]
    }

    /// The bytes and their stride, if the rows are stored from the top down.
    pub(super) fn top_down(&self) -> Option<(&'a [u8], usize)> {
        (!self.bottom_up).then_some((self.data, self.stride))
    }
}

impl fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows")
            .field("bytes", &self.data.len())
            .field("stride", &self.stride)
            .field("row_bytes", &self.row_bytes)
            .field("count", &self.count)
            .field("bottom_up", &self.bottom_up)
            .finish()
    }
}
