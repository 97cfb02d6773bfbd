//! The fuzz targets for frames and pictures, for a bounded number of mutated inputs.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};
use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use testkit::fuzz::{inputs, mutate};

#[path = "../fuzz/entries.rs"]
pub(crate) mod entries;

/// Makes the checksums of a PNG right again, so that a decoder looks further.
fn repair_png(bytes: &mut [u8]) {
    let mut start = 8;
    while let Some(header) = bytes.get(start..).and_then(|rest| rest.first_chunk::<4>()) {
        let end = start.saturating_add(8).saturating_add(u32::from_be_bytes(*header) as usize);
        let Some(content) = bytes.get(start + 4..end) else { return };
        let mut checksum = flate2::Crc::new();
        checksum.update(content);
        let Some(place) = bytes.get_mut(end..end.saturating_add(4)) else { return };
        place.copy_from_slice(&checksum.sum().to_be_bytes());
        start = end + 4;
    }
}

/// Small valid files of every format and of several kinds of pixels.
fn files() -> Vec<Vec<u8>> {
    let rgb = DynamicImage::from(image::RgbImage::from_fn(24, 18, |x, y| {
        image::Rgb([10 * x as u8, 12 * y as u8, (x * y) as u8])
    }));
    let encode = |image: &DynamicImage, format| {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    };
    let mut files: Vec<_> =
        [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Bmp, ImageFormat::Tiff, ImageFormat::Gif]
            .into_iter()
            .map(|format| encode(&rgb, format))
            .collect();
    files.push(encode(&rgb.to_luma_alpha16().into(), ImageFormat::Png));
    files.push(encode(&rgb.to_luma8().into(), ImageFormat::Jpeg));
    files.push(encode(&rgb.to_rgba16().into(), ImageFormat::Tiff));
    files.extend(
        [
            &include_bytes!("data/images/cmyk.jpg")[..],
            include_bytes!("data/images/palette.png"),
            include_bytes!("data/images/progressive.jpg"),
            include_bytes!("data/images/lossy.webp"),
        ]
        .map(<[u8]>::to_vec),
    );
    files
}

#[test]
fn mutated_files_never_panic() {
    let files = files();
    let mut random = StdRng::seed_from_u64(1);
    for file in &files {
        assert!(entries::decode(file));
    }
    let mut decoded = 0;
    for i in 0..inputs() {
        let mut bytes = files[i % files.len()].clone();
        mutate(&mut bytes, &mut random);
        if bytes.starts_with(b"\x89PNG") && random.random_bool(0.8) {
            repair_png(&mut bytes);
        }
        decoded += usize::from(entries::decode(&bytes));
    }
    println!("{decoded} of {} were decoded", inputs());
    assert!(decoded > inputs() / 20, "the inputs are too broken to test much");
}

#[test]
fn random_frames_never_panic() {
    let mut random = StdRng::seed_from_u64(2);
    let mut valid = 0;
    for _ in 0..inputs() {
        let mut bytes = vec![0; random.random_range(0..6000)];
        random.fill_bytes(&mut bytes);
        // Small sizes, so that a good part of the frames fit their bytes.
        for byte in bytes.iter_mut().take(3) {
            if random.random_bool(0.9) {
                *byte &= 0x3f;
            }
        }
        valid += usize::from(entries::frame(&bytes));
    }
    println!("{valid} of {} were valid", inputs());
    assert!(valid > inputs() / 20, "the inputs are too broken to test much");
}
