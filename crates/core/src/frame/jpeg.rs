//! JPEG pixels, equal to libjpeg's to the last bit.
//!
//! Decoders may differ by a few levels in how they round and upsample colour. Such differences move MTCNN's choice
//! between neighbouring candidates by several pixels, so the reference decoder is followed exactly.

use image::ImageFormat;
use libjpeg_turbo_rs::{ColorSpace, DecodeWarning, Decoder, JpegError, PixelFormat};

use super::fault::{damaged, too_large, unsupported};
use crate::error::{Error, Result};

/// Packed RGB pixels of a JPEG, or `None` if it is stored in inks (CMYK, YCCK), which libjpeg leaves as they are.
/// `max_memory` bounds the bytes that decoding takes.
///
/// Stray bytes between the parts of a file, as some cameras write them, do no harm; whatever else is found wrong does.
pub(super) fn decode_rgb(bytes: &[u8], max_memory: usize) -> Result<Option<Vec<u8>>> {
    let decoder = Decoder::new(bytes).map_err(failed)?;
    match decoder.jpeg_color_space() {
        ColorSpace::Grayscale | ColorSpace::Rgb | ColorSpace::YCbCr => {}
        _ => return Ok(None),
    }
    let decoder = decoder.with_output_format(PixelFormat::Rgb).with_max_memory(max_memory);
    let image = decoder.decode_image().map_err(failed)?;
    match image.warnings.iter().find(|warning| !matches!(warning, DecodeWarning::ExtraneousData { .. })) {
        Some(warning) => Err(damaged(ImageFormat::Jpeg, warning)),
        None => Ok(Some(image.data)),
    }
}

fn failed(error: JpegError) -> Error {
    match &error {
        JpegError::Unsupported(_) => unsupported(&format!("this kind of JPEG ({error})")),
        JpegError::LimitExceeded { .. } => too_large(ImageFormat::Jpeg, &error),
        _ => damaged(ImageFormat::Jpeg, &error),
    }
    .with_source(error)
}
