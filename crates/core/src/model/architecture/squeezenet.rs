//! SqueezeNet (Iandola and others, 2016) as facenet has it: with batch normalisation, and a dense layer after the average.

use super::network::{Maps, Network, same};
use crate::error::Result;
use crate::model::graph::{Convolution, Storage};
use crate::model::onnx::{Attribute, Graph};
use crate::model::tensor::Weights;

/// The smallest image of which anything is left after the last pooling.
const SMALLEST_INPUT: u32 = 25;

/// The inference graph: `image` (`[n, 3, size, size]`) to `embeddings` (`[n, width]`, of unit norm), and that width.
pub(in crate::model) fn embedding(weights: &Weights, input_size: u32, storage: Storage) -> Result<(Graph, usize)> {
    let (mut network, image) = Network::new("squeezenet", weights, input_size, SMALLEST_INPUT, storage)?;
    let maps = network.first(&image, input_size)?;
    let maps = network.pool("maxpool1", 3, &maps);
    let maps = network.fires(["fire2", "fire3", "fire4"], &maps)?;
    let maps = network.pool("maxpool4", 2, &maps);
    let maps = network.fires(["fire5", "fire6", "fire7", "fire8"], &maps)?;
    let maps = network.pool("maxpool8", 3, &maps);
    let maps = network.fires(["fire9"], &maps)?;
    let weight = network.weights.shaped("conv10.weight", &[None, Some(maps.width), Some(1), Some(1)])?;
    let width = weight.shape()[0];
    let bias = network.weights.vector("conv10.bias", width)?;
    let value = network.graph.convolution("conv10", &maps.value, weight, Some(bias), Convolution::default());
    network.finish(&Maps { value, width })
}

impl Network<'_> {
    /// The first convolution, 7x7 with a step of two, padded as by TensorFlow: one more below and at the right if the number of
    /// pixels is even.
    fn first(&mut self, image: &Maps, input_size: u32) -> Result<Maps> {
        let overhang = usize::from(input_size.is_multiple_of(2));
        let padding = [3 - overhang; 2];
        self.convolution("conv1", [7, 7], Convolution { stride: 2, padding, overhang, groups: 1 }, image)
    }

    fn fires<const N: usize>(&mut self, names: [&str; N], input: &Maps) -> Result<Maps> {
        names.into_iter().try_fold(input.clone(), |maps, name| self.fire(name, &maps))
    }

    /// A narrow 1x1 convolution, then 1x1 and 3x3 ones side by side.
    fn fire(&mut self, name: &str, input: &Maps) -> Result<Maps> {
        let narrow = self.layer(&format!("{name}.squeeze"), &same("squeeze", 1, 1), input)?;
        let wide = [("expand1x1", 1), ("expand3x3", 3)]
            .map(|(part, size)| self.layer(&format!("{name}.{part}"), &same(part, size, size), &narrow));
        let wide = wide.into_iter().collect::<Result<Vec<Maps>>>()?;
        Ok(self.concatenated(name, &wide))
    }

    fn pool(&mut self, name: &str, size: i64, input: &Maps) -> Maps {
        let window = vec![Attribute::ints("kernel_shape", &[size; 2]), Attribute::ints("strides", &[2, 2])];
        Maps { value: self.graph.apply_with("MaxPool", name, &[&input.value], window), width: input.width }
    }
}
