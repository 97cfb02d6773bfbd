//! The detector's options, regions, orientations and threads.

use facenet::detect::{MinFaceSize, Rotations, Selection};
use facenet::frame::{PixelFormat, Rotation};
use facenet::{Detector, DetectorOptions, ErrorKind, Face, Frame, Image, Pipeline, PipelineOptions, Rect, Runtime};
use facenet::{Metric, RuntimeOptions};

fn runtime() -> Runtime {
    Runtime::new(RuntimeOptions::default()).expect("ONNX Runtime")
}

fn detector(options: DetectorOptions) -> Detector {
    Detector::new(&runtime(), options).expect("the shipped networks")
}

fn photo(name: &str) -> Image {
    Image::open(format!("{}/examples/photos/{name}", env!("CARGO_MANIFEST_DIR"))).expect("a shipped photo")
}

fn assert_near(a: &Face, b: &Face, pixels: f32) {
    let corners = |face: &Face| [face.rect.x1, face.rect.y1, face.rect.x2, face.rect.y2];
    let points = |face: &Face| face.landmarks.0.map(|point| [point.x, point.y]).concat();
    let differences = corners(a).into_iter().zip(corners(b)).chain(points(a).into_iter().zip(points(b)));
    for (x, y) in differences {
        assert!((x - y).abs() <= pixels, "{a:?}\n{b:?}");
    }
}

#[test]
fn a_batch_gives_what_each_image_gives() {
    let detector = detector(DetectorOptions::default());
    let images = ["astronaut.png", "obama.jpg", "obama2.jpg"].map(photo);
    let frames = images.each_ref().map(Image::frame);
    for (frame, faces) in frames.iter().zip(detector.detect_batch(&frames).unwrap()) {
        let single = detector.detect(frame).unwrap();
        assert_eq!(faces.len(), single.len());
        faces.iter().zip(&single).for_each(|(a, b)| assert_near(a, b, 0.05));
    }
    assert!(detector.detect_batch(&[]).unwrap().is_empty());
}

#[test]
fn a_region_is_searched_alone_and_answers_in_the_whole() {
    let detector = detector(DetectorOptions::default());
    let image = photo("obama.jpg");
    let all = detector.detect(&image.frame()).unwrap();
    assert_eq!(all.len(), 2);
    let badge = &all[1];
    let around = Rect::new(badge.rect.x1 - 60.0, badge.rect.y1 - 60.0, 910.0, 1137.0);
    let found = detector.detect_in(&image.frame(), around).unwrap();
    assert!(found.iter().any(|face| face.rect.iou(&badge.rect) > 0.5), "{found:?} {badge:?}");
    assert!(found.iter().all(|face| face.rect.iou(&all[0].rect) == 0.0));

    for nowhere in [
        Rect::new(910.0, 0.0, 1000.0, 100.0),
        Rect::new(10.0, 10.0, 10.0, 50.0),
        Rect::new(50.0, 0.0, 10.0, 50.0),
        Rect::new(f32::NAN, 0.0, 10.0, 10.0),
        Rect::new(-50.0, -50.0, -1.0, -1.0),
    ] {
        let error = detector.detect_in(&image.frame(), nowhere).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{nowhere:?}");
    }
    let everything = Rect::new(-1e9, -1e9, 1e9, 1e9);
    assert_eq!(detector.detect_in(&image.frame(), everything).unwrap().len(), 2);
}

/// The image lying on its left side: turned clockwise, it is upright again.
fn lying(image: &Image) -> Image {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let mut data = Vec::with_capacity(image.data().len());
    for y in 0..width {
        for x in 0..height {
            let at = (x * width + width - 1 - y) * 3;
            data.extend_from_slice(&image.data()[at..at + 3]);
        }
    }
    Image::from_rgb(height as u32, width as u32, data).unwrap()
}

#[test]
fn faces_of_turned_frames_lie_where_the_pixels_are() {
    let detector = detector(DetectorOptions::default());
    let upright = photo("astronaut.png");
    let width = upright.width() as f32;
    let face = detector.detect(&upright.frame()).unwrap()[0];
    let turned = lying(&upright);
    let frame = turned.frame().with_rotation(Rotation::Clockwise90);
    let found = detector.detect(&frame).unwrap();
    assert_eq!(found.len(), 1);
    let mut expected = face;
    expected.rect = Rect::new(face.rect.y1, width - face.rect.x2, face.rect.y2, width - face.rect.x1);
    for (point, from) in expected.landmarks.0.iter_mut().zip(&face.landmarks.0) {
        (point.x, point.y) = (from.y, width - from.x);
    }
    assert_near(&found[0], &expected, 1.0);

    let region = Rect::new(expected.rect.x1 - 40.0, expected.rect.y1 - 40.0, 400.0, 500.0);
    let found = detector.detect_in(&frame, region).unwrap();
    assert!(found[0].rect.iou(&expected.rect) > 0.85, "{found:?} {expected:?}");
}

#[test]
fn the_order_of_the_colours_in_memory_changes_nothing() {
    let detector = detector(DetectorOptions::default());
    let image = photo("astronaut.png");
    let mut swapped = image.data().to_vec();
    swapped.chunks_exact_mut(3).for_each(|pixel| pixel.swap(0, 2));
    let bgr = Frame::packed(PixelFormat::Bgr, image.width(), image.height(), &swapped).unwrap();
    assert_eq!(detector.detect(&bgr).unwrap(), detector.detect(&image.frame()).unwrap());
}

#[test]
fn options_choose_among_faces() {
    let everything = detector(DetectorOptions::default());
    let image = photo("obama.jpg");
    let all = everything.detect(&image.frame()).unwrap();
    assert!(all[0].score >= all[1].score);
    for selection in [Selection::Largest, Selection::Central, Selection::MostProbable] {
        let one = everything.with_options(DetectorOptions { selection, ..DetectorOptions::default() }).unwrap();
        assert_eq!(one.detect(&image.frame()).unwrap(), all[..1], "{selection:?}");
    }
    let first = DetectorOptions { max_faces: Some(1), ..DetectorOptions::default() };
    assert_eq!(everything.with_options(first).unwrap().detect(&image.frame()).unwrap(), all[..1]);

    // The badge is a third of the portrait's height; a fifth of the picture leaves it out.
    let large = DetectorOptions { min_face_size: MinFaceSize::Relative(0.25), ..DetectorOptions::default() };
    let found = everything.with_options(large).unwrap().detect(&image.frame()).unwrap();
    assert!(found.iter().any(|face| face.rect.iou(&all[0].rect) > 0.85), "{found:?}");
    let strict = DetectorOptions { thresholds: [0.6, 0.7, 0.95], ..DetectorOptions::default() };
    assert_eq!(everything.with_options(strict).unwrap().detect(&image.frame()).unwrap().len(), 1);
}

#[test]
fn options_out_of_range_are_refused() {
    let detector = detector(DetectorOptions::default());
    let good = DetectorOptions::default;
    let bad = [
        DetectorOptions { min_face_size: MinFaceSize::Pixels(0.0), ..good() },
        DetectorOptions { min_face_size: MinFaceSize::Pixels(f32::NAN), ..good() },
        DetectorOptions { min_face_size: MinFaceSize::Pixels(f32::INFINITY), ..good() },
        DetectorOptions { min_face_size: MinFaceSize::Relative(0.0), ..good() },
        DetectorOptions { min_face_size: MinFaceSize::Relative(1.5), ..good() },
        DetectorOptions { thresholds: [0.6, 0.0, 0.7], ..good() },
        DetectorOptions { thresholds: [0.6, 0.7, 1.0], ..good() },
        DetectorOptions { thresholds: [f32::NAN, 0.7, 0.7], ..good() },
        DetectorOptions { factor: 1.0, ..good() },
        DetectorOptions { factor: 0.0, ..good() },
        DetectorOptions { factor: f64::NAN, ..good() },
        DetectorOptions { max_faces: Some(0), ..good() },
    ];
    for options in bad {
        let error = detector.with_options(options.clone()).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{options:?}");
    }
}

#[test]
fn a_network_in_the_place_of_another_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let shipped = runtime().models().to_path_buf();
    for name in ["mtcnn-pnet.onnx", "mtcnn-onet.onnx"] {
        std::fs::copy(shipped.join(name), folder.path().join(name)).unwrap();
    }
    std::fs::copy(shipped.join("mtcnn-pnet.onnx"), folder.path().join("mtcnn-rnet.onnx")).unwrap();
    let options = RuntimeOptions { models: Some(folder.path().to_path_buf()), ..RuntimeOptions::default() };
    let error = Detector::new(&Runtime::new(options).unwrap(), DetectorOptions::default()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::ModelMismatch);
    assert!(error.to_string().contains("mtcnn-rnet.onnx"), "{error}");
}

#[test]
fn a_pipeline_follows_regions_and_orientations() {
    let pipeline = Pipeline::new(&runtime(), PipelineOptions::default()).unwrap();
    let upright = photo("astronaut.png");
    let expected = pipeline.process(&upright.frame()).unwrap().remove(0);
    let turned = lying(&upright);
    let frame = turned.frame().with_rotation(Rotation::Clockwise90);
    let whole = pipeline.process(&frame).unwrap().remove(0);
    let found = pipeline.detector().detect(&frame).unwrap()[0];
    assert_eq!(whole.face, found);
    let Rect { x1, y1, x2, y2 } = found.rect;
    let part = pipeline.process_in(&frame, Rect::new(x1 - 80.0, y1 - 80.0, x2 + 80.0, y2 + 80.0)).unwrap().remove(0);
    for face in [whole, part] {
        assert!(face.embedding.distance(&expected.embedding, Metric::Euclidean).unwrap() < 0.35);
    }
}

#[test]
fn images_without_a_face_have_none() {
    let detector = detector(DetectorOptions::default());
    for (width, height) in [(1, 1), (11, 11), (19, 400), (20, 20), (3000, 2), (640, 480)] {
        let image = Image::from_rgb(width, height, vec![77; (width * height * 3) as usize]).unwrap();
        assert!(detector.detect(&image.frame()).unwrap().is_empty(), "{width}x{height}");
    }
}

#[test]
fn small_faces_are_found_by_enlarging() {
    let image = photo("astronaut.png");
    let tiny = DetectorOptions { min_face_size: MinFaceSize::Pixels(10.0), ..DetectorOptions::default() };
    let found = detector(tiny).detect(&image.frame()).unwrap();
    assert!(found.iter().any(|face| face.rect.iou(&Rect::new(179.8, 60.1, 268.1, 173.9)) > 0.8), "{found:?}");
}

#[test]
fn threads_do_not_disturb_each_other() {
    let pipeline = Pipeline::new(&runtime(), PipelineOptions::default()).unwrap();
    let images = ["astronaut.png", "obama2.jpg"].map(photo);
    let expected = images.each_ref().map(|image| pipeline.process(&image.frame()).unwrap());
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (pipeline, image, expected) = (pipeline.clone(), &images[thread % 2], &expected[thread % 2]);
            scope.spawn(move || {
                for _ in 0..3 {
                    let found = pipeline.process(&image.frame()).unwrap();
                    assert_eq!(found.len(), expected.len());
                    for (a, b) in found.iter().zip(expected) {
                        assert_eq!(a.face, b.face);
                        assert!(a.embedding.distance(&b.embedding, Metric::Euclidean).unwrap() < 1e-5);
                    }
                }
            });
        }
    });
}

/// The photo as it is stored on its side: to be turned by the rotation to stand upright.
fn stored(image: &Image, rotation: Rotation) -> Image {
    let back = Rotation::from_degrees((360 - rotation.degrees()) % 360).unwrap();
    let turned = image.frame().with_rotation(back);
    let mut stored = Image::default();
    turned.upright_into(&mut stored).unwrap();
    stored
}

const TURNS: [Rotation; 3] = [Rotation::Clockwise90, Rotation::Clockwise180, Rotation::Clockwise270];

#[test]
fn quarter_turns_find_the_faces_of_a_turned_photo() {
    let turning = DetectorOptions { rotations: Rotations::QuarterTurns, ..DetectorOptions::default() };
    let detector = detector(turning);
    let photos = ["obama.jpg", "biden.jpg"].map(photo);
    let expected = detector.detect_batch(&photos.each_ref().map(Image::frame)).unwrap();
    for turn in TURNS {
        let stored = photos.each_ref().map(|photo| stored(photo, turn));
        let frames = stored.each_ref().map(Image::frame);
        for ((frame, faces), expected) in frames.iter().zip(detector.detect_batch(&frames).unwrap()).zip(&expected) {
            assert_eq!(faces.len(), expected.len(), "{turn:?}");
            for (face, expected) in faces.iter().zip(expected) {
                // The way back is that of a frame that says how it lies.
                let told = frame.with_rotation(turn);
                let upright = Face {
                    rect: told.rect_to_upright(face.rect),
                    landmarks: facenet::Landmarks(face.landmarks.0.map(|point| told.to_upright(point))),
                    ..*face
                };
                assert_near(&upright, expected, 0.05);
            }
            let region = Rect::new(0.0, 0.0, frame.width() as f32, frame.height() as f32);
            assert_eq!(detector.detect_in(frame, region).unwrap().len(), expected.len());
        }
    }
}

#[test]
fn quarter_turns_leave_an_upright_photo_as_it_is() {
    let turning = DetectorOptions { rotations: Rotations::QuarterTurns, ..DetectorOptions::default() };
    let image = photo("obama2.jpg");
    let [plain, turned] = [DetectorOptions::default(), turning].map(|options| detector(options).detect(&image.frame()));
    assert_eq!(plain.unwrap(), turned.unwrap());
}

#[test]
fn faces_of_a_turned_photo_are_embedded_upright() {
    let runtime = runtime();
    let selection = Selection::Largest;
    let pipeline = |rotations| {
        let detector = DetectorOptions { rotations, selection, ..DetectorOptions::default() };
        Pipeline::new(&runtime, PipelineOptions { detector, ..PipelineOptions::default() }).unwrap()
    };
    let (plain, turning) = (pipeline(Rotations::None), pipeline(Rotations::QuarterTurns));
    let image = photo("obama.jpg");
    let expected = plain.process(&image.frame()).unwrap().remove(0);
    for turn in TURNS {
        let stored = stored(&image, turn);
        // Mirrored frames turn the other way; a region has its own way through the pipeline.
        let whole = Rect::new(0.0, 0.0, stored.width() as f32, stored.height() as f32);
        for frame in [stored.frame(), stored.frame().with_mirror(true)] {
            let distance =
                |face: &facenet::EmbeddedFace| face.embedding.distance(&expected.embedding, Metric::Euclidean).unwrap();
            let [found] = &turning.process(&frame).unwrap()[..] else { panic!("one face of {turn:?}") };
            let [inside] = &turning.process_in(&frame, whole).unwrap()[..] else { panic!("one face of {turn:?}") };
            let far = if frame.mirror() { 0.6 } else { 0.2 };
            assert!(distance(found) < far && distance(inside) < far, "{turn:?}: {}", distance(found));
            assert!(plain.process(&frame).unwrap().first().is_none_or(|face| distance(face) > far));
        }
    }
}
