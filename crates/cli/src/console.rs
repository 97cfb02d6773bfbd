//! What is printed, and the exit code.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::{ExitCode, hint};
use facenet_core::internal::limits::{escape, excerpt};
use facenet_core::{Error, ErrorKind, Result};

/// The exit code of a command that was interrupted.
pub(crate) const INTERRUPTED: u8 = 130;

/// Whether there is somebody who reads the standard output.
static IS_READ: AtomicBool = AtomicBool::new(true);

/// Writes to the standard output. If its reader has seen enough, as in `facenet ... | head`, what is left is not missed,
/// and the command goes on with its work.
pub(crate) fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    match print_to(&mut io::stdout().lock(), write) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            IS_READ.store(false, Ordering::Relaxed);
            Ok(())
        }
        written => written.map_err(|e| Error::io("write", "to the standard output", e)),
    }
}

fn print_to(out: &mut io::StdoutLock<'_>, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    if !out.is_terminal() {
        let mut out = BufWriter::new(out);
        return write(&mut out).and_then(|()| out.flush());
    }
    let mut text = Vec::new();
    write(&mut text)?;
    let unprinted = |character: char| character.is_control() && !matches!(character, '\n' | '\t');
    out.write_all(escape(&String::from_utf8_lossy(&text), unprinted).as_bytes())?;
    out.flush()
}

/// A name as it is shown to people: a terminal obeys control characters, which names of files may have.
pub(crate) fn shown(name: &str) -> Cow<'_, str> {
    escape(name, char::is_control)
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

/// A field of comma-separated values, quoted where needed (RFC 4180). Text that a spreadsheet would take for a formula is
/// marked as text, with an apostrophe.
pub(crate) fn csv_field(text: &str) -> Cow<'_, str> {
    let text: Cow<'_, str> = match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}").into(),
        false => text.into(),
    };
    if text.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", text.replace('"', "\"\"")).into();
    }
    text
}

/// Says something on the standard error. It is not important enough to fail if nobody listens.
pub(crate) fn warn(message: impl std::fmt::Display) {
    say(&shown(&message.to_string()));
}

/// The same with line breaks of ours.
fn say(message: &str) {
    let _ = writeln!(io::stderr(), "facenet: {message}");
}

/// Prints an error, its causes and what to type against it, and returns the exit code.
pub(crate) fn report(error: &Error) -> ExitCode {
    let mut message = error.to_string();
    for cause in causes(error).map(|cause| excerpt(&cause.to_string())) {
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
    say(&message);
    match error.kind() {
        ErrorKind::InvalidArgument => ExitCode::from(2),
        ErrorKind::Cancelled => ExitCode::from(INTERRUPTED),
        _ => ExitCode::FAILURE,
    }
}

fn causes(error: &Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_escaped() {
        assert_eq!(shown("\u{1b}]0;title\u{7}\n\u{9b}2J"), r"\u001b]0;title\u0007\u000a\u009b2J");
        assert_eq!(shown("Zoë #2 名.jpg"), "Zoë #2 名.jpg");
    }

    #[test]
    fn formulas_are_text() {
        assert_eq!(csv_field("=1+2"), "'=1+2");
        assert_eq!(csv_field("@sum(a,b)"), "\"'@sum(a,b)\"");
        assert_eq!(csv_field("a=b"), "a=b");
    }
}
