//! `facenet compare` and `facenet embed` as a user runs them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use testkit::cli::{expect, program, stderr, stdout, write_gray, write_lfw};
use testkit::{has_runtime, photo};

fn json(output: &std::process::Output) -> Value {
    serde_json::from_str(&stdout(output)).unwrap_or_else(|e| panic!("{e}: {}", stderr(output)))
}

/// Reads a matrix of 32-bit floats in NumPy's format.
fn read_npy(path: &Path) -> (usize, Vec<f32>) {
    let bytes = fs::read(path).unwrap();
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    assert_eq!(start % 64, 0);
    let header = std::str::from_utf8(&bytes[10..start]).unwrap();
    assert!(header.contains("'<f4'") && header.contains("'fortran_order': False"), "{header}");
    let shape = header.split(['(', ')']).nth(1).unwrap();
    let sides: Vec<usize> = shape.split(',').filter_map(|side| side.trim().parse().ok()).collect();
    let values: Vec<f32> = bytes[start..].as_chunks().0.iter().map(|&value| f32::from_le_bytes(value)).collect();
    assert_eq!(values.len(), sides[0] * sides[1]);
    (sides[1], values)
}

fn euclidean(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt()
}

#[test]
fn the_matrix_looks_like_that_of_the_original() {
    if !has_runtime() {
        return;
    }
    let photos = ["obama.jpg", "obama2.jpg", "biden.jpg"].map(photo);
    let result = program(["compare"]).args(&photos).output().unwrap();
    expect(&result, 0);
    let text = stdout(&result);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "Images:");
    for (index, photo) in photos.iter().enumerate() {
        assert_eq!(lines[1 + index], format!("{index}: {}", photo.display()));
    }
    assert_eq!(lines[4..7], ["", "Distance matrix", "        0         1         2     "]);
    let rows: Vec<Vec<f32>> =
        lines[7..10].iter().map(|line| line.split_whitespace().map(|value| value.parse().unwrap()).collect()).collect();
    for (index, row) in rows.iter().enumerate() {
        assert_eq!(row[0], index as f32);
        assert_eq!(row[1 + index], 0.0);
        assert!((0..3).all(|other| row[1 + other] == rows[other][1 + index]), "the matrix is symmetric:\n{text}");
    }
    assert!(lines.iter().any(|line| line.starts_with("0 and 1: same person")), "{text}");
    assert!(lines.iter().any(|line| line.starts_with("0 and 2: different people")), "{text}");
    assert!(lines.iter().any(|line| line.starts_with("1 and 2: different people")), "{text}");
}

#[test]
fn the_exit_code_tells_who_is_the_same() {
    if !has_runtime() {
        return;
    }
    let compare = |images: [&str; 2], more: &[&str]| {
        let mut command = program(["compare", "--csv"]);
        let result = command.args(images.map(photo)).args(more).output().unwrap();
        (result.status.code().unwrap(), stdout(&result).trim_end().ends_with("true"))
    };
    assert_eq!(compare(["obama.jpg", "biden.jpg"], &[]), (0, false));
    assert_eq!(compare(["obama.jpg", "biden.jpg"], &["--exit-code"]), (3, false));
    assert_eq!(compare(["obama.jpg", "obama2.jpg"], &["--exit-code"]), (0, true));
    assert_eq!(compare(["obama.jpg", "obama2.jpg"], &["--exit-code", "--threshold", "0.01"]), (3, false));
    assert_eq!(compare(["obama.jpg", "biden.jpg"], &["--exit-code", "--threshold", "9"]), (0, true));
}

#[test]
fn a_picture_without_a_face_is_named_and_the_others_are_compared() {
    if !has_runtime() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let gray = dir.path().join("gray.png");
    write_gray(&gray);
    let result =
        program(["compare", "--json"]).args([&photo("obama.jpg"), &gray, &photo("obama2.jpg")]).output().unwrap();
    expect(&result, 1);
    assert!(stderr(&result).contains("gray.png: no face found"), "{}", stderr(&result));
    let comparison = json(&result);
    assert_eq!(comparison["failures"][0]["image"], gray.display().to_string());
    assert_eq!(comparison["pairs"].as_array().unwrap().len(), 1);
    assert_eq!(comparison["pairs"][0]["same"], true);

    let alone = program(["compare"]).args([&photo("obama.jpg"), &gray]).output().unwrap();
    expect(&alone, 1);
    assert!(stderr(&alone).contains("needs two faces, and only one was found"), "{}", stderr(&alone));
    assert_eq!(stdout(&alone), "");
}

#[test]
fn a_program_gets_its_json_though_there_is_nothing_to_compare() {
    if !has_runtime() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let gray = dir.path().join("gray.png");
    write_gray(&gray);
    for (images, faces, said) in
        [(vec![gray.clone()], 0, "none was found"), (vec![photo("obama.jpg"), gray], 1, "only one was found")]
    {
        let result = program(["compare", "--json"]).args(images).output().unwrap();
        expect(&result, 1);
        assert!(stderr(&result).contains(said), "{}", stderr(&result));
        let comparison = json(&result);
        let count = |list: &str| comparison[list].as_array().unwrap().len();
        assert_eq!((count("faces"), count("pairs"), count("failures")), (faces, 0, 1), "{comparison:#}");
    }
}

#[test]
fn every_face_of_a_picture_can_be_compared() {
    if !has_runtime() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let both = dir.path().join("both.png");
    let [left, right] = ["obama.jpg", "biden.jpg"].map(|name| image::open(photo(name)).unwrap().into_rgb8());
    let mut canvas = image::RgbImage::new(left.width() + right.width(), left.height().max(right.height()));
    image::imageops::replace(&mut canvas, &left, 0, 0);
    image::imageops::replace(&mut canvas, &right, i64::from(left.width()), 0);
    canvas.save(&both).unwrap();

    let result = program(["compare", "--json", "--face", "all", "--thresholds=0.6,0.7,0.99"])
        .args([&both, &photo("obama2.jpg")])
        .output()
        .unwrap();
    expect(&result, 0);
    let comparison = json(&result);
    let names: Vec<&str> =
        comparison["faces"].as_array().unwrap().iter().map(|face| face["name"].as_str().unwrap()).collect();
    let both = both.display();
    assert_eq!(names, [format!("{both}#1"), format!("{both}#2"), photo("obama2.jpg").display().to_string()]);
    let same = comparison["pairs"].as_array().unwrap().iter().filter(|pair| pair["same"] == true).count();
    assert_eq!(same, 1, "{comparison:#}");
}

#[test]
fn distances_are_those_of_the_embeddings() {
    if !has_runtime() {
        return;
    }
    let photos = ["obama.jpg", "biden.jpg"].map(photo);
    let comparison = json(&program(["compare", "--json"]).args(&photos).output().unwrap());
    let exported = json(&program(["embed", "-o", "-"]).args(&photos).output().unwrap());
    assert_eq!(comparison["fingerprint"], exported["fingerprint"]);
    let vectors: Vec<Vec<f32>> = exported["faces"]
        .as_array()
        .unwrap()
        .iter()
        .map(|face| serde_json::from_value(face["embedding"].clone()).unwrap())
        .collect();
    assert!(vectors.iter().all(|vector| vector.len() == exported["dimension"]));
    assert!((euclidean(&vectors[0], &vec![0.0; vectors[0].len()]) - 1.0).abs() < 1e-5, "vectors have length one");
    let distance = comparison["distances"][0][1].as_f64().unwrap() as f32;
    let expected = match comparison["metric"].as_str().unwrap() {
        "euclidean" => euclidean(&vectors[0], &vectors[1]),
        "squared-euclidean" => euclidean(&vectors[0], &vectors[1]).powi(2),
        metric => panic!("{metric}"),
    };
    assert!((distance - expected).abs() < 1e-5, "{distance} is not {expected}");
}

#[test]
fn embeddings_of_a_folder_are_those_of_the_original() {
    let Some(reference) = testkit::reference::reference_data().filter(|_| has_runtime()) else { return };
    let names = fs::read_to_string(reference.join("golden/lfw_names.txt")).unwrap();
    let (columns, golden) = read_npy(&reference.join("golden/lfw_embeddings_fixed.npy"));
    let golden: HashMap<&str, &[f32]> = names.lines().zip(golden.chunks(columns)).collect();

    let dir = tempfile::tempdir().unwrap();
    write_lfw(&reference, dir.path(), |name| golden.contains_key(name), 12);
    let out = dir.path().join("vectors.npy");
    let result = program(["embed", "--face", "central", "-o"]).arg(&out).arg(dir.path()).output().unwrap();
    expect(&result, 0);
    let names = fs::read_to_string(dir.path().join("vectors.names.txt")).unwrap();
    let names: Vec<PathBuf> = names.lines().map(PathBuf::from).collect();
    let (found, vectors) = read_npy(&out);
    assert_eq!((found, names.len()), (columns, 12));
    for (name, vector) in names.iter().zip(vectors.chunks(columns)) {
        let expected = golden[name.file_stem().unwrap().to_str().unwrap()];
        // Different people are about 1.4 apart.
        let distance = euclidean(vector, expected);
        assert!(distance < 0.05, "{} is {distance} from the original's", name.display());
    }
}

#[test]
fn aligned_faces_are_embedded_as_they_are() {
    let Some(reference) = testkit::reference::reference_data().filter(|_| has_runtime()) else { return };
    let dir = tempfile::tempdir().unwrap();
    let crop = reference.join("golden/crops/AJ_Lamas_0001.png");
    let small = dir.path().join("small.png");
    write_gray(&small);
    let out = dir.path().join("vectors.json");
    let result = program(["embed", "--aligned", "-o"]).arg(&out).args([&crop, &small]).output().unwrap();
    expect(&result, 1);
    assert!(stderr(&result).contains("small.png: an aligned face for"), "{}", stderr(&result));
    let exported: Value = serde_json::from_slice(&fs::read(&out).unwrap()).unwrap();
    assert_eq!(exported["faces"].as_array().unwrap().len(), 1);
    assert_eq!(exported["faces"][0].get("box"), None);
}

#[test]
fn only_formats_that_are_known_are_written() {
    let dir = tempfile::tempdir().unwrap();
    let result = program(["embed", "-o", "vectors.csv"]).arg(dir.path()).output().unwrap();
    expect(&result, 2);
    let empty = program(["embed", "-o", "-"]).arg(dir.path()).output().unwrap();
    expect(&empty, 1);
    assert!(stderr(&empty).contains("no image in the folder"), "{}", stderr(&empty));
}

#[cfg(unix)]
#[test]
fn a_name_that_is_not_unicode_is_refused_before_the_work() {
    use std::os::unix::ffi::OsStrExt;

    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("Ada")).unwrap();
    fs::write(dir.path().join("Ada").join(std::ffi::OsStr::from_bytes(b"caf\xe9.jpg")), b"").unwrap();
    let out = dir.path().join("out.npy");
    // The work would fail too: there is no such library.
    let result =
        program(["embed", "--ort-library", "/nowhere", "-o"]).args([&out, &dir.path().join("Ada")]).output().unwrap();
    expect(&result, 1);
    assert!(stderr(&result).contains("not Unicode") && stderr(&result).contains("caf"), "{}", stderr(&result));
    assert!(!out.exists());
}

#[test]
fn a_bad_place_for_embeddings_is_told_before_the_work_and_leaves_the_old_files() {
    let dir = tempfile::tempdir().unwrap();
    let folder = |name: &str| {
        let path = dir.path().join(name);
        fs::create_dir(&path).unwrap();
        path
    };
    let (npy, json) = (folder("folder.npy"), folder("folder.json"));
    folder("half.names.txt");
    let half = dir.path().join("half.npy");
    fs::write(&half, "old").unwrap();
    for output in [&npy, &json, &half, &dir.path().join("absent/out.npy"), &dir.path().join("absent/out.json")] {
        // The work would fail too: there is no such library.
        let result =
            program(["embed", "--ort-library", "/nowhere", "-o"]).args([output, &photo("obama.jpg")]).output().unwrap();
        expect(&result, 1);
        let said = stderr(&result);
        assert!(said.contains("cannot write") && !said.contains("ONNX"), "{said}");
    }
    assert_eq!(fs::read(&half).unwrap(), b"old");
    assert_eq!(dir.path().read_dir().unwrap().count(), 4);
}

#[test]
fn a_threshold_is_a_number() {
    for threshold in ["nan", "inf", "-inf", "1e39", "near"] {
        let result =
            program(["compare", &format!("--threshold={threshold}")]).arg(photo("obama.jpg")).output().unwrap();
        expect(&result, 2);
        assert!(stderr(&result).contains(threshold), "{}", stderr(&result));
    }
}

#[cfg(unix)]
#[test]
fn a_model_may_have_a_name_that_is_not_unicode() {
    use std::os::unix::ffi::OsStrExt;

    if !has_runtime() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join(std::ffi::OsStr::from_bytes(b"m\xff.onnx"));
    std::os::unix::fs::symlink(testkit::model::shipped("facenet-20180408-102900.onnx"), &model).unwrap();
    let photos = ["biden.jpg", "obama.jpg"].map(photo);
    let result = program(["compare", "--model"]).arg(&model).args(photos).output().unwrap();
    expect(&result, 0);
}
