//! Rotation and mirroring: of positions, rectangles and regions.

use super::Region;
use crate::geometry::{Point, Rect};

/// How far stored pixels must be turned, clockwise, to stand upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Rotation {
    /// Not at all.
    #[default]
    None,
    /// A quarter turn clockwise: the stored top edge becomes the right edge.
    Clockwise90,
    /// Half a turn.
    Clockwise180,
    /// Three quarters of a turn: the stored top edge becomes the left edge.
    Clockwise270,
}

impl Rotation {
    /// The rotation by `degrees` clockwise, if that is 0, 90, 180 or 270.
    pub const fn from_degrees(degrees: u32) -> Option<Self> {
        match degrees {
            0 => Some(Self::None),
            90 => Some(Self::Clockwise90),
            180 => Some(Self::Clockwise180),
            270 => Some(Self::Clockwise270),
            _ => None,
        }
    }

    /// This rotation and then `next`.
    pub(super) fn then(self, next: Self) -> Self {
        Self::from_degrees((self.degrees() + next.degrees()) % 360).unwrap_or_default()
    }

    /// The rotation that undoes this one.
    pub(super) fn back(self) -> Self {
        Self::from_degrees((360 - self.degrees()) % 360).unwrap_or_default()
    }

    /// The angle in degrees clockwise: 0, 90, 180 or 270.
    pub const fn degrees(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Clockwise90 => 90,
            Self::Clockwise180 => 180,
            Self::Clockwise270 => 270,
        }
    }
}

/// The way from the stored to the upright image: first the axes are swapped, then each is reversed, where set.
///
/// Positions are measured from the edges, so that pixel (0, 0) covers the square from (0, 0) to (1, 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Orientation {
    pub(super) swap_axes: bool,
    pub(super) reverse_x: bool,
    pub(super) reverse_y: bool,
}

impl Orientation {
    /// Turned by `rotation`, then mirrored left to right if `mirror`.
    pub(super) fn new(rotation: Rotation, mirror: bool) -> Self {
        let (swap_axes, reverse_x, reverse_y) = match rotation {
            Rotation::None => (false, false, false),
            Rotation::Clockwise90 => (true, true, false),
            Rotation::Clockwise180 => (false, true, true),
            Rotation::Clockwise270 => (true, false, true),
        };
        Self { swap_axes, reverse_x: reverse_x != mirror, reverse_y }
    }

    pub(super) fn is_identity(self) -> bool {
        !(self.swap_axes || self.reverse_x || self.reverse_y)
    }

    /// Width and height of the upright image of a stored image of `size`.
    pub(super) fn upright_size(self, (width, height): (u32, u32)) -> (u32, u32) {
        if self.swap_axes { (height, width) } else { (width, height) }
    }

    /// A stored point in the upright image, whose size is `upright`.
    pub(super) fn point_to_upright(self, point: Point, upright: (u32, u32)) -> Point {
        let swapped = if self.swap_axes { Point::new(point.y, point.x) } else { point };
        self.reverse_point(swapped, upright)
    }

    /// A point of the upright image, whose size is `upright`, in the stored image.
    pub(super) fn point_to_stored(self, point: Point, upright: (u32, u32)) -> Point {
        let Point { x, y } = self.reverse_point(point, upright);
        if self.swap_axes { Point::new(y, x) } else { Point::new(x, y) }
    }

    fn reverse_point(self, Point { x, y }: Point, (width, height): (u32, u32)) -> Point {
        Point::new(
            if self.reverse_x { width as f32 - x } else { x },
            if self.reverse_y { height as f32 - y } else { y },
        )
    }

    /// A stored rectangle in the upright image, whose size is `upright`.
    pub(super) fn rect_to_upright(self, rect: Rect, upright: (u32, u32)) -> Rect {
        self.reverse_rect(self.swap_rect(rect), upright)
    }

    /// A rectangle of the upright image, whose size is `upright`, in the stored image.
    pub(super) fn rect_to_stored(self, rect: Rect, upright: (u32, u32)) -> Rect {
        self.swap_rect(self.reverse_rect(rect, upright))
    }

    fn swap_rect(self, rect: Rect) -> Rect {
        if self.swap_axes { Rect::new(rect.y1, rect.x1, rect.y2, rect.x2) } else { rect }
    }

    fn reverse_rect(self, rect: Rect, (width, height): (u32, u32)) -> Rect {
        let reverse = |start: f32, end: f32, size: u32| (size as f32 - end, size as f32 - start);
        let (x1, x2) = if self.reverse_x { reverse(rect.x1, rect.x2, width) } else { (rect.x1, rect.x2) };
        let (y1, y2) = if self.reverse_y { reverse(rect.y1, rect.y2, height) } else { (rect.y1, rect.y2) };
        Rect::new(x1, y1, x2, y2)
    }

    /// The stored pixels that make up `region` of the upright image, whose size is `upright`.
    ///
    /// The region must lie inside the upright image.
    pub(super) fn region_to_stored(self, region: Region, (width, height): (u32, u32)) -> Region {
        let Region { mut x, mut y, width: w, height: h } = region;
        if self.reverse_x {
            x = width - x - w;
        }
        if self.reverse_y {
            y = height - y - h;
        }
        if self.swap_axes { Region::new(y, x, h, w) } else { Region::new(x, y, w, h) }
    }
}
