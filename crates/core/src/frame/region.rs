//! Rectangles of whole pixels.

use crate::geometry::Rect;

/// A rectangle of whole pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Region {
    /// Column of the left pixels.
    pub x: u32,
    /// Row of the top pixels.
    pub y: u32,
    /// Number of columns.
    pub width: u32,
    /// Number of rows.
    pub height: u32,
}

impl Region {
    /// The region of `width` x `height` pixels whose top left pixel is (`x`, `y`).
    pub const fn new(x: u32, y: u32, width: u32, height: u32) -> Self {
        Self { x, y, width, height }
    }

    /// The region as a rectangle from edge to edge.
    ///
    /// ```
    /// use facenet::{Rect, frame::Region};
    ///
    /// assert_eq!(Region::new(2, 3, 10, 20).to_rect(), Rect::new(2.0, 3.0, 12.0, 23.0));
    /// ```
    pub fn to_rect(&self) -> Rect {
        let (x, y) = (self.x as f32, self.y as f32);
        Rect::new(x, y, x + self.width as f32, y + self.height as f32)
    }

    /// Whether the region has a pixel and all of its pixels are inside an image of `width` x `height`.
    pub(crate) fn is_inside(&self, (width, height): (u32, u32)) -> bool {
        let fits =
            |start: u32, length: u32, size: u32| length > 0 && start.checked_add(length).is_some_and(|end| end <= size);
        fits(self.x, self.width, width) && fits(self.y, self.height, height)
    }
}
