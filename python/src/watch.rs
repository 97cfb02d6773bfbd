//! Long calls: progress, and stopping them from the keyboard.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use facenet_core::{Error, ErrorKind, Result};
use facenet_lab::Watch;
use pyo3::prelude::*;

use crate::error::raise;
use crate::pool::pool;

/// How long the interpreter waits for its signals to be looked at.
const PATIENCE: Duration = Duration::from_millis(50);

/// How far a long call is: done, of.
type Told = Mutex<Option<(u64, u64)>>;

/// Does `work` on a thread of its own, without the interpreter. Meanwhile this thread tells `progress`, a function of done and
/// total, and lets Python look at its signals: an exception there, such as that of Ctrl-C, stops the work and is raised when it
/// has stopped.
pub(crate) fn run<T: Send>(
    py: Python<'_>,
    progress: Option<Py<PyAny>>,
    work: impl FnOnce(&Watch<'_>) -> Result<T> + Send,
) -> PyResult<T> {
    let pool = pool(py).map_err(raise)?;
    let (told, cancel) = (Told::default(), AtomicBool::new(false));
    let tell = |done, total| *told.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some((done, total));
    let watch = Watch::new(&tell, &cancel);
    let look = |py: Python<'_>| {
        py.check_signals()?;
        let told = told.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        match (&progress, told) {
            (Some(progress), Some(told)) => progress.call1(py, told).map(drop),
            _ => Ok(()),
        }
    };
    py.detach(|| {
        thread::scope(|scope| {
            let caller = thread::current();
            let worker = scope.spawn(move || {
                let result = pool.install(|| work(&watch));
                caller.unpark();
                result
            });
            let mut raised = None;
            while !worker.is_finished() {
                thread::park_timeout(PATIENCE);
                if raised.is_none() {
                    raised = Python::attach(look).err();
                    cancel.store(raised.is_some(), Ordering::Relaxed);
                }
            }
            let panicked = |_| Err(Error::new(ErrorKind::Internal, "a fault of the library stopped the work"));
            let result = worker.join().unwrap_or_else(panicked);
            match raised.map_or_else(|| Python::attach(look), Err) {
                Ok(()) => result.map_err(raise),
                Err(raised) => Err(raised),
            }
        })
    })
}
