//! Inception-ResNet-v1 as facenet has it, from weights with facenet-pytorch's names.
//!
//! The layout is written down once, in [`STAGES`]; the graph is built from it and so are the names under which
//! TensorFlow graphs hold the same weights. Widths come from the weights.

use std::ops::RangeInclusive;

use crate::error::{Error, ErrorKind, Result};
use crate::model::graph::{Convolution, GraphBuilder, Storage, Value};
use crate::model::onnx::Attribute;
use crate::model::onnx::DimensionValue::{Fixed, Symbol};
use crate::model::onnx::Graph;
use crate::model::tensor::{Tensor, Weights};

/// Width and height of the images that facenet trained with.
pub(in crate::model) const INPUT_SIZE: u32 = 160;
/// The smallest image of which anything is left after the last reduction, and a bound against mistakes.
const INPUT_SIZES: RangeInclusive<u32> = 75..=1024;
/// Added to the variance in every batch normalisation, unless the source says otherwise (`<layer>.eps`).
const EPSILON: f32 = 0.001;
/// The least length by which an embedding is divided: the root of facenet's 1e-10.
const SHORTEST: f32 = 1e-5;

/// A convolution without bias, batch normalisation and ReLU.
pub(in crate::model) struct Layer {
    /// TensorFlow's name within the enclosing scope.
    pub(in crate::model) scope: &'static str,
    pub(in crate::model) kernel: [usize; 2],
    pub(in crate::model) stride: usize,
    /// Whether the input is padded so that a step of one keeps its size.
    pub(in crate::model) same: bool,
}

/// Convolutions one after the other.
type Branch = &'static [Layer];

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

const fn same(scope: &'static str, height: usize, width: usize) -> Layer {
    Layer { scope, kernel: [height, width], stride: 1, same: true }
}

const fn valid(scope: &'static str, size: usize, stride: usize) -> Layer {
    Layer { scope, kernel: [size, size], stride, same: false }
}

const BLOCK35: &[Branch] = &[
    &[same("Conv2d_1x1", 1, 1)],
    &[same("Conv2d_0a_1x1", 1, 1), same("Conv2d_0b_3x3", 3, 3)],
    &[same("Conv2d_0a_1x1", 1, 1), same("Conv2d_0b_3x3", 3, 3), same("Conv2d_0c_3x3", 3, 3)],
];
const BLOCK17: &[Branch] = &[
    &[same("Conv2d_1x1", 1, 1)],
    &[same("Conv2d_0a_1x1", 1, 1), same("Conv2d_0b_1x7", 1, 7), same("Conv2d_0c_7x1", 7, 1)],
];
const BLOCK8: &[Branch] = &[
    &[same("Conv2d_1x1", 1, 1)],
    &[same("Conv2d_0a_1x1", 1, 1), same("Conv2d_0b_1x3", 1, 3), same("Conv2d_0c_3x1", 3, 1)],
];
const MIXED_6A: &[Branch] = &[
    &[valid("Conv2d_1a_3x3", 3, 2)],
    &[same("Conv2d_0a_1x1", 1, 1), same("Conv2d_0b_3x3", 3, 3), valid("Conv2d_1a_3x3", 3, 2)],
];
const MIXED_7A: &[Branch] = &[
    &[same("Conv2d_0a_1x1", 1, 1), valid("Conv2d_1a_3x3", 3, 2)],
    &[same("Conv2d_0a_1x1", 1, 1), valid("Conv2d_1a_3x3", 3, 2)],
    &[same("Conv2d_0a_1x1", 1, 1), same("Conv2d_0b_3x3", 3, 3), valid("Conv2d_1a_3x3", 3, 2)],
];

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

/// The names (ours, TensorFlow's) of the blocks of a residual stage.
pub(in crate::model) fn blocks(name: &str, scope: &str, count: Option<usize>) -> Vec<(String, String)> {
    match count {
        None => vec![(name.into(), scope.into())],
        Some(count) => (0..count).map(|i| (format!("{name}.{i}"), format!("{scope}_{}", i + 1))).collect(),
    }
}

/// Our name of the layer `index` in the branch `branch` of the block `block`.
pub(in crate::model) fn layer_name(block: &str, branch: usize, layers: Branch, index: usize) -> String {
    if layers.len() == 1 { format!("{block}.branch{branch}") } else { format!("{block}.branch{branch}.{index}") }
}

/// The inference graph: `image` (`[n, 3, size, size]`) to `embeddings` (`[n, width]`, of length one), and that width.
pub(in crate::model) fn embedding(weights: &Weights, input_size: u32, storage: Storage) -> Result<(Graph, usize)> {
    if !INPUT_SIZES.contains(&input_size) {
        return Err(Error::new(
            ErrorKind::InvalidArgument,
            format!(
                "the input size is {input_size}: it must lie between {} and {}",
                INPUT_SIZES.start(),
                INPUT_SIZES.end()
            ),
        ));
    }
    let side = Fixed(i64::from(input_size));
    let image = [Symbol("n".into()), Fixed(3), side.clone(), side];
    let mut builder = Builder { graph: GraphBuilder::new("inception-resnet-v1", &image, storage), weights };
    let mut maps = Maps { value: builder.graph.image(), width: 3 };
    for stage in STAGES {
        maps = builder.stage(stage, &maps)?;
    }
    let (weight, bias) = last_layer(weights, maps.width)?;
    let graph = &mut builder.graph;
    let average = graph.apply("GlobalAveragePool", "average", &[&maps.value]);
    let flat = graph.apply("Flatten", "flatten", &[&average]);
    let vector = graph.dense("last_linear", &flat, &weight, &bias);
    let axes = vec![Attribute::ints("axes", &[1]), Attribute::int("keepdims", 1)];
    let length = graph.apply_with("ReduceL2", "length", &[&vector], axes);
    let shortest = graph.constant("shortest", &Tensor::vector(vec![SHORTEST]));
    let length = graph.apply("Max", "length_or_shortest", &[&length, &shortest]);
    let embeddings = graph.apply("Div", "embeddings", &[&vector, &length]);
    let width = bias.len();
    let shape = [Symbol("n".into()), Fixed(width as i64)];
    Ok((builder.graph.finish(&embeddings, "embeddings", &shape)?, width))
}

/// Feature maps and their number of channels.
struct Maps {
    value: Value,
    width: usize,
}

struct Builder<'a> {
    graph: GraphBuilder,
    weights: &'a Weights,
}

impl Builder<'_> {
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
                let mut maps = Maps { value: input.value.clone(), width: input.width };
                for (block, _) in blocks(name, scope, *count) {
                    maps = self.residual(&block, branches, *scale, *relu, &maps)?;
                }
                Ok(maps)
            }
        }
    }

    /// Convolution, batch normalisation folded into it, ReLU.
    fn layer(&mut self, name: &str, layer: &Layer, input: &Maps) -> Result<Maps> {
        let [height, width] = layer.kernel;
        let kernel = format!("{name}.conv.weight");
        let weight = self.weights.shaped(&kernel, &[None, Some(input.width), Some(height), Some(width)])?;
        let (factors, bias) =
            normalisation(self.weights, &format!("{name}.bn"), &format!("{name}.conv.bias"), weight.shape()[0])?;
        let weight = weight.clone().with_scaled_rows(&factors);
        let padding = if layer.same { [(height - 1) / 2, (width - 1) / 2] } else { [0, 0] };
        let geometry = Convolution { stride: layer.stride, padding, groups: 1 };
        let value = self.graph.convolution(name, &input.value, &weight, Some(&bias), geometry);
        let value = self.graph.apply("Relu", &format!("{name}.relu"), &[&value]);
        Ok(Maps { value, width: bias.len() })
    }

    fn branches(&mut self, block: &str, branches: &[Branch], input: &Maps) -> Result<Vec<Maps>> {
        let mut outputs = Vec::with_capacity(branches.len() + 1);
        for (branch, layers) in branches.iter().enumerate() {
            let mut maps = Maps { value: input.value.clone(), width: input.width };
            for (index, layer) in layers.iter().enumerate() {
                maps = self.layer(&layer_name(block, branch, layers, index), layer, &maps)?;
            }
            outputs.push(maps);
        }
        Ok(outputs)
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

    fn max_pool(&mut self, name: &str, input: &Maps) -> Maps {
        Maps { value: self.graph.max_pool(name, &input.value, 3, 2, 0), width: input.width }
    }

    fn concatenated(&mut self, block: &str, parts: &[Maps]) -> Maps {
        let values: Vec<&Value> = parts.iter().map(|part| &part.value).collect();
        let value =
            self.graph.apply_with("Concat", &format!("{block}.concat"), &values, vec![Attribute::int("axis", 1)]);
        Maps { value, width: parts.iter().map(|part| part.width).sum() }
    }
}

/// The dense layer from the averages to the embedding, batch normalisation folded into it.
fn last_layer(weights: &Weights, inputs: usize) -> Result<(Tensor, Vec<f32>)> {
    let weight = weights.shaped("last_linear.weight", &[None, Some(inputs)])?;
    let (factors, bias) = normalisation(weights, "last_bn", "last_linear.bias", weight.shape()[0])?;
    Ok((weight.clone().with_scaled_rows(&factors), bias))
}

/// What the layer named by `bias` must be multiplied with, and the bias it then needs, for each of `width` channels.
///
/// There is a batch normalisation `name`, or a bias where it was folded before, or both.
fn normalisation(weights: &Weights, name: &str, bias: &str, width: usize) -> Result<(Vec<f32>, Vec<f32>)> {
    let mean = format!("{name}.running_mean");
    if !weights.contains(&mean) && weights.contains(bias) {
        return Ok((vec![1.0; width], weights.vector(bias, width)?.to_vec()));
    }
    let mean = weights.vector(&mean, width)?;
    let variance = weights.vector(&format!("{name}.running_var"), width)?;
    let offset = weights.vector(&format!("{name}.bias"), width)?;
    let scale = weights.vector_or(&format!("{name}.weight"), width, 1.0)?;
    let bias = weights.vector_or(bias, width, 0.0)?;
    let epsilon = f64::from(weights.scalar_or(&format!("{name}.eps"), EPSILON)?);
    let mut folded = (Vec::with_capacity(width), Vec::with_capacity(width));
    for i in 0..width {
        let variance = f64::from(variance[i]) + epsilon;
        if variance <= 0.0 {
            return Err(Error::new(
                ErrorKind::ModelInvalid,
                format!("value {i} of the weight `{name}.running_var` is negative: the file is damaged"),
            ));
        }
        let factor = f64::from(scale[i]) / variance.sqrt();
        folded.0.push(factor as f32);
        folded.1.push((f64::from(offset[i]) + (f64::from(bias[i]) - f64::from(mean[i])) * factor) as f32);
    }
    Ok(folded)
}
