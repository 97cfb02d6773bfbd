//! Convolutions with PReLU, rewritten exactly into what ONNX Runtime computes in its blocked layout.
//!
//! `PRelu` itself is not a blocked operator: each one costs two changes of layout and a slow loop. With slope `s`,
//! `prelu(x) = s x + relu((1 - s) x)` for `s <= 1`, which is two 1x1 convolutions, the second with the activation
//! fused and the sum fused into the first. A channel with `s > 1` is kept as two, `x` and `relu(x)`, which the next
//! layer weighs with `s` and `1 - s`.

use crate::error::{Error, ErrorKind, Result};
use crate::model::graph::{Convolution, GraphBuilder, Value};
use crate::model::tensor::{Tensor, Weights};

/// Many times the channels of any MTCNN; the rewritten pooling needs memory in the square of their number.
const MOST_CHANNELS: usize = 1024;

/// The channels of a value, and how those of the original network are read from them.
pub(super) struct Channels {
    pub(super) value: Value,
    width: usize,
    /// For each original channel: stored channels and their factors.
    reading: Vec<Vec<(usize, f32)>>,
}

impl Channels {
    /// A value whose channels are stored as they are.
    pub(super) fn plain(value: Value, width: usize) -> Self {
        Self { value, width, reading: (0..width).map(|channel| vec![(channel, 1.0)]).collect() }
    }

    /// Number of channels of the original network.
    pub(super) fn count(&self) -> usize {
        self.reading.len()
    }

    /// The weights `[out, in, ..]` of a layer that reads the original channels, for the stored ones.
    pub(super) fn adapt(&self, weight: &Tensor) -> Tensor {
        let mut shape = weight.shape().to_vec();
        shape[1] = self.width;
        let mut sources = vec![Vec::new(); self.width];
        for (original, stored) in self.reading.iter().enumerate() {
            for &(channel, factor) in stored {
                sources[channel].push((original, factor));
            }
        }
        Tensor::from_fn(&shape, |index| {
            let mut at = index.to_vec();
            sources[index[1]]
                .iter()
                .map(|&(original, factor)| {
                    at[1] = original;
                    factor * weight.at(&at)
                })
                .sum()
        })
    }
}

/// A convolution without padding and the PReLU that follows it.
pub(super) struct PreluConvolution<'a> {
    name: &'a str,
    weight: Tensor,
    bias: &'a [f32],
    slopes: &'a [f32],
}

impl<'a> PreluConvolution<'a> {
    /// Takes `conv{number}` and `prelu{number}` with a square kernel of `size`, to be applied to `input`.
    pub(super) fn new(
        weights: &'a Weights,
        number: usize,
        name: &'a str,
        size: usize,
        input: &Channels,
    ) -> Result<Self> {
        let shape = [None, Some(input.count()), Some(size), Some(size)];
        let weight = weights.shaped(&format!("conv{number}.weight"), &shape)?;
        let outputs = weight.shape()[0];
        if outputs > MOST_CHANNELS {
            return Err(Error::new(
                ErrorKind::ModelUnsupported,
                format!("the weight `conv{number}.weight` has {outputs} channels: up to {MOST_CHANNELS} are supported"),
            ));
        }
        let bias = weights.vector(&format!("conv{number}.bias"), outputs)?;
        let slopes = weights.vector(&format!("prelu{number}.weight"), outputs)?;
        Ok(Self { name, weight: input.adapt(weight), bias, slopes })
    }

    /// The convolution and the activation.
    pub(super) fn build(&self, graph: &mut GraphBuilder, input: &Channels, align: usize) -> Channels {
        let (reading, steep) = self.reading();
        let count = self.slopes.len();
        let width = (count + steep.len()).next_multiple_of(align);
        let source = |channel: usize| if channel < count { Some(channel) } else { steep.get(channel - count).copied() };
        let slope = |channel: usize| if channel < count { self.slopes[channel].min(1.0) } else { 0.0 };

        let name = self.name;
        let linear = self.linear(graph, input, width, |channel| source(channel).map(|source| (source, 1.0)));
        let diagonal = |factor: &dyn Fn(f32) -> f32| Tensor::from_fn(&[width, 1, 1, 1], |at| factor(slope(at[0])));
        let depthwise = Convolution { groups: width, ..Default::default() };
        let positive =
            graph.convolution(&format!("{name}.positive"), &linear, &diagonal(&|slope| 1.0 - slope), None, depthwise);
        let positive = graph.apply("Relu", &format!("{name}.relu"), &[&positive]);
        let sloped = graph.convolution(&format!("{name}.sloped"), &linear, &diagonal(&|slope| slope), None, depthwise);
        let value = graph.apply("Add", &format!("{name}.prelu"), &[&sloped, &positive]);
        Channels { value, width, reading }
    }

    /// The convolution, a pooling, and the activation, computed after the pooling, where there is less to compute.
    ///
    /// An increasing activation may trade places with the maximum. A channel with a falling one (negative slope) is
    /// pooled twice, as `p = max(x)` and as `q = max(-x)`: the largest activation is the larger of `p` and `-s q`,
    /// which is `-s q + relu(p + s q)`.
    pub(super) fn build_pooled(
        &self,
        graph: &mut GraphBuilder,
        input: &Channels,
        align: usize,
        pool: impl FnOnce(&mut GraphBuilder, &Value) -> Value,
    ) -> Channels {
        let (reading, steep) = self.reading();
        let count = self.slopes.len();
        let falling: Vec<usize> = (0..count).filter(|&channel| self.slopes[channel] < 0.0).collect();
        let pooled_width = (count + falling.len()).next_multiple_of(align);
        let width = (count + steep.len()).next_multiple_of(align);

        let linear = self.linear(graph, input, pooled_width, |channel| {
            if channel < count {
                Some((channel, 1.0))
            } else {
                falling.get(channel - count).map(|&source| (source, -1.0))
            }
        });
        let pooled = pool(graph, &linear);

        let mut rectified = vec![vec![0.0; pooled_width]; width];
        let mut sloped = vec![vec![0.0; pooled_width]; width];
        for (channel, &slope) in self.slopes.iter().enumerate() {
            rectified[channel][channel] = 1.0 - slope.clamp(0.0, 1.0);
            sloped[channel][channel] = slope.clamp(0.0, 1.0);
        }
        for (i, &channel) in falling.iter().enumerate() {
            rectified[channel][count + i] = self.slopes[channel];
            sloped[channel][count + i] = -self.slopes[channel];
        }
        for (i, &channel) in steep.iter().enumerate() {
            rectified[count + i][channel] = 1.0;
        }
        let name = self.name;
        let mut mix = |suffix: &str, rows: Vec<Vec<f32>>| {
            let weight = Tensor::from_fn(&[width, pooled_width, 1, 1], |at| rows[at[0]][at[1]]);
            graph.convolution(&format!("{name}.{suffix}"), &pooled, &weight, None, Convolution::default())
        };
        let (positive, sloped) = (mix("positive", rectified), mix("sloped", sloped));
        let positive = graph.apply("Relu", &format!("{name}.relu"), &[&positive]);
        let value = graph.apply("Add", &format!("{name}.prelu"), &[&sloped, &positive]);
        Channels { value, width, reading }
    }

    /// How the original channels are read from the activated ones, and which of them take two.
    fn reading(&self) -> (Vec<Vec<(usize, f32)>>, Vec<usize>) {
        let mut steep = Vec::new();
        let reading = self
            .slopes
            .iter()
            .enumerate()
            .map(|(channel, &slope)| {
                if slope <= 1.0 {
                    return vec![(channel, 1.0)];
                }
                steep.push(channel);
                vec![(channel, slope), (self.slopes.len() + steep.len() - 1, 1.0 - slope)]
            })
            .collect();
        (reading, steep)
    }

    /// The convolution, with output channels picked and multiplied as `source` says; zeros where it says nothing.
    fn linear(
        &self,
        graph: &mut GraphBuilder,
        input: &Channels,
        width: usize,
        source: impl Fn(usize) -> Option<(usize, f32)>,
    ) -> Value {
        let mut shape = self.weight.shape().to_vec();
        shape[0] = width;
        let weight = Tensor::from_fn(&shape, |index| {
            source(index[0]).map_or(0.0, |(channel, factor)| {
                let mut at = index.to_vec();
                at[0] = channel;
                factor * self.weight.at(&at)
            })
        });
        let bias: Vec<f32> = (0..width)
            .map(|channel| source(channel).map_or(0.0, |(channel, factor)| factor * self.bias[channel]))
            .collect();
        graph.convolution(self.name, &input.value, &weight, Some(&bias), Convolution::default())
    }
}
