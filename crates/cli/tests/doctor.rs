//! The command `facenet doctor`: it finds what is missing and never fails to report it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use testkit::runtime::library;

/// Runs the command with an environment of its own; gives the exit code, the JSON report and the text.
fn doctor(environment: &[(&str, &Path)]) -> (Option<i32>, Value, String) {
    let run = |arguments: &[&str]| {
        let mut command = Command::new(testkit::cli::path());
        let output = command.arg("doctor").args(arguments).env_clear().envs(environment.iter().copied()).output();
        let output = output.expect("the command starts");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        (output.status.code(), String::from_utf8(output.stdout).expect("text in UTF-8"))
    };
    let (code, text) = run(&[]);
    let (same_code, json) = run(&["--json"]);
    assert_eq!(code, same_code);
    (code, serde_json::from_str(&json).expect("a report in JSON"), text)
}

fn models() -> PathBuf {
    testkit::root().join("models")
}

#[test]
fn a_machine_with_everything_is_ready() {
    let Some(library) = library() else { return };
    let (code, report, text) = doctor(&[("FACENET_ORT_DYLIB", &library), ("FACENET_MODELS", &models())]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(report["library"]["found"]["path"], library.to_str().expect("a name in UTF-8"));
    assert_eq!(report["providers"][0]["provider"], "cpu");
    assert_eq!(report["providers"][0]["problem"], Value::Null);
    assert_eq!(report["telemetry"], false);
    let files = report["models"]["found"]["files"].as_array().expect("a list");
    assert!(files.len() >= 4 && files.iter().all(|file| file["problem"].is_null()), "{files:?}");
    assert!(text.contains("Ready"), "{text}");
    assert!(text.lines().all(|line| !line.starts_with(' ')), "a row without a name:\n{text}");
}

#[test]
fn a_missing_library_is_reported_with_the_remedy() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (code, report, text) = doctor(&[("FACENET_ORT_DYLIB", &folder.path().join("absent.so"))]);
    assert_eq!(code, Some(1));
    assert!(report["library"]["missing"].as_str().expect("a reason").contains("absent.so"));
    assert!(text.contains("Not ready") && text.contains("-> Correct or unset FACENET_ORT_DYLIB"), "{text}");
    assert!(!text.contains("Install ONNX Runtime"), "a library that is installed would not be tried:\n{text}");
}

#[test]
fn damaged_and_missing_models_are_reported() {
    let Some(library) = library() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut damaged = fs::read(models().join("mtcnn-onet.onnx")).expect("the model is read");
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    fs::write(folder.path().join("mtcnn-onet.onnx"), damaged).expect("the file is written");
    let (code, report, text) = doctor(&[("FACENET_ORT_DYLIB", &library), ("FACENET_MODELS", folder.path())]);
    assert_eq!(code, Some(1));
    let files = report["models"]["found"]["files"].as_array().expect("a list");
    let problem = |name: &str| {
        let file = files.iter().find(|file| file["file"] == name).expect("it is listed");
        file["problem"].as_str().expect("a reason")
    };
    assert!(problem("mtcnn-onet.onnx").contains("SHA-256"), "{files:?}");
    assert!(problem("mtcnn-pnet.onnx").contains("No such file"), "{files:?}");
    assert!(text.contains("Replace the model file mtcnn-onet.onnx"), "{text}");

    let absent = folder.path().join("absent");
    let (code, report, _) = doctor(&[("FACENET_ORT_DYLIB", &library), ("FACENET_MODELS", &absent)]);
    assert_eq!(code, Some(1));
    assert!(report["models"]["missing"].as_str().expect("a reason").contains("absent"));
}

#[test]
fn gpus_are_listed_by_the_driver() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    // A library with the driver's functions that knows two GPUs.
    const SOURCE: &str = r#"
        use std::ffi::{c_char, c_int};
        #[unsafe(no_mangle)] pub extern "C" fn cuInit(_: u32) -> c_int { 0 }
        #[unsafe(no_mangle)] pub unsafe extern "C" fn cuDriverGetVersion(v: *mut c_int) -> c_int { unsafe { *v = 13020 }; 0 }
        #[unsafe(no_mangle)] pub unsafe extern "C" fn cuDeviceGetCount(n: *mut c_int) -> c_int { unsafe { *n = 2 }; 0 }
        #[unsafe(no_mangle)] pub unsafe extern "C" fn cuDeviceGet(d: *mut c_int, i: c_int) -> c_int { unsafe { *d = i }; 0 }
        #[unsafe(no_mangle)] pub unsafe extern "C" fn cuDeviceGetName(name: *mut c_char, size: c_int, d: c_int) -> c_int {
            // As long as there is room, without an end.
            for i in 0..size as usize { unsafe { *name.add(i) = b'A' as c_char + d as c_char } }
            0
        }
        #[unsafe(no_mangle)] pub unsafe extern "C" fn cuDeviceTotalMem_v2(n: *mut usize, _: c_int) -> c_int { unsafe { *n = 1 << 33 }; 0 }
        #[unsafe(no_mangle)] pub unsafe extern "C" fn cuDeviceGetAttribute(v: *mut c_int, a: c_int, _: c_int) -> c_int {
            unsafe { *v = if a == 75 { 8 } else if a == 76 { 6 } else { -1 } };
            0
        }
        #[unsafe(no_mangle)] pub extern "C" fn cuGetErrorString(_: c_int, _: *mut *const c_char) -> c_int { 1 }
    "#;
    let source = folder.path().join("driver.rs");
    fs::write(&source, SOURCE).expect("the file is written");
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(compiler);
    command.args(["--edition=2024", "--crate-type=cdylib", "-o"]).args([&folder.path().join("libcuda.so.1"), &source]);
    if !command.status().is_ok_and(|status| status.success()) {
        return testkit::skip("there is no Rust compiler to make a library with");
    }
    let (_, report, text) = doctor(&[("LD_LIBRARY_PATH", folder.path()), ("FACENET_ORT_DYLIB", Path::new("/nowhere"))]);
    let gpus = report["gpus"]["found"].as_array().expect("a list");
    assert_eq!(gpus.len(), 2);
    assert_eq!(gpus[1]["name"], "B".repeat(255));
    assert_eq!(gpus[0]["compute_capability"], serde_json::json!([8, 6]));
    assert_eq!(gpus[0]["memory"], 1u64 << 33);
    assert!(text.contains("8.0 GiB"), "{text}");
}

#[test]
fn options_that_make_no_sense_are_not_ready() {
    let Some(library) = library() else { return };
    for (threads, code) in [("0", 1), ("1025", 1), ("2", 0)] {
        let mut command = Command::new(testkit::cli::path());
        let command = command.args(["doctor", "--threads", threads]).env("FACENET_ORT_DYLIB", &library);
        let output = command.env("FACENET_MODELS", models()).output().expect("the command starts");
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert_eq!(text.contains(&format!("threads is {threads}")), code == 1, "{text}");
    }
}

/// The copy of a program that lies elsewhere must not look into the source tree: someone else may make that path.
#[test]
fn only_a_program_in_its_source_tree_looks_there() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let shipped = folder.path().join("bin/facenet");
    fs::create_dir(folder.path().join("bin")).expect("the folder is made");
    fs::copy(testkit::cli::path(), &shipped).expect("the program is copied");
    let tree = testkit::root().canonicalize().expect("the tree is there");
    // As `make demo` leaves them; an ONNX Runtime that is installed on the machine comes before.
    let fetched = fs::read_dir(tree.join(".ort")).is_ok_and(|entries| {
        entries.flatten().any(|entry| entry.path().join("onnxruntime/capi/libonnxruntime.so.1.32.0").is_file())
    });
    for (program, looks) in [(shipped.as_path(), cfg!(debug_assertions)), (testkit::cli::path().as_path(), true)] {
        let mut command = Command::new(program);
        // From any folder.
        let output = command.args(["doctor", "--json"]).current_dir(folder.path()).env_clear().output();
        let report: Value =
            serde_json::from_slice(&output.expect("the command starts").stdout).expect("a report in JSON");
        let (models, library) = (report["models"].to_string(), report["library"].to_string());
        let tree = tree.to_str().expect("a name in UTF-8");
        assert_eq!(models.contains(tree), looks, "{models}");
        if fetched && report["library"]["found"]["source"] != "system" {
            assert_eq!(report["library"]["found"]["path"].is_string(), looks, "{library}");
        }
        if let Some(reason) = report["models"]["missing"].as_str() {
            assert!(reason.contains("source distribution") && reason.contains("FACENET_MODELS"), "{reason}");
        }
    }
}
