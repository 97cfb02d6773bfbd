//! Pixel formats, strides, colour ranges and matrices, against plain formulas.

use facenet::frame::{ColorMatrix, ColorRange, Frame, Image, PixelFormat, Plane, Region, Rotation};
use proptest::prelude::*;

const RANGES: [ColorRange; 2] = [ColorRange::Limited, ColorRange::Full];
const MATRICES: [ColorMatrix; 3] = [ColorMatrix::Bt601, ColorMatrix::Bt709, ColorMatrix::Bt2020];

/// Numbers that look random and are the same in every run (a 64-bit linear congruential generator).
struct Noise(u64);

impl Noise {
    fn byte(&mut self) -> u8 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 56) as u8
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.byte()).collect()
    }
}

/// Buffers of random bytes for every plane of a frame.
struct Stored {
    format: PixelFormat,
    width: u32,
    height: u32,
    planes: Vec<(Vec<u8>, isize)>,
}

impl Stored {
    /// Rows are `padding` bytes longer than their pixels; the last row in memory has no padding.
    fn random(
        format: PixelFormat,
        width: u32,
        height: u32,
        padding: usize,
        bottom_up: bool,
        noise: &mut Noise,
    ) -> Self {
        let planes = (0..format.plane_count())
            .map(|index| {
                let (row, rows) = format.plane_size(index, width, height).unwrap();
                let stride = row + padding;
                let sign = if bottom_up { -1 } else { 1 };
                (noise.bytes(stride * (rows - 1) + row), sign * stride as isize)
            })
            .collect();
        Self { format, width, height, planes }
    }

    fn frame(&self) -> Frame<'_> {
        let planes: Vec<_> = self.planes.iter().map(|(data, stride)| Plane::new(data, *stride)).collect();
        Frame::new(self.format, self.width, self.height, &planes).unwrap()
    }

    fn sample(&self, plane: usize, x: usize, y: usize) -> u8 {
        let (data, stride) = &self.planes[plane];
        let rows = self.format.plane_size(plane, self.width, self.height).unwrap().1;
        let stored_row = if *stride < 0 { rows - 1 - y } else { y };
        data[stored_row * stride.unsigned_abs() + x]
    }

    /// The RGB values of a stored pixel by the formulas of the standards, not rounded.
    fn expected(&self, x: usize, y: usize, range: ColorRange, matrix: ColorMatrix) -> [f64; 3] {
        let packed = |size: usize, order: [usize; 3]| order.map(|i| f64::from(self.sample(0, size * x + i, y)));
        let yuv = |luma: u8, u: u8, v: u8| yuv_to_rgb([luma, u, v], range, matrix);
        match self.format {
            PixelFormat::Rgb => packed(3, [0, 1, 2]),
            PixelFormat::Bgr => packed(3, [2, 1, 0]),
            PixelFormat::Rgba | PixelFormat::Rgbx => packed(4, [0, 1, 2]),
            PixelFormat::Bgra | PixelFormat::Bgrx => packed(4, [2, 1, 0]),
            PixelFormat::Gray8 => yuv(self.sample(0, x, y), 128, 128),
            PixelFormat::Nv12 => {
                yuv(self.sample(0, x, y), self.sample(1, x / 2 * 2, y / 2), self.sample(1, x / 2 * 2 + 1, y / 2))
            }
            PixelFormat::Nv21 => {
                yuv(self.sample(0, x, y), self.sample(1, x / 2 * 2 + 1, y / 2), self.sample(1, x / 2 * 2, y / 2))
            }
            PixelFormat::I420 => yuv(self.sample(0, x, y), self.sample(1, x / 2, y / 2), self.sample(2, x / 2, y / 2)),
            PixelFormat::Yuy2 => {
                let pair = x / 2 * 4;
                yuv(self.sample(0, 2 * x, y), self.sample(0, pair + 1, y), self.sample(0, pair + 3, y))
            }
            PixelFormat::Uyvy => {
                let pair = x / 2 * 4;
                yuv(self.sample(0, 2 * x + 1, y), self.sample(0, pair, y), self.sample(0, pair + 2, y))
            }
            other => panic!("no formula for {other:?}"),
        }
    }
}

/// ITU-R BT.601, BT.709 and BT.2020, from the luma weights of red and blue.
fn yuv_to_rgb([y, u, v]: [u8; 3], range: ColorRange, matrix: ColorMatrix) -> [f64; 3] {
    let (kr, kb) = match matrix {
        ColorMatrix::Bt601 => (0.299, 0.114),
        ColorMatrix::Bt709 => (0.2126, 0.0722),
        ColorMatrix::Bt2020 => (0.2627, 0.0593),
    };
    let (y, u, v) = (f64::from(y), f64::from(u) - 128.0, f64::from(v) - 128.0);
    let (y, u, v) = match range {
        ColorRange::Limited => ((y - 16.0).max(0.0) / 219.0, u / 224.0, v / 224.0),
        ColorRange::Full => (y / 255.0, u / 255.0, v / 255.0),
    };
    let red = y + 2.0 * (1.0 - kr) * v;
    let blue = y + 2.0 * (1.0 - kb) * u;
    let green = (y - kr * red - kb * blue) / (1.0 - kr - kb);
    [red, green, blue].map(|value| (255.0 * value).clamp(0.0, 255.0))
}

fn is_yuv(format: PixelFormat) -> bool {
    matches!(format, PixelFormat::Nv12 | PixelFormat::Nv21 | PixelFormat::I420 | PixelFormat::Yuy2 | PixelFormat::Uyvy)
}

fn converted(frame: &Frame<'_>) -> Image {
    let mut image = Image::default();
    frame.upright_into(&mut image).unwrap();
    image
}

#[test]
fn every_format_equals_the_formulas() {
    let mut noise = Noise(1);
    for &format in PixelFormat::ALL {
        for (width, height) in [(1, 1), (2, 2), (3, 5), (16, 2), (31, 3), (33, 7), (64, 4), (101, 9), (2051, 3)] {
            for (padding, bottom_up) in [(0, false), (1, false), (30, false), (0, true), (13, true)] {
                let stored = Stored::random(format, width, height, padding, bottom_up, &mut noise);
                for range in RANGES {
                    for matrix in MATRICES {
                        let image = converted(&stored.frame().with_range(range).with_matrix(matrix));
                        assert_eq!((image.width(), image.height()), (width, height));
                        // Fixed-point arithmetic rounds each term on its own.
                        let tolerance = if is_yuv(format) { 1.51 } else { 0.51 };
                        for (y, row) in image.view().rows().enumerate() {
                            for (x, pixel) in row.as_chunks::<3>().0.iter().enumerate() {
                                let expected = stored.expected(x, y, range, matrix);
                                assert!(
                                    pixel
                                        .iter()
                                        .zip(expected)
                                        .all(|(&is, want)| (f64::from(is) - want).abs() <= tolerance),
                                    "{format:?} {width}x{height} +{padding} {range:?} {matrix:?} ({x}, {y}): {pixel:?} is not {expected:?}"
                                );
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn every_combination_of_samples_is_within_one_and_a_half_levels() {
    let luma: Vec<u8> = (0..=255).collect();
    for range in RANGES {
        for matrix in MATRICES {
            for u in (0..=255).step_by(3) {
                for v in (0..=255).step_by(5) {
                    let (us, vs) = (vec![u; 128], vec![v; 128]);
                    let planes = [Plane::new(&luma, 256), Plane::new(&us, 128), Plane::new(&vs, 128)];
                    let frame = Frame::new(PixelFormat::I420, 256, 1, &planes).unwrap();
                    let image = converted(&frame.with_range(range).with_matrix(matrix));
                    for (y, pixel) in image.data().as_chunks::<3>().0.iter().enumerate() {
                        let expected = yuv_to_rgb([y as u8, u, v], range, matrix);
                        for (&is, want) in pixel.iter().zip(expected) {
                            assert!(
                                (f64::from(is) - want).abs() <= 1.51,
                                "{range:?} {matrix:?} {y} {u} {v}: {is} {want}"
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn defaults_are_the_documented_ones() {
    let mut noise = Noise(2);
    let small = Stored::random(PixelFormat::Nv12, 4, 576, 0, false, &mut noise);
    let large = Stored::random(PixelFormat::Nv12, 4, 577, 0, false, &mut noise);
    let gray = Stored::random(PixelFormat::Gray8, 4, 4, 0, false, &mut noise);
    let defaults = |stored: &Stored| (stored.frame().range(), stored.frame().matrix());
    assert_eq!(defaults(&small), (ColorRange::Limited, ColorMatrix::Bt601));
    assert_eq!(defaults(&large), (ColorRange::Limited, ColorMatrix::Bt709));
    assert_eq!(gray.frame().range(), ColorRange::Full);
    let explicit = large.frame().with_range(ColorRange::Limited).with_matrix(ColorMatrix::Bt709);
    assert_eq!(converted(&large.frame()), converted(&explicit));
    assert_ne!(converted(&large.frame()), converted(&large.frame().with_matrix(ColorMatrix::Bt601)));
    assert_ne!(converted(&large.frame()), converted(&large.frame().with_range(ColorRange::Full)));
}

#[test]
fn a_reused_image_does_not_move() {
    let mut noise = Noise(3);
    let stored = Stored::random(PixelFormat::Yuy2, 63, 41, 5, false, &mut noise);
    let mut image = Image::default();
    stored.frame().upright_into(&mut image).unwrap();
    let (start, first) = (image.data().as_ptr(), image.clone());
    for rotation in [Rotation::Clockwise90, Rotation::Clockwise180, Rotation::None] {
        stored.frame().with_rotation(rotation).upright_into(&mut image).unwrap();
        assert_eq!(image.data().as_ptr(), start);
    }
    assert_eq!(image, first);
}

fn any_format() -> impl Strategy<Value = PixelFormat> {
    proptest::sample::select(PixelFormat::ALL)
}

fn any_rotation() -> impl Strategy<Value = Rotation> {
    prop_oneof![Just(0), Just(90), Just(180), Just(270)].prop_map(|degrees| Rotation::from_degrees(degrees).unwrap())
}

/// The upright image, pixel by pixel: turned clockwise a quarter at a time, then mirrored.
fn turned(image: &Image, rotation: Rotation, mirror: bool) -> Image {
    let mut image = image.clone();
    for _ in 0..rotation.degrees() / 90 {
        let (width, height) = (image.width() as usize, image.height() as usize);
        let view = image.view();
        // The left column, from the bottom up, becomes the top row.
        let data = (0..width).flat_map(|x| (0..height).rev().flat_map(move |y| pixel(view.row(y), x))).collect();
        image = Image::from_rgb(height as u32, width as u32, data).unwrap();
    }
    if mirror {
        let width = image.width() as usize;
        let rows: Vec<_> = image.view().rows().collect();
        let data = rows.iter().flat_map(|row| (0..width).rev().flat_map(|x| pixel(row, x))).collect();
        image = Image::from_rgb(image.width(), image.height(), data).unwrap();
    }
    image
}

fn pixel(row: &[u8], x: usize) -> [u8; 3] {
    [row[3 * x], row[3 * x + 1], row[3 * x + 2]]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn upright_is_turned_then_mirrored(
        format in any_format(), width in 1u32..90, height in 1u32..90, padding in 0usize..20, bottom_up: bool,
        rotation in any_rotation(), mirror: bool, seed: u64,
    ) {
        let stored = Stored::random(format, width, height, padding, bottom_up, &mut Noise(seed));
        let plain = converted(&stored.frame());
        let frame = stored.frame().with_rotation(rotation).with_mirror(mirror);
        let upright = frame.upright().unwrap();
        let expected = turned(&plain, rotation, mirror);
        prop_assert_eq!(frame.upright_size(), (expected.width(), expected.height()));
        prop_assert!(upright.view().rows().eq(expected.view().rows()));
        prop_assert_eq!(&converted(&frame), &expected);
    }

    #[test]
    fn a_region_is_a_crop_of_the_whole(
        format in any_format(), width in 1u32..90, height in 1u32..90, padding in 0usize..20, bottom_up: bool,
        rotation in any_rotation(), mirror: bool, seed: u64, corners in any::<[prop::sample::Index; 4]>(),
    ) {
        let stored = Stored::random(format, width, height, padding, bottom_up, &mut Noise(seed));
        let frame = stored.frame().with_rotation(rotation).with_mirror(mirror);
        let whole = converted(&frame);
        let (upright_width, upright_height) = frame.upright_size();
        let (x, y) = (corners[0].index(upright_width as usize), corners[1].index(upright_height as usize));
        let columns = 1 + corners[2].index(upright_width as usize - x);
        let rows = 1 + corners[3].index(upright_height as usize - y);
        let region = Region::new(x as u32, y as u32, columns as u32, rows as u32);

        let upright = frame.upright_region(region).unwrap();
        prop_assert!(upright.view().rows().eq(whole.view().crop(x, y, columns, rows).rows()));
        let mut image = Image::default();
        frame.upright_region_into(region, &mut image).unwrap();
        prop_assert!(image.view().rows().eq(upright.view().rows()));
    }
}
