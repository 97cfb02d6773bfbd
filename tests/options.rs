//! Options by name and as text.

use std::path::Path;

use facenet::classify::ClassifierOptions;
use facenet::cluster::ClusterOptions;
use facenet::dataset::{AlignOptions, SplitOptions};
use facenet::evaluate::{BlufrOptions, CalibrationOptions, FoldOptions, RateOptions, ValidationOptions};
use facenet::export::ExportOptions;
use facenet::folder::FolderAlignmentOptions;
use facenet::options::Options;
use facenet::shards::PackOptions;
use facenet::{DetectorOptions, EmbedderOptions};

fn text_forms_lead_back<T: Options + PartialEq + std::fmt::Debug>() {
    let mut options = T::default();
    for field in T::FIELDS {
        options.set(field.name, (field.default)()).unwrap();
        assert!(!field.help.is_empty() && !(field.values)().is_empty(), "{}", field.name);
    }
    assert_eq!(options, T::default());
    assert!(options.check().is_ok());
}

#[test]
fn defaults_as_text_are_the_defaults() {
    text_forms_lead_back::<DetectorOptions>();
    text_forms_lead_back::<EmbedderOptions>();
    text_forms_lead_back::<ClusterOptions>();
    text_forms_lead_back::<ClassifierOptions>();
    text_forms_lead_back::<SplitOptions>();
    text_forms_lead_back::<FolderAlignmentOptions>();
    text_forms_lead_back::<AlignOptions>();
    text_forms_lead_back::<ExportOptions>();
    text_forms_lead_back::<PackOptions>();
    text_forms_lead_back::<FoldOptions>();
    text_forms_lead_back::<RateOptions>();
    text_forms_lead_back::<ValidationOptions>();
    text_forms_lead_back::<CalibrationOptions>();
    text_forms_lead_back::<BlufrOptions>();
}

#[test]
fn what_is_refused_says_what_is_allowed() {
    let mut options = DetectorOptions::default();
    let error = options.set("selection", "best").unwrap_err().to_string();
    assert_eq!(error, "selection is best: it must be one of all, largest, central, most-probable");
    options.set("factor", "1.5").unwrap();
    assert_eq!(options.check().unwrap_err().to_string(), "factor is 1.5: it must be a number from 0.1 to 0.95");
    assert!(options.set("colour", "red").unwrap_err().to_string().starts_with("there is no option colour"));
}

#[test]
fn models_are_known_by_their_contents() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("abc.onnx");
    std::fs::write(&path, b"abc").unwrap();
    let settings = |model| EmbedderOptions { model: Some(model), ..EmbedderOptions::default() }.settings();
    let file = settings(path.into());
    // FIPS 180-2, appendix B.1.
    let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(file["model"], format!("sha256:{sum}"));
    assert_eq!(file, settings(b"abc".to_vec().into()));
}

#[cfg(unix)]
#[test]
fn paths_need_not_be_unicode() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let path = |name: &'static [u8]| Path::new(OsStr::from_bytes(name));
    let mut embedder = EmbedderOptions::default();
    embedder.set("model", path(b"models/m\xff.onnx")).unwrap();
    assert_eq!(embedder.model.unwrap().path(), Some(path(b"models/m\xff.onnx")));
    let mut detector = DetectorOptions::default();
    detector.set("networks", path(b"p\xff.onnx,r.onnx,o\xfe.onnx")).unwrap();
    let networks = detector.networks.clone().unwrap();
    let paths = networks.each_ref().map(|network| network.path());
    assert_eq!(paths, [path(b"p\xff.onnx"), path(b"r.onnx"), path(b"o\xfe.onnx")].map(Some));
    assert!(detector.set("networks", path(b"p\xff.onnx,r.onnx")).is_err());
    assert!(detector.set("factor", path(b"0.7\xff")).is_err());
}
