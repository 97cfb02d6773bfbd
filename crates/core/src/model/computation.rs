//! What computes in an encoded ONNX model: nodes and their attributes, and tensors wherever they are.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::wire::{Field, Fields, Payload};
use crate::error::{Error, ErrorKind, Result};
use crate::internal::limits::excerpt;

/// Messages within messages, as deep as protobuf reads them.
const DEEPEST: usize = 100;

/// A message of ONNX's schema that has tensors in it, however deep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Model,
    Training,
    Function,
    Graph,
    Node,
    Attribute,
    SparseTensor,
    Tensor,
}

impl Kind {
    /// What the field `number` holds, if that is of interest.
    fn child(self, number: u64) -> Option<Self> {
        Some(match (self, number) {
            (Self::Model, 7) | (Self::Training, 1 | 2) | (Self::Attribute, 6 | 11) => Self::Graph,
            (Self::Model, 20) => Self::Training,
            (Self::Model, 25) => Self::Function,
            (Self::Graph, 1) | (Self::Function, 7) => Self::Node,
            (Self::Node, 5) | (Self::Function, 11) => Self::Attribute,
            (Self::Graph, 15) | (Self::Attribute, 22 | 23) => Self::SparseTensor,
            (Self::Graph, 5) | (Self::Attribute, 5 | 10) | (Self::SparseTensor, 1 | 2) => Self::Tensor,
            _ => return None,
        })
    }
}

/// Field numbers of `NodeProto` and `TensorProto`.
const OPERATOR: u64 = 4;
const NAME: u64 = 8;
const EXTERNAL_DATA: u64 = 13;
const DATA_LOCATION: u64 = 14;

/// The operator whose program may lie in another file.
const COMPILED: &[u8] = b"EPContext";

/// Refuses a model that needs other files than its own. No weight is read.
pub(super) fn check(model: &Bytes) -> Result<()> {
    let mut open = vec![(Kind::Model, model.clone(), Fields::new(model.clone()))];
    while let Some((kind, message, fields)) = open.last_mut() {
        let Some(field) = fields.next() else {
            open.pop();
            continue;
        };
        let Field { number, payload, .. } = field?;
        match (*kind, number, payload) {
            (Kind::Tensor, DATA_LOCATION, Payload::Number(place)) if *place != [0] => {
                return Err(elsewhere(&name_of(message)));
            }
            (Kind::Tensor, EXTERNAL_DATA, _) => return Err(elsewhere(&name_of(message))),
            (Kind::Node, OPERATOR, Payload::Bytes(operator)) if operator == COMPILED => {
                let message = "the model was compiled for one machine (EPContext): take the one it was made from";
                return Err(Error::new(ErrorKind::ModelUnsupported, message));
            }
            (kind, number, Payload::Bytes(child)) => {
                if let Some(kind) = kind.child(number) {
                    if open.len() == DEEPEST {
                        let message = "the graphs in the ONNX file lie too deep within each other";
                        return Err(Error::new(ErrorKind::ModelInvalid, message));
                    }
                    open.push((kind, child.clone(), Fields::new(child)));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The name of a tensor; constants in nodes have none.
fn name_of(tensor: &Bytes) -> String {
    let name = Fields::new(tensor.clone()).messages(NAME).find_map(Result::ok);
    name.map_or("a constant".into(), |name| excerpt(&String::from_utf8_lossy(&name)))
}

fn elsewhere(name: &str) -> Error {
    let message = format!("the weight `{name}` is kept in another file: save the model as one file");
    Error::new(ErrorKind::ModelUnsupported, message)
}

/// SHA-256 over all that computes but the initializers: the nodes with their attributes, sparse initializers, functions, the
/// versions of the operators, and which values are input and output. Each is preceded by its field number and its length.
pub(super) fn structure(model: &Bytes) -> Result<[u8; 32]> {
    let mut hash = Sha256::new();
    let mut add = |number: u64, bytes: &[u8]| {
        hash.update(number.to_le_bytes());
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    for field in Fields::new(model.clone()) {
        let Field { number, payload: Payload::Bytes(payload), .. } = field? else { continue };
        match number {
            7 => {
                for field in Fields::new(payload) {
                    let Field { number, payload: Payload::Bytes(payload), .. } = field? else { continue };
                    match number {
                        1 | 15 => add(number, &payload),
                        11 | 12 => {
                            Fields::new(payload)
                                .messages(1)
                                .try_for_each(|name| name.map(|name| add(number, &name)))?;
                        }
                        _ => {}
                    }
                }
            }
            8 | 20 | 25 => add(number, &payload),
            _ => {}
        }
    }
    Ok(hash.finalize().into())
}
