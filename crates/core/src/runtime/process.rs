//! The process a handle belongs to: threads do not survive `fork`, so neither do the handles that use them.

use std::fmt;

use crate::error::{Error, ErrorKind, Result};

/// The process in which a handle was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Process(u32);

impl Process {
    /// The process that is running.
    pub(super) fn current() -> Self {
        Self(std::process::id())
    }

    /// Whether the handle is used where it was made.
    pub(super) fn is_current(self) -> bool {
        self == Self::current()
    }

    /// An error if `what` is used in a child of the process that made it.
    pub(super) fn check(self, what: impl fmt::Display) -> Result<()> {
        if self.is_current() {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Unsupported,
            format!(
                "{what} was created before fork, in process {}; create it after the fork, in the process that uses it \
                 (in Python, start processes with the `spawn` method)",
                self.0
            ),
        ))
    }
}
