//! The owned upright RGB image.

use std::borrow::Cow;
use std::fmt;

use super::borrowed::{check_size, packed_len};
use super::{Frame, RgbView};
use crate::error::{Error, ErrorKind, Result};

/// An upright image in memory: packed 8-bit RGB, row after row from the top. It has at least one pixel.
///
/// The default image is one black pixel: the start of a buffer for the functions that end in `_into`.
#[derive(Clone)]
pub struct Image {
    width: u32,
    height: u32,
    data: Vec<u8>,
    doubt: Option<Cow<'static, str>>,
}

impl Default for Image {
    fn default() -> Self {
        Self { width: 1, height: 1, data: vec![0; 3], doubt: None }
    }
}

/// Images are equal if their pixels are.
impl PartialEq for Image {
    fn eq(&self, other: &Self) -> bool {
        (self.width, self.height, &self.data) == (other.width, other.height, &other.data)
    }
}

impl Eq for Image {}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({}x{})", self.width, self.height)
    }
}

impl Image {
    /// An image of `width` x `height` pixels over `data` of exactly `width * height * 3` bytes.
    ///
    /// # Errors
    /// [`ErrorKind::FrameInvalid`] if a side is zero or the length differs, [`ErrorKind::ImageTooLarge`] if the
    /// size is past the limits of [`Frame`].
    pub fn from_rgb(width: u32, height: u32, data: Vec<u8>) -> Result<Self> {
        check_size(width, height)?;
        let needed = packed_len(width, height);
        if data.len() != needed {
            return Err(Error::new(
                ErrorKind::FrameInvalid,
                format!("an RGB image of {width}x{height} has {needed} bytes, {} given", data.len()),
            ));
        }
        Ok(Self { width, height, data, doubt: None })
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The pixels: red, green and blue in turn, `3 * width` bytes a row.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The pixels, without the image around them.
    pub fn into_data(self) -> Vec<u8> {
        self.data
    }

    /// What is wrong with the file that the image was read from, though all its pixels are there: a JPEG without its end
    /// marker, for instance. None for any other image. It is worth a warning.
    pub fn doubt(&self) -> Option<&str> {
        self.doubt.as_deref()
    }

    pub(super) fn into_doubt(self) -> Option<Cow<'static, str>> {
        self.doubt
    }

    pub(super) fn set_doubt(&mut self, doubt: Cow<'static, str>) {
        self.doubt = Some(doubt);
    }

    /// The image as a frame, without copying.
    pub fn frame(&self) -> Frame<'_> {
        Frame::of_image(self)
    }

    /// The pixels with their size.
    pub fn view(&self) -> RgbView<'_> {
        RgbView::new(self.width as usize, self.height as usize, self.width as usize * 3, &self.data)
    }

    /// Gives the image another size, which has been checked, and hands out its pixels to be filled.
    pub(crate) fn reset(&mut self, width: u32, height: u32) -> &mut [u8] {
        (self.width, self.height, self.doubt) = (width, height, None);
        self.data.resize(packed_len(width, height), 0);
        &mut self.data
    }
}
