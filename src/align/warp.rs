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
pub(super) fn crop(
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
    let (scale_x, scale_y) =
        (f64::from(source.width()) / f64::from(region.width), f64::from(source.height()) / f64::from(region.height));
    let source = source.view();
    let target = crop.reset(size, size);
    for (v, row) in target.chunks_exact_mut(3 * size as usize).enumerate() {
        let (x, y) = from_crop.apply(0.0, v as f64);
        let (step_x, step_y) = from_crop.step_x();
        // From whole numbers as centres to edges as zero, reduced, and back.
        let x = (x - f64::from(region.x) + 0.5) * scale_x - 0.5;
        let y = (y - f64::from(region.y) + 0.5) * scale_y - 0.5;
        for (u, pixel) in row.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            let u = u as f64;
            *pixel = sample(source, x + u * step_x * scale_x, y + u * step_y * scale_y, border);
        }
    }
    Ok(())
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

/// The colour between the four pixels around (`x`, `y`), where whole numbers are the centres of pixels.
fn sample(source: RgbView<'_>, x: f64, y: f64, border: Border) -> [u8; 3] {
    let (left, top) = (x.floor(), y.floor());
    let (right_weight, bottom_weight) = ((x - left) as f32, (y - top) as f32);
    // Positions are finite; far outside the casts end at the limits of the type.
    let (left, top) = (left as i64, top as i64);
    let tap = |dx: i64, dy: i64| pixel(source, left.saturating_add(dx), top.saturating_add(dy), border);
    let (top_left, top_right, bottom_left, bottom_right) = (tap(0, 0), tap(1, 0), tap(0, 1), tap(1, 1));
    std::array::from_fn(|channel| {
        let mix = |a: f32, b: f32, weight: f32| a + (b - a) * weight;
        let above = mix(top_left[channel], top_right[channel], right_weight);
        let below = mix(bottom_left[channel], bottom_right[channel], right_weight);
        mix(above, below, bottom_weight).round() as u8
    })
}

fn pixel(source: RgbView<'_>, x: i64, y: i64, border: Border) -> [f32; 3] {
    let (last_x, last_y) = (source.width() as i64 - 1, source.height() as i64 - 1);
    let (inside_x, inside_y) = (x.clamp(0, last_x), y.clamp(0, last_y));
    if border == Border::Black && (x, y) != (inside_x, inside_y) {
        return [0.0; 3];
    }
    let start = 3 * inside_x as usize;
    let row = source.row(inside_y as usize);
    std::array::from_fn(|channel| f32::from(row[start + channel]))
}
