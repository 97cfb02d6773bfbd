//! Random numbers.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

/// What is drawn. What is drawn in one call has streams of its own, so that nothing is drawn twice alike.
#[derive(Debug, Clone, Copy)]
pub(super) enum Draw {
    /// Pairs of one person.
    Genuine,
    /// Pairs of two people.
    Impostor,
    /// People, for the replicate of this number.
    Replicate(usize),
    /// A split, for the trial of this number.
    Trial(usize),
}

/// The generator for a draw. Streams of one seed are independent of each other, and of those of all other seeds; numbers
/// added to a seed would make neighbouring seeds share what they draw.
pub(super) fn generator(seed: u64, draw: Draw) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(match draw {
        Draw::Genuine => 0,
        Draw::Impostor => 1,
        Draw::Replicate(number) | Draw::Trial(number) => 2 + number as u64,
    });
    random
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rand::RngExt;

    use super::*;

    #[test]
    fn neither_seeds_nor_draws_share_numbers() {
        let draws = [Draw::Genuine, Draw::Impostor].into_iter().chain((0..50).map(Draw::Replicate));
        let all = draws.flat_map(|draw| (0..50).map(move |seed| generator(seed, draw).random::<u64>()));
        assert_eq!(all.collect::<HashSet<u64>>().len(), 52 * 50);
    }
}
