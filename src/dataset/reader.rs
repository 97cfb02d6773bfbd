//! Decoding many images ahead of the work on them, without filling the memory.

use std::collections::VecDeque;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use crate::error::{Error, ErrorKind, Result};
use crate::frame::Image;

/// Pixels after which a batch is full: 100 MB of 8-bit RGB.
const MAX_PIXELS: u64 = 1 << 25;

/// An image file and what it holds.
pub type ReadImage = (PathBuf, Result<Image>);

/// Decodes images batch by batch, each while the batch before is being worked on.
///
/// A batch has no more images than wanted, and fewer if they are large: when 32 megapixels are in memory, the images
/// whose turn has not come wait for the next batch.
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
        let paths: Vec<PathBuf> = self.waiting.drain(..self.waiting.len().min(self.batch)).collect();
        let folder = &self.folder;
        let (images, result) = pool.join(|| decode(folder, &paths), work);
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

/// Decodes until there are enough pixels; the images that come too late for that get none.
fn decode(folder: &Path, images: &[PathBuf]) -> Vec<Option<Result<Image>>> {
    let pixels = AtomicU64::new(0);
    let decode = |path: &PathBuf| {
        if pixels.load(Ordering::Relaxed) >= MAX_PIXELS {
            return None;
        }
        let image = open(&folder.join(path));
        if let Ok(image) = &image {
            pixels.fetch_add(u64::from(image.width()) * u64::from(image.height()), Ordering::Relaxed);
        }
        Some(image)
    };
    images.par_iter().with_max_len(1).map(decode).collect()
}

/// Decodes a file. A decoder that panics has met a broken image, which must not end the whole job.
fn open(path: &Path) -> Result<Image> {
    catch_unwind(|| Image::open(path))
        .unwrap_or_else(|_| Err(Error::new(ErrorKind::ImageDecode, format!("{}: the decoder failed", path.display()))))
}
