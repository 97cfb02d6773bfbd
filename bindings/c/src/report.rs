//! Report of an evaluation.

use std::ffi::c_char;

use facenet_core::internal::files;
use facenet_lab::evaluate::{RocPoint, Validation, report};

use crate::arguments::Arguments;
use crate::growing::{self, Growing};
use crate::runtime::json;
use crate::status::facenet_status;

/// The result of an evaluation.
///
/// Immutable: many threads may use one at once.
///
/// @since 0.1
pub struct facenet_report {
    validation: Validation,
    roc: Vec<facenet_roc_point>,
}

/// The figures of a report.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_figures {
    /// Bytes of this struct.
    pub struct_size: usize,
    /// Share of correct decisions, mean over folds.
    pub accuracy: f64,
    /// Its standard deviation over folds.
    pub accuracy_deviation: f64,
    /// Share of the pairs of one person that are accepted at the requested false accept rate, mean over folds.
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

// SAFETY: numbers, the size first.
unsafe impl Growing for facenet_figures {
    const FIRST_SIZE: usize = size_of::<Self>();

    fn defaults() -> Self {
        Self {
            struct_size: size_of::<Self>(),
            accuracy: 0.0,
            accuracy_deviation: 0.0,
            validation_rate: 0.0,
            validation_rate_deviation: 0.0,
            far: 0.0,
            area_under_curve: 0.0,
            equal_error_rate: 0.0,
            pairs: 0,
            pairs_left_out: 0,
            images_missing: 0,
            images_failed: 0,
        }
    }
}

/// The rates of errors at one threshold.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_roc_point {
    /// Bytes of this struct in the library that made it.
    pub struct_size: usize,
    /// The decision is "same" within this distance; NaN where everything is rejected.
    pub threshold: f32,
    /// Zero.
    pub reserved: u32,
    /// Share of the pairs of different people that are taken for the same.
    pub false_match_rate: f64,
    /// Share of the pairs of one person that are taken for different people.
    pub false_non_match_rate: f64,
}

impl facenet_report {
    pub(crate) fn of(validation: Validation) -> Self {
        let roc = validation.rates.roc.iter().map(|point: &RocPoint| facenet_roc_point {
            struct_size: size_of::<facenet_roc_point>(),
            threshold: point.threshold.unwrap_or(f32::NAN),
            reserved: 0,
            false_match_rate: point.false_match_rate,
            false_non_match_rate: point.false_non_match_rate,
        });
        Self { roc: roc.collect(), validation }
    }
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
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let place = growing::place(args, figures, "figures")?;
        let Validation { cross_validation: folds, missing, failed, pairs, pairs_left_out, .. } =
            &args.get(report, "report")?.validation;
        place.fill([facenet_figures {
            struct_size: size_of::<facenet_figures>(),
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
        }]);
        Ok(())
    })
}

/// Number of points of the exact ROC curve over all pairs; 0 if `report` is NULL.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_report_roc_count(report: *const facenet_report) -> usize {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.value_or(0, |args| Ok(args.get(report, "report")?.roc.len()))
}

/// Point number `index` of the ROC curve, from 0, valid until the report is freed; NULL if there is no such point.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_report_roc(report: *const facenet_report, index: usize) -> *const facenet_roc_point {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.value_or(std::ptr::null(), |args| {
        Ok(args.get(report, "report")?.roc.get(index).map_or(std::ptr::null(), std::ptr::from_ref))
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
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let report = args.get(report, "report")?;
        args.give_text(&json(&report.validation)?, buffer, capacity, needed)
    })
}

/// Writes a report as a page for a browser, whole in one file, with curves and the hardest pairs. They are in pictures
/// if facenet_evaluator_options.pictures was 1.
///
/// @param report  the report
/// @param path    the file
/// @param model   the name of the model, shown on the page
/// @param data    the name of the data, shown on the page
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_report_write_html(
    report: *const facenet_report,
    path: *const c_char,
    model: *const c_char,
    data: *const c_char,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let validation = &args.get(report, "report")?.validation;
        let path = args.path(path, "path")?;
        let (model, data) = (args.text(model, "model")?, args.text(data, "data")?);
        let page = self::report(validation, model, data)?;
        files::write_whole(path, |file| file.write_all(page.as_bytes()))
    })
}

/// Frees a report. NULL is fine.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_report_free(report: *mut facenet_report) {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.free(report)
}
