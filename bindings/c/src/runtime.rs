//! Runtime: ONNX Runtime, and the threads that work on calls.

use std::ffi::c_char;

use facenet_core::runtime::doctor;
use facenet_core::{Error, ErrorKind, Result, Runtime, RuntimeOptions};

use crate::arguments::{self, Arguments};
use crate::growing::{self, Growing};
use crate::status::facenet_status;

/// A loaded ONNX Runtime with a provider and worker threads.
///
/// Many threads may use one at once. What is made from it keeps what it needs: it may be freed before them. After fork, a
/// child makes its own.
///
/// @since 0.1
pub struct facenet_runtime(pub(crate) Runtime);

/// Settings of a runtime: fill them with facenet_runtime_options_init.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_runtime_options {
    /// Bytes of this struct.
    pub struct_size: usize,
    /// What runs the networks: "cpu", "cuda", "cuda:1", "tensorrt", "tensorrt:1" or "auto"; NULL for "cpu". It runs there
    /// or is an error; only "auto" takes the best that works.
    pub provider: *const c_char,
    /// The ONNX Runtime library, or the folder it lies in; NULL to look for it (see the top of this file).
    pub library: *const c_char,
    /// The folder with the models that ship with the library; NULL to look for it (see the top of this file).
    pub models: *const c_char,
    /// The folder where TensorRT keeps its engines; NULL for the user's cache folder.
    pub engine_cache: *const c_char,
    /// Threads that work on one call, 1 to 1024; 0 for one a core.
    pub threads: u32,
    /// Zero.
    pub reserved: u32,
}

// SAFETY: numbers and pointers, the size first.
unsafe impl Growing for facenet_runtime_options {
    const FIRST_SIZE: usize = size_of::<Self>();

    fn defaults() -> Self {
        let none = std::ptr::null();
        Self {
            struct_size: size_of::<Self>(),
            provider: none,
            library: none,
            models: none,
            engine_cache: none,
            threads: 0,
            reserved: 0,
        }
    }
}

/// Fills options with the defaults.
///
/// @param options  the options
/// @param size     sizeof(facenet_runtime_options) where the caller was compiled
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_runtime_options_init(
    options: *mut facenet_runtime_options,
    size: usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| growing::init(args, options, size))
}

/// Finds and loads ONNX Runtime, and starts the worker threads.
///
/// A process uses one ONNX Runtime library: the first call loads it, later ones use the same. A failure leaves nothing
/// behind.
///
/// @param options  settings, or NULL
/// @param runtime  gets the runtime; free it with facenet_runtime_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_runtime_new(
    options: *const facenet_runtime_options,
    runtime: *mut *mut facenet_runtime,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_giving(runtime, "runtime", |args| {
        let options = read(args, options)?;
        Ok(facenet_runtime(Runtime::new(options)?))
    })
}

/// The properties of a runtime, as JSON: library, version, provider, threads, models, and the providers passed over.
///
/// @param runtime   the runtime
/// @param buffer    where the text goes, with its closing zero; may be NULL if `capacity` is 0
/// @param capacity  bytes of `buffer`; a longer text is cut
/// @param needed    gets the bytes of the whole text without the closing zero; may be NULL
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_runtime_info(
    runtime: *const facenet_runtime,
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let runtime = args.get(runtime, "runtime")?;
        let text = json(&runtime.0.info())?;
        args.give_text(&text, buffer, capacity, needed)
    })
}

/// Frees a runtime. NULL is fine.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_runtime_free(runtime: *mut facenet_runtime) {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.free(runtime)
}

/// Examines this machine: what works, what does not, and what to do about it. Its findings are no failure of the call.
///
/// @param options   settings of the runtime that is wanted, or NULL
/// @param as_json   1 for JSON, 0 for text to be read
/// @param works     gets 1 if a runtime can be made and the models are whole, else 0; may be NULL
/// @param buffer    where the text goes, with its closing zero; may be NULL if `capacity` is 0
/// @param capacity  bytes of `buffer`; a longer text is cut
/// @param needed    gets the bytes of the whole text without the closing zero; may be NULL
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_doctor(
    options: *const facenet_runtime_options,
    as_json: u32,
    works: *mut u32,
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let as_json = arguments::flag(as_json, "as_json")?;
        let report = doctor::examine(&read(args, options)?);
        let text = if as_json { json(&report)? } else { report.to_string() };
        args.give_text(&text, buffer, capacity, needed)?;
        args.write_optional(works, "works", u32::from(report.works()))
    })
}

/// The options of the caller.
pub(crate) fn read(args: Arguments<'_>, options: *const facenet_runtime_options) -> Result<RuntimeOptions> {
    let options = growing::read(args, options)?;
    let path = |pointer, name| args.optional_path(pointer, name);
    let provider = match args.optional_text(options.provider, "options.provider")? {
        Some(name) => name.parse()?,
        None => Default::default(),
    };
    Ok(RuntimeOptions {
        library: path(options.library, "options.library")?,
        provider,
        threads: (options.threads > 0).then_some(options.threads as usize),
        models: path(options.models, "options.models")?,
        engine_cache: path(options.engine_cache, "options.engine_cache")?,
    })
}

pub(crate) fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string_pretty(value)
        .map_err(|error| Error::new(ErrorKind::Internal, "cannot write JSON").with_source(error))
}
