//! What the bytes of a frame mean: pixel formats, colour range, colour matrix.

/// How the pixels of a frame are stored. All samples have 8 bits.
///
/// The row sizes below are the bytes that hold pixels; a plane's stride may be larger. With an odd width or
/// height the last column or row of the chroma samples covers a single column or row of pixels, so sizes that
/// are halved are rounded up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PixelFormat {
    /// Red, green, blue. One plane, `3 * width` bytes a row.
    Rgb,
    /// Blue, green, red. One plane, `3 * width` bytes a row.
    Bgr,
    /// Red, green, blue, alpha. One plane, `4 * width` bytes a row. The alpha is dropped.
    Rgba,
    /// Blue, green, red, alpha. One plane, `4 * width` bytes a row. The alpha is dropped.
    Bgra,
    /// Red, green, blue, one unused byte. One plane, `4 * width` bytes a row.
    Rgbx,
    /// Blue, green, red, one unused byte. One plane, `4 * width` bytes a row.
    Bgrx,
    /// Luma alone. One plane, `width` bytes a row.
    Gray8,
    /// 4:2:0. A plane of Y (`width` bytes a row) and one of U and V in turn (`2 * ceil(width / 2)` bytes a row,
    /// `ceil(height / 2)` rows).
    Nv12,
    /// As [`PixelFormat::Nv12`], but V before U.
    Nv21,
    /// 4:2:0. A plane of Y, one of U, one of V; the latter two `ceil(width / 2)` bytes a row, `ceil(height / 2)` rows.
    I420,
    /// 4:2:2, also called YUYV: Y, U, Y, V for each two pixels. One plane, `4 * ceil(width / 2)` bytes a row.
    Yuy2,
    /// 4:2:2: U, Y, V, Y for each two pixels. One plane, `4 * ceil(width / 2)` bytes a row.
    Uyvy,
}

impl PixelFormat {
    /// Every format.
    pub const ALL: &'static [PixelFormat] = &[
        Self::Rgb,
        Self::Bgr,
        Self::Rgba,
        Self::Bgra,
        Self::Rgbx,
        Self::Bgrx,
        Self::Gray8,
        Self::Nv12,
        Self::Nv21,
        Self::I420,
        Self::Yuy2,
        Self::Uyvy,
    ];

    /// The format's name as video software writes it, e.g. `NV12`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rgb => "RGB",
            Self::Bgr => "BGR",
            Self::Rgba => "RGBA",
            Self::Bgra => "BGRA",
            Self::Rgbx => "RGBx",
            Self::Bgrx => "BGRx",
            Self::Gray8 => "GRAY8",
            Self::Nv12 => "NV12",
            Self::Nv21 => "NV21",
            Self::I420 => "I420",
            Self::Yuy2 => "YUY2",
            Self::Uyvy => "UYVY",
        }
    }

    /// The number of planes, 1 to 3.
    pub const fn plane_count(self) -> usize {
        match self {
            Self::Nv12 | Self::Nv21 => 2,
            Self::I420 => 3,
            _ => 1,
        }
    }

    /// The bytes of a row and the number of rows of plane `index` in an image of `width` x `height` pixels.
    ///
    /// `None` if the format has no such plane or a row has more bytes than the address space.
    ///
    /// ```
    /// use facenet::frame::PixelFormat;
    ///
    /// assert_eq!(PixelFormat::Nv12.plane_size(1, 321, 241), Some((322, 121)));
    /// assert_eq!(PixelFormat::Nv12.plane_size(2, 321, 241), None);
    /// ```
    pub fn plane_size(self, index: usize, width: u32, height: u32) -> Option<(usize, usize)> {
        let (width, height) = (usize::try_from(width).ok()?, usize::try_from(height).ok()?);
        let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
        let (samples, bytes_each, rows) = match (self, index) {
            (Self::Rgb | Self::Bgr, 0) => (width, 3, height),
            (Self::Rgba | Self::Bgra | Self::Rgbx | Self::Bgrx, 0) => (width, 4, height),
            (Self::Gray8 | Self::Nv12 | Self::Nv21 | Self::I420, 0) => (width, 1, height),
            (Self::Nv12 | Self::Nv21, 1) => (half_width, 2, half_height),
            (Self::I420, 1 | 2) => (half_width, 1, half_height),
            (Self::Yuy2 | Self::Uyvy, 0) => (half_width, 4, height),
            _ => return None,
        };
        Some((samples.checked_mul(bytes_each)?, rows))
    }

    /// Whether two pixels beside each other share their chroma samples.
    pub(super) const fn has_shared_chroma(self) -> bool {
        matches!(self, Self::Nv12 | Self::Nv21 | Self::I420 | Self::Yuy2 | Self::Uyvy)
    }
}

/// Which sample values mean black and white.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColorRange {
    /// Luma from 16 to 235, chroma from 16 to 240: what video decoders and most cameras give.
    ///
    /// Luma below 16 counts as 16.
    Limited,
    /// All values from 0 to 255: decoded JPEG and motion JPEG.
    Full,
}

/// The matrix between RGB and YUV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColorMatrix {
    /// ITU-R BT.601: standard definition, JPEG.
    Bt601,
    /// ITU-R BT.709: high definition.
    Bt709,
    /// ITU-R BT.2020, non-constant luminance: ultra high definition.
    Bt2020,
}
