//! Model files: what they say of themselves, how they are made from other formats, how they are checked.

mod spec;

pub use spec::{Alignment, ColorOrder, EmbeddingSpec, Metric, ModelSpec, Standardization, Task, Threshold};
