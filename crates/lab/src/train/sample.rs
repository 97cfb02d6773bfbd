//! Which images are seen, in which order. Everything is a function of its arguments, so that a run that was stopped goes on where
//! it was.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;

use facenet_core::error::{Error, ErrorKind, Result};

/// A generator for one of many draws of a seed; draws share no numbers.
pub(super) fn generator(seed: u64, draw: u64) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(draw);
    random
}

/// The images `from`, `from + 1`, ... of an endless row of shuffles of `0..images`, `count` of them: each image comes once before
/// one comes again, as from the shuffled queue of facenet's `train_softmax.py`.
///
/// ```
/// use facenet::train::shuffled;
///
/// let whole = shuffled(10, 0, 30, 666)?;
/// let mut first = whole[..10].to_vec();
/// first.sort();
/// assert_eq!(first, (0..10).collect::<Vec<_>>());
/// assert_eq!(shuffled(10, 7, 5, 666)?, whole[7..12]);
/// # Ok::<(), facenet::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] if there is no image.
pub fn shuffled(images: usize, from: u64, count: usize, seed: u64) -> Result<Vec<usize>> {
    if images == 0 {
        return Err(Error::new(ErrorKind::InvalidArgument, "there is no image to choose from"));
    }
    let mut chosen = Vec::with_capacity(count);
    let (mut round, mut skip) = (from / images as u64, (from % images as u64) as usize);
    while chosen.len() < count {
        let mut order: Vec<usize> = (0..images).collect();
        order.shuffle(&mut generator(seed, round));
        chosen.extend(order.into_iter().skip(skip).take(count - chosen.len()));
        (round, skip) = (round + 1, 0);
    }
    Ok(chosen)
}

/// The images of each person.
///
/// ```
/// use facenet::train::People;
///
/// let people = People::new(&[0, 1, 0, 2, 0]);
/// assert_eq!(people.images(0), [0, 2, 4]);
/// assert_eq!(people.len(), 3);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct People {
    images: Vec<Vec<usize>>,
}

impl People {
    /// The images with each label.
    pub fn new(labels: &[u32]) -> Self {
        let count = labels.iter().max().map_or(0, |&most| most as usize + 1);
        let mut images = vec![Vec::new(); count];
        for (index, &label) in labels.iter().enumerate() {
            images[label as usize].push(index);
        }
        Self { images }
    }

    /// Number of labels, up to the highest.
    pub fn len(&self) -> usize {
        self.images.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.images.is_empty()
    }

    /// The images of a person; none for a label that does not occur.
    pub fn images(&self, person: usize) -> &[usize] {
        self.images.get(person).map_or(&[], Vec::as_slice)
    }
}

/// The images of one batch of triplet training: `people_per_batch * images_per_person` images of people in random order, of each
/// as many as it has up to `images_per_person`, as facenet's `sample_people`. Fewer if there are not so many images.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] if one of the numbers is zero or there is nobody.
///
/// ```
/// use facenet::train::{People, people_batch};
///
/// let people = People::new(&[0, 0, 0, 1, 1, 2]);
/// let batch = people_batch(&people, 2, 2, 666, 0)?;
/// assert_eq!(batch.len(), 4);
/// assert_eq!(batch, people_batch(&people, 2, 2, 666, 0)?);
/// # Ok::<(), facenet::Error>(())
/// ```
pub fn people_batch(
    people: &People,
    people_per_batch: usize,
    images_per_person: usize,
    seed: u64,
    batch: u64,
) -> Result<Vec<usize>> {
    let wanted = people_per_batch.saturating_mul(images_per_person);
    if wanted == 0 || people.is_empty() {
        let message =
            format!("{people_per_batch} people of {} with {images_per_person} images each: none at all", people.len());
        return Err(Error::new(ErrorKind::InvalidArgument, message));
    }
    let mut random = generator(seed, batch);
    let mut order: Vec<usize> = (0..people.len()).collect();
    order.shuffle(&mut random);
    let mut chosen = Vec::new();
    for person in order {
        let mut images = people.images(person).to_vec();
        images.shuffle(&mut random);
        images.truncate(images_per_person.min(wanted - chosen.len()));
        chosen.append(&mut images);
        if chosen.len() == wanted {
            break;
        }
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_part_of_the_row_is_the_same(images in 1usize..20, from in 0u64..100, count in 0usize..60, seed: u64) {
            let whole = shuffled(images, 0, from as usize + count, seed).unwrap();
            prop_assert_eq!(&shuffled(images, from, count, seed).unwrap()[..], &whole[from as usize..]);
            for round in whole.chunks_exact(images) {
                let mut sorted = round.to_vec();
                sorted.sort_unstable();
                prop_assert_eq!(sorted, (0..images).collect::<Vec<_>>());
            }
        }

        #[test]
        fn a_batch_of_people_has_different_images(
            labels in prop::collection::vec(0u32..6, 1..40), people in 1usize..8, each in 1usize..8, batch in 0u64..5,
        ) {
            let all = People::new(&labels);
            let chosen = people_batch(&all, people, each, 1, batch).unwrap();
            let mut counts = [0; 6];
            chosen.iter().for_each(|&image| counts[labels[image] as usize] += 1);
            prop_assert!(counts.iter().all(|&count| count <= each));
            let most: usize = (0..6).map(|person| all.images(person).len().min(each)).sum();
            prop_assert_eq!(chosen.len(), most.min(people * each));
            let mut different = chosen.clone();
            different.sort_unstable();
            different.dedup();
            prop_assert_eq!(different.len(), chosen.len());
        }
    }

    #[test]
    fn epochs_differ() {
        assert_ne!(shuffled(50, 0, 50, 3).unwrap(), shuffled(50, 50, 50, 3).unwrap());
        assert!(shuffled(0, 0, 1, 3).is_err());
        let people = People::new(&[0, 1]);
        assert!(people_batch(&people, 0, 1, 1, 0).is_err() && people_batch(&People::new(&[]), 1, 1, 1, 0).is_err());
    }
}
