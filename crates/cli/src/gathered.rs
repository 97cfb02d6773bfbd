//! The faces of a folder, or of a file with embeddings, as a matrix.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use facenet_core::{Aligner, Embeddings, Error, ErrorKind, Face, Fingerprint, Image, Result};
use facenet_lab::Extractor;
use facenet_lab::Watch;
use facenet_lab::dataset::Dataset;
use facenet_lab::extract::ExtractedFace;
use facenet_lab::store::{Stored, row_names};
use ndarray::Array2;

use crate::faces::{Failure, FolderArgs};
use crate::inputs;
use crate::progress::Progress;

/// Faces with their embeddings, and where they come from.
pub(crate) struct Gathered {
    /// The embeddings, a row for each face.
    pub(crate) vectors: Array2<f32>,
    /// The image of each row; `image#1`, `image#2` and so on for several faces of one.
    pub(crate) names: Vec<String>,
    /// The file of each row.
    pub(crate) files: Vec<PathBuf>,
    /// Images that gave no face.
    pub(crate) failures: Vec<Failure>,
    /// The person of each row, as far as they are known.
    people: Vec<String>,
    /// Where the face of each row is in its image; none if it is the whole image.
    faces: Vec<Option<Face>>,
    aligner: Option<Aligner>,
}

/// Where faces come from, before any is looked at.
pub(crate) enum Source {
    Stored(Stored),
    Folder { dataset: Dataset, extractor: Extractor },
}

impl Source {
    /// Opens a file with embeddings, or a folder of images.
    pub(crate) fn open(path: &Path, args: &FolderArgs, quiet: bool) -> Result<Self> {
        if !path.is_dir() {
            args.check_stored()?;
            return Ok(Self::Stored(Stored::read(path)?));
        }
        let dataset = Dataset::open(path)?;
        if !quiet {
            inputs::warn_of(path, dataset.problems());
        }
        if dataset.people().is_empty() {
            return Err(Error::new(ErrorKind::NotFound, format!("no image in the folder {}", path.display())));
        }
        Ok(Self::Folder { dataset, extractor: args.extractor()? })
    }

    /// Name and fingerprint of the model, if they are known.
    pub(crate) fn model(&self) -> Option<(String, Fingerprint)> {
        match self {
            Self::Stored(stored) => stored.description.clone().map(|found| (found.model, found.fingerprint)),
            Self::Folder { extractor, .. } => {
                Some((extractor.embedder().name().to_string(), extractor.embedder().fingerprint()))
            }
        }
    }

    /// Fails if an image is in no person's folder.
    pub(crate) fn check_people(&self) -> Result<()> {
        match self {
            Self::Stored(stored) => people(stored).map(drop),
            Self::Folder { dataset, .. } => dataset.people().iter().try_for_each(|person| {
                person.unicode_name()?;
                match person.images.first() {
                    Some(image) if person.name.is_empty() => Err(in_no_folder(&dataset.root().join(image).display())),
                    _ => Ok(()),
                }
            }),
        }
    }

    /// The faces with their embeddings. Images that give none are named on the standard error.
    pub(crate) fn gather(self, quiet: bool, cancel: &AtomicBool) -> Result<Gathered> {
        match self {
            Self::Stored(stored) => Gathered::read(stored),
            Self::Folder { dataset, extractor } => Gathered::embed(&dataset, &extractor, quiet, cancel),
        }
    }
}

impl Gathered {
    fn read(stored: Stored) -> Result<Self> {
        let people = people(&stored).unwrap_or_default();
        let Stored { values, names, .. } = stored;
        Ok(Self {
            people,
            faces: vec![None; names.len()],
            files: names.iter().map(|name| file_of(name)).collect(),
            names,
            vectors: values,
            failures: Vec::new(),
            aligner: None,
        })
    }

    fn embed(dataset: &Dataset, extractor: &Extractor, quiet: bool, cancel: &AtomicBool) -> Result<Self> {
        let embedder = extractor.embedder();
        let mut embeddings = Embeddings::empty(embedder.fingerprint(), embedder.dimension());
        let mut all = Self {
            vectors: Array2::default((0, 0)),
            names: Vec::new(),
            files: Vec::new(),
            failures: Vec::new(),
            people: Vec::new(),
            faces: Vec::new(),
            aligner: Some(Aligner::new(embedder.spec().alignment, embedder.spec().input_size)?),
        };
        let images: Vec<PathBuf> = dataset.images().map(Path::to_path_buf).collect();
        let names = dataset.people().iter();
        let mut person_of =
            names.flat_map(|person| std::iter::repeat_n(person.name.to_string_lossy(), person.images.len()));
        let show = Progress::follow("images", quiet);
        extractor.run(dataset.root(), images, &Watch::new(&show, cancel), |image| {
            all.add(dataset.root().join(&image.path), image.found(), &mut embeddings)?;
            let person = person_of.next().unwrap_or_default();
            all.people.resize(all.names.len(), person.into_owned());
            Ok(())
        })?;
        if all.names.is_empty() {
            let message = "no image gave a face (for photos that are not aligned, add --raw)";
            return Err(Error::new(ErrorKind::NoFace, message));
        }
        all.vectors = embeddings.into_values();
        Ok(all)
    }

    fn add(
        &mut self,
        file: PathBuf,
        found: Result<Vec<ExtractedFace>, String>,
        embeddings: &mut Embeddings,
    ) -> Result<()> {
        let name = file.display().to_string();
        let faces = match found {
            Ok(faces) => faces,
            Err(reason) => {
                self.failures.push(Failure::told(name, reason));
                return Ok(());
            }
        };
        for (name, found) in row_names(&name, faces.len()).zip(&faces) {
            embeddings.push(&found.embedding)?;
            self.names.push(name);
            self.files.push(file.clone());
            self.faces.push(found.face);
        }
        Ok(())
    }

    /// The person of each face, which [`Source::check_people`] has found to be known.
    pub(crate) fn people(&self) -> &[String] {
        &self.people
    }

    /// The picture of a face.
    #[cfg_attr(not(feature = "html"), expect(dead_code, reason = "pictures are for pages"))]
    pub(crate) fn picture(&self, row: usize) -> Result<Image> {
        let image = Image::open(&self.files[row])?;
        match (&self.faces[row], &self.aligner) {
            (Some(face), Some(aligner)) => aligner.align(&image.frame(), &face.rect, &face.landmarks),
            _ => Ok(image),
        }
    }

    /// Fails unless the files are where their names say.
    pub(crate) fn check_files(&self) -> Result<()> {
        match self.files.iter().find(|file| !file.is_file()) {
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
}

/// The person of each row.
fn people(stored: &Stored) -> Result<Vec<String>> {
    let names = stored.people()?.into_iter().zip(&stored.names);
    names.map(|(person, name)| person.map(str::to_string).ok_or_else(|| in_no_folder(name))).collect()
}

fn in_no_folder(image: &dyn std::fmt::Display) -> Error {
    let message = format!("{image} lies in no folder that is named after a person");
    Error::new(ErrorKind::DatasetInvalid, message)
}

/// The image of a row: `photo.jpg#2` is the second face of `photo.jpg`.
pub(crate) fn file_of(name: &str) -> PathBuf {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match name.rsplit_once('#') {
        Some((image, number)) if is_number(number) && !Path::new(name).exists() => image.into(),
        _ => name.into(),
    }
}
