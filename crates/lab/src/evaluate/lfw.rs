//! Validation from images.

use std::path::{Path, PathBuf};

use super::pairs::{ImageFinder, Pairs};
use super::protocol::{HardPair, ImageVector, Protocol, Validation, ValidationOptions, validate};
use crate::dataset::Dataset;
use crate::extract::{ExtractedFace, Extractor, ImageFaces};
use crate::watch::Watch;
use facenet_core::embeddings::Embeddings;
use facenet_core::error::{Error, ErrorKind, Result};

/// Validates the model of `extractor` on the pairs of a list, whose images lie below `folder` as
/// `Name/Name_0001.jpg` with any extension of an image.
///
/// Each image is embedded once. Where an image has several faces, the first is taken, so an extractor of photos should be
/// one whose detector gives one face. The mirror mode of `options` is that of the extractor, whatever they say.
///
/// `watch` receives how many images are done, of how many that there are, from none on.
///
/// ```no_run
/// use facenet::Watch;
/// use facenet::evaluate::{Pairs, ValidationOptions, lfw};
/// use facenet::{Embedder, EmbedderOptions, Extractor, Runtime, RuntimeOptions};
///
/// let runtime = Runtime::new(RuntimeOptions::default())?;
/// let extractor = Extractor::of_aligned(Embedder::new(&runtime, EmbedderOptions::default())?);
/// let pairs = Pairs::read("lfw/pairs.txt")?;
/// let validation = lfw(&extractor, "lfw_160", &pairs, &ValidationOptions::default(), &Watch::none())?;
/// println!("{:.4}", validation.cross_validation.accuracy.mean);
/// # Ok::<(), facenet::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::Cancelled`], [`ErrorKind::NotFound`] if no pair has both of its images, and those of
/// the extractor and of [`validate`]. Images that are missing or give no face are no errors: the result names them.
pub fn lfw(
    extractor: &Extractor,
    folder: impl AsRef<Path>,
    pairs: &Pairs,
    options: &ValidationOptions,
    watch: &Watch<'_>,
) -> Result<Validation> {
    let folder = folder.as_ref();
    if !folder.is_dir() {
        let message = format!("{} is no folder: name the one that holds a folder per person", folder.display());
        return Err(Error::new(ErrorKind::NotFound, message));
    }
    let mut finder = ImageFinder::new(folder);
    let paths = pairs.images().into_iter().map(|image| finder.find(image)).collect::<Result<Vec<_>>>()?;
    let protocol = Protocol::from(pairs);
    protocol.check(|image| paths[image].is_some(), &options.folds)?;
    let found: Vec<PathBuf> = paths.iter().flatten().cloned().collect();
    if found.is_empty() {
        return Err(none_found(folder, pairs));
    }
    let mut vectors = Vectors::new(extractor);
    extractor.run(folder, found, watch, |image| vectors.add(image))?;
    let Vectors { embeddings, images } = vectors;
    let mut images = images.into_iter();
    let of_path = |path: &Option<PathBuf>| path.as_ref().and_then(|_| images.next()).unwrap_or(ImageVector::Missing);
    let images: Vec<ImageVector> = paths.iter().map(of_path).collect();

    let options = with_mirror(options, extractor);
    let mut validation = validate(&protocol, embeddings.view(), &images, &options, watch)?;
    if !options.pictures {
        return Ok(validation);
    }
    let wanted = hardest_images(&validation);
    let hard: Vec<(&str, PathBuf)> = protocol
        .images
        .iter()
        .zip(paths)
        .filter(|(image, _)| wanted.contains(&&*image.name))
        .filter_map(|(image, path)| Some((&*image.name, path?)))
        .collect();
    let mut names = hard.iter().map(|(name, _)| *name);
    let mut pictures = Vec::new();
    extractor.run(folder, hard.iter().map(|(_, path)| path.clone()), &watch.silent(), |image| {
        if let (Some(name), Some(face)) = (names.next(), first_face(image).ok()) {
            pictures.push((name.to_string(), face.crop));
        }
        Ok(())
    })?;
    validation.pictures.extend(pictures);
    Ok(validation)
}

/// The error for a folder that has none of the images: one that was looked for, and one that is there.
fn none_found(folder: &Path, pairs: &Pairs) -> Error {
    let wanted = pairs.images().first().map_or(PathBuf::new(), |image| image.stem());
    let there = Dataset::open(folder).ok().and_then(|dataset| dataset.images().next().map(Path::to_path_buf));
    let there = there.map_or("it has no images".into(), |image| format!("it has {}", image.display()));
    let message = format!(
        "none of the {} pairs has both of its images: {} has no {}.jpg, .png or the like; {there}",
        pairs.pairs().len(),
        folder.display(),
        wanted.display()
    );
    Error::new(ErrorKind::NotFound, message)
}

/// The options with the extractor's treatment of mirror images.
pub(super) fn with_mirror(options: &ValidationOptions, extractor: &Extractor) -> ValidationOptions {
    let mut options = options.clone();
    options.folds.mirror = extractor.embedder().mirror();
    options
}

/// The names of the images in the hardest pairs.
pub(super) fn hardest_images(validation: &Validation) -> Vec<&str> {
    let pairs = validation.hardest_genuine.iter().chain(&validation.hardest_impostor);
    pairs.flat_map(|HardPair { a, b, .. }| [&**a, &**b]).collect()
}

/// Vectors of images as they come out of an extractor.
pub(super) struct Vectors {
    pub(super) embeddings: Embeddings,
    pub(super) images: Vec<ImageVector>,
}

impl Vectors {
    pub(super) fn new(extractor: &Extractor) -> Self {
        let embedder = extractor.embedder();
        Self { embeddings: Embeddings::empty(embedder.fingerprint(), embedder.dimension()), images: Vec::new() }
    }

    pub(super) fn add(&mut self, image: ImageFaces) -> Result<()> {
        self.images.push(match first_face(image) {
            Ok(face) => {
                self.embeddings.push(&face.embedding)?;
                ImageVector::Row(self.embeddings.len() - 1)
            }
            Err(reason) => ImageVector::Failed(reason),
        });
        Ok(())
    }
}

/// The first face of an image, or why there is none.
fn first_face(image: ImageFaces) -> Result<ExtractedFace, String> {
    Ok(image.found()?.remove(0))
}
