//! Choosing pairs so that everyone counts alike.

use rand::RngExt;
use rand::seq::index::sample;

use super::random::{Draw, generator};
use crate::watch::Watch;
use facenet_core::error::Result;

/// Pairs of rows, chosen from all pairs.
pub(super) struct Sample {
    pub(super) pairs: Vec<[usize; 2]>,
    /// How many pairs there are to choose from.
    pub(super) available: u64,
}

/// Pairs of rows of one person: all, or if there are more than `most`, as many of each person as there can be without
/// giving anybody fewer than others who have enough, or one each of as many people as there can be.
pub(super) fn genuine(people: &[Vec<usize>], most: usize, seed: u64, watch: &Watch<'_>) -> Result<Sample> {
    let mut random = generator(seed, Draw::Genuine);
    let people: Vec<&Vec<usize>> = people.iter().filter(|rows| rows.len() > 1).collect();
    let counts: Vec<usize> = people.iter().map(|rows| triangle(rows.len())).collect();
    let available = counts.iter().map(|&count| count as u64).sum();
    let pair = |person: usize, index: usize| unrank(index).map(|place| people[person][place]);
    if people.len() >= most {
        let chosen = sample(&mut random, people.len(), most).into_iter();
        let pairs = chosen.map(|person| pair(person, random.random_range(0..counts[person]))).collect();
        return Ok(Sample { pairs, available });
    }
    let quota = quota(&counts, most);
    let mut pairs = Vec::new();
    for (person, &count) in counts.iter().enumerate() {
        watch.check()?;
        let pair = |index| pair(person, index);
        match count <= quota {
            true => pairs.extend((0..count).map(pair)),
            false => pairs.extend(sample(&mut random, count, quota).into_iter().map(pair)),
        }
    }
    Ok(Sample { pairs, available })
}

/// Pairs of rows of two people: all, or if there are more than `most`, as many of each two people as there can be, or one
/// each of as many two people as there can be.
pub(super) fn impostor(people: &[Vec<usize>], most: usize, seed: u64, watch: &Watch<'_>) -> Result<Sample> {
    let mut random = generator(seed, Draw::Impostor);
    let rows: usize = people.iter().map(Vec::len).sum();
    let same: u64 = people.iter().map(|rows| (rows.len() as u64).pow(2)).sum();
    let available = ((rows as u64).pow(2) - same) / 2;
    let two = |index: usize| unrank(index).map(|place| &people[place]);
    let all = triangle(people.len());
    if all >= most {
        let chosen = sample(&mut random, all, most).into_iter();
        let pairs = chosen.map(|index| two(index).map(|rows| rows[random.random_range(0..rows.len())])).collect();
        return Ok(Sample { pairs, available });
    }
    let counts: Vec<usize> = (0..all).map(two).map(|[a, b]| a.len() * b.len()).collect();
    let quota = quota(&counts, most);
    let mut pairs = Vec::new();
    for ([a, b], count) in (0..all).map(two).zip(counts) {
        watch.check()?;
        let pair = |index: usize| [a[index / b.len()], b[index % b.len()]];
        match count <= quota {
            true => pairs.extend((0..count).map(pair)),
            false => pairs.extend(sample(&mut random, count, quota).into_iter().map(pair)),
        }
    }
    Ok(Sample { pairs, available })
}

/// The greatest number such that no more than `most` are taken if from none of `counts` more than it are.
fn quota(counts: &[usize], most: usize) -> usize {
    let taken = |quota: usize| counts.iter().fold(0usize, |sum, &count| sum.saturating_add(count.min(quota)));
    let largest = counts.iter().copied().max().unwrap_or_default();
    if taken(largest) <= most {
        return largest;
    }
    // Between a quota that is small enough and one that is too large.
    let (mut low, mut high) = (0, largest);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if taken(middle) <= most {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// Number of pairs of `count` things.
fn triangle(count: usize) -> usize {
    count * count.saturating_sub(1) / 2
}

/// The pair with this number, the greater one first: (1, 0), (2, 0), (2, 1), (3, 0) and so on.
fn unrank(index: usize) -> [usize; 2] {
    // The root of a float may be one off.
    let mut greater = ((8.0 * index as f64 + 1.0).sqrt() / 2.0 + 0.5) as usize;
    while triangle(greater) > index {
        greater -= 1;
    }
    while triangle(greater + 1) <= index {
        greater += 1;
    }
    [greater, index - triangle(greater)]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn people() -> impl Strategy<Value = Vec<Vec<usize>>> {
        prop::collection::vec(1usize..6, 1..12).prop_map(|sizes| {
            let mut row = 0;
            let mut next = |size| {
                (0..size)
                    .map(|_| {
                        row += 1;
                        row - 1
                    })
                    .collect()
            };
            sizes.into_iter().map(&mut next).collect()
        })
    }

    proptest! {
        #[test]
        fn every_number_is_a_pair(index in 0usize..1_000_000_000_000) {
            let [a, b] = unrank(index);
            prop_assert!(b < a && triangle(a) + b == index);
        }

        #[test]
        fn pairs_are_distinct_of_the_right_kind_and_not_too_many(people in people(), most in 0usize..60, seed in any::<u64>()) {
            let person = |row: usize| people.iter().position(|rows| rows.contains(&row));
            let genuine = genuine(&people, most, seed, &Watch::none()).unwrap();
            let several = people.iter().filter(|rows| rows.len() > 1).count();
            prop_assert!(genuine.pairs.len() >= most.min(several));
            let of: HashSet<Option<usize>> = genuine.pairs.iter().map(|&[a, _]| person(a)).collect();
            prop_assert_eq!(of.len(), most.min(several));
            for (sample, same) in [(genuine, true), (impostor(&people, most, seed, &Watch::none()).unwrap(), false)] {
                let distinct: HashSet<[usize; 2]> =
                    sample.pairs.iter().map(|&[a, b]| [a.min(b), a.max(b)]).collect();
                prop_assert_eq!(distinct.len(), sample.pairs.len());
                prop_assert!(sample.pairs.iter().all(|&[a, b]| a != b && (person(a) == person(b)) == same));
                prop_assert!(sample.pairs.len() <= most);
                prop_assert!(sample.available > most as u64 || sample.pairs.len() as u64 == sample.available);
            }
        }
    }
}
