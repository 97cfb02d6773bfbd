//! Borrowed pixels of any format, and the upright RGB image that the rest of the library works on.
//!
//! A [`Frame`] borrows what a camera, a video decoder or an image library holds: a [`PixelFormat`], a size, and a
//! [`Plane`] or more, each checked before a byte is read. From it come upright RGB pixels, whole
//! ([`Frame::upright`]) or in part ([`Frame::upright_region`]), and positions in either direction. An [`Image`] owns
//! such pixels, and reads and writes image files.

mod borrowed;
mod convert;
mod decode;
mod exif;
mod extension;
mod fault;
mod format;
mod heif;
mod image;
mod integrity;
mod jpeg;
mod orientation;
mod plane;
mod region;
mod resize;
mod save;
mod view;

pub use borrowed::{Frame, Upright};
pub use decode::DecodeOptions;
#[doc(hidden)]
pub use decode::read_file;
#[doc(hidden)]
pub use extension::{IMAGE_EXTENSIONS, has_image_extension, unread_reason};
pub use format::{ColorMatrix, ColorRange, PixelFormat};
pub use image::Image;
pub use orientation::Rotation;
pub use plane::Plane;
pub use region::Region;
pub use view::RgbView;
