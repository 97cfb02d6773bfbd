//! What trainings wrote down, by this library and by facenet's own programs.

use std::fs;
use std::path::Path;

use facenet::ErrorKind;
use facenet::train::read_history;

/// What `tests/data/training/make_logs.py` wrote, with h5py.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/training");

#[test]
fn the_log_folder_of_the_original_is_read() {
    let history = read_history(FOLDER).unwrap();
    let steps = || (1..=10).map(f64::from);
    assert_eq!(history.loss, steps().map(|step| (step, (11.0 - step) / 2.0)).collect::<Vec<_>>());
    assert_eq!(history.xent, steps().map(|step| (step, (11.0 - step) / 4.0)).collect::<Vec<_>>());
    assert_eq!(history.accuracy, steps().map(|step| (step, (step - 1.0) / 16.0)).collect::<Vec<_>>());
    assert_eq!(history.learning_rate, [(3.0, 0.5), (6.0, 0.5), (9.0, 0.25), (10.0, 0.25)]);
    // After three epochs of three steps; an accuracy of zero is one.
    assert_eq!(history.validation_loss, [(9.0, 1.5)]);
    assert_eq!(history.validation_accuracy, [(9.0, 0.0)]);
    assert_eq!(history.lfw_accuracy, [(3.0, 0.5), (6.0, 0.625), (9.0, 0.75)]);
    assert_eq!(history.lfw_validation_rate, [(3.0, 0.0), (6.0, 0.125), (9.0, 0.25)]);
}

#[test]
fn evaluations_alone_are_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("lfw_result.txt"), "300\t0.61250\t0.02000\n600\t0.70000\t0.10333\n").unwrap();
    let history = read_history(folder.path()).unwrap();
    assert_eq!(history.lfw_accuracy, [(300.0, 0.6125), (600.0, 0.7)]);
    assert_eq!(history.lfw_validation_rate, [(300.0, 0.02), (600.0, 0.10333)]);
    fs::write(folder.path().join("lfw_result.txt"), "nothing\n").unwrap();
    assert_eq!(read_history(folder.path()).unwrap_err().kind(), ErrorKind::DatasetInvalid);
}

#[test]
fn no_damage_of_a_file_of_statistics_is_fatal() {
    let whole = fs::read(Path::new(FOLDER).join("stat.h5")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let read = |bytes: &[u8]| {
        fs::write(folder.path().join("stat.h5"), bytes).unwrap();
        read_history(folder.path())
    };
    assert!(read(&whole).is_ok());
    for length in (0..whole.len() - 1).step_by(37) {
        // The end of the file holds numbers of which some are not read.
        if let Err(error) = read(&whole[..length]) {
            assert_eq!(error.kind(), ErrorKind::DatasetInvalid, "{error}");
            assert!(error.to_string().contains("stat.h5"), "{error}");
        }
    }
    assert!(read(&whole[..whole.len() / 4]).is_err());
    for place in (0..whole.len()).step_by(7) {
        for value in [0, 1, 0x7f, 0xff] {
            let mut damaged = whole.clone();
            damaged[place] = value;
            drop(read(&damaged));
        }
    }
}
