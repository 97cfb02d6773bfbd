//! Images to train on and images to test with.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Dataset, Person, portable_bytes};

facenet_core::options! {
    /// How a folder of people is split.
    #[derive(Copy, Eq, Serialize, Deserialize)]
    pub struct SplitOptions {
        /// People with fewer images are left out.
        min_images: usize = 20;
        /// Images of each person to train on; the rest is to test with.
        train_images: usize = 10;
        /// Decides which images these are.
        seed: u64 = 666;
    }
}

/// The two parts of a folder of people. They have the same people in the same order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Split {
    /// The images to train on.
    pub train: Vec<Person>,
    /// The images to test with; there may be none of a person.
    pub test: Vec<Person>,
}

impl Dataset {
    /// Takes some images of each person to train on and leaves the rest to test with.
    ///
    /// Which ones are taken depends only on the seed and on their paths inside the folder without the ending, not on the
    /// order of files on disk, the machine or the version of this library, and is the same for photos and for the aligned
    /// faces made of them. Images in no person's folder are in no part.
    ///
    /// ```
    /// use facenet::dataset::{Dataset, SplitOptions};
    ///
    /// let root = tempfile::tempdir()?;
    /// std::fs::create_dir(root.path().join("Ada"))?;
    /// for image in 0..5 {
    ///     std::fs::write(root.path().join(format!("Ada/{image}.jpg")), b"")?;
    /// }
    ///
    /// let dataset = Dataset::open(root.path())?;
    /// let split = dataset.split(&SplitOptions { min_images: 4, train_images: 3, seed: 1 });
    /// assert_eq!((split.train[0].images.len(), split.test[0].images.len()), (3, 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn split(&self, options: &SplitOptions) -> Split {
        let enough = self.named().iter().filter(|person| person.images.len() >= options.min_images);
        let (train, test) = enough.map(|person| split_person(person, options)).unzip();
        Split { train, test }
    }
}

fn split_person(person: &Person, options: &SplitOptions) -> (Person, Person) {
    let mut images: Vec<&PathBuf> = person.images.iter().collect();
    images.sort_by_cached_key(|image| {
        let mut hash = Sha256::new();
        hash.update(options.seed.to_le_bytes());
        hash.update(portable_bytes(&image.with_extension("")));
        <[u8; 32]>::from(hash.finalize())
    });
    let (train, test) = images.split_at(options.train_images.min(images.len()));
    let part = |images: &[&PathBuf]| {
        let mut images: Vec<PathBuf> = images.iter().map(|&image| image.clone()).collect();
        images.sort();
        Person { name: person.name.clone(), images }
    };
    (part(train), part(test))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::of_empty_files;

    fn stems(people: &[Person]) -> Vec<PathBuf> {
        people.iter().flat_map(|person| person.images.iter().map(|image| image.with_extension(""))).collect()
    }

    #[test]
    fn the_parts_are_disjoint_and_do_not_depend_on_the_ending() {
        let names: Vec<String> = (0..12).map(|image| format!("Ada/{image}")).collect();
        let with = |ending: &str| -> Vec<String> { names.iter().map(|name| format!("{name}.{ending}")).collect() };
        let (photos, crops) = (with("jpg"), with("png"));
        let (_photos, photos) = of_empty_files(&photos.iter().map(String::as_str).collect::<Vec<_>>());
        let (_crops, crops) = of_empty_files(&crops.iter().map(String::as_str).collect::<Vec<_>>());
        let options = SplitOptions { min_images: 1, train_images: 5, seed: 3 };
        let split = photos.split(&options);
        assert_eq!(stems(&split.train), stems(&crops.split(&options).train));
        assert_eq!(split.train[0].images.len(), 5);
        let mut all = [stems(&split.train), stems(&split.test)].concat();
        all.sort();
        assert_eq!(all, stems(photos.people()));
        assert_ne!(photos.split(&SplitOptions { seed: 4, ..options }), split);
    }

    #[test]
    fn people_with_too_few_images_are_left_out_and_a_test_part_may_be_empty() {
        let (_root, dataset) = of_empty_files(&["Ada/1.jpg", "Ada/2.jpg", "Grace/1.jpg"]);
        let split = dataset.split(&SplitOptions { min_images: 2, train_images: 10, seed: 0 });
        assert_eq!(split.train.len(), 1);
        assert_eq!(split.train[0].images.len(), 2);
        assert!(split.test[0].images.is_empty());
    }
}
