//! Structs of options, which may grow: each begins with its size.

use facenet_core::{Error, ErrorKind, Result};

use crate::arguments::{self, Arguments};

/// A larger struct than this is no struct of options.
const LARGEST: usize = 4096;

/// A struct of options.
///
/// # Safety
/// It is `repr(C)`, begins with its size as a `usize`, every pattern of bytes is a value of it, and its first
/// [`FIRST_SIZE`](Self::FIRST_SIZE) bytes end with a whole field.
pub(crate) unsafe trait Options: Copy {
    /// Size of the struct in the version of the library that had it first. Fields that came later follow.
    const FIRST_SIZE: usize;

    /// The defaults, with the size of the struct.
    fn defaults() -> Self;
}

/// Fills a struct of the caller, of `size` bytes, with the defaults.
pub(crate) fn init<T: Options>(_: Arguments<'_>, options: *mut T, size: usize) -> Result<()> {
    arguments::check(options, "options")?;
    check_size::<T>(size)?;
    // SAFETY: by the promise of the arguments the struct has `size` bytes, and the size was checked.
    unsafe { store(options, size, &T::defaults()) };
    Ok(())
}

/// Fills a struct of the caller, which has been filled by [`init`], with `value`.
pub(crate) fn replace<T: Options>(_: Arguments<'_>, options: *mut T, value: &T) -> Result<()> {
    arguments::check(options, "options")?;
    // SAFETY: the struct begins with its size.
    let size = unsafe { options.cast::<usize>().read() };
    check_size::<T>(size)?;
    // SAFETY: by the promise of the arguments the struct has as many bytes as it says, and the size was checked.
    unsafe { store(options, size, value) };
    Ok(())
}

/// # Safety
/// `options` has `size` bytes, [`FIRST_SIZE`](Options::FIRST_SIZE) or more.
unsafe fn store<T: Options>(options: *mut T, size: usize, value: &T) {
    let known = size.min(size_of::<T>());
    let bytes = options.cast::<u8>();
    // SAFETY: both have `known` bytes, the caller's by promise.
    unsafe { bytes.copy_from_nonoverlapping((&raw const *value).cast(), known) };
    // SAFETY: the caller's struct has `size` bytes.
    unsafe { bytes.add(known).write_bytes(0, size - known) };
    // SAFETY: the struct begins with its size.
    unsafe { options.cast::<usize>().write(size) };
}

/// The options of the caller: the defaults if there are none, and for fields that the caller's version does not have.
pub(crate) fn read<T: Options>(_: Arguments<'_>, options: *const T) -> Result<T> {
    let mut read = T::defaults();
    if options.is_null() {
        return Ok(read);
    }
    arguments::check(options, "options")?;
    // SAFETY: the struct begins with its size.
    let size = unsafe { options.cast::<usize>().read() };
    check_size::<T>(size)?;
    let known = size.min(size_of::<T>());
    // SAFETY: by the promise of the arguments the struct has `size` bytes.
    let tail = unsafe { std::slice::from_raw_parts(options.cast::<u8>().add(known), size - known) };
    if tail.iter().any(|&byte| byte != 0) {
        let message = "options have fields that this version of the library does not know: set them to zero";
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    // SAFETY: both have `known` bytes, which end with a whole field, and any bytes are a value.
    unsafe { (&raw mut read).cast::<u8>().copy_from_nonoverlapping(options.cast(), known) };
    Ok(read)
}

fn check_size<T: Options>(size: usize) -> Result<()> {
    let has_part_of_field = size > T::FIRST_SIZE && size < size_of::<T>() && !size.is_multiple_of(align_of::<T>());
    if (T::FIRST_SIZE..=LARGEST).contains(&size) && !has_part_of_field {
        return Ok(());
    }
    let message = format!("options of {size} bytes: fill them with their init function, given the size of the struct");
    Err(Error::new(ErrorKind::InvalidArgument, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[repr(C)]
    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Grown {
        struct_size: usize,
        old: u64,
        new: u64,
    }

    // SAFETY: numbers only, the size first.
    unsafe impl Options for Grown {
        const FIRST_SIZE: usize = 16;

        fn defaults() -> Self {
            Self { struct_size: size_of::<Self>(), old: 1, new: 2 }
        }
    }

    fn arguments() -> Arguments<'static> {
        // SAFETY: the tests only give structs of the size they say.
        unsafe { Arguments::promised() }
    }

    #[repr(C)]
    struct Newer {
        grown: Grown,
        newest: u64,
    }

    #[test]
    fn an_older_caller_is_not_written_past_and_gets_defaults() {
        let mut memory = [7u64; 3];
        let options = memory.as_mut_ptr().cast::<Grown>();
        init(arguments(), options, 16).unwrap();
        assert_eq!(memory, [16, 1, 7]);
        memory[1] = 5;
        let read = read(arguments(), memory.as_ptr().cast::<Grown>()).unwrap();
        assert_eq!((read.old, read.new), (5, 2));
        replace(arguments(), memory.as_mut_ptr().cast(), &Grown { struct_size: 24, old: 3, new: 4 }).unwrap();
        assert_eq!(memory, [16, 3, 7]);
    }

    #[test]
    fn a_newer_caller_must_leave_out_what_is_not_known() {
        let mut newer = Newer { grown: Grown::defaults(), newest: 9 };
        init(arguments(), (&raw mut newer).cast::<Grown>(), size_of::<Newer>()).unwrap();
        assert_eq!((newer.grown.struct_size, newer.newest), (32, 0));
        assert!(read(arguments(), (&raw const newer).cast::<Grown>()).is_ok());
        newer.newest = 1;
        let error = read(arguments(), (&raw const newer).cast::<Grown>()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }

    #[test]
    fn sizes_that_are_none_are_refused() {
        for size in [0, 8, 15, 17, 20, 4097, usize::MAX] {
            let grown = Grown { struct_size: size, ..Grown::defaults() };
            assert!(read(arguments(), &raw const grown).is_err(), "{size}");
        }
        assert_eq!(read(arguments(), std::ptr::null::<Grown>()).unwrap(), Grown::defaults());
    }
}
