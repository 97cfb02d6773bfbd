//! The embedder against the vectors that TensorFlow gives for the same crops.

use std::fs::File;
use std::path::Path;

use facenet::embedding::distance;
use facenet::model::{Mirror, Standardization};
use facenet::{Embedder, EmbedderOptions, Embedding, ErrorKind, Image, Metric, Runtime, RuntimeOptions};
use ndarray::Array2;
use ndarray_npy::NpzReader;

fn crops(golden: &Path) -> Vec<Image> {
    let mut paths: Vec<_> = golden.join("crops").read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| Image::open(path).unwrap()).collect()
}

fn vectors(golden: &Path, name: &str) -> Array2<f32> {
    let mut archive = NpzReader::new(File::open(golden.join("crops_embeddings.npz")).unwrap()).unwrap();
    archive.by_name(name).unwrap()
}

fn embed(crops: &[Image], options: EmbedderOptions) -> Vec<Embedding> {
    let runtime = Runtime::new(RuntimeOptions::default()).expect("ONNX Runtime");
    Embedder::new(&runtime, options).expect("the shipped model").embed(crops).unwrap()
}

fn least_cosine(embeddings: &[Embedding], expected: &Array2<f32>) -> f32 {
    assert_eq!(embeddings.len(), expected.nrows());
    let rows = embeddings.iter().zip(expected.rows());
    rows.map(|(embedding, row)| distance(embedding.values(), &row.to_vec(), Metric::Cosine).unwrap())
        .fold(1.0, f32::min)
}

#[test]
fn crops_of_photos_embed_as_in_tensorflow() {
    crops_embed_as_in_tensorflow(&testkit::reference::golden());
}

#[test]
fn crops_of_lfw_embed_as_in_tensorflow() {
    let Some(reference) = testkit::reference::reference_data() else { return };
    crops_embed_as_in_tensorflow(&reference.join("golden"));
}

fn crops_embed_as_in_tensorflow(golden: &Path) {
    let crops = crops(golden);
    for (name, standardization) in [("perimage", Standardization::PerImage), ("fixed", Standardization::Fixed)] {
        let options = EmbedderOptions { standardization: Some(standardization), ..EmbedderOptions::default() };
        let plain = vectors(golden, name);
        let cosine = least_cosine(&embed(&crops, options.clone()), &plain);
        eprintln!("{name}: least cosine {cosine:.7}");
        assert!(cosine >= 0.9999);

        let mirrored = vectors(golden, &format!("{name}_flipped"));
        let average = least_cosine(
            &embed(&crops, EmbedderOptions { mirror: Mirror::Average, ..options.clone() }),
            &(&plain + &mirrored),
        );
        let both = ndarray::concatenate![ndarray::Axis(1), plain, mirrored];
        let concatenated =
            least_cosine(&embed(&crops, EmbedderOptions { mirror: Mirror::Concatenate, ..options }), &both);
        eprintln!("{name}, mirrored: least cosine {average:.7} (average), {concatenated:.7} (concatenated)");
        assert!(average >= 0.9999 && concatenated >= 0.9999);
    }
}

#[test]
fn the_size_of_a_batch_changes_no_vector() {
    let crops = crops(&testkit::reference::golden());
    let whole = embed(&crops, EmbedderOptions::default());
    let single = embed(&crops, EmbedderOptions { batch_size: 1, ..EmbedderOptions::default() });
    let threes = embed(&crops, EmbedderOptions { batch_size: 3, ..EmbedderOptions::default() });
    for ((a, b), c) in whole.iter().zip(&single).zip(&threes) {
        assert!(a.distance(b, Metric::Euclidean).unwrap() < 1e-4);
        assert!(a.distance(c, Metric::Euclidean).unwrap() < 1e-4);
    }
}

#[test]
fn embeddings_of_other_preprocessing_are_not_compared() {
    let flat = [Image::from_rgb(160, 160, vec![7; 160 * 160 * 3]).unwrap()];
    let plain = &embed(&flat, EmbedderOptions::default())[0];
    for options in [
        EmbedderOptions { standardization: Some(Standardization::PerImage), ..EmbedderOptions::default() },
        EmbedderOptions { mirror: Mirror::Average, ..EmbedderOptions::default() },
    ] {
        let other = &embed(&flat, options)[0];
        assert_eq!(plain.distance(other, Metric::Euclidean).unwrap_err().kind(), ErrorKind::FingerprintMismatch);
    }
}

/// Embeddings that somebody stored are compared with tomorrow's, so this must not change while the vectors do not. The
/// value is the SHA-256, by Python's hashlib, of the weights' checksum and the description in the model file.
#[test]
fn the_fingerprint_of_the_shipped_model_stays() {
    let runtime = Runtime::new(RuntimeOptions::default()).expect("ONNX Runtime");
    let embedder = Embedder::new(&runtime, EmbedderOptions::default()).expect("the shipped model");
    assert_eq!(embedder.fingerprint().to_string(), "ae778467c32d9e59483e71ec160ac9d4");
}

#[test]
fn a_changed_weight_is_noticed() {
    let runtime = Runtime::new(RuntimeOptions::default()).expect("ONNX Runtime");
    let mut bytes = std::fs::read(runtime.model_file("facenet-20180408-102900.onnx").unwrap()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changed.onnx");
    std::fs::write(&path, bytes).unwrap();
    let options = EmbedderOptions { model: Some(path.into()), ..EmbedderOptions::default() };
    assert_eq!(Embedder::new(&runtime, options).err().unwrap().kind(), ErrorKind::ModelMismatch);
}

#[test]
fn what_cannot_be_embedded_is_refused() {
    let runtime = Runtime::new(RuntimeOptions::default()).expect("ONNX Runtime");
    let none = EmbedderOptions { batch_size: 0, ..EmbedderOptions::default() };
    assert_eq!(Embedder::new(&runtime, none).err().unwrap().kind(), ErrorKind::InvalidArgument);
    let detector =
        EmbedderOptions { model: Some(runtime.models().join("mtcnn-pnet.onnx").into()), ..EmbedderOptions::default() };
    assert_eq!(Embedder::new(&runtime, detector).err().unwrap().kind(), ErrorKind::ModelMismatch);
    let missing = EmbedderOptions { model: Some("no such.onnx".into()), ..EmbedderOptions::default() };
    assert_eq!(Embedder::new(&runtime, missing).err().unwrap().kind(), ErrorKind::NotFound);

    let embedder = Embedder::new(&runtime, EmbedderOptions::default()).unwrap();
    let small = [Image::from_rgb(112, 112, vec![0; 112 * 112 * 3]).unwrap()];
    let error = embedder.embed(&small).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.to_string().contains("160x160"), "{error}");
    assert!(embedder.embed(&[]).unwrap().is_empty());
}
