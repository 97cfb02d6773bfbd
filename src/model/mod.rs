//! Model files: what they say of themselves, how they are made from other formats, how they are checked.

mod architecture;
mod file;
mod graph;
mod import;
mod metadata;
mod onnx;
mod source;
mod spec;
mod tensor;

pub use file::ModelFile;
pub use import::{ImportOptions, import};
pub use spec::{Alignment, ColorOrder, EmbeddingSpec, Metric, Mirror, ModelSpec, Standardization, Task, Threshold};
