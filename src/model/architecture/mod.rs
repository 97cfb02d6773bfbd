//! The architectures whose inference graphs this library writes, from named weights.

pub(super) mod inception_resnet_v1;
pub(super) mod mtcnn;
mod prelu;
