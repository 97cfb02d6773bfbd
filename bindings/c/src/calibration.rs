//! Calibration: thresholds for given false match rates.

use std::ffi::c_char;

use facenet_core::model::Threshold;
use facenet_lab::evaluate::{CalibrationOptions, Profile, RateOptions, calibrate};

use crate::arguments::Arguments;
use crate::call::facenet_call;
use crate::distance::facenet_metric;
use crate::embedder::{facenet_embedder, facenet_threshold};
use crate::growing::{self, Growing as _};
use crate::status::facenet_status;
use crate::{distance, matrix};

/// Finds thresholds for given false match rates on people's pictures.
///
/// A rate that the number of pairs does not support gets a threshold whose distance is NaN.
///
/// @param embeddings     `count` embeddings one after the other
/// @param subjects    the person of each embedding, as any number
/// @param count       number of embeddings
/// @param dimension   values of each
/// @param metric      FACENET_METRIC_...
/// @param rates       the false match rates, each between 0 and 1
/// @param rate_count  number of them
/// @param call        progress and cancellation, or NULL
/// @param thresholds  gets `rate_count` thresholds
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_calibrate(
    embeddings: *const f32,
    subjects: *const u32,
    count: usize,
    dimension: usize,
    metric: facenet_metric,
    rates: *const f64,
    rate_count: usize,
    call: *const facenet_call,
    thresholds: *mut facenet_threshold,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_long(call, |args, progress| {
        let metric = distance::read(metric)?;
        let embeddings = matrix::read(args, embeddings, count, dimension, "embeddings")?;
        let subjects = args.slice(subjects, count, "subjects")?;
        let rates = args.slice(rates, rate_count, "rates")?;
        let places = growing::places(args, thresholds, rate_count, "thresholds")?;
        let options = RateOptions { false_match_rates: rates.to_vec(), replicates: 0, ..RateOptions::default() };
        let options = CalibrationOptions { metric, rates: options, ..CalibrationOptions::default() };
        let points = progress.watch(|watch| calibrate(embeddings, subjects, &options, watch))?.rates.points;
        places.fill(rates.iter().map(|&wanted| {
            let point = points.iter().find(|point| point.wanted == wanted);
            point.map_or(facenet_threshold::defaults(), |point| facenet_threshold {
                distance: point.threshold,
                false_match_rate: point.false_match.rate,
                false_non_match_rate: point.false_non_match.rate,
                ..facenet_threshold::defaults()
            })
        }));
        Ok(())
    })
}

/// Writes thresholds to a file, as `facenet calibrate` does. `facenet compare --profile` takes it.
///
/// @param embedder     the embedder that computed the embeddings that the thresholds were measured on
/// @param metric       metric of the thresholds, FACENET_METRIC_...
/// @param thresholds   the thresholds, the default first
/// @param count        number of them, 1 or more; each distance is a number
/// @param measured_on  name of the data of the measurement, kept in the file
/// @param path         the file; it appears whole or not at all
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_profile_write(
    embedder: *const facenet_embedder,
    metric: facenet_metric,
    thresholds: *const facenet_threshold,
    count: usize,
    measured_on: *const c_char,
    path: *const c_char,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let embedder = &args.get(embedder, "embedder")?.0;
        let metric = distance::read(metric)?;
        let thresholds = growing::read_many(args, thresholds, count, "thresholds")?;
        let measured_on = args.text(measured_on, "measured_on")?;
        let path = args.path(path, "path")?;
        let measured = thresholds.iter().map(|threshold| Threshold {
            distance: threshold.distance,
            mirror: embedder.mirror(),
            false_match_rate: threshold.false_match_rate,
            false_non_match_rate: threshold.false_non_match_rate,
            measured_on: measured_on.to_string(),
        });
        Profile::new(embedder.name(), embedder.fingerprint(), metric, measured.collect())?.write(path)
    })
}

/// Reads the thresholds of a file that facenet_profile_write or `facenet calibrate` wrote.
///
/// @param path        the file
/// @param embedder    the embedder; FACENET_ERROR_FINGERPRINT_MISMATCH if the thresholds are for others
/// @param metric      gets the metric of the thresholds, FACENET_METRIC_...
/// @param thresholds  gets the thresholds, the default first; may be NULL if `capacity` is 0
/// @param capacity    thresholds that there is room for; 0 only asks for `needed`
/// @param needed      gets the number of thresholds; may be NULL
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_profile_read(
    path: *const c_char,
    embedder: *const facenet_embedder,
    metric: *mut facenet_metric,
    thresholds: *mut facenet_threshold,
    capacity: usize,
    needed: *mut usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_writing(metric, "metric", |args| {
        let path = args.path(path, "path")?;
        let embedder = &args.get(embedder, "embedder")?.0;
        let profile = Profile::read(path)?;
        profile.check(embedder.fingerprint())?;
        let found = profile.thresholds();
        if args.has_room(found.len(), capacity, needed)? {
            growing::places(args, thresholds, found.len(), "thresholds")?.fill(found.iter().map(Into::into));
        }
        Ok(distance::number(profile.metric()))
    })
}
