//! Writing an inference graph, operator by operator.

use std::num::FpCategory;

use half::f16;

use super::onnx::{self, Attribute, DimensionValue, Node, ValueInfo};
use super::tensor::Tensor;
use crate::error::{Error, ErrorKind, Result};

/// How weights are stored in the file. Computation is in 32-bit floats either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Storage {
    /// 32-bit floats.
    Float32,
    /// 16-bit floats, which ONNX Runtime widens once, while loading.
    Float16,
}

/// A value in the graph, by name.
pub(crate) type Value = String;

/// The geometry of a convolution; kernel and widths come from its weights.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Convolution {
    /// Step in both directions.
    pub(crate) stride: usize,
    /// Zeros above and below, left and right of the input.
    pub(crate) padding: [usize; 2],
    /// More zeros below and at the right.
    pub(crate) overhang: usize,
    /// Channels that do not see each other.
    pub(crate) groups: usize,
}

impl Default for Convolution {
    fn default() -> Self {
        Self { stride: 1, padding: [0, 0], overhang: 0, groups: 1 }
    }
}

/// A graph under construction: one float input, one float output.
pub(crate) struct GraphBuilder {
    graph: onnx::Graph,
    storage: Storage,
    /// The first constant with a value that is not finite.
    overflow: Option<String>,
}

impl GraphBuilder {
    /// A graph `name` without operators, whose only input is `image`.
    pub(crate) fn new(name: &str, image: &[DimensionValue], storage: Storage) -> Self {
        let input = vec![ValueInfo::floats("image", image)];
        Self { graph: onnx::Graph { name: name.into(), input, ..Default::default() }, storage, overflow: None }
    }

    /// The input.
    pub(crate) fn image(&self) -> Value {
        "image".into()
    }

    /// Ends the graph: `value`, which nothing else reads, is its output under the name `name`.
    pub(crate) fn finish(mut self, value: &Value, name: &str, shape: &[DimensionValue]) -> Result<onnx::Graph> {
        if let Some(constant) = self.overflow {
            return Err(Error::new(
                ErrorKind::ModelInvalid,
                format!("`{constant}` overflows when the layers are folded: the weights are damaged"),
            ));
        }
        for output in self.graph.node.iter_mut().flat_map(|node| &mut node.output).filter(|output| *output == value) {
            *output = name.into();
        }
        self.graph.output = vec![ValueInfo::floats(name, shape)];
        Ok(self.graph)
    }

    pub(crate) fn convolution(
        &mut self,
        name: &str,
        input: &Value,
        weight: &Tensor,
        bias: Option<&[f32]>,
        geometry: Convolution,
    ) -> Value {
        let [height, width] = [weight.shape()[2], weight.shape()[3]];
        let [vertical, horizontal] = geometry.padding;
        let mut inputs = vec![input.clone(), self.weight(&format!("{name}.weight"), weight)];
        inputs.extend(bias.map(|bias| self.constant(&format!("{name}.bias"), &Tensor::vector(bias.to_vec()))));
        let mut attributes = vec![Attribute::ints("kernel_shape", &[height as i64, width as i64])];
        if geometry.stride != 1 {
            attributes.push(Attribute::ints("strides", &[geometry.stride as i64; 2]));
        }
        let pads = [vertical, horizontal, vertical + geometry.overhang, horizontal + geometry.overhang];
        if pads != [0; 4] {
            attributes.push(Attribute::ints("pads", &pads.map(|pad| pad as i64)));
        }
        if geometry.groups != 1 {
            attributes.push(Attribute::int("group", geometry.groups as i64));
        }
        self.node("Conv", name, inputs, attributes)
    }

    /// `weight * input + bias` for rows of `input`.
    pub(crate) fn dense(&mut self, name: &str, input: &Value, weight: &Tensor, bias: &[f32]) -> Value {
        let weight = self.weight(&format!("{name}.weight"), weight);
        let bias = self.constant(&format!("{name}.bias"), &Tensor::vector(bias.to_vec()));
        self.node("Gemm", name, vec![input.clone(), weight, bias], vec![Attribute::int("transB", 1)])
    }

    /// The largest of each window of `size` x `size`; windows may reach `overhang` pixels past the lower and right edge.
    pub(crate) fn max_pool(&mut self, name: &str, input: &Value, size: usize, stride: usize, overhang: usize) -> Value {
        let mut attributes =
            vec![Attribute::ints("kernel_shape", &[size as i64; 2]), Attribute::ints("strides", &[stride as i64; 2])];
        if overhang > 0 {
            attributes.push(Attribute::ints("pads", &[0, 0, overhang as i64, overhang as i64]));
        }
        self.node("MaxPool", name, vec![input.clone()], attributes)
    }

    /// An operator without attributes.
    pub(crate) fn apply(&mut self, operator: &str, name: &str, inputs: &[&Value]) -> Value {
        self.node(operator, name, inputs.iter().map(|&input| input.clone()).collect(), Vec::new())
    }

    /// An operator with attributes.
    pub(crate) fn apply_with(
        &mut self,
        operator: &str,
        name: &str,
        inputs: &[&Value],
        attributes: Vec<Attribute>,
    ) -> Value {
        self.node(operator, name, inputs.iter().map(|&input| input.clone()).collect(), attributes)
    }

    /// A constant that is stored as 32-bit floats.
    pub(crate) fn constant(&mut self, name: &str, tensor: &Tensor) -> Value {
        if self.overflow.is_none() && tensor.data().iter().any(|value| !value.is_finite()) {
            self.overflow = Some(name.into());
        }
        let data = tensor.data().iter().flat_map(|&value| without_subnormals(value).to_le_bytes()).collect();
        self.initializer(name, onnx::FLOAT, tensor.shape(), data)
    }

    /// A constant that is stored as the builder was told to, if that keeps its values.
    fn weight(&mut self, name: &str, tensor: &Tensor) -> Value {
        match self.storage {
            Storage::Float16 if fits_float16(tensor) => {
                let data = tensor.data().iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect();
                let stored = self.initializer(&format!("{name}.float16"), onnx::FLOAT16, tensor.shape(), data);
                self.node("Cast", name, vec![stored], vec![Attribute::int("to", i64::from(onnx::FLOAT))])
            }
            _ => self.constant(name, tensor),
        }
    }

    fn initializer(&mut self, name: &str, data_type: i32, shape: &[usize], data: Vec<u8>) -> Value {
        let dims = shape.iter().map(|&size| size as i64).collect();
        self.graph.initializer.push(onnx::Tensor { dims, data_type, name: name.into(), raw_data: data.into() });
        name.into()
    }

    fn node(&mut self, operator: &str, name: &str, input: Vec<Value>, attribute: Vec<Attribute>) -> Value {
        let output = vec![name.to_owned()];
        self.graph.node.push(Node { input, output, name: name.into(), op_type: operator.into(), attribute });
        name.into()
    }
}

/// Whether the tensor loses no more than the usual precision in 16 bits: it may be too large or too small for them.
fn fits_float16(tensor: &Tensor) -> bool {
    const RELATIVE_ERROR: f64 = 1e-3;
    let (mut error, mut norm) = (0.0, 0.0);
    for &value in tensor.data() {
        error += f64::from(f16::from_f32(value).to_f32() - value).powi(2);
        norm += f64::from(value).powi(2);
    }
    error <= norm * RELATIVE_ERROR.powi(2)
}

/// Subnormal numbers cost a hundred times as much as others on many processors, and mean nothing here.
fn without_subnormals(value: f32) -> f32 {
    if value.classify() == FpCategory::Subnormal { 0.0 } else { value }
}
