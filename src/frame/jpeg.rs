//! JPEG: what the markers tell where decoders keep silent, and pixels equal to libjpeg's to the last bit.
//!
//! Decoders may differ by a few levels in how they round and upsample colour. Such differences move MTCNN's choice
//! between neighbouring candidates by several pixels, so the reference decoder is followed exactly.

use libjpeg_turbo_rs::{ColorSpace, Decoder, JpegError, PixelFormat};

/// Why a JPEG is not decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A process of the standard that is not read.
    Unsupported(&'static str),
    /// The markers do not lead to the end of the image.
    NoEnd,
}

const FILL: u8 = 0xff;
const END_OF_IMAGE: u8 = 0xd9;

/// Follows the markers to the end of the image.
pub(super) fn check(bytes: &[u8]) -> Result<(), Fault> {
    let mut rest = bytes;
    // Each step goes to the next 0xff: over the bytes of a scan, if there are any.
    while let Some(start) = rest.iter().position(|&byte| byte == FILL) {
        let Some((&code, after)) = rest[start + 1..].split_first() else { break };
        rest = match code {
            END_OF_IMAGE => return Ok(()),
            FILL => &rest[start + 1..],
            // A stuffed zero, a temporary marker, a restart, the start of the image: nothing belongs to them.
            0x00..=0x01 | 0xd0..=0xd8 => after,
            _ => {
                let length = after.first_chunk().map_or(0, |&length| u16::from_be_bytes(length).into());
                if let Some(process) = unsupported_process(code, after.get(2).copied()) {
                    return Err(Fault::Unsupported(process));
                }
                after.get(length..).unwrap_or_default()
            }
        };
    }
    Err(Fault::NoEnd)
}

/// The name of the process that the start-of-frame marker `code` announces, if it is not read.
fn unsupported_process(code: u8, precision: Option<u8>) -> Option<&'static str> {
    match code {
        0xc0..=0xc2 if precision == Some(12) => Some("12-bit JPEG"),
        0xc3 => Some("lossless JPEG"),
        0xc5..=0xc7 => Some("hierarchical JPEG"),
        0xc9..=0xcb | 0xcd..=0xcf => Some("arithmetic-coded JPEG"),
        _ => None,
    }
}

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
