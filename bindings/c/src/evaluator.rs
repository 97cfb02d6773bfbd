//! How well faces are told apart.

use std::ffi::{c_char, c_void};
use std::sync::atomic::AtomicBool;

use facenet_core::evaluate::{
    CalibrationOptions, FoldOptions, ImageVector, Pairs, Protocol, ProtocolImage, ProtocolPair, RateOptions, RocPoint,
    Validation, ValidationOptions, calibrate, lfw, report, validate,
};
use facenet_core::{Error, ErrorKind, Extractor, Result, files};
use ndarray::Array2;

use crate::embedder::{facenet_embedder, facenet_threshold};
use crate::options::{self, Options};
use crate::pipeline::facenet_pipeline;
use crate::progress::{Progress, facenet_progress_callback};
use crate::runtime::json;
use crate::status::facenet_status;
use crate::{boundary, distance, matrix};

/// Measures how well pairs of faces are told apart, by the protocol of Labeled Faces in the Wild.
///
/// @since 0.1
pub struct facenet_evaluator {
    options: ValidationOptions,
    dimension: usize,
    values: Vec<f32>,
    pairs: Vec<bool>,
}

/// What an evaluation found.
///
/// Immutable: many threads may use one at once.
///
/// @since 0.1
pub struct facenet_report {
    validation: Validation,
    roc: Vec<facenet_roc_point>,
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
}

// SAFETY: numbers, the size first.
unsafe impl Options for facenet_evaluator_options {
    const FIRST_SIZE: usize = size_of::<Self>();

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
        }
    }
}

/// The figures of a report.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_figures {
    /// Share of right decisions, mean over folds.
    pub accuracy: f64,
    /// Its standard deviation over folds.
    pub accuracy_deviation: f64,
    /// Share of the pairs of one person that are accepted at the wanted false accept rate, mean over folds.
    pub validation_rate: f64,
    /// Its standard deviation over folds.
    pub validation_rate_deviation: f64,
    /// The false accept rate there, mean over folds.
    pub far: f64,
    /// Area under the mean ROC curve.
    pub area_under_curve: f64,
    /// Equal error rate of the mean ROC curve.
    pub equal_error_rate: f64,
    /// Pairs of the protocol.
    pub pairs: u64,
    /// Pairs of which an image is missing or gave no face: they are in no figure.
    pub pairs_left_out: u64,
    /// Images that are not there.
    pub images_missing: u64,
    /// Images that gave no face, or cannot be read.
    pub images_failed: u64,
}

/// The rates of errors at one threshold.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_roc_point {
    /// The decision is "same" within this distance; not a number where everything is rejected.
    pub threshold: f32,
    /// Zero.
    pub reserved: u32,
    /// Share of the pairs of different people that are taken for the same.
    pub false_match_rate: f64,
    /// Share of the pairs of one person that are taken for different people.
    pub false_non_match_rate: f64,
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
    // SAFETY: the caller says that the options have `size` bytes.
    boundary::call(|| unsafe { options::init(options, size) })
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
    boundary::call(|| {
        boundary::check_aligned(evaluator, "evaluator")?;
        // SAFETY: the caller's promise.
        let options = unsafe { options::read(options) }?;
        let options = ValidationOptions {
            folds: FoldOptions {
                folds: options.folds as usize,
                metric: distance::read(options.metric)?,
                subtract_mean: boundary::flag(options.subtract_mean, "options.subtract_mean")?,
                wanted_far: options.wanted_far,
                ..FoldOptions::default()
            },
            rates: RateOptions {
                replicates: options.replicates as usize,
                seed: options.seed,
                ..RateOptions::default()
            },
            // The page may be asked for later.
            pictures: true,
            ..ValidationOptions::default()
        };
        let made = facenet_evaluator { options, dimension: 0, values: Vec::new(), pairs: Vec::new() };
        // SAFETY: the caller's promise.
        unsafe { boundary::give(evaluator, "evaluator", made) }
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
    boundary::call(|| {
        // SAFETY: the caller's promise.
        let evaluator = unsafe { boundary::reference_mut(evaluator, "evaluator") }?;
        let same = boundary::flag(same, "same")?;
        // SAFETY: the caller's promise.
        let (a, b) = unsafe { (boundary::slice(a, dimension, "a")?, boundary::slice(b, dimension, "b")?) };
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
    boundary::call(|| {
        boundary::check_aligned(report, "report")?;
        // SAFETY: the caller's promise.
        let evaluator = unsafe { boundary::reference(evaluator, "evaluator") }?;
        let rows = 2 * evaluator.pairs.len();
        let vectors = Array2::from_shape_vec((rows, evaluator.dimension), evaluator.values.clone())
            .map_err(|error| Error::new(ErrorKind::Internal, "pairs").with_source(error))?;
        // A pair of one person has one, a pair of two people two, and nobody is in two pairs.
        let subject = |row: usize| (if evaluator.pairs[row / 2] { row & !1 } else { row }) as u32;
        let images = (0..rows).map(|row| ProtocolImage { name: row.to_string(), subject: subject(row) }).collect();
        let pairs = evaluator.pairs.iter().enumerate();
        let pairs = pairs.map(|(index, &same)| ProtocolPair { a: 2 * index, b: 2 * index + 1, same }).collect();
        let protocol = Protocol { images, pairs };
        let rows: Vec<ImageVector> = (0..rows).map(ImageVector::Row).collect();
        let mut options = evaluator.options.clone();
        options.rates.replicates = 0;
        let validation = validate(&protocol, vectors.view(), &rows, &options, &AtomicBool::new(false))?;
        // SAFETY: the caller's promise.
        unsafe { boundary::give(report, "report", facenet_report::of(validation)) }
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
    boundary::call(|| {
        boundary::check_aligned(report, "report")?;
        // SAFETY: the caller's promise.
        let evaluator = unsafe { boundary::reference(evaluator, "evaluator") }?;
        // SAFETY: the caller's promise.
        let extractor = unsafe { extractor(embedder, pipeline) }?;
        // SAFETY: the caller's promise.
        let (folder, pairs) = unsafe { (boundary::path(folder, "folder")?, boundary::path(pairs, "pairs")?) };
        let progress = Progress::new(progress, user);
        let tell = |done: usize, total: usize| progress.tell(done as u64, total as u64);
        let pairs = Pairs::read(pairs)?;
        let validation = lfw(&extractor, folder, &pairs, &evaluator.options, tell, progress.cancel())?;
        // SAFETY: the caller's promise.
        unsafe { boundary::give(report, "report", facenet_report::of(validation)) }
    })
}

/// Frees an evaluator. NULL is fine.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_evaluator_free(evaluator: *mut facenet_evaluator) {
    // SAFETY: the caller's promise.
    unsafe { boundary::free(evaluator) }
}

/// The figures of a report.
///
/// @param report   the report
/// @param figures  gets the figures
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_report_figures(
    report: *const facenet_report,
    figures: *mut facenet_figures,
) -> facenet_status {
    boundary::call(|| {
        // SAFETY: the caller's promise.
        let Validation { cross_validation: folds, missing, failed, pairs, pairs_left_out, .. } =
            &unsafe { boundary::reference(report, "report") }?.validation;
        let found = facenet_figures {
            accuracy: folds.accuracy.mean,
            accuracy_deviation: folds.accuracy.deviation,
            validation_rate: folds.validation_rate.mean,
            validation_rate_deviation: folds.validation_rate.deviation,
            far: folds.far,
            area_under_curve: folds.area_under_curve,
            equal_error_rate: folds.equal_error_rate,
            pairs: *pairs as u64,
            pairs_left_out: *pairs_left_out as u64,
            images_missing: missing.len() as u64,
            images_failed: failed.len() as u64,
        };
        // SAFETY: the caller's promise.
        unsafe { boundary::write(figures, "figures", found) }
    })
}

/// Number of points of the exact ROC curve over all pairs; 0 if `report` is NULL.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_report_roc_count(report: *const facenet_report) -> usize {
    // SAFETY: the caller's promise.
    boundary::value_or(0, || Ok(unsafe { boundary::reference(report, "report") }?.roc.len()))
}

/// The points of the ROC curve, valid until the report is freed; NULL if `report` is NULL.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_report_roc(report: *const facenet_report) -> *const facenet_roc_point {
    boundary::value_or(std::ptr::null(), || {
        // SAFETY: the caller's promise.
        Ok(unsafe { boundary::reference(report, "report") }?.roc.as_ptr())
    })
}

/// Everything in a report, as JSON: folds, error rates with counts and confidence intervals, images left out, hardest pairs.
///
/// @param report    the report
/// @param buffer    where the text goes, with its closing zero; may be NULL if `capacity` is 0
/// @param capacity  bytes of `buffer`; a longer text is cut
/// @param needed    gets the bytes of the whole text without the closing zero; may be NULL
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_report_json(
    report: *const facenet_report,
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
) -> facenet_status {
    boundary::call(|| {
        // SAFETY: the caller's promise.
        let report = unsafe { boundary::reference(report, "report") }?;
        // SAFETY: the caller's promise.
        unsafe { boundary::give_text(&json(&report.validation)?, buffer, capacity, needed) }
    })
}

/// Writes a report as a page for a browser, whole in one file, with curves and the hardest pairs in pictures.
///
/// @param report  the report
/// @param path    the file
/// @param model   what was evaluated, for the reader
/// @param data    on what, for the reader
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_report_write_html(
    report: *const facenet_report,
    path: *const c_char,
    model: *const c_char,
    data: *const c_char,
) -> facenet_status {
    boundary::call(|| {
        // SAFETY: the caller's promise.
        let validation = &unsafe { boundary::reference(report, "report") }?.validation;
        // SAFETY: the caller's promise.
        let path = unsafe { boundary::path(path, "path") }?;
        // SAFETY: the caller's promise.
        let (model, data) = unsafe { (boundary::text(model, "model")?, boundary::text(data, "data")?) };
        let page = self::report(validation, model, data)?;
        files::write_whole(path, |file| file.write_all(page.as_bytes()))
    })
}

/// Frees a report. NULL is fine.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_report_free(report: *mut facenet_report) {
    // SAFETY: the caller's promise.
    unsafe { boundary::free(report) }
}

/// Finds thresholds for wanted false match rates on people's pictures.
///
/// A rate that the number of pairs does not support gets a threshold whose distance is not a number.
///
/// @param vectors     `count` vectors one after the other
/// @param subjects    the person of each vector, by any numbers
/// @param count       number of vectors
/// @param dimension   values of each
/// @param metric      FACENET_METRIC_...
/// @param rates       the wanted false match rates, each between 0 and 1
/// @param rate_count  number of them
/// @param thresholds  gets `rate_count` thresholds
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_calibrate(
    vectors: *const f32,
    subjects: *const u32,
    count: usize,
    dimension: usize,
    metric: u32,
    rates: *const f64,
    rate_count: usize,
    thresholds: *mut facenet_threshold,
) -> facenet_status {
    boundary::call(|| {
        let metric = distance::read(metric)?;
        // SAFETY: the caller's promise.
        let vectors = unsafe { matrix::read(vectors, count, dimension, "vectors") }?;
        // SAFETY: the caller's promise.
        let subjects = unsafe { boundary::slice(subjects, count, "subjects") }?;
        // SAFETY: the caller's promise.
        let rates = unsafe { boundary::slice(rates, rate_count, "rates") }?;
        // SAFETY: the caller's promise.
        let places = unsafe { boundary::slice_mut(thresholds, rate_count, "thresholds") }?;
        let options = RateOptions { false_match_rates: rates.to_vec(), replicates: 0, ..RateOptions::default() };
        let options = CalibrationOptions { metric, rates: options, ..CalibrationOptions::default() };
        let points = calibrate(vectors, subjects, &options, |_, _| {}, &AtomicBool::new(false))?.rates.points;
        for (place, &wanted) in places.iter_mut().zip(rates) {
            let none =
                facenet_threshold { distance: f32::NAN, false_match_rate: f64::NAN, false_non_match_rate: f64::NAN };
            let point = points.iter().find(|point| point.wanted == wanted);
            *place = point.map_or(none, |point| facenet_threshold {
                distance: point.threshold,
                false_match_rate: point.false_match.rate,
                false_non_match_rate: point.false_non_match.rate,
            });
        }
        Ok(())
    })
}

impl facenet_report {
    fn of(validation: Validation) -> Self {
        let roc = validation.rates.roc.iter().map(|point: &RocPoint| facenet_roc_point {
            threshold: point.threshold.unwrap_or(f32::NAN),
            reserved: 0,
            false_match_rate: point.false_match_rate,
            false_non_match_rate: point.false_non_match_rate,
        });
        Self { roc: roc.collect(), validation }
    }
}

/// What makes vectors of a folder's images.
///
/// # Safety
/// As [`boundary::reference`].
pub(crate) unsafe fn extractor(
    embedder: *const facenet_embedder,
    pipeline: *const facenet_pipeline,
) -> Result<Extractor> {
    match (embedder.is_null(), pipeline.is_null()) {
        // SAFETY: the caller's promise.
        (false, true) => Ok(Extractor::of_aligned(unsafe { boundary::reference(embedder, "embedder") }?.0.clone())),
        // SAFETY: the caller's promise.
        (true, false) => Ok(Extractor::of_photos(unsafe { boundary::reference(pipeline, "pipeline") }?.0.clone())),
        _ => {
            let message = "give the embedder for aligned faces or the pipeline for photos, and NULL for the other";
            Err(Error::new(ErrorKind::InvalidArgument, message))
        }
    }
}
