//! C gives what Rust gives, for the cases of `tests/parity`.

use std::io::Write as _;
use std::process::Stdio;

use facenet_core::detect::{MinFaceSize, Selection};
use facenet_core::{Detector, DetectorOptions, Image, Pipeline, PipelineOptions, Runtime, RuntimeOptions};
use serde::Deserialize;
use testkit::c::{library, program};
use testkit::{has_runtime, photos, root};

/// `tests/parity/cases.json`.
#[derive(Deserialize)]
struct Cases {
    tolerance: f64,
    pictures: Vec<String>,
    min_face_sizes: Vec<f32>,
    pairs: Vec<[String; 2]>,
}

/// A number, and by how much it may differ.
struct Expected(f64, f64);

/// What Rust says.
struct Reference {
    runtime: Runtime,
    pipeline: Pipeline,
    tolerance: f64,
}

impl Reference {
    fn new(tolerance: f64) -> Self {
        let runtime = Runtime::new(RuntimeOptions::default()).unwrap();
        let detector = DetectorOptions { selection: Selection::Largest, ..DetectorOptions::default() };
        let pipeline = Pipeline::new(&runtime, PipelineOptions { detector, ..PipelineOptions::default() }).unwrap();
        Self { runtime, pipeline, tolerance }
    }

    fn exact(&self, value: f32) -> Expected {
        Expected(value.into(), self.tolerance)
    }

    fn pixels(&self, value: f32) -> Expected {
        Expected(value.into(), 1000.0 * self.tolerance)
    }

    fn detect(&self, size: f32, name: &str) -> Vec<Expected> {
        let options = DetectorOptions { min_face_size: MinFaceSize::Pixels(size), ..DetectorOptions::default() };
        let detector = Detector::new(&self.runtime, options).unwrap();
        let faces = detector.detect(&open(name).frame()).unwrap();
        let mut numbers = vec![Expected(faces.len() as f64, 0.0)];
        for face in faces {
            let rect = face.rect;
            numbers.extend([rect.x1, rect.y1, rect.x2, rect.y2].map(|edge| self.pixels(edge)));
            numbers.push(self.exact(face.score));
            numbers.extend(face.landmarks.0.iter().flat_map(|point| [self.pixels(point.x), self.pixels(point.y)]));
        }
        numbers
    }

    fn vector(&self, name: &str) -> facenet_core::Embedding {
        self.pipeline.process(&open(name).frame()).unwrap().remove(0).embedding
    }

    fn embed(&self, name: &str) -> Vec<Expected> {
        self.vector(name).values().iter().map(|&value| self.exact(value)).collect()
    }

    fn compare(&self, a: &str, b: &str) -> Vec<Expected> {
        let spec = self.pipeline.embedder().spec();
        let threshold = spec.thresholds[0].distance;
        let distance = self.vector(a).distance(&self.vector(b), spec.metric).unwrap();
        let is_same = spec.metric.within(distance, threshold);
        vec![self.exact(distance), self.exact(threshold), Expected(f64::from(u8::from(is_same)), 0.0)]
    }
}

fn open(name: &str) -> Image {
    Image::open(photos().join(name)).unwrap()
}

#[test]
fn c_gives_what_rust_gives() {
    if !has_runtime() {
        return;
    }
    let text = std::fs::read_to_string(root().join("tests/parity/cases.json")).unwrap();
    let cases: Cases = serde_json::from_str(&text).unwrap();
    let reference = Reference::new(cases.tolerance);
    let mut commands: Vec<(String, Vec<Expected>)> = Vec::new();
    for name in &cases.pictures {
        for &size in &cases.min_face_sizes {
            commands.push((format!("detect {size} {name}"), reference.detect(size, name)));
        }
        commands.push((format!("embed {name}"), reference.embed(name)));
    }
    for [a, b] in &cases.pairs {
        commands.push((format!("compare {a} {b}"), reference.compare(a, b)));
    }
    let answers = answers(commands.iter().map(|(command, _)| command.as_str()));
    assert_eq!(answers.len(), commands.len());
    for ((command, expected), answer) in commands.iter().zip(answers) {
        assert_eq!(answer.len(), expected.len(), "{command}");
        for (index, (found, &Expected(expected, tolerance))) in answer.iter().zip(expected).enumerate() {
            assert!((found - expected).abs() <= tolerance, "{command}: number {index} is {found}, not {expected}");
        }
    }
}

/// What the program says to each command.
fn answers<'a>(commands: impl Iterator<Item = &'a str>) -> Vec<Vec<f64>> {
    let folder = tempfile::tempdir().unwrap();
    let mut run = program("bindings/c/tests/c/parity.c", &library("libfacenet.so"), folder.path());
    run.arg(photos()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = run.spawn().unwrap();
    let commands: Vec<&str> = commands.collect();
    running.stdin.take().unwrap().write_all(format!("{}\n", commands.join("\n")).as_bytes()).unwrap();
    let output = running.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.split(' ').map(|number| number.parse().unwrap()).collect()).collect()
}
