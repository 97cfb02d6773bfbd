//! Faces of images with their embeddings, for the commands that need them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use facenet_core::detect::{DetectorOptions, Selection};
use facenet_core::embed::EmbedderOptions;
use facenet_core::model::Standardization;
use facenet_core::options::Options;
use facenet_core::{Embedder, Error, ErrorKind, Pipeline, PipelineOptions, Rect, Result};
use facenet_lab::dataset::Person;
use facenet_lab::people::{LabelledFace, LabelledFaces};
use facenet_lab::{Extractor, Watch};
use serde::Serialize;

use crate::args::{DetectorArgs, RuntimeArgs};
use crate::options::Given;
use crate::progress::Progress;
use crate::{inputs, interrupt, people};

/// Images from which on the work takes long enough to show how far it is.
const MANY: usize = 32;

/// Which faces, and how they become embeddings.
#[derive(Args)]
pub(crate) struct FaceArgs {
    /// Which face of an image is taken
    #[arg(long, value_enum, default_value_t = Choice::Largest)]
    face: Choice,
    /// The images are aligned faces already, as `facenet align` writes them
    #[arg(long)]
    aligned: bool,
    #[command(flatten)]
    stages: StageArgs,
}

/// The same for a folder of people, which has been aligned as a rule.
#[derive(Args)]
pub(crate) struct FolderArgs {
    /// The folder holds photos, not aligned faces as `facenet align` writes them: find and align the faces
    #[arg(long)]
    raw: bool,
    /// Which face of a photo is taken
    #[arg(long, value_enum, default_value_t = Choice::Central, requires = "raw")]
    face: Choice,
    #[command(flatten)]
    stages: StageArgs,
}

/// The same for every face of a photo.
#[derive(Args)]
pub(crate) struct EveryFaceArgs {
    /// The images are aligned faces already, as `facenet align` writes them
    #[arg(long)]
    aligned: bool,
    #[command(flatten)]
    stages: StageArgs,
}

/// How the stages work.
#[derive(Args)]
struct StageArgs {
    #[command(flatten)]
    embedder: EmbedderArgs,
    #[command(flatten)]
    detector: DetectorArgs,
    #[command(flatten)]
    runtime: RuntimeArgs,
}

/// How aligned faces become embeddings.
#[derive(Args)]
pub(crate) struct EmbedderArgs {
    #[command(flatten)]
    given: Given<EmbedderOptions>,
    /// The same as --standardization fixed
    #[arg(long, conflicts_with = "standardization", hide_short_help = true)]
    use_fixed_image_standardization: bool,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Choice {
    Largest,
    /// Large and near the centre
    Central,
    MostProbable,
    All,
}

/// A face as it is printed.
#[derive(Serialize)]
pub(crate) struct FoundFace<'a> {
    /// The image; `image#1`, `image#2` and so on for several faces of one.
    pub(crate) name: &'a str,
    #[serde(rename = "box", skip_serializing_if = "Option::is_none")]
    rect: Option<Rect>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f32>,
}

/// All faces of some images, and what embedded them.
pub(crate) struct Faces {
    pub(crate) embedder: Embedder,
    pub(crate) all: LabelledFaces,
}

impl FaceArgs {
    /// Embeds the faces of the images at `paths`. Images that give none are named on the standard error.
    pub(crate) fn embed(&self, paths: &[PathBuf], quiet: bool) -> Result<Faces> {
        self.embed_images(inputs::expand(paths)?, quiet)
    }

    /// The same of images alone.
    pub(crate) fn embed_images(&self, images: Vec<PathBuf>, quiet: bool) -> Result<Faces> {
        let extractor = self.stages.extractor(!self.aligned, self.face, self.stages.embedder.options())?;
        let show = Progress::follow("images", quiet || images.len() <= MANY);
        let (nobody, folder) = (Person { name: OsString::new(), images }, Path::new(""));
        let watch = Watch::new(&show, interrupt::catch()?).warning(&inputs::warn_of_doubt);
        let all = LabelledFaces::embed(&extractor, folder, &[nobody], &watch, |image| people::warn(folder, image))?;
        Ok(Faces { embedder: extractor.embedder().clone(), all })
    }
}

impl FolderArgs {
    /// What makes embeddings of the folder's images.
    pub(crate) fn extractor(&self) -> Result<Extractor> {
        self.extractor_with(self.embedder_options())
    }

    /// The same with other settings of the embedder than [those given](Self::embedder_options).
    pub(crate) fn extractor_with(&self, embedder: EmbedderOptions) -> Result<Extractor> {
        self.stages.extractor(self.raw, self.face, embedder)
    }

    pub(crate) fn embedder_options(&self) -> EmbedderOptions {
        self.stages.embedder.options()
    }

    /// Fails if all faces of a photo are asked for, by a command that takes one.
    pub(crate) fn check_one_face(&self) -> Result<()> {
        match self.face {
            Choice::All => {
                let message = "one face of a photo is measured, and --face all does not say which: name another choice";
                Err(Error::new(ErrorKind::InvalidArgument, message))
            }
            Choice::Largest | Choice::Central | Choice::MostProbable => Ok(()),
        }
    }

    /// Fails if something says how images become embeddings that are stored already. Of mirror images nothing is stored, so
    /// that may be said.
    pub(crate) fn check_stored(&self) -> Result<()> {
        let EmbedderOptions { model, standardization, alignment, .. } = self.embedder_options();
        if self.raw || model.is_some() || standardization.is_some() || alignment.is_some() {
            let message =
                "the embeddings are stored already: leave out --raw, --model, --standardization and --alignment";
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        Ok(())
    }

    /// How faces are found and chosen, by name; nothing for aligned faces.
    pub(crate) fn settings(&self) -> BTreeMap<String, String> {
        match self.raw {
            true => DetectorOptions { selection: self.face.selection(), ..self.stages.detector.options() }.settings(),
            false => BTreeMap::new(),
        }
    }
}

impl EveryFaceArgs {
    /// What makes embeddings of the images.
    pub(crate) fn extractor(&self) -> Result<Extractor> {
        self.stages.extractor(!self.aligned, Choice::All, self.stages.embedder.options())
    }
}

impl EmbedderArgs {
    fn options(&self) -> EmbedderOptions {
        let mut options = self.given.options();
        if self.use_fixed_image_standardization {
            options.standardization = Some(Standardization::Fixed);
        }
        options
    }
}

impl StageArgs {
    /// What makes embeddings of photos, or of aligned faces.
    fn extractor(&self, photos: bool, face: Choice, embedder: EmbedderOptions) -> Result<Extractor> {
        let runtime = self.runtime.start()?;
        if !photos {
            return Ok(Extractor::of_aligned(Embedder::new(&runtime, embedder)?));
        }
        let detector = DetectorOptions { selection: face.selection(), ..self.detector.options() };
        Ok(Extractor::of_photos(Pipeline::new(&runtime, PipelineOptions { detector, embedder })?))
    }
}

impl Choice {
    fn selection(self) -> Selection {
        match self {
            Choice::Largest => Selection::Largest,
            Choice::Central => Selection::Central,
            Choice::MostProbable => Selection::MostProbable,
            Choice::All => Selection::All,
        }
    }
}

impl Faces {
    /// The faces as they are printed.
    pub(crate) fn found(&self) -> Vec<FoundFace<'_>> {
        let found = |face: &LabelledFace| (face.face.map(|face| face.rect), face.face.map(|face| face.score));
        let face = |face| {
            let (rect, score) = found(face);
            FoundFace { name: &face.name, rect, score }
        };
        self.all.faces.iter().map(face).collect()
    }
}
