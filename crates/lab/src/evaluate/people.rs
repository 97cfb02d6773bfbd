//! The vectors of people.

use std::collections::HashMap;
use std::path::PathBuf;

use ndarray::Axis;

use super::lfw::Vectors;
use super::protocol::{ImageVector, LeftOut};
use crate::dataset::Dataset;
use crate::extract::Extractor;
use crate::store::Stored;
use crate::watch::Watch;
use facenet_core::embeddings::Embeddings;
use facenet_core::error::Result;

const OF_NOBODY: &str = "in no person's folder";

/// Embeddings, and whose each of them is.
#[derive(Debug, Clone, PartialEq)]
pub struct People {
    /// The embeddings.
    pub embeddings: Embeddings,
    /// For each embedding, the number of its person, an index of [`names`](Self::names).
    pub subjects: Vec<u32>,
    /// Names of the people.
    pub names: Vec<String>,
    /// The image of each embedding.
    pub images: Vec<String>,
    /// Images without an embedding.
    pub left_out: Vec<LeftOut>,
}

impl People {
    /// Embeds the images of a folder of people. Images in no person's folder are left out, since nothing says who they
    /// show. Where an image has several faces, the first is taken.
    ///
    /// `watch` receives how many images are done, of how many, from none on.
    ///
    /// ```no_run
    /// use facenet::Watch;
    /// use facenet::dataset::Dataset;
    /// use facenet::evaluate::People;
    /// use facenet::{Embedder, EmbedderOptions, Extractor, Runtime, RuntimeOptions};
    ///
    /// let runtime = Runtime::new(RuntimeOptions::default())?;
    /// let extractor = Extractor::of_aligned(Embedder::new(&runtime, EmbedderOptions::default())?);
    /// let people = People::embed(&extractor, &Dataset::open("lfw_160")?, &Watch::none())?;
    /// println!("{} faces of {} people", people.embeddings.len(), people.names.len());
    /// # Ok::<(), facenet::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`](facenet_core::ErrorKind::Cancelled) once `cancel` is true, and those of the extractor. An image that cannot be read or gives no
    /// face is left out.
    pub fn embed(extractor: &Extractor, dataset: &Dataset, watch: &Watch<'_>) -> Result<Self> {
        let mut left_out = Vec::new();
        let (mut names, mut images): (Vec<String>, Vec<(PathBuf, u32)>) = Default::default();
        for person in dataset.people() {
            if person.name.is_empty() {
                let images = person.images.iter().map(|image| image.display().to_string());
                left_out.extend(images.map(|image| LeftOut { image, reason: OF_NOBODY.into() }));
                continue;
            }
            images.extend(person.images.iter().map(|image| (image.clone(), names.len() as u32)));
            names.push(person.name.to_string_lossy().into_owned());
        }
        let mut vectors = Vectors::new(extractor);
        extractor
            .run(dataset.root(), images.iter().map(|(image, _)| image.clone()), watch, |image| vectors.add(image))?;
        let (mut subjects, mut embedded) = (Vec::new(), Vec::new());
        for ((image, subject), vector) in images.iter().zip(vectors.images) {
            let image = image.display().to_string();
            match vector {
                ImageVector::Row(_) => {
                    subjects.push(*subject);
                    embedded.push(image);
                }
                ImageVector::Failed(reason) => left_out.push(LeftOut { image, reason }),
                ImageVector::Missing => {}
            }
        }
        Ok(Self { embeddings: vectors.embeddings, subjects, names, images: embedded, left_out })
    }

    /// Takes stored embeddings, each of [its person](Stored::people). Those of nobody are left out.
    ///
    /// ```
    /// use facenet::evaluate::People;
    /// use facenet::store::{Description, Stored};
    /// use facenet::{Fingerprint, Metric};
    ///
    /// let fingerprint = Fingerprint::of("a model");
    /// let description = Description { model: "a model".into(), fingerprint, dimension: 2, metric: Metric::Euclidean };
    /// let people = People::from_stored(&Stored {
    ///     values: ndarray::array![[1.0, 0.0], [0.6, 0.8]],
    ///     names: vec!["lfw/Ada/Ada_0001.png".into(), "lfw/Ada/Ada_0002.png".into()],
    ///     description: Some(description),
    ///     folder: Some("lfw".into()),
    /// })?;
    /// assert_eq!((people.names, people.subjects), (vec!["Ada".to_string()], vec![0, 0]));
    /// # Ok::<(), facenet::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Stored::embeddings`] and [`Stored::people`].
    pub fn from_stored(stored: &Stored) -> Result<Self> {
        let embeddings = stored.embeddings()?;
        let (mut names, mut left_out): (Vec<String>, Vec<LeftOut>) = Default::default();
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let (mut rows, mut subjects, mut images) = (Vec::new(), Vec::new(), Vec::new());
        for (row, (image, person)) in stored.names.iter().zip(stored.people()?).enumerate() {
            let Some(person) = person else {
                left_out.push(LeftOut { image: image.clone(), reason: OF_NOBODY.into() });
                continue;
            };
            rows.push(row);
            images.push(image.clone());
            subjects.push(*numbers.entry(person).or_insert_with(|| {
                names.push(person.to_string());
                names.len() as u32 - 1
            }));
        }
        let embeddings = match left_out.is_empty() {
            true => embeddings,
            false => Embeddings::new(embeddings.fingerprint(), embeddings.view().select(Axis(0), &rows))?,
        };
        Ok(Self { embeddings, subjects, names, images, left_out })
    }
}
