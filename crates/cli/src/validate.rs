//! `facenet validate`: how well a model tells people apart, on a list of pairs.

mod blufr;

use std::io::{self, Write};
use std::path::PathBuf;

use crate::ExitCode;
use clap::{Args, ValueEnum};
use facenet_core::embed::EmbedderOptions;
use facenet_core::model::{Alignment, Mirror};
use facenet_core::options::Options;
use facenet_core::{Embedder, Error, ErrorKind, Fingerprint, Result};
use facenet_lab::Watch;
use facenet_lab::evaluate::{
    self, BlufrOptions, FoldOptions, InsightfacePairs, Pairs, RateOptions, Validation, ValidationOptions, lfw,
};
use facenet_lab::people::LeftOut;
use serde::Serialize;

use self::blufr::BlufrArgs;
use crate::args::page;
use crate::embed::check_place;
use crate::faces::FolderArgs;
use crate::options::Given;
use crate::people::Source;
use crate::progress::Progress;
use crate::rates::{self, RateArgs};
use crate::{console, interrupt};

const NOTES: &str = "\
DIR has a folder per person: aligned faces as `facenet align` writes them, or photos with --raw. The list of pairs is that \
of LFW (pairs.txt). A file like InsightFace's lfw.bin in place of DIR has its own pairs, and faces that were aligned in \
another way. --protocol blufr needs no list, and takes stored embeddings (.npy) in place of DIR too.

The first four lines are those of facenet's validate_on_lfw. The others count all pairs at once: thresholds and error \
rates with confidence intervals, in the terms of ISO/IEC 19795-1 (FMR, false match rate; FNMR, false non-match rate).

Folds are made of the whole list, so that a missing image changes one of them only. validate_on_lfw makes them of the pairs \
that are left: where images are missing, its folds and figures are others.

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
    #[command(flatten)]
    folds: Given<FoldOptions>,
    /// The same as --batch-size
    #[arg(long, value_name = "COUNT", conflicts_with = "batch_size", hide_short_help = true)]
    lfw_batch_size: Option<usize>,
    /// The same as --mirror concatenate
    #[arg(long, conflicts_with = "mirror")]
    use_flipped_images: bool,
    /// Write a page with figures, curves and the hardest pairs in pictures
    #[arg(long, value_name = "FILE.html", value_parser = page)]
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
    blufr: BlufrArgs,
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
        if self.blufr.any() {
            let message = "the --blufr options need --protocol blufr";
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        self.folder.check_one_face()?;
        let files = self.report.iter().chain(&self.roc).chain(&self.det);
        files.into_iter().try_for_each(|path| check_place(path))?;
        let (embedder, validation) = if self.data.is_file() { self.insightface()? } else { self.lfw()? };
        if !self.quiet {
            warn("missing", &validation.missing);
            warn("without a face or broken", &validation.failed);
        }
        // Printed first: figures that took minutes are not lost to a file that cannot be written.
        self.print(embedder.name(), embedder.fingerprint(), &validation, |out| write_text(out, &validation))?;
        #[cfg(feature = "plots")]
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
        let rates = self.rates.options();
        let plain = RateOptions { seed: rates.seed, ..RateOptions::default() };
        let folds = FoldOptions::default();
        if self.lfw_pairs.is_some() || self.folds.has("folds") || self.folds.options() != folds || rates != plain {
            let message = "--protocol blufr goes by the cosine, without a list or folds, at its own rates: leave out \
                           --distance-metric, --subtract-mean, --lfw-pairs, --lfw-nrof-folds, --fmr, --confidence and \
                           --replicates";
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        if self.data.is_file() && self.embedder_options().mirror != Mirror::Off {
            let message = "the embeddings are stored already: leave out --mirror and --use-flipped-images";
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        let options = BlufrOptions { seed: rates.seed, ..self.blufr.options() };
        options.check()?;
        self.folder.check_one_face()?;
        let cancel = interrupt::catch()?;
        let source = Source::open(&self.data, &self.folder, self.embedder_options(), self.quiet)?;
        if let Some(people) = source.people() {
            options.check_people(people.iter().map(|person| person.images.len()))?;
        }
        let faces = source.faces_of_people(self.quiet, cancel)?;
        let made = faces.described()?;
        let show = Progress::follow("trials", self.quiet);
        let result = evaluate::blufr(faces.view(), &faces.subjects()?, &options, &Watch::new(&show, cancel))?;
        self.print(&made.model, made.fingerprint, &result, |out| blufr::write(out, &result, &faces))?;
        Ok(ExitCode::SUCCESS)
    }

    /// Validates on the images of a folder and a list of pairs.
    fn lfw(&self) -> Result<(Embedder, Validation)> {
        let pairs = Pairs::read(self.list()?)?;
        let options = self.options(pairs.folds())?;
        let extractor = self.folder.extractor_with(self.embedder_options())?;
        let show = Progress::follow("images", self.quiet);
        let validation = lfw(&extractor, &self.data, &pairs, &options, &Watch::new(&show, interrupt::catch()?))?;
        Ok((extractor.embedder().clone(), validation))
    }

    /// Validates on a file of InsightFace.
    fn insightface(&self) -> Result<(Embedder, Validation)> {
        let pairs = InsightfacePairs::read(&self.data)?;
        let options = self.options(None)?;
        let embedder = EmbedderOptions { alignment: Some(Alignment::Arcface), ..self.embedder_options() };
        let extractor = self.folder.extractor_with(embedder)?;
        let embedder = extractor.embedder();
        let show = Progress::follow("images", self.quiet);
        let validation = pairs.validate(embedder, &options, &Watch::new(&show, interrupt::catch()?))?;
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
        EmbedderOptions { mirror, batch_size: self.lfw_batch_size.unwrap_or(options.batch_size), ..options }
    }

    /// What is measured, by a list that may name its number of `folds`; checked before the work and not after it.
    fn options(&self, folds: Option<usize>) -> Result<ValidationOptions> {
        let given = self.folds.options();
        let listed = folds.filter(|_| !self.folds.has("folds"));
        let folds = FoldOptions { folds: listed.unwrap_or(given.folds), ..given };
        let rates = self.rates.options();
        folds.check()?;
        rates.check()?;
        Ok(ValidationOptions { folds, rates, pictures: self.report.is_some(), ..ValidationOptions::default() })
    }

    #[cfg(feature = "plots")]
    fn draw(&self, embedder: &Embedder, validation: &Validation) -> Result<()> {
        use facenet_lab::evaluate::{Curve, CurveKind, draw};
        let curve = [Curve { name: embedder.name(), points: &validation.rates.roc }];
        for (path, kind) in [(&self.roc, CurveKind::Roc), (&self.det, CurveKind::Det)] {
            if let Some(path) = path {
                draw(path, kind, &curve)?;
            }
        }
        #[cfg(feature = "html")]
        if let Some(path) = &self.report {
            let page = evaluate::report(validation, embedder.name(), &self.data.display().to_string())?;
            facenet_core::internal::files::write_whole(path, |file| file.write_all(page.as_bytes()))?;
        }
        Ok(())
    }
}

/// The name of a file for a curve.
#[cfg(feature = "plots")]
fn picture(text: &str) -> Result<PathBuf, String> {
    evaluate::check_picture_name(text).map(|()| text.into()).map_err(|error| error.to_string())
}

#[cfg(not(feature = "plots"))]
fn picture(_: &str) -> Result<PathBuf, String> {
    Err(crate::args::lacks("plots"))
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
    let of = |count: fn(&facenet_lab::evaluate::Fold) -> usize| result.folds.iter().map(count).sum::<usize>();
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
