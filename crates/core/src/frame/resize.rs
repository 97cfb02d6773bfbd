//! Resizing of images.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};

use super::Image;
use crate::error::{Error, ErrorKind, Result};

impl Image {
    /// Writes the image to `target`, resized to `width` x `height`, a size within the limits of frames.
    ///
    /// The filter grows with the factor of reduction, so that no source pixel is skipped.
    #[doc(hidden)]
    pub fn resize_into(
        &self,
        width: u32,
        height: u32,
        filter: FilterType,
        resizer: &mut Resizer,
        target: &mut Image,
    ) -> Result<()> {
        // The buffers have the right lengths: an image cannot be otherwise.
        let fail = |error: &dyn std::fmt::Display| Error::new(ErrorKind::Internal, format!("resizing failed: {error}"));
        let source =
            TypedImageRef::<U8x3>::from_buffer(self.width(), self.height(), self.data()).map_err(|e| fail(&e))?;
        let mut target = TypedImage::<U8x3>::from_buffer(width, height, target.reset(width, height))
            .map_err(|error| fail(&error))?;
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter));
        // Without the type of the pixels, the code for every type there is would be compiled and linked.
        resizer.resize_typed(&source, &mut target, &options).map_err(|error| fail(&error))
    }
}
