//! Inception-ResNet-v2, from weights named as those of v1.

use super::inception_resnet::{BLOCK8, BLOCK17, BLOCK35, MIXED_6A, MIXED_7A, SMALLEST_INPUT, Stage};
use super::network::{Branch, Maps, Network, same, valid};
use crate::error::Result;
use crate::model::graph::Storage;
use crate::model::onnx::{Attribute, Graph};
use crate::model::tensor::Weights;

/// The network up to its first parting.
const STEM: &[Stage] = &[
    Stage::Convolution { name: "conv2d_1a", layer: valid("Conv2d_1a_3x3", 3, 2) },
    Stage::Convolution { name: "conv2d_2a", layer: valid("Conv2d_2a_3x3", 3, 1) },
    Stage::Convolution { name: "conv2d_2b", layer: same("Conv2d_2b_3x3", 3, 3) },
    Stage::MaxPool { name: "maxpool_3a" },
    Stage::Convolution { name: "conv2d_3b", layer: valid("Conv2d_3b_1x1", 1, 1) },
    Stage::Convolution { name: "conv2d_4a", layer: valid("Conv2d_4a_3x3", 3, 1) },
    Stage::MaxPool { name: "maxpool_5a" },
];

/// The convolutions of the first parting; a fourth branch begins with an average.
const MIXED_5B: &[Branch] = &[
    &[same("Conv2d_1x1", 1, 1)],
    &[same("Conv2d_0a_1x1", 1, 1), same("Conv2d_0b_5x5", 5, 5)],
    &[same("Conv2d_0a_1x1", 1, 1), same("Conv2d_0b_3x3", 3, 3), same("Conv2d_0c_3x3", 3, 3)],
];

/// From there to the global average.
const BODY: &[Stage] = &[
    Stage::Residual {
        name: "repeat_1",
        scope: "Repeat/block35",
        count: Some(10),
        branches: BLOCK35,
        scale: 0.17,
        relu: true,
    },
    Stage::Reduction { name: "mixed_6a", scope: "Mixed_6a", branches: MIXED_6A },
    Stage::Residual {
        name: "repeat_2",
        scope: "Repeat_1/block17",
        count: Some(20),
        branches: BLOCK17,
        scale: 0.10,
        relu: true,
    },
    Stage::Reduction { name: "mixed_7a", scope: "Mixed_7a", branches: MIXED_7A },
    Stage::Residual {
        name: "repeat_3",
        scope: "Repeat_2/block8",
        count: Some(9),
        branches: BLOCK8,
        scale: 0.20,
        relu: true,
    },
    Stage::Residual { name: "block8", scope: "Block8", count: None, branches: BLOCK8, scale: 1.0, relu: false },
    Stage::Convolution { name: "conv2d_7b", layer: valid("Conv2d_7b_1x1", 1, 1) },
];

/// The inference graph: `image` (`[n, 3, size, size]`) to `embeddings` (`[n, width]`, of unit norm), and that width.
pub(in crate::model) fn embedding(weights: &Weights, input_size: u32, storage: Storage) -> Result<(Graph, usize)> {
    let (mut network, image) = Network::new("inception-resnet-v2", weights, input_size, SMALLEST_INPUT, storage)?;
    let maps = network.stages(STEM, &image)?;
    let maps = mixed_5b(&mut network, &maps)?;
    let maps = network.stages(BODY, &maps)?;
    network.finish(&maps)
}

fn mixed_5b(network: &mut Network<'_>, input: &Maps) -> Result<Maps> {
    let mut outputs = network.branches("mixed_5b", MIXED_5B, input)?;
    // As TensorFlow's, the average leaves out what lies outside of the maps.
    let window = vec![
        Attribute::ints("kernel_shape", &[3, 3]),
        Attribute::ints("pads", &[1, 1, 1, 1]),
        Attribute::ints("strides", &[1, 1]),
    ];
    let average = network.graph.apply_with("AveragePool", "mixed_5b.branch3.0", &[&input.value], window);
    let average = Maps { value: average, width: input.width };
    outputs.push(network.layer("mixed_5b.branch3.1", &same("Conv2d_0b_1x1", 1, 1), &average)?);
    Ok(network.concatenated("mixed_5b", &outputs))
}
