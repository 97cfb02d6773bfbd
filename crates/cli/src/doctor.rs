//! `facenet doctor`: what of this machine works, what does not, and what to do about it.

use crate::ExitCode;
use clap::Args;
use facenet_core::Result;
use facenet_core::runtime::doctor;

use crate::args::RuntimeArgs;
use crate::console;

const NOTES: &str = "\
Loads ONNX Runtime, runs a tiny network on each provider and checks the shipped models. Nothing is sent or installed.

Exit codes: 0 faces can be recognised on the CPU, 1 not, 2 wrong usage, 130 interrupted.";

/// Examine this machine: ONNX Runtime, hardware, models
#[derive(Args)]
#[command(after_help = NOTES)]
pub(crate) struct Doctor {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    runtime: RuntimeArgs,
}

impl Doctor {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let report = doctor::examine(&self.runtime.options());
        match self.json {
            true => console::print_json(&report)?,
            false => console::print(|out| write!(out, "{report}"))?,
        }
        Ok(if report.works() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
