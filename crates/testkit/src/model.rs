//! What the tests of model files share: small networks with random weights, and running a model file.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;

use facenet::Runtime;
use facenet::model::ModelFile;
use facenet::runtime::{Network, NetworkOptions};
use flate2::read::GzDecoder;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use safetensors::Dtype;
use safetensors::tensor::TensorView;

/// The folder of the shipped models.
pub fn shipped(name: &str) -> PathBuf {
    crate::root().join("models").join(name)
}

/// The content of the compressed file `name` in `tests/data/model`.
pub fn data(name: &str) -> Vec<u8> {
    let path = crate::root().join("tests/data/model").join(format!("{name}.gz"));
    let mut content = Vec::new();
    GzDecoder::new(std::fs::File::open(path).expect("the file is there")).read_to_end(&mut content).expect("gzip");
    content
}

/// What the network in `file` gives for `input`.
pub fn run(runtime: &Runtime, file: &ModelFile, shape: [usize; 4], input: &[f32]) -> Vec<f32> {
    let network = Network::from_bytes(runtime, &file.spec().name, file.bytes(), NetworkOptions::default());
    network.expect("the network loads").run(shape, input, |_, values| values.to_vec()).expect("the network runs")
}

/// The largest difference between two lists.
pub fn difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// A tensor of 32-bit floats.
#[derive(Debug, Clone)]
pub struct Tensor {
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

/// Tensors by name.
pub type Weights = BTreeMap<String, Tensor>;

/// The safetensors file with `weights`.
pub fn safetensors(weights: &Weights) -> Vec<u8> {
    let encoded: Vec<(&String, &Tensor, Vec<u8>)> = weights
        .iter()
        .map(|(name, tensor)| (name, tensor, tensor.values.iter().flat_map(|value| value.to_le_bytes()).collect()))
        .collect();
    let views = encoded.iter().map(|(name, tensor, bytes)| {
        (name, TensorView::new(Dtype::F32, tensor.shape.clone(), bytes).expect("the shape fits"))
    });
    safetensors::serialize(views, None).expect("the weights can be written")
}

/// Random weights for the layers of an MTCNN network; the slopes are of all kinds.
pub struct RandomWeights {
    pub weights: Weights,
    random: StdRng,
}

impl RandomWeights {
    pub fn new(seed: u64) -> Self {
        Self { weights: Weights::new(), random: StdRng::seed_from_u64(seed) }
    }

    /// Values between -1 and 1.
    pub fn values(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.random.random_range(-1.0..1.0)).collect()
    }

    fn tensor(&mut self, name: String, shape: &[usize], scale: f32) {
        let values = self.values(shape.iter().product()).iter().map(|value| value * scale).collect();
        self.weights.insert(name, Tensor { shape: shape.to_vec(), values });
    }

    /// A layer with weights of `shape` and biases.
    pub fn layer(mut self, name: &str, shape: &[usize]) -> Self {
        let inputs: usize = shape[1..].iter().product();
        self.tensor(format!("{name}.weight"), shape, 1.5 / (inputs as f32).sqrt());
        self.tensor(format!("{name}.bias"), &shape[..1], 0.3);
        self
    }

    /// Slopes between -1.5 and 1.5.
    pub fn slopes(mut self, name: &str, count: usize) -> Self {
        self.tensor(format!("{name}.weight"), &[count], 1.5);
        self
    }
}

/// A P-Net of a few channels.
pub fn proposal(seed: u64) -> RandomWeights {
    RandomWeights::new(seed)
        .layer("conv1", &[7, 3, 3, 3])
        .slopes("prelu1", 7)
        .layer("conv2", &[6, 7, 3, 3])
        .slopes("prelu2", 6)
        .layer("conv3", &[9, 6, 3, 3])
        .slopes("prelu3", 9)
        .layer("conv4_1", &[2, 9, 1, 1])
        .layer("conv4_2", &[4, 9, 1, 1])
}

/// An R-Net of a few channels.
pub fn refine(seed: u64) -> RandomWeights {
    RandomWeights::new(seed)
        .layer("conv1", &[5, 3, 3, 3])
        .slopes("prelu1", 5)
        .layer("conv2", &[6, 5, 3, 3])
        .slopes("prelu2", 6)
        .layer("conv3", &[7, 6, 2, 2])
        .slopes("prelu3", 7)
        .layer("dense4", &[11, 63])
        .slopes("prelu4", 11)
        .layer("dense5_1", &[2, 11])
        .layer("dense5_2", &[4, 11])
}

/// An O-Net of a few channels.
pub fn output(seed: u64) -> RandomWeights {
    RandomWeights::new(seed)
        .layer("conv1", &[5, 3, 3, 3])
        .slopes("prelu1", 5)
        .layer("conv2", &[6, 5, 3, 3])
        .slopes("prelu2", 6)
        .layer("conv3", &[7, 6, 3, 3])
        .slopes("prelu3", 7)
        .layer("conv4", &[8, 7, 2, 2])
        .slopes("prelu4", 8)
        .layer("dense5", &[10, 72])
        .slopes("prelu5", 10)
        .layer("dense6_1", &[2, 10])
        .layer("dense6_2", &[4, 10])
        .layer("dense6_3", &[10, 10])
}
