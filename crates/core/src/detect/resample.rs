//! Area resampling of image regions, as OpenCV's `INTER_AREA` does it, into network input.
//!
//! Shrinking averages the source pixels that an output pixel covers, partly covered ones by their share.
//! Where either side grows, OpenCV changes to a linear interpolation that keeps pixel edges sharp; so does
//! this code, since MTCNN's refinement of faces smaller than the network's input depends on it.

use std::ops::Range;

use crate::frame::RgbView;

/// A rectangle of whole pixels that may reach past the image, where it is black.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// For each output position of one axis, the first input position and the weights from there on.
#[derive(Debug, Default)]
struct Axis {
    taps: Vec<Taps>,
    weights: Vec<f32>,
}

#[derive(Debug, Clone, Copy)]
struct Taps {
    first: usize,
    weights: usize,
    count: usize,
}

impl Axis {
    fn rebuild(&mut self, input: usize, output: usize, shrink: bool) {
        self.taps.clear();
        self.weights.clear();
        for position in 0..output {
            let weights = self.weights.len();
            let first = if shrink {
                self.push_covered(position, input, output)
            } else {
                self.push_linear(position, input, output)
            };
            self.taps.push(Taps { first, weights, count: self.weights.len() - weights });
        }
    }

    /// Input pixels covered by output pixel `position`; shares below a thousandth of a pixel are dropped.
    fn push_covered(&mut self, position: usize, input: usize, output: usize) -> usize {
        let scale = input as f64 / output as f64;
        let start = position as f64 * scale;
        let end = start + scale;
        let cell = scale.min(input as f64 - start);
        let last_full = (end.floor() as usize).min(input - 1);
        let first_full = (start.ceil() as usize).min(last_full);
        let mut first = first_full;
        let before = first_full as f64 - start;
        if before > 1e-3 {
            first -= 1;
            self.weights.push((before / cell) as f32);
        }
        self.weights.extend(std::iter::repeat_n((1.0 / cell) as f32, last_full - first_full));
        let after = end - last_full as f64;
        if after > 1e-3 {
            self.weights.push((after.min(1.0).min(cell) / cell) as f32);
        }
        first
    }

    /// The one or two input pixels that output pixel `position` lies on.
    fn push_linear(&mut self, position: usize, input: usize, output: usize) -> usize {
        let scale = input as f64 / output as f64;
        let inverse = output as f64 / input as f64;
        let first = (position as f64 * scale).floor();
        let share = ((position + 1) as f64 - (first + 1.0) * inverse) as f32;
        let share = if share <= 0.0 { 0.0 } else { share - share.floor() };
        let first = first as usize;
        if first + 1 >= input {
            self.weights.push(1.0);
            return input - 1;
        }
        self.weights.extend([1.0 - share, share]);
        first
    }

    fn iter(&self, positions: Range<usize>) -> impl Iterator<Item = (usize, &[f32])> {
        self.taps[positions].iter().map(|taps| (taps.first, &self.weights[taps.weights..][..taps.count]))
    }
}

/// Whether resampled values are rounded to whole levels, as OpenCV does for 8-bit sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rounding {
    /// To the nearest whole level.
    Levels,
    /// Not at all.
    Exact,
}

/// Resamples regions to network input; its buffers are reused from call to call.
#[derive(Debug, Default)]
pub(super) struct Resampler {
    columns: Axis,
    rows: Axis,
    /// One output row before it is resampled horizontally: interleaved sums of source rows.
    sums: Vec<f32>,
}

impl Resampler {
    /// Resamples `region` of `image` to `size` (width, height) and writes the output rows `rows` to `out` as
    /// three planes of `(value - 127.5) / 128`.
    ///
    /// `out` holds `3 * rows.len() * size.0` values.
    pub(super) fn resample(
        &mut self,
        image: RgbView<'_>,
        region: Region,
        size: (usize, usize),
        rows: Range<usize>,
        rounding: Rounding,
        out: &mut [f32],
    ) {
        let (width, height) = size;
        debug_assert_eq!(out.len(), 3 * width * rows.len());
        let shrink = region.width >= width && region.height >= height;
        self.columns.rebuild(region.width, width, shrink);
        self.rows.rebuild(region.height, height, shrink);
        let (red, rest) = out.split_at_mut(width * rows.len());
        let (green, blue) = rest.split_at_mut(width * rows.len());
        let lines = red.chunks_exact_mut(width).zip(green.chunks_exact_mut(width)).zip(blue.chunks_exact_mut(width));

        // The part of the region's columns that lies inside the image; the rest stays zero.
        let inside = clip(region.x, region.width, image.width());
        self.sums.clear();
        self.sums.resize(region.width * 3, 0.0);
        for (((red, green), blue), (first, weights)) in lines.zip(self.rows.iter(rows)) {
            let sums = &mut self.sums[inside.start * 3..inside.end * 3];
            sums.fill(0.0);
            for (offset, &weight) in weights.iter().enumerate() {
                let y = region.y + (first + offset) as i64;
                if inside.is_empty() || y < 0 || y >= image.height() as i64 {
                    continue;
                }
                let left = (region.x + inside.start as i64) as usize * 3;
                let row = &image.row(y as usize)[left..][..sums.len()];
                accumulate(sums, row, weight);
            }
            let pixels = red.iter_mut().zip(green).zip(blue);
            for (((red, green), blue), (first, weights)) in pixels.zip(self.columns.iter(0..width)) {
                let mut value = [0.0f32; 3];
                let source = self.sums[first * 3..][..weights.len() * 3].chunks_exact(3);
                for (&weight, sums) in weights.iter().zip(source) {
                    value[0] += weight * sums[0];
                    value[1] += weight * sums[1];
                    value[2] += weight * sums[2];
                }
                if rounding == Rounding::Levels {
                    value = value.map(nearest);
                }
                [*red, *green, *blue] = value.map(|level| (level - 127.5) * (1.0 / 128.0));
            }
        }
    }
}

/// The nearest whole number, ties to even, of a value between 0 and 2^22: adding 1.5 * 2^23 leaves no room for the
/// fraction. (`f32::round_ties_even` is a call into the C library where the processor is not known to have SSE 4.1.)
fn nearest(value: f32) -> f32 {
    const SHIFT: f32 = 12_582_912.0;
    (value + SHIFT) - SHIFT
}

/// The positions of `0..length` that, moved by `start`, lie in `0..limit`.
fn clip(start: i64, length: usize, limit: usize) -> Range<usize> {
    let first = (-start).clamp(0, length as i64) as usize;
    let last = (limit as i64 - start).clamp(first as i64, length as i64) as usize;
    first..last
}

fn accumulate(sums: &mut [f32], row: &[u8], weight: f32) {
    for (sum, &level) in sums.iter_mut().zip(row) {
        *sum += weight * f32::from(level);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::frame::Image;

    /// Overlap of output pixel `position` with each input pixel, as a fraction of the output pixel.
    fn shares(position: usize, input: usize, output: usize) -> Vec<f64> {
        let scale = input as f64 / output as f64;
        let (start, end) = (position as f64 * scale, (position + 1) as f64 * scale);
        (0..input).map(|i| (end.min(i as f64 + 1.0) - start.max(i as f64)).max(0.0) / scale).collect()
    }

    /// OpenCV's INTER_AREA for enlarging, along one axis.
    fn linear(position: usize, input: usize, output: usize) -> Vec<f64> {
        let scale = input as f64 / output as f64;
        let first = (position as f64 * scale).floor();
        // In single precision there, in which a share that is a hair below one is one, and then none.
        let share = ((position + 1) as f64 - (first + 1.0) / scale) as f32;
        let share = f64::from(if share <= 0.0 { 0.0 } else { share - share.floor() });
        let mut weights = vec![0.0; input];
        weights[first as usize] += 1.0 - share;
        weights[(first as usize + 1).min(input - 1)] += share;
        weights
    }

    /// What `cv2.resize` 4.11 gives with INTER_AREA where a position falls on a whole pixel but for rounding.
    #[test]
    fn shares_of_a_hair_below_one_are_those_of_opencv() {
        let levels: Vec<u8> = (0..30u8).flat_map(|i| [i.wrapping_mul(52); 3]).collect();
        let image = Image::from_rgb(1, 30, levels).unwrap();
        let region = Region { x: 0, y: 0, width: 1, height: 30 };
        let mut out = vec![0.0; 3 * 26 * 26];
        Resampler::default().resample(image.view(), region, (26, 26), 0..26, Rounding::Levels, &mut out);
        let rows: Vec<f32> = (11..16).map(|row| out[row * 26] * 128.0 + 127.5).collect();
        assert_eq!(rows, [150.0, 209.0, 216.0, 78.0, 137.0]);
    }

    fn image(width: usize, height: usize) -> Image {
        let data = (0..width * height * 3).map(|i| (i * 7919 % 256) as u8).collect();
        Image::from_rgb(width as u32, height as u32, data).unwrap()
    }

    proptest! {
        #[test]
        fn every_region_resamples_as_its_definition(
            (width, height) in (1usize..40, 1usize..40),
            (x, y) in (-20i64..40, -20i64..40),
            (region_width, region_height) in (1usize..50, 1usize..50),
            side in 1usize..30,
        ) {
            let image = image(width, height);
            let region = Region { x, y, width: region_width, height: region_height };
            let weights = if region_width >= side && region_height >= side { shares } else { linear };
            let mut out = vec![0.0; 3 * side * side];
            Resampler::default().resample(image.view(), region, (side, side), 0..side, Rounding::Exact, &mut out);
            let level = |column: i64, row: i64, channel: usize| {
                let inside = (0..width as i64).contains(&column) && (0..height as i64).contains(&row);
                if inside { f64::from(image.view().row(row as usize)[column as usize * 3 + channel]) } else { 0.0 }
            };
            for row in 0..side {
                let vertical = weights(row, region_height, side);
                for column in 0..side {
                    let horizontal = weights(column, region_width, side);
                    for channel in 0..3 {
                        let mut expected = 0.0;
                        for (j, v) in vertical.iter().enumerate().filter(|(_, v)| **v > 0.0) {
                            for (i, h) in horizontal.iter().enumerate().filter(|(_, h)| **h > 0.0) {
                                expected += v * h * level(x + i as i64, y + j as i64, channel);
                            }
                        }
                        let found = out[(channel * side + row) * side + column] * 128.0 + 127.5;
                        // Shares below a thousandth of a pixel are dropped on each of four edges.
                        prop_assert!((f64::from(found) - expected).abs() < 1.1, "{} {}", found, expected);
                    }
                }
            }
        }

        #[test]
        fn bands_of_rows_are_parts_of_the_whole(height in 2usize..60, side in 2usize..30, cut in 0.0..1.0f64) {
            let image = image(30, height);
            let region = Region { x: 0, y: 0, width: 30, height };
            let cut = 1 + ((side - 1) as f64 * cut) as usize;
            let run = |rows: Range<usize>| {
                let mut out = vec![0.0; 3 * side * rows.len()];
                Resampler::default().resample(image.view(), region, (side, side), rows, Rounding::Levels, &mut out);
                out
            };
            let (whole, top, bottom) = (run(0..side), run(0..cut), run(cut..side));
            for plane in 0..3 {
                let rows = &whole[plane * side * side..][..side * side];
                prop_assert_eq!(&rows[..cut * side], &top[plane * cut * side..][..cut * side]);
                prop_assert_eq!(&rows[cut * side..], &bottom[plane * (side - cut) * side..][..(side - cut) * side]);
            }
        }

        #[test]
        fn nearest_rounds_as_the_standard_library(value in 0.0f32..256.0, halves in 0u32..512) {
            prop_assert_eq!(nearest(value), value.round_ties_even());
            let half = halves as f32 / 2.0;
            prop_assert_eq!(nearest(half), half.round_ties_even());
        }
    }
}
