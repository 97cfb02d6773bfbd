//! Borrowed pixels of any format, and the upright RGB image that the rest of the library works on.

mod borrowed;
mod convert;
mod decode;
mod format;
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
pub use format::{ColorMatrix, ColorRange, PixelFormat};
pub use image::Image;
pub use orientation::Rotation;
pub use plane::Plane;
pub use region::Region;
pub use view::RgbView;
