//! Faces in a camera's frames: NV12 pixels are borrowed, and only the door's part of the picture is looked at.
//!
//! `cargo run --release --example camera -- FRAMES.nv12 WIDTH HEIGHT` reads frames of WIDTH x HEIGHT pixels, one after
//! the other.

use std::io::Read;

use facenet::detect::MinFaceSize;
use facenet::frame::{ColorMatrix, ColorRange, PixelFormat, Plane};
use facenet::{Detector, DetectorOptions, Frame, Rect, Runtime, RuntimeOptions};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, width, height] = arguments.as_slice() else { return Err("usage: camera FRAMES WIDTH HEIGHT".into()) };
    let (width, height): (u32, u32) = (width.parse()?, height.parse()?);

    let runtime = Runtime::new(RuntimeOptions::default())?;
    let options = DetectorOptions { min_face_size: MinFaceSize::Relative(0.1), ..DetectorOptions::default() };
    let detector = Detector::new(&runtime, options)?;
    let door = Rect::new(0.0, 0.0, width as f32, height as f32 * 0.75);

    let stride = isize::try_from(width.next_multiple_of(2))?;
    let row = stride.unsigned_abs();
    let (luma, chroma) = (row * height as usize, row * height.div_ceil(2) as usize);
    let mut buffer = vec![0; luma + chroma];
    let mut file = std::fs::File::open(path)?;
    let mut number = 0;
    while file.read_exact(&mut buffer).is_ok() {
        let (y, uv) = buffer.split_at(luma);
        let frame = Frame::new(PixelFormat::Nv12, width, height, &[Plane::new(y, stride), Plane::new(uv, stride)])?
            .with_range(ColorRange::Limited)
            .with_matrix(ColorMatrix::Bt709);
        for face in detector.detect_in(&frame, door)? {
            println!("frame {number}: face at {:?}, probability {:.3}", face.rect, face.score);
        }
        number += 1;
    }
    Ok(())
}
