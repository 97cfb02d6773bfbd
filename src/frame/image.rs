//! The owned upright RGB image.

use super::{Frame, RgbView};
use crate::error::{Error, ErrorKind, Result};

/// An upright image in memory: packed 8-bit RGB, row after row from the top.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Image {
    width: u32,
    height: u32,
    data: Vec<u8>,
}

impl Image {
    /// An image of `width` x `height` pixels over `data` of exactly `width * height * 3` bytes.
    ///
    /// # Errors
    /// [`ErrorKind::FrameInvalid`] if a side is zero or the length differs.
    pub fn from_rgb(width: u32, height: u32, data: Vec<u8>) -> Result<Self> {
        if width == 0 || height == 0 || data.len() != width as usize * height as usize * 3 {
            return Err(Error::new(ErrorKind::FrameInvalid, "wrong size"));
        }
        Ok(Self { width, height, data })
    }

    /// Reads and decodes the file at `path`.
    pub fn open(path: impl AsRef<std::path::Path>) -> Result<Self> {
        let decoded = image::open(path).map_err(|e| Error::new(ErrorKind::ImageDecode, e.to_string()))?.into_rgb8();
        Self::from_rgb(decoded.width(), decoded.height(), decoded.into_raw())
    }

    /// Decodes the image in `bytes`.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let decoded = image::load_from_memory(bytes).map_err(|e| Error::new(ErrorKind::ImageDecode, e.to_string()))?.into_rgb8();
        Self::from_rgb(decoded.width(), decoded.height(), decoded.into_raw())
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The pixels.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The image as a frame, without copying.
    pub fn frame(&self) -> Frame<'_> {
        Frame::rgb(self.width, self.height, &self.data).expect("an image is a valid frame")
    }

    /// The pixels with their size.
    pub fn view(&self) -> RgbView<'_> {
        RgbView::new(self.width as usize, self.height as usize, self.width as usize * 3, &self.data)
    }
}
