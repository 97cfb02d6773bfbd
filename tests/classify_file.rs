//! Classifiers as files: kept whole, and refused if they are damaged.

use facenet::ErrorKind;
use facenet::classify::{
    Classifier, Method, SoftmaxOptions, SvmOptions, TemplateKind, TemplateOptions, ThresholdChoice,
};
use facenet::dataset::SplitOptions;
use proptest::prelude::*;
use testkit::classify::{People, fingerprint};

fn classifiers() -> Vec<Classifier> {
    let people = People::new(4, 6, 8, 0.6, 1);
    let template = |kind, threshold| Method::Template(TemplateOptions { kind, threshold, strangers: None });
    let methods = [
        template(TemplateKind::Mean, ThresholdChoice::Fpir(0.15)),
        template(TemplateKind::Each, ThresholdChoice::Score(0.3)),
        Method::Svm(SvmOptions::default()),
        Method::Softmax(SoftmaxOptions { threshold: Some(ThresholdChoice::Score(0.25)), ..Default::default() }),
    ];
    methods.iter().map(|method| people.train(method).unwrap()).collect()
}

fn bytes(classifier: &Classifier) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.facenet");
    classifier.save(&path).unwrap();
    std::fs::read(path).unwrap()
}

/// The file with a part of its header replaced by something of the same length.
fn with(bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let place = bytes.windows(old.len()).position(|window| window == old.as_bytes()).expect(old);
    let mut changed = bytes.to_vec();
    changed[place..place + new.len()].copy_from_slice(new.as_bytes());
    changed
}

#[test]
fn what_was_saved_is_loaded() {
    let queries = People::new(20, 2, 8, 0.6, 2);
    for classifier in classifiers() {
        let split = SplitOptions { min_images: 5, train_images: 3, seed: u64::MAX };
        let classifier = classifier.with_split(split);
        let loaded = Classifier::from_bytes(&bytes(&classifier)).unwrap();
        assert_eq!(loaded.split(), Some(split));
        assert_eq!((loaded.classes(), loaded.description()), (classifier.classes(), classifier.description()));
        let predict = |classifier: &Classifier| classifier.predict(queries.vectors.view(), fingerprint()).unwrap();
        assert_eq!(predict(&loaded), predict(&classifier));
    }
}

#[test]
fn files_of_something_else_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Classifier::load(folder.path()).unwrap_err().kind(), ErrorKind::ModelInvalid);
    assert_eq!(Classifier::load(folder.path().join("none")).unwrap_err().kind(), ErrorKind::NotFound);
    for content in [&b""[..], b"\x80\x04\x95pickle", &[0xff; 64], b"\x02\0\0\0\0\0\0\0{}"] {
        let path = folder.path().join("file");
        std::fs::write(&path, content).unwrap();
        let error = Classifier::load(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ModelInvalid);
        assert!(error.to_string().contains("file"), "{error}");
    }
}

#[test]
fn what_contradicts_itself_is_refused() {
    let all: Vec<Vec<u8>> = classifiers().iter().map(bytes).collect();
    let [mean, each, svm, softmax] = &all[..] else { panic!("four kinds") };
    let kind = |bytes: &[u8]| Classifier::from_bytes(bytes).unwrap_err().kind();
    assert_eq!(kind(&with(mean, r#"\"format\":1"#, r#"\"format\":2"#)), ErrorKind::ModelUnsupported);
    for damaged in [
        with(mean, r#"\"dimension\":8"#, r#"\"dimension\":9"#),
        with(mean, r#"\"dimension\":8"#, r#"\"dimension\":0"#),
        with(mean, "Person_1", "Person_2"),
        with(mean, r#"\"kind\":\"template\""#, r#"\"kind\":\"tamplete\""#),
        with(each, r#"\"threshold\":0."#, r#"\"threshold\":9."#),
        with(svm, r#""n_support""#, r#""m_support""#),
        with(svm, "F64", "I64"),
        with(softmax, r#""coef""#, r#""cofe""#),
        with(softmax, r#"\"threshold\":0."#, r#"\"threshold\":9."#),
        with(softmax, r#"\"dimension\":8"#, r#"\"dimension\":4"#),
    ] {
        assert_eq!(kind(&damaged), ErrorKind::ModelInvalid);
    }
    // The last bytes are weights: no number, and no length of one.
    for file in [mean, each, svm, softmax] {
        for value in [0xff, 0x7f] {
            let mut damaged = file.clone();
            let end = damaged.len();
            damaged[end - 8..].fill(value);
            assert_eq!(kind(&damaged), ErrorKind::ModelInvalid);
        }
    }
}

proptest! {
    #[test]
    fn damage_is_an_error_or_harmless(kind in 0usize..4, place in any::<prop::sample::Index>(), value: u8, cut in any::<prop::sample::Index>()) {
        let whole = bytes(&classifiers()[kind]);
        prop_assert!(Classifier::from_bytes(&whole[..cut.index(whole.len())]).is_err());
        let mut damaged = whole;
        let place = place.index(damaged.len());
        damaged[place] = value;
        if let Ok(classifier) = Classifier::from_bytes(&damaged) {
            let queries = People::new(3, 1, 8, 0.6, 2);
            let _ = classifier.predict(queries.vectors.view(), classifier.description().fingerprint);
        }
    }
}
