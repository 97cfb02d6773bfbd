//! `facenet classify train`: learns people from a folder.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use crate::ExitCode;
use clap::Args;
use facenet_core::{Error, ErrorKind, Result};
use facenet_lab::Extractor;
use facenet_lab::Watch;
use facenet_lab::classify::{
    Classifier, ClassifierKind, ClassifierOptions, IdentificationPoint, IdentificationRate, Method, Rule, TrainingSet,
};
use facenet_lab::dataset::Person;
use facenet_lab::people::{LabelledFaces, LeftOut};
use facenet_lab::store::Description;
use serde::Serialize;

use super::split::{self, SplitArgs};
use crate::embed::check_place;
use crate::faces::FolderArgs;
use crate::options::Given;
use crate::progress::Progress;
use crate::{console, interrupt, people};

const NOTES: &str = "\
Templates, the default, know strangers: a face is given a name only if it is near enough. How near is measured while training, \
with the faces of each person as strangers to the others: the threshold is the lowest at which --fpir of them are taken for \
somebody. The more faces, the lower the rate that can be measured; photos of other people (--strangers) help.

Support vector machines (svm) are those of the original program. They give every face the name of somebody.

A softmax is multinomial logistic regression, as scikit-learn's. It gives every face the name of somebody, unless --strangers show at which probability they begin, or --threshold says it.

A classifier works with embeddings of one model and settings only; its file says which.

Exit codes: 0 done (images without a face included), 1 failed, 2 wrong usage, 130 interrupted.";

/// Learn people from a folder with a folder of images for each
#[derive(Args)]
#[command(after_help = NOTES)]
pub(crate) struct Train {
    /// Folder with a folder of images per person
    folder: PathBuf,
    /// File for the classifier
    #[arg(value_name = "MODEL_FILE")]
    target: PathBuf,
    #[command(flatten)]
    given: Given<ClassifierOptions>,
    /// Folder with images of other people, to measure the threshold with; aligned or photos as the first folder
    #[arg(long, value_name = "FOLDER", conflicts_with = "threshold")]
    strangers: Option<PathBuf>,
    /// Print what was learnt as JSON
    #[arg(long)]
    json: bool,
    /// Show no progress
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    split: SplitArgs,
    #[command(flatten)]
    faces: FolderArgs,
}

#[derive(Serialize)]
struct Report<'a> {
    model: &'a str,
    classes: usize,
    images: usize,
    strangers: Option<usize>,
    operating_point: Option<&'a IdentificationPoint>,
    failures: &'a [LeftOut],
}

impl Train {
    pub(crate) fn run(self) -> Result<ExitCode> {
        self.check()?;
        check_place(&self.target)?;
        let cancel = interrupt::catch()?;
        let dataset = people::open(&self.folder, self.quiet)?;
        let split = self.split.options();
        people::warn_of_nameless(dataset.nameless());
        let people = match split {
            Some(split) => dataset.split(&split).train,
            None => dataset.named().to_vec(),
        };
        people.iter().try_for_each(|person| person.unicode_name().map(drop))?;
        if people.is_empty() {
            let message = format!("no person with enough images in {}", self.folder.display());
            return Err(Error::new(ErrorKind::DatasetInvalid, message));
        }
        let strangers = self.strangers.as_ref().map(|folder| people::open(folder, self.quiet)).transpose()?;
        if let Some(strangers) = &strangers {
            check_strangers(&people, strangers.people())?;
        }
        let images = |people: &[Person]| people.iter().map(|person| person.images.len()).sum::<usize>();
        let others = strangers.as_ref().map_or(0, |others| images(others.people()));
        let options = self.options();
        match options.method {
            ClassifierKind::Template => options.threshold().check(images(&people) + others)?,
            ClassifierKind::Softmax if self.strangers.is_some() => options.threshold().check(others)?,
            ClassifierKind::Softmax | ClassifierKind::Svm => {}
        }
        let extractor = self.faces.extractor()?;
        let (faces, faceless) =
            people::embed(&extractor, &self.folder, &people, self.quiet, cancel)?.without_faceless();
        for name in faceless {
            console::warn(format_args!("left out {name}: none of the images gave a face"));
        }
        let strangers = strangers
            .map(|others| people::embed(&extractor, others.root(), others.people(), self.quiet, cancel))
            .transpose()?;
        if !self.json && !self.quiet {
            console::print(|out| {
                writeln!(out, "Number of classes: {}", faces.people.len())?;
                writeln!(out, "Number of images: {}", faces.len())?;
                write!(out, "{}", split::count_failures(&faces.left_out))?;
                strangers.iter().try_for_each(|others| writeln!(out, "Number of strangers: {}", others.len()))
            })?;
        }
        let method = options.method(strangers.as_ref().map(LabelledFaces::view))?;
        let set = TrainingSet { vectors: faces.view(), labels: &faces.labels()?, names: &faces.people };
        let classifier = self.train(&extractor, &set, &method, cancel)?;
        let classifier = split.into_iter().fold(classifier, Classifier::with_split);
        classifier.save(&self.target)?;
        self.report(&classifier, &faces, strangers.as_ref())?;
        Ok(ExitCode::SUCCESS)
    }

    /// Fails if an option is given that the kind of classifier has no use for.
    fn check(&self) -> Result<()> {
        let given = |name| self.given.has(name);
        let message = match self.given.options().method {
            ClassifierKind::Svm if self.strangers.is_some() || given("threshold") || given("fpir") => {
                "support vector machines know no strangers: --strangers, --threshold and --fpir are for templates and a softmax"
            }
            ClassifierKind::Softmax if given("fpir") && self.strangers.is_none() => {
                "the --fpir of a softmax is measured on strangers: give their folder as --strangers"
            }
            ClassifierKind::Softmax | ClassifierKind::Svm if given("kind") => "--templates is for templates",
            ClassifierKind::Template | ClassifierKind::Svm if self.given.options().balanced => {
                "--balanced is for a softmax"
            }
            ClassifierKind::Template if given("cost") => "--cost is for a softmax and support vector machines",
            _ => return Ok(()),
        };
        Err(Error::new(ErrorKind::InvalidArgument, message))
    }

    fn options(&self) -> ClassifierOptions {
        ClassifierOptions { seed: self.split.seed(), ..self.given.options() }
    }

    /// Trains on the pool that the networks ran on.
    fn train(
        &self,
        extractor: &Extractor,
        set: &TrainingSet<'_>,
        method: &Method<'_>,
        cancel: &AtomicBool,
    ) -> Result<Classifier> {
        let unit = if self.given.options().method == ClassifierKind::Svm { "pairs of people" } else { "percent" };
        let show = Progress::follow(unit, self.quiet);
        let watch = Watch::new(&show, cancel);
        let embedder = extractor.embedder();
        let description = Description::of(embedder);
        embedder.runtime().pool().install(|| Classifier::train(set, description, method, &watch))
    }

    fn report(&self, classifier: &Classifier, faces: &LabelledFaces, strangers: Option<&LabelledFaces>) -> Result<()> {
        let operating_point = classifier.rule().operating_point();
        let scale = if matches!(classifier.rule(), Rule::Softmax(_)) { "probability" } else { "cosine" };
        if self.json {
            return console::print_json(&Report {
                model: &classifier.description().model,
                classes: faces.people.len(),
                images: faces.len(),
                strangers: strangers.map(|strangers| strangers.len()),
                operating_point,
                failures: &faces.left_out,
            });
        }
        if self.quiet {
            return Ok(());
        }
        console::print(|out| {
            if let Some(IdentificationPoint { threshold, fpir, fnir }) = operating_point {
                writeln!(out, "Threshold: {threshold:.4} ({scale})")?;
                let rates =
                    [(fpir, "FPIR", "strangers taken for somebody"), (fnir, "FNIR", "known people not recognised")];
                for (rate, term, what) in rates {
                    if let Some(IdentificationRate { rate, errors, trials }) = rate {
                        writeln!(out, "{term}: {rate:.4} ({what}: {errors} of {trials})")?;
                    }
                }
            }
            writeln!(out, "Saved classifier model to file \"{}\"", self.target.display())
        })
    }
}

/// Fails if a person is also among the strangers.
fn check_strangers(people: &[Person], strangers: &[Person]) -> Result<()> {
    match strangers.iter().find(|stranger| people.iter().any(|person| person.name == stranger.name)) {
        Some(both) => Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("{:?} is one of the people and one of the strangers: strangers are other people", both.name),
        )),
        None => Ok(()),
    }
}
