//! The margin crop, against Pillow and against the crops of the original toolkit.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use facenet::align::{AlignScratch, Aligner, margin_region};
use facenet::frame::{Frame, Image, PixelFormat, Plane, Region, Rotation};
use facenet::model::Alignment;
use facenet::{ErrorKind, Landmarks, Rect};
use proptest::prelude::*;

fn aligner(margin: u32, size: u32) -> Aligner {
    Aligner::new(Alignment::Margin { margin }, size).unwrap()
}

fn margin_crop(frame: &Frame<'_>, rect: Rect, margin: u32, size: u32) -> facenet::Result<Image> {
    aligner(margin, size).align(frame, &rect, &Landmarks::default())
}

/// A picture full of edges.
fn rough(width: u32, height: u32) -> Image {
    let pixel = |x: u32, y: u32| [7 * x + 3 * y + x * y / 8, x * x / 16 + 5 * y, 11 * x + 13 * y].map(|v| v as u8);
    Image::from_rgb(width, height, (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect())
        .unwrap()
}

fn whole(image: &Image) -> Rect {
    Region::new(0, 0, image.width(), image.height()).to_rect()
}

fn largest_difference(a: &Image, b: &Image) -> u8 {
    assert_eq!((a.width(), a.height()), (b.width(), b.height()));
    a.data().iter().zip(b.data()).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

#[test]
fn resizing_equals_pillow() {
    for (width, height, size, golden) in [
        (97, 61, 24, &include_bytes!("data/align/pillow_reduced.png")[..]),
        (13, 17, 40, include_bytes!("data/align/pillow_enlarged.png")),
    ] {
        let picture = rough(width, height);
        let crop = margin_crop(&picture.frame(), whole(&picture), 0, size).unwrap();
        assert!(largest_difference(&crop, &Image::decode(golden).unwrap()) <= 1, "{width}x{height} to {size}");
    }
}

/// A triangle filter over one line, in floating point: as wide as two source or two target pixels, the larger.
fn filtered(line: &[f64], target: usize) -> Vec<f64> {
    let scale = line.len() as f64 / target as f64;
    let support = scale.max(1.0);
    (0..target)
        .map(|i| {
            let center = (i as f64 + 0.5) * scale;
            let weights: Vec<f64> =
                (0..line.len()).map(|j| (1.0 - ((j as f64 + 0.5 - center) / support).abs()).max(0.0)).collect();
            line.iter().zip(&weights).map(|(value, weight)| value * weight).sum::<f64>() / weights.iter().sum::<f64>()
        })
        .collect()
}

/// `region` of `image`, resized by [`filtered`] lines.
fn reference_resize(image: &Image, region: Region, size: usize) -> Vec<f64> {
    let view = image.view().crop(region.x as usize, region.y as usize, region.width as usize, region.height as usize);
    let mut planes = Vec::new();
    for channel in 0..3 {
        let rows: Vec<Vec<f64>> = view
            .rows()
            .map(|row| filtered(&row.iter().skip(channel).step_by(3).map(|&v| f64::from(v)).collect::<Vec<_>>(), size))
            .collect();
        let columns: Vec<Vec<f64>> =
            (0..size).map(|x| filtered(&rows.iter().map(|row| row[x]).collect::<Vec<_>>(), size)).collect();
        planes.push(columns);
    }
    (0..size)
        .flat_map(|y| (0..size).flat_map(move |x| (0..3).map(move |c| (x, y, c))))
        .map(|(x, y, c)| planes[c][x][y])
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn crops_equal_a_plain_implementation(
        width in 2u32..120, height in 2u32..120, size in 1u32..80, margin in 0u32..40,
        edges in prop::array::uniform4(-30.0f32..150.0),
    ) {
        let image = rough(width, height);
        let [a, b, c, d] = edges;
        let rect = Rect::new(a.min(c), b.min(d), a.max(c), b.max(d));
        let half = margin as f32 / 2.0;
        let first = |edge: f32| (edge - half).max(0.0).floor() as u32;
        let last = |edge: f32, size: u32| (edge + half).min(size as f32).max(0.0).floor() as u32;
        let (x1, y1, x2, y2) = (first(rect.x1), first(rect.y1), last(rect.x2, width), last(rect.y2, height));
        match margin_crop(&image.frame(), rect, margin, size) {
            Ok(crop) => {
                let region = Region::new(x1, y1, x2 - x1, y2 - y1);
                prop_assert_eq!(margin_region(&rect, margin, width, height).unwrap(), region);
                let expected = reference_resize(&image, region, size as usize);
                for (is, want) in crop.data().iter().zip(expected) {
                    // Pillow and its likes round after each of the two passes.
                    prop_assert!((f64::from(*is) - want).abs() <= 1.6, "{is} {want}");
                }
            }
            Err(error) => {
                prop_assert_eq!(error.kind(), ErrorKind::InvalidArgument);
                prop_assert!(x1 >= x2 || y1 >= y2 || !rect.is_valid(), "{}", error);
            }
        }
    }

    #[test]
    fn the_way_a_frame_is_stored_does_not_matter(
        rotation in prop::sample::select(&[0u32, 90, 180, 270][..]), mirror: bool, padding in 0usize..9,
        x in 2u32..30, y in 2u32..30, width in 4u32..40, height in 4u32..40,
    ) {
        let upright = rough(60, 50);
        let rotation = Rotation::from_degrees(rotation).unwrap();
        // The stored pixels: the upright ones turned the other way round, with padded rows.
        let back = Rotation::from_degrees((360 - rotation.degrees()) % 360).unwrap();
        let mirrored = upright.frame().with_mirror(mirror).upright().unwrap().view().rows().flatten().copied().collect();
        let mirrored = Image::from_rgb(60, 50, mirrored).unwrap();
        let turned = mirrored.frame().with_rotation(back);
        let (stored_width, stored_height) = turned.upright_size();
        let stored: Vec<u8> = turned.upright().unwrap().view().rows()
            .flat_map(|row| row.iter().copied().chain(std::iter::repeat_n(0, padding))).collect();
        let plane = Plane::new(&stored, (3 * stored_width as usize + padding) as isize);
        let frame = Frame::new(PixelFormat::Rgb, stored_width, stored_height, &[plane]).unwrap()
            .with_rotation(rotation).with_mirror(mirror);

        let rect = Region::new(x, y, width, height).to_rect();
        let direct = margin_crop(&upright.frame(), rect, 8, 32);
        let turned = margin_crop(&frame, frame.rect_to_stored(rect), 8, 32);
        prop_assert_eq!(direct.unwrap(), turned.unwrap());
    }
}

#[test]
fn edges_are_cut_as_numpy_cuts_them() {
    let region = |x1, y1, x2, y2, margin| margin_region(&Rect::new(x1, y1, x2, y2), margin, 250, 250).unwrap();
    assert_eq!(region(100.0, 100.0, 150.0, 160.0, 32), Region::new(84, 84, 82, 92));
    assert_eq!(region(100.6, 100.4, 150.6, 160.4, 0), Region::new(100, 100, 50, 60));
    assert_eq!(region(100.0, 100.0, 150.0, 160.0, 33), Region::new(83, 83, 83, 93));
    assert_eq!(region(-5.0, 10.0, 300.0, 240.0, 32), Region::new(0, 0, 250, 250));
    assert_eq!(region(15.5, 16.5, 16.5, 17.5, 32), Region::new(0, 0, 32, 33));
}

#[test]
fn boxes_without_pixels_are_refused() {
    let image = rough(50, 40);
    let nan = f32::NAN;
    for rect in [
        Rect::new(nan, 0.0, 10.0, 10.0),
        Rect::new(0.0, 0.0, nan, 10.0),
        Rect::new(0.0, 0.0, f32::INFINITY, 10.0),
        Rect::new(10.0, 10.0, 10.0, 20.0),
        Rect::new(20.0, 10.0, 10.0, 20.0),
        Rect::new(60.0, 10.0, 90.0, 20.0),
        Rect::new(10.0, 45.0, 20.0, 60.0),
        Rect::new(-30.0, 10.0, -10.0, 20.0),
        Rect::new(1e30, 1e30, 2e30, 2e30),
    ] {
        let mut crop = rough(3, 3);
        let error = aligner(4, 16).align_into(
            &image.frame(),
            &rect,
            &Landmarks::default(),
            &mut AlignScratch::default(),
            &mut crop,
        );
        assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidArgument, "{rect:?}");
        assert_eq!(crop, rough(3, 3), "what failed leaves the crop as it was");
    }
    let tiny = Rect::new(10.2, 10.2, 10.8, 10.8);
    assert!(margin_crop(&image.frame(), tiny, 0, 16).is_err());
    assert!(margin_crop(&image.frame(), tiny, 4, 16).is_ok(), "the margin makes room");
    assert!(margin_crop(&image.frame(), Rect::new(-1e30, -1e30, 1e30, 1e30), u32::MAX, 16).is_ok());
}

#[test]
fn sizes_are_checked() {
    let kind = |size| Aligner::new(Alignment::Margin { margin: 32 }, size).unwrap_err().kind();
    assert_eq!([0, 4097, u32::MAX].map(kind), [ErrorKind::InvalidArgument; 3]);
}

#[test]
fn each_face_has_its_own_result() {
    let image = rough(100, 80);
    let landmarks = Landmarks::default();
    let rects =
        [Rect::new(10.0, 10.0, 40.0, 40.0), Rect::new(200.0, 0.0, 210.0, 10.0), Rect::new(50.0, 30.0, 90.0, 75.0)];
    let crops = aligner(8, 48).align_each(&image.frame(), rects.iter().map(|rect| (rect, &landmarks)));
    assert_eq!(crops.len(), 3);
    for (crop, rect) in crops.into_iter().zip(rects) {
        match margin_crop(&image.frame(), rect, 8, 48) {
            Ok(alone) => assert_eq!(crop.unwrap(), alone),
            Err(_) => assert!(crop.is_err()),
        }
    }
}

#[derive(serde::Deserialize)]
struct Detection {
    boxes: Vec<[f32; 5]>,
}

/// The seed's choice among several faces: large and in the middle.
fn chosen(boxes: &[[f32; 5]], width: u32, height: u32) -> Option<Rect> {
    let rect = |b: &[f32; 5]| Rect::new(b[0], b[1], b[2], b[3]);
    let weight = |rect: &Rect| {
        let center = rect.center();
        let (dx, dy) = (center.x - width as f32 / 2.0, center.y - height as f32 / 2.0);
        rect.area() - 2.0 * (dx * dx + dy * dy)
    };
    boxes.iter().map(rect).max_by(|a, b| weight(a).total_cmp(&weight(b)))
}

#[test]
fn crops_of_photos_equal_those_of_the_original_toolkit() {
    let golden = testkit::reference::golden();
    let detections: BTreeMap<String, Detection> =
        serde_json::from_reader(File::open(golden.join("mtcnn_photos.json")).unwrap()).unwrap();
    for (name, detection) in &detections {
        let psnr = agreement(&Image::open(testkit::photo(name)).unwrap(), detection, &golden.join("crops").join(name));
        // The photos are large: what Pillow rounds between its two passes is all that differs.
        assert!(psnr >= 50.0, "{name}: {psnr:.2} dB");
    }
}

#[test]
fn crops_of_lfw_equal_those_of_the_original_toolkit() {
    let Some(reference) = testkit::reference::reference_data() else { return };
    let golden = File::open(reference.join("golden/mtcnn_lfw.json.gz")).unwrap();
    let detections: BTreeMap<String, Detection> =
        serde_json::from_reader(flate2::read::GzDecoder::new(golden)).unwrap();
    let crop_of = |name: &str| reference.join("golden/crops").join(name).with_extension("png");
    let (mut images, mut lowest) = (0, f64::MAX);
    for (name, jpeg) in testkit::reference::lfw_images(&reference) {
        let Some(detection) = detections.get(&name).filter(|_| crop_of(&name).is_file()) else { continue };
        let psnr = agreement(&Image::decode(&jpeg).unwrap(), detection, &crop_of(&name));
        assert!(psnr >= 40.0, "{name}: {psnr:.2} dB");
        (images, lowest) = (images + 1, lowest.min(psnr));
    }
    assert!(images >= 10, "{images} images");
    println!("{images} crops, lowest PSNR {lowest:.2} dB");
}

/// How well the crop of an image equals that in a file, a PNG.
fn agreement(image: &Image, detection: &Detection, crop: &Path) -> f64 {
    let rect = chosen(&detection.boxes, image.width(), image.height()).unwrap();
    let expected = Image::open(crop.with_extension("png")).unwrap();
    psnr(&margin_crop(&image.frame(), rect, 32, 160).unwrap(), &expected)
}

/// Peak signal-to-noise ratio in decibels.
fn psnr(a: &Image, b: &Image) -> f64 {
    assert_eq!((a.width(), a.height()), (b.width(), b.height()));
    let squares = a.data().iter().zip(b.data()).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2));
    let mean = squares.sum::<f64>() / a.data().len() as f64;
    10.0 * (255.0 * 255.0 / mean).log10()
}
