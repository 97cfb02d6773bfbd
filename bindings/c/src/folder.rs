//! Folders: alignment and export.

use std::ffi::c_char;
use std::mem::offset_of;

use facenet_core::{Error, ErrorKind, Result};
use facenet_lab::dataset::{AlignOptions, AlignSummary, Order, Partition};
use facenet_lab::export::{ExportJob, ExportOptions};
use facenet_lab::folder::{FolderAlignment, FolderAlignmentOptions};

use crate::arguments::{self, Arguments};
use crate::call::facenet_call;
use crate::detector::{self, facenet_detector_options};
use crate::embedder::facenet_embedder;
use crate::growing::{self, Growing};
use crate::pipeline::facenet_pipeline;
use crate::runtime::facenet_runtime;
use crate::status::facenet_status;
use crate::{extractor, messages};

/// Order in which the images of a folder are worked on: FACENET_ORDER_...
///
/// @since 0.1
pub type facenet_order = u32;
/// By name.
pub const FACENET_ORDER_SORTED: facenet_order = 0;
/// Shuffled: processes that share an output folder get in each other's way less with different seeds.
pub const FACENET_ORDER_RANDOM: facenet_order = 1;

/// Settings of the alignment of a folder: fill them with facenet_align_folder_options_init. The
/// defaults are those of facenet's align_dataset_mtcnn, with the size of the model that ships.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_align_folder_options {
    /// Bytes of this struct.
    pub struct_size: usize,
    /// Width and height of an aligned face in pixels, 1 to 4096; 160.
    pub image_size: u32,
    /// Pixels by which the detected box is made wider and higher; 32.
    pub margin: u32,
    /// 1 to write every face of an image, 0, the default, for the most central one.
    pub multiple_faces: u32,
    /// 1 to try again images that gave no face in an earlier call, else 0.
    pub retry_failed: u32,
    /// To share the work among machines: the number of this part of the images, from 1; 1.
    pub part: u32,
    /// Number of parts; 1.
    pub parts: u32,
    /// FACENET_ORDER_...; FACENET_ORDER_SORTED by default.
    pub order: facenet_order,
    /// Most images that are worked on together, 1 or more; 64.
    pub batch: u32,
    /// For FACENET_ORDER_RANDOM: the same seed gives the same order; 0.
    pub seed: u64,
}

// SAFETY: numbers, the size first.
unsafe impl Growing for facenet_align_folder_options {
    const FIRST_SIZE: usize = offset_of!(Self, order);

    fn defaults() -> Self {
        let FolderAlignmentOptions { image_size, margin, job, .. } = FolderAlignmentOptions::default();
        Self {
            struct_size: size_of::<Self>(),
            image_size,
            margin,
            multiple_faces: 0,
            retry_failed: 0,
            part: Partition::ALL.index(),
            parts: Partition::ALL.count(),
            order: FACENET_ORDER_SORTED,
            batch: job.batch as u32,
            seed: 0,
        }
    }
}

/// Summary of the alignment of a folder. Every image is in one of the counts from `done_before` to `broken`.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_align_summary {
    /// Bytes of this struct.
    pub struct_size: usize,
    /// Images in the folder, or in this part of it.
    pub images: u64,
    /// Images whose faces were there already.
    pub done_before: u64,
    /// Images without a face, or broken, according to an earlier call.
    pub failed_before: u64,
    /// Images that would be written to the output of another image (a.png beside a.jpg).
    pub duplicates: u64,
    /// Images of which a face was written.
    pub aligned: u64,
    /// Images without a face.
    pub no_face: u64,
    /// Images that could not be read or cut.
    pub broken: u64,
    /// Faces that were written.
    pub faces: u64,
    /// Folders and links that cannot be read, and pictures of a format that is not read.
    pub unreadable: u64,
}

// SAFETY: numbers, the size first.
unsafe impl Growing for facenet_align_summary {
    const FIRST_SIZE: usize = size_of::<Self>();

    fn defaults() -> Self {
        Self {
            struct_size: size_of::<Self>(),
            images: 0,
            done_before: 0,
            failed_before: 0,
            duplicates: 0,
            aligned: 0,
            no_face: 0,
            broken: 0,
            faces: 0,
            unreadable: 0,
        }
    }
}

/// Fills options with the defaults.
///
/// @param options  the options
/// @param size     sizeof(facenet_align_folder_options) where the caller was compiled
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_align_folder_options_init(
    options: *mut facenet_align_folder_options,
    size: usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| growing::init(args, options, size))
}

/// Makes a folder of people's photos into a folder of aligned faces: input/Name/a.jpg becomes output/Name/a.png. A call
/// that was stopped is taken up by the next one with the same folders; several processes may share them.
///
/// Images that gave no face are named, with the reason, in align_report_NNNNN.jsonl in the output folder. A face that could
/// not be cut out, though others of its image could, is reported to the log.
///
/// @param runtime   the runtime
/// @param input     a folder per person below it
/// @param output    the folder to write to; it is made if need be
/// @param detector  settings of the detector, of which `selection` is not used, or NULL
/// @param options   settings, or NULL
/// @param call      progress (in images) and cancellation, or NULL
/// @param summary   gets the counts; may be NULL
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_align_folder(
    runtime: *const facenet_runtime,
    input: *const c_char,
    output: *const c_char,
    detector: *const facenet_detector_options,
    options: *const facenet_align_folder_options,
    call: *const facenet_call,
    summary: *mut facenet_align_summary,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_long(call, |args, progress| {
        let place = growing::optional_place(args, summary, "summary")?;
        let runtime = args.get(runtime, "runtime")?;
        let (input, output) = (args.path(input, "input")?, args.path(output, "output")?);
        let (detector, options) = (detector::read(args, detector)?, growing::read(args, options)?);
        let job = AlignOptions {
            shard: Partition::new(options.part, options.parts)?,
            multiple_faces: arguments::flag(options.multiple_faces, "options.multiple_faces")?,
            retry_failed: arguments::flag(options.retry_failed, "options.retry_failed")?,
            order: match options.order {
                FACENET_ORDER_SORTED => Order::Sorted,
                FACENET_ORDER_RANDOM => Order::Random { seed: options.seed },
                other => {
                    let message = format!("options.order is {other}, which this version of the library does not know");
                    return Err(arguments::invalid(message));
                }
            },
            batch: options.batch as usize,
            ..AlignOptions::default()
        };
        let options = FolderAlignmentOptions { detector, image_size: options.image_size, margin: options.margin, job };
        let alignment = FolderAlignment::plan(input, output, options)?;
        let left_out = |error: &Error| messages::log(&format!("left out one of several faces of an image: {error}"));
        let done = progress.watch(|watch| alignment.run(&runtime.0, left_out, watch))?;
        if done.job.interrupted {
            return Err(stopped());
        }
        if let Some(place) = place {
            place.fill([done.into()]);
        }
        Ok(())
    })
}

impl From<AlignSummary> for facenet_align_summary {
    fn from(done: AlignSummary) -> Self {
        Self {
            struct_size: size_of::<Self>(),
            images: done.job.images,
            done_before: done.job.done_before,
            failed_before: done.failed_before,
            duplicates: done.duplicates,
            aligned: done.aligned,
            no_face: done.no_face,
            broken: done.broken,
            faces: done.faces,
            unreadable: done.job.unreadable,
        }
    }
}

fn stopped() -> Error {
    Error::new(ErrorKind::Cancelled, "stopped as requested: the next call goes on where this one was")
}

/// Summary of an export.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_export_summary {
    /// Bytes of this struct.
    pub struct_size: usize,
    /// Images in the folder.
    pub images: u64,
    /// Images that were exported before.
    pub done_before: u64,
    /// Images that this call has looked at.
    pub processed: u64,
    /// Faces among them.
    pub faces: u64,
    /// Those without a face, or broken: they are named in failures.jsonl.
    pub failed: u64,
}

// SAFETY: numbers, the size first.
unsafe impl Growing for facenet_export_summary {
    const FIRST_SIZE: usize = size_of::<Self>();

    fn defaults() -> Self {
        Self { struct_size: size_of::<Self>(), images: 0, done_before: 0, processed: 0, faces: 0, failed: 0 }
    }
}

/// Writes the embeddings of a folder of people as NumPy arrays and Parquet files. A call that was stopped is taken up by the
/// next one with the same folders.
///
/// @param embedder  the embedder, for aligned faces; or NULL
/// @param pipeline  the pipeline, for photos; or NULL. Exactly one of both is given
/// @param input     a folder per person below it
/// @param output    the folder to write to; it is made if need be
/// @param call      progress (in images) and cancellation, or NULL
/// @param summary   gets the counts; may be NULL
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_export_folder(
    embedder: *const facenet_embedder,
    pipeline: *const facenet_pipeline,
    input: *const c_char,
    output: *const c_char,
    call: *const facenet_call,
    summary: *mut facenet_export_summary,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { facenet_export_folder_with(embedder, pipeline, input, output, std::ptr::null(), call, summary) }
}

/// Settings of an export: fill them with facenet_export_options_init.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_export_options {
    /// Bytes of this struct.
    pub struct_size: usize,
    /// About how many images go into a Parquet file, 1 or more; 512. The memory needed grows with it.
    pub part_size: u32,
    /// To share the work among machines: the number of this part of the Parquet files, from 1; 1.
    pub part: u32,
    /// Number of parts; 1.
    pub parts: u32,
    /// Zero.
    pub reserved: u32,
    /// Name of the array of embeddings; NULL, the default, for embeddings.npy.
    pub embeddings_name: *const c_char,
    /// Name of the array of numbers of people; NULL, the default, for labels.npy.
    pub labels_name: *const c_char,
    /// Name of the array of names of people; NULL, the default, for label_strings.npy.
    pub label_strings_name: *const c_char,
}

// SAFETY: numbers and pointers, the size first.
unsafe impl Growing for facenet_export_options {
    const FIRST_SIZE: usize = size_of::<Self>();

    fn defaults() -> Self {
        let ExportOptions { part_size, shard, .. } = ExportOptions::default();
        Self {
            struct_size: size_of::<Self>(),
            part_size: part_size as u32,
            part: shard.index(),
            parts: shard.count(),
            reserved: 0,
            embeddings_name: std::ptr::null(),
            labels_name: std::ptr::null(),
            label_strings_name: std::ptr::null(),
        }
    }
}

/// Fills options with the defaults.
///
/// @param options  the options
/// @param size     sizeof(facenet_export_options) where the caller was compiled
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_export_options_init(
    options: *mut facenet_export_options,
    size: usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| growing::init(args, options, size))
}

/// The same as facenet_export_folder, with settings.
///
/// @param embedder  the embedder, for aligned faces; or NULL
/// @param pipeline  the pipeline, for photos; or NULL. Exactly one of both is given
/// @param input     a folder per person below it
/// @param output    the folder to write to; it is made if need be
/// @param options   settings, or NULL
/// @param call      progress (in images) and cancellation, or NULL
/// @param summary   gets the counts; may be NULL
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_export_folder_with(
    embedder: *const facenet_embedder,
    pipeline: *const facenet_pipeline,
    input: *const c_char,
    output: *const c_char,
    options: *const facenet_export_options,
    call: *const facenet_call,
    summary: *mut facenet_export_summary,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_long(call, |args, progress| {
        let place = growing::optional_place(args, summary, "summary")?;
        let extractor = extractor::read(args, embedder, pipeline)?;
        let (input, output) = (args.path(input, "input")?, args.path(output, "output")?);
        let options = growing::read(args, options)?;
        let default = ExportOptions::default();
        let name = |given, field, name: String| -> Result<String> {
            Ok(args.optional_text(given, field)?.map_or(name, str::to_string))
        };
        let options = ExportOptions {
            part_size: options.part_size as usize,
            shard: Partition::new(options.part, options.parts)?,
            embeddings_name: name(options.embeddings_name, "options.embeddings_name", default.embeddings_name)?,
            labels_name: name(options.labels_name, "options.labels_name", default.labels_name)?,
            label_strings_name: name(
                options.label_strings_name,
                "options.label_strings_name",
                default.label_strings_name,
            )?,
            settings: default.settings,
        };
        let job = ExportJob::plan(input, output, extractor, options)?;
        let done = progress.watch(|watch| job.run(watch))?;
        if done.job.interrupted {
            return Err(stopped());
        }
        let counts = facenet_export_summary {
            struct_size: size_of::<facenet_export_summary>(),
            images: done.job.images,
            done_before: done.job.done_before,
            processed: done.job.processed,
            faces: done.faces,
            failed: done.job.failed,
        };
        if let Some(place) = place {
            place.fill([counts]);
        }
        Ok(())
    })
}
