//! Borrowed pixels of any format, and the upright RGB image that the rest of the library works on.

mod image;
mod view;

pub use image::Image;
pub use view::RgbView;

use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Point, Rect};

/// Borrowed pixels: format, size, planes, and how to turn them upright.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    view: RgbView<'a>,
}

/// The upright RGB pixels of a frame: borrowed where it is upright RGB already, converted otherwise.
#[derive(Debug)]
pub enum Upright<'a> {
    /// The frame's own pixels.
    Borrowed(RgbView<'a>),
    /// Converted pixels.
    Owned(Image),
}

impl Upright<'_> {
    /// The pixels.
    pub fn view(&self) -> RgbView<'_> {
        match self {
            Upright::Borrowed(view) => *view,
            Upright::Owned(image) => image.view(),
        }
    }
}

impl<'a> Frame<'a> {
    /// A frame over packed RGB pixels, row after row.
    ///
    /// # Errors
    /// [`ErrorKind::FrameInvalid`] if a side is zero or `data` is shorter than the rows need.
    pub fn rgb(width: u32, height: u32, data: &'a [u8]) -> Result<Self> {
        let need = width as usize * height as usize * 3;
        if width == 0 || height == 0 || data.len() < need {
            return Err(Error::new(
                ErrorKind::FrameInvalid,
                format!("an RGB frame of {width}x{height} needs {need} bytes, {} given", data.len()),
            ));
        }
        Ok(Self { view: RgbView::new(width as usize, height as usize, width as usize * 3, data) })
    }

    /// Width of the stored pixels.
    pub fn width(&self) -> u32 {
        self.view.width() as u32
    }

    /// Height of the stored pixels.
    pub fn height(&self) -> u32 {
        self.view.height() as u32
    }

    /// The whole frame, upright and in RGB.
    pub fn upright(&self) -> Result<Upright<'a>> {
        Ok(Upright::Borrowed(self.view))
    }

    /// A point of the upright image in the coordinates of the stored pixels.
    pub fn to_stored(&self, point: Point) -> Point {
        point
    }

    /// A point of the stored pixels in the coordinates of the upright image.
    pub fn to_upright(&self, point: Point) -> Point {
        point
    }

    /// A rectangle of the upright image in the coordinates of the stored pixels.
    pub fn rect_to_stored(&self, rect: Rect) -> Rect {
        rect
    }

    /// A rectangle of the stored pixels in the coordinates of the upright image.
    pub fn rect_to_upright(&self, rect: Rect) -> Rect {
        rect
    }
}
