//! Thresholds that were measured, for the models they were measured with.

use super::Algorithm;
use crate::embedding::Fingerprint;

/// The shipped model on faces cut out and treated as its file says, without mirror images.
const SHIPPED: &str = "ae778467c32d9e59483e71ec160ac9d4";

impl Algorithm {
    /// The algorithm to take if nothing speaks for another: as good as the best on LFW, and for any number of faces.
    pub const RECOMMENDED: Self = Self::KnnGraph;

    /// The threshold with the best BCubed F among those tried on LFW with this model and preprocessing (see
    /// `benches/README.md`); none if it was not measured.
    ///
    /// The more people there are, the more of them look alike: with many more than LFW's 5,749, or if different people must not be
    /// mixed, a stricter one is better.
    ///
    /// ```
    /// use facenet::Fingerprint;
    /// use facenet::cluster::Algorithm;
    ///
    /// assert_eq!(Algorithm::RECOMMENDED.threshold(Fingerprint::of("a model of mine")), None);
    /// ```
    pub fn threshold(self, fingerprint: Fingerprint) -> Option<f64> {
        (fingerprint.to_string() == SHIPPED).then_some(match self {
            Self::Dbscan => 0.81,
            Self::ChineseWhispers => 0.65,
            Self::AverageLink | Self::KnnGraph => 0.92,
        })
    }
}
