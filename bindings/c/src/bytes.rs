//! Bytes of the caller.

use facenet_core::model::ModelSource;
use facenet_core::{Error, ErrorKind, Result};

use crate::arguments::Arguments;

/// Bytes of the caller, borrowed for a call. NULL and 0 mean that none are given.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_bytes {
    /// The first byte.
    pub data: *const u8,
    /// Number of bytes.
    pub size: usize,
}

impl facenet_bytes {
    pub(crate) const NONE: Self = Self { data: std::ptr::null(), size: 0 };

    /// A copy of them as a model, or none.
    pub(crate) fn read(self, args: Arguments<'_>, name: &str) -> Result<Option<ModelSource>> {
        if self.size == 0 && !self.data.is_null() {
            return Err(Error::new(ErrorKind::InvalidArgument, format!("{name} has no bytes: say how many there are")));
        }
        let bytes = args.slice(self.data, self.size, name)?;
        Ok((!bytes.is_empty()).then(|| bytes.to_vec().into()))
    }
}
