//! Cutting the list of images into parts.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::dataset::portable_bytes;
use facenet_core::embedding::Fingerprint;
use facenet_core::error::{Error, Result};
use facenet_core::internal::digest;

/// Images that are exported to one file.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// Position among all parts.
    pub(super) index: usize,
    /// Identifies the images and how their embeddings are made.
    pub(super) digest: u64,
    /// The images, relative to the input folder.
    pub(super) images: Vec<PathBuf>,
}

impl Part {
    pub(super) fn file_name(&self) -> String {
        format!("part-{:05}-{:016x}.parquet", self.index, self.digest)
    }
}

/// What is the same for all parts of an export.
pub(super) struct Kind<'a> {
    pub(super) fingerprint: Fingerprint,
    pub(super) settings: &'a BTreeMap<String, String>,
}

/// Cuts `images` into parts of about `size` images.
///
/// Where a part ends depends on the names around the place only, so that images which are added later, or taken away,
/// leave the parts that they do not belong to as they are.
pub(super) fn cut<'a>(images: impl Iterator<Item = &'a Path>, size: usize, kind: &Kind<'_>) -> Vec<Part> {
    let (least, most) = (size.div_ceil(4), size.saturating_mul(4));
    let mut parts = Vec::new();
    let mut part: Vec<PathBuf> = Vec::new();
    for image in images {
        part.push(image.to_path_buf());
        let may_end = part.len() >= least && hash(&[&portable_bytes(image)]).is_multiple_of(size as u64);
        if may_end || part.len() >= most {
            parts.push(std::mem::take(&mut part));
        }
    }
    if !part.is_empty() {
        parts.push(part);
    }
    let with_digest = |(index, images): (usize, Vec<PathBuf>)| Part { index, digest: kind.digest(&images), images };
    parts.into_iter().enumerate().map(with_digest).collect()
}

impl Kind<'_> {
    fn digest(&self, images: &[PathBuf]) -> u64 {
        let mut fields: Vec<Vec<u8>> = vec![self.fingerprint.as_bytes().to_vec()];
        fields.extend(self.settings.iter().flat_map(|(name, value)| [name.clone().into(), value.clone().into()]));
        fields.extend(images.iter().map(|image| portable_bytes(image)));
        hash(&fields)
    }
}

fn hash(fields: &[impl AsRef<[u8]>]) -> u64 {
    let mut hash = Sha256::new();
    for field in fields {
        hash.update((field.as_ref().len() as u64).to_le_bytes());
        hash.update(field.as_ref());
    }
    digest::head(hash)
}

/// The files of parts in `folder`, by their digest; none if there is no such folder.
pub(super) fn existing(folder: &Path) -> Result<HashMap<u64, PathBuf>> {
    let entries = match folder.read_dir() {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(HashMap::new()),
        Err(error) => return Err(Error::io("read", folder, error)),
    };
    let mut found = HashMap::new();
    for entry in entries {
        let path = entry.map_err(|error| Error::io("read", folder, error))?.path();
        if let Some(digest) = digest_of(&path) {
            found.insert(digest, path);
        }
    }
    Ok(found)
}

/// The digest in the name of a part's file.
fn digest_of(path: &Path) -> Option<u64> {
    let stem = path.file_name()?.to_str()?.strip_prefix("part-")?.strip_suffix(".parquet")?;
    let (_, digest) = stem.split_once('-')?;
    (digest.len() == 16).then(|| u64::from_str_radix(digest, 16).ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(images: &[PathBuf], size: usize) -> Vec<Part> {
        let kind = Kind { fingerprint: Fingerprint::of("x"), settings: &BTreeMap::new() };
        cut(images.iter().map(PathBuf::as_path), size, &kind)
    }

    fn images(count: usize) -> Vec<PathBuf> {
        (0..count).map(|index| format!("{:03}/{index:06}.png", index / 9).into()).collect()
    }

    proptest! {
        #[test]
        fn parts_hold_every_image_once_and_in_order(count in 0usize..3000, size in 1usize..200) {
            let images = images(count);
            let parts = parts(&images, size);
            prop_assert_eq!(parts.iter().flat_map(|part| part.images.clone()).collect::<Vec<_>>(), images);
            prop_assert!(parts.iter().all(|part| !part.images.is_empty() && part.images.len() <= 4 * size));
        }

        #[test]
        fn an_image_that_is_added_changes_few_parts(count in 500usize..3000, place in 0usize..500) {
            let mut images = images(count);
            let before = parts(&images, 50);
            images.insert(place, format!("{:03}/{place:06}-new.png", place / 9).into());
            let after = parts(&images, 50);
            let changed = after.iter().filter(|new| before.iter().all(|old| old.digest != new.digest)).count();
            prop_assert!(changed <= 8, "{} of {} parts changed", changed, after.len());
        }
    }

    #[test]
    fn another_way_of_making_embeddings_gives_other_digests() {
        let images = images(10);
        let digest = |fingerprint, settings: &BTreeMap<String, String>| {
            cut(images.iter().map(PathBuf::as_path), 10, &Kind { fingerprint, settings })[0].digest
        };
        let none = BTreeMap::new();
        let some = BTreeMap::from([("face".to_string(), "all".to_string())]);
        let one = digest(Fingerprint::of("x"), &none);
        assert_ne!(one, digest(Fingerprint::of("y"), &none));
        assert_ne!(one, digest(Fingerprint::of("x"), &some));
    }

    #[test]
    fn the_digest_is_in_the_name_of_the_file() {
        let part = Part { index: 7, digest: 0xab, images: Vec::new() };
        assert_eq!(digest_of(Path::new(&part.file_name())), Some(0xab));
        for other in ["part-1.parquet", "part-00001-xyz.parquet", "part-00001-00000000000000ab.parquet.tmp", "a"] {
            assert_eq!(digest_of(Path::new(other)), None);
        }
    }
}
