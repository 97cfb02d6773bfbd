//! The loaded library and its one environment, both kept until the process ends.

use std::path::{Path, PathBuf};

use once_cell::sync::OnceCell;
use ort::environment::Environment;
use ort::logging::LogLevel;

use super::library::{self, LibrarySource};
use crate::error::{Error, ErrorKind, Result};

/// The library that `ort` calls.
pub(super) struct Library {
    pub(super) path: PathBuf,
    pub(super) source: LibrarySource,
    pub(super) version: String,
}

/// ONNX Runtime, ready to make sessions.
pub(super) struct Loaded {
    pub(super) library: &'static Library,
    pub(super) environment: Environment,
}

// Never dropped: at exit, threads and GPU drivers may be gone before a destructor of ONNX Runtime would need them.
static LIBRARY: OnceCell<Library> = OnceCell::new();
static LOADED: OnceCell<Loaded> = OnceCell::new();

/// Loads ONNX Runtime the first time; afterwards returns what was loaded. A failure can be retried.
pub(super) fn load(named: Option<&Path>) -> Result<&'static Loaded> {
    let library = LIBRARY.get_or_try_init(|| {
        forbid_telemetry();
        let (dylib, source) = library::find(named)?;
        let (path, version) = (dylib.path().to_path_buf(), dylib.version().to_owned());
        dylib.install().map_err(|reason| {
            Error::new(ErrorKind::RuntimeLoad, format!("ONNX Runtime {version} in {} {reason}", path.display()))
        })?;
        Ok(Library { path, source, version })
    })?;
    if let Some(other) = named.filter(|path| !names(path, &library.path)) {
        return Err(Error::new(
            ErrorKind::RuntimeLoad,
            format!(
                "cannot load ONNX Runtime from {}: this process has loaded {}, and can use only one",
                other.display(),
                library.path.display()
            ),
        ));
    }
    LOADED.get_or_try_init(|| {
        let environment = ort::init().with_telemetry(false).build().map_err(|error| {
            Error::new(ErrorKind::RuntimeLoad, format!("{} does not start: {error}", library.path.display()))
        })?;
        // What goes wrong is returned as an error; a library has no business on stderr. But if the program uses ONNX
        // Runtime by itself, this is its environment too, and its level is not ours to change.
        if library.source != LibrarySource::Process && std::env::var_os("ORT_LOG").is_none() {
            environment.set_log_level(LogLevel::Fatal);
        }
        Ok(Loaded { library, environment })
    })
}

/// Whether `path`, a file or the folder it lies in, names the library at `loaded`.
fn names(path: &Path, loaded: &Path) -> bool {
    path.canonicalize().is_ok_and(|path| path == loaded || loaded.parent() == Some(&path))
}

/// Keeps ONNX Runtime from sending usage data, which official builds do unless told before the environment is made.
#[allow(unsafe_code, reason = "the only switch that works is an environment variable")]
fn forbid_telemetry() {
    const VARIABLE: &str = "ORT_DISABLE_TELEMETRY";
    if std::env::var_os(VARIABLE).is_none_or(|value| value != "1") {
        // SAFETY: Rust code reads the environment under a lock of the standard library. C code that calls getenv in
        // another thread at this moment is not covered: the contract of `Runtime::new` says so, and how to avoid it. It
        // is accepted because ONNX Runtime has no call that stops the upload (`with_telemetry(false)` does not), and not
        // to send data about users' models weighs more. It happens once, before the library is loaded.
        unsafe { std::env::set_var(VARIABLE, "1") };
    }
}
