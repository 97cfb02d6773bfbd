//! `facenet classify`: whose faces these are.

mod evaluate;
mod predict;
mod split;
pub(crate) mod train;

use crate::{ExitCode, console};
use clap::Subcommand;
use facenet_core::Result;

#[derive(Subcommand)]
pub(crate) enum Command {
    Train(train::Train),
    Evaluate(evaluate::Evaluate),
    Predict(predict::Predict),
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self {
            Self::Train(command) => command.run(),
            Self::Evaluate(command) => command.run(),
            Self::Predict(command) => command.run(),
        }
    }
}

/// A name as it is shown: folders have underscores for spaces.
fn shown(name: &str) -> String {
    console::shown(&name.replace('_', " ")).into_owned()
}
