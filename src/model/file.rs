//! A model file in memory.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use bytes::Bytes;
use prost::Message;
use sha2::{Digest, Sha256};

use super::spec::ModelSpec;
use super::{metadata, onnx};
use crate::error::{Error, ErrorKind, Result};

/// An ONNX file and what it says of itself.
#[derive(Debug, Clone)]
pub struct ModelFile {
    bytes: Bytes,
    spec: ModelSpec,
}

impl ModelFile {
    /// The file that holds `graph` and is described by `spec`, whose checksum is filled in.
    pub(super) fn from_graph(graph: onnx::Graph, mut spec: ModelSpec) -> Self {
        spec.weights_sha256 = weights_sha256(&graph);
        let model = onnx::Model {
            ir_version: onnx::IR_VERSION,
            producer_name: "facenet".into(),
            producer_version: String::new(),
            graph: Some(graph),
            opset_import: vec![onnx::OperatorSet { domain: String::new(), version: onnx::OPSET_VERSION }],
            metadata_props: metadata::to_properties(&spec)
                .into_iter()
                .map(|(key, value)| onnx::Property { key, value })
                .collect(),
        };
        Self { bytes: model.encode_to_vec().into(), spec }
    }

    /// What the file says of itself.
    pub fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    /// The file's contents.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Writes the file to `path`, replacing what was there only when everything is written.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let fail = |e| Error::io("write", path, e);
        let mut file = new_file().tempfile_in(folder).map_err(fail)?;
        file.write_all(&self.bytes).map_err(fail)?;
        file.as_file().sync_all().map_err(fail)?;
        file.persist(path).map_err(|e| fail(e.error))?;
        Ok(())
    }
}

/// Settings for a temporary file that gets the permissions of any other new file once it is renamed.
fn new_file() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}

/// SHA-256 over name, type, shape and bytes of every initializer, in the order of the file.
fn weights_sha256(graph: &onnx::Graph) -> String {
    let mut hash = Sha256::new();
    for tensor in &graph.initializer {
        hash.update((tensor.name.len() as u64).to_le_bytes());
        hash.update(&tensor.name);
        hash.update(tensor.data_type.to_le_bytes());
        hash.update((tensor.dims.len() as u64).to_le_bytes());
        tensor.dims.iter().for_each(|dim| hash.update(dim.to_le_bytes()));
        hash.update((tensor.raw_data.len() as u64).to_le_bytes());
        hash.update(&tensor.raw_data);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// All of a file.
pub(super) fn read_bytes(path: &Path) -> Result<Bytes> {
    if path.is_dir() {
        return Err(Error::new(ErrorKind::ModelInvalid, format!("{} is a folder, not a model file", path.display())));
    }
    fs::read(path).map(Bytes::from).map_err(|e| Error::io("read", path, e))
}
