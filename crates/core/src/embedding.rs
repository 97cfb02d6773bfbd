//! The embedding of a face, and the distance of two.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Result};
#[doc(hidden)]
pub use crate::model::Metric;

/// Identifies the model and the preprocessing that made an embedding.
///
/// Embeddings with different fingerprints live in different spaces, so their distance says nothing. The text form
/// is 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// The fingerprint of a description: the first half of its SHA-256.
    pub fn of(description: &str) -> Self {
        let digest = Sha256::digest(description.as_bytes());
        Self(std::array::from_fn(|index| digest[index]))
    }

    /// The 16 bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl From<[u8; 16]> for Fingerprint {
    fn from(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl std::str::FromStr for Fingerprint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let invalid =
            || Error::new(ErrorKind::InvalidArgument, format!("{text:?} is not a fingerprint: 32 hexadecimal digits"));
        if text.len() != 32 || !text.is_ascii() {
            return Err(invalid());
        }
        let mut bytes = [0; 16];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[index * 2..index * 2 + 2], 16).map_err(|_| invalid())?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A face as a unit vector, with the fingerprint of what made it.
///
/// ```
/// use facenet::{Embedding, Fingerprint, Metric};
///
/// let fingerprint = Fingerprint::of("a model");
/// let a = Embedding::new(vec![1.0, 0.0], fingerprint)?;
/// let b = Embedding::new(vec![0.0, 3.0], fingerprint)?;
/// assert_eq!(b.values(), [0.0, 1.0]);
/// assert_eq!(a.distance(&b, Metric::SquaredEuclidean)?, 2.0);
///
/// let other = Embedding::new(vec![1.0, 0.0], Fingerprint::of("another model"))?;
/// assert!(a.distance(&other, Metric::Euclidean).is_err());
/// # Ok::<(), facenet::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Embedding {
    fingerprint: Fingerprint,
    values: Vec<f32>,
}

/// An embedding that was stored, by this library or another program.
#[derive(Deserialize)]
struct Stored {
    fingerprint: Fingerprint,
    values: Vec<f32>,
}

impl TryFrom<Stored> for Embedding {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self> {
        Self::new(stored.values, stored.fingerprint)
    }
}

impl Embedding {
    /// An embedding in the direction of `values`, which are scaled to length one.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if a value is not a number or all are zero.
    pub fn new(mut values: Vec<f32>, fingerprint: Fingerprint) -> Result<Self> {
        let length = norm(&values);
        if !length.is_finite() || length == 0.0 {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("a vector of {} values has length {length}: it is no embedding", values.len()),
            ));
        }
        // A vector that has length one to float precision stays as it is, bit for bit.
        if (length - 1.0).abs() > 1e-6 {
            values.iter_mut().for_each(|value| *value = (f64::from(*value) / length) as f32);
        }
        Ok(Self { fingerprint, values })
    }

    /// The vector.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// What made the vector.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Distance (or, for [`Metric::Cosine`], similarity) of two embeddings.
    ///
    /// # Errors
    /// [`ErrorKind::FingerprintMismatch`] if the embeddings were made by different models or preprocessing.
    pub fn distance(&self, other: &Embedding, metric: Metric) -> Result<f32> {
        if self.fingerprint != other.fingerprint {
            return Err(Error::new(
                ErrorKind::FingerprintMismatch,
                format!(
                    "embeddings {} and {} come from different models or preprocessing: embed both with the same",
                    self.fingerprint, other.fingerprint
                ),
            ));
        }
        distance(&self.values, &other.values, metric)
    }
}

/// Distance (or, for [`Metric::Cosine`], similarity) of two vectors of the same length.
///
/// # Errors
/// [`ErrorKind::DimensionMismatch`] if the lengths differ or are zero.
pub fn distance(a: &[f32], b: &[f32], metric: Metric) -> Result<f32> {
    if a.len() != b.len() || a.is_empty() {
        return Err(Error::new(
            ErrorKind::DimensionMismatch,
            format!("vectors of {} and {} values cannot be compared", a.len(), b.len()),
        ));
    }
    Ok(match metric {
        Metric::SquaredEuclidean => squared_difference(a, b),
        Metric::Euclidean => squared_difference(a, b).sqrt(),
        Metric::Cosine => cosine(a, b),
        Metric::Angular => cosine(a, b).acos() / std::f32::consts::PI,
    })
}

impl Metric {
    /// Whether a distance is within `threshold`: no more than it, or for [`Metric::Cosine`], a similarity, no less.
    ///
    /// ```
    /// use facenet::Metric;
    ///
    /// assert!(Metric::Euclidean.within(0.7, 1.1));
    /// assert!(!Metric::Cosine.within(0.3, 0.5));
    /// ```
    pub fn within(self, distance: f32, threshold: f32) -> bool {
        match self {
            Metric::Cosine => distance >= threshold,
            Metric::Euclidean | Metric::SquaredEuclidean | Metric::Angular => distance <= threshold,
        }
    }
}

/// Length of a vector.
#[doc(hidden)]
pub fn norm(values: &[f32]) -> f64 {
    values.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt()
}

fn squared_difference(a: &[f32], b: &[f32]) -> f32 {
    sum(a, b, |x, y| (x - y) * (x - y))
}

/// Cosine of the angle between two vectors, 0 if one of them is zero.
fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let product = |a: &[f32], b: &[f32]| sum(a, b, |x, y| x * y);
    let lengths = (product(a, a) * product(b, b)).sqrt();
    if lengths > 0.0 { (product(a, b) / lengths).clamp(-1.0, 1.0) } else { 0.0 }
}

/// Sum of `term` over pairs, in eight lanes that the compiler turns into vector code.
fn sum(a: &[f32], b: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0.0f32; 8];
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(&x, &y)| term(x, y)).sum();
    for (x, y) in a_chunks.zip(b_chunks) {
        for (lane, (&x, &y)) in lanes.iter_mut().zip(x.iter().zip(y)) {
            *lane += term(x, y);
        }
    }
    lanes.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn vectors() -> impl Strategy<Value = (Vec<f32>, Vec<f32>)> {
        (1usize..70).prop_flat_map(|length| {
            let vector = || prop::collection::vec(-1.0f32..1.0, length);
            (vector(), vector())
                .prop_filter("not zero", |(a, b)| [a, b].iter().all(|v| v.iter().any(|x| x.abs() > 0.1)))
        })
    }

    proptest! {
        #[test]
        fn metrics_agree_with_their_definitions((a, b) in vectors()) {
            let wide = |v: &[f32]| v.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
            let (x, y) = (wide(&a), wide(&b));
            let dot = |p: &[f64], q: &[f64]| p.iter().zip(q).map(|(p, q)| p * q).sum::<f64>();
            let squared: f64 = x.iter().zip(&y).map(|(p, q)| (p - q).powi(2)).sum();
            let cosine = dot(&x, &y) / (dot(&x, &x) * dot(&y, &y)).sqrt();
            let near = |metric, expected: f64, tolerance: f64| {
                (f64::from(distance(&a, &b, metric).unwrap()) - expected).abs() < tolerance
            };
            prop_assert!(near(Metric::SquaredEuclidean, squared, 1e-4));
            prop_assert!(near(Metric::Euclidean, squared.sqrt(), 1e-4));
            prop_assert!(near(Metric::Cosine, cosine, 1e-5));
            prop_assert!(near(Metric::Angular, cosine.clamp(-1.0, 1.0).acos() / std::f64::consts::PI, 2e-3));
        }

        #[test]
        fn an_embedding_has_length_one((values, _) in vectors()) {
            let embedding = Embedding::new(values, Fingerprint::of("test")).unwrap();
            let length: f32 = embedding.values().iter().map(|v| v * v).sum();
            prop_assert!((length - 1.0).abs() < 1e-5);
        }

        #[test]
        fn a_fingerprint_survives_its_text(bytes in any::<[u8; 16]>()) {
            let fingerprint = Fingerprint::from(bytes);
            prop_assert_eq!(fingerprint.to_string().parse::<Fingerprint>().unwrap(), fingerprint);
        }
    }

    #[test]
    fn what_was_stored_is_checked_when_it_is_read() {
        let embedding = Embedding::new(vec![0.6, -0.8], Fingerprint::of("test")).unwrap();
        let text = serde_json::to_string(&embedding).unwrap();
        assert_eq!(serde_json::from_str::<Embedding>(&text).unwrap(), embedding);
        let empty = format!("{{\"fingerprint\": \"{}\", \"values\": []}}", embedding.fingerprint());
        assert!(serde_json::from_str::<Embedding>(&empty).is_err());
    }

    #[test]
    fn what_is_no_embedding_is_refused() {
        for values in [vec![], vec![0.0; 4], vec![1.0, f32::NAN], vec![f32::INFINITY, 0.0]] {
            let error = Embedding::new(values, Fingerprint::of("test")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        }
        let error = distance(&[1.0], &[1.0, 2.0], Metric::Cosine).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DimensionMismatch);
        assert!("0123".parse::<Fingerprint>().is_err());
        assert!("zz345678901234567890123456789012".parse::<Fingerprint>().is_err());
    }
}
