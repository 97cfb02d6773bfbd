//! What to type against an error: the commands behind the hints of the library.

use facenet_core::error::Hint;

/// The line to print below an error with `hint`.
pub(crate) fn advice(hint: Hint) -> Option<&'static str> {
    Some(match hint {
        Hint::ImportModel => "make a model of it with `facenet model import`",
        Hint::InstallRuntime => "`pip install onnxruntime`",
        // Both packages use one folder, so that the first must go.
        Hint::InstallGpuRuntime => {
            "`pip uninstall onnxruntime onnxruntime-gpu`, then `pip install onnxruntime-gpu[cuda,cudnn]`"
        }
        Hint::InstallCuda => "`pip install onnxruntime-gpu[cuda,cudnn]`",
        Hint::InstallTensorRt => "`pip install 'tensorrt-cu13-libs>=10.13,<11'`",
        Hint::FindFaces => "for photos that are not aligned, add --raw",
        Hint::EmbedFaces => "embed the faces with `facenet embed`",
        Hint::EmbedPeople => {
            "store a whole folder of people with `facenet export`, or `facenet embed` of that folder alone"
        }
        Hint::Calibrate => "profiles are written by `facenet calibrate`",
        Hint::TrainClassifier => "classifiers are written by `facenet classify train` and `facenet train head`",
        Hint::ExportTraining => {
            "a checkpoint of `facenet train` becomes a model with `facenet train export RUN --best`"
        }
        Hint::PackShards => "pack the folder with `facenet train pack`",
        _ => return None,
    })
}
