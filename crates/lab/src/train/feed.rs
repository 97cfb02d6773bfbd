//! From image files to what a network is trained on.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use ndarray::Array4;
use rand::RngExt;
use rayon::ThreadPool;
use rayon::prelude::*;

use super::sample::generator;
use crate::shards::ImageFiles;
use facenet_core::align::{AlignScratch, Border, Similarity, warp};
use facenet_core::embed::standardize;
use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::frame::{Image, Region};
use facenet_core::internal::pool::ObjectPool;
use facenet_core::model::{ColorOrder, Standardization};

/// The largest angle of a random turn, in degrees.
const LARGEST_TURN: f64 = 10.0;

/// What is done to an image at random each time it is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Augmentation {
    /// Cut out a square at a random place, not the middle.
    pub crop: bool,
    /// Mirror every other image left to right.
    pub flip: bool,
    /// Turn by an angle between -10 and 10 degrees; black comes in at the corners.
    pub rotate: bool,
}

/// Settings of a [`Feed`].
#[derive(Debug, Clone, PartialEq)]
pub struct FeedOptions {
    /// Width and height of what the network sees, in pixels, 1 to 4096.
    pub image_size: u32,
    /// What is done at random.
    pub augmentation: Augmentation,
    /// What is done to the pixel values.
    pub standardization: Standardization,
    /// The same seed gives the same images.
    pub seed: u64,
    /// Threads that read and decode, 1 to 1024.
    pub threads: usize,
}

/// Reads, cuts and standardises images for training, on threads of its own.
///
/// An image larger than what the network sees is cut, a smaller one is enlarged. How an image looks depends on the seed, the
/// epoch and its index alone, not on threads, batches or what was seen before. Cheap to clone; any number of threads may use one.
///
/// ```
/// use facenet::Image;
/// use facenet::model::Standardization;
/// use facenet::train::{Augmentation, Feed, FeedOptions};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("face.png");
/// Image::from_rgb(182, 182, vec![128; 182 * 182 * 3])?.save(&path)?;
/// let options = FeedOptions {
///     image_size: 160,
///     augmentation: Augmentation { crop: true, flip: true, rotate: false },
///     standardization: Standardization::Fixed,
///     seed: 666,
///     threads: 2,
/// };
/// let feed = Feed::new(vec![path], options)?;
/// let images = feed.batch(&[0, 0, 0], 1)?;
/// assert_eq!((images.shape(), feed.size(0)?), (&[3, 3, 160, 160][..], (182, 182)));
/// for images in feed.batches(vec![vec![0], vec![0, 0]], 2, 1) {
///     println!("{}", images?.shape()[0]);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Feed {
    shared: Arc<Shared>,
}

struct Shared {
    files: ImageFiles,
    options: FeedOptions,
    pool: ThreadPool,
    scratch: ObjectPool<Scratch>,
}

impl Feed {
    /// A feed of the files `paths`, known by their index from now on. A path that goes through a tar file, such as
    /// `shards/faces-00000.tar/Ada/Ada_0001.png`, means an image [in it](crate::shards). No image is read yet.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if a setting is out of range; [`ErrorKind::NotFound`], [`ErrorKind::Io`] or
    /// [`ErrorKind::DatasetInvalid`] if a tar file cannot be read, is damaged, or has no such image.
    pub fn new(paths: Vec<PathBuf>, options: FeedOptions) -> Result<Self> {
        let FeedOptions { image_size, threads, .. } = options;
        if !(1..=4096).contains(&image_size) || !(1..=1024).contains(&threads) {
            let message = format!("image_size {image_size} and {threads} threads: 1 to 4096 and 1 to 1024");
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|index| format!("facenet-feed-{index}"))
            .build()
            .map_err(|error| {
                Error::new(ErrorKind::Internal, "cannot start the threads of the feed").with_source(error)
            })?;
        let files = pool.install(|| ImageFiles::new(paths))?;
        Ok(Self { shared: Arc::new(Shared { files, options, pool, scratch: ObjectPool::default() }) })
    }

    /// The settings.
    pub fn options(&self) -> &FeedOptions {
        &self.shared.options
    }

    /// The images at `indices` as they look in `epoch`: n x 3 x size x size, red, green, blue.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if an index is past the files, and those of [`Image::open`], with the file's name: remove a
    /// broken file, or make it anew; [`ErrorKind::DatasetInvalid`] if a tar file has changed.
    pub fn batch(&self, indices: &[usize], epoch: u64) -> Result<Array4<f32>> {
        let Shared { options, pool, scratch, .. } = &*self.shared;
        self.check(indices)?;
        let side = options.image_size as usize;
        let mut images = Array4::zeros((indices.len(), 3, side, side));
        let values = images.as_slice_mut().unwrap_or_default();
        let fill = || {
            values
                .par_chunks_exact_mut(3 * side * side)
                .zip(indices)
                .with_max_len(1)
                .try_for_each(|(values, &index)| scratch.lend(|scratch| self.fill(index, epoch, scratch, values)))
        };
        pool.install(fill)?;
        Ok(images)
    }

    /// Width and height of the image at `index`, as its file has them.
    ///
    /// # Errors
    /// Those of [`batch`](Self::batch).
    pub fn size(&self, index: usize) -> Result<(u32, u32)> {
        let Shared { files, scratch, .. } = &*self.shared;
        self.check(&[index])?;
        let image = scratch.lend(|scratch| files.read(index, &mut scratch.file))?;
        Ok((image.width(), image.height()))
    }

    fn check(&self, indices: &[usize]) -> Result<()> {
        let count = self.shared.files.len();
        match indices.iter().find(|&&index| index >= count) {
            Some(index) => Err(Error::new(ErrorKind::InvalidArgument, format!("image {index} of {count}"))),
            None => Ok(()),
        }
    }

    /// The batches of each list of indices, up to `ahead` of them made before they are asked for.
    ///
    /// The iterator ends after the last, or after an error. Dropping it stops the work.
    pub fn batches(&self, lists: Vec<Vec<usize>>, epoch: u64, ahead: usize) -> Batches {
        let (sender, receiver) = sync_channel(ahead);
        let feed = self.clone();
        thread::spawn(move || {
            for indices in lists {
                let batch = feed.batch(&indices, epoch);
                let failed = batch.is_err();
                // Nobody waits for it any more.
                if sender.send(batch).is_err() || failed {
                    return;
                }
            }
        });
        Batches { receiver }
    }

    fn fill(&self, index: usize, epoch: u64, scratch: &mut Scratch, values: &mut [f32]) -> Result<()> {
        let Shared { files, options, .. } = &*self.shared;
        let image = files.read(index, &mut scratch.file)?;
        let look = Look::of(options, &image, epoch, index as u64);
        scratch.cut(&image, &look, options.image_size).map_err(|error| error.context(files.path(index).display()))?;
        standardize(scratch.crop.view(), options.standardization, ColorOrder::Rgb, look.flipped, values);
        Ok(())
    }
}

/// Batches that are made ahead: see [`Feed::batches`].
pub struct Batches {
    receiver: Receiver<Result<Array4<f32>>>,
}

impl Iterator for Batches {
    type Item = Result<Array4<f32>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.receiver.recv().ok()
    }
}

/// How an image is seen once.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Look {
    /// How much it is enlarged.
    scale: f64,
    /// The corner of the square, in pixels of the enlarged image.
    corner: (u32, u32),
    /// In radians.
    turn: f64,
    flipped: bool,
}

impl Look {
    fn of(options: &FeedOptions, image: &Image, epoch: u64, index: u64) -> Self {
        let Augmentation { crop, flip, rotate } = options.augmentation;
        let (width, height, side) = (image.width(), image.height(), options.image_size);
        let scale = (f64::from(side) / f64::from(width.min(height))).max(1.0);
        let spare = |length: u32| (f64::from(length) * scale).round() as u32 - side;
        let (spare_x, spare_y) = (spare(width), spare(height));
        // Every number is drawn, wanted or not: one setting does not change what another does.
        let mut random = generator(options.seed, epoch.wrapping_shl(40) ^ index);
        let (x, y) = (random.random_range(0..=spare_x), random.random_range(0..=spare_y));
        let (mirrored, turn) =
            (random.random_bool(0.5), random.random_range(-LARGEST_TURN..=LARGEST_TURN).to_radians());
        Self {
            scale,
            corner: if crop { (x, y) } else { (spare_x / 2, spare_y / 2) },
            turn: if rotate { turn } else { 0.0 },
            flipped: flip && mirrored,
        }
    }

    /// Whether pixels are taken as they are.
    fn is_plain(&self) -> bool {
        self.scale == 1.0 && self.turn == 0.0
    }
}

/// What one image at a time needs.
#[derive(Default)]
struct Scratch {
    file: Vec<u8>,
    warp: AlignScratch,
    crop: Image,
}

impl Scratch {
    fn cut(&mut self, image: &Image, look: &Look, side: u32) -> Result<()> {
        let frame = image.frame();
        let (x, y) = look.corner;
        if look.is_plain() {
            return frame.upright_region_into(Region::new(x, y, side, side), &mut self.crop);
        }
        // Whole numbers are centres of pixels: the middle of n pixels is at (n - 1) / 2.
        let middle = |length: u32| (f64::from(length) - 1.0) / 2.0;
        let center = (middle(image.width()), middle(image.height()));
        let in_crop = |middle: f64, corner: u32| (middle + 0.5) * look.scale - 0.5 - f64::from(corner);
        let target = (in_crop(center.0, x), in_crop(center.1, y));
        let turn = Similarity::about(center, look.turn, look.scale, target);
        // Nothing black where the image is only enlarged.
        let border = if look.turn == 0.0 { Border::Replicate } else { Border::Black };
        warp(&frame, &turn, border, side, &mut self.warp, &mut self.crop)
    }
}
