//! Thresholds that were measured, for the models they were measured with.

use super::Algorithm;
use facenet_core::embedding::Fingerprint;

/// The shipped model on faces cut out and treated as its file says, without mirror images.
const SHIPPED: &str = "ae778467c32d9e59483e71ec160ac9d4";

impl Algorithm {
    /// The algorithm to take if nothing speaks for another: on LFW within 0.006 of the best BCubed F, and for any
    /// number of faces.
    pub const RECOMMENDED: Self = Self::KnnGraph;

    /// The mean of the thresholds that had the best BCubed F on either half of LFW's people with this model and
    /// preprocessing (see `benches/README.md`); none if it was not measured.
    ///
    /// The more people there are, the more of them look alike: with many more than LFW's 5,749, or if different people
    /// must not be mixed, a stricter one is better.
    ///
    /// ```
    /// use facenet::Fingerprint;
    /// use facenet::cluster::Algorithm;
    ///
    /// assert_eq!(Algorithm::RECOMMENDED.threshold(Fingerprint::of("a model of mine")), None);
    /// ```
    pub fn threshold(self, fingerprint: Fingerprint) -> Option<f64> {
        (fingerprint.to_string() == SHIPPED).then_some(match self {
            Self::Dbscan => 0.8,
            Self::ChineseWhispers => 0.64,
            Self::AverageLink => 0.92,
            Self::KnnGraph => 0.93,
        })
    }
}
