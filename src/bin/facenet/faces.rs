//! Faces of images with their embeddings, for the commands that need them.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use facenet::dataset::ReadImage;
use facenet::detect::{DetectorOptions, Selection};
use facenet::embed::{Embedder, EmbedderOptions};
use facenet::model::Mirror;
use facenet::{Embedding, Face, Frame, Image, Pipeline, PipelineOptions, Rect, Result, Runtime};
use serde::Serialize;

use crate::args::{DetectorArgs, RuntimeArgs};
use crate::progress::Progress;
use crate::{console, inputs};

/// How faces become embeddings.
#[derive(Args)]
pub(crate) struct FaceArgs {
    /// Which face of an image is taken
    #[arg(long, value_enum, default_value_t = Choice::Largest)]
    face: Choice,
    /// The images are aligned faces already, as `facenet align` writes them
    #[arg(long)]
    aligned: bool,
    /// Embedding model [default: the one that ships with facenet]
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// What is made of a face and its mirror image; anything but off takes twice the time
    #[arg(long, value_enum, default_value_t = MirrorArg::Off)]
    mirror: MirrorArg,
    #[command(flatten)]
    detector: DetectorArgs,
    #[command(flatten)]
    runtime: RuntimeArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum Choice {
    Largest,
    /// Large and near the centre
    Central,
    MostProbable,
    All,
}

#[derive(Clone, Copy, ValueEnum)]
enum MirrorArg {
    Off,
    /// The mean of both
    Average,
    /// One after the other
    Concatenate,
}

/// A face with its embedding.
#[derive(Serialize)]
pub(crate) struct FoundFace {
    /// The image; `image#1`, `image#2` and so on for several faces of one.
    pub(crate) name: String,
    #[serde(rename = "box", skip_serializing_if = "Option::is_none")]
    rect: Option<Rect>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f32>,
    #[serde(skip)]
    pub(crate) embedding: Embedding,
}

/// An image that gave no face.
#[derive(Serialize)]
pub(crate) struct Failure {
    image: String,
    reason: String,
}

/// All faces of some images.
pub(crate) struct Faces {
    pub(crate) embedder: Embedder,
    pub(crate) faces: Vec<FoundFace>,
    pub(crate) failures: Vec<Failure>,
}

impl FaceArgs {
    /// Embeds the faces of the images at `paths`. Images that give none are named on the standard error.
    pub(crate) fn embed(&self, paths: &[PathBuf], quiet: bool) -> Result<Faces> {
        let images = inputs::expand(paths)?;
        let runtime = self.runtime.start()?;
        let worker = self.worker(&runtime)?;
        let mut progress = Progress::new(images.len() as u64, quiet || images.len() <= inputs::BATCH);
        let mut reader = inputs::reader(images);
        let mut all = Faces { embedder: worker.embedder().clone(), faces: Vec::new(), failures: Vec::new() };
        let mut done = 0;
        let mut batch = reader.read(runtime.pool());
        while !batch.is_empty() {
            let (next, embedded) = reader.read_while(runtime.pool(), || worker.embed(&batch));
            for ((path, _), faces) in batch.iter().zip(embedded?) {
                all.add(path.display().to_string(), faces);
            }
            done += batch.len() as u64;
            progress.show(done, "");
            batch = next;
        }
        Ok(all)
    }

    fn worker(&self, runtime: &Runtime) -> Result<Worker> {
        let embedder = EmbedderOptions {
            model: self.model.clone(),
            mirror: match self.mirror {
                MirrorArg::Off => Mirror::Off,
                MirrorArg::Average => Mirror::Average,
                MirrorArg::Concatenate => Mirror::Concatenate,
            },
            ..EmbedderOptions::default()
        };
        if self.aligned {
            return Ok(Worker::Aligned(Embedder::new(runtime, embedder)?));
        }
        let selection = match self.face {
            Choice::Largest => Selection::Largest,
            Choice::Central => Selection::Central,
            Choice::MostProbable => Selection::MostProbable,
            Choice::All => Selection::All,
        };
        let detector = DetectorOptions { selection, ..self.detector.options() };
        Ok(Worker::Whole(Pipeline::new(runtime, PipelineOptions { detector, embedder })?))
    }
}

/// The faces of one image, or why there are none.
type ImageFaces = Result<Vec<(Option<Face>, Embedding)>, String>;

/// What makes embeddings of images.
enum Worker {
    Whole(Pipeline),
    Aligned(Embedder),
}

impl Worker {
    fn embedder(&self) -> &Embedder {
        match self {
            Self::Whole(pipeline) => pipeline.embedder(),
            Self::Aligned(embedder) => embedder,
        }
    }

    fn embed(&self, batch: &[ReadImage]) -> Result<Vec<ImageFaces>> {
        let usable: Vec<Result<&Image, String>> = batch.iter().map(|(_, image)| self.check(image)).collect();
        let images: Vec<&Image> = usable.iter().flatten().copied().collect();
        let mut faces = match self {
            Self::Whole(pipeline) => {
                let frames: Vec<Frame<'_>> = images.iter().map(|image| image.frame()).collect();
                let embed = |faces: Vec<facenet::EmbeddedFace>| {
                    faces.into_iter().map(|face| (Some(face.face), face.embedding)).collect()
                };
                pipeline.process_batch(&frames)?.into_iter().map(embed).collect::<Vec<Vec<_>>>()
            }
            Self::Aligned(embedder) => {
                let views: Vec<_> = images.iter().map(|image| image.view()).collect();
                embedder.embed_views(&views)?.into_iter().map(|embedding| vec![(None, embedding)]).collect()
            }
        }
        .into_iter();
        Ok(usable.into_iter().map(|usable| usable.map(|_| faces.next().unwrap_or_default())).collect())
    }

    /// The image, if it was read and can be embedded.
    fn check<'a>(&self, image: &'a Result<Image>) -> Result<&'a Image, String> {
        let image = image.as_ref().map_err(ToString::to_string)?;
        let size = self.embedder().spec().input_size;
        match self {
            Self::Aligned(embedder) if (image.width(), image.height()) != (size, size) => Err(format!(
                "an aligned face for {} has {size}x{size} pixels, this image {}x{}",
                embedder.name(),
                image.width(),
                image.height()
            )),
            _ => Ok(image),
        }
    }
}

impl Faces {
    fn add(&mut self, image: String, faces: ImageFaces) {
        let reason = match faces {
            Ok(faces) if faces.is_empty() => "no face found".to_string(),
            Ok(faces) => {
                let several = faces.len() > 1;
                self.faces.extend(faces.into_iter().enumerate().map(|(index, (face, embedding))| FoundFace {
                    name: if several { format!("{image}#{}", index + 1) } else { image.clone() },
                    rect: face.map(|face| face.rect),
                    score: face.map(|face| face.score),
                    embedding,
                }));
                return;
            }
            Err(reason) => reason,
        };
        // Messages about files begin with their name already.
        let named = if reason.contains(&image) { reason.clone() } else { format!("{image}: {reason}") };
        console::warn(named);
        self.failures.push(Failure { image, reason });
    }
}
