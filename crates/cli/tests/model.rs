//! The command line `facenet model`.

use std::path::Path;
use std::process::{Command, Output};

use testkit::model::{data, shipped};

fn facenet(arguments: &[&str]) -> Output {
    Command::new(testkit::cli::path()).arg("model").args(arguments).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path of plain characters")
}

#[test]
fn a_graph_is_imported_described_and_verified() {
    let folder = tempfile::tempdir().expect("a folder");
    let (source, out) = (folder.path().join("old.pb"), folder.path().join("new.onnx"));
    std::fs::write(&source, data("unfused.pb")).expect("a file");
    let options = ["--standardization", "per-image", "--margin", "44", "--threshold", "1.21,0.001,0.03,average"];
    let arguments = [&["import", path(&source), path(&out), "--measured-on", "a test"], &options[..]].concat();
    let output = facenet(&arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));

    let output = facenet(&["info", path(&out), "--json"]);
    let info: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(info["input_shape"], serde_json::json!([null, 3, 160, 160]));
    let embedding = &info["spec"]["embedding"];
    assert_eq!(info["spec"]["name"], "old");
    assert_eq!(embedding["standardization"], "per-image");
    assert_eq!(embedding["alignment"], serde_json::json!({"kind": "margin", "margin": 44}));
    assert_eq!(embedding["thresholds"][0]["mirror"], "average");
    let output = facenet(&["info", path(&out)]);
    assert!(text(&output.stdout).contains("per-image"), "{}", text(&output.stdout));

    let output = facenet(&["verify", path(&out), path(&shipped("mtcnn-rnet.onnx"))]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("as shipped"), "{}", text(&output.stdout));
}

#[test]
fn failures_say_what_to_do_and_leave_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let (source, out) = (folder.path().join("old.pb"), folder.path().join("new.onnx"));
    std::fs::write(&source, data("unfused.pb")).expect("a file");
    let output = facenet(&["import", path(&source), path(&out)]);
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("standardisation"), "{}", text(&output.stderr));
    assert!(!out.exists());

    let output = facenet(&["import", path(&source), path(&out), "--standardization", "prewhiten"]);
    assert!(text(&output.stderr).contains("per-image"), "{}", text(&output.stderr));

    for threshold in ["nan,0.001,0.03", "inf,0.001,0.03", "1e39,0.001,0.03", "1.2,nan,0.03"] {
        let output =
            facenet(&["import", path(&source), path(&out), "--measured-on", "a test", "--threshold", threshold]);
        assert_eq!(output.status.code(), Some(2), "{threshold}: {}", text(&output.stderr));
    }

    std::fs::write(&out, "version https://git-lfs.github.com/spec/v1\n").expect("a file");
    let output = facenet(&["verify", path(&out), path(&shipped("mtcnn-pnet.onnx"))]);
    assert!(!output.status.success());
    assert!(text(&output.stdout).contains("mtcnn-pnet.onnx"), "the other file is checked all the same");
    assert!(text(&output.stderr).contains("git lfs pull"), "{}", text(&output.stderr));
}

/// What `facenet model` does when its standard output is this.
fn onto(arguments: &[&str], out: impl Into<std::process::Stdio>) -> (Option<i32>, String) {
    let mut command = Command::new(testkit::cli::path());
    let output = command.arg("model").args(arguments).stdout(out).output().expect("the program starts");
    (output.status.code(), text(&output.stderr))
}

#[test]
fn an_output_that_takes_nothing_is_an_error_and_a_reader_that_left_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let (model, absent) = (shipped("mtcnn-rnet.onnx"), folder.path().join("absent.onnx"));
    for arguments in [&["info", path(&model)][..], &["info", "--json", path(&model)], &["verify", path(&model)]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("it is opened");
        let (code, said) = onto(arguments, full);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("cannot write") && said.contains("standard output"), "{said}");

        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        assert_eq!(onto(arguments, writer), (Some(0), String::new()));
    }
    // That nobody reads does not make a broken file whole.
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let (code, said) = onto(&["verify", path(&model), path(&absent)], writer);
    assert_eq!(code, Some(1));
    assert!(said.contains("absent.onnx"), "{said}");
}

#[test]
fn what_is_no_model_is_refused_with_the_command_that_makes_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("old.pb");
    std::fs::write(&source, data("unfused.pb")).expect("a file");
    let output = facenet(&["info", path(&source)]);
    assert_eq!(output.status.code(), Some(1));
    let message = text(&output.stderr);
    assert!(
        message.contains("old.pb") && message.contains("hint: make a model of it with `facenet model import`"),
        "{message}"
    );
}
