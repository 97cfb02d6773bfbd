//! The fuzz targets for files that are no pictures, for a bounded number of mutated seeds of `fuzz/seeds/`.
//!
//! With `FACENET_WRITE_SEEDS` set, those seeds that no hand can write are made anew.

use std::fs;
use std::panic::catch_unwind;
use std::path::PathBuf;

use facenet::classify::{Method, SoftmaxOptions, TemplateOptions, ThresholdChoice};
use facenet::export::{ExportJob, ExportOptions};
use facenet::model::{ImportOptions, import_bytes};
use facenet::store;
use facenet::{Embedder, EmbedderOptions, Extractor, Runtime, RuntimeOptions, Watch};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rayon::prelude::*;
use testkit::classify::{People, description};
use testkit::fuzz::{inputs, mutate};
use testkit::runtime::{FLOAT, Model};
use testkit::shards::Place;

use crate::fuzz_frames::entries;

#[path = "../fuzz/parsers.rs"]
mod parsers;

/// The name of a parser's folder of seeds, and what says whether it took some bytes.
type Parser = (&'static str, fn(&[u8]) -> bool);

const PARSERS: [Parser; 13] = [
    ("model", parsers::model),
    ("import", parsers::import),
    ("classifier", parsers::classifier),
    ("store", parsers::store),
    ("pairs", parsers::pairs),
    ("insightface", parsers::insightface),
    ("shard", parsers::shard),
    ("settings", parsers::settings),
    ("profile", parsers::profile),
    ("placement", parsers::placement),
    ("part", parsers::part),
    ("history", parsers::history),
    ("report", parsers::report),
];

fn folder(parser: &str) -> PathBuf {
    testkit::root().join("fuzz/seeds").join(parser)
}

fn seeds(parser: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = fs::read_dir(folder(parser)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

#[test]
fn seeds_are_taken() {
    if std::env::var_os("FACENET_WRITE_SEEDS").is_some() {
        write_seeds();
    }
    for (name, parse) in PARSERS {
        for (index, seed) in seeds(name).iter().enumerate() {
            // Of a graph as small as a seed, no more than the beginning is right.
            assert!(parse(seed) || (name == "import" && seed.starts_with(b"\x0a")), "seed {index} of {name}");
        }
    }
}

/// Files that were made to do harm lie in `fuzz/seeds/hostile/`.
#[test]
fn hostile_seeds_are_refused() {
    let names = PARSERS.map(|(name, _)| name);
    for folder in fs::read_dir(folder("hostile")).unwrap().map(|entry| entry.unwrap().file_name()) {
        let name = folder.to_str().unwrap();
        let parse = match PARSERS.iter().find(|parser| parser.0 == name) {
            Some(parser) => parser.1,
            None if name == "decode" => entries::decode,
            None => panic!("{name} is none of {names:?}"),
        };
        for (index, seed) in seeds(&format!("hostile/{name}")).iter().enumerate() {
            assert!(!parse(seed), "seed {index} of {name} is taken");
        }
    }
}

#[test]
fn mutated_seeds_never_panic() {
    for (name, parse) in PARSERS {
        let mut seeds = seeds(name);
        if folder("hostile").join(name).exists() {
            seeds.extend(self::seeds(&format!("hostile/{name}")));
        }
        let accepted = (0..inputs()).into_par_iter().filter(|&input| {
            let mut random = StdRng::seed_from_u64(input as u64);
            let mut bytes = seeds[input % seeds.len()].clone();
            mutate(&mut bytes, &mut random);
            if name == "shard" && random.random_bool(0.8) {
                repair_tar(&mut bytes);
            }
            catch_unwind(|| parse(&bytes)).unwrap_or_else(|_| panic!("{name} panics at input {input}"))
        });
        let accepted = accepted.count();
        println!("{name}: {accepted} of {} were accepted", inputs());
        assert!(accepted > 0, "{name}: the inputs are too broken to test much");
    }
}

/// Makes the checksums of the headers of a tar file right again, so that its reader looks further.
fn repair_tar(bytes: &mut [u8]) {
    // The length of the tar file stands before it.
    for header in bytes.get_mut(4..).unwrap_or_default().chunks_exact_mut(512) {
        if header[257..262] == *b"ustar" {
            header[148..156].fill(b' ');
            let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
            header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
    }
}

fn write_seeds() {
    let write = |parser: &str, name: &str, bytes: &[u8]| {
        fs::create_dir_all(folder(parser)).unwrap();
        fs::write(folder(parser).join(name), bytes).unwrap();
    };
    let weights = testkit::model::safetensors(&testkit::model::proposal(1).weights);
    let named = ImportOptions { name: Some("fuzz".into()), ..ImportOptions::default() };
    write("model", "pnet.onnx", import_bytes(weights.clone(), &named).unwrap().bytes());
    write("import", "pnet.safetensors", &weights);
    write("import", "foreign.onnx", &foreign());
    write("import", "beginning.pb", beginning(&testkit::model::data("unfused.pb"), 12_000));

    let people = People::new(3, 3, 4, 0.1, 1);
    for (name, method) in [
        (
            "template.facenet",
            Method::Template(TemplateOptions { threshold: ThresholdChoice::Score(0.5), ..Default::default() }),
        ),
        ("softmax.facenet", Method::Softmax(SoftmaxOptions::default())),
    ] {
        write("classifier", name, &people.train(&method).unwrap().to_bytes().unwrap());
    }
    write("classifier", "svm.facenet", &fs::read(testkit::root().join("tests/data/classify/svm.facenet")).unwrap());

    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("faces.npy");
    let names = ["faces/Ada/1.png", "faces/Ada/2.png", "faces/Bob/1.png#1"];
    let rows = people.vectors.slice(ndarray::s![..3, ..]);
    store::write(&path, &description(4), Some("faces"), names, rows).unwrap();
    let parts =
        [path.clone(), store::names_path(&path), store::description_path(&path)].map(|path| fs::read(path).unwrap());
    write("store", "whole", &parsers::joined(&[&parts[0], &parts[1], &parts[2]]));
    write("store", "alone", &parsers::joined(&[&parts[0], &[], &[]]));

    let place = Place::new(&["Ada/1.png", "Ada/2.png", "Bob/1.png"]);
    place.pack(3);
    let (tar, index) = (fs::read(place.shard(0)).unwrap(), fs::read(place.shard(0).with_extension("index")).unwrap());
    write("shard", "indexed", &parsers::joined(&[&tar, &index]));
    write("shard", "alone", &parsers::joined(&[&tar, &[]]));

    write("part", "plain.parquet", &part());
    let (image, same) =
        (b"\x80\x03](C\x04abcdC\x03efgC\x02hiC\x01je](\x88\x89e\x86.", b"\x80\x02](U\x01aU\x01be](I01\ne\x86.");
    write("insightface", "python3", image);
    write("insightface", "python2", same);
}

/// The one part of an export of two faces.
fn part() -> Vec<u8> {
    let (input, output) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for name in ["Ada", "Bob"] {
        fs::create_dir(input.path().join(name)).unwrap();
        let picture = image::RgbImage::from_fn(160, 160, |x, y| image::Rgb([x as u8, y as u8, name.len() as u8]));
        picture.save(input.path().join(name).join("1.png")).unwrap();
    }
    let runtime = Runtime::new(RuntimeOptions::default()).unwrap();
    let extractor = Extractor::of_aligned(Embedder::new(&runtime, EmbedderOptions::default()).unwrap());
    let job = ExportJob::plan(input.path(), output.path(), extractor, ExportOptions::default()).unwrap();
    assert!(job.run(&Watch::none()).unwrap().complete);
    let part = fs::read_dir(output.path().join("parts")).unwrap().next().unwrap().unwrap().path();
    fs::read(part).unwrap()
}

/// A model of another program, with images as its input and embeddings as its output.
fn foreign() -> Vec<u8> {
    let model = Model::default().node("Flatten", &["data"], "flat").node("MatMul", &["flat", "weight"], "fc1");
    let model = model.constant("weight", &[2, 2], &[1.0, 2.0, 3.0, 4.0]).metadata("author", "somebody");
    model.input("data", FLOAT, &[0, 3, 160, 160]).output("fc1", FLOAT, &[0, 128]).build()
}

/// The first messages of a protobuf file, up to a size.
fn beginning(file: &[u8], size: usize) -> &[u8] {
    let mut end = 0;
    loop {
        // A tag of one byte, and a length that ends with the first byte below 128.
        let digits = file[end + 1..].iter().position(|byte| *byte < 0x80).unwrap() + 1;
        let length =
            file[end + 1..=end + digits].iter().rev().fold(0, |length, byte| length << 7 | usize::from(byte & 0x7f));
        let next = end + 1 + digits + length;
        if next > size {
            return &file[..end];
        }
        end = next;
    }
}
