//! A loaded network: sessions that take turns.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use bytes::Bytes;
use ort::session::{RunOptions, Session};
use ort::value::{Outlet, TensorElementType, TensorRef, ValueType};

use super::memory;
use super::pool::Pool;
use super::process::Process;
use super::source::Source;
use super::tensorrt::ShapeProfile;
use super::{Provider, Runtime};
use crate::error::{Error, ErrorKind, Result};
use crate::internal::fence::fenced;
use crate::internal::limits::excerpt;

/// More sessions or threads than this are a mistake, not a wish.
const MOST: usize = 1024;

/// How a network's sessions are set up.
///
/// ```
/// use facenet::runtime::NetworkOptions;
///
/// let options = NetworkOptions { sessions: 2, ..NetworkOptions::default() };
/// assert_eq!(options.intra_threads, 1);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkOptions {
    /// Sessions that may run at the same time, 1 to 1024; each holds its own copy of the weights.
    ///
    /// A GPU runs one thing at a time: there, one session is made whatever is said here.
    pub sessions: usize,
    /// Threads within one session, 1 to 1024. One is the caller's own.
    pub intra_threads: usize,
    /// Whether memory is laid out once for each shape of input: good for few shapes, a waste for many.
    pub memory_pattern: bool,
    /// A session keeps the memory that a call took for the next one, unless the input had more bytes than this: then it is
    /// given back after the call and the next one. The memory of the first call of all is always kept.
    pub keep_memory_up_to: usize,
    /// The shapes TensorRT builds an engine for; other providers take any shape.
    pub profile: Option<ShapeProfile>,
}

impl Default for NetworkOptions {
    /// One session of one thread, that keeps the memory for inputs of up to 64 MiB (an image of 2300 x 2300 pixels).
    fn default() -> Self {
        Self { sessions: 1, intra_threads: 1, memory_pattern: false, keep_memory_up_to: 64 << 20, profile: None }
    }
}

impl NetworkOptions {
    fn check(&self) -> Result<()> {
        for (name, value) in [("sessions", self.sessions), ("intra_threads", self.intra_threads)] {
            if !(1..=MOST).contains(&value) {
                let message = format!("{name} is {value}: it must lie between 1 and {MOST}");
                return Err(Error::new(ErrorKind::InvalidArgument, message));
            }
        }
        self.profile.as_ref().map_or(Ok(()), ShapeProfile::check)
    }
}

/// A network with one float input `[n, channels, height, width]` and one float output.
///
/// May be used from many threads at once; a call waits while all sessions are busy. In a child of the process that loaded
/// it (after `fork`), every call is an error of kind [`ErrorKind::Unsupported`].
pub struct Network {
    name: String,
    input: Input,
    output_shape: Vec<Option<usize>>,
    metadata: BTreeMap<String, String>,
    workers: Pool<Worker>,
    keep_memory_up_to: usize,
    give_memory_back: RunOptions,
    process: Process,
}

struct Worker {
    session: Session,
    /// Whether the last call used more memory than is to be kept; its output was part of that, and is free only now.
    has_grown: bool,
}

struct Input {
    name: String,
    shape: [Option<usize>; 4],
}

impl Network {
    /// Loads the model file at `path`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] or [`ErrorKind::Io`] if the file cannot be read, [`ErrorKind::ModelInvalid`] if it is not a
    /// whole ONNX model, [`ErrorKind::ModelUnsupported`] if it has other inputs and outputs than one each of the kind
    /// above, or an operator this ONNX Runtime does not know, [`ErrorKind::ProviderUnavailable`] if the runtime's provider
    /// does not run all of it, [`ErrorKind::InvalidArgument`] if an option is out of range.
    ///
    /// ```no_run
    /// use facenet::runtime::{Network, NetworkOptions, Runtime, RuntimeOptions};
    ///
    /// let runtime = Runtime::new(RuntimeOptions::default())?;
    /// let network = Network::load(&runtime, "model.onnx", NetworkOptions::default())?;
    /// let image = vec![0.0; 3 * 160 * 160];
    /// let embedding = network.run([1, 3, 160, 160], &image, |_shape, values| values.to_vec())?;
    /// # Ok::<(), facenet::Error>(())
    /// ```
    pub fn load(runtime: &Runtime, path: impl AsRef<Path>, options: NetworkOptions) -> Result<Self> {
        Self::from_source(runtime, &Source::of_file(path.as_ref())?, options)
    }

    /// Loads the model whose file has the content `bytes`; `name` is what messages call it.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn from_bytes(runtime: &Runtime, name: &str, bytes: &[u8], options: NetworkOptions) -> Result<Self> {
        Self::from_shared(runtime, name, Bytes::copy_from_slice(bytes), options)
    }

    /// The same without a copy of the bytes.
    pub(crate) fn from_shared(runtime: &Runtime, name: &str, bytes: Bytes, options: NetworkOptions) -> Result<Self> {
        Self::from_source(runtime, &Source::of_bytes(name, bytes), options)
    }

    fn from_source(runtime: &Runtime, source: &Source, options: NetworkOptions) -> Result<Self> {
        options.check()?;
        runtime.process().check("the runtime")?;
        let metadata = source.check()?;
        // Of shapes that make no sense, the types of ONNX Runtime's interface panic.
        fenced(|| Self::from_checked(runtime, source, metadata, options)).map_err(|text| source.broken(&text))?
    }

    fn from_checked(
        runtime: &Runtime,
        source: &Source,
        metadata: BTreeMap<String, String>,
        options: NetworkOptions,
    ) -> Result<Self> {
        let backend = runtime.backend();
        let first = backend.session(source, &options)?;
        let input = input_of(&first, source)?;
        let output_shape = output_of(&first, source)?;
        let count = if backend.provider == Provider::Cpu { options.sessions } else { 1 };
        let mut sessions = vec![first];
        for _ in 1..count {
            sessions.push(backend.session(source, &options)?);
        }
        memory::after_loading(source.bytes.len() as u64);
        Ok(Self {
            name: source.name.clone(),
            input,
            output_shape,
            metadata,
            workers: Pool::new(sessions.into_iter().map(|session| Worker { session, has_grown: false }).collect()),
            keep_memory_up_to: options.keep_memory_up_to,
            give_memory_back: give_memory_back(backend.provider).map_err(|error| source.refused(error))?,
            process: runtime.process(),
        })
    }

    /// Runs the network on `input` of `shape` and gives shape and values of the output to `read`.
    ///
    /// Waits while all sessions are busy, so `read` must not run the same network.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if `shape` is not that of the network's input or does not match the length of
    /// `input`, [`ErrorKind::Inference`] if ONNX Runtime fails, [`ErrorKind::Unsupported`] after a fork.
    pub fn run<R>(&self, shape: [usize; 4], input: &[f32], read: impl FnOnce(&[i64], &[f32]) -> R) -> Result<R> {
        self.process.check(format_args!("network {}", self.name))?;
        self.check(shape, input.len())?;
        let fail = |error: ort::Error| {
            let message = format!("network {} failed on input {shape:?}: {error}", self.name);
            Error::new(ErrorKind::Inference, message).with_source(error)
        };
        let grows = size_of_val(input) > self.keep_memory_up_to;
        self.workers.with(|Worker { session, has_grown }| {
            let tensor = TensorRef::from_array_view((shape, input)).map_err(fail)?;
            let outputs = if std::mem::replace(has_grown, grows) || grows {
                session.run_with_options(ort::inputs![tensor], &self.give_memory_back)
            } else {
                session.run(ort::inputs![tensor])
            };
            let outputs = outputs.map_err(fail)?;
            let (shape, values) = outputs[0].try_extract_tensor::<f32>().map_err(fail)?;
            Ok(read(shape, values))
        })
    }

    fn check(&self, shape: [usize; 4], length: usize) -> Result<()> {
        let expected = &self.input.shape;
        let fits = shape.iter().zip(expected).all(|(&is, must)| is > 0 && must.is_none_or(|must| is == must));
        let values = shape.iter().try_fold(1usize, |product, &length| product.checked_mul(length));
        let problem = if !fits {
            format!("input {} takes the shape {}", self.input.name, Shape(expected))
        } else if values != Some(length) {
            format!("the input has {length} values")
        } else {
            return Ok(());
        };
        let message = format!("network {} cannot run on shape {shape:?}: {problem}", self.name);
        Err(Error::new(ErrorKind::InvalidArgument, message))
    }

    /// The name: that of the file without folder and ending.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The shape `[n, channels, height, width]` of the input; `None` for a length that is free.
    pub fn input_shape(&self) -> [Option<usize>; 4] {
        self.input.shape
    }

    /// The shape of the output; `None` for a length that depends on the input.
    pub fn output_shape(&self) -> &[Option<usize>] {
        &self.output_shape
    }

    /// What the model file says of itself under `key` (ONNX's `metadata_props`).
    pub fn metadata(&self, key: &str) -> Option<&str> {
        self.metadata.get(key).map(String::as_str)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // A session waits for its threads to end; those of a parent do not exist here.
        if !self.process.is_current() {
            self.workers.leak();
        }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("name", &self.name)
            .field("input_shape", &self.input.shape)
            .finish_non_exhaustive()
    }
}

/// Settings of a run that ends with the arena shrunk to what is in use.
fn give_memory_back(provider: Provider) -> ort::Result<RunOptions> {
    let arena = match provider.device() {
        Some(device) => format!("gpu:{device}"),
        None => "cpu:0".to_owned(),
    };
    let mut options = RunOptions::new()?;
    options.set("memory.enable_memory_arena_shrinkage", arena)?;
    Ok(options)
}

fn input_of(session: &Session, source: &Source) -> Result<Input> {
    let name_and_shape = one_float(session.inputs());
    let shape = name_and_shape.as_ref().and_then(|(_, shape)| <[_; 4]>::try_from(shape.as_slice()).ok());
    match (name_and_shape, shape) {
        (Some((name, _)), Some(shape)) => Ok(Input { name, shape }),
        _ => Err(unsupported(source, "input", "[n, channels, height, width]", session.inputs())),
    }
}

fn output_of(session: &Session, source: &Source) -> Result<Vec<Option<usize>>> {
    let output = one_float(session.outputs()).map(|(_, shape)| shape);
    output.ok_or_else(|| unsupported(source, "output", "of any shape", session.outputs()))
}

/// Name and shape of the only one of `outlets`, if it is a tensor of floats.
fn one_float(outlets: &[Outlet]) -> Option<(String, Vec<Option<usize>>)> {
    let [outlet] = outlets else { return None };
    match outlet.dtype() {
        ValueType::Tensor { ty: TensorElementType::Float32, shape, .. } => {
            Some((outlet.name().to_owned(), shape.iter().map(|&length| usize::try_from(length).ok()).collect()))
        }
        _ => None,
    }
}

fn unsupported(source: &Source, what: &str, shape: &str, outlets: &[Outlet]) -> Error {
    let found: Vec<String> = outlets.iter().map(|outlet| format!("{} {}", outlet.name(), outlet.dtype())).collect();
    let found = if found.is_empty() { "none".to_owned() } else { excerpt(&found.join(", ")) };
    let message = format!("{}: it must have one {what}, of 32-bit floats, {shape}; it has {found}", source.label);
    Error::new(ErrorKind::ModelUnsupported, message)
}

/// A shape as messages write it: `[n, 3, ?, ?]`.
struct Shape<'a>(&'a [Option<usize>]);

impl fmt::Display for Shape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lengths: Vec<String> =
            self.0.iter().map(|length| length.map_or_else(|| "?".to_owned(), |length| length.to_string())).collect();
        write!(f, "[{}]", lengths.join(", "))
    }
}
