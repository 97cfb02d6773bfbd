//! ONNX Runtime: finding the library, choosing the hardware, running networks.
//!
//! Nothing outside this module names ONNX Runtime.

mod network;

pub use network::{Network, NetworkOptions};

use std::path::{Path, PathBuf};
use std::sync::Arc;

use once_cell::sync::OnceCell;

use crate::error::{Error, ErrorKind, Result};

/// Settings of a [`Runtime`].
#[derive(Debug, Clone, Default)]
pub struct RuntimeOptions {
    /// Threads that work on one call; by default the number of cores.
    pub threads: Option<usize>,
}

/// A loaded ONNX Runtime with a provider and worker threads; cheap to clone, shared by everything made from it.
#[derive(Clone)]
pub struct Runtime {
    inner: Arc<Inner>,
}

struct Inner {
    environment: ort::environment::Environment,
    pool: rayon::ThreadPool,
    models: PathBuf,
}

static ENVIRONMENT: OnceCell<ort::environment::Environment> = OnceCell::new();

impl Runtime {
    /// Finds and loads ONNX Runtime.
    pub fn new(options: RuntimeOptions) -> Result<Self> {
        let environment = ENVIRONMENT.get_or_try_init(|| {
            let path = std::env::var_os("ORT_DYLIB_PATH").unwrap_or_default();
            ort::init_from(path)
                .map_err(|e| Error::new(ErrorKind::RuntimeLoad, e.to_string()))?
                .with_telemetry(false)
                .build()
                .map_err(|e| Error::new(ErrorKind::RuntimeLoad, e.to_string()))
        })?;
        let threads = options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, Into::into));
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|i| format!("facenet-{i}"))
            .build()
            .map_err(|e| Error::new(ErrorKind::Internal, "cannot start worker threads").with_source(e))?;
        let models = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/models"));
        Ok(Self { inner: Arc::new(Inner { environment: environment.clone(), pool, models }) })
    }

    /// The worker threads; stages spread their work over them with rayon.
    pub fn pool(&self) -> &rayon::ThreadPool {
        &self.inner.pool
    }

    /// Number of worker threads.
    pub fn threads(&self) -> usize {
        self.inner.pool.current_num_threads()
    }

    /// The folder with the shipped models.
    pub fn models(&self) -> &Path {
        &self.inner.models
    }

    pub(crate) fn environment(&self) -> &ort::environment::Environment {
        &self.inner.environment
    }
}
