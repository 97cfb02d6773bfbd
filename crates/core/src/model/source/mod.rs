//! Files that weights are read from.

pub(super) mod graphdef;
pub(super) mod safetensors;
