//! Settings of the detector.

use std::collections::BTreeMap;

use crate::error::{Error, ErrorKind, Result};
use crate::model::ModelSource;

/// The smallest face that is looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MinFaceSize {
    /// Height of the face in pixels, at least 4; below 12 the image is enlarged.
    Pixels(f32),
    /// Height of the face as a share of the shorter side of the image (or region), above 0 up to 1; never less than
    /// 12 pixels.
    Relative(f32),
}

/// Which of the faces found are given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Selection {
    /// Every face, the most probable first.
    #[default]
    All,
    /// The face with the largest box.
    Largest,
    /// The face with the best of `area - 2 * squared distance to the centre of the image`: facenet's choice when
    /// a picture has several faces and one is wanted.
    Central,
    /// The face with the highest score.
    MostProbable,
}

/// Settings of a [`Detector`](super::Detector). The defaults are those of facenet.
///
/// ```
/// use facenet::detect::{DetectorOptions, MinFaceSize, Selection};
///
/// let options = DetectorOptions {
///     min_face_size: MinFaceSize::Relative(0.1),
///     selection: Selection::Largest,
///     ..DetectorOptions::default()
/// };
/// assert_eq!(options.thresholds, [0.6, 0.7, 0.7]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct DetectorOptions {
    /// The smallest face that is looked for; 20 pixels by default. Time grows with the inverse square.
    pub min_face_size: MinFaceSize,
    /// Probabilities that a candidate must reach in P-Net, R-Net and O-Net, each between 0 and 1.
    pub thresholds: [f32; 3],
    /// Ratio of the sides of neighbouring images in the pyramid, between 0 and 1.
    pub factor: f64,
    /// Which of the faces are given back.
    pub selection: Selection,
    /// Give back no more than this many faces.
    pub max_faces: Option<usize>,
    /// P-Net, R-Net and O-Net, in files or in memory; by default the files that ship with the library.
    pub networks: Option<[ModelSource; 3]>,
}

impl Default for DetectorOptions {
    fn default() -> Self {
        Preset::Facenet.options()
    }
}

impl DetectorOptions {
    /// How faces are looked for, by name, to be kept beside results: equal settings find the same faces. Which of them
    /// are given back is not in it.
    pub fn settings(&self) -> BTreeMap<String, String> {
        let mut settings = BTreeMap::from([
            ("min_face_size".to_string(), format!("{:?}", self.min_face_size)),
            ("thresholds".to_string(), format!("{:?}", self.thresholds)),
            ("factor".to_string(), self.factor.to_string()),
        ]);
        settings.extend(self.networks.iter().map(|networks| ("networks".to_string(), format!("{networks:?}"))));
        settings
    }
}

/// A named set of options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// The numbers of the facenet toolkit: faces from 20 pixels, thresholds 0.6, 0.7 and 0.7, factor 0.709.
    Facenet,
}

impl Preset {
    /// The options of the preset.
    pub fn options(self) -> DetectorOptions {
        match self {
            Preset::Facenet => DetectorOptions {
                min_face_size: MinFaceSize::Pixels(20.0),
                thresholds: [0.6, 0.7, 0.7],
                factor: 0.709,
                selection: Selection::All,
                max_faces: None,
                networks: None,
            },
        }
    }
}

impl DetectorOptions {
    /// Checks the ranges.
    pub(super) fn validate(&self) -> Result<()> {
        let invalid = |message: String| Err(Error::new(ErrorKind::InvalidArgument, message));
        match self.min_face_size {
            MinFaceSize::Pixels(size) if !(4.0..=65536.0).contains(&size) => {
                return invalid(format!("min_face_size is {size} pixels: it must lie between 4 and 65536"));
            }
            MinFaceSize::Relative(share) if !(share > 0.0 && share <= 1.0) => {
                return invalid(format!("min_face_size is {share} of the image: it must lie above 0, up to 1"));
            }
            _ => {}
        }
        if let Some(bad) = self.thresholds.iter().find(|t| !(**t > 0.0 && **t < 1.0)) {
            return invalid(format!("a threshold is {bad}: each must lie between 0 and 1, ends excluded"));
        }
        if !(self.factor >= 0.1 && self.factor <= 0.95) {
            return invalid(format!("factor is {}: it must lie between 0.1 and 0.95", self.factor));
        }
        if self.max_faces == Some(0) {
            return invalid("max_faces is 0: leave it out for no limit".into());
        }
        Ok(())
    }

    /// The smallest face in pixels for an image of the given size.
    pub(super) fn min_face_pixels(&self, width: usize, height: usize) -> f64 {
        match self.min_face_size {
            MinFaceSize::Pixels(size) => f64::from(size),
            MinFaceSize::Relative(share) => (f64::from(share) * width.min(height) as f64).max(12.0),
        }
    }
}
