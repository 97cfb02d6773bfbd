//! Distance of embeddings.

use facenet_core::{Error, ErrorKind, Metric, Result, embedding};

use crate::arguments::Arguments;
use crate::barrier;
use crate::status::facenet_status;

/// Measure of how far two embeddings are apart: FACENET_METRIC_...
///
/// @since 0.1
pub type facenet_metric = u32;
/// Euclidean distance, 0 to 2 for embeddings of unit norm.
pub const FACENET_METRIC_EUCLIDEAN: facenet_metric = 0;
/// Squared Euclidean distance, 0 to 4 for embeddings of unit norm.
pub const FACENET_METRIC_SQUARED_EUCLIDEAN: facenet_metric = 1;
/// Angle between the embeddings over pi, 0 to 1.
pub const FACENET_METRIC_ANGULAR: facenet_metric = 2;
/// Cosine of the angle, -1 to 1: the only one that grows with likeness.
pub const FACENET_METRIC_COSINE: facenet_metric = 3;

/// Distance (with FACENET_METRIC_COSINE, likeness) of two embeddings. They must come from embedders with the same fingerprint.
///
/// @param a          the first embedding
/// @param b          the second embedding
/// @param dimension  values of each
/// @param metric     FACENET_METRIC_...
/// @param distance   gets the distance
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_distance(
    a: *const f32,
    b: *const f32,
    dimension: usize,
    metric: facenet_metric,
    distance: *mut f32,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_writing(distance, "distance", |args| {
        let metric = read(metric)?;
        let (a, b) = (args.slice(a, dimension, "a")?, args.slice(b, dimension, "b")?);
        let value = embedding::distance(a, b, metric)?;
        Ok(value)
    })
}

/// Whether a distance is within a threshold: no more than it, or for FACENET_METRIC_COSINE, a likeness, no less.
///
/// @param metric     FACENET_METRIC_...
/// @param distance   the distance
/// @param threshold  the threshold
/// @return           1 if it is, 0 if it is not or the metric is unknown
/// @since 0.1
#[unsafe(no_mangle)]
pub extern "C" fn facenet_metric_within(metric: facenet_metric, distance: f32, threshold: f32) -> u32 {
    barrier::value_or(0, || Ok(read(metric)?.within(distance, threshold).into()))
}

/// The metric of the caller.
pub(crate) fn read(metric: facenet_metric) -> Result<Metric> {
    match metric {
        FACENET_METRIC_EUCLIDEAN => Ok(Metric::Euclidean),
        FACENET_METRIC_SQUARED_EUCLIDEAN => Ok(Metric::SquaredEuclidean),
        FACENET_METRIC_ANGULAR => Ok(Metric::Angular),
        FACENET_METRIC_COSINE => Ok(Metric::Cosine),
        other => Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("metric is {other}, which this version of the library does not know"),
        )),
    }
}

/// The number of a metric.
pub(crate) fn number(metric: Metric) -> facenet_metric {
    match metric {
        Metric::Euclidean => FACENET_METRIC_EUCLIDEAN,
        Metric::SquaredEuclidean => FACENET_METRIC_SQUARED_EUCLIDEAN,
        Metric::Angular => FACENET_METRIC_ANGULAR,
        Metric::Cosine => FACENET_METRIC_COSINE,
    }
}
