//! `facenet validate` and `facenet calibrate` as a user runs them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use facenet::store::Description;
use facenet::{Fingerprint, Metric};
use ndarray::Array2;
use serde_json::Value;
use testkit::cli::{expect, program, run, stderr, stdout, write_gray};
use testkit::{has_runtime, photo};

fn json(output: &std::process::Output) -> Value {
    serde_json::from_str(&stdout(output)).unwrap_or_else(|e| panic!("{e}: {}", stderr(output)))
}

/// A folder of two people with the photos of the source tree, and a list of pairs in it.
fn people() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, image: PathBuf| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(image, path).unwrap();
    };
    for (number, image) in ["obama.jpg", "obama2.jpg", "obama3.jpg"].iter().enumerate() {
        put(&format!("Obama/Obama_{:04}.jpg", number + 1), photo(image));
    }
    put("Biden/Biden_0001.jpg", photo("biden.jpg"));
    put("Eileen Collins/Eileen Collins_0001.png", photo("astronaut.png"));
    let pairs = "Obama\t1\t2\nObama\t1\tBiden\t1\nObama\t1\t3\nObama\t2\tEileen Collins\t1\n\
                 Obama\t2\t3\nBiden\t1\tEileen Collins\t1\n";
    fs::write(folder.path().join("pairs.txt"), pairs).unwrap();
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn photos_are_validated_and_reported() {
    if !has_runtime() {
        return;
    }
    let folder = people();
    let of = |name: &str| folder.path().join(name).display().to_string();
    let (report, roc, det) = (of("report.html"), of("roc.svg"), of("det.png"));
    let files = ["--report", &report, "--roc", &roc, "--det", &det];
    let common = ["validate", text(folder.path()), "--raw", "--lfw_nrof_folds", "3", "--quiet"];
    let result = run(common.iter().chain(&files));
    expect(&result, 0);
    let lines = stdout(&result);
    let lines: Vec<&str> = lines.lines().collect();
    // So few pairs train no good threshold, but every pair of one person is nearer than every pair of two.
    assert!(lines[0].starts_with("Accuracy: ") && lines[0].contains("+-"), "{lines:?}");
    assert!(lines[1].starts_with("Validation rate: ") && lines[1].contains(" @ FAR="), "{lines:?}");
    assert_eq!(lines[2..4], ["Area Under Curve (AUC): 1.000", "Equal Error Rate (EER): 0.000"]);
    assert!(lines.iter().any(|line| line.starts_with("FMR 0.001: not supported")), "{lines:?}");
    let page = fs::read_to_string(report).unwrap();
    assert_eq!(page.matches("data:image/jpeg;base64,").count(), 12);
    assert!(page.contains("<svg") && page.contains("Eileen Collins/Eileen Collins_0001"));
    assert!(fs::read_to_string(roc).unwrap().contains("True match rate"));
    assert!(fs::read(det).unwrap().starts_with(b"\x89PNG"));

    let flipped = ["--use_flipped_images", "--subtract_mean", "--distance_metric", "1", "--json"];
    let result = run(common.iter().chain(&flipped));
    expect(&result, 0);
    let found = json(&result);
    assert_eq!(found["options"]["mirror"], "concatenate");
    assert_eq!(found["options"]["metric"], "angular");
    assert_eq!((&found["pairs"], &found["pairs_left_out"]), (&6.into(), &0.into()));
    assert_eq!(found["rates"]["genuine"], 3);
}

#[test]
fn what_is_missing_is_named_and_counted() {
    if !has_runtime() {
        return;
    }
    let folder = people();
    fs::remove_file(folder.path().join("Biden/Biden_0001.jpg")).unwrap();
    write_gray(&folder.path().join("Obama/Obama_0003.png"));
    fs::remove_file(folder.path().join("Obama/Obama_0003.jpg")).unwrap();
    let result = run(["validate", text(folder.path()), "--raw", "--lfw-nrof-folds", "3", "--quiet"]);
    expect(&result, 2);
    assert!(stderr(&result).contains("use fewer folds"), "{}", stderr(&result));

    let pairs = folder.path().join("more.txt");
    let more = "Obama\t1\t2\nObama\t1\tEileen Collins\t1\nObama\t1\t3\nObama\t2\tBiden\t1\n\
                Obama\t2\t1\nObama\t2\tEileen Collins\t1\n";
    fs::write(&pairs, more).unwrap();
    let args =
        ["validate", text(folder.path()), "--raw", "--lfw-pairs", text(&pairs), "--lfw-nrof-folds", "2", "--json"];
    let result = run(args);
    expect(&result, 0);
    let found = json(&result);
    assert_eq!(found["missing"][0]["image"], "Biden/Biden_0001");
    assert_eq!(found["failed"][0]["image"], "Obama/Obama_0003");
    assert_eq!((&found["pairs"], &found["pairs_left_out"]), (&6.into(), &2.into()));
    assert_eq!(found["failure_to_acquire_rate"], 0.25);
    assert!(stderr(&result).contains("Biden/Biden_0001"), "{}", stderr(&result));
}

#[test]
fn the_reason_is_said_when_no_pair_can_be_compared() {
    if !has_runtime() {
        return;
    }
    // Photos where aligned faces are expected.
    let folder = people();
    let photos = run(["validate", text(folder.path()), "--lfw-nrof-folds", "3"]);
    expect(&photos, 1);
    let said = stderr(&photos);
    assert!(said.contains("160x160") && said.contains("--raw") && !said.contains("has both"), "{said}");

    // Names as the alignment of several faces gives them, and a list whose folds have one kind of pair.
    let several = tempfile::tempdir().unwrap();
    fs::create_dir(several.path().join("Obama")).unwrap();
    for number in [1, 2] {
        write_gray(&several.path().join(format!("Obama/Obama_000{number}_0.png")));
    }
    let list = several.path().join("pairs.txt");
    fs::write(&list, "Obama\t1\t2\n").unwrap();
    let named = run(["validate", text(several.path()), "--lfw-nrof-folds", "2"]);
    expect(&named, 1);
    assert!(stderr(&named).contains("Obama/Obama_0001.jpg"), "{}", stderr(&named));
    assert!(stderr(&named).contains("Obama_0001_0.png"), "{}", stderr(&named));

    fs::write(folder.path().join("pairs.txt"), "Obama\t1\t2\nObama\t1\t3\nObama\t2\tBiden\t1\n").unwrap();
    let kinds = run(["validate", text(folder.path()), "--raw", "--lfw-nrof-folds", "2"]);
    expect(&kinds, 2);
    let said = stderr(&kinds);
    assert!(said.contains("fold 1 of 2 has") && !said.contains("images/s"), "{said}");
}

#[test]
fn what_cannot_be_validated_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let result = run(["validate", text(folder.path())]);
    expect(&result, 1);
    assert!(stderr(&result).contains("--lfw-pairs"), "{}", stderr(&result));
    let list = folder.path().join("pairs.txt");
    fs::write(&list, "A\t1\t2\nA\t1\n").unwrap();
    let result = run(["validate", text(folder.path())]);
    expect(&result, 1);
    assert!(stderr(&result).contains("line 2"), "{}", stderr(&result));
    let result = run(["validate", text(folder.path()), "--roc", "roc.gif"]);
    expect(&result, 2);
    let result = run(["validate", text(folder.path()), "--distance-metric", "2"]);
    expect(&result, 2);
    let result = run(["validate", text(folder.path()), "--protocol", "blufr", "--roc", "roc.svg"]);
    expect(&result, 2);
    let result = run(["validate", text(&list), "--protocol", "blufr"]);
    expect(&result, 1);
    let result = run(["validate", text(&list)]);
    expect(&result, 1);
    assert!(stderr(&result).contains("InsightFace"), "{}", stderr(&result));
}

/// The line that `validate` or `calibrate` fails with, for wrong usage that is found before any work.
#[track_caller]
fn refused(args: &[&str]) -> String {
    let result = run(args);
    expect(&result, 2);
    assert!(stdout(&result).is_empty());
    stderr(&result)
}

/// Nothing here needs a model: all is refused before one is read.
#[test]
fn what_can_be_known_before_is_refused_before() {
    let folder = people();
    let photos = text(folder.path());
    let missing = folder.path().join("none/file.html");
    for options in [&["--fmr", "7"][..], &["--confidence", "2"], &["--lfw-nrof-folds", "1"], &["--fmr", "nan"]] {
        refused(&[&["validate", photos], options].concat());
    }
    for options in [&["--fmr", "7"][..], &["--confidence", "2"]] {
        refused(&[&["calibrate", photos], options].concat());
    }
    for (command, option, name) in [
        ("validate", "--report", "file.html"),
        ("validate", "--roc", "file.svg"),
        ("validate", "--det", "file.svg"),
        ("calibrate", "--output", "file.toml"),
        ("calibrate", "--model-out", "file.onnx"),
    ] {
        let result = run([command, photos, option, text(&missing.with_file_name(name))]);
        expect(&result, 1);
        assert!(stderr(&result).contains(name), "{}", stderr(&result));
    }
    for command in ["validate", "calibrate"] {
        assert!(refused(&[command, photos, "--raw", "--face", "all"]).contains("--face all"));
    }
    let blufr = ["validate", photos, "--protocol", "blufr"];
    for options in [
        &["--distance-metric", "1"][..],
        &["--subtract-mean"],
        &["--lfw-pairs", "pairs.txt"],
        &["--lfw-nrof-folds", "10"],
        &["--fmr", "0.5"],
        &["--replicates", "5"],
    ] {
        assert!(refused(&[&blufr[..], options].concat()).contains("leave out"));
    }
    assert!(refused(&["validate", photos, "--blufr-trials", "3"]).contains("--protocol blufr"));
    // Five images of three people.
    assert!(refused(&blufr).contains("3 people, 1 of them with two pictures or more"));
    let empty = [&blufr[..], &["--blufr-training-people", "0", "--blufr-gallery-people", "0"]].concat();
    assert!(refused(&empty).contains("gallery"));
}

/// Stored embeddings of 40 people, two pictures each.
fn stored(folder: &Path) -> PathBuf {
    let path = folder.join("stored.npy");
    let description = Description {
        model: "a test".into(),
        fingerprint: Fingerprint::of("a test"),
        dimension: 40,
        metric: Metric::Euclidean,
    };
    // Pictures of one person differ a little, and people are at right angles.
    let values = Array2::from_shape_fn((80, 40), |(row, column)| {
        f32::from(u8::from(row / 2 == column)) + if row % 40 == column { 0.1 } else { 0.0 }
    });
    let names: Vec<String> = (0..80).map(|row| format!("p{}/{row}.png", row / 2)).collect();
    facenet::store::write(&path, &description, None, names.iter().map(String::as_str), values.view()).unwrap();
    path
}

#[test]
fn stored_embeddings_are_measured_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let stored = stored(folder.path());
    let stored = text(&stored);
    for options in [&["--raw"][..], &["--model", "x.onnx"], &["--standardization", "fixed"]] {
        assert!(refused(&[&["calibrate", stored], options].concat()).contains("stored already"));
        assert!(refused(&[&["validate", stored, "--protocol", "blufr"], options].concat()).contains("stored already"));
    }
    let sizes = ["--blufr-training-people", "5", "--blufr-gallery-people", "12", "--blufr-trials", "3", "--json"];
    let result = run(["validate", stored, "--protocol", "blufr"].iter().chain(&sizes));
    expect(&result, 0);
    let found = json(&result);
    assert_eq!(found["trials"].as_array().map(Vec::len), Some(3));
    assert_eq!(
        (&found["trials"][0]["genuine_probes"], &found["trials"][0]["impostor_probes"]),
        (&12.into(), &46.into())
    );
}

/// A child that does not outlive the test, however that ends.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

/// More replicates than there is time for.
#[test]
fn a_long_calibration_is_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let stored = stored(folder.path());
    let profile = folder.path().join("profile.toml");
    let args = ["calibrate", text(&stored), "--fmr", "0.1", "--replicates", "1000000000", "-o", text(&profile)];
    let mut child = Running(program(args).stderr(Stdio::piped()).spawn().unwrap());
    // It says how far it is, so it is in the midst of it.
    let mut line = String::new();
    let mut reader = BufReader::new(child.0.stderr.take().unwrap());
    reader.read_line(&mut line).unwrap();
    assert!(line.contains(" steps"), "{line}");
    // SAFETY: sends a signal to a child that has not been waited for, so that its number is no other's.
    assert_eq!(unsafe { libc::kill(child.0.id() as i32, libc::SIGINT) }, 0);
    assert_eq!(child.0.wait().unwrap().code(), Some(130));
    assert!(!profile.exists());
}

/// Bytes in Python's pickle format, protocol 3, as CPython writes them for `([b"...", ...], [True, ...])`.
fn pickle(images: &[Vec<u8>], same: &[bool]) -> Vec<u8> {
    let mut bytes = b"\x80\x03](".to_vec();
    for image in images {
        bytes.push(b'B');
        bytes.extend((image.len() as u32).to_le_bytes());
        bytes.extend(image);
    }
    bytes.extend(b"e](");
    bytes.extend(same.iter().map(|&same| if same { b'\x88' } else { b'\x89' }));
    bytes.extend(b"e\x86.");
    bytes
}

#[test]
fn files_of_insightface_are_validated_and_labelled() {
    if !has_runtime() {
        return;
    }
    let folder = people();
    let aligned = folder.path().join("aligned");
    expect(&run(["align", text(folder.path()), text(&aligned), "--image-size", "112", "--margin", "22", "--quiet"]), 0);
    let crop = |name: &str| fs::read(aligned.join(name)).unwrap();
    let [a, b, c] = ["Obama/Obama_0001.png", "Obama/Obama_0002.png", "Biden/Biden_0001.png"].map(crop);
    let images = [&a, &b, &a, &c, &b, &a, &c, &b].map(Clone::clone);
    let file = folder.path().join("faces.bin");
    fs::write(&file, pickle(&images, &[true, false, true, false])).unwrap();
    let result = run(["validate", text(&file), "--lfw-nrof-folds", "2", "--json"]);
    expect(&result, 0);
    let found = json(&result);
    assert_eq!(found["cross_validation"]["accuracy"]["mean"], 1.0);
    assert!(found["remark"].as_str().unwrap().contains("alignment"));
    // Another alignment makes other embeddings.
    assert_ne!(found["fingerprint"], "ae778467c32d9e59483e71ec160ac9d4");
    let result = run(["validate", text(&file), "--lfw-nrof-folds", "2", "--quiet"]);
    assert!(stdout(&result).contains("do not compare"), "{}", stdout(&result));
}

#[test]
fn a_calibration_decides_comparisons() {
    if !has_runtime() {
        return;
    }
    let folder = people();
    let (profile, model) = (folder.path().join("profile.toml"), folder.path().join("model.onnx"));
    let photos = text(folder.path());
    // Three people are three pairs of people.
    let result = run(["calibrate", photos, "--raw", "--fmr", "0.001", "-o", text(&profile), "--quiet"]);
    expect(&result, 1);
    assert!(!profile.exists());
    // A rate of 0.6 needs five, and four people are six.
    fs::create_dir(folder.path().join("Other")).unwrap();
    fs::copy(photo("biden.jpg"), folder.path().join("Other/x.jpg")).unwrap();
    let write = ["-o", text(&profile), "--model-out", text(&model), "--quiet", "--json"];
    let result = run(["calibrate", photos, "--raw", "--fmr", "0.6"].iter().chain(&write));
    expect(&result, 0);
    let found = json(&result);
    assert_eq!((&found["people"], &found["genuine"], &found["impostor"]), (&4.into(), &3.into(), &12.into()));
    let threshold = &found["points"][0]["threshold"];

    let (a, b) = (photo("obama.jpg"), photo("obama2.jpg"));
    let compare = |extra: &[&str]| run(["compare", text(&a), text(&b), "--json"].iter().chain(extra));
    for extra in [["--profile", text(&profile)], ["--model", text(&model)]] {
        let result = compare(&extra);
        expect(&result, 0);
        assert_eq!(&json(&result)["threshold"], threshold);
        assert_eq!(json(&result)["pairs"][0]["same"], true);
    }
    // Thresholds of other preprocessing decide nothing.
    let result = compare(&["--profile", text(&profile), "--mirror", "average"]);
    expect(&result, 1);
    assert!(stderr(&result).contains("calibrate again"), "{}", stderr(&result));
    let result = compare(&["--profile", text(&profile), "--threshold", "1"]);
    expect(&result, 2);

    // The same from stored embeddings.
    let stored = folder.path().join("faces.npy");
    expect(&run(["embed", photos, "--face", "central", "-o", text(&stored), "--quiet"]), 0);
    let result = run(["calibrate", text(&stored), "--fmr", "0.6", "--json"]);
    expect(&result, 0);
    assert_eq!(&json(&result)["points"][0]["threshold"], threshold);
}
