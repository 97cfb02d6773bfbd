//! Model files: what they say of themselves, how they are made from other formats, how they are checked.

mod architecture;
mod contents;
mod file;
pub(crate) mod format;
mod graph;
mod import;
mod manifest;
mod metadata;
mod onnx;
mod source;
mod spec;
mod tensor;
mod wire;

pub use file::{ModelFile, Verified};
pub use import::{Architecture, ImportOptions, import, import_bytes};
pub use manifest::{Manifest, ShippedModel, Source};
pub use spec::{Alignment, ColorOrder, EmbeddingSpec, Metric, Mirror, ModelSpec, Standardization, Task, Threshold};
