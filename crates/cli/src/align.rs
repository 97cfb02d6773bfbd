//! `facenet align`: a folder of aligned faces from a folder of images.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

use crate::ExitCode;
use clap::Args;
use facenet_core::{Error, Result};
use facenet_lab::Watch;
use facenet_lab::dataset::{AlignJob, AlignOptions, AlignSummary, Order};
use facenet_lab::folder::{FolderAlignment, FolderAlignmentOptions};
use serde::Serialize;

use crate::args::{DetectorArgs, RuntimeArgs};
use crate::options::Given;
use crate::progress::Progress;
use crate::{console, inputs, interrupt};

const NOTES: &str = "\
INPUT/Name/Name_0001.jpg becomes OUTPUT/Name/Name_0001.png. What is done already is left alone, so a run that was \
interrupted goes on where it was. Several processes may work on one OUTPUT: with --random-order on one machine, with \
--shard on many.

OUTPUT/bounding_boxes_NNNNN.txt lists the part of the image each face was cut from, OUTPUT/align_report_NNNNN.jsonl the \
images that gave no face and why.

Exit codes: 0 done (images without a face included), 1 failed, 2 wrong usage, 130 interrupted.";

/// Find, cut out and scale the faces of a folder of people
#[derive(Args)]
#[command(after_help = NOTES)]
pub(crate) struct Align {
    /// Folder with a folder of images per person
    input: PathBuf,
    /// Folder for the aligned faces
    output: PathBuf,
    #[command(flatten)]
    faces: Given<FolderAlignmentOptions>,
    #[command(flatten)]
    job: Given<AlignOptions>,
    /// Work on the images in random order
    #[arg(long)]
    random_order: bool,
    /// Make the random order the same every time
    #[arg(long, value_name = "NUMBER", requires = "random_order")]
    seed: Option<u64>,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Print the counts as JSON
    #[arg(long)]
    json: bool,
    /// Show no progress and no warnings
    #[arg(long, short)]
    quiet: bool,
    /// Accepted for scripts that were written for the original program; has no effect
    #[arg(long, value_name = "SHARE", hide_short_help = true)]
    gpu_memory_fraction: Option<f32>,
    #[command(flatten)]
    detector: DetectorArgs,
    #[command(flatten)]
    runtime: RuntimeArgs,
}

impl Align {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let alignment = FolderAlignment::plan(&self.input, &self.output, self.options())?;
        if !self.quiet {
            self.warn(alignment.job());
        }
        if self.dry_run {
            self.print_plan(alignment.job())?;
            return Ok(ExitCode::SUCCESS);
        }
        let summary = self.work(alignment)?;
        self.print_summary(&summary)?;
        Ok(if summary.job.interrupted { ExitCode::from(console::INTERRUPTED) } else { ExitCode::SUCCESS })
    }

    fn options(&self) -> FolderAlignmentOptions {
        let order = match self.random_order {
            true => Order::Random { seed: self.seed.unwrap_or_else(rand::random) },
            false => Order::Sorted,
        };
        let job = AlignOptions { order, ..self.job.options() };
        FolderAlignmentOptions { detector: self.detector.options(), job, ..self.faces.options() }
    }

    fn warn(&self, job: &AlignJob) {
        if self.gpu_memory_fraction.is_some() {
            console::warn("--gpu-memory-fraction has no effect: memory is taken as it is needed");
        }
        inputs::warn_of(&self.input, job.problems(), job.hidden());
        for (image, first) in job.duplicates() {
            console::warn(format_args!("left out {}: {} has the same output", image.display(), first.display()));
        }
    }

    fn work(&self, alignment: FolderAlignment) -> Result<AlignSummary> {
        let cancel = interrupt::catch()?;
        let runtime = self.runtime.start()?;
        let failed = AtomicU64::new(0);
        let show = Progress::of_job(&failed, "without a face or broken", self.quiet);
        let left_out = |error: &Error| {
            if !self.quiet {
                console::warn(format_args!("left out one of several faces of an image: {error}"));
            }
        };
        let warn = |path: &Path, doubt: &str| {
            if !self.quiet {
                inputs::warn_of_doubt(path, doubt);
            }
        };
        alignment.run(&runtime, left_out, &Watch::new(&show, cancel).counting(&failed).warning(&warn))
    }

    fn print_plan(&self, job: &AlignJob) -> Result<()> {
        if self.json {
            return print_json(job.summary());
        }
        console::print(|out| {
            for (input, output) in job.pending() {
                let [input, output] = [input, output].map(|path| path.display().to_string());
                writeln!(out, "{} -> {}", console::shown(&input), console::shown(&output))?;
            }
            print_counts(out, job.summary())
        })
    }

    fn print_summary(&self, summary: &AlignSummary) -> Result<()> {
        if self.json {
            return print_json(summary);
        }
        console::print(|out| {
            writeln!(out, "Total number of images: {}", summary.job.images)?;
            writeln!(out, "Number of successfully aligned images: {}", summary.aligned)?;
            print_counts(out, summary)?;
            if summary.job.processed > 0 {
                writeln!(out, "Time: {:.1} s, {:.1} images/s", summary.job.seconds, summary.job.rate())?;
            }
            match &summary.report {
                Some(report) if summary.no_face + summary.broken > 0 => {
                    writeln!(out, "Images without a face and broken ones are listed in {}", report.display())
                }
                _ => Ok(()),
            }
        })
    }
}

fn print_counts(out: &mut dyn Write, summary: &AlignSummary) -> io::Result<()> {
    let counts = [
        (summary.faces, "faces written"),
        (summary.job.done_before, "done before"),
        (summary.failed_before, "without a face or broken in an earlier run (--retry-failed tries them again)"),
        (summary.no_face, "without a face"),
        (summary.broken, "broken"),
        (summary.doubtful, "read though something is wrong with the file"),
        (summary.duplicates, "with the same output as another image"),
        (summary.job.unreadable, "folders, links or pictures that cannot be read"),
        (summary.job.remaining(), "left to do"),
    ];
    counts.into_iter().filter(|(count, _)| *count > 0).try_for_each(|(count, what)| writeln!(out, "  {count} {what}"))
}

fn print_json(summary: &AlignSummary) -> Result<()> {
    #[derive(Serialize)]
    struct Report<'a> {
        #[serde(flatten)]
        summary: &'a AlignSummary,
        remaining: u64,
        images_per_second: f64,
    }
    console::print_json(&Report { summary, remaining: summary.job.remaining(), images_per_second: summary.job.rate() })
}
