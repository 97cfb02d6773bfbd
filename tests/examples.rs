//! The programs in examples/ run and do what they say.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Cargo puts examples beside the tests' folder.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    test.ancestors().nth(2).expect("target/PROFILE/deps/TEST").join("examples").join(name)
}

fn run(name: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(example(name));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("the example is built")
}

#[test]
fn compare_tells_people_apart() {
    let same = run("compare", &["examples/photos/obama.jpg", "examples/photos/obama2.jpg"]);
    assert!(String::from_utf8_lossy(&same.stdout).contains("same person"), "{same:?}");
    let other = run("compare", &["examples/photos/obama.jpg", "examples/photos/biden.jpg"]);
    assert!(String::from_utf8_lossy(&other.stdout).contains("different people"), "{other:?}");
}

#[test]
fn camera_finds_the_face_in_raw_frames() {
    let photo = facenet::Image::open("examples/photos/astronaut.png").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("frames.nv12");
    std::fs::write(&path, nv12(&photo)).unwrap();
    let output = run("camera", &[path.to_str().unwrap(), "512", "512"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text.lines().count(), 1, "{output:?}");
    assert!(text.starts_with("frame 0: face at"), "{text}");
    assert!(Path::new(&path).exists());
}

/// The image in NV12, limited range, BT.709, one chroma sample for the top left pixel of each four.
fn nv12(image: &facenet::Image) -> Vec<u8> {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let pixel = |x: usize, y: usize| {
        let at = (y * width + x) * 3;
        [0, 1, 2].map(|channel| f32::from(image.data()[at + channel]) / 255.0)
    };
    let luma = |[r, g, b]: [f32; 3]| 0.2126 * r + 0.7152 * g + 0.0722 * b;
    let mut data = Vec::with_capacity(width * height * 3 / 2);
    for y in 0..height {
        data.extend((0..width).map(|x| (16.0 + 219.0 * luma(pixel(x, y))).round() as u8));
    }
    for y in (0..height).step_by(2) {
        for x in (0..width).step_by(2) {
            let [r, g, b] = pixel(x, y);
            let grey = luma([r, g, b]);
            let chroma = |value: f32| (128.0 + 224.0 * value).round() as u8;
            data.extend([chroma((b - grey) / 1.8556), chroma((r - grey) / 1.5748)]);
        }
    }
    data
}
