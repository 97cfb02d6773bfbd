//! Image files to upright RGB.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use image::{ColorType, DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use super::borrowed::check_size;
use super::fault::{damaged, name_of, too_large, unsupported};
use super::integrity::{self, Fault};
use super::jpeg::Jpeg;
use super::{Image, Rotation, exif, heif};
use crate::error::{Error, ErrorKind, Result};
use crate::internal::fence::fenced;

/// Memory that a decoder may take before the size of the image is known, in bytes.
const HEADER_MEMORY: u64 = 16 << 20;

/// Offset, first bytes and name of formats that are not read but often met.
const OTHER_FORMATS: &[(usize, &[u8], &str)] =
    &[(4, b"jP  ", "JPEG 2000"), (4, b"JXL ", "JPEG XL"), (0, b"\xff\x0a", "JPEG XL")];

/// What may be read, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeOptions {
    /// The largest number of pixels, read from the header before anything is decoded. Default: 256 million, which
    /// take 768 MB as RGB, and while they are decoded two to three times as much: phones take photos of 200.
    pub max_pixels: u64,
    /// The largest size of a file in bytes. Default: 256 MiB.
    pub max_bytes: u64,
    /// Whether the orientation in the Exif data turns the image upright. Default: `true`.
    pub apply_orientation: bool,
}

impl Default for DecodeOptions {
    fn default() -> Self {
        Self { max_pixels: 256_000_000, max_bytes: 256 << 20, apply_orientation: true }
    }
}

/// # Image files
///
/// JPEG, PNG, WebP, BMP, TIFF and GIF are read, known by their content and not by the name of the file: palettes,
/// gray, 16 bits (scaled to 8) and CMYK included. Of an animation the first picture is read. Transparency is
/// dropped: the colour stored under a transparent pixel is taken as it is. ICC profiles are not applied. Pixels of
/// floating point have no agreed white and are refused.
///
/// A file that breaks off is an error, never a picture with a gray rest. A JPEG without its end marker, or with stray bytes
/// between its parts, is read if all its pixels are there, and [says so](Image::doubt).
///
/// HEIC and AVIF are read where libheif is installed (`libheif.so.1`, opened at run time). It turns them upright itself,
/// whatever [`DecodeOptions::apply_orientation`] says.
impl Image {
    /// Reads the image file at `path` with the default options.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] or [`ErrorKind::Io`] if it cannot be read; otherwise as [`Image::decode`]. The
    /// message names the file.
    ///
    /// ```no_run
    /// let image = facenet::Image::open("portrait.jpg")?;
    /// println!("{} x {}", image.width(), image.height());
    /// # Ok::<(), facenet::Error>(())
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, &DecodeOptions::default())
    }

    /// Reads the image file at `path`.
    ///
    /// # Errors
    /// As [`Image::open`].
    pub fn open_with(path: impl AsRef<Path>, options: &DecodeOptions) -> Result<Self> {
        let path = path.as_ref();
        let mut bytes = Vec::new();
        read_file(path, options, &mut bytes)?;
        Self::decode_with(&bytes, options).map_err(|error| error.context(path.display()))
    }

    /// Decodes an image file in memory with the default options.
    ///
    /// # Errors
    /// - [`ErrorKind::ImageDecode`] if the bytes are not an image, are damaged or break off.
    /// - [`ErrorKind::ImageUnsupported`] if they are an image of a kind that is not read.
    /// - [`ErrorKind::ImageTooLarge`] if the image or the file is larger than allowed.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        Self::decode_with(bytes, &DecodeOptions::default())
    }

    /// Decodes an image file in memory.
    ///
    /// # Errors
    /// As [`Image::decode`].
    pub fn decode_with(bytes: &[u8], options: &DecodeOptions) -> Result<Self> {
        if bytes.len() as u64 > options.max_bytes {
            return Err(Error::new(
                ErrorKind::ImageTooLarge,
                format!("the file has more than {} bytes: raise max_bytes, or save it smaller", options.max_bytes),
            ));
        }
        if let Some(name) = heif_name(bytes) {
            return heif::decode(name, bytes, |width, height| check_pixels(width, height, options.max_pixels));
        }
        let format = format_of(bytes)?;
        integrity::check(format, bytes).map_err(|fault| match fault {
            Fault::Unsupported(process) => unsupported(&process),
            Fault::Damaged(cause) => damaged(format, cause),
        })?;
        // Decoders have had faults that only a damaged file finds. Nothing of what they work on is used afterwards.
        let image = fenced(|| read_pixels(format, bytes, options))
            .unwrap_or_else(|_| Err(damaged(format, "its decoder failed")))?;
        match options.apply_orientation {
            true => upright(image, exif::orientation(format, bytes)),
            false => Ok(image),
        }
    }
}

/// Reads the file at `path` into `bytes`, in place of what they hold. Of a file larger than is allowed, one byte more than that is
/// read, which the decoder refuses.
pub fn read_file(path: &Path, options: &DecodeOptions, bytes: &mut Vec<u8>) -> Result<()> {
    bytes.clear();
    File::open(path)
        .and_then(|file| {
            let length = file.metadata()?.len();
            bytes.reserve_exact(length.min(options.max_bytes) as usize);
            file.take(options.max_bytes.saturating_add(1)).read_to_end(bytes)
        })
        .map(drop)
        .map_err(|error| Error::io("read", path, error))
}

/// Decodes the pixels as they are stored.
fn read_pixels(format: ImageFormat, bytes: &[u8], options: &DecodeOptions) -> Result<Image> {
    if format == ImageFormat::Jpeg {
        let jpeg = Jpeg::new(bytes)?;
        let (width, height) = jpeg.size();
        check_pixels(width, height, options.max_pixels)?;
        return jpeg.decode(decoding_memory(width, height) as usize);
    }
    let fail = |error| decode_error(format, error);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(memory_limit(HEADER_MEMORY));
    let mut decoder = reader.into_decoder().map_err(fail)?;
    let (width, height) = decoder.dimensions();
    check_pixels(width, height, options.max_pixels)?;
    decoder.set_limits(memory_limit(decoding_memory(width, height))).map_err(fail)?;
    refuse_float(format, decoder.color_type())?;
    let pixels = DynamicImage::from_decoder(decoder).map_err(fail)?.into_rgb8().into_raw();
    Image::from_rgb(width, height, pixels)
}

/// The image turned upright from an orientation of the Exif standard.
fn upright(image: Image, orientation: u8) -> Result<Image> {
    let (rotation, mirror) = match orientation {
        2 => (Rotation::None, true),
        3 => (Rotation::Clockwise180, false),
        4 => (Rotation::Clockwise180, true),
        5 => (Rotation::Clockwise90, true),
        6 => (Rotation::Clockwise90, false),
        7 => (Rotation::Clockwise270, true),
        8 => (Rotation::Clockwise270, false),
        _ => return Ok(image),
    };
    let mut turned = Image::default();
    image.frame().with_rotation(rotation).with_mirror(mirror).upright_into(&mut turned)?;
    if let Some(doubt) = image.into_doubt() {
        turned.set_doubt(doubt);
    }
    Ok(turned)
}

/// The name of a format that libheif reads, if the bytes begin as one.
fn heif_name(bytes: &[u8]) -> Option<&'static str> {
    match bytes.get(4..)?.strip_prefix(b"ftyp")?.first_chunk()? {
        b"avif" | b"avis" => Some("AVIF"),
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => Some("HEIC"),
        _ => None,
    }
}

/// The format that the bytes begin with, if it is one that is read.
fn format_of(bytes: &[u8]) -> Result<ImageFormat> {
    if bytes.is_empty() {
        return Err(Error::new(ErrorKind::ImageDecode, "the file is empty"));
    }
    let other =
        |&&(offset, magic, _): &&(usize, &[u8], &str)| bytes.get(offset..).is_some_and(|b| b.starts_with(magic));
    if let Some((_, _, name)) = OTHER_FORMATS.iter().find(other) {
        return Err(unsupported(name));
    }
    match image::guess_format(bytes) {
        Ok(format) if format.reading_enabled() => Ok(format),
        Ok(format) => Err(unsupported(&name_of(format))),
        Err(_) => Err(Error::new(
            ErrorKind::ImageDecode,
            "the bytes are not an image: JPEG, PNG, WebP, BMP, TIFF, GIF and, with libheif, HEIC and AVIF are read",
        )),
    }
}

fn check_pixels(width: u32, height: u32, max_pixels: u64) -> Result<()> {
    check_size(width, height).map_err(|error| match error.kind() {
        ErrorKind::FrameInvalid => Error::new(ErrorKind::ImageDecode, "the image has no pixels"),
        _ => error,
    })?;
    if u64::from(width) * u64::from(height) > max_pixels {
        return Err(Error::new(
            ErrorKind::ImageTooLarge,
            format!(
                "the image has {width}x{height} pixels, the limit is {max_pixels}: raise max_pixels, or scale it down"
            ),
        ));
    }
    Ok(())
}

fn memory_limit(bytes: u64) -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(bytes);
    limits
}

/// Memory for decoding: the largest pixels (16 bits, four channels) twice, and what small images need besides.
fn decoding_memory(width: u32, height: u32) -> u64 {
    16 * u64::from(width) * u64::from(height) + HEADER_MEMORY
}

fn refuse_float(format: ImageFormat, color: ColorType) -> Result<()> {
    match color {
        ColorType::Rgb32F | ColorType::Rgba32F => {
            Err(unsupported(&format!("{} with pixels of floating point", name_of(format))))
        }
        _ => Ok(()),
    }
}

fn decode_error(format: ImageFormat, error: ImageError) -> Error {
    let name = name_of(format);
    match error {
        ImageError::Unsupported(cause) => unsupported(&format!("this kind of {name} ({cause})")).with_source(cause),
        ImageError::Limits(cause) => too_large(format, &cause).with_source(cause),
        cause => damaged(format, &cause).with_source(cause),
    }
}
