//! The three networks of MTCNN (Zhang, Zhang, Li and Qiao, 2016), from weights with facenet-pytorch's names.
//!
//! Each graph has one input `image` (`[n, 3, height, width]`, RGB, `(x - 127.5) / 128`) and one output whose channels
//! are the face logit (score of "face" less score of "no face": its sigmoid is the probability), the four box
//! regressions and, for the output network, the ten landmark coordinates (five x, then five y).

use super::prelu::{Channels, PreluConvolution};
use crate::error::Result;
use crate::model::graph::{Convolution, GraphBuilder, Storage};
use crate::model::onnx::DimensionValue::{Fixed, Symbol};
use crate::model::onnx::Graph;
use crate::model::tensor::{Tensor, Weights};

/// Channel counts are rounded up to this: what ONNX Runtime needs for its blocked layout.
const ALIGNMENT: usize = 4;
/// The first layer of the refinement network is rounded up to a whole block on every processor.
const BLOCK: usize = 16;

/// P-Net: `maps`, `[n, 5, h, w]`, for an image of any size from 12x12.
pub(in crate::model) fn proposal(weights: &Weights) -> Result<Graph> {
    let image = [Symbol("n".into()), Fixed(3), Symbol("height".into()), Symbol("width".into())];
    let mut graph = GraphBuilder::new("mtcnn-pnet", &image, Storage::Float32);
    let input = Channels::plain(graph.image(), 3);
    let conv1 = PreluConvolution::new(weights, 1, "conv1", 3, &input)?.build_pooled(
        &mut graph,
        &input,
        ALIGNMENT,
        |graph, value| graph.max_pool("pool1", value, 2, 2, 1),
    );
    let conv2 = PreluConvolution::new(weights, 2, "conv2", 3, &conv1)?.build(&mut graph, &conv1, ALIGNMENT);
    let conv3 = PreluConvolution::new(weights, 3, "conv3", 3, &conv2)?.build(&mut graph, &conv2, ALIGNMENT);
    let (weight, bias) = heads(weights, "conv4_1", &[("conv4_2", 4)], &[conv3.count(), 1, 1])?;
    let maps = graph.convolution("conv4", &conv3.value, &conv3.adapt(&weight), Some(&bias), Convolution::default());
    let shape = [Symbol("n".into()), Fixed(5), Symbol("map_height".into()), Symbol("map_width".into())];
    graph.finish(&maps, "maps", &shape)
}

/// R-Net: `scores`, `[n, 5]`, for images of 24x24.
pub(in crate::model) fn refine(weights: &Weights) -> Result<Graph> {
    let mut graph =
        GraphBuilder::new("mtcnn-rnet", &[Symbol("n".into()), Fixed(3), Fixed(24), Fixed(24)], Storage::Float32);
    let input = Channels::plain(graph.image(), 3);
    let mut conv1 = PreluConvolution::new(weights, 1, "conv1", 3, &input)?.build(&mut graph, &input, BLOCK);
    conv1.value = graph.max_pool("pool1", &conv1.value, 3, 2, 1);
    let mut conv2 = PreluConvolution::new(weights, 2, "conv2", 3, &conv1)?.build(&mut graph, &conv1, ALIGNMENT);
    conv2.value = graph.max_pool("pool2", &conv2.value, 3, 2, 0);
    let conv3 = PreluConvolution::new(weights, 3, "conv3", 2, &conv2)?.build(&mut graph, &conv2, ALIGNMENT);
    finish_dense(graph, weights, &conv3, Dense { number: 4, face: "dense5_1", others: &[("dense5_2", 4)] })
}

/// O-Net: `scores`, `[n, 15]`, for images of 48x48.
pub(in crate::model) fn output(weights: &Weights) -> Result<Graph> {
    let mut graph =
        GraphBuilder::new("mtcnn-onet", &[Symbol("n".into()), Fixed(3), Fixed(48), Fixed(48)], Storage::Float32);
    let input = Channels::plain(graph.image(), 3);
    let mut conv1 = PreluConvolution::new(weights, 1, "conv1", 3, &input)?.build(&mut graph, &input, ALIGNMENT);
    conv1.value = graph.max_pool("pool1", &conv1.value, 3, 2, 1);
    let mut conv2 = PreluConvolution::new(weights, 2, "conv2", 3, &conv1)?.build(&mut graph, &conv1, ALIGNMENT);
    conv2.value = graph.max_pool("pool2", &conv2.value, 3, 2, 0);
    let mut conv3 = PreluConvolution::new(weights, 3, "conv3", 3, &conv2)?.build(&mut graph, &conv2, ALIGNMENT);
    conv3.value = graph.max_pool("pool3", &conv3.value, 2, 2, 0);
    let conv4 = PreluConvolution::new(weights, 4, "conv4", 2, &conv3)?.build(&mut graph, &conv3, ALIGNMENT);
    finish_dense(
        graph,
        weights,
        &conv4,
        Dense { number: 5, face: "dense6_1", others: &[("dense6_2", 4), ("dense6_3", 10)] },
    )
}

/// Names of the dense layers at the end of R-Net and O-Net.
struct Dense<'a> {
    number: usize,
    face: &'a str,
    others: &'a [(&'a str, usize)],
}

/// The hidden dense layer over maps of 3x3, its PReLU, and the heads.
fn finish_dense(mut graph: GraphBuilder, weights: &Weights, maps: &Channels, names: Dense<'_>) -> Result<Graph> {
    const SIDE: usize = 3;
    let name = format!("dense{}", names.number);
    let weight = weights.shaped(&format!("{name}.weight"), &[None, Some(SIDE * SIDE * maps.count())])?;
    let hidden = weight.shape()[0];
    let bias = weights.vector(&format!("{name}.bias"), hidden)?;
    let slopes = weights.vector(&format!("prelu{}.weight", names.number), hidden)?;

    // The original flattens its maps as [x, y, channel].
    let weight = maps.adapt(&weight.reshaped(&[hidden, SIDE, SIDE, maps.count()])?.permuted(&[0, 3, 2, 1]));
    let inputs = weight.shape()[1..].iter().product();
    let flat = graph.apply("Flatten", "flatten", &[&maps.value]);
    let dense = graph.dense(&name, &flat, &weight.reshaped(&[hidden, inputs])?, bias);
    let slopes = graph.constant(&format!("prelu{}.slope", names.number), &Tensor::vector(slopes.to_vec()));
    let active = graph.apply("PRelu", &format!("prelu{}", names.number), &[&dense, &slopes]);

    let (weight, bias) = heads(weights, names.face, names.others, &[hidden])?;
    let scores = graph.dense("heads", &active, &weight, &bias);
    graph.finish(&scores, "scores", &[Symbol("n".into()), Fixed(bias.len() as i64)])
}

/// All output layers as one: the two rows of `face` become their difference, then come the rows of `others`.
fn heads(weights: &Weights, face: &str, others: &[(&str, usize)], inputs: &[usize]) -> Result<(Tensor, Vec<f32>)> {
    let head = |name: &str, rows: usize| {
        let shape: Vec<Option<usize>> = std::iter::once(rows).chain(inputs.iter().copied()).map(Some).collect();
        Ok((weights.shaped(&format!("{name}.weight"), &shape)?, weights.vector(&format!("{name}.bias"), rows)?))
    };
    let (scores, score_bias) = head(face, 2)?;
    let half = scores.data().len() / 2;
    let mut shape = scores.shape().to_vec();
    shape[0] = 1;
    let (no_face, yes_face) = scores.data().split_at(half);
    let difference = yes_face.iter().zip(no_face).map(|(yes, no)| yes - no).collect();
    let mut parts = vec![Tensor::new(shape, difference)?];
    let mut bias = vec![score_bias[1] - score_bias[0]];
    for &(name, rows) in others {
        let (weight, other_bias) = head(name, rows)?;
        parts.push(weight.clone());
        bias.extend_from_slice(other_bias);
    }
    Ok((Tensor::concatenated(&parts)?, bias))
}
