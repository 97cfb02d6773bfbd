//! Borrowed upright RGB pixels: what the stages work on.

use std::fmt;

/// Borrowed 8-bit RGB pixels, upright; rows may be padded.
#[derive(Clone, Copy)]
pub struct RgbView<'a> {
    width: usize,
    height: usize,
    stride: usize,
    data: &'a [u8],
}

impl<'a> RgbView<'a> {
    /// A view over `data`, whose rows start `stride` bytes apart. The caller has checked the lengths.
    pub(crate) fn new(width: usize, height: usize, stride: usize, data: &'a [u8]) -> Self {
        debug_assert!(stride >= width * 3 && (height == 0 || data.len() >= stride * (height - 1) + width * 3));
        Self { width, height, stride, data }
    }

    /// The bytes from the first pixel on, and the distance between rows.
    pub(super) fn bytes(&self) -> (&'a [u8], usize) {
        (self.data, self.stride)
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The `3 * width` bytes of row `y`.
    ///
    /// # Panics
    /// If `y` is not less than the height.
    pub fn row(&self, y: usize) -> &'a [u8] {
        assert!(y < self.height, "row {y} of {}", self.height);
        &self.data[y * self.stride..][..self.width * 3]
    }

    /// The rows from top to bottom, `3 * width` bytes each.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &'a [u8]> {
        let view = *self;
        (0..view.height).map(move |y| view.row(y))
    }

    /// The part of the view that lies in the `width` x `height` pixels from column `x` and row `y`.
    ///
    /// What reaches past the edges is left out; a view without pixels comes of a part that is wholly outside.
    #[must_use]
    pub fn crop(&self, x: usize, y: usize, width: usize, height: usize) -> RgbView<'a> {
        let (x, y) = (x.min(self.width), y.min(self.height));
        let (width, height) = (width.min(self.width - x), height.min(self.height - y));
        if width == 0 || height == 0 {
            return RgbView { width, height, stride: 0, data: &[] };
        }
        RgbView { width, height, stride: self.stride, data: &self.data[y * self.stride + 3 * x..] }
    }
}

impl fmt::Debug for RgbView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RgbView({}x{}, stride {})", self.width, self.height, self.stride)
    }
}
