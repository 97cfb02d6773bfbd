//! Faces with embeddings from pictures.

use facenet_core::{EmbeddedFace, Pipeline as CorePipeline, PipelineOptions};
use numpy::{IntoPyArray, PyArray2, PyArray4};
use pyo3::prelude::*;

use crate::aligner::{Aligner, crop_array};
use crate::detector::{Detector, FaceArrays, arrays};
use crate::embedder::{Embedder, vectors};
use crate::error::raise;
use crate::keywords::{Keywords, options};
use crate::names;
use crate::picture::{Picture, each_batch};
use crate::runtime::Runtime;

/// The faces of a picture, their crops (n x size x size x 3) and their embeddings (n x dimension).
type EmbeddedArrays<'py> = (FaceArrays<'py>, Bound<'py, PyArray4<u8>>, Bound<'py, PyArray2<f32>>);

#[pyclass(frozen, module = "facenet_rs._native")]
pub(crate) struct Pipeline(pub(crate) CorePipeline);

#[pymethods]
impl Pipeline {
    #[new]
    fn new(py: Python<'_>, runtime: &Runtime, detector: Keywords, embedder: Keywords) -> PyResult<Self> {
        let options = PipelineOptions { detector: options(detector)?, embedder: options(embedder)? };
        py.detach(|| CorePipeline::new(&runtime.0, options)).map(Self).map_err(raise)
    }

    /// The same networks with other settings of the detector.
    fn with_detector_settings(&self, settings: Keywords) -> PyResult<Self> {
        self.0.with_detector_options(options(settings)?).map(Self).map_err(raise)
    }

    /// The detector with other settings, which shares its networks with the pipeline.
    fn detector(&self, settings: Keywords) -> PyResult<Detector> {
        let detector = self.0.detector().with_options(options(settings)?).map_err(raise)?;
        Ok(Detector { detector, runtime: self.0.embedder().runtime().clone() })
    }

    /// The embedder, which shares its network with the pipeline.
    fn embedder(&self) -> Embedder {
        Embedder(self.0.embedder().clone())
    }

    fn aligner(&self) -> Aligner {
        Aligner(self.0.aligner().clone())
    }

    fn process<'py>(
        &self,
        py: Python<'py>,
        pictures: Vec<Bound<'py, PyAny>>,
        color: &str,
    ) -> PyResult<Vec<EmbeddedArrays<'py>>> {
        let pictures = Picture::list(&pictures, names::pixel_format(color)?)?;
        let runtime = self.0.embedder().runtime();
        let found = each_batch(py, runtime, &pictures, |frames| self.0.process_batch(frames))?;
        Ok(found.iter().map(|faces| self.arrays(py, faces)).collect())
    }
}

impl Pipeline {
    fn arrays<'py>(&self, py: Python<'py>, faces: &[EmbeddedFace]) -> EmbeddedArrays<'py> {
        let crops: Vec<_> = faces.iter().map(|face| &face.crop).collect();
        let vectors = vectors(faces.iter().map(|face| &face.embedding), self.0.embedder().dimension());
        (
            arrays(py, faces.iter().map(|face| &face.face)),
            crop_array(&crops, self.0.aligner().size()).into_pyarray(py),
            vectors.into_pyarray(py),
        )
    }
}
