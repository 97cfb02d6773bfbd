//! `facenet compare`: how near the faces of images are to each other.

use std::io::{self, Write};
use std::path::PathBuf;

use crate::ExitCode;
use clap::Args;
use facenet_core::{Error, ErrorKind, Metric, Result, embedding};
use facenet_lab::evaluate::Profile;
use facenet_lab::people::LeftOut;
use serde::Serialize;

use crate::args::distance;
use crate::console;
use crate::faces::{FaceArgs, Faces, FoundFace};

/// Exit code of `--exit-code` for different people.
const DIFFERENT: u8 = 3;

const NOTES: &str = "\
Two faces are taken for the same person if they are as near as the threshold that was measured for the model.

Exit codes: 0 compared, 1 failed, or an image gave no face (the others are compared), 2 wrong usage, 3 with --exit-code: \
compared, and not all are the same person, 130 interrupted.";

/// Compare the faces of images: a matrix of distances, and who is the same
#[derive(Args)]
#[command(after_help = NOTES)]
pub(crate) struct Compare {
    /// Images, or folders of images
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,
    /// Print JSON
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print comma-separated values, a line for each pair (a ' stands before
    /// text that a spreadsheet would take for a formula: =, +, - or @ comes first)
    #[arg(long)]
    csv: bool,
    /// Distance up to which two faces are the same person, in the model's metric [default: the model's]
    #[arg(long, value_name = "DISTANCE", value_parser = distance)]
    threshold: Option<f32>,
    /// Take metric and threshold from a file that `facenet calibrate` wrote for the same model and preprocessing
    #[arg(long, value_name = "FILE.toml", conflicts_with = "threshold")]
    profile: Option<PathBuf>,
    /// Exit with code 3 unless all faces are the same person
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    faces: FaceArgs,
}

/// Every face compared with every other.
#[derive(Serialize)]
struct Comparison<'a> {
    model: &'a str,
    fingerprint: String,
    metric: Metric,
    threshold: Option<f32>,
    faces: Vec<FoundFace<'a>>,
    distances: Vec<Vec<f32>>,
    pairs: Vec<Pair>,
    failures: &'a [LeftOut],
}

#[derive(Serialize)]
struct Pair {
    a: usize,
    b: usize,
    distance: f32,
    /// Whether both are the same person; none without a threshold.
    same: Option<bool>,
}

impl Compare {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let profile = self.profile.as_ref().map(Profile::read).transpose()?;
        let faces = self.faces.embed(&self.images, self.json || self.csv)?;
        let comparison = Comparison::new(&faces, self.decision(profile.as_ref(), &faces)?)?;
        let too_few = match faces.all.len() {
            0 => Some("none was found"),
            1 => Some("only one was found"),
            _ => None,
        };
        match (self.json, self.csv) {
            (true, _) => console::print_json(&comparison)?,
            (_, true) => console::print(|out| comparison.write_csv(out))?,
            _ if too_few.is_some() => {}
            _ => console::print(|out| comparison.write_text(out))?,
        }
        if let Some(found) = too_few {
            return Err(Error::new(ErrorKind::NoFace, format!("a comparison needs two faces, and {found}")));
        }
        Ok(if !faces.all.left_out.is_empty() {
            ExitCode::FAILURE
        } else if self.exit_code && !comparison.pairs.iter().all(|pair| pair.same == Some(true)) {
            ExitCode::from(DIFFERENT)
        } else {
            ExitCode::SUCCESS
        })
    }

    /// The metric, and the threshold in it, if there is one.
    fn decision(&self, profile: Option<&Profile>, faces: &Faces) -> Result<(Metric, Option<f32>)> {
        if let Some(profile) = profile {
            profile.check(faces.embedder.fingerprint())?;
            return Ok((profile.metric(), Some(profile.threshold().distance)));
        }
        let spec = faces.embedder.spec();
        let measured = || spec.thresholds.first().map(|threshold| threshold.distance);
        Ok((spec.metric, self.threshold.or_else(measured)))
    }
}

impl<'a> Comparison<'a> {
    fn new(faces: &'a Faces, (metric, threshold): (Metric, Option<f32>)) -> Result<Self> {
        let embeddings: Vec<Vec<f32>> = faces.all.view().rows().into_iter().map(|row| row.to_vec()).collect();
        let row = |a| embeddings.iter().map(|b| embedding::distance(a, b, metric)).collect::<Result<Vec<f32>>>();
        let distances = embeddings.iter().map(|a| row(a)).collect::<Result<Vec<_>>>()?;
        let pair = |a: usize, b: usize| {
            let distance = distances[a][b];
            Pair { a, b, distance, same: threshold.map(|threshold| metric.within(distance, threshold)) }
        };
        let count = faces.all.len();
        let pairs = (0..count).flat_map(|a| (a + 1..count).map(move |b| (a, b))).map(|(a, b)| pair(a, b)).collect();
        Ok(Self {
            model: faces.embedder.name(),
            fingerprint: faces.embedder.fingerprint().to_string(),
            metric,
            threshold,
            faces: faces.found(),
            distances,
            pairs,
            failures: &faces.all.left_out,
        })
    }

    /// The list and the matrix as the original program prints them, then the verdicts.
    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "Images:")?;
        for (index, face) in self.faces.iter().enumerate() {
            writeln!(out, "{index}: {}", console::shown(face.name))?;
        }
        write!(out, "\nDistance matrix\n    ")?;
        for index in 0..self.faces.len() {
            write!(out, "{index:>5}     ")?;
        }
        writeln!(out)?;
        for (index, row) in self.distances.iter().enumerate() {
            write!(out, "{index:<3}")?;
            for distance in row {
                write!(out, "  {distance:.4}  ")?;
            }
            writeln!(out)?;
        }
        writeln!(out)?;
        let Some(threshold) = self.threshold else {
            return writeln!(
                out,
                "No threshold was measured for {} used like this: name one with --threshold",
                self.model
            );
        };
        for Pair { a, b, distance, same } in &self.pairs {
            let verdict = if *same == Some(true) { "same person" } else { "different people" };
            writeln!(out, "{a} and {b}: {verdict} ({distance:.4}, threshold {threshold:.4})")?;
        }
        Ok(())
    }

    fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "a,b,distance,same")?;
        for Pair { a, b, distance, same } in &self.pairs {
            let (a, b) = (console::csv_field(self.faces[*a].name), console::csv_field(self.faces[*b].name));
            writeln!(out, "{a},{b},{distance},{}", same.map_or(String::new(), |same| same.to_string()))?;
        }
        Ok(())
    }
}
