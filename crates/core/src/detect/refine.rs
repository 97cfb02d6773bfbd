//! The second and third stage: R-Net and O-Net look at each candidate closely.

use super::boxes::{Candidate, Overlap, Regression};
use super::proposal::sigmoid;
use super::resample::{Region, Resampler, Rounding};
use super::suppress::suppress;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::RgbView;
use crate::geometry::{Landmarks, Point, Rect};
use crate::runtime::Network;

/// Overlap above which the weaker of two candidates goes.
const OVERLAP: f64 = 0.7;

/// Side of R-Net's input.
pub(super) const REFINE_SIDE: usize = 24;
/// Side of O-Net's input.
pub(super) const OUTPUT_SIDE: usize = 48;

/// A candidate with the numbers a network gave it: the logit of the probability, the regression of the four
/// edges, and for O-Net the x and then the y of five landmarks as fractions of the box.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refinement<const N: usize> {
    candidate: Candidate,
    values: [f32; N],
}

impl<const N: usize> Refinement<N> {
    fn regression(&self) -> Regression {
        [self.values[1], self.values[2], self.values[3], self.values[4]]
    }
}

/// Runs `network` on the part of its image that each candidate covers and keeps those whose probability is
/// above `threshold`.
pub(super) fn run<const N: usize>(
    network: &Network,
    side: usize,
    candidates: &[(RgbView<'_>, Candidate)],
    threshold: f32,
    resampler: &mut Resampler,
    input: &mut Vec<f32>,
) -> Result<Vec<Option<Refinement<N>>>> {
    let values = 3 * side * side;
    input.resize(candidates.len() * values, 0.0);
    for ((image, candidate), out) in candidates.iter().zip(input.chunks_exact_mut(values)) {
        resampler.resample(*image, region(candidate), (side, side), 0..side, Rounding::Exact, out);
    }
    network.run([candidates.len(), 3, side, side], input, |_, scores| {
        if scores.len() != N * candidates.len() {
            let (found, count) = (scores.len(), candidates.len());
            let message = format!("{} gave {found} values for {count} boxes of {N} each", network.name());
            return Err(Error::new(ErrorKind::Inference, message));
        }
        let rows = scores.chunks_exact(N).zip(candidates);
        let rows = rows.map(|(row, (_, candidate))| {
            let values: [f32; N] = std::array::from_fn(|index| row[index]);
            let score = sigmoid(values[0]);
            (score > threshold).then_some(Refinement { candidate: Candidate { score, ..*candidate }, values })
        });
        Ok(rows.collect())
    })?
}

/// The pixels of a candidate whose corners are whole numbers.
fn region(candidate: &Candidate) -> Region {
    Region {
        x: candidate.x1 as i64 - 1,
        y: candidate.y1 as i64 - 1,
        width: candidate.columns() as usize,
        height: candidate.rows() as usize,
    }
}

/// The candidates that can be looked at, with whole numbers as corners. Regressions move boxes by parts of their size;
/// what is empty, no number or far larger than any image comes of a broken network.
pub(super) fn whole_pixels(candidates: Vec<Candidate>) -> Vec<Candidate> {
    const FARTHEST: f64 = 1e6;
    let near = |value: f64| value.abs() <= FARTHEST;
    let whole = candidates.into_iter().map(|candidate| candidate.truncated());
    let sound = |candidate: &Candidate| {
        let Candidate { x1, y1, x2, y2, .. } = *candidate;
        [x1, y1, x2, y2].into_iter().all(near) && candidate.columns() >= 1.0 && candidate.rows() >= 1.0
    };
    whole.filter(sound).collect()
}

/// Candidates for O-Net from R-Net's outputs for the candidates of one image.
pub(super) fn refined(refinements: &[Refinement<5>]) -> Vec<Candidate> {
    let candidates: Vec<Candidate> = refinements.iter().map(|refinement| refinement.candidate).collect();
    suppress(&candidates, OVERLAP, Overlap::Union)
        .into_iter()
        .map(|index| candidates[index].apply_regression(refinements[index].regression()).squared())
        .collect()
}

/// Boxes, scores and landmarks from O-Net's outputs for the candidates of one image.
pub(super) fn faces(refinements: &[Refinement<15>]) -> Vec<super::Face> {
    let candidates: Vec<Candidate> =
        refinements.iter().map(|refinement| refinement.candidate.apply_regression(refinement.regression())).collect();
    suppress(&candidates, OVERLAP, Overlap::Minimum)
        .into_iter()
        .map(|index| super::Face {
            rect: rect(&candidates[index]),
            score: candidates[index].score,
            landmarks: landmarks(&refinements[index]),
        })
        .collect()
}

fn rect(candidate: &Candidate) -> Rect {
    Rect::new(candidate.x1 as f32, candidate.y1 as f32, candidate.x2 as f32, candidate.y2 as f32)
}

fn landmarks(refinement: &Refinement<15>) -> Landmarks {
    let candidate = &refinement.candidate;
    Landmarks(std::array::from_fn(|index| {
        let x = candidate.columns() * f64::from(refinement.values[5 + index]) + candidate.x1 - 1.0;
        let y = candidate.rows() * f64::from(refinement.values[10 + index]) + candidate.y1 - 1.0;
        Point::new(x as f32, y as f32)
    }))
}
