//! What Inception-ResNet-v1 and -v2 (Szegedy, Ioffe, Vanhoucke and Alemi, 2016) share, as facenet has them.
//!
//! The layout is written down once, as [`Stage`]s; the graph is built from it and so are the names under which TensorFlow
//! graphs hold the same weights.

use super::network::{Branch, Layer, Maps, Network, same, valid};
use crate::error::Result;
use crate::model::graph::Convolution;

/// The smallest image of which anything is left after the last reduction.
pub(super) const SMALLEST_INPUT: u32 = 75;

/// A part of the network, with facenet-pytorch's and TensorFlow's name.
pub(in crate::model) enum Stage {
    Convolution {
        name: &'static str,
        layer: Layer,
    },
    MaxPool {
        name: &'static str,
    },
    /// Branches side by side and a max pooling, all with half the size, joined.
    Reduction {
        name: &'static str,
        scope: &'static str,
        branches: &'static [Branch],
    },
    /// Branches side by side, joined by a 1x1 convolution, times `scale`, added to the input.
    Residual {
        name: &'static str,
        scope: &'static str,
        count: Option<usize>,
        branches: &'static [Branch],
        scale: f32,
        relu: bool,
    },
}

pub(super) const BLOCK35: &[Branch] = &[
    &[same("Conv2d_1x1", 1, 1)],
    &[same("Conv2d_0a_1x1", 1, 1), same("Conv2d_0b_3x3", 3, 3)],
    &[same("Conv2d_0a_1x1", 1, 1), same("Conv2d_0b_3x3", 3, 3), same("Conv2d_0c_3x3", 3, 3)],
];
pub(super) const BLOCK17: &[Branch] = &[
    &[same("Conv2d_1x1", 1, 1)],
    &[same("Conv2d_0a_1x1", 1, 1), same("Conv2d_0b_1x7", 1, 7), same("Conv2d_0c_7x1", 7, 1)],
];
pub(super) const BLOCK8: &[Branch] = &[
    &[same("Conv2d_1x1", 1, 1)],
    &[same("Conv2d_0a_1x1", 1, 1), same("Conv2d_0b_1x3", 1, 3), same("Conv2d_0c_3x1", 3, 1)],
];
pub(super) const MIXED_6A: &[Branch] = &[
    &[valid("Conv2d_1a_3x3", 3, 2)],
    &[same("Conv2d_0a_1x1", 1, 1), same("Conv2d_0b_3x3", 3, 3), valid("Conv2d_1a_3x3", 3, 2)],
];
pub(super) const MIXED_7A: &[Branch] = &[
    &[same("Conv2d_0a_1x1", 1, 1), valid("Conv2d_1a_3x3", 3, 2)],
    &[same("Conv2d_0a_1x1", 1, 1), valid("Conv2d_1a_3x3", 3, 2)],
    &[same("Conv2d_0a_1x1", 1, 1), same("Conv2d_0b_3x3", 3, 3), valid("Conv2d_1a_3x3", 3, 2)],
];

/// The names (ours, TensorFlow's) of the blocks of a residual stage.
pub(in crate::model) fn blocks(name: &str, scope: &str, count: Option<usize>) -> Vec<(String, String)> {
    match count {
        None => vec![(name.into(), scope.into())],
        Some(count) => (0..count).map(|i| (format!("{name}.{i}"), format!("{scope}_{}", i + 1))).collect(),
    }
}

impl Network<'_> {
    /// The stages one after the other.
    pub(super) fn stages(&mut self, stages: &[Stage], input: &Maps) -> Result<Maps> {
        stages.iter().try_fold(input.clone(), |maps, stage| self.stage(stage, &maps))
    }

    fn stage(&mut self, stage: &Stage, input: &Maps) -> Result<Maps> {
        match stage {
            Stage::Convolution { name, layer } => self.layer(name, layer, input),
            Stage::MaxPool { name } => Ok(self.max_pool(name, input)),
            Stage::Reduction { name, branches, .. } => {
                let mut outputs = self.branches(name, branches, input)?;
                outputs.push(self.max_pool(&format!("{name}.branch{}", branches.len()), input));
                Ok(self.concatenated(name, &outputs))
            }
            Stage::Residual { name, scope, count, branches, scale, relu } => {
                let mut blocks = blocks(name, scope, *count).into_iter();
                blocks.try_fold(input.clone(), |maps, (block, _)| self.residual(&block, branches, *scale, *relu, &maps))
            }
        }
    }

    fn residual(&mut self, block: &str, branches: &[Branch], scale: f32, relu: bool, input: &Maps) -> Result<Maps> {
        let outputs = self.branches(block, branches, input)?;
        let joined = self.concatenated(block, &outputs);
        let scale = self.weights.scalar_or(&format!("{block}.scale"), scale)?;
        let name = format!("{block}.conv2d");
        let shape = [Some(input.width), Some(joined.width), Some(1), Some(1)];
        let weight = self.weights.shaped(&format!("{name}.weight"), &shape)?.clone();
        let weight = weight.with_scaled_rows(&vec![scale; input.width]);
        let bias: Vec<f32> =
            self.weights.vector(&format!("{name}.bias"), input.width)?.iter().map(|value| value * scale).collect();
        let value = self.graph.convolution(&name, &joined.value, &weight, Some(&bias), Convolution::default());
        let mut value = self.graph.apply("Add", &format!("{block}.add"), &[&value, &input.value]);
        if relu {
            value = self.graph.apply("Relu", &format!("{block}.relu"), &[&value]);
        }
        Ok(Maps { value, width: input.width })
    }
}
