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

/// An array of pixels that have been checked to be there, or a copy of one whose pixels do not lie in rows.
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
            return Pixels::new(array, format).map(Self::Pixels);
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
    fn new(array: PyReadonlyArrayDyn<'py, u8>, format: PixelFormat) -> PyResult<Self> {
        let layout = Layout::new(array.shape(), format).map_err(raise)?;
        let array = match layout.stride(array.strides()) {
            Some(_) => array,
            None => array.call_method1("copy", ("C",))?.extract()?,
        };
        let stride = layout.stride(array.strides()).unwrap_or_default();
        let span = (layout.rows - 1) * stride.unsigned_abs();
        let before = if stride < 0 { span } else { 0 };
        let first = array.as_array().as_ptr();
        // SAFETY: the rows of the array span these bytes, of which `before` lie before its first element. They live as long as
        // the array, which is kept in the struct that has the frame. That no Python code writes to them during a call is
        // asked of the caller, as with every function that lets go of the interpreter.
        let data = unsafe { std::slice::from_raw_parts(first.wrapping_sub(before), span + layout.row()) };
        let frame = layout.frame(stride, data).map_err(raise)?;
        Ok(Self { _array: array, frame })
    }
}

/// What an array of pixels has.
struct Layout {
    format: PixelFormat,
    rows: usize,
    columns: usize,
    channels: usize,
    /// Height of the picture, which has fewer rows than the array if the planes of its colours lie below.
    height: usize,
}

impl Layout {
    fn new(shape: &[usize], format: PixelFormat) -> Result<Self> {
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
        let mut layout = Self { format, rows, columns, channels, height: rows };
        if layout.is_planar() {
            if !rows.is_multiple_of(3) || !columns.is_multiple_of(2) {
                return invalid(format!(
                    "{} of {rows} rows and {columns} columns: three rows for each two of the picture, and an even width",
                    format.name(),
                ));
            }
            layout.height = rows / 3 * 2;
        }
        // Before an array is copied that is large only because its strides are zero.
        let (width, height) = layout.size();
        match Frame::packed(format, width, height, &[]) {
            Err(error) if error.kind() == ErrorKind::ImageTooLarge => Err(error),
            _ => Ok(layout),
        }
    }

    /// Whether there are planes one below the other, as OpenCV has them.
    fn is_planar(&self) -> bool {
        matches!(self.format, PixelFormat::Nv12 | PixelFormat::Nv21 | PixelFormat::I420)
    }

    /// Width and height of the picture.
    fn size(&self) -> (u32, u32) {
        let size = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        (size(self.columns), size(self.height))
    }

    /// Bytes of a row.
    fn row(&self) -> usize {
        self.columns * self.channels
    }

    /// Bytes from row to row of an array with `strides`, if it can be read where it is: the pixels of a row side by side, and
    /// the rows apart.
    fn stride(&self, strides: &[isize]) -> Option<isize> {
        let packed = strides[1] == self.channels as isize && strides.get(2).is_none_or(|&stride| stride == 1);
        // The stride of a single row says nothing.
        let stride = if self.rows == 1 { self.row() as isize } else { strides[0] };
        let apart = stride.unsigned_abs() >= self.row();
        let in_planes = match self.format {
            // Two rows of a colour lie in one of the array.
            PixelFormat::I420 => stride == self.row() as isize,
            _ => stride > 0 || !self.is_planar(),
        };
        (packed && apart && in_planes).then_some(stride)
    }

    fn frame<'a>(&self, stride: isize, data: &'a [u8]) -> Result<Frame<'a>> {
        let (width, height) = self.size();
        if self.format == PixelFormat::I420 {
            return Frame::packed(self.format, width, height, data);
        }
        let (luma, chroma) =
            data.split_at(if self.is_planar() { self.height * stride.unsigned_abs() } else { data.len() });
        let planes = [Plane::new(luma, stride), Plane::new(chroma, stride)];
        Frame::new(self.format, width, height, &planes[..self.format.plane_count()])
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
