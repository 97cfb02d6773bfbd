//! What is done with arbitrary bytes, by the fuzz targets here and by the bounded loop in `tests/fuzz_frames.rs`.

use facenet::align::{AlignScratch, Aligner, Border, Similarity};
use facenet::frame::{ColorMatrix, ColorRange, DecodeOptions, Frame, Image, PixelFormat, Plane, Region, Rotation};
use facenet::model::Alignment;
use facenet::{ErrorKind, Landmarks, Point, Rect};

/// Numbers out of bytes, 0 once there are none left.
struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let taken = self.0.first_chunk().copied().unwrap_or([0; N]);
        self.0 = self.0.get(N..).unwrap_or_default();
        taken
    }

    fn byte(&mut self) -> usize {
        self.bytes::<1>()[0].into()
    }

    /// A size: mostly small, sometimes anything.
    fn size(&mut self) -> u32 {
        match self.byte() {
            0xff => u32::from_le_bytes(self.bytes()),
            small => small as u32,
        }
    }

    fn stride(&mut self) -> isize {
        match self.byte() {
            0xff => i64::from_le_bytes(self.bytes()) as isize,
            sign if sign & 1 == 1 => -(self.size() as isize),
            _ => self.size() as isize,
        }
    }

    /// A coordinate: mostly near the image, sometimes anything.
    fn coordinate(&mut self) -> f32 {
        match self.byte() {
            0xff => f32::from_le_bytes(self.bytes()),
            near => near as f32 + self.byte() as f32 / 256.0 - 32.0,
        }
    }
}

/// Describes a frame with the first bytes, takes the rest for its planes, and uses it in every way.
///
/// Tells whether the description was a valid one.
pub(crate) fn frame(data: &[u8]) -> bool {
    let mut numbers = Numbers(data);
    let format = PixelFormat::ALL[numbers.byte() % PixelFormat::ALL.len()];
    let (width, height) = (numbers.size(), numbers.size());
    let strides = [(); 3].map(|()| numbers.stride());
    let lengths = [(); 3].map(|()| numbers.size() as usize);
    let turns = numbers.byte();
    let region = Region::new(numbers.size(), numbers.size(), numbers.size(), numbers.size());
    let rect = Rect::new(numbers.coordinate(), numbers.coordinate(), numbers.coordinate(), numbers.coordinate());
    let landmarks = Landmarks([(); 5].map(|()| Point::new(numbers.coordinate(), numbers.coordinate())));
    let margin = numbers.size();
    let size = numbers.size() % 97;

    let mut rest = numbers.0;
    let mut planes = Vec::new();
    for (&stride, &length) in strides.iter().zip(&lengths).take(format.plane_count() + usize::from(turns == 0xff)) {
        // A single plane takes all there is, several take their share.
        let length = if format.plane_count() == 1 { rest.len() } else { (64 * length).min(rest.len()) };
        let (plane, after) = rest.split_at(length);
        planes.push(Plane::new(plane, stride));
        rest = after;
    }
    let _ = Frame::packed(format, width, height, data);
    let Ok(frame) = Frame::new(format, width, height, &planes) else { return false };
    let frame = frame
        .with_rotation(Rotation::from_degrees(turns as u32 % 4 * 90).expect("a quarter turn"))
        .with_mirror(turns & 4 != 0)
        .with_range(if turns & 8 == 0 { ColorRange::Limited } else { ColorRange::Full })
        .with_matrix([ColorMatrix::Bt601, ColorMatrix::Bt709, ColorMatrix::Bt2020][turns / 16 % 3]);
    use_frame(&frame, region);
    align(&frame, &rect, &landmarks, margin, size);
    true
}

fn use_frame(frame: &Frame<'_>, region: Region) {
    let whole = frame.upright().expect("a frame can be converted");
    let mut image = Image::default();
    frame.upright_into(&mut image).expect("a frame can be converted");
    assert!(whole.view().rows().eq(image.view().rows()));
    if let Ok(part) = frame.upright_region(region) {
        let [x, y, width, height] = [region.x, region.y, region.width, region.height].map(|n| n as usize);
        assert!(part.view().rows().eq(image.view().crop(x, y, width, height).rows()));
    }
    let point = Point::new(1.5, 2.25);
    assert_eq!(frame.to_stored(frame.to_upright(point)), point);
}

fn align(frame: &Frame<'_>, rect: &Rect, landmarks: &Landmarks, margin: u32, size: u32) {
    let (mut scratch, mut crop) = (AlignScratch::default(), Image::default());
    for alignment in [Alignment::Margin { margin }, Alignment::Arcface] {
        let Ok(aligner) = Aligner::new(alignment, size) else { continue };
        for border in [Border::Replicate, Border::Black] {
            match aligner.clone().with_border(border).align_into(frame, rect, landmarks, &mut scratch, &mut crop) {
                Ok(()) => assert_eq!((crop.width(), crop.height()), (size, size)),
                Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}"),
            }
        }
    }
    if let Ok(template) = Aligner::with_template(*landmarks, size) {
        let _ = template.align(frame, rect, landmarks);
    }
    if let Ok(fit) = Similarity::fit(landmarks, landmarks) {
        assert!(fit.scale().is_finite());
    }
}

/// Takes the bytes for an image file.
///
/// Tells whether it was decoded.
pub(crate) fn decode(data: &[u8]) -> bool {
    let options = DecodeOptions { max_pixels: 1 << 16, ..DecodeOptions::default() };
    match Image::decode_with(data, &options) {
        Ok(image) => {
            assert!(u64::from(image.width()) * u64::from(image.height()) <= options.max_pixels);
            true
        }
        Err(error) => {
            assert!(
                matches!(error.kind(), ErrorKind::ImageDecode | ErrorKind::ImageUnsupported | ErrorKind::ImageTooLarge),
                "{error}"
            );
            false
        }
    }
}
