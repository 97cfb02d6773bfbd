//! Reading a matrix of numbers in NumPy's format.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use ndarray::{Array2, ShapeBuilder as _};

use facenet_core::error::{Error, Result};
use facenet_core::internal::limits::excerpt;

use super::invalid;

/// NumPy's own limit of a header that it reads without being told to trust the file.
const LONGEST_HEADER: usize = 10_000;

/// Bytes that are read at a time, a multiple of those of a number.
const STRETCH: usize = 1 << 16;

/// Reads the matrix in a file. No more memory is taken than the file has bytes.
pub(super) fn read(path: &Path) -> Result<Array2<f32>> {
    let io = |error| Error::io("read", path, error);
    let mut file = BufReader::new(File::open(path).map_err(io)?);
    let length = file.get_ref().metadata().map_err(io)?.len();
    let mut start = [0; 10];
    file.read_exact(&mut start).map_err(|error| invalid(path, &error))?;
    let size = match start {
        [0x93, b'N', b'U', b'M', b'P', b'Y', 1, _, low, high] => u16::from_le_bytes([low, high]).into(),
        [0x93, b'N', b'U', b'M', b'P', b'Y', 2 | 3, _, a, b] => {
            let mut rest = [0; 2];
            file.read_exact(&mut rest).map_err(|error| invalid(path, &error))?;
            u32::from_le_bytes([a, b, rest[0], rest[1]]) as usize
        }
        _ => return Err(invalid(path, &"it is no file of NumPy's format 1, 2 or 3")),
    };
    if size > LONGEST_HEADER {
        return Err(invalid(path, &format_args!("its header has {size} bytes, more than {LONGEST_HEADER}")));
    }
    let mut header = vec![0; size];
    file.read_exact(&mut header).map_err(|error| invalid(path, &error))?;
    let header = String::from_utf8_lossy(&header);
    let Some(Header { number, is_fortran, shape }) = Header::parse(&header) else {
        return Err(invalid(path, &format_args!("it is no array of floats, but {}", excerpt(header.trim()))));
    };
    let [rows, columns] = *shape else {
        return Err(invalid(path, &format_args!("an array of shape {shape:?} is no matrix")));
    };
    // Without columns, no byte of the file would stand for a row.
    let values = rows.checked_mul(columns).filter(|_| columns > 0 || rows == 0);
    let Some(bytes) =
        values.and_then(|values| values.checked_mul(number.size())).filter(|&bytes| bytes as u64 <= length)
    else {
        return Err(invalid(path, &format_args!("it breaks off, having {length} bytes for an array of {shape:?}")));
    };
    let values = number.read(&mut file, bytes).map_err(|error| invalid(path, &error))?;
    if !matches!(file.read(&mut [0]), Ok(0)) {
        return Err(invalid(path, &"something follows the array"));
    }
    Array2::from_shape_vec((rows, columns).set_f(is_fortran), values).map_err(|error| invalid(path, &error))
}

/// How a number is stored.
#[derive(Clone, Copy)]
enum Number {
    Single,
    SingleBigEndian,
    Double,
    DoubleBigEndian,
}

impl Number {
    fn of(description: &str) -> Option<Self> {
        Some(match description {
            "<f4" => Self::Single,
            ">f4" => Self::SingleBigEndian,
            "<f8" => Self::Double,
            ">f8" => Self::DoubleBigEndian,
            _ => return None,
        })
    }

    fn size(self) -> usize {
        match self {
            Self::Single | Self::SingleBigEndian => 4,
            Self::Double | Self::DoubleBigEndian => 8,
        }
    }

    /// Reads so many bytes, which are whole numbers. A file with holes may be larger than the memory of the machine.
    fn read(self, file: &mut impl Read, bytes: usize) -> io::Result<Vec<f32>> {
        let mut values = Vec::new();
        values.try_reserve_exact(bytes / self.size()).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
        let mut buffer = vec![0; STRETCH.min(bytes)];
        let mut left = bytes;
        while left > 0 {
            let stretch = &mut buffer[..STRETCH.min(left)];
            file.read_exact(stretch)?;
            self.append(stretch, &mut values);
            left -= stretch.len();
        }
        Ok(values)
    }

    fn append(self, bytes: &[u8], values: &mut Vec<f32>) {
        let singles = bytes.as_chunks().0.iter().copied();
        let doubles = bytes.as_chunks().0.iter().copied();
        match self {
            Self::Single => values.extend(singles.map(f32::from_le_bytes)),
            Self::SingleBigEndian => values.extend(singles.map(f32::from_be_bytes)),
            Self::Double => values.extend(doubles.map(|bytes| f64::from_le_bytes(bytes) as f32)),
            Self::DoubleBigEndian => values.extend(doubles.map(|bytes| f64::from_be_bytes(bytes) as f32)),
        }
    }
}

/// What a header says: a literal of Python's dict with three entries in any order.
struct Header {
    number: Number,
    is_fortran: bool,
    shape: Vec<usize>,
}

impl Header {
    fn parse(text: &str) -> Option<Self> {
        let (mut number, mut is_fortran, mut shape) = (None, None, None);
        let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim_start();
        while !rest.is_empty() {
            let (key, after) = string(rest)?;
            let value = after.trim_start().strip_prefix(':')?.trim_start();
            let after = match key {
                "descr" => {
                    let (description, after) = string(value)?;
                    number = Some(Number::of(description)?);
                    after
                }
                "fortran_order" => {
                    let (is, word) = if value.starts_with("True") { (true, "True") } else { (false, "False") };
                    is_fortran = Some(is);
                    value.strip_prefix(word)?
                }
                "shape" => {
                    let (sizes, after) = value.strip_prefix('(')?.split_once(')')?;
                    let sizes = sizes.split(',').map(str::trim).filter(|size| !size.is_empty());
                    shape = Some(sizes.map(|size| size.parse().ok()).collect::<Option<_>>()?);
                    after
                }
                _ => return None,
            };
            rest = after.trim_start();
            rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
        }
        Some(Self { number: number?, is_fortran: is_fortran?, shape: shape? })
    }
}

/// The string at the beginning of a text, in either kind of quotes, and what follows it.
fn string(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    text[1..].split_once(quote)
}
