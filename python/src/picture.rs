//! Pictures of the caller: files, encoded bytes, arrays.

use std::path::PathBuf;

use facenet_core::frame::{PixelFormat, Plane};
use facenet_core::{Error, ErrorKind, Frame, Image, Result, Runtime};
use numpy::{PyReadonlyArrayDyn, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use rayon::prelude::*;

use crate::error::raise;

/// Pictures that are in memory at the same time, decoded; as many as fill the networks.
const BATCH: usize = 32;

/// A picture as Python gives it, kept alive.
pub(crate) enum Picture<'py> {
    File(PathBuf),
    Encoded(PyBackedBytes),
    Pixels(Pixels<'py>),
}

/// An array of pixels that have been checked to be there.
pub(crate) struct Pixels<'py> {
    /// Keeps the memory, and others from writing to it through the same library.
    _array: PyReadonlyArrayDyn<'py, u8>,
    frame: Frame<'py>,
}

/// What a picture is, without the interpreter.
enum Source<'a> {
    File(&'a PathBuf),
    Encoded(&'a [u8]),
    Pixels(Frame<'a>),
}

/// Pixels that are there, or that were decoded.
enum Ready<'a> {
    Decoded(Image),
    Pixels(Frame<'a>),
}

impl<'py> Picture<'py> {
    /// The picture in `given`: a path, bytes, or an array of bytes as `format` says.
    pub(crate) fn new(given: &Bound<'py, PyAny>, format: PixelFormat) -> PyResult<Self> {
        if let Ok(array) = given.extract::<PyReadonlyArrayDyn<'py, u8>>() {
            return Pixels::new(array, format).map(Self::Pixels).map_err(raise);
        }
        if let Ok(bytes) = given.extract::<PyBackedBytes>() {
            return Ok(Self::Encoded(bytes));
        }
        given.extract::<PathBuf>().map(Self::File)
    }

    /// The pictures in a list.
    pub(crate) fn list(given: &[Bound<'py, PyAny>], format: PixelFormat) -> PyResult<Vec<Self>> {
        given.iter().map(|given| Self::new(given, format)).collect()
    }

    fn source(&self) -> Source<'_> {
        match self {
            Self::File(path) => Source::File(path),
            Self::Encoded(bytes) => Source::Encoded(bytes),
            Self::Pixels(pixels) => Source::Pixels(pixels.frame),
        }
    }
}

impl<'py> Pixels<'py> {
    fn new(array: PyReadonlyArrayDyn<'py, u8>, format: PixelFormat) -> Result<Self> {
        let (shape, strides) = (array.shape().to_vec(), array.strides().to_vec());
        let layout = Layout::new(&shape, &strides, format)?;
        let first = array.as_array().as_ptr();
        // SAFETY: the rows of the array span `bytes` bytes, the lowest of which is `before` bytes before its first element.
        // They live as long as the array, which is kept in the struct that has the frame. That no Python code writes to them
        // during a call is asked of the caller, as with every function that lets go of the interpreter.
        let data = unsafe { std::slice::from_raw_parts(first.wrapping_sub(layout.before), layout.bytes) };
        let frame = layout.frame(format, data)?;
        Ok(Self { _array: array, frame })
    }
}

/// Where the rows of an array are.
struct Layout {
    rows: usize,
    columns: usize,
    stride: isize,
    /// Bytes from the lowest to the first element.
    before: usize,
    /// Bytes from the lowest to past the last element.
    bytes: usize,
}

impl Layout {
    fn new(shape: &[usize], strides: &[isize], format: PixelFormat) -> Result<Self> {
        let invalid = |message: String| Err(Error::new(ErrorKind::FrameInvalid, message));
        let channels = match format {
            PixelFormat::Rgb | PixelFormat::Bgr => 3,
            PixelFormat::Rgba | PixelFormat::Bgra | PixelFormat::Rgbx | PixelFormat::Bgrx => 4,
            PixelFormat::Yuy2 | PixelFormat::Uyvy => 2,
            _ => 1,
        };
        let (rows, columns) = match *shape {
            [rows, columns] if channels == 1 => (rows, columns),
            [rows, columns, last] if last == channels => (rows, columns),
            _ => {
                let wanted =
                    if channels == 1 { "(height, width)".into() } else { format!("(height, width, {channels})") };
                return invalid(format!("an array of shape {shape:?} is no {} picture: {wanted} is", format.name()));
            }
        };
        if rows == 0 || columns == 0 {
            return invalid(format!("an array of shape {shape:?} has no pixels"));
        }
        let packed = strides[1] == channels as isize && strides.get(2).is_none_or(|&stride| stride == 1);
        let row = columns.saturating_mul(channels);
        // The stride of a single row says nothing.
        let stride = if rows == 1 { row as isize } else { strides[0] };
        if !packed || stride.unsigned_abs() < row {
            return invalid(format!(
                "the pixels of a row do not lie side by side (strides {strides:?}): copy the array"
            ));
        }
        let span = (rows - 1) * stride.unsigned_abs();
        Ok(Self { rows, columns, stride, before: if stride < 0 { span } else { 0 }, bytes: span + row })
    }

    fn frame<'a>(&self, format: PixelFormat, data: &'a [u8]) -> Result<Frame<'a>> {
        let size = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let width = size(self.columns);
        let whole = Plane::new(data, self.stride);
        let planar = matches!(format, PixelFormat::Nv12 | PixelFormat::Nv21 | PixelFormat::I420);
        if !planar {
            return Frame::new(format, width, size(self.rows), &[whole]);
        }
        // As OpenCV has them: the planes one below the other, two thirds of the rows luma.
        let height = self.rows / 3 * 2;
        if !self.rows.is_multiple_of(3) || !self.columns.is_multiple_of(2) || self.stride < 0 {
            let message = format!(
                "{} of {} rows and {} columns: three rows for each two of the picture, an even width, top down",
                format.name(),
                self.rows,
                self.columns
            );
            return Err(Error::new(ErrorKind::FrameInvalid, message));
        }
        let stride = self.stride.unsigned_abs();
        let (luma, chroma) = data.split_at(height * stride);
        match format {
            PixelFormat::I420 => {
                if stride != self.columns {
                    let message = "I420 in one array needs rows without padding: copy the array";
                    return Err(Error::new(ErrorKind::FrameInvalid, message));
                }
                let (u, v) = chroma.split_at(chroma.len() / 2);
                let half = self.stride / 2;
                let planes = [Plane::new(luma, self.stride), Plane::new(u, half), Plane::new(v, half)];
                Frame::new(format, width, size(height), &planes)
            }
            _ => Frame::new(
                format,
                width,
                size(height),
                &[Plane::new(luma, self.stride), Plane::new(chroma, self.stride)],
            ),
        }
    }
}

/// Gives `work` the pictures, some at a time, and joins what it makes of them. Files are read and decoded on the threads of the
/// runtime; the interpreter is let go of, and looks at its signals in between.
pub(crate) fn each_batch<T: Send>(
    py: Python<'_>,
    runtime: &Runtime,
    pictures: &[Picture<'_>],
    mut work: impl FnMut(&[Frame<'_>]) -> Result<Vec<T>> + Send,
) -> PyResult<Vec<T>> {
    let sources: Vec<Source<'_>> = pictures.iter().map(Picture::source).collect();
    let alone = sources.len() == 1;
    let mut results = Vec::with_capacity(sources.len());
    for (number, batch) in sources.chunks(BATCH).enumerate() {
        py.check_signals()?;
        let done = py.detach(|| {
            let read = |(index, source)| {
                ready(source).map_err(|error: Error| {
                    if alone { error } else { error.context(format_args!("picture {}", number * BATCH + index)) }
                })
            };
            let decode = || batch.par_iter().enumerate().map(read).collect::<Result<Vec<Ready<'_>>>>();
            let ready = runtime.pool().install(decode)?;
            let frames: Vec<Frame<'_>> = ready
                .iter()
                .map(|ready| match ready {
                    Ready::Decoded(image) => image.frame(),
                    Ready::Pixels(frame) => *frame,
                })
                .collect();
            work(&frames)
        });
        results.extend(done.map_err(raise)?);
    }
    Ok(results)
}

fn ready<'a>(source: &Source<'a>) -> Result<Ready<'a>> {
    match source {
        Source::File(path) => Image::open(path).map(Ready::Decoded),
        Source::Encoded(bytes) => Image::decode(bytes).map(Ready::Decoded),
        Source::Pixels(frame) => Ok(Ready::Pixels(*frame)),
    }
}
