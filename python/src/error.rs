//! Errors of the library as exceptions: `facenet_rs.errors` has a class for each kind.

use facenet_core::error::{Error, ErrorKind, Hint};
use pyo3::prelude::*;
use pyo3::types::PyType;

/// The exception for an error.
pub(crate) fn raise(error: Error) -> PyErr {
    let message = match error.hint().and_then(advice) {
        Some(advice) => format!("{error} ({advice})"),
        None => error.to_string(),
    };
    Python::attach(|py| class(py, error.kind()).map_or_else(|cause| cause, |class| PyErr::from_type(class, message)))
}

/// What to call or install against an error with `hint`.
fn advice(hint: Hint) -> Option<&'static str> {
    Some(match hint {
        Hint::ImportModel => "make a model of it with facenet_rs.import_model()",
        Hint::InstallRuntime => "`pip install onnxruntime`",
        // Both packages use one folder, so that the first must go.
        Hint::InstallGpuRuntime => {
            "`pip uninstall onnxruntime onnxruntime-gpu`, then `pip install onnxruntime-gpu[cuda,cudnn]`"
        }
        Hint::InstallCuda => "`pip install onnxruntime-gpu[cuda,cudnn]`",
        Hint::InstallTensorRt => "`pip install 'tensorrt-cu13-libs>=10.13,<11'`",
        Hint::FindFaces => "for photos that are not aligned, pass a facenet_rs.Facenet",
        Hint::EmbedFaces => "embed the faces with facenet_rs.embed_folder()",
        Hint::EmbedPeople => "store a whole folder of people with facenet_rs.export_embeddings()",
        Hint::Calibrate => "profiles are written by facenet_rs.calibrate()",
        Hint::TrainClassifier => "classifiers are made by facenet_rs.Classifier.train()",
        Hint::ExportTraining => "a checkpoint of facenet_rs.train becomes a model with facenet_rs.train.export()",
        Hint::PackShards => "pack the folder with facenet_rs.pack_folder()",
        _ => return None,
    })
}

/// An exception of `kind` that says `message`.
pub(crate) fn fault(kind: ErrorKind, message: impl Into<String>) -> PyErr {
    raise(Error::new(kind, message.into()))
}

fn class(py: Python<'_>, kind: ErrorKind) -> PyResult<Bound<'_, PyType>> {
    let of_kind = py.import("facenet_rs.errors")?.getattr("of_kind")?;
    Ok(of_kind.call1((kind.name(),))?.cast_into::<PyType>()?)
}

/// The name and the number of every kind of error.
#[pyfunction]
pub(crate) fn error_kinds() -> Vec<(&'static str, i32)> {
    ErrorKind::ALL.iter().map(|kind| (kind.name(), kind.number())).collect()
}
