//! Embeddings of image files, however many.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::dataset::{BatchReader, ReadImage};
use crate::watch::Watch;
use facenet_core::detect::Face;
use facenet_core::embed::Embedder;
use facenet_core::embedding::Embedding;
use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::frame::{Frame, Image, RgbView};
use facenet_core::options::Options;
use facenet_core::pipeline::Pipeline;

/// Images that are decoded together.
const BATCH: usize = 32;

/// A face of an image file.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtractedFace {
    /// Where it is in the image; none if the image is an aligned face.
    pub face: Option<Face>,
    /// The aligned face that was embedded.
    pub crop: Image,
    /// The vector.
    pub embedding: Embedding,
}

/// An image file and its faces.
#[derive(Debug)]
pub struct ImageFaces {
    /// The image, as it was given.
    pub path: PathBuf,
    /// The faces, none if there is no face in the image; the error if it could not be read or does not fit.
    pub faces: Result<Vec<ExtractedFace>>,
}

impl ImageFaces {
    /// The faces, one at least, or why there is none.
    ///
    /// ```
    /// use facenet::extract::ImageFaces;
    ///
    /// let wall = ImageFaces { path: "wall.jpg".into(), faces: Ok(Vec::new()) };
    /// assert_eq!(wall.found().unwrap_err(), "no face found");
    /// ```
    pub fn found(self) -> Result<Vec<ExtractedFace>, String> {
        match self.faces {
            Ok(faces) if faces.is_empty() => Err("no face found".into()),
            faces => faces.map_err(|error| error.to_string()),
        }
    }
}

/// Makes embeddings of image files: of photos, in which faces are looked for, or of aligned faces.
///
/// ```no_run
/// use facenet::Watch;
/// use facenet::dataset::Dataset;
/// use facenet::extract::Extractor;
/// use facenet::{Embedder, EmbedderOptions, Runtime, RuntimeOptions};
///
/// let runtime = Runtime::new(RuntimeOptions::default())?;
/// let extractor = Extractor::of_aligned(Embedder::new(&runtime, EmbedderOptions::default())?);
/// let dataset = Dataset::open("lfw_160")?;
/// let images = dataset.images().map(Into::into);
/// extractor.run(dataset.root(), images, &Watch::none(), |image| {
///     match image.faces {
///         Ok(faces) => println!("{}: {} faces", image.path.display(), faces.len()),
///         Err(error) => eprintln!("{error}"),
///     }
///     Ok(())
/// })?;
/// # Ok::<(), facenet::Error>(())
/// ```
#[derive(Clone)]
pub struct Extractor {
    source: Source,
}

#[derive(Clone)]
enum Source {
    Photos(Pipeline),
    Aligned(Embedder),
}

impl Extractor {
    /// Looks for faces in photos. Which ones of a photo are taken is up to the pipeline's detector.
    pub fn of_photos(pipeline: Pipeline) -> Self {
        Self { source: Source::Photos(pipeline) }
    }

    /// Takes each image for an aligned face of the size that the embedder needs.
    pub fn of_aligned(embedder: Embedder) -> Self {
        Self { source: Source::Aligned(embedder) }
    }

    /// How faces are found and chosen, by name, to be kept beside embeddings: equal settings and equal fingerprints make
    /// the same embeddings of the same images.
    pub fn settings(&self) -> BTreeMap<String, String> {
        match &self.source {
            Source::Aligned(_) => BTreeMap::from([("images".into(), "aligned".into())]),
            Source::Photos(pipeline) => {
                let mut settings = pipeline.detector().options().settings();
                settings.insert("images".into(), "photos".into());
                settings
            }
        }
    }

    /// What makes the embeddings.
    pub fn embedder(&self) -> &Embedder {
        match &self.source {
            Source::Photos(pipeline) => pipeline.embedder(),
            Source::Aligned(embedder) => embedder,
        }
    }

    /// Hands the faces of each of `images`, which are relative to `folder`, to `each`, in their order. Images are decoded
    /// while those before are worked on; the memory needed does not depend on their number. `watch`
    /// receives how many images are done, from none on.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`], the errors of the stages, and those of `each`. An image that cannot
    /// be read is not an error of the whole: `each` is told.
    pub fn run(
        &self,
        folder: impl AsRef<Path>,
        images: impl IntoIterator<Item = PathBuf>,
        watch: &Watch<'_>,
        mut each: impl FnMut(ImageFaces) -> Result<()>,
    ) -> Result<()> {
        let pool = self.embedder().runtime().pool();
        let images: Vec<PathBuf> = images.into_iter().collect();
        let (mut done, total) = (0, images.len() as u64);
        watch.done(0, total);
        let mut reader = BatchReader::new(folder.as_ref(), images, BATCH);
        let mut batch = reader.read(pool);
        while !batch.is_empty() {
            watch.check()?;
            watch.doubtful(&batch);
            let (next, extracted) = reader.read_while(pool, || self.extract(batch));
            for image in extracted? {
                each(image)?;
                done += 1;
                watch.done(done, total);
            }
            batch = next;
        }
        Ok(())
    }

    /// The faces of images that are in memory, in their order.
    ///
    /// # Errors
    /// Those of the stages.
    pub fn extract(&self, images: Vec<ReadImage>) -> Result<Vec<ImageFaces>> {
        let checked = images.into_iter().map(|(path, image)| (path, image.and_then(|image| self.check(image))));
        let (paths, images): (Vec<PathBuf>, Vec<Result<Image>>) = checked.unzip();
        let usable: Vec<&Image> = images.iter().flatten().collect();
        let mut found = match &self.source {
            Source::Photos(pipeline) => in_photos(pipeline, &usable)?,
            Source::Aligned(embedder) => in_crops(embedder, &usable)?,
        }
        .into_iter();
        let faces_of = |(path, image): (PathBuf, Result<Image>)| ImageFaces {
            path,
            faces: image.map(|_| found.next().unwrap_or_default()),
        };
        Ok(paths.into_iter().zip(images).map(faces_of).collect())
    }

    /// The image, if it is such as is needed.
    fn check(&self, image: Image) -> Result<Image> {
        let Source::Aligned(embedder) = &self.source else { return Ok(image) };
        let size = embedder.spec().input_size;
        if (image.width(), image.height()) == (size, size) {
            return Ok(image);
        }
        let message = format!(
            "an aligned face for {} has {size}x{size} pixels, this image {}x{}",
            embedder.name(),
            image.width(),
            image.height()
        );
        Err(Error::new(ErrorKind::InvalidArgument, message))
    }
}

fn in_photos(pipeline: &Pipeline, photos: &[&Image]) -> Result<Vec<Vec<ExtractedFace>>> {
    let frames: Vec<Frame<'_>> = photos.iter().map(|photo| photo.frame()).collect();
    let faces = pipeline.process_batch(&frames)?.into_iter().map(|faces| {
        let extracted = faces.into_iter().map(|face| ExtractedFace {
            face: Some(face.face),
            crop: face.crop,
            embedding: face.embedding,
        });
        extracted.collect()
    });
    Ok(faces.collect())
}

fn in_crops(embedder: &Embedder, crops: &[&Image]) -> Result<Vec<Vec<ExtractedFace>>> {
    let views: Vec<RgbView<'_>> = crops.iter().map(|crop| crop.view()).collect();
    let embeddings = embedder.embed_views(&views)?;
    let faces = crops.iter().zip(embeddings);
    Ok(faces.map(|(&crop, embedding)| vec![ExtractedFace { face: None, crop: crop.clone(), embedding }]).collect())
}
