//! Inception-ResNet-v1, from weights with facenet-pytorch's names.

use super::inception_resnet::{BLOCK8, BLOCK17, BLOCK35, MIXED_6A, MIXED_7A, SMALLEST_INPUT, Stage};
use super::network::{Network, same, valid};
use crate::error::Result;
use crate::model::graph::Storage;
use crate::model::onnx::Graph;
use crate::model::tensor::Weights;

/// The network between the image and the global average.
pub(in crate::model) const STAGES: &[Stage] = &[
    Stage::Convolution { name: "conv2d_1a", layer: valid("Conv2d_1a_3x3", 3, 2) },
    Stage::Convolution { name: "conv2d_2a", layer: valid("Conv2d_2a_3x3", 3, 1) },
    Stage::Convolution { name: "conv2d_2b", layer: same("Conv2d_2b_3x3", 3, 3) },
    Stage::MaxPool { name: "maxpool_3a" },
    Stage::Convolution { name: "conv2d_3b", layer: valid("Conv2d_3b_1x1", 1, 1) },
    Stage::Convolution { name: "conv2d_4a", layer: valid("Conv2d_4a_3x3", 3, 1) },
    Stage::Convolution { name: "conv2d_4b", layer: valid("Conv2d_4b_3x3", 3, 2) },
    Stage::Residual {
        name: "repeat_1",
        scope: "Repeat/block35",
        count: Some(5),
        branches: BLOCK35,
        scale: 0.17,
        relu: true,
    },
    Stage::Reduction { name: "mixed_6a", scope: "Mixed_6a", branches: MIXED_6A },
    Stage::Residual {
        name: "repeat_2",
        scope: "Repeat_1/block17",
        count: Some(10),
        branches: BLOCK17,
        scale: 0.10,
        relu: true,
    },
    Stage::Reduction { name: "mixed_7a", scope: "Mixed_7a", branches: MIXED_7A },
    Stage::Residual {
        name: "repeat_3",
        scope: "Repeat_2/block8",
        count: Some(5),
        branches: BLOCK8,
        scale: 0.20,
        relu: true,
    },
    Stage::Residual { name: "block8", scope: "Block8", count: None, branches: BLOCK8, scale: 1.0, relu: false },
];

/// The inference graph: `image` (`[n, 3, size, size]`) to `embeddings` (`[n, width]`, of unit norm), and that width.
pub(in crate::model) fn embedding(weights: &Weights, input_size: u32, storage: Storage) -> Result<(Graph, usize)> {
    let (mut network, image) = Network::new("inception-resnet-v1", weights, input_size, SMALLEST_INPUT, storage)?;
    let maps = network.stages(STAGES, &image)?;
    network.finish(&maps)
}
