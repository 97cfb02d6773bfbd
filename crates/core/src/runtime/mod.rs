//! ONNX Runtime: finding the library, choosing the hardware, running networks.
//!
//! Nothing outside this module names ONNX Runtime. The library is loaded at run time, so that users bring the build that
//! fits their machine; [`RuntimeOptions::library`] tells where it is looked for. It is loaded once in a process and kept
//! to the end; usage data is never sent.
//!
//! Handles may be shared between threads, not between processes: after `fork`, a child makes its own.
//!
//! Nothing is printed: what goes wrong is returned as an [`Error`]. To see ONNX Runtime's own messages on stderr, set the
//! environment variable `ORT_LOG` to `verbose`, `info`, `warning` or `error`.

pub mod doctor;
mod dylib;
mod elf;
mod environment;
mod ffi;
mod gpu;
mod library;
mod memory;
mod models;
mod network;
mod nvidia;
mod options;
mod place;
mod pool;
mod probe;
mod process;
mod provider;
mod python;
mod select;
mod session;
mod source;
mod tensorrt;

pub use gpu::Gpu;
pub use library::LibrarySource;
pub use network::{Network, NetworkOptions};
pub use options::RuntimeOptions;
pub use provider::Provider;
pub use select::PassedOver;
pub use tensorrt::ShapeProfile;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use once_cell::sync::OnceCell;
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde::Serialize;

use self::models::Models;
use self::process::Process;
use self::session::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Manifest, Task};

/// A loaded ONNX Runtime with a provider and worker threads; cheap to clone, shared by everything made from it.
///
/// ```no_run
/// use facenet::{Runtime, RuntimeOptions};
///
/// let runtime = Runtime::new(RuntimeOptions::default())?;
/// println!("ONNX Runtime {} on {}", runtime.info().version, runtime.info().provider);
/// # Ok::<(), facenet::Error>(())
/// ```
#[derive(Clone)]
pub struct Runtime {
    inner: Arc<Inner>,
}

struct Inner {
    backend: Backend,
    passed_over: Vec<PassedOver>,
    models: Models,
    threads: usize,
    pool: Arc<ThreadPool>,
    /// Stands in for `pool` after a fork.
    pool_of_child: OnceCell<ThreadPool>,
    process: Process,
}

/// What a [`Runtime`] runs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RuntimeInfo {
    /// The file of the ONNX Runtime library.
    pub library: PathBuf,
    /// How the library was found.
    pub source: LibrarySource,
    /// Version of the library.
    pub version: String,
    /// What the library says of its build.
    pub build: String,
    /// ONNX Runtime's names of the providers the library was built with.
    pub built_with: Vec<String>,
    /// The provider that runs networks; never [`Provider::Auto`].
    pub provider: Provider,
    /// The providers that [`Provider::Auto`] would have preferred, and why they do not run here.
    pub passed_over: Vec<PassedOver>,
    /// Number of worker threads.
    pub threads: usize,
    /// The folder with the shipped models, if there is one.
    pub models: Option<PathBuf>,
}

impl Runtime {
    /// Finds and loads ONNX Runtime, and starts the worker threads.
    ///
    /// A process can use one ONNX Runtime library. The first call loads it; later ones use the same. A failure leaves
    /// nothing behind: another call, with other options or a changed environment, tries again.
    ///
    /// The first call sets the environment variable `ORT_DISABLE_TELEMETRY` to `1`, the only way to keep ONNX Runtime from
    /// sending usage data. C code that reads the environment in another thread at that moment (`getenv`, and with it
    /// `localtime` or a name look-up) races with it. Make the first runtime before such threads start, or set
    /// `ORT_DISABLE_TELEMETRY=1` yourself before the program starts: then nothing is set here.
    ///
    /// # Errors
    /// [`ErrorKind::RuntimeNotFound`] if there is no library, with the places that were looked at;
    /// [`ErrorKind::RuntimeLoad`] if one is found and does not serve, or if another one is loaded already;
    /// [`ErrorKind::ProviderUnavailable`] if the provider does not run here; [`ErrorKind::InvalidArgument`] and
    /// [`ErrorKind::NotFound`] if an option makes no sense.
    pub fn new(options: RuntimeOptions) -> Result<Self> {
        let threads = options.thread_count()?;
        let models = Models::find(options.models.as_deref())?;
        let loaded = environment::load(options.library.as_deref())?;
        let (backend, passed_over) = select::choose(options.provider, loaded, options.engine_cache.as_deref())?;
        Ok(Self {
            inner: Arc::new(Inner {
                backend,
                passed_over,
                models,
                threads,
                pool: Arc::new(start(threads)?),
                pool_of_child: OnceCell::new(),
                process: Process::current(),
            }),
        })
    }

    /// The worker threads; stages spread their work over them with rayon.
    ///
    /// In a child of the process that made the runtime the workers do not exist, and work given to them would wait for
    /// ever; there this is one new thread, on which networks report the error.
    pub fn pool(&self) -> &ThreadPool {
        if self.inner.process.is_current() {
            return &self.inner.pool;
        }
        self.inner.pool_of_child.get_or_try_init(|| start(1)).unwrap_or(&self.inner.pool)
    }

    /// Number of worker threads.
    pub fn threads(&self) -> usize {
        self.inner.threads
    }

    /// The folder with the shipped models; if there is none, the place where it is looked for first.
    pub fn models(&self) -> &Path {
        self.inner.models.folder()
    }

    /// The file `name` in the folder with the shipped models.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if it is not there, with the places that were looked at.
    pub fn model_file(&self, name: &str) -> Result<PathBuf> {
        self.inner.models.file(name)
    }

    /// The file of the model that ships for `task`.
    pub(crate) fn shipped_model(&self, task: Task) -> Result<PathBuf> {
        let model = Manifest::shipped().model(task);
        let missing = || Error::new(ErrorKind::Internal, format!("no model ships for the task {task:?}"));
        self.model_file(&model.ok_or_else(missing)?.file)
    }

    /// The provider that runs networks; never [`Provider::Auto`].
    pub fn provider(&self) -> Provider {
        self.inner.backend.provider
    }

    /// What this runtime runs on.
    pub fn info(&self) -> RuntimeInfo {
        let Inner { backend, passed_over, models, .. } = &*self.inner;
        let library = backend.loaded.library;
        RuntimeInfo {
            library: library.path.clone(),
            source: library.source,
            version: library.version.clone(),
            build: ort::info().to_owned(),
            built_with: ffi::available_providers(backend.loaded).unwrap_or_default(),
            provider: backend.provider,
            passed_over: passed_over.clone(),
            threads: self.threads(),
            models: models.found().map(Path::to_path_buf),
        }
    }

    fn backend(&self) -> &Backend {
        &self.inner.backend
    }

    fn process(&self) -> Process {
        self.inner.process
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // The pool would tell its threads to end; those of a parent do not exist here.
        if !self.process.is_current() {
            std::mem::forget(Arc::clone(&self.pool));
        }
    }
}

fn start(threads: usize) -> Result<ThreadPool> {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|i| format!("facenet-{i}"))
        .build()
        .map_err(|error| Error::new(ErrorKind::Internal, "cannot start worker threads").with_source(error))
}
