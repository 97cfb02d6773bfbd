//! Choosing among the faces of an image.

use super::{DetectorOptions, Face, Selection};

/// The faces that `options` ask for, of an image of `width` x `height` pixels. `faces` come best score first.
pub(super) fn select(mut faces: Vec<Face>, options: &DetectorOptions, width: usize, height: usize) -> Vec<Face> {
    let rank: Box<dyn Fn(&Face) -> f32> = match options.selection {
        Selection::All => Box::new(|_| 0.0),
        Selection::MostProbable => Box::new(|face| face.score),
        Selection::Largest => Box::new(|face| face.rect.area()),
        Selection::Central => {
            let (x, y) = (width as f32 / 2.0, height as f32 / 2.0);
            Box::new(move |face| {
                let center = face.rect.center();
                face.rect.area() - 2.0 * ((center.x - x).powi(2) + (center.y - y).powi(2))
            })
        }
    };
    if options.selection != Selection::All {
        // Of equal faces the first stays, as numpy's argmax has it.
        let best = faces.iter().copied().reduce(|best, face| if rank(&face) > rank(&best) { face } else { best });
        faces = best.into_iter().collect();
    }
    faces.truncate(options.max_faces.unwrap_or(usize::MAX));
    faces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Rect;

    fn face(x: f32, y: f32, side: f32, score: f32) -> Face {
        Face { rect: Rect::new(x, y, x + side, y + side), score, landmarks: Default::default() }
    }

    fn chosen(selection: Selection) -> Vec<Face> {
        let faces = vec![face(90.0, 90.0, 20.0, 0.99), face(0.0, 0.0, 60.0, 0.9), face(80.0, 80.0, 40.0, 0.8)];
        select(faces, &DetectorOptions { selection, ..DetectorOptions::default() }, 200, 200)
    }

    #[test]
    fn each_rule_chooses_its_face() {
        assert_eq!(chosen(Selection::All).len(), 3);
        assert_eq!(chosen(Selection::MostProbable)[0].rect.width(), 20.0);
        assert_eq!(chosen(Selection::Largest)[0].rect.width(), 60.0);
        // 60 * 60 - 2 * (70^2 + 70^2) is far below 40 * 40.
        assert_eq!(chosen(Selection::Central)[0].rect.width(), 40.0);
    }

    #[test]
    fn no_face_stays_no_face() {
        assert!(select(Vec::new(), &Selection::Largest.into_options(), 10, 10).is_empty());
    }

    impl Selection {
        fn into_options(self) -> DetectorOptions {
            DetectorOptions { selection: self, ..DetectorOptions::default() }
        }
    }
}
