//! Splitting a dataset over machines that do not talk to each other.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::portable_bytes;
use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::options::OptionValue;

/// One of several equal parts of a dataset, written `1/4` to `4/4`.
///
/// Which part an image belongs to depends only on its path inside the dataset, so images that are added
/// later do not move the others.
///
/// ```
/// use facenet::dataset::Partition;
///
/// let shard: Partition = "2/4".parse()?;
/// assert_eq!((shard.index(), shard.count()), (2, 4));
/// assert_eq!((1..=4).filter(|&i| Partition::new(i, 4).unwrap().contains("Ada/Ada_0001.jpg")).count(), 1);
/// # Ok::<(), facenet::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Partition {
    index: u32,
    count: u32,
}

impl Partition {
    /// The whole dataset.
    pub const ALL: Self = Self { index: 1, count: 1 };

    /// Part `index`, counted from 1, of `count`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] unless `1 <= index <= count`.
    pub fn new(index: u32, count: u32) -> Result<Self> {
        if index == 0 || index > count {
            let message =
                format!("there is no part {index} of {count}: parts are counted from 1/{count} to {count}/{count}");
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        Ok(Self { index, count })
    }

    /// The part's number, counted from 1.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// The number of parts.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Whether the image with this path, relative to the root of the dataset, belongs to this part.
    pub fn contains(&self, image: impl AsRef<Path>) -> bool {
        let digest = Sha256::digest(portable_bytes(image.as_ref()));
        let head = digest.iter().take(8).fold(0_u64, |head, &byte| head << 8 | u64::from(byte));
        head % u64::from(self.count) == u64::from(self.index - 1)
    }
}

impl Default for Partition {
    fn default() -> Self {
        Self::ALL
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl OptionValue for Partition {
    const KIND: &'static str = "I/N";

    fn parse(text: &str) -> Option<Self> {
        text.trim().parse().ok()
    }

    fn text(&self) -> String {
        self.to_string()
    }

    fn values() -> String {
        "a part of the work, from 1/4 to 4/4 for one of four".into()
    }
}

impl FromStr for Partition {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parts = text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        let (index, count) = parts.ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidArgument,
                format!("{text:?} is not a part of the work: write 1/4 for the first of four"),
            )
        })?;
        Self::new(index, count)
    }
}
