//! Are the faces of two pictures those of the same person?
//!
//! `cargo run --release --example compare -- examples/photos/obama.jpg examples/photos/obama2.jpg`

use std::process::ExitCode;

use facenet::detect::Selection;
use facenet::{DetectorOptions, Embedding, Image, Pipeline, PipelineOptions, Runtime, RuntimeOptions};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, a, b] = arguments.as_slice() else {
        eprintln!("usage: compare A B");
        return ExitCode::from(2);
    };
    match compare(a, b) {
        Ok(verdict) => println!("{verdict}"),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn compare(a: &str, b: &str) -> Result<String, Box<dyn std::error::Error>> {
    let runtime = Runtime::new(RuntimeOptions::default())?;
    let largest = DetectorOptions { selection: Selection::Largest, ..DetectorOptions::default() };
    let pipeline = Pipeline::new(&runtime, PipelineOptions { detector: largest, ..PipelineOptions::default() })?;
    let (a, b) = (face(&pipeline, a)?, face(&pipeline, b)?);

    let spec = pipeline.embedder().spec();
    let threshold = spec.thresholds.first().ok_or("the model has no threshold")?;
    let distance = a.distance(&b, spec.metric)?;
    let is_same = spec.metric.within(distance, threshold.distance);
    Ok(format!("{distance:.6}: {}", if is_same { "same person" } else { "different people" }))
}

/// The largest face of a picture.
fn face(pipeline: &Pipeline, path: &str) -> Result<Embedding, Box<dyn std::error::Error>> {
    let faces = pipeline.process(&Image::open(path)?.frame())?;
    let face = faces.into_iter().next().ok_or_else(|| format!("{path}: no face found"))?;
    Ok(face.embedding)
}
