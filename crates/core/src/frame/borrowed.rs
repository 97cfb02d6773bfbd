//! Borrowed pixels of any format.

use super::orientation::Orientation;
use super::plane::Rows;
use super::{ColorMatrix, ColorRange, Image, PixelFormat, Plane, Region, RgbView, Rotation, convert};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Point, Rect};
use crate::internal::pool::ObjectPool;

const MAX_PLANES: usize = 3;

/// Borrowed pixels: format, size, planes, and how to turn them upright.
///
/// A frame is made once the planes are known to hold all of its pixels. It copies nothing, is small, and may be
/// used by many threads at once.
///
/// The *stored* image is what lies in the planes, with a size of [`width`](Frame::width) x
/// [`height`](Frame::height). The *upright* image is the stored one after [rotation](Frame::with_rotation) and
/// [mirroring](Frame::with_mirror); faces are sought in it. Positions are measured from the left and top edges, so
/// that the top left pixel covers the square from (0, 0) to (1, 1).
///
/// ```
/// use facenet::frame::{ColorMatrix, ColorRange, PixelFormat, Plane, Rotation};
/// use facenet::{Frame, Point};
///
/// # fn main() -> facenet::Result<()> {
/// // NV12 from a camera that hangs on its side, with rows padded to 352 bytes.
/// let (y, uv) = (vec![128; 352 * 240], vec![128; 352 * 120]);
/// let frame = Frame::new(PixelFormat::Nv12, 320, 240, &[Plane::new(&y, 352), Plane::new(&uv, 352)])?
///     .with_range(ColorRange::Limited)
///     .with_matrix(ColorMatrix::Bt709)
///     .with_rotation(Rotation::Clockwise90);
/// assert_eq!(frame.upright_size(), (240, 320));
/// assert_eq!(frame.to_upright(Point::new(0.0, 0.0)), Point::new(240.0, 0.0));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    format: PixelFormat,
    width: u32,
    height: u32,
    planes: [Rows<'a>; MAX_PLANES],
    range: Option<ColorRange>,
    matrix: Option<ColorMatrix>,
    rotation: Rotation,
    mirror: bool,
}

/// The upright RGB pixels of a frame: borrowed where they are upright RGB already, converted otherwise.
#[derive(Debug)]
pub enum Upright<'a> {
    /// The frame's own pixels.
    Borrowed(RgbView<'a>),
    /// Converted pixels.
    Owned(Image),
}

impl Upright<'_> {
    /// The pixels.
    pub fn view(&self) -> RgbView<'_> {
        match self {
            Upright::Borrowed(view) => *view,
            Upright::Owned(image) => image.view(),
        }
    }

    /// Keeps the image, if there is one, for the next frame; not one so large that it would be a burden.
    pub(crate) fn give_back(self, spare: &ObjectPool<Image>) {
        const LARGEST: usize = 64 << 20;
        if let Upright::Owned(image) = self
            && image.data().len() <= LARGEST
        {
            spare.put(image);
        }
    }
}

/// # Making frames
impl<'a> Frame<'a> {
    /// The largest width and height of a frame or image, in pixels.
    pub const MAX_SIDE: u32 = 65_535;
    /// The largest number of pixels of a frame or image.
    pub const MAX_PIXELS: u64 = 1 << 28;

    /// A frame of `width` x `height` pixels over as many planes as `format` has.
    ///
    /// The colour range and matrix have defaults, see [`Frame::range`] and [`Frame::matrix`]; the frame is taken as
    /// upright and not mirrored.
    ///
    /// # Errors
    /// [`ErrorKind::FrameInvalid`] if a side is zero, the number of planes is wrong, a stride is smaller than a row
    /// or a plane has too few bytes (see [`PixelFormat::plane_size`]); [`ErrorKind::ImageTooLarge`] past
    /// [`Frame::MAX_SIDE`] or [`Frame::MAX_PIXELS`].
    pub fn new(format: PixelFormat, width: u32, height: u32, planes: &[Plane<'a>]) -> Result<Self> {
        check_size(width, height)?;
        if planes.len() != format.plane_count() {
            return Err(Error::new(
                ErrorKind::FrameInvalid,
                format!("a {} frame has {} plane(s), {} given", format.name(), format.plane_count(), planes.len()),
            ));
        }
        let mut rows = [Rows::default(); MAX_PLANES];
        for (index, (&plane, rows)) in planes.iter().zip(&mut rows).enumerate() {
            let (row_bytes, count) = size_of_plane(format, index, width, height)?;
            *rows = Rows::new(plane, row_bytes, count).map_err(|error| {
                error.context(format_args!("plane {index} of a {} frame of {width}x{height}", format.name()))
            })?;
        }
        Ok(Self {
            format,
            width,
            height,
            planes: rows,
            range: None,
            matrix: None,
            rotation: Rotation::None,
            mirror: false,
        })
    }

    /// A frame over one buffer without padding: row after row, plane after plane. Bytes past the last plane are ignored.
    ///
    /// # Errors
    /// As [`Frame::new`].
    ///
    /// ```
    /// use facenet::frame::{Frame, PixelFormat};
    ///
    /// # fn main() -> facenet::Result<()> {
    /// let raw_video = vec![0; 322 * 242 * 3 / 2];
    /// let frame = Frame::packed(PixelFormat::I420, 322, 242, &raw_video)?;
    /// assert!(Frame::packed(PixelFormat::I420, 322, 242, &raw_video[1..]).is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn packed(format: PixelFormat, width: u32, height: u32, data: &'a [u8]) -> Result<Self> {
        check_size(width, height)?;
        let mut planes = [Plane::new(&[], 0); MAX_PLANES];
        let planes = &mut planes[..format.plane_count()];
        let mut rest = data;
        for (index, plane) in planes.iter_mut().enumerate() {
            let (row_bytes, rows) = size_of_plane(format, index, width, height)?;
            // A plane that is cut short is refused below, with all that is needed in the message.
            let (bytes, after) = rest.split_at(row_bytes.saturating_mul(rows).min(rest.len()));
            *plane = Plane::new(bytes, row_bytes.try_into().unwrap_or(isize::MAX));
            rest = after;
        }
        Self::new(format, width, height, planes)
    }

    /// A frame over RGB pixels without padding, row after row.
    ///
    /// # Errors
    /// As [`Frame::new`].
    pub fn rgb(width: u32, height: u32, data: &'a [u8]) -> Result<Self> {
        Self::packed(PixelFormat::Rgb, width, height, data)
    }

    /// A frame over BGR pixels without padding, row after row: OpenCV's order.
    ///
    /// # Errors
    /// As [`Frame::new`].
    pub fn bgr(width: u32, height: u32, data: &'a [u8]) -> Result<Self> {
        Self::packed(PixelFormat::Bgr, width, height, data)
    }

    /// The frame of an image, whose size and length are right already.
    pub(super) fn of_image(image: &'a Image) -> Self {
        let (width, height) = (image.width(), image.height());
        let rows = Rows::packed(image.data(), 3 * width as usize, height as usize);
        Self {
            format: PixelFormat::Rgb,
            width,
            height,
            planes: [rows, Rows::default(), Rows::default()],
            range: None,
            matrix: None,
            rotation: Rotation::None,
            mirror: false,
        }
    }

    /// The frame of upright pixels, whose size and length are right already.
    pub(crate) fn of_view(view: RgbView<'a>) -> Self {
        Self {
            format: PixelFormat::Rgb,
            width: view.width() as u32,
            height: view.height() as u32,
            planes: [Rows::of_view(view), Rows::default(), Rows::default()],
            range: None,
            matrix: None,
            rotation: Rotation::None,
            mirror: false,
        }
    }

    /// The same frame, its upright image turned further by `turn`.
    ///
    /// ```
    /// use facenet::frame::{Frame, Rotation};
    ///
    /// let pixels = [0; 6];
    /// let frame = Frame::rgb(2, 1, &pixels)?.with_rotation(Rotation::Clockwise270).turned(Rotation::Clockwise90);
    /// assert_eq!(frame.rotation(), Rotation::None);
    /// # Ok::<(), facenet::Error>(())
    /// ```
    #[must_use]
    pub fn turned(mut self, turn: Rotation) -> Self {
        // A turn after mirroring is the opposite turn before it.
        self.rotation = self.rotation.then(if self.mirror { turn.back() } else { turn });
        self
    }

    /// The same frame with samples of another colour range. RGB formats are always full range.
    #[must_use]
    pub const fn with_range(mut self, range: ColorRange) -> Self {
        self.range = Some(range);
        self
    }

    /// The same frame with another matrix between RGB and YUV. It has no effect on RGB and gray formats.
    #[must_use]
    pub const fn with_matrix(mut self, matrix: ColorMatrix) -> Self {
        self.matrix = Some(matrix);
        self
    }

    /// The same frame, whose stored pixels must be turned by `rotation` to stand upright.
    #[must_use]
    pub const fn with_rotation(mut self, rotation: Rotation) -> Self {
        self.rotation = rotation;
        self
    }

    /// The same frame, to be mirrored left to right after the rotation if `mirror`.
    #[must_use]
    pub const fn with_mirror(mut self, mirror: bool) -> Self {
        self.mirror = mirror;
        self
    }
}

/// # What a frame says of itself
impl<'a> Frame<'a> {
    /// The format of the stored pixels.
    pub fn format(&self) -> PixelFormat {
        self.format
    }

    /// Width of the stored pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height of the stored pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Width and height of the upright image.
    pub fn upright_size(&self) -> (u32, u32) {
        self.orientation().upright_size((self.width, self.height))
    }

    /// The colour range: the one given, or else limited for YUV formats and full for gray.
    pub fn range(&self) -> ColorRange {
        let default = if self.format.has_shared_chroma() { ColorRange::Limited } else { ColorRange::Full };
        self.range.unwrap_or(default)
    }

    /// The matrix between RGB and YUV: the one given, or else BT.601 up to a stored height of 576 and BT.709 above it.
    pub fn matrix(&self) -> ColorMatrix {
        let default = if self.height <= 576 { ColorMatrix::Bt601 } else { ColorMatrix::Bt709 };
        self.matrix.unwrap_or(default)
    }

    /// The rotation that makes the stored pixels upright.
    pub fn rotation(&self) -> Rotation {
        self.rotation
    }

    /// Whether the upright image is mirrored.
    pub fn mirror(&self) -> bool {
        self.mirror
    }

    pub(super) fn orientation(&self) -> Orientation {
        Orientation::new(self.rotation, self.mirror)
    }

    /// The bytes of row `y` of a plane, counted from the top.
    pub(super) fn row(&self, plane: usize, y: usize) -> &'a [u8] {
        self.planes[plane].row(y)
    }
}

/// # Upright pixels
impl<'a> Frame<'a> {
    /// The whole frame, upright and in RGB: borrowed if it is stored so, from the top down.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] only.
    pub fn upright(&self) -> Result<Upright<'a>> {
        self.upright_region(self.whole())
    }

    /// The whole frame, upright and in RGB, written to `image`, which allocates only to grow.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] only.
    pub fn upright_into(&self, image: &mut Image) -> Result<()> {
        self.upright_region_into(self.whole(), image)
    }

    /// The pixels of `region` of the upright image, exactly as in [`Frame::upright`]. Nothing else is converted.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the region is empty or reaches past the upright image.
    ///
    /// ```
    /// use facenet::frame::{Frame, PixelFormat, Region};
    ///
    /// # fn main() -> facenet::Result<()> {
    /// let gray = [10, 20, 30, 40];
    /// let frame = Frame::packed(PixelFormat::Gray8, 2, 2, &gray)?;
    /// let right = frame.upright_region(Region::new(1, 0, 1, 2))?;
    /// assert_eq!(right.view().row(1), [40, 40, 40]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn upright_region(&self, region: Region) -> Result<Upright<'a>> {
        self.check_region(region)?;
        self.upright_region_in(region, Image::default)
    }

    /// As [`Frame::upright`], converted into a kept image if it must be.
    pub(crate) fn upright_kept(&self, spare: &ObjectPool<Image>) -> Result<Upright<'a>> {
        self.upright_region_in(self.whole(), || spare.take())
    }

    fn upright_region_in(&self, region: Region, image: impl FnOnce() -> Image) -> Result<Upright<'a>> {
        if let Some(view) = self.borrowed_rgb() {
            let [x, y, width, height] = [region.x, region.y, region.width, region.height].map(|n| n as usize);
            return Ok(Upright::Borrowed(view.crop(x, y, width, height)));
        }
        let mut image = image();
        self.upright_region_into(region, &mut image)?;
        Ok(Upright::Owned(image))
    }

    /// As [`Frame::upright_region`], written to `image`, which allocates only to grow.
    ///
    /// # Errors
    /// As [`Frame::upright_region`]; `image` is then as it was.
    pub fn upright_region_into(&self, region: Region, image: &mut Image) -> Result<()> {
        self.check_region(region)?;
        convert::upright_region(self, region, image.reset(region.width, region.height))
    }

    fn whole(&self) -> Region {
        let (width, height) = self.upright_size();
        Region::new(0, 0, width, height)
    }

    fn check_region(&self, region: Region) -> Result<()> {
        let size = self.upright_size();
        if region.is_inside(size) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("{region:?} is empty or reaches past the upright image of {}x{} pixels", size.0, size.1),
        ))
    }

    fn borrowed_rgb(&self) -> Option<RgbView<'a>> {
        if self.format != PixelFormat::Rgb || !self.orientation().is_identity() {
            return None;
        }
        let (data, stride) = self.planes[0].top_down()?;
        Some(RgbView::new(self.width as usize, self.height as usize, stride, data))
    }
}

/// # Between stored and upright coordinates
///
/// Positions are in pixels from the left and top edges of either image.
impl Frame<'_> {
    /// A point of the upright image in the coordinates of the stored pixels.
    pub fn to_stored(&self, point: Point) -> Point {
        self.orientation().point_to_stored(point, self.upright_size())
    }

    /// A point of the stored pixels in the coordinates of the upright image.
    pub fn to_upright(&self, point: Point) -> Point {
        self.orientation().point_to_upright(point, self.upright_size())
    }

    /// A rectangle of the upright image in the coordinates of the stored pixels.
    pub fn rect_to_stored(&self, rect: Rect) -> Rect {
        self.orientation().rect_to_stored(rect, self.upright_size())
    }

    /// A rectangle of the stored pixels in the coordinates of the upright image.
    pub fn rect_to_upright(&self, rect: Rect) -> Rect {
        self.orientation().rect_to_upright(rect, self.upright_size())
    }
}

/// Checks a size against the limits of frames and images.
pub(super) fn check_size(width: u32, height: u32) -> Result<()> {
    if width == 0 || height == 0 {
        return Err(Error::new(ErrorKind::FrameInvalid, format!("a size of {width}x{height} has no pixels")));
    }
    let pixels = u64::from(width) * u64::from(height);
    if width > Frame::MAX_SIDE || height > Frame::MAX_SIDE || pixels > Frame::MAX_PIXELS {
        return Err(Error::new(
            ErrorKind::ImageTooLarge,
            format!(
                "a size of {width}x{height} is past the limits of {} pixels a side and {} pixels in all: \
                 scale it down",
                Frame::MAX_SIDE,
                Frame::MAX_PIXELS
            ),
        ));
    }
    Ok(())
}

/// Bytes of a packed RGB image of a size that has been checked: at most `3 * Frame::MAX_PIXELS`.
pub(super) fn packed_len(width: u32, height: u32) -> usize {
    3 * width as usize * height as usize
}

fn size_of_plane(format: PixelFormat, index: usize, width: u32, height: u32) -> Result<(usize, usize)> {
    format.plane_size(index, width, height).ok_or_else(|| {
        let name = format.name();
        Error::new(ErrorKind::Internal, format!("plane {index} of {name} at {width}x{height} has no size"))
    })
}
