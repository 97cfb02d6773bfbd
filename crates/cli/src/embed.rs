//! `facenet embed`: embeddings of faces, as a file.

use std::io;
use std::path::{Path, PathBuf};

use crate::ExitCode;
use clap::Args;
use facenet_core::internal::files;
use facenet_core::{Error, Result};
use facenet_lab::dataset::check_unicode;
use facenet_lab::people::LeftOut;
use facenet_lab::store::{self, Description};
use serde::Serialize;

use crate::faces::{FaceArgs, Faces, FoundFace};
use crate::{console, inputs};

const NOTES: &str = "\
OUT.npy is a matrix of 32-bit floats with a row for each face; beside it, OUT.names.txt has the image of each row on a line, \
and OUT.model.json says what made them. OUT.json, or - for the standard output, has names, boxes and vectors.

Exit codes: 0 done, 1 failed, or an image gave no face (the others are written), 2 wrong usage, 130 interrupted.";

/// Write the embeddings of faces to a file
#[derive(Args)]
#[command(after_help = NOTES)]
pub(crate) struct Embed {
    /// Images, or folders of images
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,
    /// Where to write: a name that ends in .npy or .json, or - for JSON on the standard output
    #[arg(long, short, value_name = "FILE", value_parser = Target::parse)]
    output: Target,
    /// Show no progress
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    faces: FaceArgs,
}

#[derive(Clone)]
enum Target {
    Npy(PathBuf),
    Json(PathBuf),
    Stdout,
}

#[derive(Serialize)]
struct Export<'a> {
    model: &'a str,
    fingerprint: String,
    dimension: usize,
    faces: Vec<Row<'a>>,
    failures: &'a [LeftOut],
}

#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    face: FoundFace<'a>,
    embedding: Vec<f32>,
}

impl Target {
    fn parse(text: &str) -> Result<Self, String> {
        match Path::new(text).extension().and_then(|extension| extension.to_str()) {
            _ if text == "-" => Ok(Self::Stdout),
            Some("npy") => Ok(Self::Npy(text.into())),
            Some("json") => Ok(Self::Json(text.into())),
            _ => Err("the name must end in .npy or .json, or be -".into()),
        }
    }

    /// Fails if nothing can be written there, so that this is known before the work and not after it.
    fn check(&self) -> Result<()> {
        match self {
            Self::Npy(path) => {
                let beside = [store::names_path(path), store::description_path(path)];
                [path].into_iter().chain(&beside).try_for_each(|path| check_place(path))
            }
            Self::Json(path) => check_place(path),
            Self::Stdout => Ok(()),
        }
    }
}

impl Embed {
    /// The folder of people, if there is one and nothing else.
    fn folder(&self) -> Option<String> {
        let [folder] = &*self.images else { return None };
        folder.is_dir().then(|| folder.display().to_string())
    }

    pub(crate) fn run(self) -> Result<ExitCode> {
        self.output.check()?;
        let images = inputs::expand(&self.images)?;
        images.iter().try_for_each(|image| check_unicode(image))?;
        let faces = self.faces.embed_images(images, self.quiet)?;
        match &self.output {
            Target::Npy(path) => write_matrix(path, self.folder().as_deref(), &faces)?,
            Target::Json(path) => files::write_whole(path, |out| Ok(serde_json::to_writer(out, &export(&faces))?))?,
            Target::Stdout => console::print_json(&export(&faces))?,
        }
        if !matches!(self.output, Target::Stdout) && !self.quiet {
            console::print(|out| writeln!(out, "{} faces of {} values", faces.all.len(), faces.embedder.dimension()))?;
        }
        Ok(if faces.all.left_out.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Fails if `path` is a folder, or no file can be made beside it.
pub(crate) fn check_place(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let place = match path.is_dir() {
        true => Err(io::ErrorKind::IsADirectory.into()),
        // It has no name, and is gone when it is closed.
        false => tempfile::tempfile_in(folder).map(drop),
    };
    place.map_err(|error| Error::io("write", path, error))
}

fn write_matrix(path: &Path, folder: Option<&str>, faces: &Faces) -> Result<()> {
    let names = faces.all.faces.iter().map(|face| face.name.as_str());
    store::write(path, &Description::of(&faces.embedder), folder, names, faces.all.view())
}

fn export(faces: &Faces) -> Export<'_> {
    let view = faces.all.view();
    let rows = faces.found().into_iter().zip(view.rows());
    Export {
        model: faces.embedder.name(),
        fingerprint: faces.embedder.fingerprint().to_string(),
        dimension: faces.embedder.dimension(),
        faces: rows.map(|(face, row)| Row { face, embedding: row.to_vec() }).collect(),
        failures: &faces.all.left_out,
    }
}
