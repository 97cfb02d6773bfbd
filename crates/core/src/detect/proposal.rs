//! The first stage: P-Net over the pyramid of an image.

use std::ops::Range;

use super::boxes::{Candidate, Overlap, Regression};
use super::pyramid::{CELL, Level, STRIDE};
use super::resample::{Region, Resampler, Rounding};
use super::suppress::suppress;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::RgbView;
use crate::runtime::Network;

/// Overlap above which the weaker of two proposals of one level goes.
const LEVEL_OVERLAP: f64 = 0.5;
/// The same among the proposals of all levels.
const IMAGE_OVERLAP: f64 = 0.7;

/// Planes of P-Net's output: the logit of the probability, and the regression of the four edges.
const MAPS: usize = 5;

/// A box of cells that may hold a face, and where it should move.
#[derive(Debug, Clone, Copy)]
pub(super) struct Proposal {
    candidate: Candidate,
    regression: Regression,
    /// The regression of the cell mirrored in its row.
    mirrored: Regression,
}

/// Searches the rows of cells `band` of `level`.
pub(super) fn search(
    network: &Network,
    image: RgbView<'_>,
    level: &Level,
    band: Range<usize>,
    threshold: f32,
    resampler: &mut Resampler,
    input: &mut Vec<f32>,
) -> Result<Vec<Proposal>> {
    let rows = level.pixel_rows(&band);
    let region = Region { x: 0, y: 0, width: image.width(), height: image.height() };
    let shape = [1, 3, rows.len(), level.width];
    input.resize(shape.iter().product(), 0.0);
    resampler.resample(image, region, (level.width, level.height), rows, Rounding::Levels, input);
    let cells = level.columns() * band.len();
    network.run(shape, input, |_, maps| {
        if maps.len() != MAPS * cells {
            let message = format!("P-Net gave {} values for {cells} cells: the model is of another kind", maps.len());
            return Err(Error::new(ErrorKind::Inference, message));
        }
        Ok(collect(maps, level, &band, threshold))
    })?
}

/// The cells of `maps` whose probability reaches `threshold`.
fn collect(maps: &[f32], level: &Level, band: &Range<usize>, threshold: f32) -> Vec<Proposal> {
    let columns = level.columns();
    let plane = columns * band.len();
    let regression = |cell: usize| -> Regression { std::array::from_fn(|edge| maps[(edge + 1) * plane + cell]) };
    let least = logit(threshold);
    let mut proposals = Vec::new();
    for (cell, &value) in maps[..plane].iter().enumerate() {
        if value >= least {
            let (row, column) = (cell / columns, cell % columns);
            let edge = |cells: usize, offset: usize| ((STRIDE * cells + offset) as f64 / level.scale).trunc();
            let y = band.start + row;
            proposals.push(Proposal {
                candidate: Candidate {
                    x1: edge(column, 1),
                    y1: edge(y, 1),
                    x2: edge(column, CELL),
                    y2: edge(y, CELL),
                    score: sigmoid(value),
                },
                regression: regression(cell),
                mirrored: regression(row * columns + columns - 1 - column),
            });
        }
    }
    proposals
}

/// Proposals of one level, thinned out.
pub(super) fn thin_level(mut proposals: Vec<Proposal>) -> Vec<Proposal> {
    // Where a level has a single proposal, the original flips the regression maps before it reads them. It looks
    // like a leftover of MATLAB's row and column vectors, but its published results include it.
    if let [single] = proposals.as_mut_slice() {
        single.regression = single.mirrored;
        return proposals;
    }
    // Column after column, as the original lists them: the order matters between equal scores.
    let corner = |proposal: &Proposal| (proposal.candidate.x1, proposal.candidate.y1);
    proposals.sort_by(|a, b| {
        let ((ax, ay), (bx, by)) = (corner(a), corner(b));
        ax.total_cmp(&bx).then(ay.total_cmp(&by))
    });
    suppress_proposals(&proposals, LEVEL_OVERLAP)
}

/// Candidates for the next stage from the proposals of all levels of an image.
pub(super) fn merge_levels(proposals: &[Proposal]) -> Vec<Candidate> {
    suppress_proposals(proposals, IMAGE_OVERLAP)
        .iter()
        .map(|proposal| proposal.candidate.apply_proposal_regression(proposal.regression).squared())
        .collect()
}

fn suppress_proposals(proposals: &[Proposal], overlap: f64) -> Vec<Proposal> {
    let candidates: Vec<Candidate> = proposals.iter().map(|proposal| proposal.candidate).collect();
    suppress(&candidates, overlap, Overlap::Union).into_iter().map(|index| proposals[index]).collect()
}

/// The probability whose logit is `value`.
pub(super) fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + (-value).exp())
}

/// The logit of a probability.
fn logit(probability: f32) -> f32 {
    (probability / (1.0 - probability)).ln()
}
