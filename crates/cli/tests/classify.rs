//! `facenet classify` as a user runs it.

use std::fs;
use std::path::{Path, PathBuf};

use facenet::classify::{Method, SvmOptions};
use serde_json::Value;
use testkit::classify::People;
use testkit::cli::{expect, program, stderr, stdout, write_lfw};
use testkit::{has_runtime, photo};

/// A folder with a folder of photos for each of two people.
fn people(root: &Path) -> PathBuf {
    let folder = root.join("people");
    for (person, photos) in [("Barack_Obama", &["obama.jpg", "obama2.jpg"][..]), ("Eileen_Collins", &["astronaut.png"])]
    {
        fs::create_dir_all(folder.join(person)).unwrap();
        for name in photos {
            fs::copy(photo(name), folder.join(person).join(name)).unwrap();
        }
    }
    folder
}

fn classify(command: &str, args: &[&str]) -> std::process::Output {
    program(["classify", command]).args(args).output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn people_are_learnt_and_found_in_photos() {
    if !has_runtime() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let (folder, model) = (people(root.path()), root.path().join("people.facenet"));
    fs::write(folder.join("Barack_Obama/broken.jpg"), "no image").unwrap();
    // Three faces do not support a rate of 0.01, whatever the measured threshold would be.
    let refused = classify("train", &[text(&folder), text(&model), "--raw", "--quiet"]);
    expect(&refused, 2);
    assert!(stderr(&refused).contains("needs 300 faces") && !model.exists(), "{}", stderr(&refused));
    let trained = classify("train", &[text(&folder), text(&model), "--raw", "--threshold", "0.6", "--quiet", "--json"]);
    expect(&trained, 0);
    let report: Value = serde_json::from_str(&stdout(&trained)).unwrap();
    assert_eq!((&report["classes"], &report["images"]), (&2.into(), &3.into()));
    assert!(report["failures"][0]["image"].as_str().unwrap().ends_with("broken.jpg"));

    let photos = ["obama3.jpg", "biden.jpg"].map(photo);
    let marked = root.path().join("marked");
    let args = [text(&model), text(&photos[0]), text(&photos[1])];
    let found = classify("predict", &[&args[..], &["--json", "--annotate", text(&marked)]].concat());
    expect(&found, 0);
    let found: Value = serde_json::from_str(&stdout(&found)).unwrap();
    assert_eq!(found[0]["faces"][0]["name"], "Barack_Obama");
    assert!(found[0]["faces"][0]["box"]["x1"].is_number());
    assert_eq!(found[1]["faces"][0]["name"], Value::Null);
    for photo in &photos {
        let (original, marked) = (
            facenet::Image::open(photo).unwrap(),
            facenet::Image::open(marked.join(photo.file_name().unwrap())).unwrap(),
        );
        assert_eq!((original.width(), original.height()), (marked.width(), marked.height()));
    }
    let printed = stdout(&classify("predict", &args));
    assert!(printed.contains(&format!("people in image {} :\nBarack Obama: 0.", photos[0].display())), "{printed}");
    let csv = stdout(&classify("predict", &[&args[..], &["--csv"]].concat()));
    assert!(csv.starts_with("image,x1,y1,x2,y2,detection,name,nearest,score\n") && csv.lines().count() == 3, "{csv}");

    let broken = folder.join("Barack_Obama/broken.jpg");
    let result = classify("predict", &[text(&model), text(&broken), text(&photos[0])]);
    expect(&result, 1);
    assert!(stderr(&result).contains("broken.jpg") && stdout(&result).contains("Barack Obama"));
    let mirrored = classify("predict", &[text(&model), text(&photos[0]), "--mirror", "average"]);
    expect(&mirrored, 1);
    assert!(stderr(&mirrored).contains("embed with the same model and settings"), "{}", stderr(&mirrored));

    // The photos of the folder again, and a stranger.
    fs::create_dir(folder.join("Joe_Biden")).unwrap();
    fs::copy(photo("biden.jpg"), folder.join("Joe_Biden/1.jpg")).unwrap();
    let evaluated = classify("evaluate", &[text(&folder), text(&model), "--raw"]);
    expect(&evaluated, 0);
    let lines = stdout(&evaluated);
    assert!(lines.starts_with("   0  Barack Obama: 0.") && lines.contains("\nAccuracy: 1.000\n"), "{lines}");
    assert!(lines.contains("FPIR: 0.0000 (strangers taken for somebody: 0 of 1)"), "{lines}");
    assert!(lines.contains("Images without a face or broken: 1\n"), "{lines}");
}

#[test]
fn a_softmax_is_learnt_and_names_photos() {
    if !has_runtime() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let (folder, model) = (people(root.path()), root.path().join("softmax.facenet"));
    let args =
        [text(&folder), text(&model), "--raw", "--quiet", "--classifier", "softmax", "--balanced", "--cost", "30"];
    expect(&program(["train", "head"]).args(args).output().unwrap(), 0);
    let found = classify("predict", &[text(&model), text(&photo("obama3.jpg")), "--json"]);
    expect(&found, 0);
    let found: Value = serde_json::from_str(&stdout(&found)).unwrap();
    let face = &found[0]["faces"][0];
    assert_eq!(face["name"], "Barack_Obama");
    assert!((0.5..1.0).contains(&face["score"].as_f64().unwrap()), "{face}");
    // No probability is as high: with this threshold everybody is a stranger.
    expect(&classify("train", &[&args[..], &["--threshold", "1"]].concat()), 0);
    let found = classify("predict", &[text(&model), text(&photo("obama3.jpg")), "--json"]);
    assert!(serde_json::from_str::<Value>(&stdout(&found)).unwrap()[0]["faces"][0]["name"].is_null());
}

#[test]
fn the_test_part_of_a_split_is_named_right() {
    let Some(reference) = testkit::reference::reference_data() else { return };
    if !has_runtime() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let (folder, model) = (root.path().join("lfw"), root.path().join("svm.facenet"));
    let wanted = ["Hugo_Chavez_000", "Serena_Williams_000", "Tony_Blair_000"];
    write_lfw(&reference, &folder, |name| wanted.iter().any(|prefix| name.starts_with(prefix)), usize::MAX);
    let split = ["--use_split_dataset", "--min_nrof_images_per_class", "9", "--nrof_train_images_per_class", "5"];
    let paths = [text(&folder), text(&model), "--raw"];
    let trained = classify("train", &[&paths[..], &split, &["--classifier", "svm"]].concat());
    expect(&trained, 0);
    assert!(stdout(&trained).starts_with("Number of classes: 3\nNumber of images: 15\n"), "{}", stdout(&trained));
    let evaluated = classify("evaluate", &[&paths[..], &split].concat());
    expect(&evaluated, 0);
    assert!(stdout(&evaluated).contains("\nAccuracy: 1.000\n"), "{}", stdout(&evaluated));
    assert!(stdout(&evaluated).contains("0 of 12"), "{}", stdout(&evaluated));
    let other = classify("evaluate", &[&paths[..], &split, &["--seed", "1"]].concat());
    expect(&other, 2);
    assert!(stderr(&other).contains("--seed 666"), "{}", stderr(&other));
}

#[test]
fn wrong_usage_is_told_before_the_work() {
    let root = tempfile::tempdir().unwrap();
    let (folder, model) = (people(root.path()), root.path().join("people.facenet"));
    for args in [
        &["--fpir", "0"][..],
        &["--fpir", "0.1", "--threshold", "0.5"],
        &["--classifier", "svm", "--threshold", "0.5"],
        &["--classifier", "svm", "--fpir", "0.1"],
        &["--classifier", "softmax", "--fpir", "0.1"],
        &["--classifier", "softmax", "--templates", "each"],
        &["--balanced"],
        &["--cost", "2"],
        &["--classifier", "softmax", "--cost", "0"],
        &["--min-nrof-images-per-class", "3"],
        &["--strangers", text(&folder)],
    ] {
        expect(&classify("train", &[&[text(&folder), text(&model)], args].concat()), 2);
    }
    let nowhere = root.path().join("none/people.facenet");
    expect(&classify("train", &[text(&folder), text(&nowhere)]), 1);
    let split = ["--use-split-dataset", "--min-nrof-images-per-class", "9"];
    expect(&classify("train", &[&[text(&folder), text(&model)][..], &split].concat()), 1);

    fs::write(&model, "\u{80}pickle").unwrap();
    let photo = photo("obama.jpg");
    let pickle = classify("predict", &[text(&model), text(&photo)]);
    expect(&pickle, 1);
    assert!(stderr(&pickle).contains("not a classifier"), "{}", stderr(&pickle));

    People::new(2, 3, 8, 0.5, 1).train(&Method::Svm(SvmOptions::default())).unwrap().save(&model).unwrap();
    let places = [photo.parent().unwrap().to_path_buf(), root.path().join("one.png")];
    for place in &places {
        let args = [text(&model), text(&photo), text(photo.parent().unwrap()), "--annotate", text(place)];
        expect(&classify("predict", &args), 2);
    }
}
