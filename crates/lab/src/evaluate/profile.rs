//! Thresholds in a file of their own.

use std::path::Path;

use serde::{Deserialize, Serialize};

use facenet_core::embedding::{Fingerprint, Metric};
use facenet_core::error::{Error, ErrorKind, Hint, Result};
use facenet_core::internal::limits::excerpt;
use facenet_core::internal::{files, limits};
use facenet_core::model::Threshold;

/// Version of the file's layout; a reader refuses a higher one.
const VERSION: u32 = 1;

/// Thresholds that were measured for one model and preprocessing, as a TOML file.
///
/// ```
/// use facenet::evaluate::Profile;
/// use facenet::model::{Mirror, Threshold};
/// use facenet::{Fingerprint, Metric};
///
/// let fingerprint = Fingerprint::of("a model");
/// let threshold = Threshold {
///     distance: 1.1,
///     mirror: Mirror::Off,
///     false_match_rate: 1e-4,
///     false_non_match_rate: 0.02,
///     measured_on: "photos of our staff".into(),
/// };
/// let profile = Profile::new("a model", fingerprint, Metric::Euclidean, vec![threshold])?;
/// # let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("staff.toml");
/// profile.write(&path)?;
/// let profile = Profile::read(&path)?;
/// profile.check(fingerprint)?;
/// assert_eq!(profile.threshold().distance, 1.1);
/// assert!(profile.check(Fingerprint::of("another model")).is_err());
/// # Ok::<(), facenet::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    version: u32,
    model: String,
    fingerprint: Fingerprint,
    metric: Metric,
    thresholds: Vec<Threshold>,
}

impl Profile {
    /// A profile of `thresholds` in `metric`, the default first.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if there is no threshold, or one that is no number.
    pub fn new(
        model: impl Into<String>,
        fingerprint: Fingerprint,
        metric: Metric,
        thresholds: Vec<Threshold>,
    ) -> Result<Self> {
        if let Some(reason) = flaw(&thresholds) {
            return Err(Error::new(ErrorKind::InvalidArgument, format!("a profile has {reason}")));
        }
        Ok(Self { version: VERSION, model: model.into(), fingerprint, metric, thresholds })
    }

    /// Reads the profile at `path`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] and [`ErrorKind::Io`] if it cannot be read, [`ErrorKind::DatasetInvalid`] if it is no
    /// profile, [`ErrorKind::Unsupported`] if it is one of a later version of the library.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = limits::PROFILE.read_text(path)?;
        let invalid = |reason: &str| {
            let message = format!("{} is not a profile of thresholds: {}", path.display(), excerpt(reason));
            Error::new(ErrorKind::DatasetInvalid, message).with_hint(Hint::Calibrate)
        };
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let Versioned { version } = toml::from_str(&text).map_err(|e| invalid(e.message()))?;
        if version > VERSION {
            let message = format!("{} has version {version}, this facenet reads {VERSION}: update it", path.display());
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let profile: Self = toml::from_str(&text).map_err(|e| invalid(e.message()))?;
        match flaw(&profile.thresholds) {
            Some(reason) => Err(invalid(&format!("it has {reason}"))),
            None => Ok(profile),
        }
    }

    /// Writes the profile to `path`.
    ///
    /// # Errors
    /// Those of [`write_whole`](files::write_whole).
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        let text = toml::to_string(self)
            .map_err(|e| Error::new(ErrorKind::Internal, "the profile cannot be written as TOML").with_source(e))?;
        files::write_whole(path, |file| file.write_all(text.as_bytes()))
    }

    /// Fails unless the thresholds hold for embeddings with this fingerprint.
    ///
    /// # Errors
    /// [`ErrorKind::FingerprintMismatch`].
    pub fn check(&self, fingerprint: Fingerprint) -> Result<()> {
        if self.fingerprint == fingerprint {
            return Ok(());
        }
        let message = format!(
            "the thresholds were measured with {} ({}), the embeddings are {fingerprint}: use the same model, \
             preprocessing and mirror mode, or calibrate again",
            excerpt(&self.model),
            self.fingerprint
        );
        Err(Error::new(ErrorKind::FingerprintMismatch, message))
    }

    /// Name of the model.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The fingerprint of the embeddings that the thresholds hold for.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Metric of the thresholds.
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// The default threshold.
    pub fn threshold(&self) -> &Threshold {
        &self.thresholds[0]
    }

    /// All thresholds, the default first.
    pub fn thresholds(&self) -> &[Threshold] {
        &self.thresholds
    }
}

/// What is wrong with the thresholds of a profile.
fn flaw(thresholds: &[Threshold]) -> Option<&'static str> {
    match thresholds {
        [] => Some("no threshold"),
        _ if thresholds.iter().any(|threshold| !threshold.distance.is_finite()) => {
            Some("a threshold that is no finite number")
        }
        _ => None,
    }
}
