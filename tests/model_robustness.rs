//! Damaged files: an error or another model, never a panic.

use std::panic::catch_unwind;

use facenet::model::{ImportOptions, ModelFile, Standardization, import_bytes};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rayon::prelude::*;
use testkit::model::{data, proposal, safetensors, shipped};

fn options() -> ImportOptions {
    ImportOptions {
        name: Some("test".into()),
        standardization: Some(Standardization::Fixed),
        ..ImportOptions::default()
    }
}

fn import(bytes: Vec<u8>) -> bool {
    import_bytes(bytes, &options()).is_ok()
}

fn read(bytes: Vec<u8>) -> bool {
    ModelFile::from_bytes(bytes).is_ok_and(|file| file.verify().is_ok())
}

/// Reads a file and tells whether it is accepted.
type Reader = fn(Vec<u8>) -> bool;

/// A file and the way it is taken in.
fn cases() -> Vec<(&'static str, Vec<u8>, Reader)> {
    let model = std::fs::read(shipped("mtcnn-pnet.onnx")).expect("a shipped model");
    let described = import_bytes(data("unfused.pb"), &options()).expect("an import").bytes().to_vec();
    vec![
        ("an ONNX file", model, read),
        ("an ONNX file to be described", described, import),
        ("safetensors", safetensors(&proposal(1).weights), import),
        ("a TensorFlow graph", data("unfused.pb"), import),
    ]
}

#[test]
fn whole_files_are_taken() {
    for (name, bytes, take) in cases() {
        assert!(take(bytes), "{name}");
    }
}

#[test]
fn files_that_break_off_are_refused() {
    for (name, bytes, take) in cases() {
        let mut random = StdRng::seed_from_u64(1);
        let mut lengths: Vec<usize> = (0..bytes.len().min(64)).collect();
        lengths.extend((0..150).map(|_| random.random_range(0..bytes.len())));
        lengths.extend(bytes.len().saturating_sub(64)..bytes.len());
        lengths.into_par_iter().for_each(|length| {
            let start = bytes[..length].to_vec();
            let taken = catch_unwind(|| take(start)).unwrap_or_else(|_| panic!("{name} of {length} bytes panics"));
            // A file of protobuf messages may end after any of them; only what follows the last layer can be missing.
            assert!(
                !taken || name.contains("graph") || name.contains("described"),
                "{name} of {length} bytes is taken"
            );
        });
    }
}

#[test]
fn changed_files_are_an_error_or_another_model() {
    let rounds = [20_000, 500, 20_000, 500];
    for ((name, bytes, take), rounds) in cases().into_iter().zip(rounds) {
        let changed = (0..rounds).into_par_iter().filter(|&seed| {
            let mut random = StdRng::seed_from_u64(seed);
            let mut bytes = bytes.clone();
            for _ in 0..random.random_range(1..6) {
                // Half of the changes near an end, where lengths and names are.
                let range = if random.random() { 0..bytes.len() } else { 0..bytes.len().min(2048) };
                let at = random.random_range(range);
                let at = if random.random() { at } else { bytes.len() - 1 - at };
                match random.random_range(0..4) {
                    0 => bytes[at] ^= 1 << random.random_range(0..8),
                    1 => bytes[at] = random.random(),
                    2 => bytes[at] = 0xff,
                    _ => {
                        bytes.remove(at);
                    }
                }
            }
            catch_unwind(|| take(bytes)).unwrap_or_else(|_| panic!("{name} panics when changed with seed {seed}"))
        });
        eprintln!("{name}: {} of {rounds} changed files are taken", changed.count());
    }
}

#[test]
fn random_bytes_are_refused() {
    (0..20_000u64).into_par_iter().for_each(|seed| {
        let mut random = StdRng::seed_from_u64(seed);
        let mut bytes: Vec<u8> = (0..random.random_range(1..400)).map(|_| random.random()).collect();
        // Beginnings that lead further into the readers.
        let half = [0x0a, bytes.len() as u8 / 2];
        let start: &[u8] = [&half[..], &[0x08, 0x08], b"\x40\0\0\0\0\0\0\0{", &[]][seed as usize % 4];
        bytes.splice(0..0, start.iter().copied());
        assert!(!import(bytes.clone()) && !read(bytes), "seed {seed}");
    });
}

#[test]
fn sizes_that_no_memory_holds_are_refused() {
    let header =
        br#"{"conv4_1.weight":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,4]}}"#;
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    file.extend([0; 4]);
    assert!(!import(file));
    let mut file = u64::MAX.to_le_bytes().to_vec();
    file.extend(b"{}");
    assert!(!import(file));
}
