//! The faces of a folder, or of a file with embeddings, as a matrix.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, FromArgMatches};
use facenet::dataset::Dataset;
use facenet::extract::{ExtractedFace, Extractor};
use facenet::stored::Stored;
use facenet::{Aligner, Embeddings, Error, ErrorKind, Face, Fingerprint, Image, Result};
use ndarray::Array2;

use crate::console;
use crate::faces::{Failure, FolderArgs};
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
    /// The folder that has the folders of people; none if it is not known.
    root: Option<PathBuf>,
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
    pub(crate) fn open(path: &Path, args: &Given<FolderArgs>, quiet: bool) -> Result<Self> {
        if !path.is_dir() {
            if let Some(flag) = args.flags.first() {
                let message = format!("{flag} is for a folder of images: {} is not one", path.display());
                return Err(Error::new(ErrorKind::InvalidArgument, message));
            }
            return Ok(Self::Stored(Stored::read(path)?));
        }
        let dataset = Dataset::open(path)?;
        if !quiet {
            for problem in dataset.problems() {
                console::warn(format_args!("cannot read {}: {}", path.join(&problem.path).display(), problem.reason));
            }
        }
        if dataset.people().is_empty() {
            return Err(Error::new(ErrorKind::NotFound, format!("no image in the folder {}", path.display())));
        }
        Ok(Self::Folder { dataset, extractor: args.args.extractor()? })
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
            Self::Stored(stored) => stored.names.iter().try_for_each(|name| person(None, &file_of(name)).map(drop)),
            Self::Folder { dataset, .. } => {
                let root = dataset.root();
                dataset.images().try_for_each(|image| person(Some(root), &root.join(image)).map(drop))
            }
        }
    }

    /// The faces with their embeddings. Images that give none are named on the standard error.
    pub(crate) fn gather(self, quiet: bool, cancel: &AtomicBool) -> Result<Gathered> {
        match self {
            Self::Stored(stored) => Ok(Gathered::read(stored)),
            Self::Folder { dataset, extractor } => Gathered::embed(&dataset, &extractor, quiet, cancel),
        }
    }
}

impl Gathered {
    fn read(Stored { values, names, .. }: Stored) -> Self {
        Self {
            faces: vec![None; names.len()],
            files: names.iter().map(|name| file_of(name)).collect(),
            names,
            vectors: values,
            failures: Vec::new(),
            root: None,
            aligner: None,
        }
    }

    fn embed(dataset: &Dataset, extractor: &Extractor, quiet: bool, cancel: &AtomicBool) -> Result<Self> {
        let embedder = extractor.embedder();
        let mut embeddings = Embeddings::empty(embedder.fingerprint(), embedder.dimension());
        let mut all = Self {
            vectors: Array2::default((0, 0)),
            names: Vec::new(),
            files: Vec::new(),
            failures: Vec::new(),
            root: Some(dataset.root().to_path_buf()),
            faces: Vec::new(),
            aligner: Some(Aligner::new(embedder.spec().alignment, embedder.spec().input_size)?),
        };
        let images: Vec<PathBuf> = dataset.images().map(Path::to_path_buf).collect();
        let mut progress = Progress::new(images.len() as u64, quiet);
        let mut done = 0;
        extractor.run(dataset.root(), images, cancel, |image| {
            all.add(dataset.root().join(&image.path), image.faces, &mut embeddings)?;
            done += 1;
            progress.show(done, "");
            Ok(())
        })?;
        if all.names.is_empty() {
            let message = "no image gave a face (for photos that are not aligned, add --raw)";
            return Err(Error::new(ErrorKind::NoFace, message));
        }
        all.vectors = embeddings.view().to_owned();
        Ok(all)
    }

    fn add(&mut self, file: PathBuf, faces: Result<Vec<ExtractedFace>>, embeddings: &mut Embeddings) -> Result<()> {
        let name = file.display().to_string();
        let faces = match faces {
            Ok(faces) => faces,
            Err(error) => {
                self.failures.push(Failure::told(name, error.to_string()));
                return Ok(());
            }
        };
        if faces.is_empty() {
            self.failures.push(Failure::told(name.clone(), "no face found".into()));
        }
        let several = faces.len() > 1;
        for (index, found) in faces.into_iter().enumerate() {
            embeddings.push(&found.embedding)?;
            self.names.push(if several { format!("{name}#{}", index + 1) } else { name.clone() });
            self.files.push(file.clone());
            self.faces.push(found.face);
        }
        Ok(())
    }

    /// The person of each face.
    pub(crate) fn people(&self) -> Result<Vec<String>> {
        self.files.iter().map(|file| person(self.root.as_deref(), file)).collect()
    }

    /// The picture of a face.
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

/// The person of an image: the first folder below `root`, or if that is not known, the one the image lies in.
fn person(root: Option<&Path>, file: &Path) -> Result<String> {
    let folder = match root {
        Some(root) => file.strip_prefix(root).ok().filter(|inner| inner.components().count() > 1),
        None => file.parent().and_then(Path::file_name).map(Path::new),
    };
    let name = folder.and_then(|folder| folder.components().next());
    name.map(|name| name.as_os_str().to_string_lossy().into_owned()).ok_or_else(|| {
        let message = format!("{} lies in no folder that is named after a person", file.display());
        Error::new(ErrorKind::DatasetInvalid, message)
    })
}

/// The image of a row: `photo.jpg#2` is the second face of `photo.jpg`.
pub(crate) fn file_of(name: &str) -> PathBuf {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match name.rsplit_once('#') {
        Some((image, number)) if is_number(number) && !Path::new(name).exists() => image.into(),
        _ => name.into(),
    }
}

/// Arguments, and the flags of those that were not left at their defaults.
pub(crate) struct Given<A> {
    pub(crate) args: A,
    /// As in `--model`.
    pub(crate) flags: Vec<String>,
}

impl<A: Args> FromArgMatches for Given<A> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let command = A::augment_args(Command::new(""));
        let given = command
            .get_arguments()
            .filter(|argument| matches.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine));
        let flags = given.filter_map(|argument| argument.get_long()).map(|flag| format!("--{flag}")).collect();
        Ok(Self { args: A::from_arg_matches(matches)?, flags })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl<A: Args> Args for Given<A> {
    fn augment_args(command: Command) -> Command {
        A::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        A::augment_args_for_update(command)
    }
}
