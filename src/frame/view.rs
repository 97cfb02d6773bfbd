//! Borrowed upright RGB pixels: what the stages work on.

/// Borrowed 8-bit RGB pixels, upright; rows may be padded.
#[derive(Debug, Clone, Copy)]
pub struct RgbView<'a> {
    width: usize,
    height: usize,
    stride: usize,
    data: &'a [u8],
}

impl<'a> RgbView<'a> {
    /// A view over `data`, whose rows start `stride` bytes apart. The caller has checked the lengths.
    pub(crate) fn new(width: usize, height: usize, stride: usize, data: &'a [u8]) -> Self {
        debug_assert!(stride >= width * 3 && data.len() >= stride * (height - 1) + width * 3);
        Self { width, height, stride, data }
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
    pub fn row(&self, y: usize) -> &'a [u8] {
        &self.data[y * self.stride..][..self.width * 3]
    }
}
