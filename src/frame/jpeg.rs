//! What the markers of a JPEG tell, where its decoder keeps silent: it fills up what is missing.

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
