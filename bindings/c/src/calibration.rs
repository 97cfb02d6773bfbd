//! Thresholds for wanted false match rates, and their files.

use std::ffi::{c_char, c_void};

use facenet_core::model::Threshold;
use facenet_lab::evaluate::{CalibrationOptions, Profile, RateOptions, calibrate};

use crate::arguments::{self, Arguments};
use crate::embedder::{facenet_embedder, facenet_threshold};
use crate::progress::{Progress, facenet_progress_callback};
use crate::status::facenet_status;
use crate::{distance, matrix};

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
/// @param progress    is told how far it is, or NULL
/// @param user        for `progress`
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
    progress: facenet_progress_callback,
    user: *mut c_void,
    thresholds: *mut facenet_threshold,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let metric = distance::read(metric)?;
        let vectors = matrix::read(args, vectors, count, dimension, "vectors")?;
        let subjects = args.slice(subjects, count, "subjects")?;
        let rates = args.slice(rates, rate_count, "rates")?;
        let places = args.slice_mut(thresholds, rate_count, "thresholds")?;
        let options = RateOptions { false_match_rates: rates.to_vec(), replicates: 0, ..RateOptions::default() };
        let options = CalibrationOptions { metric, rates: options, ..CalibrationOptions::default() };
        let progress = Progress::new(progress, user);
        let points = progress.watch(|watch| calibrate(vectors, subjects, &options, watch))?.rates.points;
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

/// Writes thresholds to a file, as `facenet calibrate` does. `facenet compare --profile` takes it.
///
/// @param embedder     what made the vectors that the thresholds were measured on
/// @param metric       metric of the thresholds, FACENET_METRIC_...
/// @param thresholds   the thresholds, the default first
/// @param count        number of them, 1 or more; each distance is a number
/// @param measured_on  on what they were measured, for the reader
/// @param path         the file; it appears whole or not at all
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_profile_write(
    embedder: *const facenet_embedder,
    metric: u32,
    thresholds: *const facenet_threshold,
    count: usize,
    measured_on: *const c_char,
    path: *const c_char,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let embedder = &args.get(embedder, "embedder")?.0;
        let metric = distance::read(metric)?;
        let thresholds = args.slice(thresholds, count, "thresholds")?;
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
/// @param embedder    what makes the vectors; FACENET_ERROR_FINGERPRINT_MISMATCH if the thresholds are for others
/// @param metric      gets the metric of the thresholds, FACENET_METRIC_...
/// @param thresholds  gets the thresholds, the default first; may be NULL if `capacity` is 0
/// @param capacity    thresholds that there is room for; 0 only asks for `needed`
/// @param needed      gets the number of thresholds; may be NULL
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_profile_read(
    path: *const c_char,
    embedder: *const facenet_embedder,
    metric: *mut u32,
    thresholds: *mut facenet_threshold,
    capacity: usize,
    needed: *mut usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_writing(metric, "metric", |args| {
        arguments::check(metric, "metric")?;
        let path = args.path(path, "path")?;
        let embedder = &args.get(embedder, "embedder")?.0;
        let profile = Profile::read(path)?;
        profile.check(embedder.fingerprint())?;
        let found: Vec<facenet_threshold> = profile.thresholds().iter().map(Into::into).collect();
        args.fill(&found, thresholds, capacity, needed)?;
        Ok(distance::number(profile.metric()))
    })
}
