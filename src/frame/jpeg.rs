//! JPEG pixels, equal to libjpeg's to the last bit.
//!
//! Decoders may differ by a few levels in how they round and upsample colour. Such differences move MTCNN's choice
//! between neighbouring candidates by several pixels, so the reference decoder is followed exactly.

use libjpeg_turbo_rs::{ColorSpace, Decoder, JpegError, PixelFormat};

/// Packed RGB pixels of a JPEG, or `None` if it is stored in inks (CMYK, YCCK), which libjpeg leaves as they are.
/// `max_memory` bounds the bytes that decoding takes.
pub(super) fn decode_rgb(bytes: &[u8], max_memory: usize) -> Result<Option<Vec<u8>>, JpegError> {
    let decoder = Decoder::new(bytes)?;
    match decoder.jpeg_color_space() {
        ColorSpace::Grayscale | ColorSpace::Rgb | ColorSpace::YCbCr => {}
        _ => return Ok(None),
    }
    let decoder = decoder.with_output_format(PixelFormat::Rgb).with_max_memory(max_memory).with_stop_on_warning(true);
    decoder.decode_image().map(|image| Some(image.data))
}
