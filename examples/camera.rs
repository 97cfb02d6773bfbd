//! Faces in a camera's frames: NV12 pixels are borrowed, and only the door's part of the picture is looked at.
//!
//! `cargo run --release --example camera -- FRAMES.nv12 WIDTH HEIGHT [TURN]` reads frames of WIDTH x HEIGHT pixels, one
//! after the other. TURN is the angle in degrees clockwise by which they must be turned to stand upright: 0, 90, 180, 270.

use std::io::Read;

use facenet::detect::MinFaceSize;
use facenet::frame::{ColorMatrix, ColorRange, PixelFormat, Plane, Rotation};
use facenet::{Detector, DetectorOptions, Frame, Rect, Runtime, RuntimeOptions};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (path, width, height, turn) = match arguments.as_slice() {
        [path, width, height] => (path, width, height, "0"),
        [path, width, height, turn] => (path, width, height, turn.as_str()),
        _ => return Err("usage: camera FRAMES WIDTH HEIGHT [TURN]".into()),
    };
    let (width, height): (u32, u32) = (width.parse()?, height.parse()?);
    let rotation = Rotation::from_degrees(turn.parse()?).ok_or("TURN must be 0, 90, 180 or 270")?;

    let runtime = Runtime::new(RuntimeOptions::default())?;
    let options = DetectorOptions { min_face_size: MinFaceSize::Relative(0.1), ..DetectorOptions::default() };
    let detector = Detector::new(&runtime, options)?;
    let door = Rect::new(0.0, 0.0, width as f32, height as f32 * 0.75);

    let stride = isize::try_from(width.next_multiple_of(2))?;
    let row = stride.unsigned_abs();
    let (luma, chroma) = (row * height as usize, row * height.div_ceil(2) as usize);
    let mut buffer = Vec::with_capacity(luma + chroma);
    let mut file = std::fs::File::open(path)?;
    for number in 0_u64.. {
        buffer.clear();
        match file.by_ref().take((luma + chroma) as u64).read_to_end(&mut buffer)? {
            0 => break,
            read if read < luma + chroma => return Err(format!("{path} breaks off in frame {number}").into()),
            _ => {}
        }
        let (y, uv) = buffer.split_at(luma);
        let frame = Frame::new(PixelFormat::Nv12, width, height, &[Plane::new(y, stride), Plane::new(uv, stride)])?
            .with_range(ColorRange::Limited)
            .with_matrix(ColorMatrix::Bt709)
            .with_rotation(rotation);
        for face in detector.detect_in(&frame, door)? {
            println!("frame {number}: face at {:?}, probability {:.3}", face.rect, face.score);
        }
    }
    Ok(())
}
