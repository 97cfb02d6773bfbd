//! Drawings as SVG and PNG files.

use std::path::Path;

use plotters::backend::{BitMapBackend, SVGBackend};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::prelude::DrawingBackend;
use plotters::style::{FontStyle, register_font};

use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::frame::Image;
use facenet_core::internal::files;

/// Something that is drawn to files of either kind.
pub(crate) trait Drawing {
    /// Width and height in pixels.
    const SIZE: (u32, u32);

    fn draw<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, Shift>,
    ) -> std::result::Result<(), DrawingAreaErrorKind<DB::ErrorType>>;
}

/// Draws to the file `path`: as SVG if its name ends in `.svg`, as PNG if in `.png`.
pub(crate) fn write(path: &Path, drawing: &impl Drawing) -> Result<()> {
    let bytes = match picture_format(path)? {
        PictureFormat::Svg => svg(drawing)?.into_bytes(),
        PictureFormat::Png => png(drawing)?,
    };
    files::write_whole(path, |file| file.write_all(&bytes))
}

/// Fails unless [`write`] can write to a file of this name.
pub(crate) fn check_name(path: &Path) -> Result<()> {
    picture_format(path).map(|_| ())
}

enum PictureFormat {
    Svg,
    Png,
}

fn picture_format(path: &Path) -> Result<PictureFormat> {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("svg") => Ok(PictureFormat::Svg),
        Some("png") => Ok(PictureFormat::Png),
        _ => {
            let message = format!("{}: curves are drawn to names that end in .svg or .png", path.display());
            Err(Error::new(ErrorKind::InvalidArgument, message))
        }
    }
}

/// The text of an SVG file.
pub(crate) fn svg<D: Drawing>(drawing: &D) -> Result<String> {
    let mut text = String::new();
    draw(drawing, SVGBackend::with_string(&mut text, D::SIZE).into_drawing_area())?;
    Ok(text)
}

fn png<D: Drawing>(drawing: &D) -> Result<Vec<u8>> {
    let (width, height) = D::SIZE;
    let mut pixels = vec![0; (width * height * 3) as usize];
    draw(drawing, BitMapBackend::with_buffer(&mut pixels, D::SIZE).into_drawing_area())?;
    Image::from_rgb(width, height, pixels)?.encode_png()
}

fn draw<DB: DrawingBackend>(drawing: &impl Drawing, area: DrawingArea<DB, Shift>) -> Result<()> {
    // The name of the family that every viewer of an SVG knows too.
    register_font("sans-serif", FontStyle::Normal, dejavu::sans::regular())
        .map_err(|_| Error::new(ErrorKind::Internal, "the built-in font cannot be read"))?;
    drawing
        .draw(&area)
        .and_then(|()| area.present())
        .map_err(|error| Error::new(ErrorKind::Internal, format!("the curve cannot be drawn: {error}")))
}
