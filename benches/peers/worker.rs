//! The library's side of the comparison with other libraries: does one task a line and answers with the seconds.
//!
//! A line is `load PATH...` (decoded once, for the tasks that follow), `detect`, or `embed COUNT` (the first face of
//! each image, repeated to COUNT crops). The driver `run.py` takes turns between this process and its peers.

use std::io::{BufRead, Write};
use std::time::Instant;

use facenet::{Frame, Image, Pipeline, PipelineOptions, Result, Runtime, RuntimeOptions};

fn main() -> Result<()> {
    let runtime = Runtime::new(RuntimeOptions::default())?;
    let pipeline = Pipeline::new(&runtime, PipelineOptions::default())?;
    let mut images: Vec<Image> = Vec::new();
    let mut crops: Vec<Image> = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| facenet::Error::io("read", "standard input", error))?;
        let mut words = line.split('\t');
        let start;
        match (words.next(), words.next()) {
            (Some("load"), first) => {
                images = first.into_iter().chain(words).map(Image::open).collect::<Result<_>>()?;
                let frames: Vec<Frame<'_>> = images.iter().map(Image::frame).collect();
                crops = pipeline.process_batch(&frames)?.into_iter().flatten().map(|face| face.crop).collect();
                start = Instant::now();
            }
            (Some("detect"), None) => {
                start = Instant::now();
                let frames: Vec<Frame<'_>> = images.iter().map(Image::frame).collect();
                pipeline.detector().detect_batch(&frames)?;
            }
            (Some("detect-each"), None) => {
                start = Instant::now();
                for image in &images {
                    pipeline.detector().detect(&image.frame())?;
                }
            }
            (Some("embed"), Some(count)) => {
                let faces: Vec<Image> = crops.iter().cycle().take(count.parse().unwrap_or(1)).cloned().collect();
                start = Instant::now();
                pipeline.embedder().embed(&faces)?;
            }
            _ => continue,
        }
        println!("{}", start.elapsed().as_secs_f64());
        std::io::stdout().flush().map_err(|error| facenet::Error::io("write", "standard output", error))?;
    }
    Ok(())
}
