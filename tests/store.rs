//! Embeddings on disk.

use std::fs;
use std::path::Path;

use facenet::store::{self, Description, Stored};
use facenet::{ErrorKind, Fingerprint, Metric};
use ndarray::{Array2, array};
use ndarray_npy::write_npy;
use proptest::prelude::*;

fn description(dimension: usize) -> Description {
    Description { model: "a model".into(), fingerprint: Fingerprint::of("x"), dimension, metric: Metric::Euclidean }
}

/// Stored rows with these names.
fn with_names(path: &Path, folder: Option<&str>, names: &[&str]) -> Stored {
    let values = Array2::from_elem((names.len(), 2), 0.5f32);
    store::write(path, &description(2), folder, names.iter().copied(), values.view()).unwrap();
    Stored::read(path).unwrap()
}

proptest! {
    #[test]
    fn every_name_comes_back(names in prop::collection::vec("[a/\\\\nr\n\r#é ]{0,12}", 1..6)) {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let stored = with_names(&folder.path().join("x.npy"), None, &names);
        prop_assert_eq!(stored.names, names);
    }
}

#[test]
fn people_are_those_of_the_folder_that_was_stored() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.npy");
    let names = ["faces/Ada/2019/1.png", "faces/Ada/2.png", "faces/Bob/2019/3.png#2", "faces/loose.png"];
    let stored = with_names(&path, Some("faces"), &names);
    assert_eq!(stored.people().unwrap(), [Some("Ada"), Some("Ada"), Some("Bob"), None]);

    let relative = with_names(&path, Some(""), &["Ada/2019/1.png", "loose.png"]);
    assert_eq!(relative.people().unwrap(), [Some("Ada"), None]);

    // Of a list by others, names of one depth leave nothing open, names of several do.
    let of_others = with_names(&path, None, &["a/Ada/1.png", "a/Bob/2.png"]);
    assert_eq!(of_others.people().unwrap(), [Some("Ada"), Some("Bob")]);
    for unclear in [&["a/Ada/1.png", "a/Ada/2019/1.png"][..], &["1.png", "2.png"]] {
        let error = with_names(&path, None, unclear).people().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DatasetInvalid);
    }
}

#[test]
fn an_array_that_claims_more_than_it_holds_is_refused_before_memory_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.npy");
    write_npy(&path, &array![[1.0f32, 2.0]]).unwrap();
    let honest = fs::read(&path).unwrap();
    for shape in ["(100000000000, 512)", "(99999999999999999999, 2)", "(3, 2)"] {
        let text = String::from_utf8_lossy(&honest[10..128]).replace("(1, 2)", shape);
        let mut lying = honest[..10].to_vec();
        lying.extend(text.trim_end().bytes());
        lying.resize(127, b' ');
        lying.push(b'\n');
        lying.extend(&honest[128..]);
        fs::write(&path, &lying).unwrap();
        let error = Stored::read(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DatasetInvalid, "{error}");
    }
}

/// A file in NumPy's format with this header.
fn npy(version: u8, header: &str, data: &[u8]) -> Vec<u8> {
    let mut file = vec![0x93, b'N', b'U', b'M', b'P', b'Y', version, 0];
    match version {
        1 => file.extend((header.len() as u16).to_le_bytes()),
        _ => file.extend((header.len() as u32).to_le_bytes()),
    }
    file.extend(header.bytes());
    file.extend(data);
    file
}

#[test]
fn whatever_numpy_may_write_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.npy");
    let values = [1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0];
    let little: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let double: Vec<u8> = values.iter().flat_map(|&value| f64::from(value).to_be_bytes()).collect();
    let c = array![[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]];
    let fortran = array![[1.0f32, 3.0, 5.0], [2.0, 4.0, 6.0]];
    let cases = [
        (1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }  \n", &little, &c),
        (2, r#"{"shape":(2,3),"descr":"<f4","fortran_order":False}"#, &little, &c),
        (3, "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3)}", &little, &fortran),
        (1, "{'descr': '>f8', 'fortran_order': False, 'shape': (2, 3), }", &double, &c),
    ];
    for (version, header, data, expected) in cases {
        fs::write(&path, npy(version, header, data)).unwrap();
        assert_eq!(&Stored::read(&path).unwrap().values, expected, "{header}");
    }
}

#[test]
fn headers_of_any_spelling_take_no_memory_for_what_is_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.npy");
    for header in [
        r#"{"descr": "<f4", "fortran_order": False, "shape": (1000000000, 512)}"#,
        "{'shape' :(1000000000, 512), 'descr':'<f8', 'fortran_order': True}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (9000000000000000000, 0)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 4)}",
        "{'descr': '|O', 'fortran_order': False, 'shape': (1, 4)}",
        "{'descr': '<f4', 'shape': (1, 4)}",
        "{",
        "",
    ] {
        fs::write(&path, npy(2, header, &[0; 16])).unwrap();
        let error = Stored::read(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DatasetInvalid, "{header}: {error}");
    }
    fs::write(&path, b"\x93NUMPY\x02\0\xff\xff\xff\xff").unwrap();
    assert_eq!(Stored::read(&path).unwrap_err().kind(), ErrorKind::DatasetInvalid);
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.npy");
    with_names(&path, None, &["a", "b"]);
    fs::write(store::names_path(&path), "a\n").unwrap();
    assert!(Stored::read(&path).unwrap_err().to_string().contains("1 names for 2 rows"));
    write_npy(&path, &array![[1.0f64, 2.0, 3.0]]).unwrap();
    assert!(Stored::read(&path).unwrap_err().to_string().contains("3 columns where the description says 2"));
    write_npy(&path, &array![[1i32]]).unwrap();
    assert_eq!(Stored::read(&path).unwrap_err().kind(), ErrorKind::DatasetInvalid);
    let names = ["a"];
    let error = store::write(&path, &description(3), None, names, array![[1.0, 2.0]].view()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DimensionMismatch);
}

#[test]
fn files_of_two_runs_are_not_taken_for_one() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, people: [&str; 2], values: Array2<f32>| {
        let path = folder.path().join(name);
        store::write(&path, &description(2), None, people, values.view()).unwrap();
        path
    };
    let old = write("old.npy", ["Ada/1.png", "Bob/1.png"], array![[1.0, 0.0], [0.0, 1.0]]);
    let new = write("new.npy", ["Bob/1.png", "Cy/1.png"], array![[0.0, 1.0], [-1.0, 0.0]]);
    // As a kill between the renames of the new files over the old ones would leave them.
    for beside in ["names.txt", "model.json"] {
        let kept = fs::read(old.with_extension(beside)).unwrap();
        fs::copy(new.with_extension(beside), old.with_extension(beside)).unwrap();
        let error = Stored::read(&old).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DatasetInvalid, "{error}");
        assert!(error.to_string().contains("names.txt"), "{error}");
        fs::write(old.with_extension(beside), kept).unwrap();
    }
    assert_eq!(Stored::read(&old).unwrap().names, ["Ada/1.png", "Bob/1.png"]);

    // Files of before there were checksums.
    let about = old.with_extension("model.json");
    let mut json: serde_json::Value = serde_json::from_slice(&fs::read(&about).unwrap()).unwrap();
    assert!(json.as_object_mut().unwrap().remove("checksum").is_some());
    fs::write(&about, json.to_string()).unwrap();
    assert!(Stored::read(&old).is_ok());
}
