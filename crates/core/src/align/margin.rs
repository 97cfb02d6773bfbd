//! The margin crop: the detection box, widened and resized (facenet's `align_dataset_mtcnn`).

use fast_image_resize::FilterType;

use super::AlignScratch;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Frame, Image, Region};
use crate::geometry::Rect;

/// The pixels of an image of `width` x `height` that a margin crop is made of.
///
/// Half of `margin` pixels is added on each side of the rectangle, what reaches past the image is cut off, and the
/// edges are rounded towards zero, as `align_dataset_mtcnn` does; these are the numbers that it writes to its
/// `bounding_boxes` file.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] if the rectangle is not [valid](Rect::is_valid) or no pixel is left.
///
/// ```
/// use facenet::align::margin_region;
/// use facenet::{Rect, frame::Region};
///
/// # fn main() -> facenet::Result<()> {
/// let region = margin_region(&Rect::new(70.9, 5.2, 180.4, 190.7), 33, 250, 200)?;
/// assert_eq!(region, Region::new(54, 0, 142, 200)); // x from 54.4 to 196.9, y from -11.3 to 207.2
/// # Ok(())
/// # }
/// ```
pub fn margin_region(rect: &Rect, margin: u32, width: u32, height: u32) -> Result<Region> {
    if !rect.is_valid() {
        return Err(Error::new(ErrorKind::InvalidArgument, format!("{rect:?} is not the box of a face")));
    }
    let half = f64::from(margin) / 2.0;
    // The casts round towards zero and end at the limits of the type.
    let start = |edge: f32| (f64::from(edge) - half).max(0.0) as u32;
    let end = |edge: f32, size: u32| (f64::from(edge) + half).min(f64::from(size)) as u32;
    let (x1, y1, x2, y2) = (start(rect.x1), start(rect.y1), end(rect.x2, width), end(rect.y2, height));
    if x1 >= x2 || y1 >= y2 {
        return Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("{rect:?} has no pixel inside the image of {width}x{height}"),
        ));
    }
    Ok(Region::new(x1, y1, x2 - x1, y2 - y1))
}

/// Resizes the region around `rect`, in upright coordinates, to `size` x `size` pixels.
///
/// This is what Pillow calls bilinear, and scipy's `imresize` with it: a triangle as wide as two source pixels when
/// enlarging, and as two target pixels when reducing, so that nothing is skipped.
pub(super) fn crop(
    frame: &Frame<'_>,
    rect: &Rect,
    margin: u32,
    size: u32,
    scratch: &mut AlignScratch,
    crop: &mut Image,
) -> Result<()> {
    let (width, height) = frame.upright_size();
    frame.upright_region_into(margin_region(rect, margin, width, height)?, &mut scratch.region)?;
    scratch.region.resize_into(size, size, FilterType::Bilinear, &mut scratch.resizer, crop)
}
