//! Lists of pairs as InsightFace ships them: a pickle of JPEG files and of who is the same.

use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

use fast_image_resize::{FilterType, Resizer};
use rayon::prelude::*;

use super::lfw::{Vectors, hardest_images, with_mirror};
use super::pickle::{Pickle, Value};
use super::protocol::{Protocol, ProtocolImage, ProtocolPair, Validation, ValidationOptions, validate};
use crate::extract::Extractor;
use crate::watch::Watch;
use facenet_core::embed::Embedder;
use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::frame::Image;
use facenet_core::internal::limits;

/// Images that are decoded together.
const BATCH: usize = 64;

const REMARK: &str = "The faces were cut out of the images by the maker of the file (InsightFace's alignment, 112 pixels) \
                      and scaled to the model's size: do not compare with results on other crops";

/// A file like `lfw.bin` or `agedb_30.bin`: aligned faces, of which every two are a pair.
///
/// ```
/// use facenet::evaluate::InsightfacePairs;
///
/// // What Python's `pickle.dumps(([b"x", b"y"], [True]), 3)` gives.
/// let pickle = b"\x80\x03]q\x00(C\x01xq\x01C\x01yq\x02e]q\x03\x88a\x86q\x04.";
/// let pairs = InsightfacePairs::parse(&pickle[..])?;
/// assert_eq!(pairs.same(), [true]);
/// # Ok::<(), facenet::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct InsightfacePairs {
    /// The whole file.
    data: Vec<u8>,
    /// Where the images lie in it.
    images: Vec<Range<usize>>,
    same: Vec<bool>,
}

impl InsightfacePairs {
    /// Reads the file `path`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] and [`ErrorKind::Io`] if it cannot be read, else as [`parse`](Self::parse).
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::of_bytes(limits::PICKLE.read(path)?).map_err(|e| e.context(path.display()))
    }

    /// Reads a pickle of a list of image files and a list of truth values, half as long.
    ///
    /// # Errors
    /// [`ErrorKind::DatasetInvalid`] if it holds anything else, [`ErrorKind::Io`] if it cannot be read.
    pub fn parse(pickle: impl Read) -> Result<Self> {
        Self::of_bytes(limits::PICKLE.read_from(pickle, "the pickle", 0)?)
    }

    fn of_bytes(data: Vec<u8>) -> Result<Self> {
        let pickle = Pickle::read(&data).map_err(|reason| invalid(&reason))?;
        let Some([images, same]) = pickle.list(pickle.root()) else {
            return Err(invalid("it holds something else"));
        };
        let (Some(images), Some(same)) = (pickle.list(images), pickle.list(same)) else {
            return Err(invalid("it does not hold two lists"));
        };
        let images = images
            .iter()
            .map(|image| match image {
                Value::Bytes(range) => Ok(range.clone()),
                Value::Number(_) | Value::List(_) => Err(invalid("an image is not stored as the bytes of its file")),
            })
            .collect::<Result<Vec<_>>>()?;
        let same = same
            .iter()
            .map(|same| match same {
                Value::Number(number @ (0 | 1)) => Ok(*number == 1),
                _ => Err(invalid("a pair is neither the same nor different")),
            })
            .collect::<Result<Vec<_>>>()?;
        if images.len() != 2 * same.len() {
            return Err(invalid(&format!("{} images do not make {} pairs", images.len(), same.len())));
        }
        Ok(Self { data, images, same })
    }

    /// For each pair, whether both images show the same person.
    pub fn same(&self) -> &[bool] {
        &self.same
    }

    /// The pairs as a protocol. Who the people are is not in the file, so each pair counts as a person of its own.
    fn protocol(&self) -> Protocol {
        let pair = |(index, &same)| ProtocolPair { a: 2 * index, b: 2 * index + 1, same };
        let image = |index: usize| ProtocolImage { name: name(index), subject: (index / 2) as u32 };
        Protocol {
            images: (0..self.images.len()).map(image).collect(),
            pairs: self.same.iter().enumerate().map(pair).collect(),
        }
    }

    /// Validates the model of `embedder` on the pairs, whose images are scaled to the size it needs. The result says that
    /// they were aligned in another way than [`lfw`](super::lfw) has them; give the embedder
    /// [`Alignment::Arcface`](facenet_core::model::Alignment::Arcface), so that its fingerprint does too.
    ///
    /// `watch` receives how many images are done, of how many, from none on.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`], and those of the embedder and of [`validate`].
    pub fn validate(&self, embedder: &Embedder, options: &ValidationOptions, watch: &Watch<'_>) -> Result<Validation> {
        let protocol = self.protocol();
        protocol.check(|_| true, &options.folds)?;
        let extractor = Extractor::of_aligned(embedder.clone());
        let side = embedder.spec().input_size;
        let mut vectors = Vectors::new(&extractor);
        let total = self.images.len() as u64;
        watch.done(0, total);
        for start in (0..self.images.len()).step_by(BATCH) {
            watch.check()?;
            let indices = start..(start + BATCH).min(self.images.len());
            let decode = || indices.into_par_iter().map(|index| (PathBuf::from(name(index)), self.image(index, side)));
            let images = embedder.runtime().pool().install(|| decode().collect());
            extractor.extract(images)?.into_iter().try_for_each(|image| vectors.add(image))?;
            watch.done(vectors.images.len() as u64, total);
        }
        let Vectors { embeddings, images } = vectors;
        let options = with_mirror(options, &extractor);
        let mut validation = validate(&protocol, embeddings.view(), &images, &options, watch)?;
        if options.pictures {
            let wanted = hardest_images(&validation);
            let hard = (0..self.images.len()).filter(|&index| wanted.contains(&&*name(index)));
            let pictures = hard.filter_map(|index| Some((name(index), self.image(index, side).ok()?)));
            validation.pictures = pictures.collect();
        }
        validation.remark = Some(REMARK.into());
        Ok(validation)
    }

    fn image(&self, index: usize, side: u32) -> Result<Image> {
        let image = Image::decode(&self.data[self.images[index].clone()])?;
        let mut scaled = Image::default();
        image.resize_into(side, side, FilterType::Bilinear, &mut Resizer::new(), &mut scaled)?;
        Ok(scaled)
    }
}

fn name(index: usize) -> String {
    format!("pair {} {}", index / 2 + 1, if index.is_multiple_of(2) { "a" } else { "b" })
}

fn invalid(reason: &str) -> Error {
    let message = format!("not a file of pairs as InsightFace writes them: {reason}");
    Error::new(ErrorKind::DatasetInvalid, message)
}
