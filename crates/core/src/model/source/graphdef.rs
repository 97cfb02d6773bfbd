//! Weights of Inception-ResNet-v1 from a frozen TensorFlow graph (`GraphDef`), as facenet's `freeze_graph` writes it.
//!
//! The graph may hold whatever else it likes (queues and preprocessing before the image, the two branches of
//! `phase_train`, dropout): only the layers are looked up, by their names, and their constants are taken.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use prost::Message;

use crate::error::{Error, ErrorKind, Result};
use crate::internal::limits::excerpt;
use crate::model::architecture::inception_resnet::{Stage, blocks};
use crate::model::architecture::inception_resnet_v1::STAGES;
use crate::model::architecture::network::{Layer, layer_name};
use crate::model::tensor::{Tensor, Weights, element_count};
use crate::model::wire::Fields;

/// The scope of the network in the graph, and the layer by which it is found.
const SCOPE: &str = "InceptionResnetV1";
const FIRST_LAYER: &str = "InceptionResnetV1/Conv2d_1a_3x3/Conv2D";
/// A constant that is stored as one repeated value is expanded up to this many values.
const LONGEST_FILL: usize = 1 << 16;
/// `DataType` of 32-bit floats.
const FLOAT: i32 = 1;

/// Field number of the nodes in `GraphDef`.
const NODE: u64 = 1;
/// The operators that weights are read from; there may be any others.
const OPERATORS: &[&str] = &[
    "BiasAdd",
    "Const",
    "Conv2D",
    "Enter",
    "FusedBatchNorm",
    "FusedBatchNormV2",
    "FusedBatchNormV3",
    "Identity",
    "MatMul",
    "Switch",
];

#[derive(Clone, PartialEq, Message)]
struct NodeDef {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    op: String,
    #[prost(string, repeated, tag = "3")]
    input: Vec<String>,
    #[prost(btree_map = "string, message", tag = "5")]
    attr: BTreeMap<String, AttrValue>,
}

#[derive(Clone, PartialEq, Message)]
struct AttrValue {
    #[prost(message, optional, tag = "1")]
    list: Option<ListValue>,
    #[prost(bytes = "bytes", tag = "2")]
    s: Bytes,
    #[prost(float, tag = "4")]
    f: f32,
    #[prost(message, optional, tag = "8")]
    tensor: Option<TensorProto>,
}

#[derive(Clone, PartialEq, Message)]
struct ListValue {
    #[prost(int64, repeated, tag = "3")]
    i: Vec<i64>,
}

#[derive(Clone, PartialEq, Message)]
struct TensorProto {
    #[prost(int32, tag = "1")]
    dtype: i32,
    #[prost(message, optional, tag = "2")]
    tensor_shape: Option<TensorShape>,
    #[prost(bytes = "bytes", tag = "4")]
    tensor_content: Bytes,
    #[prost(float, repeated, tag = "5")]
    float_val: Vec<f32>,
}

#[derive(Clone, PartialEq, Message)]
struct TensorShape {
    #[prost(message, repeated, tag = "2")]
    dim: Vec<TensorShapeDim>,
}

#[derive(Clone, PartialEq, Message)]
struct TensorShapeDim {
    #[prost(int64, tag = "1")]
    size: i64,
}

/// The weights in the graph, under facenet-pytorch's names.
pub(in crate::model) fn read(bytes: Bytes) -> Result<Weights> {
    let nodes = nodes(bytes)?;
    let graph = NamedGraph::new(&nodes)?;
    let mut weights = Weights::default();
    for stage in STAGES {
        match stage {
            Stage::Convolution { name, layer } => graph.layer(&mut weights, name, layer.scope, layer)?,
            Stage::MaxPool { .. } => {}
            Stage::Reduction { name, scope, branches } => graph.branches(&mut weights, name, scope, branches)?,
            Stage::Residual { name, scope, count, branches, .. } => {
                for (name, scope) in blocks(name, scope, *count) {
                    graph.branches(&mut weights, &name, &scope, branches)?;
                    graph.join(&mut weights, &name, &scope)?;
                }
            }
        }
    }
    graph.last_layer(&mut weights)?;
    Ok(weights)
}

/// The nodes that matter.
fn nodes(bytes: Bytes) -> Result<Vec<NodeDef>> {
    let mut nodes = Vec::new();
    for message in Fields::new(bytes).messages(NODE) {
        let node = NodeDef::decode(message?)
            .map_err(|e| invalid(format!("the TensorFlow graph is damaged or breaks off: {e}")).with_source(e))?;
        if OPERATORS.contains(&node.op.as_str()) {
            nodes.push(node);
        }
    }
    Ok(nodes)
}

/// A graph whose nodes are found by name within the network's scope.
struct NamedGraph<'a> {
    /// What precedes [`SCOPE`] in all names.
    prefix: &'a str,
    nodes: HashMap<&'a str, &'a NodeDef>,
    /// Additions of a bias, by the name of what it is added to.
    biases: HashMap<&'a str, &'a NodeDef>,
}

impl<'a> NamedGraph<'a> {
    fn new(nodes: &'a [NodeDef]) -> Result<Self> {
        let prefix = nodes
            .iter()
            .find_map(|node| node.name.strip_suffix(FIRST_LAYER).filter(|_| node.op == "Conv2D"))
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::ModelUnsupported,
                    format!(
                        "the TensorFlow graph ({} nodes) has no convolution `{FIRST_LAYER}`: only graphs of facenet's \
                         Inception-ResNet-v1 can be imported; convert other networks to ONNX with their own tools",
                        nodes.len()
                    ),
                )
            })?;
        let biases = nodes
            .iter()
            .filter(|node| node.op == "BiasAdd")
            .filter_map(|node| Some((base_name(node.input.first()?), node)))
            .collect();
        let nodes = nodes.iter().map(|node| (node.name.as_str(), node)).collect();
        Ok(Self { prefix, nodes, biases })
    }

    /// The full name of `name` in the network's scope.
    fn full(&self, name: &str) -> String {
        format!("{}{SCOPE}/{name}", self.prefix)
    }

    fn node(&self, name: &str) -> Result<&'a NodeDef> {
        self.nodes.get(name).copied().ok_or_else(|| {
            invalid(format!(
                "the TensorFlow graph has no node `{}`: it is cut short or of another version of the network",
                excerpt(name)
            ))
        })
    }

    fn branches(&self, weights: &mut Weights, name: &str, scope: &str, branches: &[&'static [Layer]]) -> Result<()> {
        for (branch, layers) in branches.iter().enumerate() {
            for (index, layer) in layers.iter().enumerate() {
                let name = layer_name(name, branch, layers, index);
                self.layer(weights, &name, &format!("{scope}/Branch_{branch}/{}", layer.scope), layer)?;
            }
        }
        Ok(())
    }

    /// A convolution with its batch normalisation, or with the bias that is left of a folded one.
    fn layer(&self, weights: &mut Weights, name: &str, scope: &str, layer: &Layer) -> Result<()> {
        let convolution = self.node(&self.full(&format!("{scope}/Conv2D")))?;
        check_geometry(convolution, layer)?;
        weights.insert(format!("{name}.conv.weight"), self.kernel(convolution)?);
        self.normalisation(weights, &format!("{name}.bn"), &format!("{name}.conv.bias"), scope, convolution)
    }

    /// The 1x1 convolution that joins the branches of a residual block, and the block's scale.
    fn join(&self, weights: &mut Weights, name: &str, scope: &str) -> Result<()> {
        let convolution = self.node(&self.full(&format!("{scope}/Conv2d_1x1/Conv2D")))?;
        weights.insert(format!("{name}.conv2d.weight"), self.kernel(convolution)?);
        weights.insert(format!("{name}.conv2d.bias"), self.bias(convolution)?);
        let scale = self.full(&format!("{scope}/mul/x"));
        if self.nodes.contains_key(scale.as_str()) {
            weights.insert(format!("{name}.scale"), self.constant(&scale)?);
        }
        Ok(())
    }

    fn last_layer(&self, weights: &mut Weights) -> Result<()> {
        let product = self.node(&self.full("Bottleneck/MatMul"))?;
        let weight = self.constant_input(product, 1)?;
        if weight.shape().len() != 2 {
            return Err(invalid(format!(
                "the weight of `{}` has shape {:?}: two axes are needed",
                excerpt(&product.name),
                weight.shape()
            )));
        }
        weights.insert("last_linear.weight", weight.permuted(&[1, 0]));
        self.normalisation(weights, "last_bn", "last_linear.bias", "Bottleneck", product)
    }

    fn normalisation(
        &self,
        weights: &mut Weights,
        name: &str,
        bias: &str,
        scope: &str,
        before: &NodeDef,
    ) -> Result<()> {
        let scope = self.full(&format!("{scope}/BatchNorm"));
        if !self.nodes.contains_key(format!("{scope}/moving_mean").as_str()) {
            weights.insert(bias, self.bias(before)?);
            return Ok(());
        }
        for (ours, theirs) in [("running_mean", "moving_mean"), ("running_var", "moving_variance"), ("bias", "beta")] {
            weights.insert(format!("{name}.{ours}"), self.constant(&format!("{scope}/{theirs}"))?);
        }
        let scale = format!("{scope}/gamma");
        if self.nodes.contains_key(scale.as_str()) {
            weights.insert(format!("{name}.weight"), self.constant(&scale)?);
        }
        if let Some(epsilon) = self.epsilon(&scope)? {
            weights.insert(format!("{name}.eps"), epsilon);
        }
        Ok(())
    }

    /// The number added to the variance in the batch normalisation `scope`, whichever way it is computed.
    fn epsilon(&self, scope: &str) -> Result<Option<Tensor>> {
        let fused = ["cond/FusedBatchNorm_1", "FusedBatchNorm", "cond/FusedBatchNormV3_1", "FusedBatchNormV3"]
            .iter()
            .find_map(|name| self.nodes.get(format!("{scope}/{name}").as_str()));
        if let Some(epsilon) = fused.and_then(|node| node.attr.get("epsilon")) {
            return Tensor::new(Vec::new(), vec![epsilon.f]).map(Some);
        }
        let plain = format!("{scope}/batchnorm/add/y");
        if self.nodes.contains_key(plain.as_str()) { self.constant(&plain).map(Some) } else { Ok(None) }
    }

    /// The weights of a convolution, turned from `[height, width, in, out]`.
    fn kernel(&self, convolution: &NodeDef) -> Result<Tensor> {
        let kernel = self.constant_input(convolution, 1)?;
        if kernel.shape().len() != 4 {
            return Err(invalid(format!(
                "the weight of `{}` has shape {:?}: four axes are needed",
                excerpt(&convolution.name),
                kernel.shape()
            )));
        }
        Ok(kernel.permuted(&[3, 2, 0, 1]))
    }

    /// The bias that is added to the output of `node`.
    fn bias(&self, node: &NodeDef) -> Result<Tensor> {
        let addition = self.biases.get(node.name.as_str()).ok_or_else(|| {
            invalid(format!(
                "neither a batch normalisation nor a bias follows `{}` in the TensorFlow graph",
                excerpt(&node.name)
            ))
        })?;
        self.constant_input(addition, 1)
    }

    fn constant_input(&self, node: &NodeDef, position: usize) -> Result<Tensor> {
        let input = node.input.get(position).ok_or_else(|| {
            invalid(format!("node `{}` of the TensorFlow graph lacks input {position}", excerpt(&node.name)))
        })?;
        self.constant(base_name(input))
    }

    /// The value of the constant `name`, which may hide behind identities.
    fn constant(&self, name: &str) -> Result<Tensor> {
        let mut node = self.node(name)?;
        // A chain longer than the graph is a circle.
        for _ in 0..self.nodes.len() {
            match (node.op.as_str(), node.input.first()) {
                ("Const", _) => return value(node),
                ("Identity" | "Enter" | "Switch", Some(input)) => node = self.node(base_name(input))?,
                (operator, _) => {
                    return Err(invalid(format!(
                        "`{}` is a {} where a constant is needed: the graph is not frozen (see facenet's freeze_graph)",
                        excerpt(&node.name),
                        excerpt(operator)
                    )));
                }
            }
        }
        Err(invalid(format!("`{}` is defined by itself in the TensorFlow graph", excerpt(name))))
    }
}

/// The name of a node from the way another one refers to it.
fn base_name(input: &str) -> &str {
    let input = input.strip_prefix('^').unwrap_or(input);
    input.split_once(':').map_or(input, |(name, _)| name)
}

fn check_geometry(convolution: &NodeDef, layer: &Layer) -> Result<()> {
    let stride = layer.stride as i64;
    let strides = convolution.attr.get("strides").and_then(|value| value.list.as_ref()).map(|list| list.i.as_slice());
    // Padding makes no difference to a 1x1 kernel.
    let padding = if layer.same { "SAME" } else { "VALID" };
    let padded = convolution.attr.get("padding").map(|value| value.s.as_ref());
    if strides == Some(&[1, stride, stride, 1]) && (layer.kernel == [1, 1] || padded == Some(padding.as_bytes())) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::ModelUnsupported,
        format!(
            "`{}` has strides {:?} and padding {:?} where {stride} and {padding} are needed: another version of the network",
            excerpt(&convolution.name),
            strides.unwrap_or_default(),
            excerpt(&padded.map(String::from_utf8_lossy).unwrap_or_default())
        ),
    ))
}

/// The value of a constant node.
fn value(node: &NodeDef) -> Result<Tensor> {
    let fail = |what: String| invalid(format!("constant `{}` of the TensorFlow graph {what}", excerpt(&node.name)));
    let tensor =
        node.attr.get("value").and_then(|value| value.tensor.as_ref()).ok_or_else(|| fail("has no value".into()))?;
    if tensor.dtype != FLOAT {
        return Err(fail(format!("is of data type {}: only 32-bit floats can be imported", tensor.dtype)));
    }
    let dims = tensor.tensor_shape.as_ref().map(|shape| shape.dim.as_slice()).unwrap_or_default();
    let shape: Vec<usize> = dims
        .iter()
        .map(|dim| usize::try_from(dim.size).map_err(|_| fail(format!("has a size of {}", dim.size))))
        .collect::<Result<_>>()?;
    let data = match tensor.float_val.as_slice() {
        [] => tensor.tensor_content.as_chunks().0.iter().map(|&value| f32::from_le_bytes(value)).collect(),
        &[value] => {
            let count = element_count(&shape).filter(|&count| count <= LONGEST_FILL);
            vec![value; count.ok_or_else(|| fail(format!("fills shape {shape:?} with one value")))?]
        }
        values => values.to_vec(),
    };
    Tensor::new(shape, data).map_err(|e| e.context(format_args!("constant `{}`", excerpt(&node.name))))
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::ModelInvalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn constant(sizes: &[i64], tensor: TensorProto) -> NodeDef {
        let dim = sizes.iter().map(|&size| TensorShapeDim { size }).collect();
        let tensor = TensorProto { dtype: FLOAT, tensor_shape: Some(TensorShape { dim }), ..tensor };
        let value = AttrValue { tensor: Some(tensor), ..Default::default() };
        NodeDef {
            name: "c".into(),
            op: "Const".into(),
            attr: [("value".to_owned(), value)].into(),
            ..Default::default()
        }
    }

    fn floats(values: &[f32]) -> TensorProto {
        TensorProto { float_val: values.to_vec(), ..Default::default() }
    }

    fn content(values: &[f32]) -> TensorProto {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        TensorProto { tensor_content: bytes.into(), ..Default::default() }
    }

    #[test]
    fn constants_are_read_in_each_of_their_forms() {
        let read = |node: NodeDef| value(&node).expect("a constant");
        assert_eq!(read(constant(&[2, 1], floats(&[1.0, 2.0]))).data(), [1.0, 2.0]);
        assert_eq!(read(constant(&[2, 1], content(&[1.0, 2.0]))).shape(), [2, 1]);
        assert_eq!(read(constant(&[], floats(&[0.17]))).data(), [0.17]);
        assert_eq!(read(constant(&[3], floats(&[1.0]))).data(), [1.0; 3]);
    }

    #[test]
    fn constants_of_impossible_sizes_are_refused() {
        for node in [
            constant(&[1 << 40, 1 << 40], floats(&[1.0])),
            constant(&[1 << 20], floats(&[1.0])),
            constant(&[1 << 40, 1 << 40], content(&[1.0])),
            constant(&[-1], floats(&[1.0])),
            constant(&[3], floats(&[1.0, 2.0])),
            constant(&[2], TensorProto { dtype: 7, ..content(&[1.0]) }),
        ] {
            assert_eq!(value(&node).expect_err("no constant").kind(), ErrorKind::ModelInvalid, "{node:?}");
        }
    }

    #[test]
    fn identities_that_go_round_in_circles_are_refused() {
        let node = |name: &str, op: &str, input: &str| NodeDef {
            name: name.into(),
            op: op.into(),
            input: vec![input.into(), input.into()],
            ..Default::default()
        };
        let nodes = [node(FIRST_LAYER, "Conv2D", "a"), node("a", "Identity", "b:1"), node("b", "Switch", "^a")];
        let graph = NamedGraph::new(&nodes).expect("a network");
        let error = graph.kernel(graph.node(FIRST_LAYER).expect("a node")).expect_err("no constant");
        assert!(error.to_string().contains("by itself"), "{error}");
    }
}
