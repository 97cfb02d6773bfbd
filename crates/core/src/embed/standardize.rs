//! From 8-bit pixels to network input.

use crate::frame::RgbView;
use crate::model::{ColorOrder, Standardization};

/// Writes `image` to `out` as three planes of standardised values, mirrored left to right if asked.
pub fn standardize(
    image: RgbView<'_>,
    standardization: Standardization,
    order: ColorOrder,
    mirrored: bool,
    out: &mut [f32],
) {
    let (width, height) = (image.width(), image.height());
    let (mean, scale) = standardization.affine().unwrap_or_else(|| statistics(image));
    let table: [f32; 256] = std::array::from_fn(|level| ((level as f64 - mean) * scale) as f32);
    let planes = match order {
        ColorOrder::Rgb => [0, 1, 2],
        ColorOrder::Bgr => [2, 1, 0],
    };
    for (plane, channel) in out.chunks_exact_mut(width * height).zip(planes) {
        for (y, line) in plane.chunks_exact_mut(width).enumerate() {
            let levels = image.row(y).iter().skip(channel).step_by(3);
            let values = levels.map(|&level| table[usize::from(level)]);
            if mirrored {
                line.iter_mut().rev().zip(values).for_each(|(to, value)| *to = value);
            } else {
                line.iter_mut().zip(values).for_each(|(to, value)| *to = value);
            }
        }
    }
}

/// Mean and inverse standard deviation over all values, the deviation kept from vanishing on flat images as in facenet's
/// `prewhiten`. Integer sums make them exact.
fn statistics(image: RgbView<'_>) -> (f64, f64) {
    let (mut sum, mut squares) = (0u64, 0u64);
    for y in 0..image.height() {
        for &level in image.row(y) {
            sum += u64::from(level);
            squares += u64::from(level).pow(2);
        }
    }
    let count = (3 * image.width() * image.height()) as f64;
    let mean = sum as f64 / count;
    let variance = (squares as f64 / count - mean * mean).max(0.0);
    (mean, 1.0 / variance.sqrt().max(1.0 / count.sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Image;

    fn image() -> Image {
        let data = (0..4 * 3 * 3).map(|i| (i * 37 % 251) as u8).collect();
        Image::from_rgb(4, 3, data).unwrap()
    }

    fn run(image: &Image, standardization: Standardization, order: ColorOrder, mirrored: bool) -> Vec<f32> {
        let mut out = vec![0.0; image.data().len()];
        standardize(image.view(), standardization, order, mirrored, &mut out);
        out
    }

    #[test]
    fn constant_standardisations_follow_their_formulas() {
        type Formula = fn(f32) -> f32;
        let formulas: [(Standardization, Formula); 4] = [
            (Standardization::Fixed, |x| (x - 127.5) / 128.0),
            (Standardization::Symmetric, |x| (x - 127.5) / 127.5),
            (Standardization::Unit, |x| x / 255.0),
            (Standardization::Raw, |x| x),
        ];
        let image = image();
        for (standardization, formula) in formulas {
            let out = run(&image, standardization, ColorOrder::Rgb, false);
            for (index, &level) in image.data().iter().enumerate() {
                let (pixel, channel) = (index / 3, index % 3);
                assert!((out[channel * 12 + pixel] - formula(f32::from(level))).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn per_image_standardisation_has_mean_zero_and_deviation_one() {
        let out = run(&image(), Standardization::PerImage, ColorOrder::Rgb, false);
        let mean = out.iter().sum::<f32>() / out.len() as f32;
        let deviation = (out.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / out.len() as f32).sqrt();
        assert!(mean.abs() < 1e-5 && (deviation - 1.0).abs() < 1e-5, "{mean} {deviation}");
    }

    #[test]
    fn a_flat_image_becomes_zero() {
        let flat = Image::from_rgb(2, 2, vec![90; 12]).unwrap();
        assert!(run(&flat, Standardization::PerImage, ColorOrder::Rgb, false).iter().all(|&v| v == 0.0));
    }

    #[test]
    fn mirror_and_colour_order_move_values() {
        let image = image();
        let plain = run(&image, Standardization::Fixed, ColorOrder::Rgb, false);
        let mirrored = run(&image, Standardization::Fixed, ColorOrder::Rgb, true);
        let swapped = run(&image, Standardization::Fixed, ColorOrder::Bgr, false);
        for (line, back) in plain.chunks(4).zip(mirrored.chunks(4)) {
            assert!(line.iter().eq(back.iter().rev()));
        }
        assert_eq!(plain[..12], swapped[24..]);
        assert_eq!(plain[24..], swapped[..12]);
    }
}
