//! Stored pixels of any format to upright RGB.
//!
//! Everything is converted row by row: whole planes given to the `yuv` crate lose rows where the last row of a plane
//! has no padding, and rows allow any region and any stride.

use yuv::{YuvBiPlanarImage, YuvConversionMode, YuvError, YuvGrayImage, YuvPlanarImage, YuvRange, YuvStandardMatrix};

use super::orientation::Orientation;
use super::{ColorMatrix, ColorRange, Frame, PixelFormat, Region};
use crate::error::{Error, ErrorKind, Result};

/// Pixels of a YUY2 row that are taken apart at a time.
const PACKED_BLOCK: usize = 1024;
/// Columns and rows of the blocks that are transposed at a time: small enough for the first-level cache.
const TILE_WIDTH: usize = 128;
const TILE_HEIGHT: usize = 64;

/// Writes the pixels of `region` of the upright image, which must lie inside it, to `out`: packed RGB.
pub(super) fn upright_region(frame: &Frame<'_>, region: Region, out: &mut [u8]) -> Result<()> {
    let orientation = frame.orientation();
    let stored = orientation.region_to_stored(region, frame.upright_size());
    if orientation.swap_axes {
        return transposed(frame, orientation, stored, out);
    }
    let (x, y, height) = (stored.x as usize, stored.y as usize, stored.height as usize);
    for (i, row) in out.chunks_exact_mut(3 * stored.width as usize).enumerate() {
        let offset = if orientation.reverse_y { height - 1 - i } else { i };
        rgb_row(frame, x, y + offset, row)?;
        if orientation.reverse_x {
            reverse_pixels(row);
        }
    }
    Ok(())
}

/// Writes the `stored` region with its axes swapped, then reversed as `orientation` says.
fn transposed(frame: &Frame<'_>, orientation: Orientation, stored: Region, out: &mut [u8]) -> Result<()> {
    let (x, y) = (stored.x as usize, stored.y as usize);
    let (width, height) = (stored.width as usize, stored.height as usize);
    let mut tile = [[0; 3]; TILE_WIDTH * TILE_HEIGHT];
    let (out, _) = out.as_chunks_mut::<3>();
    for top in (0..height).step_by(TILE_HEIGHT) {
        let rows = TILE_HEIGHT.min(height - top);
        let first = if orientation.reverse_x { height - top - rows } else { top };
        for left in (0..width).step_by(TILE_WIDTH) {
            let columns = TILE_WIDTH.min(width - left);
            for j in 0..rows {
                // Reversed here, so that every column of the tile is written in the order it is read.
                let place = if orientation.reverse_x { rows - 1 - j } else { j };
                let row = &mut tile[place * TILE_WIDTH..][..columns];
                rgb_row(frame, x + left, y + top + j, row.as_flattened_mut())?;
            }
            for i in 0..columns {
                let upright_row = if orientation.reverse_y { width - 1 - left - i } else { left + i };
                let target = &mut out[upright_row * height + first..][..rows];
                let column = tile[i..].iter().step_by(TILE_WIDTH);
                target.iter_mut().zip(column).for_each(|(target, pixel)| *target = *pixel);
            }
        }
    }
    Ok(())
}

fn reverse_pixels(row: &mut [u8]) {
    let (pixels, _) = row.as_chunks_mut::<3>();
    pixels.reverse();
}

/// Writes the RGB pixels of stored row `y` from column `x` on to `out`.
fn rgb_row(frame: &Frame<'_>, x: usize, y: usize, out: &mut [u8]) -> Result<()> {
    if frame.format().has_shared_chroma() && x % 2 == 1 {
        // Begin with the pixel to the left, which shares its chroma with this one.
        let mut pair = [0; 6];
        let (first, rest) = out.split_at_mut(3);
        row_from_even_column(frame, x - 1, y, &mut pair)?;
        first.copy_from_slice(&pair[3..]);
        return if rest.is_empty() { Ok(()) } else { row_from_even_column(frame, x + 1, y, rest) };
    }
    row_from_even_column(frame, x, y, out)
}

/// [`rgb_row`], where `x` is even if the format shares chroma between pixels.
fn row_from_even_column(frame: &Frame<'_>, x: usize, y: usize, out: &mut [u8]) -> Result<()> {
    let width = out.len() / 3;
    let chroma = width.div_ceil(2);
    let pixels = |bytes_each: usize| &frame.row(0, y)[bytes_each * x..][..bytes_each * width];
    let converted = match frame.format() {
        PixelFormat::Rgb => {
            out.copy_from_slice(pixels(3));
            Ok(())
        }
        PixelFormat::Bgr => swizzle(yuv::bgr_to_rgb, pixels(3), out),
        PixelFormat::Rgba | PixelFormat::Rgbx => swizzle(yuv::rgba_to_rgb, pixels(4), out),
        PixelFormat::Bgra | PixelFormat::Bgrx => swizzle(yuv::bgra_to_rgb, pixels(4), out),
        PixelFormat::Gray8 => gray_row(frame, pixels(1), out),
        PixelFormat::Nv12 | PixelFormat::Nv21 => nv_row(frame, pixels(1), &frame.row(1, y / 2)[x..][..2 * chroma], out),
        PixelFormat::I420 => {
            let [u, v] = [1, 2].map(|plane| &frame.row(plane, y / 2)[x / 2..][..chroma]);
            planar_row(frame, pixels(1), u, v, out)
        }
        PixelFormat::Yuy2 | PixelFormat::Uyvy => packed_row(frame, &frame.row(0, y)[2 * x..][..4 * chroma], out),
    };
    // Every length was checked when the frame was made, so this cannot happen.
    converted.map_err(|error| Error::new(ErrorKind::Internal, format!("pixel conversion failed: {error}")))
}

type Swizzle = fn(&[u8], u32, &mut [u8], u32, u32, u32) -> Result<(), YuvError>;

fn swizzle(convert: Swizzle, pixels: &[u8], out: &mut [u8]) -> Result<(), YuvError> {
    let (source_stride, out_stride) = (pixels.len() as u32, out.len() as u32);
    convert(pixels, source_stride, out, out_stride, out_stride / 3, 1)
}

fn gray_row(frame: &Frame<'_>, luma: &[u8], out: &mut [u8]) -> Result<(), YuvError> {
    let (range, matrix) = coefficients(frame);
    let width = luma.len() as u32;
    let row = YuvGrayImage { y_plane: luma, y_stride: width, width, height: 1 };
    yuv::yuv400_to_rgb(&row, out, 3 * width, range, matrix)
}

fn nv_row(frame: &Frame<'_>, luma: &[u8], chroma: &[u8], out: &mut [u8]) -> Result<(), YuvError> {
    let (range, matrix) = coefficients(frame);
    let (width, uv_stride) = (luma.len() as u32, chroma.len() as u32);
    let row = YuvBiPlanarImage { y_plane: luma, y_stride: width, uv_plane: chroma, uv_stride, width, height: 1 };
    let convert = if frame.format() == PixelFormat::Nv21 { yuv::yuv_nv21_to_rgb } else { yuv::yuv_nv12_to_rgb };
    convert(&row, out, 3 * width, range, matrix, YuvConversionMode::Balanced)
}

fn planar_row(frame: &Frame<'_>, luma: &[u8], u: &[u8], v: &[u8], out: &mut [u8]) -> Result<(), YuvError> {
    let (range, matrix) = coefficients(frame);
    let (width, chroma_width) = (luma.len() as u32, u.len() as u32);
    let row = YuvPlanarImage {
        y_plane: luma,
        y_stride: width,
        u_plane: u,
        u_stride: chroma_width,
        v_plane: v,
        v_stride: chroma_width,
        width,
        height: 1,
    };
    yuv::yuv420_to_rgb(&row, out, 3 * width, range, matrix)
}

/// One row of YUY2 or UYVY is one row of NV12 with the bytes of Y and UV in turn. Taking them apart is exact to the last
/// bit of the NV12 conversion; the `yuv` crate's own conversions of them have only 6 bits of precision.
fn packed_row(frame: &Frame<'_>, packed: &[u8], out: &mut [u8]) -> Result<(), YuvError> {
    let (mut luma, mut chroma) = ([0; PACKED_BLOCK], [0; PACKED_BLOCK]);
    for (packed, out) in packed.chunks(2 * PACKED_BLOCK).zip(out.chunks_mut(3 * PACKED_BLOCK)) {
        let (pairs, _) = packed.as_chunks::<2>();
        let (first, second) = match frame.format() {
            PixelFormat::Uyvy => (&mut chroma, &mut luma),
            _ => (&mut luma, &mut chroma),
        };
        // As numbers of 16 bits and in two loops: the form that compilers turn into vector code.
        for (first, &pair) in first.iter_mut().zip(pairs) {
            *first = u16::from_le_bytes(pair) as u8;
        }
        for (second, &pair) in second.iter_mut().zip(pairs) {
            *second = (u16::from_le_bytes(pair) >> 8) as u8;
        }
        nv_row(frame, &luma[..out.len() / 3], &chroma[..pairs.len()], out)?;
    }
    Ok(())
}

fn coefficients(frame: &Frame<'_>) -> (YuvRange, YuvStandardMatrix) {
    let range = match frame.range() {
        ColorRange::Limited => YuvRange::Limited,
        ColorRange::Full => YuvRange::Full,
    };
    let matrix = match frame.matrix() {
        ColorMatrix::Bt601 => YuvStandardMatrix::Bt601,
        ColorMatrix::Bt709 => YuvStandardMatrix::Bt709,
        ColorMatrix::Bt2020 => YuvStandardMatrix::Bt2020,
    };
    (range, matrix)
}
