//! Faces of image files, however many.

use std::path::{Path, PathBuf};

use facenet_lab::Extractor;
use facenet_lab::dataset::Dataset;
use facenet_lab::people::LabelledFaces;
use numpy::{IntoPyArray, PyArray2};
use pyo3::prelude::*;

use crate::embedder::Embedder;
use crate::pipeline::Pipeline;
use crate::watch;

/// What embeds the images of a folder: a pipeline for photos, an embedder for aligned faces.
#[derive(FromPyObject)]
pub(crate) enum Source<'py> {
    Photos(PyRef<'py, Pipeline>),
    Aligned(PyRef<'py, Embedder>),
}

impl Source<'_> {
    pub(crate) fn extractor(&self) -> Extractor {
        match self {
            Self::Photos(pipeline) => Extractor::of_photos(pipeline.0.clone()),
            Self::Aligned(embedder) => Extractor::of_aligned(embedder.0.clone()),
        }
    }
}

/// Embeddings, name and person of each row, and what gave none with the reason.
type Extracted<'py> = (Bound<'py, PyArray2<f32>>, Vec<String>, Vec<Option<String>>, Vec<(String, String)>);

/// Embeds the images of a folder, its folders those of people.
#[pyfunction]
#[pyo3(signature = (source, folder, progress=None))]
pub(crate) fn extract<'py>(
    py: Python<'py>,
    source: Source<'_>,
    folder: PathBuf,
    progress: Option<Py<PyAny>>,
) -> PyResult<Extracted<'py>> {
    let extractor = source.extractor();
    let (faces, unreadable) = watch::run(py, progress, |watch| {
        let dataset = Dataset::open(&folder)?;
        dataset.check_unicode()?;
        let unreadable: Vec<_> = dataset.problems().iter().map(|it| (name(&it.path), it.reason.clone())).collect();
        let faces = LabelledFaces::embed(&extractor, &folder, dataset.people(), watch, |_| {})?;
        Ok((faces, unreadable))
    })?;
    let people = faces.faces.iter().map(|face| faces.person(face).map(str::to_string)).collect();
    let rows = faces.faces.iter().map(|face| face.name.clone()).collect();
    let left_out = faces.left_out.iter().map(|left_out| (left_out.image.clone(), left_out.reason.clone()));
    let failures = unreadable.into_iter().chain(left_out).collect();
    Ok((faces.into_values().into_pyarray(py), rows, people, failures))
}

fn name(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
