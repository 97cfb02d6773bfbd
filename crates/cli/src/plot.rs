//! `facenet plot`: the learning curves of trainings.

use std::path::PathBuf;

use clap::Args;

use crate::ExitCode;
use crate::embed::check_place;
use facenet_core::Result;
use facenet_lab::train::{History, draw, read_history};

/// Draw the learning curves of one training, or of several side by side
#[derive(Args)]
pub(crate) struct Plot {
    /// Folders with the logs of a training
    #[arg(value_name = "RUN", required = true)]
    runs: Vec<PathBuf>,
    /// Where to draw: a name that ends in .svg or .png
    #[arg(long, short, value_name = "FILE", default_value = "learning_curves.svg")]
    output: PathBuf,
}

impl Plot {
    pub(crate) fn run(self) -> Result<ExitCode> {
        check_place(&self.output)?;
        let histories = self.runs.iter().map(read_history).collect::<Result<Vec<History>>>()?;
        let names: Vec<String> = self.runs.iter().map(|run| name(run)).collect();
        let runs: Vec<(&str, &History)> = names.iter().map(String::as_str).zip(&histories).collect();
        draw(&self.output, &runs)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The name of a run: that of its folder.
fn name(run: &std::path::Path) -> String {
    run.file_name().unwrap_or(run.as_os_str()).to_string_lossy().into_owned()
}
