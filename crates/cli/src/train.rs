//! `facenet train`: networks are trained by PyTorch, in the Python package; what stands above embeddings is learned here.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command as Process, Stdio};

use clap::{Arg, ArgAction, ArgMatches, Args, FromArgMatches, Subcommand};
use serde_json::{Map, Value};

use crate::classify::train::Train as Head;
use crate::console::INTERRUPTED;
use crate::pack::Pack;
use crate::{ExitCode, child};
use facenet_core::{Error, ErrorKind, Result};
use facenet_lab::train::{TrainingMethod, TrainingSettings};

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
    Export(Export),
    Pack(Pack),
    /// Learn people over the embeddings of a network that stays as it is; no GPU, no Python
    Head(Box<Head>),
}

/// Make a model file of the weights that a training has reached
#[derive(Args)]
pub(crate) struct Export {
    /// Folder with the checkpoints of a training, or one of them
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// Take the weights that were best on LFW (without it, those with the lowest loss), not the last
    #[arg(long)]
    best: bool,
}

/// Settings of the training of a network: the options are those of the library.
pub(crate) struct Network {
    settings: Map<String, Value>,
    processes: u32,
}

/// Processes on this machine, each with a GPU.
const PROCESSES: &str = "nproc_per_node";

impl Args for Network {
    fn augment_args(command: clap::Command) -> clap::Command {
        let defaults = defaults();
        let options = TrainingSettings::ALL.iter().map(|&(name, help)| option(name, help, &defaults[name]));
        let processes = Arg::new(PROCESSES).long("nproc-per-node").value_name("COUNT").default_value("1");
        let processes = processes.value_parser(clap::value_parser!(u32).range(1..=1024));
        command.args(options).arg(processes.help("Processes that train together, through torchrun"))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

/// A setting as an option of the command line.
fn option(name: &'static str, help: &'static str, default: &Value) -> Arg {
    let help = help.trim().trim_end_matches('.');
    let option = Arg::new(name).long(name.replace('_', "-")).help(help);
    let with_default = |default: &str| format!("{help} [default: {default}]");
    match default {
        Value::Bool(_) => option.action(ArgAction::SetTrue),
        Value::Null => option.value_name("TEXT"),
        Value::String(text) if text.is_empty() => option.value_name("TEXT"),
        Value::String(text) => option.value_name("TEXT").help(with_default(text)),
        number => option.value_name("NUMBER").allow_negative_numbers(true).help(with_default(&number.to_string())),
    }
}

fn defaults() -> Value {
    serde_json::to_value(TrainingSettings::new(TrainingMethod::Softmax)).unwrap_or_default()
}

impl FromArgMatches for Network {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        let defaults = defaults();
        let mut settings = Map::new();
        for &(name, _) in TrainingSettings::ALL {
            let given = match &defaults[name] {
                Value::Bool(_) => matches.get_flag(name).then_some(Value::Bool(true)),
                Value::Number(_) => matches.get_one::<String>(name).map(|text| {
                    // What is no number is refused by the check, which names it.
                    text.parse::<serde_json::Number>().map_or_else(|_| text.clone().into(), Value::Number)
                }),
                _ => matches.get_one::<String>(name).map(|text| text.clone().into()),
            };
            settings.extend(given.map(|given| (name.to_string(), given)));
        }
        Ok(Self { settings, processes: matches.get_one(PROCESSES).copied().unwrap_or(1) })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> std::result::Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self {
            Self::Softmax(network) => network.run("softmax"),
            Self::Triplet(network) => network.run("triplet"),
            Self::Export(export) => export.run(),
            Self::Pack(pack) => pack.run(),
            Self::Head(head) => head.run(),
        }
    }
}

impl Network {
    /// Runs the Python program, which does the steps.
    fn run(mut self, method: &str) -> Result<ExitCode> {
        self.settings.insert("method".into(), method.into());
        let goes_on = self.settings.contains_key("resume");
        let settings = Value::Object(self.settings).to_string();
        // A run that goes on has its settings in the checkpoint.
        if !goes_on {
            TrainingSettings::from_json(&settings).map_err(|error| as_options(&error))?;
        }
        let unwritable = |error| Error::io("write", std::env::temp_dir(), error);
        let mut file = tempfile::Builder::new().prefix("facenet-train-").tempfile().map_err(unwritable)?;
        file.write_all(settings.as_bytes()).map_err(unwritable)?;
        let mut options = Vec::new();
        if self.processes > 1 {
            let count = format!("--nproc-per-node={}", self.processes);
            options.extend(["-m", "torch.distributed.run", "--standalone", &count].map(OsString::from));
        }
        options.extend(["-m", "facenet_rs.train"].map(OsString::from));
        python(options.into_iter().chain([file.path().into()]))
    }
}

impl Export {
    fn run(self) -> Result<ExitCode> {
        let command = ["-m", "facenet_rs.train", "export"].map(OsString::from);
        let best = self.best.then(|| "--best".into());
        // The two hyphens keep a folder with one before its name from being an option.
        python(command.into_iter().chain(best).chain(["--".into(), self.run.into()]))
    }
}

/// An error about settings, with their names as options.
fn as_options(error: &Error) -> Error {
    let mut message = String::new();
    let is_of_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let text = error.to_string();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (word, after) = rest.split_at(rest.find(|c| !is_of_name(c)).unwrap_or(rest.len()));
        let (gap, after) = after.split_at(after.find(is_of_name).unwrap_or(after.len()));
        match TrainingSettings::ALL.iter().any(|&(name, _)| name == word && word.contains('_')) {
            true => message.push_str(&format!("--{}", word.replace('_', "-"))),
            false => message.push_str(word),
        }
        message.push_str(gap);
        rest = after;
    }
    Error::new(error.kind(), message)
}

/// Runs Python with `arguments`, once it is known to have what networks are trained with.
fn python(arguments: impl IntoIterator<Item = OsString>) -> Result<ExitCode> {
    let python = std::env::var_os(PYTHON).unwrap_or_else(|| "python3".into());
    let start = |source| {
        let message = format!("cannot start {}: install Python, or name it in {PYTHON}", python.display());
        Error::new(ErrorKind::Unsupported, message).with_source(source)
    };
    let check = child::run(Process::new(&python).args(["-c", CHECK]).stdin(Stdio::null())).map_err(start)?;
    if check.was_asked {
        return Ok(ExitCode::from(INTERRUPTED));
    }
    if !check.status.success() {
        let message = format!(
            "{} lacks what networks are trained with: install it with `pip install facenet-rs[train]`, or name another \
             interpreter in {PYTHON}. `facenet train head` needs neither",
            python.display()
        );
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    // For the log of the training, which else knows a file of settings that is gone.
    let command = std::env::args_os().collect::<Vec<_>>().join(OsStr::new(" "));
    let ended = child::run(Process::new(&python).args(arguments).env("FACENET_COMMAND", command)).map_err(start)?;
    if ended.was_asked && !ended.status.success() {
        return Ok(ExitCode::from(INTERRUPTED));
    }
    Ok(ExitCode::from(ended.status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
}
