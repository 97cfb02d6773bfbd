//! The models that ship with the library.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::spec::Task;

/// The list of the models that ship with this version of the library: `models/manifest.toml`.
///
/// ```
/// use facenet::model::{Manifest, Task};
///
/// let model = Manifest::shipped().model(Task::Embedding).expect("an embedding network ships");
/// assert_eq!(model.file, "facenet-20180408-102900.onnx");
/// assert_eq!(model.license, "MIT");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Manifest {
    /// The models, the default of each task first.
    #[serde(rename = "model")]
    pub models: Vec<ShippedModel>,
}

/// A model that ships with the library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ShippedModel {
    /// Name of the model.
    pub name: String,
    /// What the network does.
    pub task: Task,
    /// Name of the file in the folder of models.
    pub file: String,
    /// Size of the file in bytes.
    pub size: u64,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// SHA-256 of the weights, see [`ModelSpec::weights_sha256`](super::ModelSpec::weights_sha256).
    pub weights_sha256: String,
    /// SPDX expression of the licence of the weights.
    pub license: String,
    /// What the file is made from.
    pub source: Source,
}

/// A file in a package of the Python Package Index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Source {
    /// Name of the package.
    pub package: String,
    /// Version of the package.
    pub version: String,
    /// File name of the wheel.
    pub wheel: String,
    /// SHA-256 of the wheel, in hexadecimal.
    pub sha256: String,
    /// Path of the file in the wheel.
    pub member: String,
}

impl Manifest {
    /// The list that was built into the library.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Manifest> = LazyLock::new(|| {
            toml::from_str(include_str!("../../manifest.toml")).expect("the build checks the list in its tests")
        });
        &SHIPPED
    }

    /// The default model for `task`.
    pub fn model(&self, task: Task) -> Option<&ShippedModel> {
        self.models.iter().find(|model| model.task == task)
    }
}
