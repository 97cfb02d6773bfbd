//! The `facenet` command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    facenet_cli::run(std::env::args_os()).into()
}
