//! Frames: pixels of the caller.

use facenet_core::frame::{ColorMatrix, ColorRange, PixelFormat, Plane, Rotation};
use facenet_core::{Error, ErrorKind, Frame, Result};

use crate::arguments::{self, Arguments};
use crate::growing::{self, Growing};
use crate::status::facenet_status;

/// Layout of pixels in memory: FACENET_PIXEL_FORMAT_...
///
/// @since 0.1
pub type facenet_pixel_format = u32;
/// Red, green, blue; `3 * width` bytes a row.
pub const FACENET_PIXEL_FORMAT_RGB: facenet_pixel_format = 0;
/// Blue, green, red; `3 * width` bytes a row. OpenCV's order.
pub const FACENET_PIXEL_FORMAT_BGR: facenet_pixel_format = 1;
/// Red, green, blue, alpha; `4 * width` bytes a row. The alpha is dropped.
pub const FACENET_PIXEL_FORMAT_RGBA: facenet_pixel_format = 2;
/// Blue, green, red, alpha; `4 * width` bytes a row. The alpha is dropped.
pub const FACENET_PIXEL_FORMAT_BGRA: facenet_pixel_format = 3;
/// Red, green, blue, one unused byte; `4 * width` bytes a row.
pub const FACENET_PIXEL_FORMAT_RGBX: facenet_pixel_format = 4;
/// Blue, green, red, one unused byte; `4 * width` bytes a row.
pub const FACENET_PIXEL_FORMAT_BGRX: facenet_pixel_format = 5;
/// Luma alone; `width` bytes a row.
pub const FACENET_PIXEL_FORMAT_GRAY8: facenet_pixel_format = 6;
/// 4:2:0 in two planes: Y, then U and V in turn.
pub const FACENET_PIXEL_FORMAT_NV12: facenet_pixel_format = 7;
/// 4:2:0 in two planes: Y, then V and U in turn.
pub const FACENET_PIXEL_FORMAT_NV21: facenet_pixel_format = 8;
/// 4:2:0 in three planes: Y, U, V.
pub const FACENET_PIXEL_FORMAT_I420: facenet_pixel_format = 9;
/// 4:2:2 in one plane, also called YUYV: Y, U, Y, V; `4 * ceil(width / 2)` bytes a row.
pub const FACENET_PIXEL_FORMAT_YUY2: facenet_pixel_format = 10;
/// 4:2:2 in one plane: U, Y, V, Y; `4 * ceil(width / 2)` bytes a row.
pub const FACENET_PIXEL_FORMAT_UYVY: facenet_pixel_format = 11;

/// Range of luma and chroma values: FACENET_COLOR_RANGE_...
///
/// @since 0.1
pub type facenet_color_range = u32;
/// The range that is usual for the format: limited for YUV, full for gray and RGB.
pub const FACENET_COLOR_RANGE_DEFAULT: facenet_color_range = 0;
/// Luma from 16 to 235, chroma from 16 to 240: what video decoders and most cameras give.
pub const FACENET_COLOR_RANGE_LIMITED: facenet_color_range = 1;
/// All values from 0 to 255: decoded JPEG and motion JPEG.
pub const FACENET_COLOR_RANGE_FULL: facenet_color_range = 2;

/// Matrix between YUV and RGB: FACENET_COLOR_MATRIX_...
///
/// @since 0.1
pub type facenet_color_matrix = u32;
/// BT.601 up to a height of 576, BT.709 above.
pub const FACENET_COLOR_MATRIX_DEFAULT: facenet_color_matrix = 0;
/// ITU-R BT.601: standard definition, JPEG.
pub const FACENET_COLOR_MATRIX_BT601: facenet_color_matrix = 1;
/// ITU-R BT.709: high definition.
pub const FACENET_COLOR_MATRIX_BT709: facenet_color_matrix = 2;
/// ITU-R BT.2020, non-constant luminance: ultra high definition.
pub const FACENET_COLOR_MATRIX_BT2020: facenet_color_matrix = 3;

/// Where pixels lie: FACENET_MEMORY_...
///
/// @since 0.1
pub type facenet_memory = u32;
/// Pixels in main memory.
pub const FACENET_MEMORY_HOST: facenet_memory = 0;

/// Most planes of a frame.
pub const FACENET_MAX_PLANES: usize = 4;

/// Bytes of a frame, borrowed for a call.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_plane {
    /// The byte with the lowest address.
    pub data: *const u8,
    /// Bytes from `data` to the end. The last row may end where its pixels end.
    pub size: usize,
    /// Bytes from the start of a row to the start of the row below it, no fewer than those of a row. Negative if the
    /// rows are stored from the bottom up: `data` then begins with the bottom row.
    pub stride: isize,
}

/// A picture of the caller, borrowed for a call: fill it with facenet_frame_init, then set format, size and planes.
///
/// Every plane is checked against its size before a byte of it is read. Widths and heights that a format halves are
/// rounded up.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_frame {
    /// Bytes of this struct.
    pub struct_size: usize,
    /// FACENET_PIXEL_FORMAT_...
    pub format: facenet_pixel_format,
    /// Width in pixels, 1 to 65535.
    pub width: u32,
    /// Height in pixels, 1 to 65535; together no more than 2^28 pixels.
    pub height: u32,
    /// FACENET_COLOR_RANGE_...
    pub range: facenet_color_range,
    /// FACENET_COLOR_MATRIX_...
    pub matrix: facenet_color_matrix,
    /// Degrees by which the pixels must be turned clockwise to stand upright: 0, 90, 180 or 270.
    pub rotation: u32,
    /// 1 if the upright picture is then to be mirrored left to right, else 0.
    pub mirror: u32,
    /// FACENET_MEMORY_HOST.
    pub memory_type: facenet_memory,
    /// As many planes as the format has.
    pub planes: [facenet_plane; FACENET_MAX_PLANES],
}

// SAFETY: numbers and pointers, the size first.
unsafe impl Growing for facenet_frame {
    const FIRST_SIZE: usize = size_of::<Self>();

    fn defaults() -> Self {
        let plane = facenet_plane { data: std::ptr::null(), size: 0, stride: 0 };
        Self {
            struct_size: size_of::<Self>(),
            format: FACENET_PIXEL_FORMAT_RGB,
            width: 0,
            height: 0,
            range: FACENET_COLOR_RANGE_DEFAULT,
            matrix: FACENET_COLOR_MATRIX_DEFAULT,
            rotation: 0,
            mirror: 0,
            memory_type: FACENET_MEMORY_HOST,
            planes: [plane; FACENET_MAX_PLANES],
        }
    }
}

/// Fills a frame with the defaults: RGB of no size, upright.
///
/// @param frame  the frame
/// @param size   sizeof(facenet_frame) where the caller was compiled
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_frame_init(frame: *mut facenet_frame, size: usize) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| growing::init(args, frame, size))
}

/// The frame of the caller.
pub(crate) fn read<'a>(args: Arguments<'a>, frame: *const facenet_frame) -> Result<Frame<'a>> {
    arguments::check(frame, "frame")?;
    over(args, &growing::read(args, frame)?)
}

/// The frames of the caller, one after the other.
pub(crate) fn read_many<'a>(args: Arguments<'a>, frames: *const facenet_frame, count: usize) -> Result<Vec<Frame<'a>>> {
    growing::read_many(args, frames, count, "frames")?.iter().map(|frame| over(args, frame)).collect()
}

fn over<'a>(args: Arguments<'a>, frame: &facenet_frame) -> Result<Frame<'a>> {
    if frame.memory_type != FACENET_MEMORY_HOST {
        return Err(unknown("memory_type", frame.memory_type));
    }
    let format = format(frame.format)?;
    let planes = frame.planes.iter().take(format.plane_count()).enumerate().map(|(index, plane)| {
        let data = args.slice(plane.data, plane.size, &format!("planes[{index}].data"))?;
        Ok(Plane::new(data, plane.stride))
    });
    let planes = planes.collect::<Result<Vec<_>>>()?;
    let mut read = Frame::new(format, frame.width, frame.height, &planes)?;
    match frame.range {
        FACENET_COLOR_RANGE_DEFAULT => {}
        FACENET_COLOR_RANGE_LIMITED => read = read.with_range(ColorRange::Limited),
        FACENET_COLOR_RANGE_FULL => read = read.with_range(ColorRange::Full),
        other => return Err(unknown("range", other)),
    }
    match frame.matrix {
        FACENET_COLOR_MATRIX_DEFAULT => {}
        FACENET_COLOR_MATRIX_BT601 => read = read.with_matrix(ColorMatrix::Bt601),
        FACENET_COLOR_MATRIX_BT709 => read = read.with_matrix(ColorMatrix::Bt709),
        FACENET_COLOR_MATRIX_BT2020 => read = read.with_matrix(ColorMatrix::Bt2020),
        other => return Err(unknown("matrix", other)),
    }
    let rotation = Rotation::from_degrees(frame.rotation).ok_or_else(|| unknown("rotation", frame.rotation))?;
    let mirror = arguments::flag(frame.mirror, "mirror")?;
    Ok(read.with_rotation(rotation).with_mirror(mirror))
}

fn format(number: facenet_pixel_format) -> Result<PixelFormat> {
    Ok(match number {
        FACENET_PIXEL_FORMAT_RGB => PixelFormat::Rgb,
        FACENET_PIXEL_FORMAT_BGR => PixelFormat::Bgr,
        FACENET_PIXEL_FORMAT_RGBA => PixelFormat::Rgba,
        FACENET_PIXEL_FORMAT_BGRA => PixelFormat::Bgra,
        FACENET_PIXEL_FORMAT_RGBX => PixelFormat::Rgbx,
        FACENET_PIXEL_FORMAT_BGRX => PixelFormat::Bgrx,
        FACENET_PIXEL_FORMAT_GRAY8 => PixelFormat::Gray8,
        FACENET_PIXEL_FORMAT_NV12 => PixelFormat::Nv12,
        FACENET_PIXEL_FORMAT_NV21 => PixelFormat::Nv21,
        FACENET_PIXEL_FORMAT_I420 => PixelFormat::I420,
        FACENET_PIXEL_FORMAT_YUY2 => PixelFormat::Yuy2,
        FACENET_PIXEL_FORMAT_UYVY => PixelFormat::Uyvy,
        other => return Err(unknown("format", other)),
    })
}

fn unknown(field: &str, value: u32) -> Error {
    Error::new(
        ErrorKind::InvalidArgument,
        format!("{field} is {value}, which this version of the library does not know"),
    )
}
