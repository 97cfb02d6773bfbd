//! Settings of the detector.

use crate::model::ModelSource;
use crate::options::OptionValue;

/// The smallest face that is looked for. As text, `20` or `20px` are pixels; `0.1` (up to 1) or `10%` are a share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MinFaceSize {
    /// Height of the face in pixels, at least 4; below 12 the image is enlarged.
    Pixels(f32),
    /// Height of the face as a share of the shorter side of the image (or region), above 0 up to 1; never less than
    /// 12 pixels.
    Relative(f32),
}

impl MinFaceSize {
    fn is_allowed(&self) -> bool {
        match *self {
            Self::Pixels(size) => (4.0..=65536.0).contains(&size),
            Self::Relative(share) => share > 0.0 && share <= 1.0,
        }
    }
}

impl OptionValue for MinFaceSize {
    const KIND: &'static str = "NUMBER";

    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let number = |text: &str| text.trim().parse::<f32>().ok();
        if let Some(pixels) = text.strip_suffix("px") {
            return number(pixels).map(Self::Pixels);
        }
        if let Some(percent) = text.strip_suffix('%') {
            return number(percent).map(|percent| Self::Relative(percent / 100.0));
        }
        number(text).map(|size| if size <= 1.0 { Self::Relative(size) } else { Self::Pixels(size) })
    }

    fn text(&self) -> String {
        match self {
            Self::Pixels(size) if *size <= 1.0 => format!("{size}px"),
            Self::Relative(share) if *share > 1.0 => format!("{}%", share * 100.0),
            Self::Pixels(size) | Self::Relative(size) => size.to_string(),
        }
    }

    fn values() -> String {
        "a number of pixels, or a share of the shorter side as in 0.1 or 10%".into()
    }
}

crate::choices! {
    /// Which of the faces found are given back.
    #[derive(Default)]
    pub enum Selection {
        /// Every face, the most probable first.
        #[default]
        All = "all",
        /// The face with the largest box.
        Largest = "largest",
        /// The face with the best of `area - 2 * squared distance to the centre of the image`: facenet's choice when
        /// a picture has several faces and one is wanted.
        Central = "central",
        /// The face with the highest score.
        MostProbable = "most-probable",
    }
}

crate::choices! {
    /// Which ways up a picture is searched for faces.
    #[derive(Default)]
    pub enum Rotations {
        /// As it is given.
        #[default]
        None = "none",
        /// Also turned by 90, 180 and 270 degrees, of which the one counts whose faces have the highest sum of scores. Takes
        /// four times the time.
        QuarterTurns = "quarter-turns",
    }
}

crate::options! {
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
    pub struct DetectorOptions {
        /// The smallest face that is looked for, in pixels, or up to 1 as a share of the shorter side of the image. Time grows
        /// with the inverse square.
        min_face_size: MinFaceSize = MinFaceSize::Pixels(20.0),
            MinFaceSize::is_allowed => "from 4 to 65536 pixels, or a share of the shorter side above 0, up to 1";
        /// Probabilities that a candidate must reach in P-Net, R-Net and O-Net, each between 0 and 1.
        thresholds: [f32; 3] = [0.6, 0.7, 0.7],
            |thresholds| thresholds.iter().all(|threshold| *threshold > 0.0 && *threshold < 1.0)
                => "three numbers as in 0.6,0.7,0.7, each between 0 and 1, ends excluded";
        /// Ratio of the sides of neighbouring images in the pyramid.
        factor: f64 = 0.709, |factor| (0.1..=0.95).contains(factor) => "a number from 0.1 to 0.95";
        /// Which of the faces are given back.
        selection: Selection = Selection::All;
        /// Give back no more than this many faces.
        max_faces: Option<usize> = None, |most| *most != Some(0) => "1 or more, or left out for no limit";
        /// Which ways up a picture is searched: as given, or by quarter turns the way whose faces score highest, at four times
        /// the time.
        rotations: Rotations = Rotations::None;
        /// P-Net, R-Net and O-Net, in files or in memory; by default the files that ship with the library.
        networks: Option<[ModelSource; 3]> = None;
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
            Preset::Facenet => DetectorOptions::default(),
        }
    }
}

impl DetectorOptions {
    /// The smallest face in pixels for an image of the given size.
    pub(super) fn min_face_pixels(&self, width: usize, height: usize) -> f64 {
        match self.min_face_size {
            MinFaceSize::Pixels(size) => f64::from(size),
            MinFaceSize::Relative(share) => (f64::from(share) * width.min(height) as f64).max(12.0),
        }
    }
}
