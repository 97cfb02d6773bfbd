//! A loaded model file: sessions that take turns.

use std::path::Path;
use std::sync::{Condvar, Mutex};

use ort::session::Session;
use ort::value::TensorRef;

use super::Runtime;
use crate::error::{Error, ErrorKind, Result};

/// How a network's sessions are set up.
#[derive(Debug, Clone, Copy)]
pub struct NetworkOptions {
    /// Sessions that may run at the same time; each holds its own copy of the weights.
    pub sessions: usize,
    /// Threads within one session.
    pub intra_threads: usize,
}

/// A network with one float input `[n, channels, height, width]` and one float output.
///
/// May be used from many threads at once; a call waits while all sessions are busy.
pub struct Network {
    idle: Mutex<Vec<Session>>,
    returned: Condvar,
}

impl Network {
    /// Loads the model file at `path`.
    pub fn load(runtime: &Runtime, path: impl AsRef<Path>, options: NetworkOptions) -> Result<Self> {
        let fail = |e: String| Error::new(ErrorKind::ModelInvalid, e);
        let sessions = (0..options.sessions)
            .map(|_| {
                Session::builder(runtime.environment())
                    .map_err(|e| fail(e.to_string()))?
                    .with_intra_threads(options.intra_threads)
                    .map_err(|e| fail(e.to_string()))?
                    .with_intra_op_spinning(false)
                    .map_err(|e| fail(e.to_string()))?
                    .with_memory_pattern(false)
                    .map_err(|e| fail(e.to_string()))?
                    .commit_from_file(path.as_ref())
                    .map_err(|e| fail(e.to_string()))
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Self { idle: Mutex::new(sessions), returned: Condvar::new() })
    }

    /// Runs the network on `input` of `shape` and gives shape and values of the output to `read`.
    pub fn run<R>(&self, shape: [usize; 4], input: &[f32], read: impl FnOnce(&[i64], &[f32]) -> R) -> Result<R> {
        let mut session = {
            let mut idle = self.idle.lock().expect("no session panics while the lock is held");
            loop {
                match idle.pop() {
                    Some(session) => break session,
                    None => idle = self.returned.wait(idle).expect("no session panics while the lock is held"),
                }
            }
        };
        let result = (|| {
            let fail = |e: ort::Error| Error::new(ErrorKind::Inference, e.to_string());
            let input = TensorRef::from_array_view((shape, input)).map_err(fail)?;
            let outputs = session.run(ort::inputs![input]).map_err(fail)?;
            let (shape, values) = outputs[0].try_extract_tensor::<f32>().map_err(fail)?;
            Ok(read(shape, values))
        })();
        self.idle.lock().expect("no session panics while the lock is held").push(session);
        self.returned.notify_one();
        result
    }
}
