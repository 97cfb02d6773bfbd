//! How well faces are told apart.

use std::ffi::{c_char, c_void};
use std::mem::offset_of;

use facenet_core::{Error, ErrorKind};
use facenet_lab::Watch;
use facenet_lab::evaluate::{
    FoldOptions, ImageVector, InsightfacePairs, Pairs, Protocol, RateOptions, ValidationOptions, lfw, validate,
};
use ndarray::Array2;

use crate::arguments::{self, Arguments};
use crate::embedder::facenet_embedder;
use crate::options::{self, Options};
use crate::pipeline::facenet_pipeline;
use crate::progress::{Progress, facenet_progress_callback};
use crate::report::facenet_report;
use crate::status::facenet_status;
use crate::{distance, extractor};

/// Measures how well pairs of faces are told apart, by the protocol of Labeled Faces in the Wild.
///
/// @since 0.1
pub struct facenet_evaluator {
    options: ValidationOptions,
    dimension: usize,
    values: Vec<f32>,
    pairs: Vec<bool>,
}

/// Settings of an evaluation: fill it with facenet_evaluator_options_init. The defaults are those of facenet's
/// validate_on_lfw.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_evaluator_options {
    /// Bytes of this struct.
    pub struct_size: usize,
    /// Number of folds, 2 or more; 10.
    pub folds: u32,
    /// FACENET_METRIC_...; the squared Euclidean distance by default.
    pub metric: u32,
    /// 1 to subtract the mean of the vectors trained on, else 0.
    pub subtract_mean: u32,
    /// How often people are drawn for confidence intervals; 1000, 0 for none.
    pub replicates: u32,
    /// False accept rate at which the validation rate is taken, between 0 and 1; 0.001.
    pub wanted_far: f64,
    /// The same seed gives the same intervals.
    pub seed: u64,
    /// 1 to keep pictures of the hardest pairs for facenet_report_write_html, for which images are read again; 0, the
    /// default, for none.
    pub pictures: u32,
    /// Zero.
    pub reserved: u32,
}

// SAFETY: numbers, the size first.
unsafe impl Options for facenet_evaluator_options {
    const FIRST_SIZE: usize = offset_of!(Self, pictures);

    fn defaults() -> Self {
        let ValidationOptions { folds, rates, .. } = ValidationOptions::default();
        Self {
            struct_size: size_of::<Self>(),
            folds: folds.folds as u32,
            metric: distance::number(folds.metric),
            subtract_mean: folds.subtract_mean.into(),
            replicates: rates.replicates as u32,
            wanted_far: folds.wanted_far,
            seed: rates.seed,
            pictures: 0,
            reserved: 0,
        }
    }
}

/// Fills options with the defaults.
///
/// @param options  the options
/// @param size     sizeof(facenet_evaluator_options) where the caller was compiled
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_evaluator_options_init(
    options: *mut facenet_evaluator_options,
    size: usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| options::init(args, options, size))
}

/// Makes an evaluator without pairs.
///
/// @param options    settings, or NULL
/// @param evaluator  gets the evaluator; free it with facenet_evaluator_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_evaluator_new(
    options: *const facenet_evaluator_options,
    evaluator: *mut *mut facenet_evaluator,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_giving(evaluator, "evaluator", |args| {
        let options = options::read(args, options)?;
        let options = ValidationOptions {
            folds: FoldOptions {
                folds: options.folds as usize,
                metric: distance::read(options.metric)?,
                subtract_mean: arguments::flag(options.subtract_mean, "options.subtract_mean")?,
                wanted_far: options.wanted_far,
                ..FoldOptions::default()
            },
            rates: RateOptions {
                replicates: options.replicates as usize,
                seed: options.seed,
                ..RateOptions::default()
            },
            pictures: arguments::flag(options.pictures, "options.pictures")?,
            ..ValidationOptions::default()
        };
        Ok(facenet_evaluator { options, dimension: 0, values: Vec::new(), pairs: Vec::new() })
    })
}

/// Adds a pair of vectors. Folds are made of the pairs in the order of adding.
///
/// @param evaluator  the evaluator
/// @param a          the first vector
/// @param b          the second vector
/// @param dimension  values of each, the same for all pairs
/// @param same       1 if both are of the same person, else 0
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_evaluator_add_pair(
    evaluator: *mut facenet_evaluator,
    a: *const f32,
    b: *const f32,
    dimension: usize,
    same: u32,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let evaluator = args.get_mut(evaluator, "evaluator")?;
        let same = arguments::flag(same, "same")?;
        let (a, b) = (args.slice(a, dimension, "a")?, args.slice(b, dimension, "b")?);
        if dimension == 0 || !evaluator.pairs.is_empty() && dimension != evaluator.dimension {
            let message = format!("a pair of {dimension} values among pairs of {}", evaluator.dimension);
            return Err(Error::new(ErrorKind::DimensionMismatch, message));
        }
        evaluator.dimension = dimension;
        evaluator.values.extend_from_slice(a);
        evaluator.values.extend_from_slice(b);
        evaluator.pairs.push(same);
        Ok(())
    })
}

/// Evaluates the pairs that were added. Whose they are is not known: there are no confidence intervals.
///
/// @param evaluator  the evaluator
/// @param report     gets the report; free it with facenet_report_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_evaluator_report(
    evaluator: *const facenet_evaluator,
    report: *mut *mut facenet_report,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_giving(report, "report", |args| {
        let evaluator = args.get(evaluator, "evaluator")?;
        let rows = 2 * evaluator.pairs.len();
        let vectors = Array2::from_shape_vec((rows, evaluator.dimension), evaluator.values.clone())
            .map_err(|error| Error::new(ErrorKind::Internal, "pairs").with_source(error))?;
        let protocol = Protocol::of_answers(&evaluator.pairs);
        let rows: Vec<ImageVector> = (0..rows).map(ImageVector::Row).collect();
        let mut options = evaluator.options.clone();
        options.rates.replicates = 0;
        let validation = validate(&protocol, vectors.view(), &rows, &options, &Watch::none())?;
        Ok(facenet_report::of(validation))
    })
}

/// Evaluates a model on a folder of people and a list of pairs, as facenet's validate_on_lfw.
///
/// Give the embedder if the folder holds aligned faces, or the pipeline if it holds photos, and NULL for the other; the
/// pipeline should be one that gives one face a photo (FACENET_SELECTION_CENTRAL). Images that are missing or give no
/// face are counted in the report.
///
/// @param evaluator  the settings
/// @param embedder   what embeds aligned faces, or NULL
/// @param pipeline   what finds, aligns and embeds faces, or NULL
/// @param folder     a folder per person below it
/// @param pairs      the list, as pairs.txt of Labeled Faces in the Wild
/// @param progress   is told how many images are done, or NULL
/// @param user       for `progress`
/// @param report     gets the report; free it with facenet_report_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_evaluator_run_lfw(
    evaluator: *const facenet_evaluator,
    embedder: *const facenet_embedder,
    pipeline: *const facenet_pipeline,
    folder: *const c_char,
    pairs: *const c_char,
    progress: facenet_progress_callback,
    user: *mut c_void,
    report: *mut *mut facenet_report,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_giving(report, "report", |args| {
        let evaluator = args.get(evaluator, "evaluator")?;
        let extractor = extractor::read(args, embedder, pipeline)?;
        let (folder, pairs) = (args.path(folder, "folder")?, args.path(pairs, "pairs")?);
        let progress = Progress::new(progress, user);
        let pairs = Pairs::read(pairs)?;
        let validation = progress.watch(|watch| lfw(&extractor, folder, &pairs, &evaluator.options, watch))?;
        Ok(facenet_report::of(validation))
    })
}

/// Evaluates a model on a file of pairs as InsightFace ships them, like lfw.bin or agedb_30.bin. Its faces were cut out in
/// another way than facenet's, and are scaled to the size that the model needs: the report says so.
///
/// @param evaluator  the settings
/// @param embedder   what embeds the faces
/// @param path       the file
/// @param progress   is told how many images are done, or NULL
/// @param user       for `progress`
/// @param report     gets the report; free it with facenet_report_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_evaluator_run_insightface(
    evaluator: *const facenet_evaluator,
    embedder: *const facenet_embedder,
    path: *const c_char,
    progress: facenet_progress_callback,
    user: *mut c_void,
    report: *mut *mut facenet_report,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_giving(report, "report", |args| {
        let evaluator = args.get(evaluator, "evaluator")?;
        let embedder = &args.get(embedder, "embedder")?.0;
        let pairs = InsightfacePairs::read(args.path(path, "path")?)?;
        let progress = Progress::new(progress, user);
        let validation = progress.watch(|watch| pairs.validate(embedder, &evaluator.options, watch))?;
        Ok(facenet_report::of(validation))
    })
}

/// Frees an evaluator. NULL is fine.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_evaluator_free(evaluator: *mut facenet_evaluator) {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.free(evaluator)
}
