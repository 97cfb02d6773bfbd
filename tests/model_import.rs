//! Importing, reading, describing and verifying model files, and what is said of those that cannot be.

use facenet::ErrorKind;
use facenet::model::{
    Alignment, Architecture, ColorOrder, ImportOptions, Manifest, Metric, Mirror, ModelFile, Standardization, Task,
    Threshold, import, import_bytes,
};
use testkit::model::{Tensor, Weights, data, safetensors, shipped};
use testkit::runtime::{FLOAT, INT64, Model};

fn named() -> ImportOptions {
    ImportOptions { name: Some("test".into()), ..ImportOptions::default() }
}

fn fixed() -> ImportOptions {
    ImportOptions { standardization: Some(Standardization::Fixed), ..named() }
}

/// All that a foreign ONNX file does not say.
fn full() -> ImportOptions {
    ImportOptions {
        color_order: Some(ColorOrder::Bgr),
        standardization: Some(Standardization::Symmetric),
        alignment: Some(Alignment::Arcface),
        ..named()
    }
}

fn error(bytes: impl Into<Vec<u8>>, options: &ImportOptions) -> (ErrorKind, String) {
    let error = import_bytes(bytes, options).expect_err("the import fails");
    (error.kind(), error.to_string())
}

fn assert_error(bytes: impl Into<Vec<u8>>, options: &ImportOptions, kind: ErrorKind, words: &[&str]) {
    let (found, message) = error(bytes, options);
    assert_eq!(found, kind, "{message}");
    for word in words {
        assert!(message.contains(word), "{word:?} is not in {message:?}");
    }
}

/// `bytes` with the first `from` replaced by `to`, which is as long.
fn replaced(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = bytes.windows(from.len()).position(|window| window == from).expect("it is there");
    bytes[at..at + to.len()].copy_from_slice(to);
    bytes
}

fn foreign(input: &[u64], output: &[u64]) -> Model {
    Model::default()
        .node("Flatten", &["data"], "flat")
        .node("MatMul", &["flat", "weight"], "fc1")
        .constant("weight", &[2, 2], &[1.0, 2.0, 3.0, 4.0])
        .input("data", FLOAT, input)
        .output("fc1", FLOAT, output)
        .metadata("author", "somebody")
}

#[test]
fn shipped_models_are_those_of_the_manifest() {
    let manifest = Manifest::shipped();
    assert_eq!(manifest.models.len(), 4);
    for model in &manifest.models {
        let file = ModelFile::read(shipped(&model.file)).expect("a shipped model");
        let verified = file.verify().expect("a whole model");
        assert!(verified.shipped);
        assert_eq!(verified.sha256, model.sha256);
        assert_eq!(file.bytes().len() as u64, model.size);
        let spec = file.spec();
        assert_eq!(
            (&spec.name, spec.task, &spec.weights_sha256, &spec.license),
            (&model.name, model.task, &model.weights_sha256, &model.license)
        );
        assert_eq!(spec.embedding.is_some(), spec.task == Task::Embedding);
    }
    for task in [Task::MtcnnProposal, Task::MtcnnRefine, Task::MtcnnOutput, Task::Embedding] {
        assert!(manifest.model(task).is_some(), "{task:?}");
    }
}

#[test]
fn the_shipped_embedder_says_what_it_needs() {
    let file = ModelFile::read(shipped("facenet-20180408-102900.onnx")).expect("a shipped model");
    assert_eq!(file.input_shape(), [None, Some(3), Some(160), Some(160)]);
    assert_eq!(file.output_shape(), [None, Some(512)]);
    let embedding = file.spec().embedding.as_ref().expect("an embedding network");
    assert_eq!((embedding.input_size, embedding.embedding_size), (160, 512));
    assert_eq!(embedding.color_order, ColorOrder::Rgb);
    assert_eq!(embedding.standardization, Standardization::Fixed);
    assert_eq!(embedding.alignment, Alignment::Margin { margin: 32 });
    assert_eq!(embedding.metric, Metric::Euclidean);
    assert!(!embedding.thresholds.is_empty());
}

#[test]
fn an_imported_model_is_the_same_after_writing_and_reading() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("my-net.safetensors");
    std::fs::write(&source, data("unfused.safetensors")).expect("a file");
    let threshold = Threshold {
        distance: 1.1,
        mirror: Mirror::Average,
        false_match_rate: 0.001,
        false_non_match_rate: 0.02,
        measured_on: "a test, with \"quotes\" and ünïcode".into(),
    };
    let options = ImportOptions {
        license: Some("MIT".into()),
        standardization: Some(Standardization::PerImage),
        metric: Some(Metric::Cosine),
        alignment: Some(Alignment::Margin { margin: 44 }),
        input_size: Some(182),
        thresholds: vec![threshold],
        ..ImportOptions::default()
    };
    let file = import(&source, &options).expect("an import");
    assert_eq!((file.spec().name.as_str(), file.spec().source.as_str()), ("my-net", "my-net.safetensors"));
    let path = folder.path().join("out.onnx");
    std::fs::write(&path, "what was there before").expect("a file");
    file.write(&path).expect("written");
    let read = ModelFile::read(&path).expect("a model");
    assert_eq!(read.spec(), file.spec());
    assert_eq!(read.bytes(), file.bytes());
    assert_eq!(read.spec().embedding.as_ref().expect("an embedding network").thresholds, options.thresholds);
    assert!(!read.verify().expect("a whole model").shipped);
    let left: Vec<_> = folder.path().read_dir().expect("a folder").collect();
    assert_eq!(left.len(), 2, "temporary files are left: {left:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path| std::fs::metadata(path).expect("a file").permissions().mode();
        assert_eq!(mode(&path), mode(&source), "permissions are those of any new file");
    }
    assert_eq!(file.write(folder.path().join("no/out.onnx")).expect_err("no folder").kind(), ErrorKind::NotFound);
}

#[test]
fn the_same_source_gives_the_same_bytes() {
    let first = import_bytes(data("unfolded.pb"), &fixed()).expect("an import");
    let second = import_bytes(data("unfolded.pb"), &fixed()).expect("an import");
    assert_eq!(first.bytes(), second.bytes());
}

#[test]
fn what_the_file_does_not_say_must_be_given() {
    assert_error(data("unfused.pb"), &named(), ErrorKind::InvalidArgument, &["standardisation", "2017"]);
    assert_error(data("unfused.pb"), &ImportOptions { name: None, ..fixed() }, ErrorKind::InvalidArgument, &["name"]);
    for input_size in [0, 74, 100_000] {
        let options = ImportOptions { input_size: Some(input_size), ..fixed() };
        assert_error(data("unfused.pb"), &options, ErrorKind::InvalidArgument, &[&input_size.to_string()]);
    }
    let file = foreign(&[0, 3, 112, 112], &[0, 128]).build();
    assert_error(file, &named(), ErrorKind::InvalidArgument, &["colour order", "standardisation", "alignment"]);
}

#[test]
fn a_foreign_onnx_file_becomes_a_model_by_a_description() {
    let original = foreign(&[0, 3, 112, 112], &[1, 128]).build();
    assert_eq!(ModelFile::from_bytes(original.clone()).expect_err("no description").kind(), ErrorKind::ModelInvalid);
    let file = import_bytes(original.clone(), &full()).expect("an import");
    let embedding = file.spec().embedding.as_ref().expect("an embedding network");
    assert_eq!((embedding.input_size, embedding.embedding_size), (112, 128));
    assert_eq!(embedding.color_order, ColorOrder::Bgr);
    assert_eq!(embedding.standardization, Standardization::Symmetric);
    assert!(file.bytes().starts_with(&original), "what was there is untouched");
    file.verify().expect("a whole model");

    // Another description of the same file replaces what it changes, and nothing else.
    let options = ImportOptions { standardization: Some(Standardization::Raw), ..ImportOptions::default() };
    let again = import_bytes(file.bytes(), &options).expect("an import");
    let mut expected = file.spec().clone();
    expected.embedding.as_mut().expect("an embedding network").standardization = Standardization::Raw;
    assert_eq!(*again.spec(), expected);
}

#[test]
fn a_foreign_onnx_file_of_any_input_size_needs_one() {
    let bytes = foreign(&[0, 3, 0, 0], &[0, 128]).build();
    assert_error(bytes.clone(), &full(), ErrorKind::InvalidArgument, &["input size"]);
    let file = import_bytes(bytes, &ImportOptions { input_size: Some(96), ..full() }).expect("an import");
    assert_eq!(file.spec().embedding.as_ref().expect("an embedding network").input_size, 96);
}

#[test]
fn foreign_onnx_files_of_other_kinds_are_refused() {
    let other = ErrorKind::ModelUnsupported;
    assert_error(foreign(&[0, 112, 112, 3], &[0, 128]).build(), &full(), other, &["channels first"]);
    assert_error(foreign(&[0, 1, 112, 112], &[0, 128]).build(), &full(), other, &["[n, 3, height, width]"]);
    assert_error(foreign(&[0, 3, 112, 112], &[0, 0]).build(), &full(), other, &["[n, width]"]);
    assert_error(foreign(&[0, 3, 112, 112], &[0, 9, 9]).build(), &full(), other, &["[n, width]"]);
    let two = foreign(&[0, 3, 112, 112], &[0, 128]);
    assert_error(two.input("mask", FLOAT, &[1]).build(), &full(), other, &["2 inputs", "data, mask"]);
    let two = foreign(&[0, 3, 112, 112], &[0, 128]);
    assert_error(two.output("boxes", FLOAT, &[1]).build(), &full(), other, &["2 outputs", "fc1, boxes"]);
    let integers = Model::default().input("data", INT64, &[0, 3, 112, 112]).output("fc1", FLOAT, &[0, 128]);
    assert_error(integers.build(), &full(), other, &["data type 7"]);
    assert_error(Model::default().build(), &full(), other, &["0 inputs"]);
    let wrong = ErrorKind::InvalidArgument;
    assert_error(foreign(&[0, 3, 112, 96], &[0, 128]).build(), &full(), wrong, &["96x112"]);
    let options = ImportOptions { input_size: Some(160), ..full() };
    assert_error(foreign(&[0, 3, 112, 112], &[0, 128]).build(), &options, wrong, &["112x112"]);
    let options = ImportOptions { architecture: Some(Architecture::InceptionResnetV1), ..full() };
    assert_error(foreign(&[0, 3, 112, 112], &[0, 128]).build(), &options, wrong, &["architecture"]);
}

#[test]
fn weights_listed_as_inputs_are_not_inputs() {
    let old = foreign(&[0, 3, 112, 112], &[0, 128]).input("weight", FLOAT, &[2, 2]).build();
    assert!(import_bytes(old, &full()).is_ok());
}

#[test]
fn files_of_other_kinds_are_told_apart() {
    let mut saved_model = vec![0x08, 1, 0x12, 0xac, 0x02];
    saved_model.resize(saved_model.len() + 300, 0);
    // A MetaGraphDef: general part, graph, saver.
    let meta = b"\x0a\x04\x2a\x022.\x12\x00\x1a\x03\x0a\x01a".to_vec();
    let cases: [(&[u8], &str); 14] = [
        (b"", "is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 94022009\n", "git lfs pull"),
        (b"\n <!DOCTYPE html><title>Quota exceeded</title>", "web page"),
        (b"\xef\xbb\xbf<html>", "web page"),
        (b"PK\x03\x04\x00\x00archive/data.pkl", "zip archive"),
        (b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.", "pickle"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"\x1c\x00\x00\x00TFL3", "TensorFlow Lite"),
        (b"model_checkpoint_path: \"model-20170512-110547.ckpt-250000\"", "freeze_graph"),
        (b"node {\n  name: \"input\"", "text form"),
        (&saved_model, "SavedModel"),
        (&meta, ".meta"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "no ONNX model"),
    ];
    for (bytes, words) in cases {
        assert_error(bytes, &full(), ErrorKind::ModelInvalid, &[words]);
        assert_eq!(ModelFile::from_bytes(bytes).expect_err("no model").kind(), ErrorKind::ModelInvalid, "{words}");
    }
}

#[test]
fn paths_that_are_no_files_are_named() {
    let missing = import("no/such/file.pb", &fixed()).expect_err("no file");
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    assert!(missing.to_string().contains("no/such/file.pb"), "{missing}");
    let folder = ModelFile::read(env!("CARGO_MANIFEST_DIR")).expect_err("a folder");
    assert_eq!(folder.kind(), ErrorKind::ModelInvalid);
    assert!(folder.to_string().contains("is a folder"), "{folder}");
}

#[test]
fn a_graph_that_lacks_a_layer_is_refused_by_its_name() {
    let graph = data("unfolded.pb");
    let bytes = replaced(
        graph.clone(),
        b"block17_3/Branch_1/Conv2d_0b_1x7/Conv2D\x12\x06Conv2D",
        b"block17_3/Branch_1/Conv2d_0b_1x7/Conv2E\x12\x06Conv2D",
    );
    let node = "block17_3/Branch_1/Conv2d_0b_1x7/Conv2D";
    assert_error(bytes, &fixed(), ErrorKind::ModelInvalid, &["has no node", node]);
    let bytes =
        replaced(graph.clone(), b"InceptionResnetV1/Conv2d_1a_3x3/Conv2D", b"InceptionResnetV2/Conv2d_1a_3x3/Conv2D");
    assert_error(bytes, &fixed(), ErrorKind::ModelUnsupported, &["no convolution", "Inception-ResNet-v1"]);
    // The constant of the first layer becomes a variable.
    let bytes = replaced(
        graph.clone(),
        b"InceptionResnetV1/Conv2d_1a_3x3/weights\x12\x05Const",
        b"InceptionResnetV1/Conv2d_1a_3x3/weights\x12\x05Varia",
    );
    assert_error(bytes, &fixed(), ErrorKind::ModelInvalid, &["Conv2d_1a_3x3/weights"]);
    let bytes = replaced(graph, b"VALID", b"SAME_");
    assert_error(bytes, &fixed(), ErrorKind::ModelUnsupported, &["padding", "VALID"]);
}

/// A weight of the test network in another state.
fn changed(name: &str, change: impl FnOnce(&mut Tensor)) -> Vec<u8> {
    let bytes = data("unfused.safetensors");
    let file = safetensors::SafeTensors::deserialize(&bytes).expect("a safetensors file");
    let mut weights: Weights = file
        .iter()
        .filter(|(_, view)| view.dtype() == safetensors::Dtype::F32)
        .map(|(name, view)| {
            let values = view.data().as_chunks().0.iter().map(|&value| f32::from_le_bytes(value)).collect();
            (name.to_owned(), Tensor { shape: view.shape().to_vec(), values })
        })
        .collect();
    let mut tensor = weights.remove(name).expect("the weight is there");
    change(&mut tensor);
    if !tensor.shape.is_empty() {
        weights.insert(name.to_owned(), tensor);
    }
    safetensors(&weights)
}

#[test]
fn weights_that_are_missing_misshapen_or_no_numbers_are_named() {
    let name = "repeat_2.3.branch1.1.conv.weight";
    assert!(import_bytes(changed(name, |_| ()), &fixed()).is_ok());
    let missing = changed(name, |tensor| tensor.shape.clear());
    assert_error(missing, &fixed(), ErrorKind::ModelInvalid, &[name, "missing"]);
    let misshapen = changed(name, |tensor| tensor.shape.swap(2, 3));
    assert_error(misshapen, &fixed(), ErrorKind::ModelInvalid, &[name, "shape"]);
    for value in [f32::NAN, f32::INFINITY] {
        let broken = changed(name, |tensor| tensor.values[5] = value);
        assert_error(broken, &fixed(), ErrorKind::ModelInvalid, &[name, "value 5", &value.to_string()]);
    }
    let negative = changed("last_bn.running_var", |tensor| tensor.values[2] = -1.0);
    assert_error(negative, &fixed(), ErrorKind::ModelInvalid, &["last_bn.running_var", "negative"]);
    let huge = changed(name, |tensor| tensor.values.fill(f32::MAX));
    assert_error(huge, &fixed(), ErrorKind::ModelInvalid, &["repeat_2.3.branch1.1", "overflows"]);
    let large = changed(name, |tensor| tensor.values.fill(1e6));
    assert!(import_bytes(large, &fixed()).is_ok(), "what does not fit 16 bits is stored in 32");
    let unknown = safetensors(&Weights::from([("fc.weight".into(), Tensor { shape: vec![1], values: vec![0.0] })]));
    assert_error(unknown, &fixed(), ErrorKind::ModelUnsupported, &["fc.weight", "ONNX"]);
    let options = ImportOptions { architecture: Some(Architecture::MtcnnOnet), ..named() };
    assert_error(data("unfused.safetensors"), &options, ErrorKind::ModelInvalid, &["conv1.weight", "missing"]);
}

#[test]
fn more_channels_than_any_network_has_are_refused() {
    let zeros = |shape: &[usize]| Tensor { shape: shape.to_vec(), values: vec![0.0; shape.iter().product()] };
    let weights = Weights::from([
        ("conv1.weight".into(), zeros(&[100_000, 3, 3, 3])),
        ("conv4_1.weight".into(), zeros(&[2, 1, 1, 1])),
    ]);
    assert_error(safetensors(&weights), &named(), ErrorKind::ModelUnsupported, &["conv1.weight", "100000"]);
}

#[test]
fn a_network_saved_as_part_of_another_is_found() {
    let bytes = data("unfused.safetensors");
    let plain = import_bytes(bytes.clone(), &fixed()).expect("an import");
    let file = safetensors::SafeTensors::deserialize(&bytes).expect("a safetensors file");
    let prefixed = file.iter().map(|(name, view)| (format!("module.net.{name}"), view));
    let prefixed = safetensors::serialize(prefixed, None).expect("a safetensors file");
    assert_eq!(import_bytes(prefixed, &fixed()).expect("an import").bytes(), plain.bytes());
}

#[test]
fn changed_weights_and_false_names_do_not_verify() {
    let file = import_bytes(data("unfused.pb"), &fixed()).expect("an import");
    let mut bytes = file.bytes().to_vec();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    let error = ModelFile::from_bytes(bytes).and_then(|file| file.verify()).expect_err("a changed file");
    assert_eq!(error.kind(), ErrorKind::ModelMismatch);
    let options = ImportOptions { name: Some("facenet-20180408-102900".into()), ..fixed() };
    let error = import_bytes(data("unfused.pb"), &options).expect("an import").verify().expect_err("a false name");
    assert_eq!(error.kind(), ErrorKind::ModelMismatch);
    assert!(error.to_string().contains("ships with this version"), "{error}");
}

#[test]
fn a_description_that_contradicts_the_graph_is_refused() {
    let file = import_bytes(foreign(&[0, 3, 112, 112], &[0, 128]).build(), &full()).expect("an import");
    let mut rebuilt = foreign(&[0, 3, 160, 160], &[0, 128]).build();
    rebuilt.extend(&file.bytes()[foreign(&[0, 3, 112, 112], &[0, 128]).build().len()..]);
    let error = ModelFile::from_bytes(rebuilt).expect_err("a contradiction");
    assert_eq!(error.kind(), ErrorKind::ModelInvalid);
    assert!(error.to_string().contains("does not fit"), "{error}");
}

#[test]
fn metadata_from_the_future_or_with_unknown_words_is_refused() {
    let described = |format: &str, task: &str| {
        foreign(&[0, 3, 112, 112], &[0, 128])
            .metadata("facenet.format", format)
            .metadata("facenet.task", task)
            .metadata("facenet.name", "test")
            .build()
    };
    let error = |bytes| ModelFile::from_bytes(bytes).expect_err("refused");
    assert_eq!(error(described("2", "embedding")).kind(), ErrorKind::ModelUnsupported);
    for (format, task, word) in [
        ("x", "embedding", "facenet.format"),
        ("1", "landmarks", "landmarks"),
        ("1", "embedding", "facenet.weights_sha256"),
    ] {
        let error = error(described(format, task));
        assert_eq!(error.kind(), ErrorKind::ModelInvalid);
        assert!(error.to_string().contains(word), "{error}");
    }
}
