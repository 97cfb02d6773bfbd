//! `facenet detect`: the faces of images.

use std::io::{self, Write};
use std::path::PathBuf;

use crate::ExitCode;
use clap::Args;
use facenet_core::{Detector, DetectorOptions, Error, ErrorKind, Face, Frame, Point, Rect, Result};
use facenet_lab::Watch;
use facenet_lab::dataset::ReadImage;
use serde::Serialize;

use crate::annotate::annotate;
use crate::args::RuntimeArgs;
use crate::options::Given;
use crate::{console, inputs, interrupt};

const NOTES: &str = "\
Boxes and landmarks are in pixels from the upper left corner. Landmarks are the left eye, the right eye, the nose, the left \
and the right corner of the mouth, as the viewer sees them.

Exit codes: 0 done (images without a face included), 1 failed, or an image cannot be read, 2 wrong usage, 130 interrupted.";

const CSV_HEADER: &str = "image,x1,y1,x2,y2,score,left_eye_x,left_eye_y,right_eye_x,right_eye_y,nose_x,nose_y,\
                          mouth_left_x,mouth_left_y,mouth_right_x,mouth_right_y";

/// Find faces in images
#[derive(Args)]
#[command(after_help = NOTES)]
pub(crate) struct Detect {
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
    /// Write the image with its faces marked to this PNG or JPEG file; for one image only
    #[arg(long, value_name = "FILE")]
    annotate: Option<PathBuf>,
    #[command(flatten)]
    detector: Given<DetectorOptions, true>,
    #[command(flatten)]
    runtime: RuntimeArgs,
}

/// What was found in an image.
#[derive(Serialize)]
struct Found {
    image: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    faces: Vec<Face>,
}

impl Detect {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let images = inputs::expand(&self.images)?;
        if self.annotate.is_some() && images.len() != 1 {
            let message = format!("--annotate takes one image, and {} are given", images.len());
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        let runtime = self.runtime.start()?;
        let detector = Detector::new(&runtime, self.detector.options())?;
        if self.csv {
            console::print(|out| writeln!(out, "{CSV_HEADER}"))?;
        }
        let (mut all, mut failed) = (Vec::new(), false);
        let watch = Watch::new(&|_, _| {}, interrupt::catch()?);
        let mut reader = inputs::reader(images);
        let mut batch = reader.read(runtime.pool());
        while !batch.is_empty() && (self.json || self.annotate.is_some() || console::is_read()) {
            let (next, found) = reader.read_while(runtime.pool(), || self.detect(&detector, batch));
            let found = found?;
            watch.check()?;
            for Found { error, .. } in &found {
                error.iter().for_each(console::warn);
                failed |= error.is_some();
            }
            match (self.json, self.csv) {
                (true, _) => all.extend(found),
                (_, true) => console::print(|out| found.iter().try_for_each(|found| print_csv(out, found)))?,
                _ => console::print(|out| found.iter().try_for_each(|found| print_text(out, found)))?,
            }
            batch = next;
        }
        if self.json {
            console::print_json(&all)?;
        }
        Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    fn detect(&self, detector: &Detector, batch: Vec<ReadImage>) -> Result<Vec<Found>> {
        let frames: Vec<Frame<'_>> = batch.iter().filter_map(|(_, image)| Some(image.as_ref().ok()?.frame())).collect();
        let mut faces = detector.detect_batch(&frames)?.into_iter();
        let mut found = Vec::with_capacity(batch.len());
        for (path, image) in &batch {
            let (error, faces) = match image {
                Ok(image) => {
                    image.doubt().into_iter().for_each(|doubt| inputs::warn_of_doubt(path, doubt));
                    let faces = faces.next().unwrap_or_default();
                    if let Some(to) = &self.annotate {
                        annotate(image, faces.iter().map(|face| (face, None)))?.save(to)?;
                    }
                    (None, faces)
                }
                Err(error) => (Some(error.to_string()), Vec::new()),
            };
            found.push(Found { image: path.display().to_string(), error, faces });
        }
        Ok(found)
    }
}

fn print_text(out: &mut dyn Write, found: &Found) -> io::Result<()> {
    if found.error.is_some() {
        return Ok(());
    }
    let image = console::shown(&found.image);
    writeln!(out, "{image}: {} face{}", found.faces.len(), if found.faces.len() == 1 { "" } else { "s" })?;
    for (index, face) in found.faces.iter().enumerate() {
        let Rect { x1, y1, x2, y2 } = face.rect;
        write!(out, "  {index}  box {x1:.1} {y1:.1} {x2:.1} {y2:.1}  score {:.4}  landmarks", face.score)?;
        for Point { x, y } in face.landmarks.0 {
            write!(out, " {x:.1},{y:.1}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn print_csv(out: &mut dyn Write, found: &Found) -> io::Result<()> {
    let image = console::csv_field(&found.image);
    for face in &found.faces {
        let Rect { x1, y1, x2, y2 } = face.rect;
        write!(out, "{image},{x1},{y1},{x2},{y2},{}", face.score)?;
        for Point { x, y } in face.landmarks.0 {
            write!(out, ",{x},{y}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}
