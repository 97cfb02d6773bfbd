//! Faces of image files, however many.

use std::path::{Path, PathBuf};

use facenet_lab::Extractor;
use facenet_lab::dataset::{Dataset, Problem};
use facenet_lab::store::row_names;
use numpy::{IntoPyArray, PyArray2};
use pyo3::prelude::*;

use crate::embedder::{Embedder, vectors};
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
    let (embeddings, rows, people, failures) = watch::run(py, progress, |watch| {
        let dataset = Dataset::open(&folder)?;
        let images: Vec<PathBuf> = dataset.images().map(Path::to_path_buf).collect();
        let (mut embeddings, mut rows, mut people) = (Vec::new(), Vec::new(), Vec::new());
        let unreadable = |problem: &Problem| (name(&problem.path), problem.reason.clone());
        let mut failures: Vec<(String, String)> = dataset.problems().iter().map(unreadable).collect();
        extractor.run(&folder, images, watch, |image| {
            let path = image.path.clone();
            match image.found() {
                Ok(faces) => {
                    rows.extend(row_names(&name(&path), faces.len()));
                    people.extend(faces.iter().map(|_| person(&path)));
                    embeddings.extend(faces.into_iter().map(|face| face.embedding));
                }
                Err(reason) => failures.push((name(&path), reason)),
            }
            Ok(())
        })?;
        Ok((embeddings, rows, people, failures))
    })?;
    let matrix = vectors(embeddings.iter(), extractor.embedder().dimension());
    Ok((matrix.into_pyarray(py), rows, people, failures))
}

fn name(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The folder that an image of a dataset lies in.
fn person(path: &Path) -> Option<String> {
    let folder = path.parent()?.components().next()?;
    Some(folder.as_os_str().to_string_lossy().into_owned())
}
