//! What a model file says of itself: the input it needs and what its output means.

use serde::{Deserialize, Serialize};

use crate::options::OptionValue;

/// The part of the work a network does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Task {
    /// MTCNN's proposal network.
    MtcnnProposal,
    /// MTCNN's refinement network.
    MtcnnRefine,
    /// MTCNN's output network.
    MtcnnOutput,
    /// A network from an aligned face to an embedding.
    Embedding,
}

crate::choices! {
    /// The order of the colour planes of a network's input.
    #[non_exhaustive]
    pub enum ColorOrder {
        /// Red, green, blue.
        Rgb = "rgb",
        /// Blue, green, red.
        Bgr = "bgr",
    }
}

crate::choices! {
    /// How 8-bit pixels become a network's input.
    pub enum Standardization {
        /// `(x - mean) / max(std, 1 / sqrt(n))` over all n values of the image (facenet's `prewhiten`).
        PerImage = "per-image",
        /// `(x - 127.5) / 128` (facenet's `use_fixed_image_standardization`).
        Fixed = "fixed",
        /// `(x - 127.5) / 127.5`, exactly -1 to 1 (InsightFace).
        Symmetric = "symmetric",
        /// `x / 255`, 0 to 1.
        Unit = "unit",
        /// The pixel values as they are, 0 to 255.
        Raw = "raw",
    }
}

impl Standardization {
    /// `(mean, scale)` such that a pixel value `x` becomes `(x - mean) * scale`; `None` where they depend on the image.
    ///
    /// ```
    /// use facenet::model::Standardization;
    ///
    /// assert_eq!(Standardization::Fixed.affine(), Some((127.5, 1.0 / 128.0)));
    /// assert_eq!(Standardization::PerImage.affine(), None);
    /// ```
    pub const fn affine(self) -> Option<(f64, f64)> {
        match self {
            Self::PerImage => None,
            Self::Fixed => Some((127.5, 1.0 / 128.0)),
            Self::Symmetric => Some((127.5, 1.0 / 127.5)),
            Self::Unit => Some((0.0, 1.0 / 255.0)),
            Self::Raw => Some((0.0, 1.0)),
        }
    }
}

/// How the face is cut from the image.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Alignment {
    /// The detection box, widened and resized, not rotated (facenet's `align_dataset_mtcnn`).
    Margin {
        /// Pixels of the source image added to the width and to the height of the box, half on each side.
        margin: u32,
    },
    /// A similarity transform of the five landmarks to the template of ArcFace, scaled to the input size.
    Arcface,
}

/// `arcface`, or `margin:32` for a margin of 32 pixels.
impl OptionValue for Alignment {
    const KIND: &'static str = "KIND";

    fn parse(text: &str) -> Option<Self> {
        match text.trim().split_once(':') {
            None => (text.trim() == "arcface").then_some(Self::Arcface),
            Some(("margin", margin)) => margin.parse().ok().map(|margin| Self::Margin { margin }),
            Some(_) => None,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Margin { margin } => format!("margin:{margin}"),
            Self::Arcface => "arcface".into(),
        }
    }

    fn values() -> String {
        "arcface, or margin:PIXELS as in margin:32".into()
    }
}

crate::choices! {
    /// How two embeddings are compared.
    pub enum Metric {
        /// Euclidean distance, 0 to 2 for unit vectors.
        Euclidean = "euclidean",
        /// Squared Euclidean distance, 0 to 4 for unit vectors (facenet's distance metric 0).
        SquaredEuclidean = "squared-euclidean",
        /// Angle between the vectors over pi, 0 to 1 (facenet's distance metric 1).
        Angular = "angular",
        /// Cosine of the angle, 1 for the same direction, down to -1: the only one that grows with similarity.
        Cosine = "cosine",
    }
}

crate::choices! {
    /// What is made of a face and its mirror image.
    #[derive(Default)]
    pub enum Mirror {
        /// The mirror image is not looked at.
        #[default]
        Off = "off",
        /// The sum of both vectors, scaled to length one. Costs twice the time.
        Average = "average",
        /// Both vectors one after the other, scaled to length one (facenet's `use_flipped_images`). Costs twice the time.
        Concatenate = "concatenate",
    }
}

impl Mirror {
    /// Images that the network sees of a face.
    pub(crate) fn copies(self) -> usize {
        if self == Mirror::Off { 1 } else { 2 }
    }
}

/// A distance at which to decide, with the error rates it was measured to have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// Two faces at this distance or nearer are taken for the same person, in the spec's metric.
    pub distance: f32,
    /// The treatment of mirror images that it holds for.
    #[serde(default)]
    pub mirror: Mirror,
    /// Fraction of pairs of different people that are taken for the same.
    pub false_match_rate: f64,
    /// Fraction of pairs of the same person that are taken for different.
    pub false_non_match_rate: f64,
    /// The data and protocol of the measurement.
    pub measured_on: String,
}

/// Everything a caller must know to run an embedding network as it was trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingSpec {
    /// Width and height of the input in pixels.
    pub input_size: u32,
    /// Order of the colour planes.
    pub color_order: ColorOrder,
    /// What is done to the pixel values.
    pub standardization: Standardization,
    /// How faces are cut out.
    pub alignment: Alignment,
    /// Length of the embedding.
    pub embedding_size: u32,
    /// Metric of the thresholds.
    pub metric: Metric,
    /// Thresholds, the default first.
    pub thresholds: Vec<Threshold>,
}

/// The description that travels in a model file, as ONNX metadata.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelSpec {
    /// Short name of the model, unique among models.
    pub name: String,
    /// What the network does.
    pub task: Task,
    /// SHA-256 of the weights in the order of the file, in hexadecimal: the identity of the network. Of a network whose graph
    /// is not that of a shipped one, nodes, attributes, functions and the names of input and output are part of it.
    pub weights_sha256: String,
    /// Where the weights come from.
    pub source: String,
    /// SPDX expression of the licence of the weights.
    pub license: String,
    /// Present if the task is [`Task::Embedding`].
    pub embedding: Option<EmbeddingSpec>,
}
