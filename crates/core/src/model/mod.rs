//! Model files: what they say of themselves, how they are made from other formats, how they are checked.
//!
//! A model file is an ONNX file with a description in its metadata, a [`ModelSpec`]: what the network does, the input it
//! needs, what its output means. [`ModelFile`] reads, checks and writes such files, [`import()`] makes them from
//! TensorFlow graphs, safetensors files and ONNX files without a description, [`Manifest`] lists those that ship with
//! the library.
//!
//! Weights of Inception-ResNet-v1 and MTCNN become the same inference graph from whichever file they come, with all
//! that can be folded folded.
//!
//! ```no_run
//! use facenet::model::{ImportOptions, Manifest, ModelFile, Standardization, Task, import};
//!
//! let shipped = Manifest::shipped().model(Task::Embedding).expect("one ships");
//! ModelFile::read(format!("models/{}", shipped.file))?.verify()?;
//!
//! let options = ImportOptions { standardization: Some(Standardization::Fixed), ..Default::default() };
//! import("20180402-114759.pb", &options)?.write("vggface2.onnx")?;
//! # Ok::<(), facenet::Error>(())
//! ```

mod architecture;
mod computation;
pub(crate) mod contents;
mod file;
pub(crate) mod format;
mod graph;
mod import;
mod location;
mod manifest;
mod metadata;
mod onnx;
mod source;
mod spec;
mod tensor;
mod wire;

pub use file::{ModelFile, Verified};
pub use import::{Architecture, ImportOptions, import, import_bytes};
pub use location::ModelSource;
pub use manifest::{Manifest, ShippedModel, Source};
pub use spec::{Alignment, ColorOrder, EmbeddingSpec, Metric, Mirror, ModelSpec, Standardization, Task, Threshold};
