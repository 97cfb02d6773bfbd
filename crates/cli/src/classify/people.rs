//! The faces of a folder of people, with the person of each.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use clap::Args;
use facenet_core::{Embeddings, Error, ErrorKind, Result};
use facenet_lab::Extractor;
use facenet_lab::Watch;
use facenet_lab::dataset::{Dataset, Person, SplitOptions};

use crate::faces::Failure;
use crate::progress::Progress;
use crate::{console, inputs};

/// Which part of the folder, in the words of the original program.
#[derive(Args)]
pub(super) struct SplitArgs {
    /// Split the images of each person into some to train on and the rest to test with
    #[arg(long)]
    use_split_dataset: bool,
    /// Leave out people with fewer images
    #[arg(long, value_name = "IMAGES", default_value_t = SplitOptions::default().min_images,
          requires = "use_split_dataset")]
    min_nrof_images_per_class: usize,
    /// Images of each person to train on
    #[arg(long, value_name = "IMAGES", default_value_t = SplitOptions::default().train_images,
          requires = "use_split_dataset")]
    nrof_train_images_per_class: usize,
    /// Decides which images are trained on, and how they are shuffled for the probabilities
    #[arg(long, value_name = "NUMBER", default_value_t = SplitOptions::default().seed)]
    pub(super) seed: u64,
}

impl SplitArgs {
    /// How the folder is split; none if it is not.
    pub(super) fn options(&self) -> Option<SplitOptions> {
        self.use_split_dataset.then_some(SplitOptions {
            min_images: self.min_nrof_images_per_class,
            train_images: self.nrof_train_images_per_class,
            seed: self.seed,
        })
    }
}

/// The people of a folder. What cannot be read is named.
pub(super) fn open(folder: &Path, quiet: bool) -> Result<Dataset> {
    let dataset = Dataset::open(folder)?;
    if !quiet {
        inputs::warn_of(folder, dataset.problems());
    }
    if dataset.people().is_empty() {
        return Err(Error::new(ErrorKind::DatasetInvalid, format!("no image in {}", folder.display())));
    }
    Ok(dataset)
}

/// The people whose folders have a name.
pub(super) fn named(people: Vec<Person>) -> Vec<Person> {
    let (named, nameless): (Vec<Person>, Vec<Person>) = people.into_iter().partition(|person| !person.name.is_empty());
    if let Some(Person { images, .. }) = nameless.first() {
        console::warn(format_args!("left out {} images that lie in no person's folder", images.len()));
    }
    named
}

/// The faces of some people.
pub(super) struct LabelledFaces {
    pub(super) embeddings: Embeddings,
    /// The person of each face.
    pub(super) labels: Vec<usize>,
    pub(super) names: Vec<String>,
    pub(super) failures: Vec<Failure>,
}

impl LabelledFaces {
    /// Embeds the faces of `people`, whose images lie in `folder`. Images that give none are named on the standard error.
    pub(super) fn embed(
        extractor: &Extractor,
        folder: &Path,
        people: &[Person],
        cancel: &AtomicBool,
        quiet: bool,
    ) -> Result<Self> {
        let images = || people.iter().flat_map(|person| person.images.iter().cloned());
        let mut person_of =
            people.iter().enumerate().flat_map(|(label, person)| std::iter::repeat_n(label, person.images.len()));
        let embedder = extractor.embedder();
        let mut all = Self {
            embeddings: Embeddings::empty(embedder.fingerprint(), embedder.dimension()),
            labels: Vec::new(),
            names: people.iter().map(|person| person.unicode_name().map(str::to_string)).collect::<Result<_>>()?,
            failures: Vec::new(),
        };
        let show = Progress::follow("images", quiet);
        extractor.run(folder, images(), &Watch::new(&show, cancel), |image| {
            let label = person_of.next().unwrap_or_default();
            let path = folder.join(&image.path);
            match image.found() {
                Ok(faces) => {
                    all.labels.extend(std::iter::repeat_n(label, faces.len()));
                    faces.iter().try_for_each(|face| all.embeddings.push(&face.embedding))?;
                }
                Err(reason) => all.failures.push(Failure::told(path.display().to_string(), reason)),
            }
            Ok(())
        })?;
        if all.embeddings.is_empty() {
            let message = format!("no face in {}: for photos that are not aligned, add --raw", folder.display());
            return Err(Error::new(ErrorKind::NoFace, message));
        }
        Ok(all)
    }

    /// The same without the people who have no face, who are named.
    pub(super) fn without_faceless(mut self) -> Self {
        let mut counts = vec![0; self.names.len()];
        self.labels.iter().for_each(|&label| counts[label] += 1);
        let mut new_labels = vec![0; counts.len()];
        let mut kept = Vec::with_capacity(counts.len());
        for (label, name) in self.names.into_iter().enumerate() {
            if counts[label] == 0 {
                console::warn(format_args!("left out {name}: none of the images gave a face"));
                continue;
            }
            new_labels[label] = kept.len();
            kept.push(name);
        }
        self.labels.iter_mut().for_each(|label| *label = new_labels[*label]);
        Self { names: kept, ..self }
    }
}

/// Says how many images gave no face.
pub(super) fn count_failures(failures: &[Failure]) -> String {
    match failures.len() {
        0 => String::new(),
        count => format!("Images without a face or broken: {count}\n"),
    }
}
