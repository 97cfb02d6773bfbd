//! Verification on a list of pairs, from vectors to a report.

use std::collections::{BTreeMap, HashMap};

use ndarray::ArrayView2;
use serde::Serialize;

use super::comparisons::{Comparison, Comparisons};
use super::folds::{CrossValidation, FoldOptions, RowPair, check_kinds, cross_validate, fold_of};
use super::pairs::{PairImage, Pairs};
use super::rates::{ErrorRates, RateOptions, error_rates};
use crate::people::LeftOut;
use crate::watch::Watch;
use facenet_core::error::{Error, ErrorKind, Hint, Result};
use facenet_core::frame::Image;
use facenet_core::options::Options;

/// An image of a protocol.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProtocolImage {
    /// Name of the image.
    pub name: String,
    /// Number of the person.
    pub subject: u32,
}

/// Two images of a protocol that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ProtocolPair {
    /// Index of one image.
    pub a: usize,
    /// Index of the other.
    pub b: usize,
    /// Whether both show the same person.
    pub same: bool,
}

/// Images and which of them are compared.
///
/// ```
/// use facenet::evaluate::{Pairs, Protocol};
///
/// let protocol = Protocol::from(&Pairs::parse("Ada\t1\t2\nAda\t2\tGrace\t1\n")?);
/// assert_eq!(protocol.images.len(), 3);
/// assert_eq!(protocol.images[2].name, "Grace/Grace_0001");
/// # Ok::<(), facenet::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Protocol {
    /// The images.
    pub images: Vec<ProtocolImage>,
    /// The pairs, in the order that folds are made of.
    pub pairs: Vec<ProtocolPair>,
}

impl Protocol {
    /// Pairs of which only the answers are known: images 2i and 2i + 1 make pair i. Nobody is in two pairs: a pair of the same
    /// person has one person, a pair of different people has two.
    ///
    /// ```
    /// use facenet::evaluate::Protocol;
    ///
    /// let protocol = Protocol::of_answers(&[true, false]);
    /// let subjects: Vec<u32> = protocol.images.iter().map(|image| image.subject).collect();
    /// assert_eq!(subjects, [0, 0, 2, 3]);
    /// assert_eq!((protocol.pairs[1].a, protocol.pairs[1].b), (2, 3));
    /// ```
    pub fn of_answers(same: &[bool]) -> Self {
        let subject = |image: usize| if same[image / 2] { image & !1 } else { image };
        let image = |index: usize| ProtocolImage { name: index.to_string(), subject: subject(index) as u32 };
        let pair = |(index, &same): (usize, &bool)| ProtocolPair { a: 2 * index, b: 2 * index + 1, same };
        Self { images: (0..2 * same.len()).map(image).collect(), pairs: same.iter().enumerate().map(pair).collect() }
    }
}

impl Protocol {
    /// The pairs of which both images have a row, each in its fold of the whole list.
    fn rows(
        &self,
        row: impl Fn(usize) -> Option<usize>,
        folds: usize,
    ) -> impl Iterator<Item = (&ProtocolPair, RowPair)> {
        let count = self.pairs.len();
        self.pairs.iter().enumerate().filter_map(move |(index, pair)| {
            let fold = fold_of(index, count, folds);
            Some((pair, RowPair { a: row(pair.a)?, b: row(pair.b)?, same: pair.same, fold }))
        })
    }

    /// Fails if a validation would fail even if each image that `is_there` gave a face, so that this is known before the
    /// first is embedded.
    pub(super) fn check(&self, is_there: impl Fn(usize) -> bool, options: &FoldOptions) -> Result<()> {
        options.check()?;
        let rows: Vec<RowPair> =
            self.rows(|image| is_there(image).then_some(image), options.folds).map(|(_, rows)| rows).collect();
        match rows.is_empty() {
            true => Ok(()),
            false => check_kinds(&rows, options),
        }
    }
}

/// The error for a list of which no pair can be compared: why not.
fn none_compared(protocol: &Protocol, images: &[ImageVector]) -> Error {
    let named = || protocol.images.iter().zip(images);
    let failed = named().find_map(|(image, vector)| match vector {
        ImageVector::Failed(reason) => Some((&image.name, reason)),
        ImageVector::Row(_) | ImageVector::Missing => None,
    });
    let count = protocol.pairs.len();
    if let Some((image, reason)) = failed {
        let failures = named().filter(|(_, vector)| matches!(vector, ImageVector::Failed(_))).count();
        let message = format!(
            "none of the {count} pairs can be compared: {failures} of the {} images failed, as {image}: {reason}",
            images.len()
        );
        return Error::new(ErrorKind::NoFace, message).with_hint(Hint::FindFaces);
    }
    let missing = named().find(|(_, vector)| matches!(vector, ImageVector::Missing));
    let missing =
        missing.map_or(String::new(), |(image, _)| format!(": there is no {}.jpg, .png or the like", image.name));
    Error::new(ErrorKind::NotFound, format!("none of the {count} pairs has both of its images{missing}"))
}

impl From<&Pairs> for Protocol {
    fn from(list: &Pairs) -> Self {
        let images = list.images();
        let index: HashMap<&PairImage, usize> =
            images.iter().enumerate().map(|(index, &image)| (image, index)).collect();
        let pair = |pair: &super::Pair| ProtocolPair { a: index[&pair.a], b: index[&pair.b], same: pair.same };
        let pairs = list.pairs().iter().map(pair).collect();
        let mut subject = 0;
        let mut last = images.first().map(|image| &image.name);
        let images = images.iter().map(|image| {
            if last != Some(&image.name) {
                subject += 1;
                last = Some(&image.name);
            }
            ProtocolImage { name: portable(image), subject }
        });
        Self { images: images.collect(), pairs }
    }
}

fn portable(image: &PairImage) -> String {
    format!("{}/{}_{:04}", image.name, image.name, image.number)
}

facenet_core::options! {
    /// Settings of a validation.
    ///
    /// ```
    /// use facenet::Metric;
    /// use facenet::evaluate::{FoldOptions, ValidationOptions};
    ///
    /// let folds = FoldOptions { metric: Metric::Angular, subtract_mean: true, ..FoldOptions::default() };
    /// let options = ValidationOptions { folds, ..ValidationOptions::default() };
    /// assert_eq!(options.hardest, 12);
    /// ```
    #[derive(Serialize)]
    pub struct ValidationOptions {
        /// How many of the hardest pairs of each kind are named.
        hardest: usize = 12;
        /// Keep pictures of these pairs, for which the images are read again.
        pictures: bool = false;
        ..
        /// The cross-validation of the original.
        folds: FoldOptions = FoldOptions::default();
        /// The error rates over all pairs.
        rates: RateOptions = RateOptions::default();
    }
}

/// A pair that is hard to decide.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct HardPair {
    /// Name of one image.
    pub a: String,
    /// Name of the other.
    pub b: String,
    /// Distance (or similarity).
    pub distance: f32,
}

/// What a validation found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Validation {
    /// Settings of the cross-validation.
    pub options: FoldOptions,
    /// What to know before the figures are compared with others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// Images that the protocol names.
    pub images: usize,
    /// Images that are not there.
    pub missing: Vec<LeftOut>,
    /// Images that are there and gave no face, or cannot be read: failures to acquire, in the terms of ISO/IEC 19795-1.
    pub failed: Vec<LeftOut>,
    /// Failures to acquire over the images that are there.
    pub failure_to_acquire_rate: f64,
    /// Pairs that the protocol names.
    pub pairs: usize,
    /// Pairs of which an image is missing or failed. They are in no figure.
    pub pairs_left_out: usize,
    /// The figures of the original.
    pub cross_validation: CrossValidation,
    /// Error rates over all pairs. Where the mean is subtracted, distances are those of the fold that tests the pair, so
    /// the thresholds hold for that alone.
    pub rates: ErrorRates,
    /// The pairs of one person that are farthest from each other, the farthest first.
    pub hardest_genuine: Vec<HardPair>,
    /// The pairs of different people that are nearest to each other, the nearest first.
    pub hardest_impostor: Vec<HardPair>,
    /// Pictures of the hardest pairs by their names, if [they are wanted](ValidationOptions::pictures) and at hand.
    #[serde(skip)]
    pub pictures: BTreeMap<String, Image>,
}

/// The vector of an image of the protocol, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageVector {
    /// The row of the vector in the matrix.
    Row(usize),
    /// The image is not there.
    Missing,
    /// The image gave no vector, for this reason.
    Failed(String),
}

/// Validates the `vectors` (a row each) of the images of `protocol`; `images` says which row is whose, in the order of
/// the protocol's images.
///
/// Folds are made of the list as it is, before pairs are left out, so that a missing image changes one fold only. That
/// differs from the original, which makes folds of the pairs that are left: with missing images, its figures are of other
/// folds.
///
/// ```
/// use facenet::Watch;
/// use facenet::evaluate::{ImageVector, Pairs, Protocol, ValidationOptions, validate};
///
/// let protocol = Protocol::from(&Pairs::parse("A\t1\t2\nA\t1\tB\t1\nB\t1\t2\nA\t2\tB\t2\n")?);
/// let vectors = ndarray::array![[1.0f32, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]];
/// let images: Vec<ImageVector> = (0..4).map(ImageVector::Row).collect();
/// let mut options = ValidationOptions::default();
/// options.folds.folds = 2;
/// let validation = validate(&protocol, vectors.view(), &images, &options, &Watch::none())?;
/// assert_eq!(validation.cross_validation.accuracy.mean, 1.0);
/// assert_eq!(validation.pairs_left_out, 0);
/// # Ok::<(), facenet::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::DimensionMismatch`] if `images` is not as long as the protocol's, [`ErrorKind::Cancelled`] once `cancel` is
/// true, and those of [`cross_validate`] and [`error_rates`].
pub fn validate(
    protocol: &Protocol,
    vectors: ArrayView2<'_, f32>,
    images: &[ImageVector],
    options: &ValidationOptions,
    watch: &Watch<'_>,
) -> Result<Validation> {
    if images.len() != protocol.images.len() {
        let message = format!("vectors of {} images for a protocol of {}", images.len(), protocol.images.len());
        return Err(Error::new(ErrorKind::DimensionMismatch, message));
    }
    let row = |image: usize| match images.get(image) {
        Some(ImageVector::Row(row)) => Some(*row),
        _ => None,
    };
    let count = protocol.pairs.len();
    let (compared, rows): (Vec<&ProtocolPair>, Vec<RowPair>) = protocol.rows(row, options.folds.folds).unzip();
    if compared.is_empty() {
        return Err(none_compared(protocol, images));
    }
    let cross_validation = cross_validate(vectors, &rows, &options.folds)?;
    let pairs = compared.iter().zip(&cross_validation.distances);
    let comparisons = pairs.clone().map(|(pair, &distance)| Comparison {
        distance,
        same: pair.same,
        subjects: [protocol.images[pair.a].subject, protocol.images[pair.b].subject],
    });
    let comparisons = Comparisons::new(comparisons.collect(), options.folds.metric)?;

    let hard = |same: bool| {
        let mut pairs: Vec<HardPair> = pairs
            .clone()
            .filter(|(pair, _)| pair.same == same)
            .map(|(pair, &distance)| {
                let name = |image: usize| protocol.images[image].name.clone();
                HardPair { a: name(pair.a), b: name(pair.b), distance }
            })
            .collect();
        // Nearest first, or farthest; a similarity counts the other way round.
        let descending = same != (options.folds.metric == facenet_core::Metric::Cosine);
        pairs.sort_by(|a, b| match descending {
            true => b.distance.total_cmp(&a.distance),
            false => a.distance.total_cmp(&b.distance),
        });
        pairs.truncate(options.hardest);
        pairs
    };
    let left_out = |reason_of: fn(&ImageVector) -> Option<&str>| {
        let named = protocol.images.iter().zip(images);
        let left_out = named.filter_map(|(image, vector)| Some(LeftOut::new(image.name.clone(), reason_of(vector)?)));
        left_out.collect::<Vec<LeftOut>>()
    };
    let missing = left_out(|vector| matches!(vector, ImageVector::Missing).then_some("no such image in the folder"));
    let failed = left_out(|vector| match vector {
        ImageVector::Failed(reason) => Some(reason),
        ImageVector::Row(_) | ImageVector::Missing => None,
    });
    Ok(Validation {
        options: options.folds.clone(),
        remark: None,
        images: images.len(),
        failure_to_acquire_rate: failed.len() as f64 / (images.len() - missing.len()) as f64,
        missing,
        failed,
        pairs: count,
        pairs_left_out: count - compared.len(),
        rates: error_rates(&comparisons, &options.rates, &watch.silent())?,
        hardest_genuine: hard(true),
        hardest_impostor: hard(false),
        cross_validation,
        pictures: BTreeMap::new(),
    })
}
