//! The thresholds that the original tries.

use facenet_core::embedding::Metric;
use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::model::Mirror;

/// The thresholds of the original: coarse ones for accuracy and ROC, fine ones for the validation rate.
pub(super) struct Grid {
    scale: f64,
    /// Number of coarse thresholds.
    pub(super) coarse: usize,
    fine: usize,
}

impl Grid {
    const COARSE: f64 = 0.01;
    const FINE: f64 = 0.001;
    const COARSE_COUNT: usize = 400;
    const FINE_COUNT: usize = 4000;

    /// Distances up to which the thresholds may have to reach: a thousand times as far as those of embeddings.
    const FARTHEST: f64 = 4000.0;

    pub(super) fn new(metric: Metric, mirror: Mirror, largest: f64) -> Result<Self> {
        if largest > Self::FARTHEST {
            let message = format!("vectors lie {largest} apart: scale them to length one, so that thresholds fit them");
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        let halved = mirror == Mirror::Concatenate && metric == Metric::SquaredEuclidean;
        let scale = if halved { 0.5 } else { 1.0 };
        // Up to the first threshold above every distance.
        let reach = |step: f64, least: usize| least.max((largest / scale / step) as usize + 2);
        Ok(Self { scale, coarse: reach(Self::COARSE, Self::COARSE_COUNT), fine: reach(Self::FINE, Self::FINE_COUNT) })
    }

    pub(super) fn coarse(&self) -> impl Iterator<Item = f64> + use<> {
        let scale = self.scale;
        (0..self.coarse).map(move |index| index as f64 * Self::COARSE * scale)
    }

    pub(super) fn fine(&self) -> impl Iterator<Item = f64> + use<> {
        let scale = self.scale;
        (0..self.fine).map(move |index| index as f64 * Self::FINE * scale)
    }
}
