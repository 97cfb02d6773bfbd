//! Writing images to files.

use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

use super::Image;
use crate::error::{Error, ErrorKind, Result};
use crate::internal::files;

const JPEG_QUALITY: u8 = 95;

/// The formats that are written.
#[derive(Clone, Copy)]
enum Encoding {
    Png,
    Jpeg { quality: u8 },
}

impl Image {
    /// Writes the image to `path`: as PNG if the name ends in `.png`, as JPEG of quality 95 if in `.jpg` or `.jpeg`.
    ///
    /// The file appears whole or not at all: it is written beside its place under another name, then renamed. An
    /// existing file is replaced.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the name ends otherwise, [`ErrorKind::NotFound`] if the folder does not
    /// exist, [`ErrorKind::Io`] if writing fails.
    ///
    /// ```no_run
    /// # fn main() -> facenet::Result<()> {
    /// let image = facenet::Image::open("portrait.webp")?;
    /// image.save("portrait.png")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let bytes = self.encode(Encoding::of(path)?)?;
        files::write_whole(path, |file| file.write_all(&bytes))
    }

    /// The image as a PNG file.
    #[doc(hidden)]
    pub fn encode_png(&self) -> Result<Vec<u8>> {
        self.encode(Encoding::Png)
    }

    /// The image as a JPEG file.
    #[doc(hidden)]
    pub fn encode_jpeg(&self, quality: u8) -> Result<Vec<u8>> {
        self.encode(Encoding::Jpeg { quality })
    }

    fn encode(&self, encoding: Encoding) -> Result<Vec<u8>> {
        let (width, height, color) = (self.width(), self.height(), ExtendedColorType::Rgb8);
        let mut bytes = Vec::new();
        match encoding {
            Encoding::Png => PngEncoder::new(&mut bytes).write_image(self.data(), width, height, color),
            Encoding::Jpeg { quality } => {
                JpegEncoder::new_with_quality(&mut bytes, quality).write_image(self.data(), width, height, color)
            }
        }
        .map_err(|error| {
            let message = format!("an image of {width}x{height} cannot be encoded: {error}");
            Error::new(ErrorKind::InvalidArgument, message).with_source(error)
        })?;
        Ok(bytes)
    }
}

impl Encoding {
    fn of(path: &Path) -> Result<Self> {
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        match extension.as_deref() {
            Some("png") => Ok(Self::Png),
            Some("jpg" | "jpeg") => Ok(Self::Jpeg { quality: JPEG_QUALITY }),
            _ => Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("{}: images are written to names that end in .png, .jpg or .jpeg", path.display()),
            )),
        }
    }
}
