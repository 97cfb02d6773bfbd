//! One shared library of ONNX Runtime: opening it, asking its version, handing it to `ort`.
//!
//! `ort` could load the library by itself, but it panics when that fails late, ignores a second path in silence, and does
//! not tell the version. Here a library is examined first; `ort` only ever sees one that fits.

#![allow(unsafe_code, reason = "the dynamic loader and the first call into ONNX Runtime are C interfaces")]

use std::ffi::{CStr, OsStr, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr::NonNull;

use libloading::os::unix::{Library, RTLD_LAZY, RTLD_LOCAL};
use ort::sys::{ORT_API_VERSION, OrtApiBase};

use super::elf;

/// The names under which the dynamic loader knows ONNX Runtime.
pub(super) const SONAMES: [&str; 2] = ["libonnxruntime.so.1", "libonnxruntime.so"];

/// An open library that is ONNX Runtime, recent enough for us.
pub(super) struct Dylib {
    library: Library,
    base: NonNull<OrtApiBase>,
    path: PathBuf,
    version: String,
}

impl Dylib {
    /// Opens the file at `path`, or says why it does not serve.
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        if let Some(problem) = elf::problem(path) {
            return Err(problem);
        }
        // SAFETY: initialisers of the library run. It is a file the user named, or one with ONNX Runtime's name in a place
        // where that is installed: loading it is what was asked for.
        let library = unsafe { Library::open(Some(path), RTLD_LAZY | RTLD_LOCAL) };
        Self::examine(library.map_err(|error| reason(&error))?)
    }

    /// Opens what the dynamic loader finds under `soname`, if anything.
    pub(super) fn installed(soname: &str) -> Option<Result<Self, String>> {
        // SAFETY: as in `open`.
        match unsafe { Library::open(Some(soname), RTLD_LAZY | RTLD_LOCAL) } {
            Ok(library) => Some(Self::examine(library)),
            Err(error) => {
                let reason = reason(&error);
                let absent = reason.contains(soname) && reason.contains("No such file");
                (!absent).then_some(Err(reason))
            }
        }
    }

    /// The library that something else in this process has loaded already, if any.
    pub(super) fn loaded() -> Option<Result<Self, String>> {
        SONAMES.into_iter().find_map(|soname| {
            // SAFETY: with RTLD_NOLOAD nothing is loaded and no initialiser runs.
            let library = unsafe { Library::open(Some(soname), RTLD_LAZY | libc::RTLD_NOLOAD) };
            library.ok().map(Self::examine)
        })
    }

    fn examine(library: Library) -> Result<Self, String> {
        type Entry = unsafe extern "C" fn() -> *const OrtApiBase;
        // SAFETY: this is the type that ONNX Runtime's header declares for the symbol.
        let entry = unsafe { library.get::<Entry>(b"OrtGetApiBase\0") };
        let entry = *entry.map_err(|_| "is not ONNX Runtime: it does not export OrtGetApiBase")?;
        // SAFETY: the function takes nothing and may be called at any time.
        let base = unsafe { entry() };
        let base = NonNull::new(base.cast_mut()).ok_or("is not ONNX Runtime: OrtGetApiBase returned nothing")?;
        // SAFETY: the library returned this pointer to a static structure, and is still open.
        let get_version = unsafe { base.as_ref() }.GetVersionString;
        // SAFETY: the function takes nothing and may be called at any time.
        let version = unsafe { get_version() };
        if version.is_null() {
            return Err("is not ONNX Runtime: it tells no version".to_owned());
        }
        // SAFETY: the header promises a static string that ends in NUL.
        let version = unsafe { CStr::from_ptr(version) }.to_string_lossy().into_owned();
        if !is_supported(&version) {
            return Err(format!("is ONNX Runtime {version}: version 1.{ORT_API_VERSION} or newer is needed"));
        }
        let path = object_of(entry as *const c_void).ok_or("the dynamic loader does not tell the file")?;
        Ok(Self { library, base, path, version })
    }

    /// The file, without links.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The version, as in `1.31.1`.
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Makes this the library that `ort` calls; it stays loaded until the process ends.
    pub(super) fn install(self) -> Result<(), String> {
        // SAFETY: the pointer was checked in `examine` and the library is still open.
        let get_api = unsafe { self.base.as_ref() }.GetApi;
        // SAFETY: the function takes any version and returns null for those it does not offer.
        let api = unsafe { get_api(ORT_API_VERSION) };
        // SAFETY: if not null, the pointer is to a static table of at least the functions of that version.
        let api =
            unsafe { api.as_ref() }.ok_or_else(|| format!("does not offer version {ORT_API_VERSION} of the API"))?;
        if !ort::set_api(api.clone()) {
            return Err("cannot be used: this program uses the crate `ort` by itself and has initialised it".to_owned());
        }
        std::mem::forget(self.library);
        Ok(())
    }
}

/// The file of the program or shared library that this code is part of.
pub(super) fn own_object() -> Option<PathBuf> {
    object_of(own_object as *const c_void)
}

/// The file of the object that holds `address`.
fn object_of(address: *const c_void) -> Option<PathBuf> {
    let mut info = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: dladdr only compares the address, and writes to a structure of the right type.
    let found = unsafe { libc::dladdr(address, info.as_mut_ptr()) };
    if found == 0 {
        return None;
    }
    // SAFETY: all zeros is a valid value of the structure, and dladdr has filled it.
    let info = unsafe { info.assume_init() };
    if info.dli_fname.is_null() {
        return None;
    }
    // SAFETY: dladdr gives a string that ends in NUL and lives as long as the object is loaded.
    let name = unsafe { CStr::from_ptr(info.dli_fname) };
    let path = Path::new(OsStr::from_bytes(name.to_bytes()));
    // A file may have been replaced since it was loaded.
    Some(path.canonicalize().unwrap_or_else(|_| path.to_path_buf()))
}

/// Whether `version` offers the functions that are used here.
fn is_supported(version: &str) -> bool {
    let mut numbers = version.split('.').map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(1)), Some(Ok(minor))) => minor >= ORT_API_VERSION,
        _ => false,
    }
}

/// The dynamic loader's own words.
pub(super) fn reason(error: &libloading::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_from_1_24_on_are_supported() {
        for version in ["1.24.0", "1.31.1", "1.32.0", "1.100.0-dev"] {
            assert!(is_supported(version), "{version}");
        }
        for version in ["1.23.9", "1.9.1", "0.5.0", "2.0.0", "1", "", "one.two", "1.x"] {
            assert!(!is_supported(version), "{version}");
        }
    }

    #[test]
    fn the_own_object_is_the_test_program() {
        let own = own_object().expect("the program has a file");
        assert_eq!(own, std::env::current_exe().expect("a path").canonicalize().expect("the path exists"));
    }
}
