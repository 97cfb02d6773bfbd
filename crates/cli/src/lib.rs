//! The `facenet` command line, as a function: the program calls it, and so does the script that the Python package installs.

mod align;
mod annotate;
mod args;
mod calibrate;
mod child;
mod classify;
mod cluster;
mod compare;
mod console;
mod detect;
mod doctor;
mod embed;
mod exit;
#[cfg(feature = "parquet")]
mod export;
mod faces;
mod hint;
mod inputs;
mod interrupt;
mod model;
#[doc(hidden)]
pub mod options;
mod pack;
mod people;
#[cfg(feature = "plots")]
mod plot;
mod progress;
mod rates;
mod train;
mod validate;

use std::ffi::OsString;

use clap::{Parser, Subcommand};

pub use self::exit::ExitCode;

const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.";

/// Face detection, alignment, embedding and comparison
#[derive(Parser)]
#[command(name = "facenet", version, about, after_help = EXIT_CODES, args_override_self = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Align(align::Align),
    Detect(detect::Detect),
    Doctor(doctor::Doctor),
    Embed(embed::Embed),
    #[cfg(feature = "parquet")]
    Export(export::Export),
    Compare(compare::Compare),
    Validate(validate::Validate),
    Calibrate(calibrate::Calibrate),
    /// Name faces: learn people from a folder, name the faces of photos
    #[command(subcommand)]
    Classify(classify::Command),
    Cluster(cluster::Cluster),
    /// Train a network on a folder of people, or learn them over the embeddings of one
    #[command(subcommand)]
    Train(train::Command),
    #[cfg(feature = "plots")]
    Plot(plot::Plot),
    /// Import, describe and check model files
    #[command(subcommand)]
    Model(model::Command),
}

/// Does what `arguments`, the name of the program first, ask for. Prints to the standard output and error, and listens
/// for the interruption of the process, so that this is for programs that do nothing else.
///
/// ```no_run
/// facenet_cli::run(["facenet", "doctor"].map(Into::into));
/// ```
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let command = match Cli::try_parse_from(args::normalise(arguments)) {
        Ok(cli) => cli.command,
        Err(error) => {
            // Like every message, it is not important enough to fail if nobody listens.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let result = interrupt::listen().and_then(|()| match command {
        Command::Align(command) => command.run(),
        Command::Detect(command) => command.run(),
        Command::Doctor(command) => command.run(),
        Command::Embed(command) => command.run(),
        #[cfg(feature = "parquet")]
        Command::Export(command) => command.run(),
        Command::Compare(command) => command.run(),
        Command::Validate(command) => command.run(),
        Command::Calibrate(command) => command.run(),
        Command::Classify(command) => command.run(),
        Command::Cluster(command) => command.run(),
        Command::Train(command) => command.run(),
        #[cfg(feature = "plots")]
        Command::Plot(command) => command.run(),
        Command::Model(command) => command.run().map(|()| ExitCode::SUCCESS),
    });
    result.unwrap_or_else(|error| console::report(&error))
}
