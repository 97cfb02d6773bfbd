//! `facenet train pack`: a folder of people in a few large files.

use std::path::PathBuf;
use std::sync::atomic::AtomicU64;

use clap::Args;

use crate::ExitCode;
use crate::options::Given;
use crate::progress::Progress;
use crate::{console, inputs, interrupt};
use facenet_core::{Error, ErrorKind, Result};
use facenet_lab::Watch;
use facenet_lab::shards::{PackJob, PackOptions, PackSummary};

const NOTES: &str = "\
OUTPUT/faces-00000.tar, faces-00001.tar, ... hold the image files as they are, under Name/file, and beside each a .cls file with the \
number of its person: what WebDataset reads. OUTPUT can be the --data-dir of `facenet train softmax` and `triplet`, with the same \
results as the folder. faces-00000.index, ... spare them looking through the tar files. Images that cannot be decoded are left out \
and listed in OUTPUT/failures.jsonl, as are folders that cannot be read; a file that cannot be read ends the run.

A run that was interrupted goes on where it was.

Exit codes: 0 done (broken images included), 1 failed, or no image could be read, 2 wrong usage, 130 interrupted.";

/// Pack a folder of people into tar files, which are read faster than millions of images
#[derive(Args)]
#[command(after_help = NOTES)]
pub(crate) struct Pack {
    /// Folder with a folder of aligned faces per person
    input: PathBuf,
    /// Folder for the tar files
    output: PathBuf,
    #[command(flatten)]
    options: Given<PackOptions>,
    /// Print the counts as JSON
    #[arg(long)]
    json: bool,
    /// Show no progress and no warnings
    #[arg(long, short)]
    quiet: bool,
}

impl Pack {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let cancel = interrupt::catch()?;
        let job = PackJob::plan(&self.input, &self.output, self.options.options())?;
        if !self.quiet {
            inputs::warn_of(&self.input, job.problems(), job.hidden());
        }
        let failed = AtomicU64::new(0);
        let show = Progress::of_job(&failed, "broken", self.quiet);
        let summary = job.run(&Watch::new(&show, cancel).counting(&failed))?;
        drop(show);
        if self.json {
            console::print_json(&summary)?;
        } else {
            self.print(&summary)?;
        }
        if summary.job.interrupted {
            return Ok(ExitCode::from(console::INTERRUPTED));
        }
        if summary.packed == Some(0) {
            return Err(Error::new(ErrorKind::DatasetInvalid, "no image could be read, see failures.jsonl"));
        }
        Ok(ExitCode::SUCCESS)
    }

    fn print(&self, summary: &PackSummary) -> Result<()> {
        console::print(|out| {
            writeln!(out, "Number of images: {}", summary.job.images)?;
            if summary.job.done_before > 0 {
                writeln!(out, "  {} packed before", summary.job.done_before)?;
            }
            writeln!(out, "  {} looked at", summary.job.processed)?;
            if let Some(left_out) = summary.packed.map(|packed| summary.job.images - packed).filter(|&count| count > 0)
            {
                writeln!(out, "  {left_out} broken and left out, listed in failures.jsonl")?;
            }
            if summary.job.unreadable > 0 {
                let count = summary.job.unreadable;
                writeln!(out, "  {count} folders, links or pictures that cannot be read, listed there too")?;
            }
            if summary.job.processed > 0 {
                let rate = summary.job.rate();
                writeln!(out, "Time: {:.1} s, {rate:.1} images/s", summary.job.seconds)?;
            }
            match summary.packed {
                None => writeln!(out, "Interrupted: run it again to go on"),
                Some(packed) => {
                    writeln!(out, "{packed} images are in {} shards in {}", summary.shards, self.output.display())
                }
            }
        })
    }
}
