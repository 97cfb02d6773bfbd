//! Resizing of images.

use fast_image_resize::images::{Image as Target, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeError, ResizeOptions, Resizer};

use super::Image;
use crate::error::{Error, ErrorKind, Result};

impl Image {
    /// Writes the image to `target`, resized to `width` x `height`, a size within the limits of frames.
    ///
    /// The filter grows with the factor of reduction, so that no source pixel is skipped.
    pub(crate) fn resize_into(
        &self,
        width: u32,
        height: u32,
        filter: FilterType,
        resizer: &mut Resizer,
        target: &mut Image,
    ) -> Result<()> {
        // The buffers have the right lengths: an image cannot be otherwise.
        let fail = |error: &dyn std::fmt::Display| Error::new(ErrorKind::Internal, format!("resizing failed: {error}"));
        let source = ImageRef::new(self.width(), self.height(), self.data(), PixelType::U8x3).map_err(|e| fail(&e))?;
        let mut target = Target::from_slice_u8(width, height, target.reset(width, height), PixelType::U8x3)
            .map_err(|error| fail(&error))?;
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter));
        resizer.resize(&source, &mut target, &options).map_err(|error: ResizeError| fail(&error))
    }
}
