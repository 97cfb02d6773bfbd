//! The errors of image files that cannot be read.

use image::ImageFormat;

use crate::error::{Error, ErrorKind};

/// A kind of image that is not read.
pub(super) fn unsupported(name: &str) -> Error {
    Error::new(ErrorKind::ImageUnsupported, not_read(name))
}

/// That a kind of image is not read, and what to do.
pub(super) fn not_read(name: &str) -> String {
    match name {
        "HEIC" | "AVIF" => format!(
            "{name} is not read, since libheif is not there: install it (libheif1 on Debian and Ubuntu), or convert it to JPEG"
        ),
        _ => format!("{name} is not read: convert it to baseline JPEG or 8-bit PNG"),
    }
}

/// An image whose decoding would take more memory than its size allows.
pub(super) fn too_large(format: ImageFormat, cause: impl std::fmt::Display) -> Error {
    let name = name_of(format);
    Error::new(ErrorKind::ImageTooLarge, format!("{name} that takes too much memory to decode: {cause}"))
}

/// An image that breaks off or contradicts its format.
pub(super) fn damaged(format: ImageFormat, cause: impl std::fmt::Display) -> Error {
    Error::new(
        ErrorKind::ImageDecode,
        format!("{} that is damaged or breaks off ({cause}): copy or export it again", name_of(format)),
    )
}

/// The name of a format, as messages write it.
pub(super) fn name_of(format: ImageFormat) -> String {
    format!("{format:?}").to_uppercase()
}
