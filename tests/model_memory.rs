//! Models whose files are in memory: they give what the files give, and what is wrong with them is said.

use std::path::Path;

use facenet::detect::Selection;
use facenet::model::{ModelFile, ModelSource};
use facenet::options::Options;
use facenet::{
    Detector, DetectorOptions, Embedder, EmbedderOptions, ErrorKind, Image, Pipeline, PipelineOptions, Runtime,
    RuntimeOptions,
};
use testkit::model::shipped;
use testkit::photo;

const NETWORKS: [&str; 3] = ["mtcnn-pnet.onnx", "mtcnn-rnet.onnx", "mtcnn-onet.onnx"];
const EMBEDDING: &str = "facenet-20180408-102900.onnx";

fn read(name: &str) -> Vec<u8> {
    std::fs::read(shipped(name)).expect("a shipped model")
}

fn in_memory(networks: [&str; 3]) -> DetectorOptions {
    let networks = networks.map(|name| ModelSource::from(read(name)));
    DetectorOptions { networks: Some(networks), selection: Selection::Largest, ..DetectorOptions::default() }
}

fn embedding(bytes: Vec<u8>) -> EmbedderOptions {
    EmbedderOptions { model: Some(bytes.into()), ..EmbedderOptions::default() }
}

/// A runtime that finds no models.
fn without_models(folder: &Path) -> Runtime {
    let options = RuntimeOptions { models: Some(folder.into()), ..RuntimeOptions::default() };
    Runtime::new(options).expect("ONNX Runtime")
}

#[test]
fn a_pipeline_from_memory_gives_what_one_from_files_gives() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::new(RuntimeOptions::default()).expect("ONNX Runtime");
    let detector = DetectorOptions { selection: Selection::Largest, ..DetectorOptions::default() };
    let files = Pipeline::new(&runtime, PipelineOptions { detector, ..PipelineOptions::default() }).unwrap();
    let options = PipelineOptions { detector: in_memory(NETWORKS), embedder: embedding(read(EMBEDDING)) };
    let memory = Pipeline::new(&without_models(folder.path()), options).unwrap();

    for name in ["obama.jpg", "astronaut.png"] {
        let image = Image::open(photo(name)).unwrap();
        let found = memory.process(&image.frame()).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found, files.process(&image.frame()).unwrap());
    }
    assert_eq!(memory.embedder().fingerprint(), files.embedder().fingerprint());
    assert_eq!(memory.embedder().spec(), files.embedder().spec());
    assert_eq!((memory.embedder().name(), memory.embedder().path()), (files.embedder().name(), None));
    assert_eq!(files.embedder().path(), Some(runtime.model_file(EMBEDDING).unwrap().as_path()));
}

#[test]
fn networks_may_come_from_named_files() {
    let folder = tempfile::tempdir().unwrap();
    let networks = NETWORKS.map(|name| ModelSource::from(shipped(name)));
    let options = DetectorOptions { networks: Some(networks), ..DetectorOptions::default() };
    let detector = Detector::new(&without_models(folder.path()), options).unwrap();
    let image = Image::open(photo("biden.jpg")).unwrap();
    assert!(!detector.detect(&image.frame()).unwrap().is_empty());
}

#[test]
fn bytes_that_are_no_whole_model_are_refused() {
    let runtime = Runtime::new(RuntimeOptions::default()).expect("ONNX Runtime");
    let refusal = |bytes: Vec<u8>| Embedder::new(&runtime, embedding(bytes)).err().expect("a refusal");
    let model = read(EMBEDDING);
    for length in [0, 1, 1000, model.len() / 2, model.len() - 1] {
        let error = refusal(model[..length].to_vec());
        assert_eq!(error.kind(), ErrorKind::ModelInvalid, "{length}: {error}");
        assert!(error.to_string().contains(&format!("in memory ({length} bytes)")), "{error}");
    }
    assert_eq!(refusal(vec![7; 100_000]).kind(), ErrorKind::ModelInvalid);
    assert_eq!(refusal(read("mtcnn-pnet.onnx")).kind(), ErrorKind::ModelMismatch);
    let mut changed = model;
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    assert_eq!(refusal(changed).kind(), ErrorKind::ModelMismatch);
}

#[test]
fn networks_in_another_order_are_refused() {
    let runtime = Runtime::new(RuntimeOptions::default()).expect("ONNX Runtime");
    let [p, r, o] = NETWORKS;
    for (wrong, needed) in [([r, p, o], "P-Net"), ([p, o, r], "R-Net"), ([p, r, EMBEDDING], "O-Net")] {
        let error = Detector::new(&runtime, in_memory(wrong)).err().expect("a refusal");
        assert_eq!(error.kind(), ErrorKind::ModelMismatch);
        assert!(error.to_string().contains(needed), "{error}");
    }
}

#[test]
fn loaded_networks_stay() {
    let runtime = Runtime::new(RuntimeOptions::default()).expect("ONNX Runtime");
    let detector = Detector::new(&runtime, in_memory(NETWORKS)).unwrap();
    let strict = detector.with_options(DetectorOptions { factor: 0.5, ..DetectorOptions::default() }).unwrap();
    assert_eq!(strict.options().networks, detector.options().networks);
    assert!(strict.options().settings().contains_key("networks"));
    let shipped = Detector::new(&runtime, DetectorOptions::default()).unwrap();
    assert_eq!(shipped.with_options(in_memory(NETWORKS)).err().unwrap().kind(), ErrorKind::InvalidArgument);
}

#[test]
fn what_is_printed_of_bytes_is_their_checksum() {
    // FIPS 180-2, appendix B.1.
    let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(format!("{:?}", ModelSource::from(b"abc".to_vec())), format!("Memory(\"{sum}\")"));
    assert_eq!(ModelFile::of(&"no such.onnx".into()).unwrap_err().kind(), ErrorKind::NotFound);
}
