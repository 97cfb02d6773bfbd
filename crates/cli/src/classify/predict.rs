//! `facenet classify predict`: whose faces are in photos.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::ExitCode;
use clap::Args;
use facenet_core::{Embeddings, Error, ErrorKind, Image, Rect, Result};
use facenet_lab::Watch;
use facenet_lab::classify::{Classifier, Prediction};
use facenet_lab::dataset::has_image_extension;
use facenet_lab::extract::{ExtractedFace, ImageFaces};
use serde::Serialize;

use super::shown;
use crate::annotate::annotate;
use crate::faces::EveryFaceArgs;
use crate::progress::Progress;
use crate::{console, inputs, interrupt};

const NOTES: &str = "\
Every face is given the name of a person, or unknown, with the score: the cosine to the template of the person, or the \
probability that a support vector machine or a softmax gives. Boxes are in pixels from the upper left corner.

Exit codes: 0 done (images without a face included), 1 failed, or an image cannot be read, 2 wrong usage, 130 interrupted.";

const CSV_HEADER: &str = "image,x1,y1,x2,y2,detection,name,nearest,score";

/// Images from which on the work takes long enough to show how far it is.
const MANY: usize = 32;

/// Name the faces of photos
#[derive(Args)]
#[command(after_help = NOTES)]
pub(crate) struct Predict {
    /// The classifier
    #[arg(value_name = "MODEL_FILE")]
    classifier: PathBuf,
    /// Images, or folders of images
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,
    /// Print JSON
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print comma-separated values, a line for each face (a ' stands before
    /// text that a spreadsheet would take for a formula: =, +, - or @ comes first)
    #[arg(long)]
    csv: bool,
    /// Write the images with their faces marked and named: to this PNG or JPEG file if it is one image, else into this
    /// folder
    #[arg(long, value_name = "FOLDER|FILE", conflicts_with = "aligned")]
    annotate: Option<PathBuf>,
    /// Show no progress
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    faces: EveryFaceArgs,
}

/// What was found in an image.
#[derive(Serialize)]
struct Found {
    image: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    faces: Vec<NamedFace>,
}

#[derive(Serialize)]
struct NamedFace {
    #[serde(rename = "box", skip_serializing_if = "Option::is_none")]
    rect: Option<Rect>,
    /// Probability that it is a face.
    #[serde(skip_serializing_if = "Option::is_none")]
    detection: Option<f32>,
    /// None if it is nobody's whom the classifier knows.
    name: Option<String>,
    nearest: String,
    score: f32,
}

impl Predict {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let cancel = interrupt::catch()?;
        let classifier = Classifier::load(&self.classifier)?;
        let images = inputs::expand(&self.images)?;
        let targets = self.targets(&images)?;
        let extractor = self.faces.extractor()?;
        classifier.check(extractor.embedder().fingerprint())?;
        let show = Progress::follow("images", self.quiet || images.len() <= MANY);
        if self.csv {
            console::print(|out| writeln!(out, "{CSV_HEADER}"))?;
        }
        let (mut all, mut failed) = (Vec::new(), false);
        let watch = Watch::new(&show, cancel).warning(&inputs::warn_of_doubt);
        extractor.run(Path::new(""), images, &watch, |image| {
            let target = targets.get(&image.path);
            let found = name_faces(&classifier, image, target.map(PathBuf::as_path))?;
            if let Some(error) = &found.error {
                console::warn(error);
                failed = true;
            }
            match (self.json, self.csv) {
                (true, _) => all.push(found),
                (_, true) => console::print(|out| found.write_csv(out))?,
                _ => console::print(|out| found.write_text(out))?,
            }
            Ok(())
        })?;
        if self.json {
            console::print_json(&all)?;
        }
        Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    /// The file for each marked image.
    fn targets(&self, images: &[PathBuf]) -> Result<HashMap<PathBuf, PathBuf>> {
        let invalid = |message: String| Err(Error::new(ErrorKind::InvalidArgument, message));
        let Some(place) = &self.annotate else { return Ok(HashMap::new()) };
        let is_file = has_image_extension(place) && !place.is_dir();
        if is_file && images.len() != 1 {
            return invalid(format!("--annotate takes a folder for {} images", images.len()));
        }
        if !is_file {
            std::fs::create_dir_all(place).map_err(|error| Error::io("make", place, error))?;
        }
        let mut sources: HashMap<PathBuf, &PathBuf> = HashMap::new();
        for image in images {
            let target = if is_file { place.clone() } else { place.join(file_name(image)) };
            if target.canonicalize().is_ok_and(|target| image.canonicalize().is_ok_and(|image| image == target)) {
                return invalid(format!("--annotate would overwrite {}: name another folder", image.display()));
            }
            if let Some(other) = sources.insert(target, image)
                && other != image
            {
                let (other, image) = (other.display(), image.display());
                return invalid(format!("--annotate would write {other} and {image} to the same file"));
            }
        }
        Ok(sources.into_iter().map(|(target, image)| (image.clone(), target)).collect())
    }
}

/// The name of a marked image: that of the image, with an ending that can be written.
fn file_name(image: &Path) -> PathBuf {
    let name = PathBuf::from(image.file_name().unwrap_or_default());
    let extension = name.extension().map(|extension| extension.to_ascii_lowercase());
    match extension.as_ref().and_then(|extension| extension.to_str()) {
        Some("jpg" | "jpeg" | "png") => name,
        _ => name.with_extension("png"),
    }
}

/// Names the faces of an image and writes it to `target` with its faces marked, if there is one.
fn name_faces(classifier: &Classifier, image: ImageFaces, target: Option<&Path>) -> Result<Found> {
    let name = image.path.display().to_string();
    let faces = match image.faces {
        Ok(faces) => faces,
        Err(error) => return Ok(Found { image: name, error: Some(error.to_string()), faces: Vec::new() }),
    };
    let predictions = predict(classifier, &faces)?;
    let named: Vec<NamedFace> = faces
        .iter()
        .zip(predictions)
        .map(|(found, Prediction { class, nearest, score })| {
            let name = |class: usize| classifier.classes()[class].name.clone();
            let face = found.face;
            let (rect, detection) = (face.map(|face| face.rect), face.map(|face| face.score));
            NamedFace { rect, detection, name: class.map(name), nearest: name(nearest), score }
        })
        .collect();
    if let Some(target) = target {
        let labels: Vec<String> = named.iter().map(NamedFace::label).collect();
        let marks = faces.iter().zip(&labels).filter_map(|(found, label)| Some((found.face.as_ref()?, Some(&**label))));
        annotate(&Image::open(&image.path)?, marks)?.save(target)?;
    }
    Ok(Found { image: name, error: None, faces: named })
}

fn predict(classifier: &Classifier, faces: &[ExtractedFace]) -> Result<Vec<Prediction>> {
    let Some(first) = faces.first() else { return Ok(Vec::new()) };
    let fingerprint = first.embedding.fingerprint();
    let mut embeddings = Embeddings::empty(fingerprint, first.embedding.values().len());
    faces.iter().try_for_each(|face| embeddings.push(&face.embedding))?;
    classifier.predict(embeddings.view(), fingerprint)
}

impl NamedFace {
    fn label(&self) -> String {
        format!("{}: {:.3}", self.name.as_deref().map_or("unknown".into(), shown), self.score)
    }
}

impl Found {
    /// As the original program prints it, with boxes.
    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.error.is_some() {
            return Ok(());
        }
        writeln!(out, "\npeople in image {} :", console::shown(&self.image))?;
        for face in &self.faces {
            write!(out, "{}", face.label())?;
            if let Some(Rect { x1, y1, x2, y2 }) = face.rect {
                write!(out, "  box {x1:.1} {y1:.1} {x2:.1} {y2:.1}")?;
            }
            if face.name.is_none() {
                write!(out, "  nearest {}", console::shown(&face.nearest))?;
            }
            writeln!(out)?;
        }
        if self.faces.is_empty() {
            writeln!(out, "no face found")?;
        }
        Ok(())
    }

    fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let image = console::csv_field(&self.image);
        for NamedFace { rect, detection, name, nearest, score } in &self.faces {
            let edges = match rect {
                Some(Rect { x1, y1, x2, y2 }) => format!("{x1},{y1},{x2},{y2}"),
                None => ",,,".into(),
            };
            let detection = detection.map_or(String::new(), |detection| detection.to_string());
            let (name, nearest) =
                (console::csv_field(name.as_deref().unwrap_or_default()), console::csv_field(nearest));
            writeln!(out, "{image},{edges},{detection},{name},{nearest},{score}")?;
        }
        Ok(())
    }
}
