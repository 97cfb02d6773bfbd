//! The similarity warp: the landmarks come to lie on a template.

use fast_image_resize::FilterType;

use super::{AlignScratch, Similarity};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Frame, Image, Region, RgbView};

/// What a warped crop shows of the places outside the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Border {
    /// The nearest pixel of the image.
    #[default]
    Replicate,
    /// Black.
    Black,
}

/// Below this scale bilinear sampling would skip source pixels.
const MIN_SAMPLING_SCALE: f64 = 0.5;

/// Fills `crop` with the upright image seen through `to_crop`, a transform of upright positions to positions in the crop.
///
/// Whole numbers are the centres of pixels here, in both images, as in the reference implementations (OpenCV's
/// `warpAffine` with bilinear sampling). Where the face is reduced to less than half its size, the source is first
/// reduced by a whole factor, averaging over areas: the reference skips pixels there.
pub fn crop(
    frame: &Frame<'_>,
    to_crop: &Similarity,
    border: Border,
    size: u32,
    scratch: &mut AlignScratch,
    crop: &mut Image,
) -> Result<()> {
    let AlignScratch { region: pixels, reduced, resizer } = scratch;
    let from_crop = to_crop.inverse();
    let scale = to_crop.scale();
    let factor = if scale < MIN_SAMPLING_SCALE { (1.0 / scale).floor() } else { 1.0 };
    let region = source_region(&from_crop, size, factor, frame.upright_size())?;
    frame.upright_region_into(region, pixels)?;
    let source = if factor > 1.0 {
        let reduce = |length: u32| (f64::from(length) / factor).round().max(1.0) as u32;
        pixels.resize_into(reduce(region.width), reduce(region.height), FilterType::Box, resizer, reduced)?;
        reduced
    } else {
        pixels
    };
    sample(source.view(), region, &from_crop, border, crop.reset(size, size));
    Ok(())
}

/// Fills `crop`, a square of packed RGB, by bilinear sampling of `source`: the pixels of `region`, reduced or not.
fn sample(source: RgbView<'_>, region: Region, from_crop: &Similarity, border: Border, crop: &mut [u8]) {
    let size = (crop.len() / 3).isqrt();
    let scale_x = source.width() as f64 / f64::from(region.width);
    let scale_y = source.height() as f64 / f64::from(region.height);
    // Whole numbers are centres; in between, edges are zero.
    let in_source = |(x, y): (f64, f64)| {
        ((x - f64::from(region.x) + 0.5) * scale_x - 0.5, (y - f64::from(region.y) + 0.5) * scale_y - 0.5)
    };
    let (origin_x, origin_y) = in_source(from_crop.apply(0.0, 0.0));
    let (next_x, next_y) = in_source(from_crop.apply(1.0, 0.0));
    let (step_x, step_y) = (next_x - origin_x, next_y - origin_y);
    for (v, row) in crop.chunks_exact_mut(3 * size).enumerate() {
        let (x, y) = in_source(from_crop.apply(0.0, v as f64));
        for (u, pixel) in row.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            let (x, y) = (Position::new(x + u as f64 * step_x), Position::new(y + u as f64 * step_y));
            *pixel = mix(taps(source, x.whole, y.whole, border), x.fraction, y.fraction);
        }
    }
}

/// The pixels of an upright image of `width` x `height` that a crop of `size` is sampled from, with `spare` more around.
fn source_region(from_crop: &Similarity, size: u32, spare: f64, (width, height): (u32, u32)) -> Result<Region> {
    let last = f64::from(size - 1);
    let corners = [(0.0, 0.0), (last, 0.0), (0.0, last), (last, last)].map(|(u, v)| from_crop.apply(u, v));
    let span = |coordinate: fn(&(f64, f64)) -> f64, length: u32| {
        let values = corners.iter().map(coordinate);
        let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
        let first = (low - spare).floor().max(0.0);
        let end = ((high + spare).ceil() + 1.0).min(f64::from(length));
        (first < end).then_some((first as u32, (end - first) as u32))
    };
    match (span(|corner| corner.0, width), span(|corner| corner.1, height)) {
        (Some((x, columns)), Some((y, rows))) => Ok(Region::new(x, y, columns, rows)),
        _ => Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("the landmarks put the face outside the image of {width}x{height}"),
        )),
    }
}

/// A coordinate as a whole number and a fraction in units of `1 / FRACTIONS`.
struct Position {
    whole: i64,
    fraction: u32,
}

const FRACTION_BITS: u32 = 11;
const FRACTIONS: u32 = 1 << FRACTION_BITS;

impl Position {
    fn new(coordinate: f64) -> Self {
        // More than any distance from an image that matters: rounding towards zero is then rounding down.
        const OFFSET: i64 = 1 << 20;
        let fixed = ((coordinate + OFFSET as f64) * f64::from(FRACTIONS)) as i64;
        Self { whole: (fixed >> FRACTION_BITS) - OFFSET, fraction: (fixed & i64::from(FRACTIONS - 1)) as u32 }
    }
}

/// The pixels at (`x`, `y`), to its right, below it, and below to its right.
fn taps(source: RgbView<'_>, x: i64, y: i64, border: Border) -> [[u8; 3]; 4] {
    let inside = |at: i64, length: usize| usize::try_from(at).ok().filter(|&at| at + 1 < length);
    if let (Some(x), Some(y)) = (inside(x, source.width()), inside(y, source.height())) {
        let pair = |y: usize| {
            let pixels = &source.row(y)[3 * x..][..6];
            [[pixels[0], pixels[1], pixels[2]], [pixels[3], pixels[4], pixels[5]]]
        };
        let ([top_left, top_right], [bottom_left, bottom_right]) = (pair(y), pair(y + 1));
        return [top_left, top_right, bottom_left, bottom_right];
    }
    let at = |dx: i64, dy: i64| border_pixel(source, x.saturating_add(dx), y.saturating_add(dy), border);
    [at(0, 0), at(1, 0), at(0, 1), at(1, 1)]
}

fn border_pixel(source: RgbView<'_>, x: i64, y: i64, border: Border) -> [u8; 3] {
    let (inside_x, inside_y) = (x.clamp(0, source.width() as i64 - 1), y.clamp(0, source.height() as i64 - 1));
    if border == Border::Black && (x, y) != (inside_x, inside_y) {
        return [0; 3];
    }
    let pixels = source.row(inside_y as usize);
    let start = 3 * inside_x as usize;
    [pixels[start], pixels[start + 1], pixels[start + 2]]
}

/// The colour between four pixels, `right` and `down` from the first in units of `1 / FRACTIONS`.
fn mix([top_left, top_right, bottom_left, bottom_right]: [[u8; 3]; 4], right: u32, down: u32) -> [u8; 3] {
    let (left, up) = (FRACTIONS - right, FRACTIONS - down);
    std::array::from_fn(|channel| {
        let value = |pixel: [u8; 3]| u32::from(pixel[channel]);
        let above = left * value(top_left) + right * value(top_right);
        let below = left * value(bottom_left) + right * value(bottom_right);
        // 8 bits of colour and 11 of each fraction: 30 in all.
        ((up * above + down * below + FRACTIONS * FRACTIONS / 2) >> (2 * FRACTION_BITS)) as u8
    })
}
