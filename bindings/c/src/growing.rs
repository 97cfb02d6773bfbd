//! Structs that may grow in later versions: options, frames, and results that the caller allocates. Each begins with its size.

use std::marker::PhantomData;

use facenet_core::{Error, ErrorKind, Result};

use crate::arguments::{self, Arguments};

/// A larger size than this is a mistake.
const LARGEST: usize = 4096;

/// A struct that may grow.
///
/// # Safety
/// It is `repr(C)`, begins with its size as a `usize`, every pattern of bytes is a value of it, and its first
/// [`FIRST_SIZE`](Self::FIRST_SIZE) bytes end with a whole field.
pub(crate) unsafe trait Growing: Copy {
    /// Size of the struct in the version of the library that had it first. Fields that came later follow.
    const FIRST_SIZE: usize;

    /// The defaults, with the size of the struct.
    fn defaults() -> Self;
}

/// Fills a struct of the caller, of `size` bytes, with the defaults.
pub(crate) fn init<T: Growing>(_: Arguments<'_>, options: *mut T, size: usize) -> Result<()> {
    arguments::check(options, "options")?;
    check_size::<T>(size)?;
    // SAFETY: by the promise of the arguments the struct has `size` bytes, and the size was checked.
    unsafe { store(options, size, &T::defaults()) };
    Ok(())
}

/// Structs of the caller that get results, one after the other. Each is as large as the first says.
pub(crate) struct Places<'a, T> {
    first: *mut T,
    size: usize,
    count: usize,
    arguments: PhantomData<Arguments<'a>>,
}

impl<T: Growing> Places<'_, T> {
    /// Fills the structs with `values`, as many as there are of both.
    pub(crate) fn fill(self, values: impl IntoIterator<Item = T>) {
        for (index, value) in (0..self.count).zip(values) {
            // SAFETY: by the promise of the arguments there are `count` structs of `size` bytes, and the size was checked.
            unsafe { store(self.first.wrapping_byte_add(index * self.size), self.size, &value) };
        }
    }
}

/// The struct of the caller that gets a result.
pub(crate) fn place<'a, T: Growing>(args: Arguments<'a>, place: *mut T, name: &str) -> Result<Places<'a, T>> {
    places(args, place, 1, name)
}

/// The same, or none if the caller does not want the result.
pub(crate) fn optional_place<'a, T: Growing>(
    args: Arguments<'a>,
    pointer: *mut T,
    name: &str,
) -> Result<Option<Places<'a, T>>> {
    if pointer.is_null() { Ok(None) } else { place(args, pointer, name).map(Some) }
}

/// `count` structs of the caller that get results.
pub(crate) fn places<'a, T: Growing>(
    _: Arguments<'a>,
    first: *mut T,
    count: usize,
    name: &str,
) -> Result<Places<'a, T>> {
    let size = if count == 0 { 0 } else { size_of_each(first, count, name)? };
    Ok(Places { first, size, count, arguments: PhantomData })
}

/// `count` structs of the caller, one after the other. Each is as large as the first says.
pub(crate) fn read_many<T: Growing>(_: Arguments<'_>, first: *const T, count: usize, name: &str) -> Result<Vec<T>> {
    let size = if count == 0 { 0 } else { size_of_each(first, count, name)? };
    // SAFETY: by the promise of the arguments there are `count` structs of `size` bytes, and the size was checked.
    (0..count).map(|index| unsafe { load(first.wrapping_byte_add(index * size), size) }).collect()
}

fn size_of_each<T: Growing>(first: *const T, count: usize, name: &str) -> Result<usize> {
    arguments::check(first, name)?;
    // SAFETY: by the promise of the arguments the struct is there, and it begins with its size.
    let size = unsafe { first.cast::<usize>().read() };
    check_size::<T>(size)?;
    if count > 1 && !size.is_multiple_of(align_of::<T>()) {
        return Err(refused(size));
    }
    match count.checked_mul(size) {
        Some(bytes) if isize::try_from(bytes).is_ok() => Ok(size),
        _ => Err(arguments::invalid(format!("{name}: {count} structs are more than memory can hold"))),
    }
}

/// # Safety
/// `options` has `size` bytes, [`FIRST_SIZE`](Growing::FIRST_SIZE) or more.
unsafe fn store<T: Growing>(options: *mut T, size: usize, value: &T) {
    let known = size.min(size_of::<T>());
    let bytes = options.cast::<u8>();
    // SAFETY: both have `known` bytes, the caller's by promise.
    unsafe { bytes.copy_from_nonoverlapping((&raw const *value).cast(), known) };
    // SAFETY: the caller's struct has `size` bytes.
    unsafe { bytes.wrapping_add(known).write_bytes(0, size - known) };
    // SAFETY: the struct begins with its size.
    unsafe { options.cast::<usize>().write(size) };
}

/// The options of the caller: the defaults if there are none, and for fields that the caller's version does not have.
pub(crate) fn read<T: Growing>(_: Arguments<'_>, options: *const T) -> Result<T> {
    if options.is_null() {
        return Ok(T::defaults());
    }
    let size = size_of_each(options, 1, "options")?;
    // SAFETY: by the promise of the arguments the struct has as many bytes as it says, and the size was checked.
    unsafe { load(options, size) }
}

/// # Safety
/// `options` has `size` bytes, [`FIRST_SIZE`](Growing::FIRST_SIZE) or more.
unsafe fn load<T: Growing>(options: *const T, size: usize) -> Result<T> {
    let mut read = T::defaults();
    let known = size.min(size_of::<T>());
    // SAFETY: the caller's struct has `size` bytes.
    let tail = unsafe { std::slice::from_raw_parts(options.cast::<u8>().wrapping_add(known), size - known) };
    if tail.iter().any(|&byte| byte != 0) {
        let message = "a struct has fields that this version of the library does not know: set them to zero";
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    // SAFETY: both have `known` bytes, which end with a whole field, and any bytes are a value.
    unsafe { (&raw mut read).cast::<u8>().copy_from_nonoverlapping(options.cast(), known) };
    Ok(read)
}

fn check_size<T: Growing>(size: usize) -> Result<()> {
    let has_part_of_field = size > T::FIRST_SIZE && size < size_of::<T>() && !size.is_multiple_of(align_of::<T>());
    if (T::FIRST_SIZE..=LARGEST).contains(&size) && !has_part_of_field { Ok(()) } else { Err(refused(size)) }
}

fn refused(size: usize) -> Error {
    arguments::invalid(format!(
        "struct_size is {size}: set it to the size of the struct, or fill the struct with its init function"
    ))
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
    unsafe impl Growing for Grown {
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
        place(arguments(), memory.as_mut_ptr().cast(), "place").unwrap().fill([Grown {
            struct_size: 24,
            old: 3,
            new: 4,
        }]);
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

    #[test]
    fn structs_in_a_row_are_as_large_as_the_first_says() {
        let value = |old, new| Grown { struct_size: size_of::<Grown>(), old, new };
        let mut older = [16u64, 0, 0, 0, 9];
        places(arguments(), older.as_mut_ptr().cast(), 2, "older").unwrap().fill([value(1, 2), value(3, 4)]);
        assert_eq!(older, [16, 1, 16, 3, 9]);
        older[2] = 0;
        let read = read_many(arguments(), older.as_ptr().cast::<Grown>(), 2, "older").unwrap();
        // The field that the older caller lacks has its default.
        let read: Vec<_> = read.iter().map(|each| (each.old, each.new)).collect();
        assert_eq!(read, [(1, 2), (3, 2)]);
        let mut newer = [32u64, 0, 0, 7, 0, 0, 0, 7];
        places(arguments(), newer.as_mut_ptr().cast(), 2, "newer").unwrap().fill([value(1, 2), value(3, 4)]);
        assert_eq!(newer, [32, 1, 2, 0, 32, 3, 4, 0]);
        assert!(places(arguments(), newer.as_mut_ptr().cast::<Grown>(), usize::MAX, "newer").is_err());
        assert!(places(arguments(), std::ptr::null_mut::<Grown>(), 1, "none").is_err());
        assert!(places(arguments(), std::ptr::null_mut::<Grown>(), 0, "none").is_ok());
    }
}
