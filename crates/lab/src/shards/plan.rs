//! Which image goes into which shard.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::dataset::{Dataset, portable_bytes};
use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::internal::digest;

/// An image and the number of its person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Image {
    /// Relative to the folder of people.
    pub(super) path: PathBuf,
    pub(super) label: usize,
}

/// A shard to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) name: String,
    /// In the order in which they are to stand there.
    pub(super) images: Vec<Image>,
}

/// Identifies the images of shards, their people and their order.
pub(super) fn digest(shards: &[Plan]) -> u64 {
    let mut hash = Sha256::new();
    for shard in shards {
        hash.update((shard.images.len() as u64).to_le_bytes());
        for image in &shard.images {
            let path = portable_bytes(&image.path);
            hash.update((path.len() as u64).to_le_bytes());
            hash.update(path);
            hash.update((image.label as u64).to_le_bytes());
        }
    }
    digest::head(hash)
}

/// Deals the images of `dataset` into shards of `size`, the last of which may have fewer.
///
/// They are mixed by a hash of their names: who reads shards one after the other, as WebDataset does, would otherwise meet few
/// people at a time.
///
/// Fails if there is an image of nobody, or one whose name WebDataset would take for something else.
pub(super) fn shards(dataset: &Dataset, size: usize) -> Result<Vec<Plan>> {
    let mut images = Vec::new();
    let mut samples = HashSet::new();
    let mut refused = Vec::new();
    for (label, person) in dataset.people().iter().enumerate() {
        for image in &person.images {
            refused.extend(fault(image, &mut samples).map(|why| (image, why)));
            images.push(Image { path: image.clone(), label });
        }
    }
    drop(samples);
    if let Some((image, why)) = refused.first() {
        let more = match refused.len() - 1 {
            0 => String::new(),
            more => format!(" ({more} more are refused for their names)"),
        };
        let message = format!("{} {why}{more}", dataset.root().join(image).display());
        return Err(Error::new(ErrorKind::DatasetInvalid, message));
    }
    images.sort_by_cached_key(|image| digest::head(Sha256::new().chain_update(portable_bytes(&image.path))));
    let plan = |(number, images): (usize, &[Image])| Plan { name: name(number), images: images.to_vec() };
    Ok(images.chunks(size).enumerate().map(plan).collect())
}

/// Why an image cannot be packed, as far as its name says.
fn fault(image: &Path, samples: &mut HashSet<PathBuf>) -> Option<&'static str> {
    let file_name = image.file_name().unwrap_or_default().as_encoded_bytes();
    if image.to_str().is_none() {
        return Some("has a name that is not Unicode: rename it");
    }
    if image.components().count() < 2 {
        return Some("is in no person's folder: move or remove it");
    }
    if file_name.iter().filter(|&&byte| byte == b'.').count() > 1 {
        return Some("has more than one dot in its name, of which WebDataset takes the first for its end: rename it");
    }
    if !samples.insert(image.with_extension("")) {
        return Some("differs from another image only in its ending, which are one sample for WebDataset: rename it");
    }
    None
}

/// The name of the file of a shard.
pub(super) fn name(number: usize) -> String {
    format!("faces-{number:05}.{}", super::EXTENSION)
}

/// The number in such a name.
pub(super) fn number(name: &OsStr) -> Option<usize> {
    let number = Path::new(name).file_stem()?.to_str()?.strip_prefix("faces-")?;
    number.parse().ok().filter(|&number| name == &*self::name(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::of_empty_files;

    #[test]
    fn every_image_is_in_one_shard_and_people_are_mixed() {
        let names: Vec<String> = (0..100).map(|i| format!("{}/{i:03}.png", i / 50)).collect();
        let (_root, dataset) = of_empty_files(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let plans = shards(&dataset, 30).unwrap();
        let sizes: Vec<usize> = plans.iter().map(|plan| plan.images.len()).collect();
        assert_eq!((sizes, &*plans[3].name), (vec![30, 30, 30, 10], "faces-00003.tar"));
        let mut paths: Vec<&Path> =
            plans.iter().flat_map(|plan| plan.images.iter().map(|image| &*image.path)).collect();
        paths.sort();
        assert_eq!(paths, dataset.images().collect::<Vec<_>>());
        for plan in &plans[..3] {
            assert!((5..=25).contains(&plan.images.iter().filter(|image| image.label == 1).count()));
        }
        assert_eq!(plans, shards(&dataset, 30).unwrap());
        assert_ne!(digest(&plans), digest(&shards(&dataset, 31).unwrap()));
    }

    #[test]
    fn a_name_tells_its_number() {
        for of_shard in [0, 7, 99_999, 100_000] {
            assert_eq!(number(name(of_shard).as_ref()), Some(of_shard));
        }
        for other in ["faces-7.tar", "faces-00007.index", "faces-+0007.tar", "other.tar"] {
            assert_eq!(number(other.as_ref()), None);
        }
    }

    #[test]
    fn the_digest_tells_another_label() {
        let plan = |label| Plan { name: name(0), images: vec![Image { path: "Ada/1.png".into(), label }] };
        assert_ne!(digest(&[plan(0)]), digest(&[plan(1)]));
    }

    #[test]
    fn what_webdataset_would_misunderstand_is_refused() {
        for (images, word) in [
            (&["Ada/1.png", "alone.png"][..], "no person"),
            (&["Ada/1.2.png"], "dot"),
            (&["Ada/1.png", "Ada/1.jpg"], "ending"),
            (&["Ada/1.2.png", "Ada/1.3.png", "Ada/4.png", "alone.png"], "2 more"),
        ] {
            let (_root, dataset) = of_empty_files(images);
            let error = shards(&dataset, 10).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::DatasetInvalid);
            assert!(error.to_string().contains(word), "{error}");
        }
        let (_root, dataset) = of_empty_files(&["A. B. Lovelace/1.png", "Ada/summer.2020/1.png"]);
        assert_eq!(shards(&dataset, 10).unwrap()[0].images.len(), 2);
    }

    #[test]
    fn a_name_that_is_not_unicode_is_refused() {
        use std::os::unix::ffi::OsStrExt;
        let (root, _) = of_empty_files(&["Ada/1.png"]);
        let folder = root.path().join(std::ffi::OsStr::from_bytes(b"B\xff"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("1.png"), b"").unwrap();
        let error = shards(&Dataset::open(root.path()).unwrap(), 10).unwrap_err();
        assert!(error.to_string().contains("Unicode"), "{error}");
    }
}
