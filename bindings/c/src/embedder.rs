//! Embedder.

use std::ffi::c_char;
use std::mem::offset_of;

use facenet_core::embed::EmbedderOptions;
use facenet_core::frame::{RgbView, Upright};
use facenet_core::model::{Alignment, Mirror, Standardization, Threshold};
use facenet_core::{Aligner, Embedder, Error, ErrorKind, Frame, Result};

use crate::aligner::facenet_aligner;
use crate::arguments::Arguments;
use crate::bytes::facenet_bytes;
use crate::distance::{self, FACENET_METRIC_EUCLIDEAN, facenet_metric};
use crate::growing::{self, Growing};
use crate::runtime::facenet_runtime;
use crate::status::facenet_status;

/// How pixels become the input of a model: FACENET_STANDARDIZATION_...
///
/// @since 0.1
pub type facenet_standardization = u32;
/// As the model's description says.
pub const FACENET_STANDARDIZATION_MODEL: facenet_standardization = 0;
/// Mean and deviation of the picture itself (facenet's prewhitening).
pub const FACENET_STANDARDIZATION_PER_IMAGE: facenet_standardization = 1;
/// `(x - 127.5) / 128`.
pub const FACENET_STANDARDIZATION_FIXED: facenet_standardization = 2;
/// `(x - 127.5) / 127.5`.
pub const FACENET_STANDARDIZATION_SYMMETRIC: facenet_standardization = 3;
/// `x / 255`.
pub const FACENET_STANDARDIZATION_UNIT: facenet_standardization = 4;
/// `x`.
pub const FACENET_STANDARDIZATION_RAW: facenet_standardization = 5;

/// How faces were cut out for an embedder: FACENET_EMBEDDER_ALIGNMENT_...
///
/// @since 0.1
pub type facenet_embedder_alignment = u32;
/// As the model's description says.
pub const FACENET_EMBEDDER_ALIGNMENT_MODEL: facenet_embedder_alignment = 0;
/// The box, widened by a margin.
pub const FACENET_EMBEDDER_ALIGNMENT_MARGIN: facenet_embedder_alignment = 1;
/// The landmarks, warped to the template of ArcFace.
pub const FACENET_EMBEDDER_ALIGNMENT_ARCFACE: facenet_embedder_alignment = 2;

/// What to do with the mirror image of a face: FACENET_MIRROR_...
///
/// @since 0.1
pub type facenet_mirror = u32;
/// The mirror image is not used.
pub const FACENET_MIRROR_OFF: facenet_mirror = 0;
/// The sum of the embeddings of a face and its mirror image, scaled to unit norm. Costs twice the time.
pub const FACENET_MIRROR_AVERAGE: facenet_mirror = 1;
/// Both embeddings one after the other, scaled to unit norm. Costs twice the time.
pub const FACENET_MIRROR_CONCATENATE: facenet_mirror = 2;

/// Computes the embeddings of aligned faces, which have unit norm.
///
/// Many threads may use one at once.
///
/// @since 0.1
pub struct facenet_embedder(pub(crate) Embedder);

/// Settings of an embedder: fill them with facenet_embedder_options_init.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_embedder_options {
    /// Bytes of this struct.
    pub struct_size: usize,
    /// Model file; NULL for the one that ships with the library, or for `model_bytes`.
    pub model: *const c_char,
    /// FACENET_STANDARDIZATION_...
    pub standardization: facenet_standardization,
    /// FACENET_MIRROR_...
    pub mirror: facenet_mirror,
    /// Most pictures in one run of the network, 1 or more; 16.
    pub batch_size: u32,
    /// Zero.
    pub reserved: u32,
    /// A model file in memory, instead of `model`; none by default. It is copied.
    pub model_bytes: facenet_bytes,
    /// How the crops were cut out, FACENET_EMBEDDER_ALIGNMENT_...; as the model says by default. It becomes part of the
    /// fingerprint.
    pub alignment: u32,
    /// For FACENET_EMBEDDER_ALIGNMENT_MARGIN: pixels by which the box was made wider and higher; 32.
    pub margin: u32,
}

// SAFETY: numbers and pointers, the size first.
unsafe impl Growing for facenet_embedder_options {
    const FIRST_SIZE: usize = offset_of!(Self, model_bytes);

    fn defaults() -> Self {
        Self {
            struct_size: size_of::<Self>(),
            model: std::ptr::null(),
            standardization: FACENET_STANDARDIZATION_MODEL,
            mirror: FACENET_MIRROR_OFF,
            batch_size: EmbedderOptions::default().batch_size as u32,
            reserved: 0,
            model_bytes: facenet_bytes::NONE,
            alignment: FACENET_EMBEDDER_ALIGNMENT_MODEL,
            margin: 32,
        }
    }
}

/// A distance at which to decide, with the error rates it was measured to have.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_threshold {
    /// Bytes of this struct.
    pub struct_size: usize,
    /// Two faces within it are taken for the same person, in the embedder's metric.
    pub distance: f32,
    /// Zero.
    pub reserved: u32,
    /// Share of pairs of different people that are taken for the same.
    pub false_match_rate: f64,
    /// Share of pairs of the same person that are taken for different.
    pub false_non_match_rate: f64,
}

// SAFETY: numbers, the size first.
unsafe impl Growing for facenet_threshold {
    const FIRST_SIZE: usize = size_of::<Self>();

    fn defaults() -> Self {
        Self {
            struct_size: size_of::<Self>(),
            distance: f32::NAN,
            reserved: 0,
            false_match_rate: f64::NAN,
            false_non_match_rate: f64::NAN,
        }
    }
}

impl From<&Threshold> for facenet_threshold {
    fn from(threshold: &Threshold) -> Self {
        let &Threshold { distance, false_match_rate, false_non_match_rate, .. } = threshold;
        Self { distance, false_match_rate, false_non_match_rate, ..Self::defaults() }
    }
}

/// Fills options with the defaults.
///
/// @param options  the options
/// @param size     sizeof(facenet_embedder_options) where the caller was compiled
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_embedder_options_init(
    options: *mut facenet_embedder_options,
    size: usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| growing::init(args, options, size))
}

/// Makes an embedder.
///
/// @param runtime   the runtime
/// @param options   settings, or NULL
/// @param embedder  gets the embedder; free it with facenet_embedder_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_embedder_new(
    runtime: *const facenet_runtime,
    options: *const facenet_embedder_options,
    embedder: *mut *mut facenet_embedder,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_giving(embedder, "embedder", |args| {
        let (runtime, options) = (args.get(runtime, "runtime")?, read(args, options)?);
        Ok(facenet_embedder(Embedder::new(&runtime.0, options)?))
    })
}

/// An aligner that cuts faces out as the embedder's model needs them.
///
/// @param embedder  the embedder
/// @param aligner   gets the aligner; free it with facenet_aligner_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_embedder_aligner(
    embedder: *const facenet_embedder,
    aligner: *mut *mut facenet_aligner,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_giving(aligner, "aligner", |args| {
        let spec = args.get(embedder, "embedder")?.0.spec();
        Ok(facenet_aligner(Aligner::new(spec.alignment, spec.input_size)?))
    })
}

/// Width and height in pixels of the crops that the model takes; 0 if `embedder` is NULL.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_embedder_input_size(embedder: *const facenet_embedder) -> u32 {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.value_or(0, |args| Ok(args.get(embedder, "embedder")?.0.spec().input_size))
}

/// Number of values of an embedding; 0 if `embedder` is NULL.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_embedder_dimension(embedder: *const facenet_embedder) -> usize {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.value_or(0, |args| Ok(args.get(embedder, "embedder")?.0.dimension()))
}

/// The metric of the thresholds, FACENET_METRIC_...; FACENET_METRIC_EUCLIDEAN if `embedder` is NULL.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_embedder_metric(embedder: *const facenet_embedder) -> facenet_metric {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.value_or(FACENET_METRIC_EUCLIDEAN, |args| {
        Ok(distance::number(args.get(embedder, "embedder")?.0.spec().metric))
    })
}

/// A threshold that was measured for the model, used as it is here: number 0 is the default.
///
/// @param embedder   the embedder
/// @param index      number of the threshold, from 0
/// @param threshold  gets the threshold
/// @return           FACENET_ERROR_NOT_FOUND if there is none of this number
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_embedder_threshold(
    embedder: *const facenet_embedder,
    index: usize,
    threshold: *mut facenet_threshold,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let place = growing::place(args, threshold, "threshold")?;
        let thresholds = &args.get(embedder, "embedder")?.0.spec().thresholds;
        let Some(found) = thresholds.get(index) else {
            let message = format!(
                "{} thresholds were measured for the model used like this: there is no number {index}, decide on one",
                thresholds.len()
            );
            return Err(Error::new(ErrorKind::NotFound, message));
        };
        place.fill([found.into()]);
        Ok(())
    })
}

/// The fingerprint of model and preprocessing, 32 hexadecimal digits. Vectors of different fingerprints cannot be compared:
/// keep it beside embeddings that are stored.
///
/// @param embedder  the embedder
/// @param buffer    gets the text and its closing zero
/// @param capacity  bytes of `buffer`, 33 or more
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_embedder_fingerprint(
    embedder: *const facenet_embedder,
    buffer: *mut c_char,
    capacity: usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let text = args.get(embedder, "embedder")?.0.fingerprint().to_string();
        if capacity <= text.len() {
            let message = format!("a fingerprint needs {} bytes, the buffer has {capacity}", text.len() + 1);
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        args.give_text(&text, buffer, capacity, std::ptr::null_mut())
    })
}

/// Turns crops into embeddings.
///
/// @param embedder  the embedder
/// @param crops     `count` crops one after the other, each `3 * size * size` bytes of RGB, see facenet_embedder_input_size
/// @param count     number of crops; a batch costs less than its crops one by one
/// @param embeddings   gets `count` embeddings one after the other; may be NULL if `capacity` is 0
/// @param capacity  values that `embeddings` has room for; 0 only asks for `needed`
/// @param needed    gets the number of values, `count` times the dimension; may be NULL
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_embedder_embed(
    embedder: *const facenet_embedder,
    crops: *const u8,
    count: usize,
    embeddings: *mut f32,
    capacity: usize,
    needed: *mut usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let embedder = &args.get(embedder, "embedder")?.0;
        let values = count.checked_mul(embedder.dimension()).ok_or_else(|| too_many(count))?;
        if args.has_room(values, capacity, needed)? {
            let side = embedder.spec().input_size as usize;
            let bytes = count.checked_mul(3 * side * side).ok_or_else(|| too_many(count))?;
            let crops = args.slice(crops, bytes, "crops")?;
            let places = args.slice_mut(embeddings, values, "embeddings")?;
            // Frames of upright RGB are looked at where they are.
            let size = embedder.spec().input_size;
            let crops = crops.chunks_exact(3 * side * side).map(|crop| Frame::rgb(size, size, crop)?.upright());
            let crops = crops.collect::<Result<Vec<_>>>()?;
            let views: Vec<RgbView<'_>> = crops.iter().map(Upright::view).collect();
            let found = embedder.embed_views(&views)?;
            for (place, embedding) in places.chunks_exact_mut(embedder.dimension()).zip(found) {
                place.copy_from_slice(embedding.values());
            }
        }
        Ok(())
    })
}

/// Frees an embedder. NULL is fine.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_embedder_free(embedder: *mut facenet_embedder) {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.free(embedder)
}

fn too_many(count: usize) -> Error {
    Error::new(ErrorKind::InvalidArgument, format!("{count} crops are more than memory can hold"))
}

/// The options of the caller.
pub(crate) fn mirror(number: facenet_mirror) -> Result<Mirror> {
    match number {
        FACENET_MIRROR_OFF => Ok(Mirror::Off),
        FACENET_MIRROR_AVERAGE => Ok(Mirror::Average),
        FACENET_MIRROR_CONCATENATE => Ok(Mirror::Concatenate),
        other => Err(unknown("mirror", other)),
    }
}

pub(crate) fn read(args: Arguments<'_>, options: *const facenet_embedder_options) -> Result<EmbedderOptions> {
    let options = growing::read(args, options)?;
    let mirror = mirror(options.mirror)?;
    let file = args.optional_path(options.model, "options.model")?;
    let bytes = options.model_bytes.read(args, "options.model_bytes")?;
    if file.is_some() && bytes.is_some() {
        let message = "options.model and options.model_bytes both name a model: leave one out";
        return Err(Error::new(ErrorKind::InvalidArgument, message));
    }
    Ok(EmbedderOptions {
        model: bytes.or(file.map(Into::into)),
        standardization: standardization(options.standardization)?,
        mirror,
        batch_size: options.batch_size as usize,
        alignment: match options.alignment {
            FACENET_EMBEDDER_ALIGNMENT_MODEL => None,
            FACENET_EMBEDDER_ALIGNMENT_MARGIN => Some(Alignment::Margin { margin: options.margin }),
            FACENET_EMBEDDER_ALIGNMENT_ARCFACE => Some(Alignment::Arcface),
            other => return Err(unknown("alignment", other)),
        },
    })
}

/// The standardisation of the caller; none for the model's.
pub(crate) fn standardization(number: facenet_standardization) -> Result<Option<Standardization>> {
    Ok(match number {
        FACENET_STANDARDIZATION_MODEL => None,
        FACENET_STANDARDIZATION_PER_IMAGE => Some(Standardization::PerImage),
        FACENET_STANDARDIZATION_FIXED => Some(Standardization::Fixed),
        FACENET_STANDARDIZATION_SYMMETRIC => Some(Standardization::Symmetric),
        FACENET_STANDARDIZATION_UNIT => Some(Standardization::Unit),
        FACENET_STANDARDIZATION_RAW => Some(Standardization::Raw),
        other => return Err(unknown("standardization", other)),
    })
}

fn unknown(field: &str, value: u32) -> Error {
    let message = format!("options.{field} is {value}, which this version of the library does not know");
    Error::new(ErrorKind::InvalidArgument, message)
}
