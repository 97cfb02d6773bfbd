//! Drawing faces into an image.

use facenet_core::{Face, Image, Point, Result};
use font8x8::{BASIC_FONTS, GREEK_FONTS, HIRAGANA_FONTS, LATIN_FONTS, UnicodeFonts};

const BOX: [u8; 3] = [0, 255, 0];
const LANDMARK: [u8; 3] = [255, 0, 0];
const TEXT: [u8; 3] = [0, 0, 0];

/// Width and height of a character before it is enlarged.
const CHARACTER: i64 = 8;

/// The image with a frame around every face, a dot on every landmark, and a label on the frame if there is one.
pub(crate) fn annotate<'a>(
    image: &Image,
    faces: impl IntoIterator<Item = (&'a Face, Option<&'a str>)>,
) -> Result<Image> {
    let (width, height) = (image.width(), image.height());
    let mut canvas = Canvas { width: width.into(), height: height.into(), data: image.data().to_vec() };
    // Visible when the picture is shrunk to a screen.
    let line = i64::from(width.max(height) / 500).max(1);
    for (face, label) in faces {
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
        if let Some(label) = label {
            // On the frame, or in it where there is no room above.
            let above = top - (CHARACTER + 1) * line;
            canvas.write(label, left, if above < 0 { top } else { above }, line);
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

    /// Writes a line of text to the right and down from a place, each pixel of a character `scale` pixels wide.
    fn write(&mut self, text: &str, left: i64, top: i64, scale: i64) {
        for (place, character) in (0..).zip(text.chars()) {
            let left = left + place * CHARACTER * scale;
            if left >= self.width {
                break;
            }
            self.fill([left, top, left + CHARACTER * scale, top + (CHARACTER + 1) * scale], BOX);
            for (y, row) in (0..).zip(glyph(character)) {
                for x in (0..CHARACTER).filter(|x| row >> x & 1 == 1) {
                    let (x, y) = (left + x * scale, top + y * scale);
                    self.fill([x, y, x + scale, y + scale], TEXT);
                }
            }
        }
    }
}

/// The rows of a character, the leftmost pixel in the lowest bit; a question mark for one that the font lacks.
fn glyph(character: char) -> [u8; 8] {
    let fonts: [&dyn Fn(char) -> Option<[u8; 8]>; 4] =
        [&|c| BASIC_FONTS.get(c), &|c| LATIN_FONTS.get(c), &|c| GREEK_FONTS.get(c), &|c| HIRAGANA_FONTS.get(c)];
    fonts.iter().find_map(|font| font(character)).or_else(|| BASIC_FONTS.get('?')).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use facenet_core::{Landmarks, Rect};

    use super::*;

    #[test]
    fn names_in_any_script_are_written_and_what_is_outside_is_left_out() {
        let image = Image::from_rgb(40, 30, vec![100; 40 * 30 * 3]).unwrap();
        let face = |x1, y1, x2, y2| Face {
            rect: Rect { x1, y1, x2, y2 },
            score: 1.0,
            landmarks: Landmarks([Point { x: 20.0, y: 20.0 }; 5]),
        };
        let (inside, outside) = (face(5.0, 12.0, 25.0, 28.0), face(-50.0, -60.0, 400.0, 300.0));
        let plain = annotate(&image, [(&inside, None)]).unwrap();
        for name in ["Ada", "Zoë", "Ελένη", "さくら", "李娜", "🙂\u{0}\n", &"very long ".repeat(100)] {
            let named = annotate(&image, [(&inside, Some(name)), (&outside, Some(name))]).unwrap();
            assert_eq!((named.width(), named.height()), (40, 30));
            assert_ne!(named, plain);
        }
        // The character I: a bar of black on the green of the frame.
        let named = annotate(&image, [(&inside, Some("I"))]).unwrap();
        let pixel = |x: usize, y: usize| &named.data()[3 * (y * 40 + x)..][..3];
        assert!((5..13).any(|x| pixel(x, 6) == TEXT) && (5..13).any(|x| pixel(x, 6) == BOX));
    }
}
