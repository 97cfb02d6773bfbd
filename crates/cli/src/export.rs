//! `facenet export`: the embeddings of a folder of people, for other programs.

use std::path::PathBuf;
use std::sync::atomic::AtomicU64;

use crate::ExitCode;
use clap::Args;
use facenet_core::{Error, ErrorKind, Result};
use facenet_lab::Watch;
use facenet_lab::export::{ExportJob, ExportOptions, ExportSummary};

use crate::faces::FolderArgs;
use crate::options::Given;
use crate::progress::Progress;
use crate::{console, inputs, interrupt};

const NOTES: &str = "\
OUTPUT/embeddings.npy (64-bit floats, a row for each face), labels.npy (the number of the person) and label_strings.npy (the \
name) are those of the original program. Beside them are embeddings.names.txt (the image of each row), embeddings.model.json \
(what made them), failures.jsonl (the images that gave no face, and why), and in parts/ the same as Parquet files, with boxes \
and landmarks.

A run that was interrupted goes on where it was. Several machines may share the work with --shard; the arrays are made when \
all parts are there.

Exit codes: 0 done (images without a face included), 1 failed, or no image gave a face, 2 wrong usage, 130 interrupted.";

/// Write the embeddings of a folder of people as NumPy arrays and Parquet
#[derive(Args)]
#[command(after_help = NOTES)]
pub(crate) struct Export {
    /// Folder with a folder of images per person
    input: PathBuf,
    /// Folder for the files
    output: PathBuf,
    #[command(flatten)]
    options: Given<ExportOptions>,
    /// Print the counts as JSON
    #[arg(long)]
    json: bool,
    /// Show no progress and no warnings
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    folder: FolderArgs,
}

impl Export {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let cancel = interrupt::catch()?;
        let job = ExportJob::plan(&self.input, &self.output, self.folder.extractor()?, self.options.options())?;
        if !self.quiet {
            inputs::warn_of(&self.input, job.problems(), job.hidden());
        }
        let total = job.summary().job.remaining();
        let failed = AtomicU64::new(0);
        let show = Progress::of_job(&failed, "without a face or broken", self.quiet);
        let watch = Watch::new(&show, cancel).counting(&failed).warning(&inputs::warn_of_doubt);
        let summary = job.run(&watch).map_err(|error| stopped(error, total))?;
        drop(show);
        if self.json {
            console::print_json(&summary)?;
        } else {
            self.print(&summary)?;
        }
        if summary.job.interrupted {
            return Ok(ExitCode::from(console::INTERRUPTED));
        }
        if summary.rows == Some(0) {
            let message = "no image gave a face, see failures.jsonl (for photos that are not aligned, add --raw)";
            return Err(Error::new(ErrorKind::NoFace, message));
        }
        Ok(ExitCode::SUCCESS)
    }

    fn print(&self, summary: &ExportSummary) -> Result<()> {
        console::print(|out| {
            writeln!(out, "Number of images: {}", summary.job.images)?;
            if summary.job.done_before > 0 {
                writeln!(out, "  {} exported before", summary.job.done_before)?;
            }
            writeln!(out, "  {} looked at, {} faces", summary.job.processed, summary.faces)?;
            if summary.job.failed > 0 {
                writeln!(out, "  {} without a face or broken, listed in failures.jsonl", summary.job.failed)?;
            }
            writeln!(out, "Time: {:.1} s", summary.job.seconds)?;
            if summary.job.interrupted {
                writeln!(out, "Interrupted: run it again to go on")
            } else if summary.complete {
                writeln!(out, "Arrays are in {}", self.output.display())
            } else {
                writeln!(out, "The arrays will be made when the other shards are done")
            }
        })
    }
}

/// Says what is to be done if a job fails that had `total` images to do.
fn stopped(error: Error, total: u64) -> Error {
    if total > 0 && error.kind() == ErrorKind::Io {
        return error.context("stopped; the parts that were made are kept, run it again to go on");
    }
    error
}
