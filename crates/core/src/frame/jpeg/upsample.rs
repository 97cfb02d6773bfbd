//! Samples of a component for every pixel, as libjpeg makes them.
//!
//! Between two samples it goes in a straight line where one stands for two pixels, and repeats the sample otherwise.

use libjpeg_turbo_rs::FrameHeader;

/// The largest factor between the samples of two components.
pub(super) const MOST: usize = 4;

/// Pixels that a sample stands for, across and down.
pub(super) type Factor = (usize, usize);

/// The samples of a component.
pub(super) struct Plane<'a> {
    samples: &'a [u8],
    stride: usize,
    /// Width and height in samples, without those that only fill up blocks.
    size: (usize, usize),
    factor: Factor,
}

/// The factor of each component; none if one has no whole factor.
pub(super) fn factors(frame: &FrameHeader) -> Option<Vec<Factor>> {
    let sampling = |component: &libjpeg_turbo_rs::ComponentInfo| {
        (usize::from(component.horizontal_sampling), usize::from(component.vertical_sampling))
    };
    let most = |of: fn(Factor) -> usize| frame.components.iter().map(|component| of(sampling(component))).max();
    let (across, down) = (most(|(across, _)| across)?, most(|(_, down)| down)?);
    let factor = |component| {
        let (h, v) = sampling(component);
        (across % h == 0 && down % v == 0).then_some((across / h, down / v))
    };
    frame.components.iter().map(factor).collect()
}

impl<'a> Plane<'a> {
    /// The samples of a component of an image of `width` and `height`, in rows of `stride`.
    pub(super) fn new(samples: &'a [u8], stride: usize, (width, height): (usize, usize), factor: Factor) -> Self {
        Self { samples, stride, size: (width.div_ceil(factor.0), height.div_ceil(factor.1)), factor }
    }

    /// A row of samples; outside the image, the nearest in it.
    fn row(&self, y: isize) -> &[u8] {
        let y = y.clamp(0, self.size.1 as isize - 1) as usize;
        &self.samples[y * self.stride..][..self.size.0]
    }

    /// Fills `out` with the samples for the row `y` of the image; those behind its end are of no meaning.
    pub(super) fn upsample(&self, y: usize, out: &mut [u8]) {
        let row = (y / self.factor.1) as isize;
        let near = self.row(row);
        // The other row that is near: above for the upper half of a sample, below for the lower.
        let is_upper = y.is_multiple_of(2);
        let far = || self.row(if is_upper { row - 1 } else { row + 1 });
        match self.factor {
            (2, 1) if near.len() > 2 => double(near, out),
            (2, 2) if near.len() > 2 => double_both(near, far(), out),
            (1, 2) => {
                let bias = if is_upper { 1 } else { 2 };
                for ((out, &near), &far) in out.iter_mut().zip(near).zip(far()) {
                    *out = ((3 * u16::from(near) + u16::from(far) + bias) >> 2) as u8;
                }
            }
            (across, _) => {
                for (out, &sample) in out.chunks_mut(across).zip(near) {
                    out.fill(sample);
                }
            }
        }
    }
}

/// Two pixels for each sample, three quarters of it and one of its neighbour. Of three samples or more.
fn double(row: &[u8], out: &mut [u8]) {
    let mix = |near: u8, far: u8, bias: u16| ((3 * u16::from(near) + u16::from(far) + bias) >> 2) as u8;
    let last = row.len() - 1;
    for (x, (out, &sample)) in out.as_chunks_mut::<2>().0.iter_mut().zip(row).enumerate() {
        *out = [
            if x == 0 { sample } else { mix(sample, row[x - 1], 1) },
            if x == last { sample } else { mix(sample, row[x + 1], 2) },
        ];
    }
}

/// The same in both directions, for one of the two rows.
fn double_both(near: &[u8], far: &[u8], out: &mut [u8]) {
    let column = |x: usize| 3 * u16::from(near[x]) + u16::from(far[x]);
    let last = near.len() - 1;
    for (x, out) in out.as_chunks_mut::<2>().0.iter_mut().take(near.len()).enumerate() {
        let this = column(x);
        // At the edges the sample is its own neighbour.
        let (before, after) = (column(x.saturating_sub(1)), column((x + 1).min(last)));
        *out = [((3 * this + before + 8) >> 4) as u8, ((3 * this + after + 7) >> 4) as u8];
    }
}
