//! The detector against boxes and landmarks computed by the original TensorFlow code.

use std::collections::HashMap;

use facenet::{Detector, DetectorOptions, Face, Image, Rect, Runtime, RuntimeOptions};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    /// Left, top, right, bottom, score.
    boxes: Vec<[f32; 5]>,
    /// Five x, then five y.
    points: Vec<[f32; 10]>,
}

/// How well a detector's faces fit the golden ones.
#[derive(Debug, Default)]
struct Agreement {
    images: usize,
    same_count: usize,
    faces: usize,
    same_place: usize,
    misses: Vec<String>,
}

impl Agreement {
    fn add(&mut self, name: &str, faces: &[Face], golden: &Golden) {
        self.images += 1;
        if faces.len() != golden.boxes.len() {
            self.misses.push(format!("{name}: {} faces, {} expected", faces.len(), golden.boxes.len()));
            return;
        }
        self.same_count += 1;
        for (expected, points) in golden.boxes.iter().zip(&golden.points) {
            self.faces += 1;
            let target = Rect::new(expected[0], expected[1], expected[2], expected[3]);
            let nearest = faces.iter().max_by(|a, b| a.rect.iou(&target).total_cmp(&b.rect.iou(&target))).unwrap();
            let iou = nearest.rect.iou(&target);
            let offset = (0..5)
                .map(|i| {
                    let point = nearest.landmarks.0[i];
                    (point.x - points[i]).hypot(point.y - points[5 + i])
                })
                .fold(0.0, f32::max);
            if iou >= 0.97 && offset <= 1.0 {
                self.same_place += 1;
            } else {
                self.misses.push(format!("{name}: IoU {iou:.4}, landmarks off by {offset:.2} px"));
            }
        }
    }
}

fn detector() -> Detector {
    let runtime = Runtime::new(RuntimeOptions::default()).expect("ONNX Runtime");
    Detector::new(&runtime, DetectorOptions::default()).expect("the shipped networks")
}

#[test]
fn photo_faces_are_those_of_the_original() {
    let file = std::fs::File::open(testkit::reference::golden().join("mtcnn_photos.json")).unwrap();
    let golden: HashMap<String, Golden> = serde_json::from_reader(file).unwrap();
    let detector = detector();
    let mut agreement = Agreement::default();
    for (name, golden) in &golden {
        let image = Image::open(testkit::photo(name)).unwrap();
        agreement.add(name, &detector.detect(&image.frame()).unwrap(), golden);
    }
    assert_eq!(agreement.images, 4);
    assert!(agreement.misses.is_empty(), "{}", agreement.misses.join("\n"));
}

#[test]
fn lfw_faces_are_those_of_the_original() {
    let Some(reference) = testkit::reference::reference_data() else { return };
    let file = std::fs::File::open(reference.join("golden/mtcnn_lfw.json.gz")).unwrap();
    let golden: HashMap<String, Golden> = serde_json::from_reader(flate2::read::GzDecoder::new(file)).unwrap();
    let detector = detector();
    let mut agreement = Agreement::default();
    let mut images =
        testkit::reference::lfw_images(&reference).filter(|(name, _)| golden.contains_key(name)).peekable();
    while images.peek().is_some() {
        let (names, images): (Vec<_>, Vec<_>) =
            images.by_ref().take(64).map(|(name, data)| (name, Image::decode(&data).expect("a JPEG file"))).unzip();
        let frames: Vec<_> = images.iter().map(Image::frame).collect();
        for (name, faces) in names.iter().zip(detector.detect_batch(&frames).unwrap()) {
            agreement.add(name, &faces, &golden[name]);
        }
    }
    eprintln!(
        "{} images: same number of faces in {}; {} faces: same place {}\n{}",
        agreement.images,
        agreement.same_count,
        agreement.faces,
        agreement.same_place,
        agreement.misses.join("\n")
    );
    assert_eq!(agreement.images, golden.len());
    assert!(agreement.same_count as f64 >= 0.995 * agreement.images as f64);
    assert!(agreement.same_place as f64 >= 0.995 * agreement.faces as f64);
}
