//! What the ending of a file's name says about its content.

use std::path::Path;

use super::fault::not_read;
use super::heif;

/// Endings of the names of images that are read, in lower case. Of files that differ in their ending only, the one with
/// the first of these is preferred.
pub const IMAGE_EXTENSIONS: &[&str] = &[
    "jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff", "gif", // The usual ones.
    "jpe", "jif", "jfif", "jfi", "pjpeg", "pjp", "mpo", "apng", "dib",
];

/// Endings of the names of pictures that are read where libheif is installed.
const HEIF_EXTENSIONS: &[&str] = &["heic", "heif", "hif", "avif"];

/// Endings of the names of pictures that are not read, in lower case, with their formats.
const OTHER_PICTURES: &[(&str, &[&str])] = &[
    ("HEIC", &["heic", "heics", "heif", "heifs", "hif"]),
    ("AVIF", &["avif", "avifs"]),
    ("JPEG XL", &["jxl"]),
    ("JPEG 2000", &["jp2", "j2k", "jpf", "jpx", "j2c", "jpc"]),
    ("JPEG XR", &["jxr", "wdp", "hdp"]),
    (
        "camera raw",
        &[
            "raw", "dng", "cr2", "cr3", "crw", "nef", "nrw", "arw", "srf", "sr2", "raf", "orf", "rw2", "pef", "ptx",
            "srw", "x3f", "3fr", "fff", "iiq", "mef", "mos", "mrw", "kdc", "dcr", "erf", "rwl",
        ],
    ),
    ("Photoshop", &["psd", "psb"]),
    ("GIMP", &["xcf"]),
    ("SVG", &["svg", "svgz"]),
    ("PNM", &["pnm", "pbm", "pgm", "ppm", "pam"]),
    ("QOI", &["qoi"]),
    ("TGA", &["tga"]),
    ("PCX", &["pcx"]),
    ("ICO", &["ico"]),
    ("OpenEXR", &["exr"]),
    ("Radiance HDR", &["hdr"]),
];

/// Whether the name ends like that of an image that is read, in any case; the content is not looked at.
///
/// ```
/// assert!(facenet::dataset::has_image_extension("Name/IMG_0001.JPG"));
/// assert!(!facenet::dataset::has_image_extension("Name/notes.txt"));
/// ```
pub fn has_image_extension(path: impl AsRef<Path>) -> bool {
    ends_with(path.as_ref(), IMAGE_EXTENSIONS) || ends_with(path.as_ref(), HEIF_EXTENSIONS) && heif::is_installed()
}

/// Why a picture is not read and what to do, if the ending of its name says that it is of such a format.
pub fn unread_reason(path: impl AsRef<Path>) -> Option<String> {
    let (format, _) = OTHER_PICTURES.iter().find(|(_, endings)| ends_with(path.as_ref(), endings))?;
    Some(not_read(format))
}

fn ends_with(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|found| endings.iter().any(|known| found.eq_ignore_ascii_case(known)))
}
