//! `facenet embed`: embeddings of faces, as a file.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use facenet::{Error, Result, files};
use serde::Serialize;

use crate::faces::{FaceArgs, Faces, Failure, FoundFace};
use crate::{console, npy};

const NOTES: &str = "\
OUT.npy is a matrix of 32-bit floats with a row for each face; OUT.names.txt, written beside it, has the image of each row \
on a line. OUT.json, or - for the standard output, has names, boxes and vectors.

Exit codes: 0 done, 1 failed, or an image gave no face (the others are written), 2 wrong usage.";

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
    failures: &'a [Failure],
}

#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    face: &'a FoundFace,
    embedding: &'a [f32],
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
            Self::Npy(path) => [path, &names_of(path)].into_iter().try_for_each(|path| check_place(path)),
            Self::Json(path) => check_place(path),
            Self::Stdout => Ok(()),
        }
    }
}

impl Embed {
    pub(crate) fn run(self) -> Result<ExitCode> {
        self.output.check()?;
        let faces = self.faces.embed(&self.images, self.quiet)?;
        match &self.output {
            Target::Npy(path) => write_matrix(path, &faces)?,
            Target::Json(path) => files::write_whole(path, |out| Ok(serde_json::to_writer(out, &export(&faces))?))?,
            Target::Stdout => console::print_json(&export(&faces))?,
        }
        if !matches!(self.output, Target::Stdout) && !self.quiet {
            console::print(|out| {
                writeln!(out, "{} faces of {} values", faces.faces.len(), faces.embedder.dimension())
            })?;
        }
        Ok(if faces.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Fails if `path` is a folder, or no file can be made beside it.
fn check_place(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let place = match path.is_dir() {
        true => Err(io::ErrorKind::IsADirectory.into()),
        // It has no name, and is gone when it is closed.
        false => tempfile::tempfile_in(folder).map(drop),
    };
    place.map_err(|error| Error::io("write", path, error))
}

/// The file with the names of the rows of the matrix at `path`.
fn names_of(path: &Path) -> PathBuf {
    path.with_extension("names.txt")
}

/// Writes the matrix and the names of its rows. Both are written before either gets its name, so that what fails to be
/// written leaves the old pair.
fn write_matrix(path: &Path, faces: &Faces) -> Result<()> {
    files::write_whole(names_of(path), |out| {
        // A line break in a name must not shift the rows.
        faces.faces.iter().try_for_each(|face| writeln!(out, "{}", face.name.replace('\n', "\\n")))?;
        out.flush()?;
        let rows = faces.faces.iter().map(|face| face.embedding.values());
        files::write_whole(path, |out| npy::write(out, rows, faces.embedder.dimension())).map_err(io::Error::other)
    })
}

fn export(faces: &Faces) -> Export<'_> {
    Export {
        model: faces.embedder.name(),
        fingerprint: faces.embedder.fingerprint().to_string(),
        dimension: faces.embedder.dimension(),
        faces: faces.faces.iter().map(|face| Row { face, embedding: face.embedding.values() }).collect(),
        failures: &faces.failures,
    }
}
