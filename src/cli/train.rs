//! `facenet train`: networks are trained by PyTorch, in the Python package; what stands above embeddings is learned here.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command as Process, Stdio};

use clap::{Args, Subcommand};

use crate::cli::ExitCode;
use crate::cli::classify::train::Train as Head;
use crate::{Error, ErrorKind, Result};

/// The interpreter with the Python package, if it is not the first `python3` on the path.
const PYTHON: &str = "FACENET_PYTHON";

/// Ends with 0 where everything is there that is trained with.
const CHECK: &str = "import sys; from importlib.util import find_spec; \
                     sys.exit(not all(map(find_spec, ('facenet_rs', 'torch', 'h5py'))))";

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Train a network as a classifier of people (facenet's train_softmax.py)
    Softmax(Network),
    /// Train a network with triplets of faces (facenet's train_tripletloss.py)
    Triplet(Network),
    /// Learn people over the embeddings of a network that stays as it is; no GPU, no Python
    Head(Box<Head>),
}

#[derive(Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Network {
    /// Options of the training: --help tells them
    #[arg(value_name = "OPTION", trailing_var_arg = true, allow_hyphen_values = true)]
    options: Vec<OsString>,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self {
            Self::Softmax(network) => network.run("softmax"),
            Self::Triplet(network) => network.run("triplet"),
            Self::Head(head) => head.run(),
        }
    }
}

impl Network {
    /// Becomes the Python program.
    fn run(self, method: &str) -> Result<ExitCode> {
        let python = std::env::var_os(PYTHON).unwrap_or_else(|| "python3".into());
        let start = |source| {
            let message = format!("cannot start {}: install Python, or name it in {PYTHON}", python.display());
            Error::new(ErrorKind::Unsupported, message).with_source(source)
        };
        let check = Process::new(&python).args(["-c", CHECK]).stdin(Stdio::null()).status().map_err(start)?;
        if !check.success() {
            let message = format!(
                "{} lacks what networks are trained with: install it with `pip install facenet-rs[train]`, or name another \
                 interpreter in {PYTHON}. `facenet train head` needs neither",
                python.display()
            );
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let error = Process::new(&python).args(["-m", "facenet_rs.train", method]).args(self.options).exec();
        Err(start(error))
    }
}
