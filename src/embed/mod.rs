//! From aligned faces to embeddings.

mod embedder;
mod standardize;

pub use embedder::{Embedder, EmbedderOptions};
pub(crate) use standardize::standardize;
