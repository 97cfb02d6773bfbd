//! Faces that were detected.

use facenet_core::{Face, Landmarks, Point, Rect, Result};

use crate::arguments::Arguments;

/// A rectangle between two corners, in pixels of the stored picture. The x axis points right, the y axis down.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_rect {
    /// Left edge.
    pub x1: f32,
    /// Top edge.
    pub y1: f32,
    /// Right edge.
    pub x2: f32,
    /// Bottom edge.
    pub y2: f32,
}

/// A position in pixels of the stored picture.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_point {
    /// Distance from the left edge.
    pub x: f32,
    /// Distance from the top edge.
    pub y: f32,
}

/// A face that was found.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_face {
    /// Bounding box; may reach past the edges of the picture.
    pub rect: facenet_rect,
    /// Probability that this is a face, 0 to 1.
    pub score: f32,
    /// Left eye, right eye, nose, left and right corner of the mouth, as they lie in the picture.
    pub landmarks: [facenet_point; 5],
}

/// The faces of a picture, the most probable first.
///
/// Immutable: many threads may use one at once.
///
/// @since 0.1
pub struct facenet_faces(pub(crate) Vec<facenet_face>);

/// Number of faces; 0 if `faces` is NULL.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_faces_count(faces: *const facenet_faces) -> usize {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.value_or(0, |args| Ok(args.get(faces, "faces")?.0.len()))
}

/// Face number `index`, from 0, valid until `faces` is freed; NULL if there is no such face.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_faces_get(faces: *const facenet_faces, index: usize) -> *const facenet_face {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.value_or(std::ptr::null(), |args| {
        let faces = args.get(faces, "faces")?;
        Ok(faces.0.get(index).map_or(std::ptr::null(), |face| face))
    })
}

/// Frees faces. NULL is fine.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_faces_free(faces: *mut facenet_faces) {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.free(faces)
}

impl From<Face> for facenet_face {
    fn from(face: Face) -> Self {
        Self {
            rect: face.rect.into(),
            score: face.score,
            landmarks: face.landmarks.0.map(|point| facenet_point { x: point.x, y: point.y }),
        }
    }
}

impl From<Rect> for facenet_rect {
    fn from(Rect { x1, y1, x2, y2 }: Rect) -> Self {
        Self { x1, y1, x2, y2 }
    }
}

impl From<facenet_rect> for Rect {
    fn from(facenet_rect { x1, y1, x2, y2 }: facenet_rect) -> Self {
        Self::new(x1, y1, x2, y2)
    }
}

/// Box and landmarks of a face of the caller.
pub(crate) fn read(args: Arguments<'_>, face: *const facenet_face) -> Result<(Rect, Landmarks)> {
    let face = args.get(face, "face")?;
    Ok((face.rect.into(), Landmarks(face.landmarks.map(|point| Point::new(point.x, point.y)))))
}
