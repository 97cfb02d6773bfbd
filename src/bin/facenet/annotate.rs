//! Drawing faces into an image.

use facenet::{Face, Image, Point, Result};

const BOX: [u8; 3] = [0, 255, 0];
const LANDMARK: [u8; 3] = [255, 0, 0];

/// The image with a frame around every face and a dot on every landmark.
pub(crate) fn annotate(image: &Image, faces: &[Face]) -> Result<Image> {
    let (width, height) = (image.width(), image.height());
    let mut canvas = Canvas { width: width.into(), height: height.into(), data: image.data().to_vec() };
    // Visible when the picture is shrunk to a screen.
    let line = i64::from(width.max(height) / 500).max(1);
    for face in faces {
        let [left, top, right, bottom] =
            [face.rect.x1, face.rect.y1, face.rect.x2, face.rect.y2].map(|edge| edge as i64);
        canvas.fill([left, top, right, top + line], BOX);
        canvas.fill([left, bottom - line, right, bottom], BOX);
        canvas.fill([left, top, left + line, bottom], BOX);
        canvas.fill([right - line, top, right, bottom], BOX);
        for Point { x, y } in face.landmarks.0 {
            let (x, y) = (x as i64, y as i64);
            canvas.fill([x - line, y - line, x + line + 1, y + line + 1], LANDMARK);
        }
    }
    Image::from_rgb(width, height, canvas.data)
}

struct Canvas {
    width: i64,
    height: i64,
    data: Vec<u8>,
}

impl Canvas {
    /// Fills a rectangle, given by its edges; what lies outside the image is left out.
    fn fill(&mut self, [left, top, right, bottom]: [i64; 4], color: [u8; 3]) {
        let (left, right) = (left.clamp(0, self.width), right.clamp(0, self.width));
        for y in top.clamp(0, self.height)..bottom.clamp(0, self.height) {
            let row = (y * self.width) as usize;
            let pixels = 3 * (row + left as usize)..3 * (row + right.max(left) as usize);
            self.data[pixels].as_chunks_mut().0.fill(color);
        }
    }
}
