//! Arguments of C. Each export promises once that its caller keeps to the header's rules for pointers, with
//! [`Arguments::promised`]; what remains is checked here: NULL, alignment, and sizes that overflow.

use std::ffi::{CStr, c_char};
use std::marker::PhantomData;
use std::path::PathBuf;

use facenet_core::{Error, ErrorKind, Result};

use crate::barrier;
use crate::status::facenet_status;

/// Reads and writes the memory behind the arguments of one call, for as long as `'a`.
#[derive(Clone, Copy)]
pub(crate) struct Arguments<'a>(PhantomData<&'a ()>);

/// Calls. Each runs its body inside the barrier.
impl Arguments<'_> {
    /// # Safety
    /// Every pointer that is read or written through the value is an argument of the current call, or was reached from one,
    /// and is NULL or what the header says: a value of its type, a text that ends with a zero, or as many values as the
    /// argument beside it counts. Nobody writes to what the call reads or looks at what it writes before it returns.
    pub(crate) unsafe fn promised() -> Self {
        Self(PhantomData)
    }

    /// A call that reports success or failure.
    pub(crate) fn call(self, body: impl FnOnce(Self) -> Result<()>) -> facenet_status {
        barrier::call(|| body(self))
    }

    /// A call that returns a value, `other` if anything fails.
    pub(crate) fn value_or<T>(self, other: T, body: impl FnOnce(Self) -> Result<T>) -> T {
        barrier::value_or(other, || body(self))
    }

    /// A call that gives the caller a new handle.
    pub(crate) fn call_giving<T>(
        self,
        pointer: *mut *mut T,
        name: &str,
        body: impl FnOnce(Self) -> Result<T>,
    ) -> facenet_status {
        self.call(|args| args.give(pointer, name, || body(args)))
    }

    /// A call that writes a value to where `pointer` points.
    pub(crate) fn call_writing<T>(
        self,
        pointer: *mut T,
        name: &str,
        body: impl FnOnce(Self) -> Result<T>,
    ) -> facenet_status {
        self.call(|args| args.write(pointer, name, || body(args)))
    }

    /// Takes back what [`give`](Self::give) gave, and drops it.
    pub(crate) fn free<T>(self, pointer: *mut T) {
        self.value_or((), |_| {
            if !pointer.is_null() {
                // SAFETY: by the promise it came from `give` and no other call uses it.
                drop(unsafe { Box::from_raw(pointer) });
            }
            Ok(())
        });
    }
}

/// Inputs.
impl<'a> Arguments<'a> {
    /// The value that `pointer` points to.
    pub(crate) fn get<T>(self, pointer: *const T, name: &str) -> Result<&'a T> {
        check(pointer, name)?;
        // SAFETY: the promise; it is aligned and not NULL.
        Ok(unsafe { &*pointer })
    }

    /// The value that `pointer` points to, to be changed.
    pub(crate) fn get_mut<T>(self, pointer: *mut T, name: &str) -> Result<&'a mut T> {
        check(pointer, name)?;
        // SAFETY: the promise; it is aligned and not NULL.
        Ok(unsafe { &mut *pointer })
    }

    /// `count` values from `pointer`, which may be NULL if `count` is 0.
    pub(crate) fn slice<T>(self, pointer: *const T, count: usize, name: &str) -> Result<&'a [T]> {
        check_many(pointer, count, name)?;
        if count == 0 {
            return Ok(&[]);
        }
        // SAFETY: the promise; it is aligned and not NULL, and no longer than memory can be.
        Ok(unsafe { std::slice::from_raw_parts(pointer, count) })
    }

    /// `count` values from `pointer`, to be written to.
    pub(crate) fn slice_mut<T>(self, pointer: *mut T, count: usize, name: &str) -> Result<&'a mut [T]> {
        check_many(pointer, count, name)?;
        if count == 0 {
            return Ok(&mut []);
        }
        // SAFETY: the promise; it is aligned and not NULL, and no longer than memory can be.
        Ok(unsafe { std::slice::from_raw_parts_mut(pointer, count) })
    }

    /// The text at `pointer`.
    pub(crate) fn text(self, pointer: *const c_char, name: &str) -> Result<&'a str> {
        self.c_str(pointer, name)?.to_str().map_err(|_| invalid(format!("{name} is not UTF-8")))
    }

    /// The text at `pointer`, or none if it is NULL.
    pub(crate) fn optional_text(self, pointer: *const c_char, name: &str) -> Result<Option<&'a str>> {
        if pointer.is_null() { Ok(None) } else { self.text(pointer, name).map(Some) }
    }

    /// The path at `pointer`: UTF-8 on Windows, any bytes elsewhere.
    pub(crate) fn path(self, pointer: *const c_char, name: &str) -> Result<PathBuf> {
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt as _;
            Ok(std::ffi::OsStr::from_bytes(self.c_str(pointer, name)?.to_bytes()).into())
        }
        #[cfg(not(unix))]
        {
            self.text(pointer, name).map(PathBuf::from)
        }
    }

    /// The path at `pointer`, or none if it is NULL.
    pub(crate) fn optional_path(self, pointer: *const c_char, name: &str) -> Result<Option<PathBuf>> {
        if pointer.is_null() { Ok(None) } else { self.path(pointer, name).map(Some) }
    }

    fn c_str(self, pointer: *const c_char, name: &str) -> Result<&'a CStr> {
        check(pointer, name)?;
        // SAFETY: the promise; it is not NULL.
        Ok(unsafe { CStr::from_ptr(pointer) })
    }
}

/// Outputs. A place that cannot be written to is refused before any work is done; nothing is written if the work fails.
impl Arguments<'_> {
    /// Writes what `make` returns to where `pointer` points.
    pub(crate) fn write<T>(self, pointer: *mut T, name: &str, make: impl FnOnce() -> Result<T>) -> Result<()> {
        check(pointer, name)?;
        let value = make()?;
        // SAFETY: the promise; it is aligned and not NULL.
        unsafe { pointer.write(value) };
        Ok(())
    }

    /// Writes `value` to where `pointer` points, or nothing if it is NULL.
    pub(crate) fn write_optional<T>(self, pointer: *mut T, name: &str, value: T) -> Result<()> {
        if pointer.is_null() { Ok(()) } else { self.write(pointer, name, || Ok(value)) }
    }

    /// Gives what `make` returns to the caller, who frees it.
    pub(crate) fn give<T>(self, pointer: *mut *mut T, name: &str, make: impl FnOnce() -> Result<T>) -> Result<()> {
        self.write(pointer, name, || Ok(Box::into_raw(Box::new(make()?))))
    }

    /// Copies a text and its closing zero, cut at a character if it does not fit. Returns the bytes of the whole text.
    pub(crate) fn copy_text(self, text: &str, buffer: *mut c_char, capacity: usize) -> Result<usize> {
        let buffer = self.slice_mut(buffer.cast::<u8>(), capacity, "buffer")?;
        if let Some(most) = buffer.len().checked_sub(1) {
            let cut = text.floor_char_boundary(most);
            buffer[..cut].copy_from_slice(&text.as_bytes()[..cut]);
            buffer[cut] = 0;
        }
        Ok(text.len())
    }

    /// As [`copy_text`](Self::copy_text); the bytes of the whole text go to `needed`, which may be NULL.
    pub(crate) fn give_text(self, text: &str, buffer: *mut c_char, capacity: usize, needed: *mut usize) -> Result<()> {
        let length = self.copy_text(text, buffer, capacity)?;
        self.write_optional(needed, "needed", length)
    }

    /// Tells the caller how many values a result `needs`. Returns whether there is room for them; if not, the caller only
    /// asked.
    pub(crate) fn has_room(self, needs: usize, capacity: usize, needed: *mut usize) -> Result<bool> {
        if !needed.is_null() {
            self.write_optional(needed, "needed", needs)?;
            if capacity == 0 {
                return Ok(false);
            }
        }
        if capacity < needs {
            return Err(invalid(format!("the buffer has room for {capacity} values where {needs} are needed")));
        }
        Ok(true)
    }

    /// Copies `values` into a buffer of the caller, as [`has_room`](Self::has_room) says.
    pub(crate) fn fill<T: Copy>(self, values: &[T], buffer: *mut T, capacity: usize, needed: *mut usize) -> Result<()> {
        if self.has_room(values.len(), capacity, needed)? {
            self.slice_mut(buffer, values.len(), "buffer")?.copy_from_slice(values);
        }
        Ok(())
    }
}

/// Refuses a pointer that is NULL or not aligned.
pub(crate) fn check<T>(pointer: *const T, name: &str) -> Result<()> {
    if pointer.is_null() {
        return Err(invalid(format!("{name} is NULL")));
    }
    if !pointer.is_aligned() {
        return Err(invalid(format!("{name} is not aligned to {} bytes", align_of::<T>())));
    }
    Ok(())
}

fn check_many<T>(pointer: *const T, count: usize, name: &str) -> Result<()> {
    if count == 0 {
        return Ok(());
    }
    check(pointer, name)?;
    match count.checked_mul(size_of::<T>()) {
        Some(bytes) if isize::try_from(bytes).is_ok() => Ok(()),
        _ => Err(invalid(format!("{name}: {count} values are more than memory can hold"))),
    }
}

/// A truth value, which must be 0 or 1.
pub(crate) fn flag(value: u32, name: &str) -> Result<bool> {
    match value {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(invalid(format!("{name} is {other}: it must be 0 or 1"))),
    }
}

/// An error of an argument.
pub(crate) fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments<'a>() -> Arguments<'a> {
        // SAFETY: the tests only give pointers to values of their own, or such as are refused.
        unsafe { Arguments::promised() }
    }

    #[test]
    fn values_come_and_go() {
        let numbers = [1u32, 2, 3];
        assert_eq!(*arguments().get(&raw const numbers[1], "number").unwrap(), 2);
        assert_eq!(arguments().slice(numbers.as_ptr(), 3, "numbers").unwrap(), numbers);
        assert_eq!(arguments().slice(std::ptr::null::<u32>(), 0, "numbers").unwrap(), [0u32; 0]);
        let mut number = 0u32;
        arguments().write(&raw mut number, "number", || Ok(7)).unwrap();
        assert_eq!(number, 7);
        let mut handle: *mut String = std::ptr::null_mut();
        arguments().give(&raw mut handle, "handle", || Ok("made".to_owned())).unwrap();
        assert_eq!(arguments().get(handle, "handle").unwrap(), "made");
        arguments().free(handle);
    }

    #[test]
    fn bad_pointers_are_refused_before_anything_is_done() {
        let number = [1u32, 2];
        let crooked = number.as_ptr().wrapping_byte_add(1);
        assert!(arguments().get(std::ptr::null::<u32>(), "number").is_err());
        assert!(arguments().get(crooked, "number").is_err());
        assert!(arguments().slice(number.as_ptr(), usize::MAX, "numbers").is_err());
        assert!(arguments().slice(number.as_ptr(), isize::MAX as usize / 4 + 1, "numbers").is_err());
        assert!(arguments().text(std::ptr::null(), "text").is_err());
        assert!(arguments().text(c"\xff".as_ptr(), "text").is_err());
        let made = || -> Result<u32> { panic!("the place was refused") };
        assert!(arguments().write(std::ptr::null_mut::<u32>(), "number", made).is_err());
        let mut number = 7u32;
        let failed = || -> Result<u32> { Err(invalid("no".into())) };
        assert!(arguments().write(&raw mut number, "number", failed).is_err());
        assert_eq!(number, 7);
    }

    #[test]
    fn a_text_is_cut_at_a_character() {
        let mut buffer = [7u8; 6];
        let mut needed = 0;
        let text = "aä€";
        arguments().give_text(text, buffer.as_mut_ptr().cast(), 5, &raw mut needed).unwrap();
        assert_eq!((needed, &buffer), (6, b"a\xc3\xa4\0\x07\x07"));
        arguments().give_text(text, std::ptr::null_mut(), 0, &raw mut needed).unwrap();
        assert_eq!(needed, 6);
    }

    #[test]
    fn a_buffer_is_filled_or_only_measured() {
        let mut buffer = [0u8; 3];
        let mut needed = 0;
        arguments().fill(&[1, 2, 3], std::ptr::null_mut(), 0, &raw mut needed).unwrap();
        assert_eq!(needed, 3);
        assert!(arguments().fill(&[1, 2, 3], buffer.as_mut_ptr(), 2, &raw mut needed).is_err());
        arguments().fill(&[1, 2, 3], buffer.as_mut_ptr(), 3, std::ptr::null_mut()).unwrap();
        assert_eq!(buffer, [1, 2, 3]);
    }
}
