//! What the crates of facenet share and programs do not need. It has no stable interface.

pub mod digest;
pub mod fence;
pub mod files;
pub mod limits;
pub mod pool;

pub use crate::align::warp;
pub use crate::embed::standardize;
pub use crate::embedding::norm;
pub use crate::frame::read_file;
