//! Positions between stored and upright images, and bad descriptions of frames.

use facenet::frame::{Frame, Image, PixelFormat, Plane, Region, Rotation, Upright};
use facenet::{ErrorKind, Point, Rect};
use proptest::prelude::*;

const ROTATIONS: [Rotation; 4] =
    [Rotation::None, Rotation::Clockwise90, Rotation::Clockwise180, Rotation::Clockwise270];

fn orientations<'a>(frame: Frame<'a>) -> impl Iterator<Item = Frame<'a>> {
    ROTATIONS
        .into_iter()
        .flat_map(move |rotation| [false, true].map(|mirror| frame.with_rotation(rotation).with_mirror(mirror)))
}

#[test]
fn a_marked_pixel_is_where_the_coordinates_say() {
    let (width, height) = (7u32, 4u32);
    for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
        let mut gray = vec![0; (width * height) as usize];
        gray[(y * width + x) as usize] = 255;
        let stored = Region::new(x, y, 1, 1).to_rect();
        for frame in orientations(Frame::packed(PixelFormat::Gray8, width, height, &gray).unwrap()) {
            let rect = frame.rect_to_upright(stored);
            assert_eq!(frame.rect_to_stored(rect), stored);
            assert_eq!((rect.width(), rect.height()), (1.0, 1.0));
            assert_eq!(frame.to_upright(stored.center()), rect.center());
            assert_eq!(frame.to_stored(rect.center()), stored.center());
            let upright = frame.upright().unwrap();
            assert_eq!(upright.view().row(rect.y1 as usize)[3 * rect.x1 as usize], 255, "{frame:?}");
        }
    }
}

#[test]
fn not_a_number_stays_not_a_number() {
    let pixels = [0; 12];
    for frame in orientations(Frame::rgb(2, 2, &pixels).unwrap()) {
        assert!(!frame.rect_to_stored(Rect::new(f32::NAN, 0.0, 1.0, 1.0)).is_valid());
        assert!(!frame.rect_to_upright(Rect::new(0.0, 0.0, 1.0, f32::NAN)).is_valid());
        assert!(!frame.rect_to_upright(Rect::new(1.0, 0.0, 0.5, 1.0)).is_valid(), "swapped corners stay swapped");
    }
}

proptest! {
    #[test]
    fn coordinates_go_there_and_back(
        width in 1u32..40, height in 1u32..40, rotation in proptest::sample::select(&ROTATIONS[..]), mirror: bool,
        quarters in any::<[i16; 4]>(),
    ) {
        let pixels = vec![0; (width * height) as usize];
        let frame =
            Frame::packed(PixelFormat::Gray8, width, height, &pixels).unwrap().with_rotation(rotation).with_mirror(mirror);
        let [a, b, c, d] = quarters.map(|quarter| f32::from(quarter) / 4.0);
        let point = Point::new(a, b);
        prop_assert_eq!(frame.to_stored(frame.to_upright(point)), point);
        prop_assert_eq!(frame.to_upright(frame.to_stored(point)), point);
        let rect = Rect::new(a.min(c), b.min(d), a.max(c), b.max(d));
        prop_assert_eq!(frame.rect_to_stored(frame.rect_to_upright(rect)), rect);
        let turned = frame.rect_to_upright(rect);
        prop_assert_eq!(turned.area(), rect.area());
        prop_assert_eq!(turned.center(), frame.to_upright(rect.center()));
    }

    #[test]
    fn no_description_of_a_frame_panics(
        format in proptest::sample::select(PixelFormat::ALL), width in size(), height in size(),
        planes in proptest::collection::vec((0usize..400, stride()), 0..5),
    ) {
        let bytes = [7; 400];
        let planes: Vec<_> = planes.iter().map(|&(length, stride)| Plane::new(&bytes[..length], stride)).collect();
        let Ok(frame) = Frame::new(format, width, height, &planes) else { return Ok(()) };
        for frame in orientations(frame) {
            prop_assert_eq!(frame.upright().unwrap().view().rows().count(), frame.upright_size().1 as usize);
        }
    }

    #[test]
    fn a_crop_holds_what_is_inside(
        x in prop_oneof![0usize..12, Just(usize::MAX)], y in prop_oneof![0usize..12, Just(usize::MAX)],
        width in prop_oneof![0usize..12, Just(usize::MAX)], height in prop_oneof![0usize..12, Just(usize::MAX)],
    ) {
        let image = numbered(9, 8);
        let crop = image.view().crop(x, y, width, height);
        let mut expected = Vec::new();
        for row in y..8usize.min(y.saturating_add(height)) {
            expected.extend((x..9usize.min(x.saturating_add(width))).map(|column| (9 * row + column) as u8));
        }
        let pixels: Vec<u8> = crop.rows().flat_map(|row| row.iter().copied().step_by(3)).collect();
        prop_assert_eq!(pixels, expected);
        prop_assert_eq!(crop.rows().len(), crop.height());
    }
}

/// Sizes that fit 400 bytes, and sizes at the edges of what can be written down.
fn size() -> impl Strategy<Value = u32> {
    prop_oneof![0u32..24, 65_534u32..65_538, 16_380u32..16_390, (u32::MAX - 3)..=u32::MAX]
}

fn stride() -> impl Strategy<Value = isize> {
    prop_oneof![-80isize..80, Just(isize::MAX), Just(isize::MIN), Just(isize::MIN + 1)]
}

fn numbered(width: u32, height: u32) -> Image {
    Image::from_rgb(width, height, (0..width * height).flat_map(|n| [n as u8; 3]).collect()).unwrap()
}

fn kind<T: std::fmt::Debug>(result: facenet::Result<T>) -> ErrorKind {
    result.unwrap_err().kind()
}

#[test]
fn wrong_descriptions_are_refused() {
    let bytes = [0; 64];
    let plane = |length: usize, stride: isize| Plane::new(&bytes[..length], stride);
    let rgb = |width, height, plane| Frame::new(PixelFormat::Rgb, width, height, &[plane]);

    assert!(rgb(2, 2, plane(14, 8)).is_ok(), "the last row needs no padding");
    assert_eq!(kind(rgb(2, 2, plane(13, 8))), ErrorKind::FrameInvalid);
    assert_eq!(kind(rgb(2, 2, plane(64, 5))), ErrorKind::FrameInvalid);
    assert_eq!(kind(rgb(2, 2, plane(64, -5))), ErrorKind::FrameInvalid);
    assert_eq!(kind(rgb(2, 2, plane(64, 0))), ErrorKind::FrameInvalid);
    assert_eq!(kind(rgb(0, 2, plane(64, 8))), ErrorKind::FrameInvalid);
    assert_eq!(kind(rgb(2, 0, plane(64, 8))), ErrorKind::FrameInvalid);
    assert_eq!(kind(rgb(2, 3, plane(64, isize::MAX))), ErrorKind::FrameInvalid);
    assert_eq!(kind(rgb(2, 3, plane(64, isize::MIN))), ErrorKind::FrameInvalid);
    assert_eq!(kind(rgb(65_536, 1, plane(64, 8))), ErrorKind::ImageTooLarge);
    assert_eq!(kind(rgb(1, 65_536, plane(64, 8))), ErrorKind::ImageTooLarge);
    assert_eq!(kind(rgb(65_535, 65_535, plane(64, 8))), ErrorKind::ImageTooLarge);
    assert_eq!(kind(rgb(u32::MAX, u32::MAX, plane(64, 8))), ErrorKind::ImageTooLarge);

    let nv12 = |planes: &[Plane<'_>]| Frame::new(PixelFormat::Nv12, 3, 3, planes).map(drop);
    assert!(nv12(&[plane(9, 3), plane(8, 4)]).is_ok());
    assert_eq!(kind(nv12(&[])), ErrorKind::FrameInvalid);
    assert_eq!(kind(nv12(&[plane(9, 3)])), ErrorKind::FrameInvalid);
    assert_eq!(kind(nv12(&[plane(9, 3), plane(8, 4), plane(8, 4)])), ErrorKind::FrameInvalid);
    assert_eq!(kind(nv12(&[plane(9, 3), plane(7, 4)])), ErrorKind::FrameInvalid);
    assert_eq!(kind(nv12(&[plane(9, 3), plane(64, 3)])), ErrorKind::FrameInvalid);

    let error = nv12(&[plane(9, 3), plane(7, 4)]).unwrap_err().to_string();
    assert_eq!(error, "plane 1 of a NV12 frame of 3x3: 7 bytes are too few for 2 rows of 4 bytes at stride 4");
}

#[test]
fn packed_frames_take_the_planes_one_after_the_other() {
    for &format in PixelFormat::ALL {
        let length: usize = (0..format.plane_count())
            .map(|plane| format.plane_size(plane, 5, 3).map_or(0, |(row, rows)| row * rows))
            .sum();
        let data: Vec<u8> = (0..length as u8).collect();
        let packed = Frame::packed(format, 5, 3, &data).unwrap();
        let mut rest = &data[..];
        let planes: Vec<_> = (0..format.plane_count())
            .map(|plane| {
                let (row, rows) = format.plane_size(plane, 5, 3).unwrap();
                let (bytes, after) = rest.split_at(row * rows);
                rest = after;
                Plane::new(bytes, row as isize)
            })
            .collect();
        let separate = Frame::new(format, 5, 3, &planes).unwrap();
        assert!(packed.upright().unwrap().view().rows().eq(separate.upright().unwrap().view().rows()));
        assert_eq!(kind(Frame::packed(format, 5, 3, &data[1..])), ErrorKind::FrameInvalid);
        assert_eq!(kind(Frame::packed(format, 5, 3, &[])), ErrorKind::FrameInvalid);
    }
    assert_eq!(kind(Frame::rgb(u32::MAX, 1, &[])), ErrorKind::ImageTooLarge);
    assert_eq!(kind(Frame::bgr(0, 0, &[])), ErrorKind::FrameInvalid);
}

#[test]
fn upright_rgb_is_borrowed() {
    let bytes: Vec<u8> = (0..100).collect();
    let borrowed = |frame: Frame<'_>| match frame.upright().unwrap() {
        Upright::Borrowed(view) => view.row(0).as_ptr() == bytes.as_ptr(),
        Upright::Owned(_) => false,
    };
    let padded = Frame::new(PixelFormat::Rgb, 3, 3, &[Plane::new(&bytes, 11)]).unwrap();
    assert!(borrowed(padded));
    assert_eq!(padded.upright().unwrap().view().row(2), &bytes[22..31]);
    assert!(!borrowed(padded.with_mirror(true)));
    assert!(!borrowed(padded.with_rotation(Rotation::Clockwise180)));
    assert!(!borrowed(Frame::new(PixelFormat::Rgb, 3, 3, &[Plane::new(&bytes, -11)]).unwrap()));
    assert!(!borrowed(Frame::bgr(3, 3, &bytes).unwrap()));
}

#[test]
fn wrong_regions_are_refused() {
    let image = numbered(4, 2);
    let frame = image.frame().with_rotation(Rotation::Clockwise90);
    assert!(frame.upright_region(Region::new(0, 0, 2, 4)).is_ok());
    let mut reused = numbered(3, 3);
    for region in [
        Region::new(0, 0, 0, 1),
        Region::new(0, 0, 1, 0),
        Region::new(0, 0, 3, 4),
        Region::new(1, 0, 2, 4),
        Region::new(0, 3, 1, 2),
        Region::new(u32::MAX, 0, 2, 1),
        Region::new(1, 1, u32::MAX, u32::MAX),
    ] {
        assert_eq!(kind(frame.upright_region(region)), ErrorKind::InvalidArgument, "{region:?}");
        assert_eq!(kind(frame.upright_region_into(region, &mut reused)), ErrorKind::InvalidArgument);
    }
    assert_eq!(reused, numbered(3, 3), "a refused region leaves the image as it was");
}

#[test]
fn images_are_checked_too() {
    assert_eq!(kind(Image::from_rgb(0, 1, vec![])), ErrorKind::FrameInvalid);
    assert_eq!(kind(Image::from_rgb(2, 1, vec![0; 5])), ErrorKind::FrameInvalid);
    assert_eq!(kind(Image::from_rgb(2, 1, vec![0; 7])), ErrorKind::FrameInvalid);
    assert_eq!(kind(Image::from_rgb(u32::MAX, u32::MAX, vec![])), ErrorKind::ImageTooLarge);
    let image = numbered(5, 4);
    assert_eq!(image.frame().upright().unwrap().view().rows().flatten().copied().collect::<Vec<_>>(), image.data());
    assert_eq!(Image::default().frame().upright_size(), (1, 1));
}
