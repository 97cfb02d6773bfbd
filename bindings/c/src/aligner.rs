//! Aligner.

use facenet_core::model::Alignment;
use facenet_core::{Aligner, Error, ErrorKind, Image, Result};

use crate::arguments::Arguments;
use crate::faces::{self, facenet_face};
use crate::frame::{self, facenet_frame};
use crate::growing::{self, Growing};
use crate::image::facenet_image;
use crate::status::facenet_status;

/// How a face is cut out: FACENET_ALIGNMENT_...
///
/// @since 0.1
pub type facenet_alignment = u32;
/// The box, widened and resized, not turned: facenet's way.
pub const FACENET_ALIGNMENT_MARGIN: facenet_alignment = 0;
/// The landmarks brought onto the template of ArcFace.
pub const FACENET_ALIGNMENT_ARCFACE: facenet_alignment = 1;

/// Crops faces out of frames: square, upright, 8-bit RGB.
///
/// Many threads may use one at once.
///
/// @since 0.1
pub struct facenet_aligner(pub(crate) Aligner);

/// Settings of an aligner: fill them with facenet_aligner_options_init. The defaults are those of the model that ships.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_aligner_options {
    /// Bytes of this struct.
    pub struct_size: usize,
    /// FACENET_ALIGNMENT_...
    pub alignment: facenet_alignment,
    /// Pixels by which the box is made wider and higher, half of them on each side; 32. For FACENET_ALIGNMENT_MARGIN.
    pub margin: u32,
    /// Width and height of a crop in pixels, 1 to 4096; 160.
    pub size: u32,
    /// Zero.
    pub reserved: u32,
}

// SAFETY: numbers, the size first.
unsafe impl Growing for facenet_aligner_options {
    const FIRST_SIZE: usize = size_of::<Self>();

    fn defaults() -> Self {
        Self { struct_size: size_of::<Self>(), alignment: FACENET_ALIGNMENT_MARGIN, margin: 32, size: 160, reserved: 0 }
    }
}

/// Fills options with the defaults.
///
/// @param options  the options
/// @param size     sizeof(facenet_aligner_options) where the caller was compiled
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_aligner_options_init(
    options: *mut facenet_aligner_options,
    size: usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| growing::init(args, options, size))
}

/// Makes an aligner. To cut faces as an embedder needs them, use facenet_embedder_aligner.
///
/// @param options  settings, or NULL
/// @param aligner  gets the aligner; free it with facenet_aligner_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_aligner_new(
    options: *const facenet_aligner_options,
    aligner: *mut *mut facenet_aligner,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_giving(aligner, "aligner", |args| {
        let options = growing::read(args, options)?;
        let alignment = read(options.alignment, options.margin)?;
        Ok(facenet_aligner(Aligner::new(alignment, options.size)?))
    })
}

/// Width and height of the crops in pixels; 0 if `aligner` is NULL.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_aligner_size(aligner: *const facenet_aligner) -> u32 {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.value_or(0, |args| Ok(args.get(aligner, "aligner")?.0.size()))
}

/// Cuts a face out of a frame, into pixels of the caller.
///
/// @param aligner   the aligner
/// @param frame     the frame in which the face was found
/// @param face      the face
/// @param crop      gets `3 * size * size` bytes of RGB, row after row from the top; may be NULL if `capacity` is 0
/// @param capacity  bytes of `crop`; 0 only asks for `needed`
/// @param needed    gets the bytes of a crop; may be NULL
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_aligner_align(
    aligner: *const facenet_aligner,
    frame: *const facenet_frame,
    face: *const facenet_face,
    crop: *mut u8,
    capacity: usize,
    needed: *mut usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let image = cut(args, aligner, frame, face)?;
        args.fill(image.data(), crop, capacity, needed)
    })
}

/// Cuts a face out of a frame, as a picture.
///
/// @param aligner  the aligner
/// @param frame    the frame in which the face was found
/// @param face     the face
/// @param image    gets the picture; free it with facenet_image_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_aligner_align_image(
    aligner: *const facenet_aligner,
    frame: *const facenet_frame,
    face: *const facenet_face,
    image: *mut *mut facenet_image,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }
        .call_giving(image, "image", |args| Ok(facenet_image(cut(args, aligner, frame, face)?)))
}

/// Frees an aligner. NULL is fine.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_aligner_free(aligner: *mut facenet_aligner) {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.free(aligner)
}

fn cut(
    args: Arguments<'_>,
    aligner: *const facenet_aligner,
    frame: *const facenet_frame,
    face: *const facenet_face,
) -> Result<Image> {
    let aligner = args.get(aligner, "aligner")?;
    let (frame, (rect, landmarks)) = (frame::read(args, frame)?, faces::read(args, face)?);
    aligner.0.align(&frame, &rect, &landmarks)
}

/// The alignment of the caller.
pub(crate) fn read(alignment: facenet_alignment, margin: u32) -> Result<Alignment> {
    match alignment {
        FACENET_ALIGNMENT_MARGIN => Ok(Alignment::Margin { margin }),
        FACENET_ALIGNMENT_ARCFACE => Ok(Alignment::Arcface),
        other => Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("options.alignment is {other}, which this version of the library does not know"),
        )),
    }
}
