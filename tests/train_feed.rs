//! What training sees of image files.

use std::fs;
use std::path::{Path, PathBuf};

use facenet::model::Standardization;
use facenet::train::{Augmentation, Feed, FeedOptions};
use facenet::{ErrorKind, Image};
use ndarray::{Array3, Axis, s};

const SIDE: usize = 32;

/// A picture of which every part of the size that is seen differs from every other.
fn picture(width: u32, height: u32) -> Image {
    let pixel = |x: u32, y: u32| [(x * 5) as u8, (y * 5) as u8, (x * 3 + y * 7) as u8];
    let data = (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect();
    Image::from_rgb(width, height, data).unwrap()
}

fn save(folder: &Path, name: &str, image: &Image) -> PathBuf {
    let path = folder.join(name);
    image.save(&path).unwrap();
    path
}

fn options(augmentation: Augmentation, threads: usize) -> FeedOptions {
    FeedOptions { image_size: SIDE as u32, augmentation, standardization: Standardization::Raw, seed: 1, threads }
}

fn seen(image: &Image, augmentation: Augmentation, epochs: u64) -> Vec<Array3<f32>> {
    let folder = tempfile::tempdir().unwrap();
    let path = save(folder.path(), "face.png", image);
    let feed = Feed::new(vec![path], options(augmentation, 2)).unwrap();
    (1..=epochs).map(|epoch| feed.batch(&[0], epoch).unwrap().remove_axis(Axis(0))).collect()
}

/// The picture as three planes.
fn planes(image: &Image) -> Array3<f32> {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let value = |(channel, y, x): (usize, usize, usize)| f32::from(image.data()[(y * width + x) * 3 + channel]);
    Array3::from_shape_fn((3, height, width), value)
}

/// Where in the picture a part of it lies.
fn place(part: &Array3<f32>, image: &Image) -> Option<(usize, usize)> {
    let whole = planes(image);
    let spare = |length: u32| 0..=length as usize - SIDE;
    let places = spare(image.height()).flat_map(|y| spare(image.width()).map(move |x| (x, y)));
    places.into_iter().find(|&(x, y)| whole.slice(s![.., y..y + SIDE, x..x + SIDE]) == part)
}

#[test]
fn without_chance_the_middle_is_seen() {
    let image = picture(45, 38);
    let seen = seen(&image, Augmentation::default(), 2);
    assert_eq!(place(&seen[0], &image), Some((6, 3)));
    assert_eq!(seen[0], seen[1]);
}

#[test]
fn random_crops_are_parts_of_the_picture_and_come_from_everywhere() {
    let image = picture(40, 36);
    let seen = seen(&image, Augmentation { crop: true, ..Augmentation::default() }, 200);
    let places: Vec<(usize, usize)> = seen.iter().map(|part| place(part, &image).expect("a part")).collect();
    let mean = |of: fn(&(usize, usize)) -> usize| places.iter().map(of).sum::<usize>() as f64 / places.len() as f64;
    // 0 to 8 and 0 to 4, each as likely: the deviations of the means are 0.18 and 0.1.
    assert!((mean(|place| place.0) - 4.0).abs() < 0.8 && (mean(|place| place.1) - 2.0).abs() < 0.5, "{places:?}");
    assert!(places.contains(&(0, 0)) || places.iter().any(|place| place.0 == 0));
}

#[test]
fn about_half_are_mirrored() {
    let image = picture(SIDE as u32, SIDE as u32);
    let plain = planes(&image);
    let mirrored = plain.slice(s![.., .., ..;-1]).to_owned();
    let seen = seen(&image, Augmentation { flip: true, ..Augmentation::default() }, 200);
    let count = seen.iter().filter(|&part| *part == mirrored).count();
    assert_eq!(seen.iter().filter(|&part| *part == plain).count(), 200 - count);
    // Five deviations.
    assert!((65..=135).contains(&count), "{count}");
}

#[test]
fn a_turn_keeps_the_middle_and_is_no_more_than_ten_degrees() {
    // A disc in the middle, and a dot to the right of it.
    let side = 33u32;
    let dot = |x: u32, y: u32| x.abs_diff(29) <= 1 && y.abs_diff(16) <= 1;
    let data = (0..side).flat_map(|y| (0..side).flat_map(move |x| [if dot(x, y) { 255 } else { 0 }; 3])).collect();
    let image = Image::from_rgb(side, side, data).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = save(folder.path(), "dot.png", &image);
    let turned = Augmentation { rotate: true, ..Augmentation::default() };
    let feed = Feed::new(vec![path], FeedOptions { image_size: side, ..options(turned, 1) }).unwrap();
    let mut angles = Vec::new();
    for epoch in 0..100 {
        let seen = feed.batch(&[0], epoch).unwrap();
        let (mut sum, mut x_sum, mut y_sum) = (0.0, 0.0, 0.0);
        for ((y, x), &value) in seen.slice(s![0, 0, .., ..]).indexed_iter() {
            let value = f64::from(value);
            (sum, x_sum, y_sum) = (sum + value, x_sum + value * x as f64, y_sum + value * y as f64);
        }
        let (x, y) = (x_sum / sum - 16.0, y_sum / sum - 16.0);
        assert!((x.hypot(y) - 13.0).abs() < 0.2, "the dot has moved to {x} {y}");
        angles.push(y.atan2(x).to_degrees());
    }
    let (low, high) = angles.iter().fold((f64::MAX, f64::MIN), |(low, high), &a| (low.min(a), high.max(a)));
    assert!(low > -10.5 && high < 10.5 && low < -8.0 && high > 8.0, "{low} to {high}");
}

#[test]
fn a_small_picture_is_enlarged() {
    let gray = Image::from_rgb(16, 20, vec![90; 16 * 20 * 3]).unwrap();
    assert!(seen(&gray, Augmentation::default(), 1)[0].iter().all(|&value| value == 90.0));
    // A gradient stays one: a step of 5 becomes one of 2.5.
    let seen = seen(&picture(16, 16), Augmentation::default(), 1);
    for x in 2..SIDE - 2 {
        let step = seen[0][[0, 16, x + 1]] - seen[0][[0, 16, x]];
        assert!((2.0..=3.0).contains(&step), "{step} at {x}");
    }
}

#[test]
fn threads_and_batches_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> =
        (0..6).map(|i| save(folder.path(), &format!("{i}.png"), &picture(40 + i, 45 - i))).collect();
    let all = Augmentation { crop: true, flip: true, rotate: true };
    let one = Feed::new(paths.clone(), options(all, 1)).unwrap();
    let many = Feed::new(paths, options(all, 4)).unwrap();
    let whole = one.batch(&[0, 1, 2, 3, 4, 5, 2], 3).unwrap();
    assert_eq!(whole, many.batch(&[0, 1, 2, 3, 4, 5, 2], 3).unwrap());
    assert_eq!(whole.index_axis(Axis(0), 2), whole.index_axis(Axis(0), 6));
    let parts: Vec<_> = many.batches(vec![vec![0, 1], vec![2, 3, 4], vec![5, 2]], 3, 2).map(Result::unwrap).collect();
    let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
    assert_eq!(whole, ndarray::concatenate(Axis(0), &views).unwrap());
    assert_ne!(whole, one.batch(&[0, 1, 2, 3, 4, 5, 2], 4).unwrap());
    // Nobody waits for the rest.
    drop(many.batches(vec![vec![0; 8]; 100], 1, 1));
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.png");
    fs::write(&broken, b"\x89PNG\r\n\x1a\nnothing").unwrap();
    let missing = folder.path().join("missing.png");
    let feed = Feed::new(vec![broken, missing], options(Augmentation::default(), 1)).unwrap();
    for (index, kind, name) in [(0, ErrorKind::ImageDecode, "broken.png"), (1, ErrorKind::NotFound, "missing.png")] {
        let error = feed.batch(&[index], 1).unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.to_string().contains(name), "{error}");
    }
    assert_eq!(feed.batch(&[2], 1).unwrap_err().kind(), ErrorKind::InvalidArgument);
    let mut batches = feed.batches(vec![vec![0], vec![1]], 1, 1);
    assert!(batches.next().unwrap().is_err() && batches.next().is_none());
    assert!(feed.batch(&[], 1).unwrap().is_empty());
    for wrong in
        [FeedOptions { image_size: 0, ..feed.options().clone() }, FeedOptions { threads: 0, ..feed.options().clone() }]
    {
        assert!(Feed::new(Vec::new(), wrong).is_err());
    }
}
