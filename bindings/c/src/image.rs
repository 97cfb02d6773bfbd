//! Images of the library.

use std::ffi::c_char;

use facenet_core::Image;

use crate::arguments::Arguments;
use crate::frame::{self, facenet_frame, facenet_plane};
use crate::growing::{self, Growing as _};
use crate::status::facenet_status;

/// An upright picture: 8-bit RGB, row after row from the top, without padding.
///
/// Immutable: many threads may use one at once.
///
/// @since 0.1
pub struct facenet_image(pub(crate) Image);

/// Reads an image file: JPEG, PNG, WebP, BMP, TIFF or GIF, and where libheif is installed HEIC or AVIF, known by its content.
/// Exif orientation is applied.
///
/// @param path   the file, UTF-8
/// @param image  gets the picture; free it with facenet_image_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_image_open(path: *const c_char, image: *mut *mut facenet_image) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_giving(image, "image", |args| {
        let path = args.path(path, "path")?;
        let opened = facenet_image(Image::open(path)?);
        Ok(opened)
    })
}

/// Reads an image file that is in memory.
///
/// @param bytes  the file
/// @param size   its bytes
/// @param image  gets the picture; free it with facenet_image_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_image_decode(
    bytes: *const u8,
    size: usize,
    image: *mut *mut facenet_image,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_giving(image, "image", |args| {
        let bytes = args.slice(bytes, size, "bytes")?;
        let decoded = facenet_image(Image::decode(bytes)?);
        Ok(decoded)
    })
}

/// The upright picture of a frame of any format.
///
/// @param frame  the frame
/// @param image  gets the picture; free it with facenet_image_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_image_from_frame(
    frame: *const facenet_frame,
    image: *mut *mut facenet_image,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_giving(image, "image", |args| {
        let mut upright = Image::default();
        frame::read(args, frame)?.upright_into(&mut upright)?;
        Ok(facenet_image(upright))
    })
}

/// Writes a picture to a file that appears whole or not at all: PNG if the name ends in .png, JPEG if in .jpg or .jpeg.
///
/// @param image  the picture
/// @param path   the file, UTF-8
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_image_save(image: *const facenet_image, path: *const c_char) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let (image, path) = (args.get(image, "image")?, args.path(path, "path")?);
        image.0.save(path)
    })
}

/// A frame over the pixels of a picture, to be handed to functions that take frames. It is valid until the picture is freed.
///
/// @param image  the picture
/// @param frame  gets the frame; it has been filled with facenet_frame_init
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_image_frame(image: *const facenet_image, frame: *mut facenet_frame) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let image = args.get(image, "image")?;
        let mut filled =
            facenet_frame { width: image.0.width(), height: image.0.height(), ..facenet_frame::defaults() };
        let pixels = image.0.data();
        filled.planes[0] =
            facenet_plane { data: pixels.as_ptr(), size: pixels.len(), stride: 3 * image.0.width() as isize };
        growing::place(args, frame, "frame")?.fill([filled]);
        Ok(())
    })
}

/// Width of a picture in pixels; 0 if it is NULL.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_image_width(image: *const facenet_image) -> u32 {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.value_or(0, |args| Ok(args.get(image, "image")?.0.width()))
}

/// Height of a picture in pixels; 0 if it is NULL.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_image_height(image: *const facenet_image) -> u32 {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.value_or(0, |args| Ok(args.get(image, "image")?.0.height()))
}

/// The pixels of a picture, `3 * width * height` bytes, valid until it is freed; NULL if it is NULL.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_image_data(image: *const facenet_image) -> *const u8 {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.value_or(std::ptr::null(), |args| Ok(args.get(image, "image")?.0.data().as_ptr()))
}

/// Frees a picture. NULL is fine.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_image_free(image: *mut facenet_image) {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.free(image)
}
