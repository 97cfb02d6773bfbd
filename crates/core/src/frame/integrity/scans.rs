//! The markers of a JPEG: how large its frame is, and how often its pixels are gone over.

use super::Fault;

/// A JPEG of any size may have as many scans. Encoders write about ten for a progressive image.
const ALWAYS_ALLOWED: u64 = 64;

/// The most pixels that all scans together go over, in a JPEG of more scans.
const MOST_PIXELS: u64 = 1 << 30;

/// Refuses a JPEG whose scans would take far longer to decode than its pixels: a scan of a few bytes goes over all of them.
pub(super) fn check(bytes: &[u8]) -> Result<(), Fault> {
    let scans = Markers(bytes).filter(|marker| marker.code == START_OF_SCAN).count() as u64;
    let (width, height) = frame_size(bytes).unwrap_or_default();
    if scans > ALWAYS_ALLOWED && scans * u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(Fault::Unsupported(format!("a JPEG that has {scans} scans of {width}x{height} pixels").into()));
    }
    Ok(())
}

/// Width and height that the first frame header says.
pub(super) fn frame_size(bytes: &[u8]) -> Option<(u16, u16)> {
    let frame = Markers(bytes).find(|marker| is_frame(marker.code))?;
    let [_precision, a, b, c, d] = *frame.content.first_chunk()?;
    Some((u16::from_be_bytes([c, d]), u16::from_be_bytes([a, b])))
}

const START_OF_SCAN: u8 = 0xda;

/// Whether a frame header follows the marker: all of `SOF0` to `SOF15` but for the tables (`DHT`, `DAC`) and `JPG` among them.
fn is_frame(code: u8) -> bool {
    matches!(code, 0xc0..=0xcf) && !matches!(code, 0xc4 | 0xc8 | 0xcc)
}

/// A marker with a length.
struct Marker<'a> {
    code: u8,
    /// What follows the length, as far as it is there.
    content: &'a [u8],
}

/// The markers with a length up to the end of the image.
struct Markers<'a>(&'a [u8]);

impl<'a> Iterator for Markers<'a> {
    type Item = Marker<'a>;

    fn next(&mut self) -> Option<Marker<'a>> {
        loop {
            // Over what is between markers, and the bytes of a scan.
            let start = self.0.iter().position(|&byte| byte == 0xff)?;
            let (&code, after) = self.0.get(start + 1..)?.split_first()?;
            match code {
                0xd9 => return None,
                0xff => self.0 = &self.0[start + 1..],
                0x00..=0x01 | 0xd0..=0xd8 => self.0 = after,
                _ => {
                    let length = after.first_chunk().map_or(0, |&length| u16::from_be_bytes(length).into());
                    let end = after.len().min(length);
                    self.0 = &after[end..];
                    return Some(Marker { code, content: after.get(2..end).unwrap_or_default() });
                }
            }
        }
    }
}
