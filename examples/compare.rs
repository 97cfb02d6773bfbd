//! Are the faces of two pictures the same person?
//!
//! `cargo run --release --example compare -- examples/photos/obama.jpg examples/photos/obama2.jpg`

use facenet::detect::Selection;
use facenet::{DetectorOptions, Image, Pipeline, PipelineOptions, Runtime, RuntimeOptions};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [first, second] = paths.as_slice() else { return Err("usage: compare IMAGE IMAGE".into()) };

    let runtime = Runtime::new(RuntimeOptions::default())?;
    let detector = DetectorOptions { selection: Selection::Largest, ..DetectorOptions::default() };
    let pipeline = Pipeline::new(&runtime, PipelineOptions { detector, ..PipelineOptions::default() })?;

    let images = [Image::open(first)?, Image::open(second)?];
    let faces = pipeline.process_batch(&images.each_ref().map(Image::frame))?;
    let [Some(a), Some(b)] = [faces[0].first(), faces[1].first()] else { return Err("a picture has no face".into()) };

    let spec = pipeline.embedder().spec();
    let threshold = spec.thresholds.first().ok_or("the model has no threshold")?;
    let distance = a.embedding.distance(&b.embedding, spec.metric)?;
    let verdict = if spec.metric.within(distance, threshold.distance) { "the same person" } else { "different people" };
    println!("distance {distance:.4}, threshold {:.4}: {verdict}", threshold.distance);
    Ok(())
}
