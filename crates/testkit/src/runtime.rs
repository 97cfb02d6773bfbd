//! What the tests of the runtime share: tiny ONNX models, and running a test again in a process of its own.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use facenet::{Runtime, RuntimeOptions};

/// A runtime, or `None` with a printed reason where ONNX Runtime is not installed.
pub fn runtime(options: RuntimeOptions) -> Option<Runtime> {
    match Runtime::new(options) {
        Ok(runtime) => Some(runtime),
        Err(error) if error.kind() == facenet::ErrorKind::RuntimeNotFound => {
            crate::skip(&error.to_string());
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// The file of the ONNX Runtime library that the tests use.
pub fn library() -> Option<PathBuf> {
    runtime(RuntimeOptions::default()).map(|runtime| runtime.info().library)
}

/// An ONNX model (IR 8, opset 13) written by hand.
#[derive(Default)]
pub struct Model {
    graph: Vec<u8>,
    metadata: Vec<u8>,
}

/// ONNX's number of the element type float.
pub const FLOAT: u64 = 1;
/// ONNX's number of the element type int64.
pub const INT64: u64 = 7;

impl Model {
    /// Adds a node; its name is that of its output.
    pub fn node(mut self, operator: &str, inputs: &[&str], output: &str) -> Self {
        let mut node = Vec::new();
        inputs.iter().for_each(|input| bytes(&mut node, 1, input.as_bytes()));
        bytes(&mut node, 2, output.as_bytes());
        bytes(&mut node, 3, output.as_bytes());
        bytes(&mut node, 4, operator.as_bytes());
        bytes(&mut self.graph, 1, &node);
        self
    }

    /// Adds a constant tensor of floats.
    pub fn constant(mut self, name: &str, shape: &[u64], values: &[f32]) -> Self {
        let mut tensor = Vec::new();
        shape.iter().for_each(|&length| number(&mut tensor, 1, length));
        number(&mut tensor, 2, FLOAT);
        bytes(&mut tensor, 8, name.as_bytes());
        bytes(&mut tensor, 9, &values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>());
        bytes(&mut self.graph, 5, &tensor);
        self
    }

    /// Adds an input; a length of 0 is free.
    pub fn input(mut self, name: &str, element: u64, shape: &[u64]) -> Self {
        bytes(&mut self.graph, 11, &value(name, element, shape));
        self
    }

    /// Adds an output; a length of 0 is free.
    pub fn output(mut self, name: &str, element: u64, shape: &[u64]) -> Self {
        bytes(&mut self.graph, 12, &value(name, element, shape));
        self
    }

    /// Adds an encoded message to the graph, in the field of this number.
    pub fn part(mut self, field: u64, message: &[u8]) -> Self {
        bytes(&mut self.graph, field, message);
        self
    }

    /// Adds a line of metadata.
    pub fn metadata(mut self, key: &str, value: &str) -> Self {
        let mut entry = Vec::new();
        bytes(&mut entry, 1, key.as_bytes());
        bytes(&mut entry, 2, value.as_bytes());
        bytes(&mut self.metadata, 14, &entry);
        self
    }

    /// The content of the model's file.
    pub fn build(mut self) -> Vec<u8> {
        bytes(&mut self.graph, 2, b"graph");
        let mut opset = Vec::new();
        number(&mut opset, 2, 13);
        let mut model = Vec::new();
        number(&mut model, 1, 8);
        bytes(&mut model, 8, &opset);
        bytes(&mut model, 7, &self.graph);
        model.extend(self.metadata);
        model
    }
}

/// The model y = max(x, 0) on any number of images of three planes of any size.
pub fn relu() -> Vec<u8> {
    let shape = [0, 3, 0, 0];
    Model::default().node("Relu", &["x"], "y").input("x", FLOAT, &shape).output("y", FLOAT, &shape).build()
}

fn value(name: &str, element: u64, shape: &[u64]) -> Vec<u8> {
    let mut lengths = Vec::new();
    for &length in shape {
        let mut dimension = Vec::new();
        if length > 0 {
            number(&mut dimension, 1, length);
        }
        bytes(&mut lengths, 1, &dimension);
    }
    let (mut tensor, mut kind, mut value) = (Vec::new(), Vec::new(), Vec::new());
    number(&mut tensor, 1, element);
    bytes(&mut tensor, 2, &lengths);
    bytes(&mut kind, 1, &tensor);
    bytes(&mut value, 1, name.as_bytes());
    bytes(&mut value, 2, &kind);
    value
}

fn number(message: &mut Vec<u8>, field: u64, value: u64) {
    varint(message, field << 3);
    varint(message, value);
}

/// Adds bytes to an encoded message, in the field of this number.
pub fn bytes(message: &mut Vec<u8>, field: u64, value: &[u8]) {
    varint(message, field << 3 | 2);
    varint(message, value.len() as u64);
    message.extend(value);
}

fn varint(message: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        message.push(value as u8 | 0x80);
        value >>= 7;
    }
    message.push(value as u8);
}

/// The variable that tells a process it is to do the work of a test, not to check it.
const CHILD: &str = "FACENET_TEST_CHILD";

/// Whether this process was started by [`Child`].
pub fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// A process that runs one test of this program, with its own environment and home folder.
pub struct Child {
    command: Command,
    home: tempfile::TempDir,
}

impl Child {
    /// A process for the ignored test named `test` in `module`, of `program` or of this program.
    pub fn new(module: &str, test: &str, program: Option<&Path>) -> Self {
        // Tests are named from the root of their program on, without its own name.
        let test = module.split_once("::").map_or(test.into(), |(_, module)| format!("{module}::{test}"));
        let home = tempfile::tempdir().expect("a temporary folder");
        let own = std::env::current_exe().expect("a path");
        let mut command = Command::new(program.unwrap_or(&own));
        command.args(["--ignored", "--exact", &test, "--nocapture", "--test-threads=1"]);
        command.env_clear().env(CHILD, "1").env("HOME", home.path()).env("XDG_CACHE_HOME", home.path().join("cache"));
        Self { command, home }
    }

    /// Sets an environment variable of the process.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Bounds the address space of the process, in KiB: it gets no memory beyond that.
    pub fn memory(mut self, kib: u64) -> Self {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &format!("ulimit -v {kib} && exec \"$0\" \"$@\"")]).arg(self.command.get_program());
        command.args(self.command.get_args()).env_clear();
        command.envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        self.command = command;
        self
    }

    /// Runs the process to its end, which must be a success that leaves nothing in its home folder, and gives its output.
    pub fn run(mut self) -> Output {
        let output = loop {
            match self.command.output() {
                // A process that another test starts holds on, for a moment, to the copy of a program that is being
                // written here.
                Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                output => break output.expect("the process starts"),
            }
        };
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{:?}\n{said}\n{}", output.status, String::from_utf8_lossy(&output.stdout));
        let left: Vec<_> = std::fs::read_dir(self.home.path()).expect("the folder is there").flatten().collect();
        assert!(left.is_empty(), "left behind: {left:?}");
        output
    }
}
