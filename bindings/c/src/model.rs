//! Model files.

use std::ffi::c_char;

use facenet_core::model::{ColorOrder, ImportOptions, ModelFile, import};
use facenet_core::{Error, ErrorKind, Result};

use crate::aligner::facenet_alignment;
use crate::arguments::{self, Arguments};
use crate::distance::facenet_metric;
use crate::embedder::facenet_standardization;
use crate::growing::{self, Growing};
use crate::runtime::json;
use crate::status::facenet_status;
use crate::{aligner, distance, embedder};

/// Order of the colours in the input of a model: FACENET_COLOR_ORDER_...
///
/// @since 0.1
pub type facenet_color_order = u32;
/// As known for the model, or else RGB.
pub const FACENET_COLOR_ORDER_DEFAULT: facenet_color_order = 0;
/// Red, green, blue.
pub const FACENET_COLOR_ORDER_RGB: facenet_color_order = 1;
/// Blue, green, red.
pub const FACENET_COLOR_ORDER_BGR: facenet_color_order = 2;

/// Description of a model to import: fill it with facenet_model_import_options_init.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_model_import_options {
    /// Bytes of this struct.
    pub struct_size: usize,
    /// Name of the model; NULL for the file's.
    pub name: *const c_char,
    /// SPDX expression of the licence of the weights; NULL if it is not known.
    pub license: *const c_char,
    /// FACENET_STANDARDIZATION_...: every embedding network needs it, and the wrong one costs accuracy without an error.
    /// facenet's models of 2018 and facenet-pytorch have FIXED, facenet's of 2017 PER_IMAGE.
    pub standardization: facenet_standardization,
    /// FACENET_COLOR_ORDER_...; a foreign ONNX file needs it.
    pub color_order: facenet_color_order,
    /// 1 if alignment and margin below are given (a foreign ONNX file needs them), else 0.
    pub has_alignment: u32,
    /// FACENET_ALIGNMENT_...
    pub alignment: facenet_alignment,
    /// Pixels of margin, for FACENET_ALIGNMENT_MARGIN.
    pub margin: u32,
    /// Width and height of the input in pixels; 0 for the file's, or 160.
    pub input_size: u32,
    /// FACENET_METRIC_...
    pub metric: facenet_metric,
    /// 1 to store weights as 32-bit floats, twice the size; 0 for 16 bits.
    pub full_precision: u32,
}

// SAFETY: numbers and pointers, the size first.
unsafe impl Growing for facenet_model_import_options {
    const FIRST_SIZE: usize = size_of::<Self>();

    fn defaults() -> Self {
        Self {
            struct_size: size_of::<Self>(),
            name: std::ptr::null(),
            license: std::ptr::null(),
            standardization: embedder::FACENET_STANDARDIZATION_MODEL,
            color_order: FACENET_COLOR_ORDER_DEFAULT,
            has_alignment: 0,
            alignment: aligner::FACENET_ALIGNMENT_MARGIN,
            margin: 32,
            input_size: 0,
            metric: distance::FACENET_METRIC_EUCLIDEAN,
            full_precision: 0,
        }
    }
}

/// Fills options with the defaults.
///
/// @param options  the options
/// @param size     sizeof(facenet_model_import_options) where the caller was compiled
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_model_import_options_init(
    options: *mut facenet_model_import_options,
    size: usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| growing::init(args, options, size))
}

/// Makes a model file of a frozen TensorFlow graph (.pb), a safetensors file with facenet-pytorch's names, or an ONNX file.
///
/// @param source   the file to read
/// @param target   the file to write; it appears whole or not at all
/// @param options  the description of the model, or NULL
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_model_import(
    source: *const c_char,
    target: *const c_char,
    options: *const facenet_model_import_options,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let (source, target) = (args.path(source, "source")?, args.path(target, "target")?);
        let options = read(args, options)?;
        import(source, &options)?.write(target)
    })
}

/// The description in a model file, as JSON. Every byte of its weights is checked.
///
/// @param path      the file
/// @param buffer    where the text goes, with its closing zero; may be NULL if `capacity` is 0
/// @param capacity  bytes of `buffer`; a longer text is cut
/// @param needed    gets the bytes of the whole text without the closing zero; may be NULL
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_model_info(
    path: *const c_char,
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let file = ModelFile::read(args.path(path, "path")?)?;
        file.verify()?;
        args.give_text(&json(file.spec())?, buffer, capacity, needed)
    })
}

/// The options of the caller.
fn read(args: Arguments<'_>, options: *const facenet_model_import_options) -> Result<ImportOptions> {
    let options = growing::read(args, options)?;
    let text = |pointer, name| Ok(args.optional_text(pointer, name)?.map(str::to_string));
    let color_order = match options.color_order {
        FACENET_COLOR_ORDER_DEFAULT => None,
        FACENET_COLOR_ORDER_RGB => Some(ColorOrder::Rgb),
        FACENET_COLOR_ORDER_BGR => Some(ColorOrder::Bgr),
        other => {
            let message = format!("options.color_order is {other}, which this version of the library does not know");
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
    };
    let alignment = match arguments::flag(options.has_alignment, "options.has_alignment")? {
        true => Some(aligner::read(options.alignment, options.margin)?),
        false => None,
    };
    Ok(ImportOptions {
        name: text(options.name, "options.name")?,
        license: text(options.license, "options.license")?,
        input_size: (options.input_size > 0).then_some(options.input_size),
        color_order,
        standardization: embedder::standardization(options.standardization)?,
        alignment,
        metric: Some(distance::read(options.metric)?),
        full_precision: arguments::flag(options.full_precision, "options.full_precision")?,
        ..ImportOptions::default()
    })
}
