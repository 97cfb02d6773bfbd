//! `facenet classify evaluate`: how often a classifier is right.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::ExitCode;
use clap::Args;
use facenet_core::{Error, ErrorKind, Result};
use facenet_lab::classify::{Classifier, Evaluation, IdentificationRate, Prediction};
use facenet_lab::dataset::Person;
use facenet_lab::people::{LabelledFace, LabelledFaces, LeftOut};
use serde::Serialize;

use super::shown;
use super::split::{self, SplitArgs};
use crate::faces::FolderArgs;
use crate::{console, interrupt, people};

const NOTES: &str = "\
Each face is printed with the name that it is given, or unknown, and the score: the cosine to the template of a person, or the \
probability that a support vector machine or a softmax gives. People are known to the classifier by the names of their folders. The \
accuracy is the share of faces of known people that are given the right name; people whom the classifier does not know are \
strangers, and counted by themselves.

With --use-split-dataset, only the images are tested that `facenet classify train` with the same options did not train on.

Exit codes: 0 done (images without a face included), 1 failed, 2 wrong usage, 130 interrupted.";

/// Name the faces of a folder of people, and tell how many names are right
#[derive(Args)]
#[command(after_help = NOTES)]
pub(crate) struct Evaluate {
    /// Folder with a folder of images per person
    folder: PathBuf,
    /// The classifier
    #[arg(value_name = "MODEL_FILE")]
    classifier: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Show no progress, and no faces
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    split: SplitArgs,
    #[command(flatten)]
    faces: FolderArgs,
}

#[derive(Serialize)]
struct Report<'a> {
    accuracy: Option<f64>,
    #[serde(flatten)]
    evaluation: Evaluation,
    faces: Vec<Named<'a>>,
    failures: &'a [LeftOut],
}

#[derive(Serialize)]
struct Named<'a> {
    person: &'a str,
    name: Option<&'a str>,
    nearest: &'a str,
    score: f32,
}

impl Evaluate {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let cancel = interrupt::catch()?;
        let classifier = Classifier::load(&self.classifier)?;
        let people = self.people(&classifier)?;
        let extractor = self.faces.extractor()?;
        classifier.check(extractor.embedder().fingerprint())?;
        let faces = people::embed(&extractor, &self.folder, &people, self.quiet, cancel)?;
        let fingerprint = faces.described()?.fingerprint;
        let predict = || classifier.predict(faces.view(), fingerprint);
        let predictions = extractor.embedder().runtime().pool().install(predict)?;
        let classes = classifier.classes().iter().enumerate();
        let classes: HashMap<&str, usize> = classes.map(|(index, class)| (class.name.as_str(), index)).collect();
        let right: Vec<Option<usize>> =
            faces.faces.iter().map(|face| classes.get(faces.person(face)?).copied()).collect();
        let evaluation = Evaluation::new(&predictions, &right)?;
        match self.json {
            true => self.print_json(&classifier, &faces, &predictions, evaluation)?,
            false => self.print_text(&classifier, &faces, &predictions, evaluation)?,
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Whose images are tested.
    fn people(&self, classifier: &Classifier) -> Result<Vec<Person>> {
        let dataset = people::open(&self.folder, self.quiet)?;
        let Some(split) = self.split.options() else {
            if classifier.split().is_some() {
                console::warn(
                    "the classifier was trained on a part of a folder: if it is this one, add --use-split-dataset, or \
                     it is tested on what it was trained on",
                );
            }
            people::warn_of_nameless(dataset.nameless());
            return Ok(dataset.named().to_vec());
        };
        if classifier.split() != Some(split) {
            let trained = classifier.split().map_or("on whole folders".to_string(), |trained| {
                format!(
                    "with --min-nrof-images-per-class {} --nrof-train-images-per-class {} --seed {}",
                    trained.min_images, trained.train_images, trained.seed
                )
            });
            let message =
                format!("the classifier was trained {trained}: another split would test what it was trained on");
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        Ok(dataset.split(&split).test)
    }

    fn print_json(
        &self,
        classifier: &Classifier,
        faces: &LabelledFaces,
        predictions: &[Prediction],
        evaluation: Evaluation,
    ) -> Result<()> {
        let name = |class: usize| classifier.classes()[class].name.as_str();
        let named = |(prediction, face): (&Prediction, &LabelledFace)| Named {
            person: faces.person(face).unwrap_or_default(),
            name: prediction.class.map(name),
            nearest: name(prediction.nearest),
            score: prediction.score,
        };
        console::print_json(&Report {
            accuracy: evaluation.fnir.map(|fnir| 1.0 - fnir.rate),
            evaluation,
            faces: predictions.iter().zip(&faces.faces).map(named).collect(),
            failures: &faces.left_out,
        })
    }

    fn print_text(
        &self,
        classifier: &Classifier,
        faces: &LabelledFaces,
        predictions: &[Prediction],
        evaluation: Evaluation,
    ) -> Result<()> {
        console::print(|out| {
            for (index, prediction) in predictions.iter().enumerate().filter(|_| !self.quiet) {
                let name = prediction.class.map_or("unknown".into(), |class| shown(&classifier.classes()[class].name));
                writeln!(out, "{index:4}  {name}: {:.3}", prediction.score)?;
            }
            if let Some(IdentificationRate { rate, errors, trials }) = evaluation.fnir {
                writeln!(out, "Accuracy: {:.3}", 1.0 - rate)?;
                writeln!(out, "FNIR: {rate:.4} (known people not recognised: {errors} of {trials})")?;
            }
            if let Some(IdentificationRate { rate, errors, trials }) = evaluation.misidentified {
                writeln!(out, "Nearest to somebody else, whatever the score: {rate:.4} ({errors} of {trials})")?;
            }
            if let Some(IdentificationRate { rate, errors, trials }) = evaluation.fpir {
                writeln!(out, "FPIR: {rate:.4} (strangers taken for somebody: {errors} of {trials})")?;
            }
            write!(out, "{}", split::count_failures(&faces.left_out))
        })
    }
}
