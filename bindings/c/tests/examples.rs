//! The programs in examples/c and examples/cpp run and do what they say.

use std::fs;
use std::path::Path;

use facenet_core::Image;
use facenet_core::detect::Selection;
use facenet_lab::evaluate::{CrossValidation, Pairs, ValidationOptions, lfw};
use facenet_lab::{Extractor, Watch};
use testkit::c::{library, package, prints, program, program_with};
use testkit::{has, has_runtime, photos};

#[test]
fn compare_tells_people_apart() {
    if !has_runtime() {
        return;
    }
    for source in ["examples/c/compare.c", "examples/cpp/compare.cpp"] {
        if source.ends_with("cpp") && !has("c++") {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let verdict = |other: &str| {
            let mut run = program(source, &library("libfacenet.so"), folder.path());
            prints(run.arg(photos().join("obama.jpg")).arg(photos().join(other)))
        };
        assert!(verdict("obama2.jpg").contains("same person"));
        assert!(verdict("biden.jpg").contains("different people"));
    }
}

#[test]
fn detect_finds_what_the_core_finds_and_draws_it() {
    if !has_runtime() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let runtime = facenet_core::Runtime::new(facenet_core::RuntimeOptions::default()).unwrap();
    let min_face_size = facenet_core::detect::MinFaceSize::Relative(0.1);
    let options = facenet_core::DetectorOptions { min_face_size, ..Default::default() };
    let detector = facenet_core::Detector::new(&runtime, options).unwrap();
    for name in ["astronaut.png", "biden.jpg"] {
        let drawn = folder.path().join("drawn.png");
        let mut run = program("examples/c/detect.c", &library("libfacenet.so"), folder.path());
        let text = prints(run.arg(photos().join(name)).arg(&drawn));
        let image = Image::open(photos().join(name)).unwrap();
        let faces = detector.detect(&image.frame()).unwrap();
        let mut lines = text.lines();
        assert_eq!(lines.next().unwrap(), format!("faces: {}", faces.len()), "{text}");
        let drawn = Image::open(drawn).unwrap();
        let pixel = |image: &Image, x: f32, y: f32| {
            let at = 3 * (y as usize * image.width() as usize + x as usize);
            <[u8; 3]>::try_from(&image.data()[at..][..3]).unwrap()
        };
        for face in faces {
            let rect = face.rect;
            let shown = format!("  {:.0} {:.0} {:.0} {:.0}  ", rect.x1, rect.y1, rect.x2, rect.y2);
            assert!(lines.next().unwrap().starts_with(&shown), "{shown}: {text}");
            let nose = face.landmarks.0[2];
            assert_eq!(pixel(&drawn, nose.x, nose.y), [0, 200, 0]);
            assert_eq!(pixel(&drawn, (rect.x1 + rect.x2) / 2.0, rect.y2.min(drawn.height() as f32 - 1.0)), [0, 200, 0]);
            let cheek = (nose.x + 9.0, nose.y + 9.0);
            assert_eq!(pixel(&drawn, cheek.0, cheek.1), pixel(&image, cheek.0, cheek.1));
        }
    }
}

/// Folders of people, each with photos.
fn write_people(folder: &Path, people: &[(&str, &[&str])]) {
    for (person, photo_names) in people {
        fs::create_dir_all(folder.join(person)).unwrap();
        for (number, name) in photo_names.iter().enumerate() {
            let ending = Path::new(name).extension().unwrap().to_str().unwrap();
            let file = format!("{person}_{:04}.{ending}", number + 1);
            fs::copy(photos().join(name), folder.join(person).join(file)).unwrap();
        }
    }
}

const OBAMA: &[&str] = &["obama.jpg", "obama2.jpg", "obama3.jpg"];

#[test]
fn validate_prints_the_figures_of_the_core() {
    if !has_runtime() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (people, pairs) = (folder.path().join("people"), folder.path().join("pairs.txt"));
    write_people(&people, &[("Obama", OBAMA), ("Biden", &["biden.jpg"]), ("Astronaut", &["astronaut.png"])]);
    let folds = ["Obama\t1\t2\nObama\t3\tBiden\t1\n", "Obama\t2\t3\nObama\t2\tAstronaut\t1\n"];
    fs::write(&pairs, format!("10\t1\n{}", folds.concat().repeat(5))).unwrap();
    let mut run = program("examples/c/validate.c", &library("libfacenet.so"), folder.path());
    let output = run.arg("--raw").arg(&people).arg(&pairs).output().unwrap();
    let bar = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{bar}");
    assert!(bar.ends_with("[########################################] 5/5\n"), "{bar}");

    let runtime = facenet_core::Runtime::new(facenet_core::RuntimeOptions::default()).unwrap();
    let detector = facenet_core::DetectorOptions { selection: Selection::Central, ..Default::default() };
    let options = facenet_core::PipelineOptions { detector, ..Default::default() };
    let extractor = Extractor::of_photos(facenet_core::Pipeline::new(&runtime, options).unwrap());
    let list = Pairs::read(&pairs).unwrap();
    let found = lfw(&extractor, &people, &list, &ValidationOptions::default(), &Watch::none()).unwrap();
    let CrossValidation { accuracy, validation_rate, far, area_under_curve, equal_error_rate, .. } =
        found.cross_validation;
    let expected = format!(
        "Accuracy: {:.5}+-{:.5}\nValidation rate: {:.5}+-{:.5} @ FAR={far:.5}\n\
         Area Under Curve (AUC): {area_under_curve:.3}\nEqual Error Rate (EER): {equal_error_rate:.3}\n",
        accuracy.mean, accuracy.deviation, validation_rate.mean, validation_rate.deviation
    );
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}

#[test]
fn validate_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = program("examples/c/validate.c", &library("libfacenet.so"), folder.path());
    let output = run.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("usage: "));
    if has_runtime() {
        let output = run.args(["/nowhere", "/nowhere/pairs.txt"]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8(output.stderr).unwrap().contains("/nowhere/pairs.txt"));
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
    write_people(&people, &[("Barack Obama", &OBAMA[..2]), ("Joe Biden", &["biden.jpg"])]);
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

#[test]
fn video_names_the_people_in_each_frame() {
    let Some(opencv) = package("opencv4") else { return };
    if !has_runtime() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (people, video, drawn) =
        (folder.path().join("people"), folder.path().join("in.avi"), folder.path().join("out.avi"));
    write_people(&people, &[("Barack Obama", &OBAMA[..2]), ("Joe Biden", &["biden.jpg"])]);
    let build = |source: &str| program_with(source, &library("libfacenet.so"), folder.path(), &opencv);
    let pictures = ["obama3.jpg", "astronaut.png", "biden.jpg"].map(|name| photos().join(name));
    assert_eq!(prints(build("bindings/c/tests/c/make_video.cpp").arg(&video).args(pictures)), "");
    let text = prints(build("examples/cpp/video.cpp").arg(&people).arg(&video).arg(&drawn));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 6, "{text}");
    for (number, line) in lines.iter().enumerate() {
        let name = ["Barack Obama", "unknown", "Joe Biden"][number / 2];
        assert!(line.starts_with(&format!("frame {number}: ")) && line.ends_with(&format!(" ms: {name}")), "{text}");
    }
    // The boxes are in it: as many frames, and other pixels.
    let again = prints(build("examples/cpp/video.cpp").arg(&people).arg(&drawn).arg(folder.path().join("again.avi")));
    assert_eq!(again.lines().count(), 6, "{again}");
    assert_ne!(fs::read(&video).unwrap(), fs::read(&drawn).unwrap());
}
