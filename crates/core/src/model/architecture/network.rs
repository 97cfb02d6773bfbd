//! A network for embeddings under construction, from weights with facenet-pytorch's names. Widths come from the weights.

use crate::error::{Error, ErrorKind, Result};
use crate::model::graph::{Convolution, GraphBuilder, Storage, Value};
use crate::model::onnx::Attribute;
use crate::model::onnx::DimensionValue::{Fixed, Symbol};
use crate::model::onnx::Graph;
use crate::model::tensor::{Tensor, Weights};

/// A bound against mistakes.
const LARGEST_INPUT: u32 = 1024;
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
pub(in crate::model) type Branch = &'static [Layer];

pub(in crate::model) const fn same(scope: &'static str, height: usize, width: usize) -> Layer {
    Layer { scope, kernel: [height, width], stride: 1, same: true }
}

pub(in crate::model) const fn valid(scope: &'static str, size: usize, stride: usize) -> Layer {
    Layer { scope, kernel: [size, size], stride, same: false }
}

/// Our name of the layer `index` in the branch `branch` of the block `block`.
pub(in crate::model) fn layer_name(block: &str, branch: usize, layers: Branch, index: usize) -> String {
    if layers.len() == 1 { format!("{block}.branch{branch}") } else { format!("{block}.branch{branch}.{index}") }
}

/// Feature maps and their number of channels.
#[derive(Clone)]
pub(super) struct Maps {
    pub(super) value: Value,
    pub(super) width: usize,
}

/// The inference graph of a network, and what it is made of.
pub(super) struct Network<'a> {
    pub(super) graph: GraphBuilder,
    pub(super) weights: &'a Weights,
}

impl<'a> Network<'a> {
    /// A network `name` for square images of `input_size` pixels, of which nothing is left if they are below `smallest`.
    pub(super) fn new(
        name: &str,
        weights: &'a Weights,
        input_size: u32,
        smallest: u32,
        storage: Storage,
    ) -> Result<(Self, Maps)> {
        if !(smallest..=LARGEST_INPUT).contains(&input_size) {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("the input size is {input_size}: it must lie between {smallest} and {LARGEST_INPUT}"),
            ));
        }
        let side = Fixed(i64::from(input_size));
        let graph = GraphBuilder::new(name, &[Symbol("n".into()), Fixed(3), side.clone(), side], storage);
        let image = Maps { value: graph.image(), width: 3 };
        Ok((Self { graph, weights }, image))
    }

    /// Ends the network with the average over `maps`, the dense layer and the division by the length: `embeddings`
    /// (`[n, width]`, of unit norm), and that width.
    pub(super) fn finish(mut self, maps: &Maps) -> Result<(Graph, usize)> {
        let (weight, bias) = last_layer(self.weights, maps.width)?;
        let graph = &mut self.graph;
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
        Ok((self.graph.finish(&embeddings, "embeddings", &shape)?, width))
    }

    /// Convolution, batch normalisation folded into it, ReLU.
    pub(super) fn layer(&mut self, name: &str, layer: &Layer, input: &Maps) -> Result<Maps> {
        let padding = if layer.same { layer.kernel.map(|size| (size - 1) / 2) } else { [0, 0] };
        self.convolution(name, layer.kernel, Convolution { stride: layer.stride, padding, ..Default::default() }, input)
    }

    /// The same for a kernel and its geometry.
    pub(super) fn convolution(
        &mut self,
        name: &str,
        [height, width]: [usize; 2],
        geometry: Convolution,
        input: &Maps,
    ) -> Result<Maps> {
        let kernel = format!("{name}.conv.weight");
        let weight = self.weights.shaped(&kernel, &[None, Some(input.width), Some(height), Some(width)])?;
        let (factors, bias) =
            normalisation(self.weights, &format!("{name}.bn"), &format!("{name}.conv.bias"), weight.shape()[0])?;
        let weight = weight.clone().with_scaled_rows(&factors);
        let value = self.graph.convolution(name, &input.value, &weight, Some(&bias), geometry);
        let value = self.graph.apply("Relu", &format!("{name}.relu"), &[&value]);
        Ok(Maps { value, width: bias.len() })
    }

    pub(super) fn branches(&mut self, block: &str, branches: &[Branch], input: &Maps) -> Result<Vec<Maps>> {
        let mut outputs = Vec::with_capacity(branches.len() + 1);
        for (branch, layers) in branches.iter().enumerate() {
            let mut maps = input.clone();
            for (index, layer) in layers.iter().enumerate() {
                maps = self.layer(&layer_name(block, branch, layers, index), layer, &maps)?;
            }
            outputs.push(maps);
        }
        Ok(outputs)
    }

    pub(super) fn max_pool(&mut self, name: &str, input: &Maps) -> Maps {
        Maps { value: self.graph.max_pool(name, &input.value, 3, 2, 0), width: input.width }
    }

    pub(super) fn concatenated(&mut self, block: &str, parts: &[Maps]) -> Maps {
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
