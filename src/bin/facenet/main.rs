//! The `facenet` command line.

mod align;
mod annotate;
mod args;
mod calibrate;
mod classify;
mod cluster;
mod compare;
mod console;
mod detect;
mod doctor;
mod embed;
mod export;
mod faces;
mod gathered;
mod inputs;
mod interrupt;
mod model;
mod people;
mod progress;
mod rates;
mod validate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.";

/// Face detection, alignment, embedding and comparison
#[derive(Parser)]
#[command(name = "facenet", version, about, after_help = EXIT_CODES)]
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
    Export(export::Export),
    Compare(compare::Compare),
    Validate(validate::Validate),
    Calibrate(calibrate::Calibrate),
    /// Name faces: learn people from a folder, name the faces of photos
    #[command(subcommand)]
    Classify(classify::Command),
    Cluster(cluster::Cluster),
    /// Import, describe and check model files
    #[command(subcommand)]
    Model(model::Command),
}

fn main() -> ExitCode {
    let result = match Cli::parse_from(args::normalise(std::env::args_os())).command {
        Command::Align(command) => command.run(),
        Command::Detect(command) => command.run(),
        Command::Doctor(command) => command.run(),
        Command::Embed(command) => command.run(),
        Command::Export(command) => command.run(),
        Command::Compare(command) => command.run(),
        Command::Validate(command) => command.run(),
        Command::Calibrate(command) => command.run(),
        Command::Classify(command) => command.run(),
        Command::Cluster(command) => command.run(),
        Command::Model(command) => command.run().map(|()| ExitCode::SUCCESS),
    };
    result.unwrap_or_else(|error| console::report(&error))
}
