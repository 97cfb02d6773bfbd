//! The sizes at which an image is searched, cut into bands.

use std::ops::Range;

/// Side of the square that one output cell of the proposal network looks at.
pub(super) const CELL: usize = 12;
/// Distance of neighbouring cells.
pub(super) const STRIDE: usize = 2;

/// Input pixels of one band. Bounds the memory of a pass and gives a large level to many threads; the ten rows
/// that neighbouring bands both compute cost little at this size.
const BAND_PIXELS: usize = 96 * 1024;

/// One size of the pyramid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Level {
    /// Ratio of this level's sides to those of the image.
    pub(super) scale: f64,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Level {
    /// Cells across.
    pub(super) fn columns(&self) -> usize {
        cells(self.width)
    }

    /// Cells down.
    fn rows(&self) -> usize {
        cells(self.height)
    }

    /// The level's rows of cells in bands, from the top.
    pub(super) fn bands(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let rows = self.rows();
        let most = (BAND_PIXELS / self.width / STRIDE).max(8);
        let count = rows.div_ceil(most);
        (0..count).map(move |band| rows * band / count..rows * (band + 1) / count)
    }

    /// The pixel rows that the rows of cells `band` look at.
    pub(super) fn pixel_rows(&self, band: &Range<usize>) -> Range<usize> {
        // The last band also gets the odd row that the network's pooling pads.
        let end = if band.end == self.rows() { self.height } else { (band.end - 1) * STRIDE + CELL };
        band.start * STRIDE..end
    }
}

/// Cells along a side of `pixels`: a 3x3 convolution, a 2x2 pooling that rounds up, two 3x3 convolutions.
fn cells(pixels: usize) -> usize {
    ((pixels - 2).div_ceil(2)) - 4
}

/// The levels of an image, the largest first: facenet's pyramid down to the last that holds a cell.
pub(super) fn levels(width: usize, height: usize, min_face: f64, factor: f64) -> Vec<Level> {
    let largest = CELL as f64 / min_face;
    let mut shorter = width.min(height) as f64 * largest;
    let mut levels = Vec::new();
    while shorter >= CELL as f64 {
        let scale = largest * factor.powi(levels.len() as i32);
        levels.push(Level {
            scale,
            width: (width as f64 * scale).ceil() as usize,
            height: (height as f64 * scale).ceil() as usize,
        });
        shorter *= factor;
    }
    levels
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_photo_of_250_pixels_has_the_levels_of_the_original() {
        let sides: Vec<usize> = levels(250, 250, 20.0, 0.709).iter().map(|level| level.width).collect();
        assert_eq!(sides, [150, 107, 76, 54, 38, 27, 20, 14]);
    }

    #[test]
    fn an_image_smaller_than_the_smallest_face_has_no_level() {
        assert!(levels(19, 500, 20.0, 0.709).is_empty());
        assert_eq!(levels(20, 500, 20.0, 0.709).len(), 1);
    }

    proptest! {
        #[test]
        fn bands_cover_every_row_of_cells_once(width in 12usize..3000, height in 12usize..3000) {
            let level = Level { scale: 1.0, width, height };
            let bands: Vec<_> = level.bands().collect();
            prop_assert_eq!(bands[0].start, 0);
            prop_assert_eq!(bands.last().unwrap().end, level.rows());
            for pair in bands.windows(2) {
                prop_assert_eq!(pair[0].end, pair[1].start);
            }
            for band in &bands {
                let pixels = level.pixel_rows(band);
                prop_assert!(pixels.end <= height);
                prop_assert_eq!(cells(pixels.len()), band.len());
            }
        }
    }
}
