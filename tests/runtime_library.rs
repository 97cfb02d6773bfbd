//! Finding and loading ONNX Runtime. A process loads it once, so each case runs in a process of its own, which must end
//! well, print nothing on stderr and leave nothing in its home folder, where usage data would be kept.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use facenet::runtime::LibrarySource;
use facenet::runtime::{Network, NetworkOptions};
use facenet::{Runtime, RuntimeOptions};
use testkit::runtime::{Child, is_child, library, relu};

/// What the process of a case says of `Runtime::new`.
#[derive(Debug, PartialEq)]
enum Outcome {
    Loaded { library: PathBuf, source: String },
    Failed { kind: String, message: String },
}

const MARK: &str = "outcome: ";

/// The work of the process: makes a runtime, with the library named in `FACENET_TEST_OPTION`, and runs a network.
#[test]
#[ignore = "other tests start it in a process of its own"]
fn child_loads() {
    if !is_child() {
        return;
    }
    // Something else in the process may have loaded a library before.
    let before = env::var_os("FACENET_TEST_LOAD_BEFORE").map(|path| open(Path::new(&path)));
    let options =
        RuntimeOptions { library: env::var_os("FACENET_TEST_OPTION").map(PathBuf::from), ..Default::default() };
    let outcome = match Runtime::new(options) {
        Ok(runtime) => {
            assert_eq!(env::var("ORT_DISABLE_TELEMETRY").as_deref(), Ok("1"));
            let network = Network::from_bytes(&runtime, "relu", &relu(), NetworkOptions::default()).expect("it loads");
            assert_eq!(
                network.run([1, 3, 1, 1], &[1.0, -1.0, 0.0], |_, y| y.to_vec()).expect("it runs"),
                [1.0, 0.0, 0.0]
            );
            let info = runtime.info();
            let source = serde_json::to_value(info.source).expect("it is written");
            serde_json::json!({ "library": info.library, "source": source, "version": info.version })
        }
        Err(error) => serde_json::json!({ "kind": error.kind().name(), "message": error.to_string() }),
    };
    // Or may load one afterwards.
    let after = env::var_os("FACENET_TEST_LOAD_AFTER").map(|path| open(Path::new(&path)));
    drop((before, after));
    println!("\n{MARK}{outcome}");
}

#[allow(unsafe_code, reason = "the test plays a program that loads libraries")]
fn open(path: &Path) -> libloading::Library {
    // SAFETY: the library is ONNX Runtime, whose initialisers have no conditions.
    unsafe { libloading::Library::new(path) }.expect("the library loads")
}

/// The outcome of a process with a changed environment, in which nothing is printed on stderr.
fn outcome(child: Child) -> Outcome {
    let output = child.run();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let said = String::from_utf8(output.stdout).expect("text in UTF-8");
    let line = said.lines().find_map(|line| line.strip_prefix(MARK)).expect("an outcome");
    let value: serde_json::Value = serde_json::from_str(line).expect("an outcome in JSON");
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    match (text("library"), text("source"), text("kind"), text("message")) {
        (Some(library), Some(source), _, _) => Outcome::Loaded { library: library.into(), source },
        (_, _, Some(kind), Some(message)) => Outcome::Failed { kind, message },
        _ => panic!("neither loaded nor failed: {line}"),
    }
}

fn child() -> Child {
    Child::new(module_path!(), "child_loads", None)
}

/// As [`child`], but by a copy of the program in `folder`: in the source tree it would find the library that is fetched for it.
fn shipped_child(folder: &Path) -> Child {
    let program = folder.join("program");
    if !program.exists() {
        fs::copy(env::current_exe().expect("a path"), &program).expect("the program is copied");
    }
    Child::new(module_path!(), "child_loads", Some(&program))
}

/// The kind and message of a failure.
fn failure(child: Child) -> (String, String) {
    match outcome(child) {
        Outcome::Failed { kind, message } => (kind, message),
        loaded => panic!("it should fail: {loaded:?}"),
    }
}

fn loaded(library: &Path, source: LibrarySource) -> Outcome {
    let serde_json::Value::String(source) = serde_json::to_value(source).expect("it is written") else {
        panic!("a source is a word");
    };
    Outcome::Loaded { library: library.to_path_buf(), source }
}

/// A shared library with ONNX Runtime's entry point that says it has `version`; `None` without a compiler.
fn imitation(folder: &Path, version: &str) -> Option<PathBuf> {
    const SOURCE: &str = r#"
        #[repr(C)]
        pub struct Base { api: extern "C" fn(u32) -> *const u8, version: extern "C" fn() -> *const u8 }
        extern "C" fn api(_: u32) -> *const u8 { std::ptr::null() }
        extern "C" fn version() -> *const u8 { concat!(env!("VERSION"), "\0").as_ptr() }
        static BASE: Base = Base { api, version };
        #[unsafe(no_mangle)]
        pub extern "C" fn OrtGetApiBase() -> *const Base { &BASE }
    "#;
    let source = folder.join("imitation.rs");
    fs::write(&source, SOURCE).expect("the file is written");
    let library = folder.join(format!("libonnxruntime.so.{version}"));
    let compiler = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(compiler);
    command.args(["--edition=2024", "--crate-type=cdylib", "-o"]).args([&library, &source]).env("VERSION", version);
    match command.status() {
        Ok(status) if status.success() => Some(library),
        _ => {
            testkit::skip("there is no Rust compiler to make a library with");
            None
        }
    }
}

/// A Python environment whose package `onnxruntime` has a link to the library.
fn environment(folder: &Path, library: &Path) -> PathBuf {
    let capi = folder.join("lib/python3.99/site-packages/onnxruntime/capi");
    fs::create_dir_all(&capi).expect("the folder is made");
    symlink(library, capi.join("libonnxruntime.so.1.99.0")).expect("the link is made");
    folder.to_path_buf()
}

#[test]
fn a_named_library_is_the_one_that_is_loaded() {
    let Some(library) = library() else { return };
    let folder = library.parent().expect("a folder");
    for child in [child().env("FACENET_ORT_DYLIB", &library), child().env("FACENET_ORT_DYLIB", folder)] {
        assert_eq!(outcome(child), loaded(&library, LibrarySource::Environment));
    }
    let by_ort = child().env("FACENET_ORT_DYLIB", "").env("ORT_DYLIB_PATH", &library);
    assert_eq!(outcome(by_ort), loaded(&library, LibrarySource::Environment));
    let by_option = child().env("FACENET_TEST_OPTION", &library).env("FACENET_ORT_DYLIB", "/nowhere");
    assert_eq!(outcome(by_option), loaded(&library, LibrarySource::Options));
    let ours_first = child().env("FACENET_ORT_DYLIB", "/nowhere").env("ORT_DYLIB_PATH", &library);
    assert_eq!(failure(ours_first).0, "RuntimeNotFound");
}

#[test]
fn a_named_library_that_does_not_serve_is_an_error_though_another_is_there() {
    let Some(library) = library() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let python = environment(&folder.path().join("python"), &library);
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("the file is written");
        path
    };
    // The header of this program, made one for another kind of processor.
    let mut foreign = fs::read(env::current_exe().expect("a path")).expect("the program is read");
    foreign.truncate(4096);
    foreign[18] = 243;
    let broken = &fs::read(&library).expect("the library is read")[..100_000];
    let cases = [
        (folder.path().join("absent.so"), "RuntimeNotFound", "there is no such file"),
        (folder.path().to_path_buf(), "RuntimeNotFound", "no libonnxruntime.so is in this folder"),
        (file("empty.so", b""), "RuntimeLoad", "is an empty file"),
        (file("page.so", b"<html><body>Not found</body></html>"), "RuntimeLoad", "is not a shared library"),
        (file("foreign.so", &foreign), "RuntimeLoad", "is built for riscv64"),
        (file("broken.so", broken), "RuntimeLoad", "breaks off"),
        (PathBuf::from("/dev/null"), "RuntimeLoad", "is an empty file"),
    ];
    for (path, kind, reason) in cases {
        let (found_kind, message) = failure(child().env("FACENET_ORT_DYLIB", &path).env("VIRTUAL_ENV", &python));
        assert_eq!(found_kind, kind, "{message}");
        for part in
            [path.to_str().expect("a name in UTF-8"), "named by FACENET_ORT_DYLIB", reason, "unset FACENET_ORT_DYLIB"]
        {
            assert!(message.contains(part), "{part:?} is not in: {message}");
        }
        let by_option = child().env("FACENET_TEST_OPTION", &path).env("VIRTUAL_ENV", &python);
        assert_eq!(failure(by_option).0, kind);
    }
}

#[test]
fn libraries_that_are_not_a_recent_onnx_runtime_are_told_apart() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (version, reason) in [
        ("1.20.1", "is ONNX Runtime 1.20.1: version 1.24 or newer is needed"),
        ("1.23.9", "is ONNX Runtime 1.23.9: version 1.24 or newer is needed"),
        ("2.0.0", "is ONNX Runtime 2.0.0: version 1.24 or newer is needed"),
        ("1.24.0", "does not offer version 24 of the API"),
    ] {
        let Some(library) = imitation(folder.path(), version) else { return };
        let (kind, message) = failure(child().env("FACENET_ORT_DYLIB", &library));
        assert_eq!(kind, "RuntimeLoad");
        assert!(message.contains(reason) && message.contains(version), "{message}");
    }
    // The allocator of the test itself: any shared library that is something else.
    let other = Command::new("ldd").arg(env::current_exe().expect("a path")).output();
    let other = other.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let Some(other) = other.split_whitespace().find(|word| word.starts_with('/') && word.contains("libc.so")) else {
        return testkit::skip("ldd does not tell where the C library is");
    };
    let (kind, message) = failure(child().env("FACENET_ORT_DYLIB", other));
    assert_eq!(kind, "RuntimeLoad");
    assert!(message.contains("does not export OrtGetApiBase"), "{message}");
}

#[test]
fn the_python_package_of_the_active_environment_is_found() {
    let Some(library) = library() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let python = environment(&folder.path().join("python"), &library);
    let expected = loaded(&library, LibrarySource::Python);
    assert_eq!(outcome(child().env("VIRTUAL_ENV", &python)), expected);
    assert_eq!(outcome(child().env("CONDA_PREFIX", &python)), expected);
    assert_eq!(outcome(child().env("PYTHONUSERBASE", &python)), expected);

    // Not activated, but its interpreter is the first on the path. It is never started: it is not even a program.
    fs::create_dir(python.join("bin")).expect("the folder is made");
    fs::write(python.join("bin/python3"), b"").expect("the file is written");
    assert_eq!(outcome(child().env("PATH", python.join("bin"))), expected);
}

#[test]
fn a_library_beside_the_program_comes_before_the_python_package() {
    let Some(library) = library() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let python = environment(&folder.path().join("python"), &library);
    let copy = folder.path().join("copy/libonnxruntime.so.1.32.0");
    fs::create_dir(copy.parent().expect("a folder")).expect("the folder is made");
    fs::copy(&library, &copy).expect("the library is copied");
    for place in ["product/bin", "product/lib"] {
        let root = folder.path().join(place.replace('/', "-"));
        let (program, beside) = (root.join("product/bin/program"), root.join(place));
        fs::create_dir_all(root.join("product/bin")).expect("the folder is made");
        fs::create_dir_all(&beside).expect("the folder is made");
        fs::copy(env::current_exe().expect("a path"), &program).expect("the program is copied");
        symlink(&copy, beside.join("libonnxruntime.so")).expect("the link is made");
        let child = Child::new(module_path!(), "child_loads", Some(&program)).env("VIRTUAL_ENV", &python);
        assert_eq!(outcome(child), loaded(&copy.canonicalize().expect("it exists"), LibrarySource::Beside), "{place}");
    }
}

#[test]
fn a_library_that_does_not_serve_is_passed_over_in_the_search() {
    let Some(library) = library() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let good = environment(&folder.path().join("good"), &library);
    let bad = folder.path().join("bad");
    let capi = bad.join("lib/python3.99/site-packages/onnxruntime/capi");
    fs::create_dir_all(&capi).expect("the folder is made");
    fs::write(capi.join("libonnxruntime.so.1.30.0"), b"broken").expect("the file is written");
    let both = child().env("VIRTUAL_ENV", &bad).env("CONDA_PREFIX", &good);
    assert_eq!(outcome(both), loaded(&library, LibrarySource::Python));

    let (kind, message) = match outcome(shipped_child(folder.path()).env("VIRTUAL_ENV", &bad)) {
        Outcome::Failed { kind, message } => (kind, message),
        loaded => return eprintln!("skipped: this system has ONNX Runtime installed: {loaded:?}"),
    };
    assert_eq!(kind, "RuntimeLoad");
    assert!(message.contains("libonnxruntime.so.1.30.0 is not a shared library"), "{message}");
}

#[test]
fn when_there_is_none_the_error_says_where_it_was_looked_for() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let python = folder.path().join("python");
    fs::create_dir_all(python.join("lib/python3.99/site-packages")).expect("the folder is made");
    let (kind, message) = match outcome(shipped_child(folder.path()).env("VIRTUAL_ENV", &python)) {
        Outcome::Failed { kind, message } => (kind, message),
        loaded => return eprintln!("skipped: this system has ONNX Runtime installed: {loaded:?}"),
    };
    assert_eq!(kind, "RuntimeNotFound");
    let own = folder.path().canonicalize().expect("it exists");
    let own = own.to_str().expect("a name in UTF-8");
    for part in [
        "Python package onnxruntime",
        "FACENET_ORT_DYLIB",
        own,
        "python3.99/site-packages/onnxruntime/capi",
        "libonnxruntime.so.1",
    ] {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
}

#[test]
fn a_library_that_the_program_loads_is_shared_in_either_order() {
    let Some(library) = library() else { return };
    let before = child().env("FACENET_TEST_LOAD_BEFORE", &library);
    assert_eq!(outcome(before), loaded(&library, LibrarySource::Process));
    let after = child().env("FACENET_ORT_DYLIB", &library).env("FACENET_TEST_LOAD_AFTER", &library);
    assert_eq!(outcome(after), loaded(&library, LibrarySource::Environment));
}

/// The work of the process of [`failures_can_be_retried_and_a_second_library_is_refused`].
#[test]
#[ignore = "other tests start it in a process of its own"]
fn child_loads_twice() {
    if !is_child() {
        return;
    }
    let good = PathBuf::from(env::var_os("FACENET_TEST_OPTION").expect("the test sets it"));
    let new = |library: &Path| Runtime::new(RuntimeOptions { library: Some(library.into()), ..Default::default() });
    let error = |library: &Path| new(library).err().expect("a failure");
    assert_eq!(error(Path::new("/nowhere/libonnxruntime.so")).kind().name(), "RuntimeNotFound");
    assert_eq!(error(Path::new("/dev/null")).kind().name(), "RuntimeLoad");

    let first = new(&good).expect("it loads");
    assert_eq!(first.info().source, LibrarySource::Options);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let link = folder.path().join("link.so");
    symlink(&good, &link).expect("the link is made");
    for same in [&good, &link, &good.parent().expect("a folder").to_path_buf()] {
        assert_eq!(new(same).expect("it is the same").info(), first.info());
    }
    assert_eq!(Runtime::new(RuntimeOptions::default()).expect("any will do").info(), first.info());

    let copy = folder.path().join("libonnxruntime.so.1");
    fs::copy(&good, &copy).expect("the library is copied");
    for other in [copy.as_path(), Path::new("/nowhere/libonnxruntime.so")] {
        let error = error(other);
        assert_eq!(error.kind().name(), "RuntimeLoad");
        let message = error.to_string();
        assert!(message.contains(other.to_str().expect("UTF-8")) && message.contains("can use only one"), "{message}");
    }
    println!("\n{MARK}done");
}

#[test]
fn failures_can_be_retried_and_a_second_library_is_refused() {
    let Some(library) = library() else { return };
    let output = Child::new(module_path!(), "child_loads_twice", None).env("FACENET_TEST_OPTION", library).run();
    assert!(String::from_utf8_lossy(&output.stdout).contains(&format!("{MARK}done")));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
