//! What is done with arbitrary bytes that are taken for a file which is no picture, by the fuzz targets here and by the bounded loop in
//! `tests/fuzz_files.rs`. Each function tells whether the file was accepted.

use std::fs;

use facenet::cluster::Placement;
use facenet::dataset::{AlignJob, AlignOptions};
use facenet::evaluate::{InsightfacePairs, Pairs, Profile};
use facenet::export::read_part;
use facenet::model::{Alignment, ColorOrder, ImportOptions, ModelFile, Standardization, import_bytes};
use facenet::shards::ShardFolder;
use facenet::store::{Stored, description_path, names_path};
use facenet::train::{TrainingSettings, read_history};
use facenet::{Classifier, ErrorKind, Result};

/// Whether a file was accepted. It may be refused for these reasons alone.
fn accepted<T>(result: &Result<T>, reasons: &[ErrorKind]) -> bool {
    if let Err(error) = result {
        assert!(reasons.contains(&error.kind()), "{:?}: {error}", error.kind());
        let message = error.to_string();
        assert!(message.len() < 3000 && !message.contains('\n'), "{} bytes: {message:.300}", message.len());
    }
    result.is_ok()
}

/// A model file of this library.
pub(crate) fn model(data: &[u8]) -> bool {
    let kinds = [ErrorKind::ModelInvalid, ErrorKind::ModelUnsupported, ErrorKind::ModelMismatch];
    let file = ModelFile::from_bytes(data).and_then(|file| {
        // What was changed in it is for its checksum to find.
        accepted(&file.verify(), &kinds);
        let again = ModelFile::from_bytes(file.bytes())?;
        assert_eq!((again.spec(), again.input_shape()), (file.spec(), file.input_shape()));
        Ok(())
    });
    accepted(&file, &kinds)
}

/// A model of others: ONNX, safetensors, or a frozen graph of TensorFlow.
pub(crate) fn import(data: &[u8]) -> bool {
    let options = ImportOptions {
        name: Some("fuzz".into()),
        input_size: Some(160),
        color_order: Some(ColorOrder::Rgb),
        standardization: Some(Standardization::Fixed),
        alignment: Some(Alignment::Arcface),
        ..ImportOptions::default()
    };
    let kinds =
        [ErrorKind::ModelInvalid, ErrorKind::ModelUnsupported, ErrorKind::ModelMismatch, ErrorKind::InvalidArgument];
    accepted(&import_bytes(data, &options), &kinds)
}

/// A classifier.
pub(crate) fn classifier(data: &[u8]) -> bool {
    let classifier = Classifier::from_bytes(data);
    if let Ok(classifier) = &classifier {
        let again = classifier.to_bytes().and_then(|bytes| Classifier::from_bytes(&bytes)).expect("what was read");
        assert_eq!(again.classes(), classifier.classes());
    }
    accepted(&classifier, &[ErrorKind::ModelInvalid, ErrorKind::ModelUnsupported])
}

/// Stored embeddings: [three files](joined), which are the matrix, the names and the description. An empty one is not there.
pub(crate) fn store(data: &[u8]) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("faces.npy");
    let [matrix, names, description] = split(data);
    for (path, content) in [(path.clone(), matrix), (names_path(&path), names), (description_path(&path), description)]
    {
        if !content.is_empty() {
            fs::write(path, content).expect("a file");
        }
    }
    let stored = Stored::read(&path).and_then(|stored| {
        assert_eq!(stored.names.len(), stored.values.nrows());
        let _ = stored.people();
        match stored.embeddings() {
            Err(error) if error.kind() != ErrorKind::Internal => Ok(()),
            embeddings => embeddings.map(drop),
        }
    });
    // Io: text that is not UTF-8.
    accepted(&stored, &[ErrorKind::DatasetInvalid, ErrorKind::NotFound, ErrorKind::Io])
}

/// A list of pairs of LFW.
pub(crate) fn pairs(data: &[u8]) -> bool {
    let pairs = Pairs::parse(&String::from_utf8_lossy(data)).map(|pairs| assert!(!pairs.images().is_empty()));
    accepted(&pairs, &[ErrorKind::DatasetInvalid])
}

/// Pairs of InsightFace, in a pickle.
pub(crate) fn insightface(data: &[u8]) -> bool {
    accepted(&InsightfacePairs::parse(data), &[ErrorKind::DatasetInvalid])
}

/// A tar file of pictures and its index, [joined]. An empty index is not there.
pub(crate) fn shard(data: &[u8]) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let [tar, index] = split(data);
    fs::write(folder.path().join("faces-00000.tar"), tar).expect("a file");
    if !index.is_empty() {
        fs::write(folder.path().join("faces-00000.index"), index).expect("a file");
    }
    let found = ShardFolder::find(folder.path()).map(|found| {
        let found = found.expect("there is a shard");
        for image in found.people().iter().flat_map(|person| &person.images) {
            let inside = image.strip_prefix("faces-00000.tar").expect("a path through the shard");
            let is_plain = |part| matches!(part, std::path::Component::Normal(_));
            assert!(inside.components().all(is_plain), "{}", image.display());
        }
    });
    accepted(&found, &[ErrorKind::DatasetInvalid])
}

/// Settings of a training.
pub(crate) fn settings(data: &[u8]) -> bool {
    accepted(&TrainingSettings::from_json(&String::from_utf8_lossy(data)), &[ErrorKind::InvalidArgument])
}

/// A profile of thresholds.
pub(crate) fn profile(data: &[u8]) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("profile.toml");
    fs::write(&path, data).expect("a file");
    let profile = Profile::read(&path).map(|profile| {
        profile.write(&path).expect("a profile can be written");
        assert_eq!(Profile::read(&path).expect("what was written"), profile);
    });
    // Io: text that is not UTF-8.
    accepted(&profile, &[ErrorKind::DatasetInvalid, ErrorKind::Unsupported, ErrorKind::Io])
}

/// The list of files that are being put into clusters.
pub(crate) fn placement(data: &[u8]) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("placement.unfinished.jsonl"), data).expect("a file");
    let placement = Placement::resume(folder.path()).map(|placement| {
        for entry in placement.expect("there is a list").entries() {
            assert!(entry.target.is_relative(), "{}", entry.target.display());
        }
    });
    accepted(&placement, &[ErrorKind::DatasetInvalid, ErrorKind::Io])
}

/// A part of an export, as the end of the job reads it.
pub(crate) fn part(data: &[u8]) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("part.parquet");
    fs::write(&path, data).expect("a file");
    accepted(&read_part(&path), &[ErrorKind::DatasetInvalid])
}

/// What a training noted of its steps.
pub(crate) fn history(data: &[u8]) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("history.jsonl"), data).expect("a file");
    accepted(&read_history(folder.path()), &[ErrorKind::DatasetInvalid])
}

/// The report of an earlier run, in the folder that faces are written to.
pub(crate) fn report(data: &[u8]) -> bool {
    let (input, output) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    fs::create_dir(input.path().join("Ada")).expect("a folder");
    fs::write(input.path().join("Ada/1.png"), b"").expect("a file");
    fs::write(output.path().join("align_report_00000.jsonl"), data).expect("a file");
    let job = AlignJob::plan(input.path(), output.path(), &AlignOptions::default());
    accepted(&job.map(drop), &[ErrorKind::InvalidArgument])
}

/// Several files as one: each but the last has its length before it.
#[allow(dead_code, reason = "for seeds")]
pub(crate) fn joined(files: &[&[u8]]) -> Vec<u8> {
    let (last, others) = files.split_last().expect("at least one file");
    let length = |file: &[u8]| u32::try_from(file.len()).expect("a small file").to_le_bytes();
    let mut data: Vec<u8> =
        others.iter().flat_map(|file| length(file).into_iter().chain(file.iter().copied())).collect();
    data.extend_from_slice(last);
    data
}

/// The files that were [joined]; empty ones where there are no bytes left.
fn split<const N: usize>(mut data: &[u8]) -> [&[u8]; N] {
    let mut files = [&[][..]; N];
    for file in &mut files[..N - 1] {
        let Some((length, rest)) = data.split_first_chunk() else { break };
        let length = (u32::from_le_bytes(*length) as usize).min(rest.len());
        (*file, data) = rest.split_at(length);
    }
    files[N - 1] = data;
    files
}
