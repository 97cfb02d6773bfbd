//! The architectures whose inference graphs this library writes, from named weights.

pub(super) mod inception_resnet;
pub(super) mod inception_resnet_v1;
pub(super) mod inception_resnet_v2;
pub(super) mod mtcnn;
pub(super) mod network;
mod prelu;
pub(super) mod squeezenet;
