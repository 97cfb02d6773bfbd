//! The embeddings of people, from a folder of images or stored.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use crate::faces::{Failure, FolderArgs};
use crate::inputs;
use crate::progress::Progress;
use facenet_core::embed::EmbedderOptions;
use facenet_core::{Embedder, Metric, Result};
use facenet_lab::Watch;
use facenet_lab::dataset::Dataset;
use facenet_lab::evaluate::People;
use facenet_lab::store::Stored;

/// Embeddings of people, and what made them.
pub(crate) struct Source {
    pub(crate) people: People,
    pub(crate) model: String,
    pub(crate) metric: Metric,
    /// What makes such embeddings, if they were made now.
    pub(crate) embedder: Option<Embedder>,
}

impl Source {
    /// Embeds the images of the folder `data`, or reads the stored embeddings in the file `data`. `check` is told how many
    /// images there are of each person before they are embedded.
    pub(crate) fn read(
        data: &Path,
        folder: &FolderArgs,
        options: EmbedderOptions,
        check: impl FnOnce(&[usize]) -> Result<()>,
        quiet: bool,
        cancel: &AtomicBool,
    ) -> Result<Self> {
        if data.is_file() {
            folder.check_stored()?;
            return Self::stored(data, quiet);
        }
        folder.check_one_face()?;
        let dataset = Dataset::open(data)?;
        let people = dataset.people().iter().filter(|person| !person.name.is_empty());
        check(&people.map(|person| person.images.len()).collect::<Vec<_>>())?;
        let extractor = folder.extractor_with(options)?;
        let people = People::embed(&extractor, &dataset, &Watch::new(&Progress::follow("images", quiet), cancel))?;
        if !quiet {
            inputs::warn_of(data, dataset.problems());
            tell(&people);
        }
        let embedder = extractor.embedder().clone();
        Ok(Self { people, model: embedder.name().into(), metric: embedder.spec().metric, embedder: Some(embedder) })
    }

    fn stored(data: &Path, quiet: bool) -> Result<Self> {
        let stored = Stored::read(data)?;
        let people = People::from_stored(&stored)?;
        if !quiet {
            tell(&people);
        }
        // What has embeddings has a description.
        let (model, metric) = stored
            .description
            .map_or((String::new(), Metric::Euclidean), |description| (description.model, description.metric));
        Ok(Self { people, model, metric, embedder: None })
    }
}

/// Names the images that are left out.
fn tell(people: &People) {
    for image in &people.left_out {
        Failure::told(image.image.clone(), image.reason.clone());
    }
}
