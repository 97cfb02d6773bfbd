//! Inputs for the bounded runs of the fuzz targets, the same in every run.

use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _};

/// How many inputs a test makes, which `FACENET_FUZZ_INPUTS` sets.
pub fn inputs() -> usize {
    std::env::var("FACENET_FUZZ_INPUTS").ok().and_then(|count| count.parse().ok()).unwrap_or(3_000)
}

/// What is hard to read where a number or a string is expected.
const WORDS: [&[u8]; 8] = [b"-1", b"1e999", b"NaN", b"4294967296", b"99999999999999999999", b"\"", b"\n", b"../"];

/// Changes bytes, cuts, repeats and swaps stretches, and puts words in.
pub fn mutate(bytes: &mut Vec<u8>, random: &mut StdRng) {
    for _ in 0..random.random_range(1..6) {
        if bytes.is_empty() {
            return;
        }
        let at = random.random_range(0..bytes.len());
        let length = random.random_range(1..=16.min(bytes.len() - at));
        match random.random_range(0..8) {
            0 => bytes[at] ^= 1 << random.random_range(0..8),
            1 => bytes[at] = [0, 1, 0x7f, 0x80, 0xfe, 0xff][random.random_range(0..6)],
            2 => random.fill_bytes(&mut bytes[at..at + length]),
            3 => bytes.truncate(at),
            4 => drop(bytes.drain(at..at + length)),
            5 => {
                let stretch = bytes[at..at + length].to_vec();
                bytes.splice(at..at, stretch);
            }
            6 => {
                let word = WORDS[random.random_range(0..WORDS.len())];
                bytes.splice(at..at + length.min(2), word.iter().copied());
            }
            _ => {
                let other = random.random_range(0..=bytes.len() - length);
                let stretch = bytes[other..other + length].to_vec();
                bytes[at..at + length].copy_from_slice(&stretch);
            }
        }
    }
}
