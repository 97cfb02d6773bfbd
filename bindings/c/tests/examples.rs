//! The programs in examples/c and examples/cpp run and do what they say.

#![cfg(target_os = "linux")]

mod support;

use std::fs;

use facenet_core::Image;
use support::{has, has_runtime, library, photos, prints, program};

#[test]
fn compare_tells_people_apart() {
    if !has_runtime() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let verdict = |other: &str| {
        let mut run = program("examples/c/compare.c", &library("libfacenet.so"), folder.path());
        prints(run.arg(photos().join("obama.jpg")).arg(photos().join(other)))
    };
    assert!(verdict("obama2.jpg").contains("same person"));
    assert!(verdict("biden.jpg").contains("different people"));
}

#[test]
fn detect_finds_what_the_core_finds() {
    if !has_runtime() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut run = program("examples/c/detect.c", &library("libfacenet.so"), folder.path());
    let text = prints(run.arg(photos().join("astronaut.png")).arg(photos().join("biden.jpg")));
    let runtime = facenet_core::Runtime::new(facenet_core::RuntimeOptions::default()).unwrap();
    let min_face_size = facenet_core::detect::MinFaceSize::Relative(0.1);
    let options = facenet_core::DetectorOptions { min_face_size, ..Default::default() };
    let detector = facenet_core::Detector::new(&runtime, options).unwrap();
    let mut lines = text.lines();
    for name in ["astronaut.png", "biden.jpg"] {
        let faces = detector.detect(&Image::open(photos().join(name)).unwrap().frame()).unwrap();
        assert!(lines.next().unwrap().ends_with(&format!("{name}: faces: {}", faces.len())), "{text}");
        for face in faces {
            let rect = face.rect;
            let shown = format!("  {:.0} {:.0} {:.0} {:.0}  ", rect.x1, rect.y1, rect.x2, rect.y2);
            assert!(lines.next().unwrap().starts_with(&shown), "{shown}: {text}");
        }
    }
}

#[test]
fn camera_finds_the_face_in_each_raw_frame() {
    if !has_runtime() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let photo = Image::open(photos().join("astronaut.png")).unwrap();
    // Luma alone is enough for faces; chroma 128 is gray.
    let luma = photo.data().chunks_exact(3).map(|pixel| 16 + (u32::from(pixel[1]) * 219 / 255) as u8);
    let mut frame: Vec<u8> = luma.collect();
    frame.resize(frame.len() * 3 / 2, 128);
    let path = folder.path().join("frames.nv12");
    fs::write(&path, frame.repeat(3)).unwrap();
    let mut run = program("examples/c/camera.c", &library("libfacenet.so"), folder.path());
    let text = prints(run.arg(path).args(["512", "512"]));
    let mut lines: Vec<&str> = text.lines().collect();
    // Two threads: in any order.
    lines.sort_unstable();
    assert_eq!(lines.len(), 3, "{text}");
    for (number, line) in lines.iter().enumerate() {
        assert!(line.starts_with(&format!("frame {number}: face at ")), "{text}");
    }
}

#[test]
fn recognize_names_people_and_no_strangers() {
    if !has_runtime() || !has("c++") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (people, pictures) = (folder.path().join("people"), folder.path().join("pictures"));
    for (person, photo) in [("Barack Obama", "obama.jpg"), ("Barack Obama", "obama2.jpg"), ("Joe Biden", "biden.jpg")] {
        fs::create_dir_all(people.join(person)).unwrap();
        fs::copy(photos().join(photo), people.join(person).join(photo)).unwrap();
    }
    fs::create_dir(&pictures).unwrap();
    for photo in ["astronaut.png", "obama3.jpg"] {
        fs::copy(photos().join(photo), pictures.join(photo)).unwrap();
    }
    let mut run = program("examples/cpp/recognize.cpp", &library("libfacenet.so"), folder.path());
    let text = prints(run.arg(people).arg(pictures));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].starts_with("astronaut.png: unknown"), "{text}");
    assert!(lines[1].starts_with("obama3.jpg: Barack Obama"), "{text}");
}
