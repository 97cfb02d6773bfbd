//! `facenet calibrate`: thresholds for wanted false match rates, measured on one's own people.

use std::path::{Path, PathBuf};

use crate::ExitCode;
use clap::Args;
use facenet_core::model::{ModelFile, Threshold};
use facenet_core::options::Options;
use facenet_core::{Embedder, Error, ErrorKind, Fingerprint, Metric, Result};
use facenet_lab::Watch;
use facenet_lab::evaluate::{Calibration, CalibrationOptions, Profile, calibrate};
use facenet_lab::store::Description;
use serde::Serialize;

use crate::embed::check_place;
use crate::faces::FolderArgs;
use crate::options::Given;
use crate::people::Source;
use crate::progress::Progress;
use crate::rates::{self, RateArgs, metric};
use crate::{console, interrupt};

const NOTES: &str = "\
DIR has a folder per person: aligned faces as `facenet align` writes them, or photos with --raw. A matrix that `facenet \
embed` or `facenet export` wrote will do too. Nothing in it says what was made of mirror images, so --mirror must be what \
it was made with: thresholds are written for that, and decide wrongly if it is not.

The threshold for the first rate of --fmr is the default of `facenet compare --profile FILE`, or of the model that \
--model-out writes. A rate needs 3/rate different pairs of people; one with fewer has no threshold.

Exit codes: 0 done (images without a face are left out and counted), 1 failed, or a rate has no threshold (those that have \
are written), 2 wrong usage, 130 interrupted.";

/// Measure thresholds for wanted false match rates on a folder of people
#[derive(Args)]
#[command(after_help = NOTES)]
pub(crate) struct Calibrate {
    /// Folder with a folder of images per person, or stored embeddings (.npy)
    #[arg(value_name = "DIR")]
    data: PathBuf,
    /// Write the thresholds to a profile for `facenet compare`
    #[arg(long, short, value_name = "FILE.toml")]
    output: Option<PathBuf>,
    /// Write the model with these thresholds in its description
    #[arg(long, value_name = "FILE.onnx")]
    model_out: Option<PathBuf>,
    /// 0 or squared-euclidean, 1 or angular, euclidean, cosine [default: the model's]
    #[arg(long, value_name = "METRIC", value_parser = metric, conflicts_with = "model_out")]
    distance_metric: Option<Metric>,
    #[command(flatten)]
    given: Given<CalibrationOptions>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Show no progress and no warnings
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    rates: RateArgs,
    #[command(flatten)]
    folder: FolderArgs,
}

#[derive(Serialize)]
struct Output<'a> {
    model: &'a str,
    fingerprint: Fingerprint,
    data: String,
    left_out: usize,
    #[serde(flatten)]
    calibration: &'a Calibration,
}

impl Calibrate {
    pub(crate) fn run(self) -> Result<ExitCode> {
        if self.model_out.is_some() && self.data.is_file() {
            let message =
                "--model-out needs a folder of images, so that the model is known to be the one that made them";
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        let rates = self.rates.options();
        rates.check()?;
        self.output.iter().chain(&self.model_out).try_for_each(|path| check_place(path))?;
        let options = self.folder.embedder_options();
        let cancel = interrupt::catch()?;
        self.folder.check_one_face()?;
        let source = Source::open(&self.data, &self.folder, options, self.quiet)?;
        let embedder = source.embedder();
        let faces = source.faces_of_people(self.quiet, cancel)?;
        let made = faces.described()?;
        let metric = self.distance_metric.unwrap_or(made.metric);
        let options = CalibrationOptions { metric, rates, ..self.given.options() };
        let show = Progress::follow("steps", self.quiet);
        let calibration = calibrate(faces.view(), &faces.subjects()?, &options, &Watch::new(&show, cancel))?;
        // Printed first: figures that took minutes are not lost to a file that cannot be written.
        if self.json {
            let Description { model, fingerprint, .. } = made;
            let (data, left_out) = (self.data.display().to_string(), faces.left_out.len());
            let output = Output { model, fingerprint: *fingerprint, data, left_out, calibration: &calibration };
            console::print_json(&output)?;
        } else {
            console::print(|out| {
                writeln!(
                    out,
                    "{} images of {} people, {} left out",
                    calibration.images,
                    calibration.people,
                    faces.left_out.len()
                )?;
                rates::write(out, &calibration.rates)
            })?;
        }
        self.write(made, &calibration, embedder.as_ref())?;
        Ok(if calibration.rates.refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// Writes the thresholds where they are wanted.
    fn write(&self, made: &Description, calibration: &Calibration, embedder: Option<&Embedder>) -> Result<()> {
        if self.output.is_none() && self.model_out.is_none() {
            return Ok(());
        }
        // Another rate must not become the default unseen.
        let first = self.rates.options().false_match_rates.first().copied();
        if first.is_none() || calibration.rates.points.first().map(|point| point.wanted) != first {
            let message = "the first rate of --fmr would be the default and has no threshold, so nothing is written: add \
                           people, or begin with a higher rate";
            return Err(Error::new(ErrorKind::DatasetInvalid, message));
        }
        let mirror = self.folder.embedder_options().mirror;
        let thresholds = calibration.thresholds(mirror, &self.measured_on(calibration));
        if let Some(path) = &self.output {
            Profile::new(&made.model, made.fingerprint, calibration.rates.metric, thresholds.clone())?.write(path)?;
        }
        match (&self.model_out, embedder, embedder.and_then(Embedder::path)) {
            (Some(path), Some(embedder), Some(model)) => write_model(path, embedder, model, thresholds),
            _ => Ok(()),
        }
    }

    fn measured_on(&self, calibration: &Calibration) -> String {
        let Calibration { images, people, rates, .. } = calibration;
        let name = self.data.file_name().unwrap_or(self.data.as_os_str()).display();
        let (genuine, impostor) = (rates.genuine, rates.impostor);
        format!("{name}: {images} images of {people} people, {genuine} pairs of one and {impostor} of two people")
    }
}

/// Writes the file `model` of `embedder` with other thresholds.
fn write_model(path: &Path, embedder: &Embedder, model: &Path, thresholds: Vec<Threshold>) -> Result<()> {
    let file = ModelFile::read(model)?;
    let described = file.spec().embedding.as_ref().map(|embedding| embedding.standardization);
    if described != Some(embedder.spec().standardization) {
        let message = "--model-out needs the pixels as the model's description has them: leave out --standardization";
        return Err(Error::new(ErrorKind::InvalidArgument, message));
    }
    file.with_thresholds(thresholds)?.write(path)
}
