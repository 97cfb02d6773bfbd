//! What is printed, and the exit code.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::io::{self, BufWriter, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::{ExitCode, hint};
use facenet_core::{Error, ErrorKind, Result};

/// The exit code of a command that was interrupted.
pub(crate) const INTERRUPTED: u8 = 130;

/// Whether there is somebody who reads the standard output.
static IS_READ: AtomicBool = AtomicBool::new(true);

/// Writes to the standard output. If its reader has seen enough, as in `facenet ... | head`, what is left is not missed,
/// and the command goes on with its work.
pub(crate) fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            IS_READ.store(false, Ordering::Relaxed);
            Ok(())
        }
        written => written.map_err(|e| Error::io("write", "to the standard output", e)),
    }
}

/// Whether what is printed is read. A command that only prints has nothing left to do otherwise.
pub(crate) fn is_read() -> bool {
    IS_READ.load(Ordering::Relaxed)
}

/// Writes `value` as JSON to the standard output.
pub(crate) fn print_json(value: &impl serde::Serialize) -> Result<()> {
    print(|out| {
        serde_json::to_writer_pretty(&mut *out, value)?;
        writeln!(out)
    })
}

/// A field of comma-separated values, quoted where needed (RFC 4180).
pub(crate) fn csv_field(text: &str) -> Cow<'_, str> {
    if text.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", text.replace('"', "\"\"")).into();
    }
    text.into()
}

/// Says something on the standard error. It is not important enough to fail if nobody listens.
pub(crate) fn warn(message: impl std::fmt::Display) {
    let _ = writeln!(io::stderr(), "facenet: {message}");
}

/// Prints an error, its causes and what to type against it, and returns the exit code.
pub(crate) fn report(error: &Error) -> ExitCode {
    let mut message = error.to_string();
    for cause in causes(error).map(ToString::to_string) {
        // Messages of the library often end with their cause.
        if !message.contains(&cause) {
            message.push_str("\n  caused by: ");
            message.push_str(&cause);
        }
    }
    if let Some(advice) = error.hint().and_then(hint::advice) {
        message.push_str("\n  hint: ");
        message.push_str(advice);
    }
    warn(message);
    match error.kind() {
        ErrorKind::InvalidArgument => ExitCode::from(2),
        ErrorKind::Cancelled => ExitCode::from(INTERRUPTED),
        _ => ExitCode::FAILURE,
    }
}

fn causes(error: &Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}
