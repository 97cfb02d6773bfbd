//! JPEG pixels, equal to libjpeg's to the last bit.
//!
//! Decoders may differ by a few levels in how they round and upsample colour. Such differences move MTCNN's choice
//! between neighbouring candidates by several pixels, so the reference decoder is followed exactly.

mod convert;
mod extent;
mod upsample;

use image::ImageFormat;
use libjpeg_turbo_rs::{ColorSpace, DecodeWarning, Decoder, FrameHeader, JpegError, PixelFormat};

use super::Image;
use super::fault::{damaged, too_large, unsupported};
use crate::error::{Error, Result};
use convert::Conversion;

/// A JPEG whose headers have been read.
pub(super) struct Jpeg<'a> {
    bytes: std::borrow::Cow<'a, [u8]>,
    has_end: bool,
    width: u32,
    height: u32,
}

impl<'a> Jpeg<'a> {
    /// Reads the headers.
    ///
    /// A file without its end marker is taken if all its pixels are there, whatever stands behind them.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self> {
        let (bytes, has_end) = extent::of(bytes).ok_or_else(|| damaged(ImageFormat::Jpeg, "its end is missing"))?;
        let decoder = Decoder::new(&bytes).map_err(failed)?;
        let (width, height) = (decoder.header().width.into(), decoder.header().height.into());
        Ok(Self { bytes, has_end, width, height })
    }

    /// Width and height as stored.
    pub(super) fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// The pixels as stored. `max_memory` bounds the bytes that decoding takes.
    ///
    /// Stray bytes between the parts of a file, as some cameras write them, do no harm; whatever else is found wrong does.
    pub(super) fn decode(self, max_memory: usize) -> Result<Image> {
        let decoder = Decoder::new(&self.bytes).map_err(failed)?.with_max_memory(max_memory);
        let color = decoder.jpeg_color_space();
        let (pixels, warnings) = match is_common(decoder.header(), color) {
            true => {
                let image = decoder.with_output_format(PixelFormat::Rgb).decode_image().map_err(failed)?;
                (image.data, image.warnings)
            }
            false => decode_planes(decoder, color)?,
        };
        let mut stray = 0;
        for warning in &warnings {
            match warning {
                DecodeWarning::ExtraneousData { bytes } => stray += bytes,
                _ => return Err(damaged(ImageFormat::Jpeg, warning)),
            }
        }
        let mut image = Image::from_rgb(self.width, self.height, pixels)?;
        if !self.has_end {
            image.set_doubt("a JPEG without its end marker, but with all its pixels".into());
        } else if stray > 0 {
            image.set_doubt(format!("a JPEG with {stray} stray bytes between its parts").into());
        }
        Ok(image)
    }
}

/// Whether the decoder makes RGB of such a frame itself: it takes the first component for the one with the most samples, and
/// leaves inks (CMYK, YCCK) as they are.
fn is_common(frame: &FrameHeader, color: ColorSpace) -> bool {
    let most = |samples: fn(&libjpeg_turbo_rs::ComponentInfo) -> u8| frame.components.iter().map(samples).max();
    match (&frame.components[..], color) {
        (_, ColorSpace::Grayscale) => true,
        ([first, ..], ColorSpace::Rgb | ColorSpace::YCbCr) => {
            Some(first.horizontal_sampling) == most(|component| component.horizontal_sampling)
                && Some(first.vertical_sampling) == most(|component| component.vertical_sampling)
        }
        _ => false,
    }
}

/// RGB from the samples of each component.
fn decode_planes(decoder: Decoder<'_>, color: ColorSpace) -> Result<(Vec<u8>, Vec<DecodeWarning>)> {
    let conversion = match color {
        ColorSpace::YCbCr => Conversion::YCbCr,
        ColorSpace::Rgb => Conversion::Rgb,
        ColorSpace::Cmyk => Conversion::Cmyk,
        ColorSpace::Ycck => Conversion::Ycck,
        _ => return Err(unsupported("this kind of JPEG (its colours)")),
    };
    let frame = decoder.header();
    let (width, height) = (usize::from(frame.width), usize::from(frame.height));
    let factors = upsample::factors(frame)
        .ok_or_else(|| unsupported("this kind of JPEG (sampling factors that are no multiples of each other)"))?;
    let (raw, warnings) = decoder.decode_raw_with_warnings().map_err(failed)?;
    let planes: Vec<upsample::Plane<'_>> = raw
        .planes
        .iter()
        .zip(&raw.plane_widths)
        .zip(&factors)
        .map(|((samples, &stride), &factor)| upsample::Plane::new(samples, stride, (width, height), factor))
        .collect();
    let mut rows = vec![vec![0; width.next_multiple_of(upsample::MOST)]; planes.len()];
    let mut pixels = vec![0; 3 * width * height];
    for (y, out) in pixels.chunks_exact_mut(3 * width).enumerate() {
        for (plane, row) in planes.iter().zip(&mut rows) {
            plane.upsample(y, row);
        }
        conversion.convert(&rows, out);
    }
    Ok((pixels, warnings))
}

fn failed(error: JpegError) -> Error {
    match &error {
        JpegError::Unsupported(_) => unsupported(&format!("this kind of JPEG ({error})")),
        JpegError::LimitExceeded { .. } => too_large(ImageFormat::Jpeg, &error),
        _ => damaged(ImageFormat::Jpeg, &error),
    }
    .with_source(error)
}
