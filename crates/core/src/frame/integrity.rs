//! What must hold of an image file before it is decoded: faults that decoders pass over in silence, or stumble on.

mod scans;
mod tiff;

use std::borrow::Cow;

use image::ImageFormat;

/// Why a file is not decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// A process of the standard that is not read, or more of something than is.
    Unsupported(Cow<'static, str>),
    /// Something is missing or contradicts itself.
    Damaged(&'static str),
}

/// Looks through the structure of a file that begins as `format` does.
pub(super) fn check(format: ImageFormat, bytes: &[u8]) -> Result<(), Fault> {
    match format {
        ImageFormat::Jpeg => check_jpeg(bytes).and_then(|()| scans::check(bytes)),
        ImageFormat::Png => check_png(bytes),
        ImageFormat::WebP => check_webp(bytes),
        ImageFormat::Tiff => tiff::check(bytes),
        _ => Ok(()),
    }
}

/// Looks at the markers before the first scan for what is not read.
fn check_jpeg(bytes: &[u8]) -> Result<(), Fault> {
    const FILL: u8 = 0xff;
    const END_OF_IMAGE: u8 = 0xd9;
    const START_OF_SCAN: u8 = 0xda;

    let mut rest = bytes;
    // Each step goes to the next 0xff: over what stands between markers.
    while let Some(start) = rest.iter().position(|&byte| byte == FILL) {
        let Some((&code, after)) = rest[start + 1..].split_first() else { break };
        rest = match code {
            END_OF_IMAGE | START_OF_SCAN => break,
            FILL => &rest[start + 1..],
            // A stuffed zero, a temporary marker, a restart, the start of the image: nothing belongs to them.
            0x00..=0x01 | 0xd0..=0xd8 => after,
            _ => {
                let length = after.first_chunk().map_or(0, |&length| u16::from_be_bytes(length).into());
                if let Some(process) = unsupported_process(code, after.get(2).copied()) {
                    return Err(Fault::Unsupported(process.into()));
                }
                after.get(length..).unwrap_or_default()
            }
        };
    }
    Ok(())
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

/// Looks at the palette: the decoder (`png` 0.18.1) panics at one that does not end with a whole colour.
fn check_png(bytes: &[u8]) -> Result<(), Fault> {
    const SIGNATURE: usize = 8;
    /// A chunk's length and name before its content, and its checksum behind it.
    const AROUND_CONTENT: usize = 12;

    let mut rest = bytes.get(SIGNATURE..).unwrap_or_default();
    while let Some((&length, after)) = rest.split_first_chunk() {
        let length = u32::from_be_bytes(length) as usize;
        if after.starts_with(b"PLTE") && !length.is_multiple_of(3) {
            return Err(Fault::Damaged("its palette does not end with a whole colour"));
        }
        rest = rest.get(length.saturating_add(AROUND_CONTENT)..).unwrap_or_default();
    }
    Ok(())
}

/// Compares the lengths in the headers of the file and its chunks: the decoder takes missing bytes for zeros, and as much memory
/// for metadata as a chunk says it has.
fn check_webp(bytes: &[u8]) -> Result<(), Fault> {
    const HEADER: usize = 8;
    const SIGNATURE: usize = 12;

    let length = bytes.get(4..HEADER).and_then(<[u8]>::first_chunk).map_or(0, |&length| u32::from_le_bytes(length));
    let end = (length as usize).checked_add(HEADER).filter(|&end| end <= bytes.len());
    let Some(chunks) = end.and_then(|end| bytes.get(SIGNATURE..end)) else {
        return Err(Fault::Damaged("it is shorter than its header says"));
    };
    match chunks_are_whole(chunks) {
        true => Ok(()),
        false => Err(Fault::Damaged("one of its chunks is shorter than it says")),
    }
}

/// Whether each chunk of a WebP file, and each in a frame of an animation, has the bytes that it says.
fn chunks_are_whole(mut rest: &[u8]) -> bool {
    /// Place, size and duration of a frame, before its chunks.
    const FRAME_HEADER: usize = 16;

    while let Some((&[a, b, c, d, length @ ..], after)) = rest.split_first_chunk::<8>() {
        let length = u32::from_le_bytes(length) as usize;
        let Some(content) = after.get(..length) else { return false };
        if [a, b, c, d] == *b"ANMF" && !content.get(FRAME_HEADER..).is_some_and(chunks_are_whole) {
            return false;
        }
        rest = after.get(length.next_multiple_of(2)..).unwrap_or_default();
    }
    true
}
