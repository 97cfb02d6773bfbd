//! Versions.

use std::ffi::c_char;

/// Number that changes when a program must be compiled again: facenet_abi_version() must equal it.
pub const FACENET_ABI_VERSION: u32 = 0;

/// The version of the library that is loaded, as "0.1.0": static text.
///
/// Compare with FACENET_VERSION_STRING, the version of the header.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub extern "C" fn facenet_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// FACENET_ABI_VERSION of the library that is loaded.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub extern "C" fn facenet_abi_version() -> u32 {
    FACENET_ABI_VERSION
}
