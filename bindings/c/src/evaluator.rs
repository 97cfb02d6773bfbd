//! Evaluator: accuracy on pairs of faces.

use std::ffi::c_char;
use std::mem::offset_of;

use facenet_core::{Error, ErrorKind};
use facenet_lab::Watch;
use facenet_lab::evaluate::{
    FoldOptions, ImageVector, InsightfacePairs, Pairs, Protocol, RateOptions, ValidationOptions, lfw, validate,
};
use ndarray::Array2;

use crate::arguments::{self, Arguments};
use crate::call::facenet_call;
use crate::distance::facenet_metric;
use crate::embedder::{self, FACENET_MIRROR_OFF, facenet_embedder, facenet_mirror};
use crate::growing::{self, Growing};
use crate::pipeline::facenet_pipeline;
use crate::report::facenet_report;
use crate::status::facenet_status;
use crate::{distance, extractor};

/// Measures the accuracy of verification on pairs of faces, by the protocol of Labeled Faces in the Wild.
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
    pub metric: facenet_metric,
    /// 1 to subtract the mean of the embeddings trained on, else 0.
    pub subtract_mean: u32,
    /// How often people are drawn for confidence intervals; 1000, 0 for none.
    pub replicates: u32,
    /// False accept rate at which the validation rate is taken, between 0 and 1; 0.001.
    pub wanted_far: f64,
    /// Seed: the same seed gives the same intervals.
    pub seed: u64,
    /// 1 to keep pictures of the hardest pairs for facenet_report_write_html, for which images are read again; 0, the
    /// default, for none.
    pub pictures: u32,
    /// Zero.
    pub reserved: u32,
    /// Share of confidence of the intervals, between 0 and 1; 0.95.
    pub confidence: f64,
    /// False match rates for which thresholds are wanted, each between 0 and 1; NULL, the default, for 0.01, 0.001 and 0.0001.
    pub false_match_rates: *const f64,
    /// Number of them.
    pub false_match_rate_count: usize,
    /// FACENET_MIRROR_...: what was made of mirror images, for the grid of thresholds; FACENET_MIRROR_OFF by default. Where an
    /// embedder makes the embeddings, it is the embedder's.
    pub mirror: facenet_mirror,
    /// How many of the hardest pairs of each kind the report names; 12.
    pub hardest: u32,
}

// SAFETY: numbers and pointers, the size first.
unsafe impl Growing for facenet_evaluator_options {
    const FIRST_SIZE: usize = offset_of!(Self, pictures);

    fn defaults() -> Self {
        let ValidationOptions { folds, rates, hardest, .. } = ValidationOptions::default();
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
            confidence: rates.confidence,
            false_match_rates: std::ptr::null(),
            false_match_rate_count: 0,
            mirror: FACENET_MIRROR_OFF,
            hardest: hardest as u32,
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
    unsafe { Arguments::promised() }.call(|args| growing::init(args, options, size))
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
        let options = growing::read(args, options)?;
        let rates = RateOptions::default();
        let wanted = match (options.false_match_rates.is_null(), options.false_match_rate_count) {
            (true, 0) => rates.false_match_rates,
            (_, count) => args.slice(options.false_match_rates, count, "options.false_match_rates")?.to_vec(),
        };
        let options = ValidationOptions {
            folds: FoldOptions {
                folds: options.folds as usize,
                metric: distance::read(options.metric)?,
                subtract_mean: arguments::flag(options.subtract_mean, "options.subtract_mean")?,
                wanted_far: options.wanted_far,
                mirror: embedder::mirror(options.mirror)?,
            },
            rates: RateOptions {
                false_match_rates: wanted,
                confidence: options.confidence,
                replicates: options.replicates as usize,
                seed: options.seed,
            },
            pictures: arguments::flag(options.pictures, "options.pictures")?,
            hardest: options.hardest as usize,
        };
        Ok(facenet_evaluator { options, dimension: 0, values: Vec::new(), pairs: Vec::new() })
    })
}

/// Adds a pair of embeddings. Folds are made of the pairs in the order of adding.
///
/// @param evaluator  the evaluator
/// @param a          the first embedding
/// @param b          the second embedding
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

/// Evaluates the pairs that were added. Their people are not known, so that there are no confidence intervals.
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
        let embeddings = Array2::from_shape_vec((rows, evaluator.dimension), evaluator.values.clone())
            .map_err(|error| Error::new(ErrorKind::Internal, "pairs").with_source(error))?;
        let protocol = Protocol::of_answers(&evaluator.pairs);
        let rows: Vec<ImageVector> = (0..rows).map(ImageVector::Row).collect();
        let mut options = evaluator.options.clone();
        options.rates.replicates = 0;
        let validation = validate(&protocol, embeddings.view(), &rows, &options, &Watch::none())?;
        Ok(facenet_report::of(validation))
    })
}

/// Evaluates a model on a folder of people and a list of pairs, as the validate_on_lfw of facenet.
///
/// Give the embedder if the folder holds aligned faces, or the pipeline if it holds photos, and NULL for the other; the
/// pipeline should be one that gives one face a photo (FACENET_SELECTION_CENTRAL). Images that are missing or give no
/// face are counted in the report.
///
/// @param evaluator  the settings
/// @param embedder   the embedder, for aligned faces; or NULL
/// @param pipeline   the pipeline, for photos; or NULL
/// @param folder     a folder per person below it
/// @param pairs      the list, as pairs.txt of Labeled Faces in the Wild
/// @param call       progress (in images) and cancellation, or NULL
/// @param report     gets the report; free it with facenet_report_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_evaluator_run_lfw(
    evaluator: *const facenet_evaluator,
    embedder: *const facenet_embedder,
    pipeline: *const facenet_pipeline,
    folder: *const c_char,
    pairs: *const c_char,
    call: *const facenet_call,
    report: *mut *mut facenet_report,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_long(call, |args, progress| {
        args.give(report, "report", || {
            let evaluator = args.get(evaluator, "evaluator")?;
            let extractor = extractor::read(args, embedder, pipeline)?;
            let (folder, pairs) = (args.path(folder, "folder")?, args.path(pairs, "pairs")?);
            let pairs = Pairs::read(pairs)?;
            let validation = progress.watch(|watch| lfw(&extractor, folder, &pairs, &evaluator.options, watch))?;
            Ok(facenet_report::of(validation))
        })
    })
}

/// Evaluates a model on a file of pairs as InsightFace ships them, like lfw.bin or agedb_30.bin. Its faces were cut out in
/// another way than facenet's, and are scaled to the size that the model needs: the report says so.
///
/// @param evaluator  the settings
/// @param embedder   the embedder
/// @param path       the file
/// @param call       progress (in images) and cancellation, or NULL
/// @param report     gets the report; free it with facenet_report_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_evaluator_run_insightface(
    evaluator: *const facenet_evaluator,
    embedder: *const facenet_embedder,
    path: *const c_char,
    call: *const facenet_call,
    report: *mut *mut facenet_report,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_long(call, |args, progress| {
        args.give(report, "report", || {
            let evaluator = args.get(evaluator, "evaluator")?;
            let embedder = &args.get(embedder, "embedder")?.0;
            let pairs = InsightfacePairs::read(args.path(path, "path")?)?;
            let validation = progress.watch(|watch| pairs.validate(embedder, &evaluator.options, watch))?;
            Ok(facenet_report::of(validation))
        })
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
