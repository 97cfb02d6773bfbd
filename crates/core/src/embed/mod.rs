//! From aligned faces to embeddings.

mod embedder;
mod standardize;

pub use embedder::{Embedder, EmbedderOptions};
#[doc(hidden)]
pub use standardize::standardize;
