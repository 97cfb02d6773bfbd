//! `facenet validate`: how well a model tells people apart, on a list of pairs.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use facenet::embed::EmbedderOptions;
use facenet::evaluate::{
    Blufr, BlufrOptions, BlufrTrial, Curve, CurveKind, FoldOptions, InsightfacePairs, LeftOut, Pairs, People,
    TrialRate, Validation, ValidationOptions, blufr, check_picture_name, draw, lfw, report,
};
use facenet::model::{Alignment, Mirror};
use facenet::{Embedder, Error, ErrorKind, Fingerprint, Metric, Result, files};
use serde::Serialize;

use crate::faces::FolderArgs;
use crate::people::Source;
use crate::progress::Progress;
use crate::rates::{self, RateArgs, metric};
use crate::{console, interrupt};

const NOTES: &str = "\
DIR has a folder per person: aligned faces as `facenet align` writes them, or photos with --raw. The list of pairs is that \
of LFW (pairs.txt). A file like InsightFace's lfw.bin in place of DIR has its own pairs, and faces that were aligned in \
another way. --protocol blufr needs no list, and takes stored embeddings (.npy) in place of DIR too.

The first four lines are those of facenet's validate_on_lfw. The others count all pairs at once: thresholds and error \
rates with confidence intervals, in the terms of ISO/IEC 19795-1 (FMR, false match rate; FNMR, false non-match rate).

Exit codes: 0 done (pairs with a missing image or without a face are left out and counted), 1 failed, 2 wrong usage, 130 \
interrupted.";

/// Names of images that are printed; the rest is counted.
const MOST_NAMES: usize = 10;

/// Measure how well a model tells people apart, on LFW or another list of pairs
#[derive(Args)]
#[command(after_help = NOTES)]
pub(crate) struct Validate {
    /// Folder with a folder of images per person, or a .bin file of InsightFace
    #[arg(value_name = "DIR")]
    data: PathBuf,
    /// What is compared
    #[arg(long, value_enum, default_value_t = ProtocolArg::Lfw)]
    protocol: ProtocolArg,
    /// List of pairs [default: pairs.txt in DIR or beside it]
    #[arg(long, value_name = "FILE")]
    lfw_pairs: Option<PathBuf>,
    /// Folds of the cross-validation [default: what the list says, or 10]
    #[arg(long, value_name = "COUNT")]
    lfw_nrof_folds: Option<usize>,
    /// Most images in one run of the network
    #[arg(long, value_name = "COUNT", default_value_t = EmbedderOptions::default().batch_size)]
    lfw_batch_size: usize,
    /// 0 or squared-euclidean, 1 or angular, euclidean, cosine
    #[arg(long, value_name = "METRIC", default_value = "0", value_parser = metric)]
    distance_metric: Metric,
    /// The same as --mirror concatenate
    #[arg(long, conflicts_with = "mirror")]
    use_flipped_images: bool,
    /// Subtract the mean of the embeddings trained on
    #[arg(long)]
    subtract_mean: bool,
    /// Write a page with figures, curves and the hardest pairs in pictures
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
    /// Draw the ROC curve
    #[arg(long, value_name = "FILE.svg|png", value_parser = picture)]
    roc: Option<PathBuf>,
    /// Draw the DET curve
    #[arg(long, value_name = "FILE.svg|png", value_parser = picture)]
    det: Option<PathBuf>,
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

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum ProtocolArg {
    /// A list of pairs
    Lfw,
    /// Everybody with everybody, and a search for people, on random splits (verification and open-set identification)
    Blufr,
}

/// What was validated, and the result.
#[derive(Serialize)]
struct Output<'a, T> {
    model: &'a str,
    fingerprint: Fingerprint,
    data: String,
    #[serde(flatten)]
    result: &'a T,
}

impl Validate {
    pub(crate) fn run(self) -> Result<ExitCode> {
        if self.protocol == ProtocolArg::Blufr {
            return self.blufr();
        }
        let (embedder, validation) = if self.data.is_file() { self.insightface()? } else { self.lfw()? };
        if !self.quiet {
            warn("missing", &validation.missing);
            warn("without a face or broken", &validation.failed);
        }
        // Printed first: figures that took minutes are not lost to a file that cannot be written.
        self.print(embedder.name(), embedder.fingerprint(), &validation, |out| write_text(out, &validation))?;
        self.draw(&embedder, &validation)?;
        Ok(ExitCode::SUCCESS)
    }

    /// Prints a result as JSON, or as text.
    fn print<T: Serialize>(
        &self,
        model: &str,
        fingerprint: Fingerprint,
        result: &T,
        text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<()> {
        if !self.json {
            return console::print(text);
        }
        console::print_json(&Output { model, fingerprint, data: self.data.display().to_string(), result })
    }

    /// Compares everybody with everybody on random splits.
    fn blufr(&self) -> Result<ExitCode> {
        if self.report.is_some() || self.roc.is_some() || self.det.is_some() {
            let message =
                "--report, --roc and --det are drawn for a list of pairs: leave them out, or --protocol blufr";
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        let cancel = interrupt::catch()?;
        let source = Source::read(&self.data, &self.folder, self.embedder_options(), self.quiet, cancel)?;
        let people = source.people;
        let options = BlufrOptions { seed: self.rates.options().seed, ..BlufrOptions::default() };
        let result = blufr(people.embeddings.view(), &people.subjects, &options, |_| {}, cancel)?;
        let fingerprint = people.embeddings.fingerprint();
        self.print(&source.model, fingerprint, &result, |out| write_blufr(out, &result, &people))?;
        Ok(ExitCode::SUCCESS)
    }

    /// Validates on the images of a folder and a list of pairs.
    fn lfw(&self) -> Result<(Embedder, Validation)> {
        let pairs = Pairs::read(self.list()?)?;
        let extractor = self.folder.extractor_with(self.embedder_options())?;
        let options = self.options(pairs.folds());
        let mut progress = Progress::new(pairs.images().len() as u64, self.quiet);
        let show = |done, _| progress.show(done as u64, "");
        let validation = lfw(&extractor, &self.data, &pairs, &options, show, interrupt::catch()?)?;
        Ok((extractor.embedder().clone(), validation))
    }

    /// Validates on a file of InsightFace.
    fn insightface(&self) -> Result<(Embedder, Validation)> {
        let pairs = InsightfacePairs::read(&self.data)?;
        let options = EmbedderOptions { alignment: Some(Alignment::Arcface), ..self.embedder_options() };
        let extractor = self.folder.extractor_with(options)?;
        let embedder = extractor.embedder();
        let mut progress = Progress::new(2 * pairs.same().len() as u64, self.quiet);
        let show = |done, _| progress.show(done as u64, "");
        let validation = pairs.validate(embedder, &self.options(None), show, interrupt::catch()?)?;
        Ok((embedder.clone(), validation))
    }

    /// The list of pairs that was named, or the one that lies with the images.
    fn list(&self) -> Result<PathBuf> {
        if let Some(named) = &self.lfw_pairs {
            return Ok(named.clone());
        }
        let inside = self.data.join("pairs.txt");
        let beside = self.data.canonicalize().ok().and_then(|folder| Some(folder.parent()?.join("pairs.txt")));
        std::iter::once(inside).chain(beside).find(|path| path.is_file()).ok_or_else(|| {
            let message = format!(
                "no pairs.txt in {} or beside it: name the list of pairs with --lfw-pairs",
                self.data.display()
            );
            Error::new(ErrorKind::NotFound, message)
        })
    }

    fn embedder_options(&self) -> EmbedderOptions {
        let options = self.folder.embedder_options();
        let mirror = if self.use_flipped_images { Mirror::Concatenate } else { options.mirror };
        EmbedderOptions { mirror, batch_size: self.lfw_batch_size, ..options }
    }

    fn options(&self, folds: Option<usize>) -> ValidationOptions {
        let default = FoldOptions::default();
        let folds = FoldOptions {
            folds: self.lfw_nrof_folds.or(folds).unwrap_or(default.folds),
            metric: self.distance_metric,
            subtract_mean: self.subtract_mean,
            ..default
        };
        ValidationOptions { folds, rates: self.rates.options(), ..ValidationOptions::default() }
    }

    fn draw(&self, embedder: &Embedder, validation: &Validation) -> Result<()> {
        let curve = [Curve { name: embedder.name(), points: &validation.rates.roc }];
        for (path, kind) in [(&self.roc, CurveKind::Roc), (&self.det, CurveKind::Det)] {
            if let Some(path) = path {
                draw(path, kind, &curve)?;
            }
        }
        if let Some(path) = &self.report {
            let page = report(validation, embedder.name(), &self.data.display().to_string())?;
            files::write_whole(path, |file| file.write_all(page.as_bytes()))?;
        }
        Ok(())
    }
}

fn picture(text: &str) -> Result<PathBuf, String> {
    check_picture_name(Path::new(text)).map(|()| text.into()).map_err(|error| error.to_string())
}

fn warn(what: &str, images: &[LeftOut]) {
    if images.is_empty() {
        return;
    }
    console::warn(format_args!("{} images {what}; their pairs are left out:", images.len()));
    for image in images.iter().take(MOST_NAMES) {
        console::warn(format_args!("  {}: {}", image.image, image.reason));
    }
    if images.len() > MOST_NAMES {
        console::warn(format_args!("  and {} more, which --json names", images.len() - MOST_NAMES));
    }
}

fn write_blufr(out: &mut dyn Write, result: &Blufr, people: &People) -> io::Result<()> {
    let Blufr { options, verification_rate: verification, identification_rate: identification, trials } = result;
    let figures = [
        ("Verification rate", options.verification_far, verification),
        ("Detection and identification rate at rank 1", options.identification_far, identification),
    ];
    for (name, far, rate) in figures {
        let TrialRate { mean, deviation, mean_less_deviation } = rate;
        writeln!(out, "{name} @ FAR={far}: {mean_less_deviation:.5} ({mean:.5}-{deviation:.5})")?;
    }
    let mean = |of: fn(&BlufrTrial) -> u64| trials.iter().map(of).sum::<u64>() / trials.len() as u64;
    writeln!(
        out,
        "\n{} trials; a trial has {} pairs of one person and {} of two, {} genuine and {} impostor probes",
        trials.len(),
        mean(|trial| trial.genuine),
        mean(|trial| trial.impostor),
        mean(|trial| trial.genuine_probes as u64),
        mean(|trial| trial.impostor_probes as u64)
    )?;
    writeln!(
        out,
        "{} images of {} people, {} images left out",
        people.embeddings.len(),
        people.names.len(),
        people.left_out.len()
    )?;
    writeln!(out, "The splits are drawn with --seed {}: they are not the lists published with BLUFR.", options.seed)
}

/// The lines of the original, then the counts.
fn write_text(out: &mut dyn Write, validation: &Validation) -> io::Result<()> {
    let result = &validation.cross_validation;
    let (accuracy, rate) = (result.accuracy, result.validation_rate);
    writeln!(out, "Accuracy: {:.5}+-{:.5}", accuracy.mean, accuracy.deviation)?;
    writeln!(out, "Validation rate: {:.5}+-{:.5} @ FAR={:.5}", rate.mean, rate.deviation, result.far)?;
    writeln!(out, "Area Under Curve (AUC): {:.3}", result.area_under_curve)?;
    writeln!(out, "Equal Error Rate (EER): {:.3}", result.equal_error_rate)?;
    writeln!(out)?;
    if let Some(remark) = &validation.remark {
        writeln!(out, "{remark}.")?;
    }
    let of = |count: fn(&facenet::evaluate::Fold) -> usize| result.folds.iter().map(count).sum::<usize>();
    let (genuine, impostor) = (of(|fold| fold.genuine), of(|fold| fold.impostor));
    writeln!(
        out,
        "Accuracy: {} false matches and {} false non-matches in {} pairs",
        of(|fold| fold.false_matches),
        of(|fold| fold.false_non_matches),
        genuine + impostor
    )?;
    writeln!(
        out,
        "Validation: {} of {genuine} pairs of one person accepted, {} of {impostor} of two",
        of(|fold| fold.validated),
        of(|fold| fold.validation_false_accepts)
    )?;
    writeln!(
        out,
        "{} images: {} missing, {} failed to acquire ({:.5} of those there); {} of {} pairs left out",
        validation.images,
        validation.missing.len(),
        validation.failed.len(),
        validation.failure_to_acquire_rate,
        validation.pairs_left_out,
        validation.pairs
    )?;
    writeln!(out, "\nOver all pairs, as ISO/IEC 19795-1 counts:")?;
    rates::write(out, &validation.rates)
}
