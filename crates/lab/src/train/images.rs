//! The images to train with, and who is on them.

use std::path::{Path, PathBuf};

use crate::dataset::{Dataset, Person, Problem};
use crate::shards::ShardFolder;
use facenet_core::error::Result;

/// Images of people, person by person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrainingImages {
    /// The image files, for a [`Feed`](super::Feed).
    pub paths: Vec<PathBuf>,
    /// For each image the number of its person, an index of `names`.
    pub labels: Vec<usize>,
    /// The people, sorted.
    pub names: Vec<String>,
    /// What cannot be read in a folder of people ([`Dataset::problems`]): whoever trains should say so.
    pub problems: Vec<Problem>,
}

impl TrainingImages {
    /// The images in a folder of people, or in a folder of [shards](crate::shards), in which they have the same order.
    ///
    /// ```
    /// use facenet::train::TrainingImages;
    ///
    /// let folder = tempfile::tempdir()?;
    /// std::fs::create_dir(folder.path().join("Ada"))?;
    /// facenet::Image::from_rgb(8, 8, vec![0; 192])?.save(folder.path().join("Ada/Ada_0001.png"))?;
    /// let images = TrainingImages::open(folder.path())?;
    /// assert_eq!((images.paths.len(), &images.labels[..], &*images.names[0]), (1, &[0][..], "Ada"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`ShardFolder::find`] and [`Dataset::open`]; [`ErrorKind::DatasetInvalid`](facenet_core::ErrorKind::DatasetInvalid) if the name of
    /// a person is not Unicode.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self> {
        let folder = folder.as_ref();
        match ShardFolder::find(folder)? {
            Some(packed) => Self::of(packed.root(), packed.people()),
            None => {
                let dataset = Dataset::open(folder)?;
                let images = Self::of(dataset.root(), dataset.people())?;
                Ok(Self { problems: dataset.problems().to_vec(), ..images })
            }
        }
    }

    fn of(root: &Path, people: &[Person]) -> Result<Self> {
        let mut all = Self::default();
        for person in people {
            all.labels.extend(person.images.iter().map(|_| all.names.len()));
            all.paths.extend(person.images.iter().map(|image| root.join(image)));
            all.names.push(person.unicode_name()?.to_string());
        }
        Ok(all)
    }
}
