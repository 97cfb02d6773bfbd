//! Decoding many images ahead of the work on them, without filling the memory.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rayon::prelude::*;

use crate::watch::Watch;
use facenet_core::error::{ErrorKind, Result};
use facenet_core::frame::{DecodeOptions, Image};

/// Pixels of a full batch: 100 MB of 8-bit RGB.
const MAX_PIXELS: u64 = 1 << 25;

/// An image file and what it holds.
pub type ReadImage = (PathBuf, Result<Image>);

/// Decodes images batch by batch, each while the batch before is being worked on.
///
/// A batch has no more images than wanted, and fewer if they are large: together they have no more than 32
/// megapixels, those that are still being decoded included, unless it is a single image that has more. The others
/// wait for the next batch.
///
/// ```
/// use facenet::dataset::BatchReader;
///
/// let pool = rayon::ThreadPoolBuilder::new().build()?;
/// let mut reader = BatchReader::new("lfw", ["Ada/Ada_0001.jpg".into(), "Bob/Bob_0001.jpg".into()], 32);
/// let mut batch = reader.read(&pool);
/// while !batch.is_empty() {
///     let (next, ()) = reader.read_while(&pool, || {
///         for (path, image) in &batch {
///             println!("{}: {:?}", path.display(), image.as_ref().map(|image| image.width()));
///         }
///     });
///     batch = next;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct BatchReader {
    folder: PathBuf,
    waiting: VecDeque<PathBuf>,
    batch: usize,
}

impl BatchReader {
    /// A reader of `images`, which are relative to `folder`, in batches of up to `batch` images.
    pub fn new(folder: impl Into<PathBuf>, images: impl IntoIterator<Item = PathBuf>, batch: usize) -> Self {
        Self { folder: folder.into(), waiting: images.into_iter().collect(), batch: batch.max(1) }
    }

    /// The next images; none at the end. A file that cannot be read, or is no image, is an error in its place.
    pub fn read(&mut self, pool: &rayon::ThreadPool) -> Vec<ReadImage> {
        self.read_while(pool, || {}).0
    }

    /// The next images, decoded on the threads of `pool` while `work` runs there too; and the result of `work`.
    pub fn read_while<R: Send>(
        &mut self,
        pool: &rayon::ThreadPool,
        work: impl FnOnce() -> R + Send,
    ) -> (Vec<ReadImage>, R) {
        self.read_unless(&Watch::none(), pool, work)
    }

    /// As [`read_while`](Self::read_while), but once `watch` is cancelled no further image is begun. What was not begun
    /// waits for the next batch.
    pub(super) fn read_unless<R: Send>(
        &mut self,
        watch: &Watch<'_>,
        pool: &rayon::ThreadPool,
        work: impl FnOnce() -> R + Send,
    ) -> (Vec<ReadImage>, R) {
        let paths: Vec<PathBuf> = self.waiting.drain(..self.waiting.len().min(self.batch)).collect();
        let folder = &self.folder;
        let (images, result) = pool.join(|| decode(folder, &paths, watch), work);
        let mut read = Vec::with_capacity(paths.len());
        let mut late = Vec::new();
        for (path, image) in paths.into_iter().zip(images) {
            match image {
                Some(image) => read.push((path, image)),
                None => late.push(path),
            }
        }
        for path in late.into_iter().rev() {
            self.waiting.push_front(path);
        }
        (read, result)
    }

    /// Takes the images that are `done` out of the next batch, and tells how many they were.
    pub(super) fn skip(&mut self, done: impl Fn(&Path) -> bool) -> u64 {
        let (mut skipped, mut kept) = (0, 0);
        while kept < self.batch.min(self.waiting.len()) {
            if done(&self.waiting[kept]) {
                self.waiting.remove(kept);
                skipped += 1;
            } else {
                kept += 1;
            }
        }
        skipped
    }
}

/// Decodes until there are enough pixels; the images that come too late for that get none. At least one gets its turn.
fn decode(folder: &Path, images: &[PathBuf], watch: &Watch<'_>) -> Vec<Option<Result<Image>>> {
    let budget = Budget::default();
    let decode = |path: &PathBuf| {
        if watch.is_cancelled() || budget.is_spent() {
            return None;
        }
        budget.open(&folder.join(path))
    };
    images.par_iter().with_max_len(1).map(decode).collect()
}

/// The pixels of a batch.
///
/// The size of an image is known only to the decoder, which refuses a larger one than it is allowed, after reading
/// its header. So each image gets a small allowance at first, and twice as much as long as that is refused; what it
/// may need is taken from the budget before it is decoded.
#[derive(Default)]
struct Budget {
    taken: AtomicU64,
    spent: AtomicBool,
}

impl Budget {
    /// Whether an image has been sent away already.
    fn is_spent(&self) -> bool {
        self.spent.load(Ordering::Relaxed)
    }

    /// Decodes a file; none if it must wait.
    fn open(&self, path: &Path) -> Option<Result<Image>> {
        let most = DecodeOptions::default().max_pixels;
        // With such an allowance for every thread, half of the budget is left.
        let mut allowed = (MAX_PIXELS / 2 / rayon::current_num_threads() as u64).clamp(1, most);
        loop {
            if !self.take(allowed) {
                self.spent.store(true, Ordering::Relaxed);
                return None;
            }
            let image = open(path, allowed);
            let used = image.as_ref().map_or(0, |image| u64::from(image.width()) * u64::from(image.height()));
            self.taken.fetch_sub(allowed - used.min(allowed), Ordering::Relaxed);
            match image {
                Err(error) if error.kind() == ErrorKind::ImageTooLarge && allowed < most => {
                    allowed = allowed.saturating_mul(2).min(most);
                }
                image => return Some(image),
            }
        }
    }

    /// Takes so many pixels out of the budget; the first image may have more than there are.
    fn take(&self, pixels: u64) -> bool {
        let take = |taken: u64| match taken.checked_add(pixels) {
            Some(sum) if taken == 0 || sum <= MAX_PIXELS => Some(sum),
            _ => None,
        };
        self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }
}

/// Decodes a file of at most so many pixels.
fn open(path: &Path, max_pixels: u64) -> Result<Image> {
    Image::open_with(path, &DecodeOptions { max_pixels, ..DecodeOptions::default() })
}
