//! Writing images to files.

use std::io::{BufWriter, Write};
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageError};

use super::Image;
use crate::error::{Error, ErrorKind, Result};

const JPEG_QUALITY: u8 = 95;

/// The formats that are written.
#[derive(Clone, Copy)]
enum Encoding {
    Png,
    Jpeg,
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
        let encoding = Encoding::of(path)?;
        write_whole(path, |file| self.encode(encoding, file))
    }

    fn encode(&self, encoding: Encoding, file: &mut dyn Write) -> Result<(), ImageError> {
        let (width, height, color) = (self.width(), self.height(), ExtendedColorType::Rgb8);
        match encoding {
            Encoding::Png => PngEncoder::new(file).write_image(self.data(), width, height, color),
            Encoding::Jpeg => {
                JpegEncoder::new_with_quality(file, JPEG_QUALITY).write_image(self.data(), width, height, color)
            }
        }
    }
}

impl Encoding {
    fn of(path: &Path) -> Result<Self> {
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        match extension.as_deref() {
            Some("png") => Ok(Self::Png),
            Some("jpg" | "jpeg") => Ok(Self::Jpeg),
            _ => Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("{}: images are written to names that end in .png, .jpg or .jpeg", path.display()),
            )),
        }
    }
}

/// Writes a file through `write` in the folder of `path`, then gives it its name.
fn write_whole(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<(), ImageError>) -> Result<()> {
    let io_error = |error| Error::io("write", path, error);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        // Temporary files are private by default; this one is to have the permissions of any new file.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(folder).map_err(io_error)?;
    let mut writer = BufWriter::new(file);
    write(&mut writer).map_err(|error| match error {
        ImageError::IoError(error) => io_error(error),
        error => Error::new(ErrorKind::Io, format!("cannot write {}: {error}", path.display())).with_source(error),
    })?;
    let file = writer.into_inner().map_err(|error| io_error(error.into_error()))?;
    file.persist(path).map_err(|error| io_error(error.error))?;
    Ok(())
}
