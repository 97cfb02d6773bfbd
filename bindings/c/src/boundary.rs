//! The way in and out: one barrier for panics, and checks of what C hands over.

use std::ffi::{CStr, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use facenet_core::{Error, ErrorKind, Result};

use crate::fork;
use crate::log;
use crate::status::{self, FACENET_ERROR_PANIC, FACENET_OK, facenet_status};

/// Runs what an export does. An error becomes its status, and so does a panic.
pub(crate) fn call(body: impl FnOnce() -> Result<()>) -> facenet_status {
    let in_own_process = || {
        fork::leave_threads_of_parent()?;
        body()
    };
    run(in_own_process).map_or_else(|status| status, |()| FACENET_OK)
}

/// The same for an export that has no status: `other` stands for whatever goes wrong.
pub(crate) fn value_or<T>(other: T, body: impl FnOnce() -> Result<T>) -> T {
    run(body).unwrap_or(other)
}

fn run<T>(body: impl FnOnce() -> Result<T>) -> Result<T, facenet_status> {
    log::keep_panics_quiet();
    let barrier = catch_unwind(AssertUnwindSafe(|| {
        #[cfg(feature = "test-panic")]
        assert!(std::env::var_os("FACENET_TEST_PANIC").is_none(), "wanted by a test");
        body()
    }));
    match barrier {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(status::of(&error)),
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
            status::remember(format!("a fault of the library: {}", text.unwrap_or("no message")));
            // What a panic carries may panic when it is dropped, and so may what that panic carries.
            std::mem::forget(catch_unwind(AssertUnwindSafe(|| drop(panic))));
            Err(FACENET_ERROR_PANIC)
        }
    }
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

/// What `pointer` points to.
///
/// # Safety
/// It is NULL or points to a `T` that lives and is not written to for as long as the caller says.
pub(crate) unsafe fn reference<'a, T>(pointer: *const T, name: &str) -> Result<&'a T> {
    check_aligned(pointer, name)?;
    // SAFETY: the caller's promise, and it is neither NULL nor crooked.
    Ok(unsafe { &*pointer })
}

/// What `pointer` points to, to be changed.
///
/// # Safety
/// As [`reference`], and nobody else looks at it.
pub(crate) unsafe fn reference_mut<'a, T>(pointer: *mut T, name: &str) -> Result<&'a mut T> {
    check_aligned(pointer, name)?;
    // SAFETY: the caller's promise, and it is neither NULL nor crooked.
    Ok(unsafe { &mut *pointer })
}

/// Writes `value` to where `pointer` points.
///
/// # Safety
/// It is NULL or points to memory for a `T`.
pub(crate) unsafe fn write<T>(pointer: *mut T, name: &str, value: T) -> Result<()> {
    check_aligned(pointer, name)?;
    // SAFETY: the caller's promise, and it is neither NULL nor crooked.
    unsafe { pointer.write(value) };
    Ok(())
}

/// As [`write`], or nothing if the caller does not want to know.
///
/// # Safety
/// As [`write`].
pub(crate) unsafe fn write_optional<T>(pointer: *mut T, name: &str, value: T) -> Result<()> {
    // SAFETY: the caller's promise.
    if pointer.is_null() { Ok(()) } else { unsafe { write(pointer, name, value) } }
}

/// Refuses a place for a result that cannot be one, before any work is done.
pub(crate) fn check_aligned<T>(pointer: *const T, name: &str) -> Result<()> {
    if pointer.is_null() {
        return Err(invalid(format!("{name} is NULL")));
    }
    if !pointer.is_aligned() {
        return Err(invalid(format!("{name} is not aligned to {} bytes", align_of::<T>())));
    }
    Ok(())
}

/// `count` values from `pointer`, which may be NULL if they are none.
///
/// # Safety
/// As [`reference`], for `count` values.
pub(crate) unsafe fn slice<'a, T>(pointer: *const T, count: usize, name: &str) -> Result<&'a [T]> {
    check_many(pointer, count, name)?;
    if count == 0 {
        return Ok(&[]);
    }
    // SAFETY: the caller's promise; it is neither NULL nor crooked, and no longer than memory can be.
    Ok(unsafe { std::slice::from_raw_parts(pointer, count) })
}

/// As [`slice`], to be written to.
///
/// # Safety
/// As [`slice`], and nobody else looks at the values.
pub(crate) unsafe fn slice_mut<'a, T>(pointer: *mut T, count: usize, name: &str) -> Result<&'a mut [T]> {
    check_many(pointer, count, name)?;
    if count == 0 {
        return Ok(&mut []);
    }
    // SAFETY: the caller's promise; it is neither NULL nor crooked, and no longer than memory can be.
    Ok(unsafe { std::slice::from_raw_parts_mut(pointer, count) })
}

fn check_many<T>(pointer: *const T, count: usize, name: &str) -> Result<()> {
    if count == 0 {
        return Ok(());
    }
    check_aligned(pointer, name)?;
    match count.checked_mul(size_of::<T>()) {
        Some(bytes) if isize::try_from(bytes).is_ok() => Ok(()),
        _ => Err(invalid(format!("{name}: {count} values are more than memory can hold"))),
    }
}

/// The text at `pointer`.
///
/// # Safety
/// It is NULL or points to bytes that end with a zero.
pub(crate) unsafe fn text<'a>(pointer: *const c_char, name: &str) -> Result<&'a str> {
    check_aligned(pointer, name)?;
    // SAFETY: the caller's promise.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str().map_err(|_| invalid(format!("{name} is not UTF-8")))
}

/// The path at `pointer`: UTF-8 on Windows, any bytes elsewhere.
///
/// # Safety
/// As [`text`].
pub(crate) unsafe fn path(pointer: *const c_char, name: &str) -> Result<PathBuf> {
    check_aligned(pointer, name)?;
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt as _;
        // SAFETY: the caller's promise.
        let bytes = unsafe { CStr::from_ptr(pointer) }.to_bytes();
        Ok(std::ffi::OsStr::from_bytes(bytes).into())
    }
    #[cfg(not(unix))]
    {
        // SAFETY: the caller's promise.
        unsafe { text(pointer, name) }.map(PathBuf::from)
    }
}

/// `value` of the pointer, or none if it is NULL.
///
/// # Safety
/// As [`path`].
pub(crate) unsafe fn optional_path(pointer: *const c_char, name: &str) -> Result<Option<PathBuf>> {
    // SAFETY: the caller's promise.
    if pointer.is_null() { Ok(None) } else { unsafe { path(pointer, name) }.map(Some) }
}

/// Gives `value` to the caller, who frees it.
///
/// # Safety
/// As [`write`].
pub(crate) unsafe fn give<T>(pointer: *mut *mut T, name: &str, value: T) -> Result<()> {
    check_aligned(pointer, name)?;
    // SAFETY: the caller's promise, checked above.
    unsafe { write(pointer, name, Box::into_raw(Box::new(value))) }
}

/// Takes back what [`give`] gave, and drops it.
///
/// # Safety
/// It is NULL or came from [`give`], and is in nobody's use.
pub(crate) unsafe fn free<T>(pointer: *mut T) {
    value_or((), || {
        if !pointer.is_null() {
            // SAFETY: the caller's promise.
            drop(unsafe { Box::from_raw(pointer) });
        }
        Ok(())
    });
}

/// Copies a text and its closing zero; what does not fit is cut at a character. Returns the bytes of the whole text.
///
/// # Safety
/// `buffer` is NULL or has `capacity` bytes.
pub(crate) unsafe fn copy_text(text: &str, buffer: *mut c_char, capacity: usize) -> Result<usize> {
    // SAFETY: the caller's promise.
    let buffer = unsafe { slice_mut(buffer.cast::<u8>(), capacity, "buffer")? };
    if let Some(most) = buffer.len().checked_sub(1) {
        let cut = text.floor_char_boundary(most);
        buffer[..cut].copy_from_slice(&text.as_bytes()[..cut]);
        buffer[cut] = 0;
    }
    Ok(text.len())
}

/// Tells the caller how many values a result `needs`; whether there is room for them, or the caller only asks.
///
/// # Safety
/// `needed` is NULL or points to memory for a number.
pub(crate) unsafe fn has_room(needs: usize, capacity: usize, needed: *mut usize) -> Result<bool> {
    if !needed.is_null() {
        // SAFETY: the caller's promise.
        unsafe { write(needed, "needed", needs) }?;
        if capacity == 0 {
            return Ok(false);
        }
    }
    if capacity < needs {
        return Err(invalid(format!("the buffer has room for {capacity} values where {needs} are needed")));
    }
    Ok(true)
}

/// Copies `values` into a buffer of the caller, as [`has_room`] says.
///
/// # Safety
/// `buffer` is NULL or has room for `capacity` values; `needed` is NULL or points to memory for a number.
pub(crate) unsafe fn fill<T: Copy>(values: &[T], buffer: *mut T, capacity: usize, needed: *mut usize) -> Result<()> {
    // SAFETY: the caller's promise.
    if unsafe { has_room(values.len(), capacity, needed) }? {
        // SAFETY: the caller's promise.
        unsafe { slice_mut(buffer, values.len(), "buffer") }?.copy_from_slice(values);
    }
    Ok(())
}

/// A truth value, which must be 0 or 1.
pub(crate) fn flag(value: u32, name: &str) -> Result<bool> {
    match value {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(invalid(format!("{name} is {other}: it must be 0 or 1"))),
    }
}

/// Copies a text to the caller, and tells the bytes of the whole of it.
///
/// # Safety
/// As [`copy_text`]; `needed` is NULL or points to memory for a number.
pub(crate) unsafe fn give_text(text: &str, buffer: *mut c_char, capacity: usize, needed: *mut usize) -> Result<()> {
    // SAFETY: the caller's promise.
    let length = unsafe { copy_text(text, buffer, capacity) }?;
    // SAFETY: the caller's promise.
    unsafe { write_optional(needed, "needed", length) }
}
