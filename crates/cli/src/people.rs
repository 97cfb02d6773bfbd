//! The faces of a folder, or of a file with embeddings, and whose they are.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use facenet_core::embed::EmbedderOptions;
use facenet_core::{Aligner, Embedder, Error, ErrorKind, Image, Result};
use facenet_lab::dataset::{Dataset, Person};
use facenet_lab::people::{LabelledFace, LabelledFaces, LeftOut, of_nobody};
use facenet_lab::store::{Description, Stored};
use facenet_lab::{Extractor, Watch};

use crate::faces::FolderArgs;
use crate::progress::Progress;
use crate::{console, inputs};

/// Where faces come from, before any is looked at.
pub(crate) enum Source {
    Stored(Stored),
    Folder { dataset: Dataset, extractor: Extractor },
}

impl Source {
    /// Opens a file with embeddings, or a folder of images.
    pub(crate) fn open(path: &Path, folder: &FolderArgs, options: EmbedderOptions, quiet: bool) -> Result<Self> {
        if path.is_dir() {
            return Ok(Self::Folder { dataset: open(path, quiet)?, extractor: folder.extractor_with(options)? });
        }
        folder.check_stored()?;
        Ok(Self::Stored(Stored::read(path)?))
    }

    /// What makes or made the embeddings, if it is known.
    pub(crate) fn description(&self) -> Option<Description> {
        match self {
            Self::Stored(stored) => stored.description.clone(),
            Self::Folder { extractor, .. } => Some(Description::of(extractor.embedder())),
        }
    }

    /// What makes the embeddings, if they are made now.
    pub(crate) fn embedder(&self) -> Option<Embedder> {
        match self {
            Self::Stored(_) => None,
            Self::Folder { extractor, .. } => Some(extractor.embedder().clone()),
        }
    }

    /// The images of each person, before any is looked at; none for stored embeddings.
    pub(crate) fn people(&self) -> Option<&[Person]> {
        match self {
            Self::Stored(_) => None,
            Self::Folder { dataset, .. } => Some(dataset.named()),
        }
    }

    /// Fails if an image is in no person's folder.
    pub(crate) fn check_named(&self) -> Result<()> {
        let nameless = match self {
            Self::Stored(stored) => {
                let nameless = stored.people()?.iter().position(Option::is_none);
                nameless.map(|row| PathBuf::from(&stored.names[row]))
            }
            Self::Folder { dataset, .. } => {
                dataset.named().iter().try_for_each(|person| person.unicode_name().map(drop))?;
                dataset.nameless().first().map(|image| dataset.root().join(image))
            }
        };
        match nameless {
            None => Ok(()),
            Some(image) => Err(of_nobody(&image)),
        }
    }

    /// All faces. Images that give none are named on the standard error.
    pub(crate) fn faces(self, quiet: bool, cancel: &AtomicBool) -> Result<LabelledFaces> {
        match self {
            Self::Stored(stored) => LabelledFaces::from_stored(&stored),
            Self::Folder { dataset, extractor } => embed(&extractor, dataset.root(), dataset.people(), quiet, cancel),
        }
    }

    /// The faces of somebody. The images of nobody are left out.
    pub(crate) fn faces_of_people(self, quiet: bool, cancel: &AtomicBool) -> Result<LabelledFaces> {
        match self {
            Self::Stored(stored) => {
                stored.people()?;
                let faces = LabelledFaces::from_stored(&stored)?.named();
                if !quiet {
                    faces.left_out.iter().for_each(|image| warn(&faces.folder, image));
                }
                Ok(faces)
            }
            Self::Folder { dataset, extractor } => {
                let folder = dataset.root();
                follow(folder, quiet, cancel, |watch, warn| {
                    LabelledFaces::embed_people(&extractor, &dataset, watch, warn)
                })
            }
        }
    }
}

/// The images of a folder of people. What cannot be read is named.
pub(crate) fn open(folder: &Path, quiet: bool) -> Result<Dataset> {
    let dataset = Dataset::open(folder)?;
    if !quiet {
        inputs::warn_of(folder, dataset.problems(), dataset.hidden());
    }
    dataset.check_not_empty()?;
    Ok(dataset)
}

/// Says how many images are left out because they are nobody's.
pub(crate) fn warn_of_nameless(images: &[PathBuf]) {
    if !images.is_empty() {
        console::warn(format_args!("left out {} images that lie in no person's folder", images.len()));
    }
}

/// The faces of `people`, whose images lie in `folder`. Images that give none are named on the standard error.
pub(crate) fn embed(
    extractor: &Extractor,
    folder: &Path,
    people: &[Person],
    quiet: bool,
    cancel: &AtomicBool,
) -> Result<LabelledFaces> {
    follow(folder, quiet, cancel, |watch, warn| LabelledFaces::embed(extractor, folder, people, watch, warn))
}

/// Shows how far it is with the faces of `folder`, and names the images that give none.
fn follow(
    folder: &Path,
    quiet: bool,
    cancel: &AtomicBool,
    embed: impl FnOnce(&Watch<'_>, &dyn Fn(&LeftOut)) -> Result<LabelledFaces>,
) -> Result<LabelledFaces> {
    let show = Progress::follow("images", quiet);
    let mut faces = embed(&Watch::new(&show, cancel).warning(&inputs::warn_of_doubt), &|image| warn(folder, image))?;
    drop(show);
    for image in &mut faces.left_out {
        image.image = folder.join(&image.image).display().to_string();
    }
    faces.check_any()?;
    Ok(faces)
}

/// Names an image without a face.
pub(crate) fn warn(folder: &Path, LeftOut { image, reason, .. }: &LeftOut) {
    let image = folder.join(image).display().to_string();
    // Messages about files begin with their name already.
    console::warn(if reason.contains(&image) { reason.clone() } else { format!("{image}: {reason}") });
}

/// The name of each face as it is printed, beginning with the folder.
pub(crate) fn names(faces: &LabelledFaces) -> Vec<String> {
    faces.faces.iter().map(|face| faces.folder.join(&face.name).display().to_string()).collect()
}

/// Fails unless the images are where their names say.
pub(crate) fn check_files(faces: &LabelledFaces) -> Result<()> {
    match faces.faces.iter().map(|face| faces.path(face)).find(|file| !file.is_file()) {
        None => Ok(()),
        Some(missing) => {
            let message = format!(
                "{} is not there: run this in the folder where the faces were embedded, or name the folder of images",
                missing.display()
            );
            Err(Error::new(ErrorKind::NotFound, message))
        }
    }
}

/// The picture of a face: cut out by `aligner` if it is known where it is.
#[cfg_attr(not(feature = "html"), expect(dead_code, reason = "pictures are for pages"))]
pub(crate) fn picture(faces: &LabelledFaces, face: &LabelledFace, aligner: Option<&Aligner>) -> Result<Image> {
    let image = Image::open(faces.path(face))?;
    match (&face.face, aligner) {
        (Some(face), Some(aligner)) => aligner.align(&image.frame(), &face.rect, &face.landmarks),
        _ => Ok(image),
    }
}
