//! Settings of a runtime.

use std::num::NonZero;
use std::path::PathBuf;

use super::Provider;
use crate::error::{Error, ErrorKind, Result};

/// More threads than this are a mistake, not a wish.
const MOST_THREADS: usize = 1024;

/// Settings of a [`Runtime`](super::Runtime). The default finds everything by itself and runs on the CPU.
///
/// ```
/// use facenet::RuntimeOptions;
/// use facenet::runtime::Provider;
///
/// let options = RuntimeOptions { threads: Some(2), provider: Provider::Auto, ..RuntimeOptions::default() };
/// ```
#[derive(Debug, Clone, Default)]
pub struct RuntimeOptions {
    /// The ONNX Runtime library (version 1.24 or newer), or the folder it lies in.
    ///
    /// By default the environment variables `FACENET_ORT_DYLIB` and `ORT_DYLIB_PATH` name it; if neither is set, it is
    /// looked for, in this order: loaded already in the process; beside the program or shared library that this code is
    /// part of; in the Python package `onnxruntime` of the active virtual environment, of the `python3` on the path, of
    /// the user, of the system; among the installed libraries.
    pub library: Option<PathBuf>,
    /// The hardware that runs the networks.
    pub provider: Provider,
    /// Threads that work on one call, 1 to 1024; by default the number of cores this process may use.
    pub threads: Option<usize>,
    /// The folder with the shipped models.
    ///
    /// By default the environment variable `FACENET_MODELS` names it; if that is not set, it is looked for beside the
    /// program or shared library (`models`, `../share/facenet/models`, `../../share/facenet/models`), then in the source
    /// tree this code was built from, if the program or shared library lies in that tree, as it does in its `target`
    /// folder, or is built for debugging. A program that is installed elsewhere does not look there.
    pub models: Option<PathBuf>,
    /// The folder where TensorRT keeps the engines it builds; by default `facenet/tensorrt` in the user's cache folder.
    pub engine_cache: Option<PathBuf>,
}

impl RuntimeOptions {
    /// The number of threads to use.
    pub(super) fn thread_count(&self) -> Result<usize> {
        match self.threads {
            None => Ok(std::thread::available_parallelism().map_or(1, NonZero::get)),
            Some(threads) if (1..=MOST_THREADS).contains(&threads) => Ok(threads),
            Some(threads) => Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("threads is {threads}: it must lie between 1 and {MOST_THREADS}"),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_threads_is_checked() {
        let count = |threads| RuntimeOptions { threads, ..RuntimeOptions::default() }.thread_count();
        assert!(count(None).expect("a number") >= 1);
        assert_eq!(count(Some(3)).expect("a number"), 3);
        for absurd in [0, 1025, usize::MAX] {
            let error = count(Some(absurd)).expect_err("a refusal");
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert!(error.to_string().contains(&absurd.to_string()), "{error}");
        }
    }
}
