//! RGB of the colours that a JPEG may be stored in.

/// How components become RGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Conversion {
    YCbCr,
    Rgb,
    /// Inks, stored as what they leave of the light, as all programs write them.
    Cmyk,
    /// The same with the first three as YCbCr of the inks.
    Ycck,
}

impl Conversion {
    /// Makes RGB of a row of each component.
    pub(super) fn convert(self, rows: &[Vec<u8>], out: &mut [u8]) {
        for (x, out) in out.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            let [a, b, c] = [0, 1, 2].map(|component| rows[component][x]);
            *out = match self {
                Self::YCbCr => ycc(a, b, c),
                Self::Rgb => [a, b, c],
                Self::Cmyk => print([a, b, c].map(|light| 255 - light), rows[3][x]),
                Self::Ycck => print(ycc(a, b, c), rows[3][x]),
            };
        }
    }
}

/// RGB of full-range BT.601, in libjpeg's fixed point of 16 bits.
fn ycc(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    const HALF: i32 = 1 << 15;
    let (y, cb, cr) = (i32::from(y), i32::from(cb) - 128, i32::from(cr) - 128);
    let red = (91881 * cr + HALF) >> 16;
    let green = (-22554 * cb - 46802 * cr + HALF) >> 16;
    let blue = (116130 * cb + HALF) >> 16;
    [red, green, blue].map(|difference| (y + difference).clamp(0, 255) as u8)
}

/// RGB of three inks on paper on which black leaves `light`, as Pillow converts them.
fn print(inks: [u8; 3], light: u8) -> [u8; 3] {
    inks.map(|ink| {
        let product = u32::from(ink) * u32::from(light) + 128;
        light - (((product >> 8) + product) >> 8) as u8
    })
}
