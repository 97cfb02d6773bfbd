//! The `facenet` command line.

mod model;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "facenet", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Imports, describes and checks model files
    #[command(subcommand)]
    Model(model::Command),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Model(command) => command.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("facenet: {error}");
            ExitCode::FAILURE
        }
    }
}
