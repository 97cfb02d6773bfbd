//! Imported networks against what other implementations compute from the same weights.

use facenet::RuntimeOptions;
use facenet::model::{ImportOptions, ModelFile, Standardization, import_bytes};
use testkit::model::{RandomWeights, Weights, data, difference, run, safetensors};
use testkit::runtime::runtime;

fn imported(bytes: Vec<u8>) -> ModelFile {
    let options = ImportOptions {
        name: Some("test".into()),
        standardization: Some(Standardization::Fixed),
        full_precision: true,
        ..ImportOptions::default()
    };
    import_bytes(bytes, &options).expect("the model can be imported")
}

/// The picture that `tests/data/make_unfolded_graph.py` draws, as the networks take it.
fn picture() -> Vec<f32> {
    let mut values = Vec::with_capacity(3 * 160 * 160);
    for c in 0..3 {
        for y in 0..160 {
            for x in 0..160 {
                let level = (y * (c + 1) + 2 * x + (x * y) % (17 + 6 * c)) % 256;
                values.push((level as f32 - 127.5) / 128.0);
            }
        }
    }
    values
}

#[test]
fn inception_resnet_v1_gives_the_embedding_of_tensorflow() {
    let Some(runtime) = runtime(RuntimeOptions::default()) else { return };
    for name in ["unfolded", "unfused"] {
        let path = format!("{}/tests/data/model/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let expected: Vec<f32> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let graph = imported(data(&format!("{name}.pb")));
        let weights = imported(data(&format!("{name}.safetensors")));
        assert_eq!(graph.spec().weights_sha256, weights.spec().weights_sha256, "{name}: one writer for all sources");
        for file in [graph, weights] {
            let embedding = file.spec().embedding.as_ref().expect("an embedding network");
            assert_eq!(embedding.embedding_size as usize, expected.len());
            let found = run(&runtime, &file, [1, 3, 160, 160], &picture());
            assert!(difference(&found, &expected) < 1e-5, "{name}: {found:?}, TensorFlow: {expected:?}");
        }
    }
}

#[test]
fn an_embedding_does_not_depend_on_the_rest_of_the_batch_nor_much_on_how_weights_are_stored() {
    let Some(runtime) = runtime(RuntimeOptions::default()) else { return };
    let bytes = data("unfused.safetensors");
    let full = imported(bytes.clone());
    let options = ImportOptions {
        name: Some("half".into()),
        standardization: Some(Standardization::Fixed),
        ..ImportOptions::default()
    };
    let half = import_bytes(bytes, &options).expect("the model can be imported");
    assert!(half.bytes().len() < full.bytes().len());
    let batch = [picture(), vec![0.5; 3 * 160 * 160]].concat();
    let both = run(&runtime, &full, [2, 3, 160, 160], &batch);
    let alone = run(&runtime, &full, [1, 3, 160, 160], &batch[..batch.len() / 2]);
    assert!(difference(&both[..alone.len()], &alone) < 1e-5);
    for vector in both.chunks(alone.len()) {
        assert!((vector.iter().map(|value| value * value).sum::<f32>() - 1.0).abs() < 1e-5);
    }
    let rounded = run(&runtime, &half, [1, 3, 160, 160], &batch[..batch.len() / 2]);
    assert!(difference(&rounded, &alone) < 2e-3);
}

#[test]
fn mtcnn_networks_give_what_their_layers_give_one_by_one() {
    let Some(runtime) = runtime(RuntimeOptions::default()) else { return };
    for seed in 0..8 {
        let cases = [
            (testkit::model::proposal(seed), plain::proposal as fn(&Weights, plain::Maps) -> Vec<f32>, [1, 3, 12, 12]),
            (testkit::model::proposal(seed + 100), plain::proposal, [1, 3, 33, 24]),
            (testkit::model::proposal(seed + 200), plain::proposal, [1, 3, 20, 45]),
            (testkit::model::refine(seed), plain::refine, [1, 3, 24, 24]),
            (testkit::model::output(seed), plain::output, [1, 3, 48, 48]),
        ];
        for (RandomWeights { weights, .. }, reference, shape) in cases {
            let file = imported(safetensors(&weights));
            let image = RandomWeights::new(seed).values(shape.iter().product());
            let found = run(&runtime, &file, shape, &image);
            let expected = reference(&weights, plain::Maps::new([3, shape[2], shape[3]], &image));
            let difference = difference(&found, &expected);
            assert!(difference < 1e-4, "{:?}, seed {seed}: {difference}", file.spec().task);
        }
    }
}

/// The layers of MTCNN, one by one and as slowly as they are defined, in 64-bit floats.
mod plain {
    use super::Weights;

    /// Feature maps `[channels, height, width]`.
    pub(super) struct Maps {
        shape: [usize; 3],
        values: Vec<f64>,
    }

    impl Maps {
        pub(super) fn new(shape: [usize; 3], values: &[f32]) -> Self {
            Self { shape, values: values.iter().map(|&value| f64::from(value)).collect() }
        }

        fn from_fn(shape: [usize; 3], value: impl Fn(usize, usize, usize) -> f64) -> Self {
            let [channels, height, width] = shape;
            let mut values = Vec::new();
            for c in 0..channels {
                for y in 0..height {
                    values.extend((0..width).map(|x| value(c, y, x)));
                }
            }
            Self { shape, values }
        }

        fn at(&self, c: usize, y: usize, x: usize) -> f64 {
            self.values[(c * self.shape[1] + y) * self.shape[2] + x]
        }

        fn convolved(&self, weights: &Weights, name: &str) -> Self {
            let (weight, bias) = (&weights[&format!("{name}.weight")], &weights[&format!("{name}.bias")]);
            let [outputs, inputs, height, width] = *weight.shape else { panic!("four axes") };
            let shape = [outputs, self.shape[1] + 1 - height, self.shape[2] + 1 - width];
            Self::from_fn(shape, |o, y, x| {
                let mut sum = f64::from(bias.values[o]);
                for c in 0..inputs {
                    for dy in 0..height {
                        for dx in 0..width {
                            let at = ((o * inputs + c) * height + dy) * width + dx;
                            sum += f64::from(weight.values[at]) * self.at(c, y + dy, x + dx);
                        }
                    }
                }
                sum
            })
        }

        fn activated(&self, weights: &Weights, name: &str) -> Self {
            let slopes = &weights[&format!("{name}.weight")].values;
            Self::from_fn(self.shape, |c, y, x| prelu(self.at(c, y, x), slopes[c]))
        }

        /// The largest of each window, windows that reach past the edges included.
        fn pooled(&self, size: usize, stride: usize) -> Self {
            let [channels, height, width] = self.shape;
            let count = |length: usize| (length - size).div_ceil(stride) + 1;
            Self::from_fn([channels, count(height), count(width)], |c, y, x| {
                let rows = y * stride..(y * stride + size).min(height);
                let columns = x * stride..(x * stride + size).min(width);
                rows.flat_map(|y| columns.clone().map(move |x| (y, x)))
                    .map(|(y, x)| self.at(c, y, x))
                    .fold(f64::NEG_INFINITY, f64::max)
            })
        }

        /// The values in the order x, y, channel.
        fn flattened(&self) -> Vec<f64> {
            let [channels, height, width] = self.shape;
            let mut flat = Vec::new();
            for x in 0..width {
                for y in 0..height {
                    flat.extend((0..channels).map(|c| self.at(c, y, x)));
                }
            }
            flat
        }
    }

    fn prelu(value: f64, slope: f32) -> f64 {
        if value > 0.0 { value } else { f64::from(slope) * value }
    }

    fn dense(input: &[f64], weights: &Weights, name: &str) -> Vec<f64> {
        let (weight, bias) = (&weights[&format!("{name}.weight")], &weights[&format!("{name}.bias")]);
        let rows = weight.values.chunks(input.len()).zip(&bias.values);
        rows.map(|(row, &bias)| {
            f64::from(bias) + row.iter().zip(input).map(|(&weight, value)| f64::from(weight) * value).sum::<f64>()
        })
        .collect()
    }

    fn scores(maps: &Maps, weights: &Weights, number: usize, heads: &[&str]) -> Vec<f32> {
        let hidden = dense(&maps.flattened(), weights, &format!("dense{number}"));
        let slopes = &weights[&format!("prelu{number}.weight")].values;
        let hidden: Vec<f64> = hidden.iter().zip(slopes).map(|(&value, &slope)| prelu(value, slope)).collect();
        let face = dense(&hidden, weights, heads[0]);
        let others = heads[1..].iter().flat_map(|head| dense(&hidden, weights, head));
        std::iter::once(face[1] - face[0]).chain(others).map(|value| value as f32).collect()
    }

    fn layer(maps: &Maps, weights: &Weights, number: usize) -> Maps {
        maps.convolved(weights, &format!("conv{number}")).activated(weights, &format!("prelu{number}"))
    }

    pub(super) fn proposal(weights: &Weights, image: Maps) -> Vec<f32> {
        let maps = layer(&image, weights, 1).pooled(2, 2);
        let maps = layer(&layer(&maps, weights, 2), weights, 3);
        let (face, boxes) = (maps.convolved(weights, "conv4_1"), maps.convolved(weights, "conv4_2"));
        let (no, yes) = face.values.split_at(face.values.len() / 2);
        let logits = yes.iter().zip(no).map(|(yes, no)| yes - no);
        logits.chain(boxes.values.iter().copied()).map(|value| value as f32).collect()
    }

    pub(super) fn refine(weights: &Weights, image: Maps) -> Vec<f32> {
        let maps = layer(&image, weights, 1).pooled(3, 2);
        let maps = layer(&maps, weights, 2).pooled(3, 2);
        scores(&layer(&maps, weights, 3), weights, 4, &["dense5_1", "dense5_2"])
    }

    pub(super) fn output(weights: &Weights, image: Maps) -> Vec<f32> {
        let maps = layer(&image, weights, 1).pooled(3, 2);
        let maps = layer(&maps, weights, 2).pooled(3, 2);
        let maps = layer(&maps, weights, 3).pooled(2, 2);
        scores(&layer(&maps, weights, 4), weights, 5, &["dense6_1", "dense6_2", "dense6_3"])
    }
}
