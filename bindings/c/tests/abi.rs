//! The library as a C program sees it. The programs are in `c/`; neither they nor the library print anything.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::declarations::{functions, without_comments};
use testkit::c::{library, package, prints, program, program_with};
use testkit::{has, has_runtime, photos, root};

/// The functions that the header declares.
fn declared() -> BTreeSet<String> {
    functions(&without_comments(&fs::read_to_string(root().join("include/facenet.h")).unwrap()))
}

#[test]
fn the_symbols_are_the_functions_of_the_header() {
    let output = Command::new("nm").args(["-D", "--defined-only"]).arg(library("libfacenet.so")).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let exported: BTreeSet<String> = text.lines().map(|line| line.split_whitespace().last().unwrap().into()).collect();
    assert!(exported.len() > 80, "{exported:?}");
    assert_eq!(exported, declared());
}

#[test]
fn the_soname_has_the_number_of_the_abi() {
    let output = Command::new("readelf").arg("-d").arg(library("libfacenet.so")).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("[libfacenet.so.0]"), "{text}");
}

#[test]
fn every_function_takes_null() {
    let called = fs::read_to_string(root().join("bindings/c/tests/c/every_call.c")).unwrap();
    for function in declared() {
        assert!(called.contains(&format!("{function}(")), "every_call.c does not call {function}");
    }
    let folder = tempfile::tempdir().unwrap();
    let mut run = program("bindings/c/tests/c/every_call.c", &library("libfacenet.so"), folder.path());
    assert_eq!(prints(&mut run), "");
}

#[test]
fn what_is_wrong_is_refused() {
    if !has_runtime() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut run = program("bindings/c/tests/c/refusals.c", &library("libfacenet.so"), folder.path());
    assert_eq!(prints(run.arg(photos()).arg(folder.path())), "");
}

#[test]
fn every_handle_does_its_work() {
    if !has_runtime() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut run = program("bindings/c/tests/c/results.c", &library("libfacenet.so"), folder.path());
    assert_eq!(prints(run.arg(photos()).arg(folder.path()).arg(root().join("models"))), "");
}

#[test]
fn every_handle_over_vectors_does_its_work() {
    if !has_runtime() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write_people(folder.path());
    let mut run = program("bindings/c/tests/c/comparisons.c", &library("libfacenet.so"), folder.path());
    assert_eq!(prints(run.arg(photos()).arg(folder.path())), "");
}

/// A folder of people and a list of pairs of them, in two folds.
fn write_people(folder: &Path) {
    let faces = [
        ("Barack_Obama", 1, "obama.jpg"),
        ("Barack_Obama", 2, "obama2.jpg"),
        ("Barack_Obama", 3, "obama3.jpg"),
        ("Joe_Biden", 1, "biden.jpg"),
    ];
    for (name, number, photo) in faces {
        let person = folder.join("people").join(name);
        fs::create_dir_all(&person).unwrap();
        fs::copy(photos().join(photo), person.join(format!("{name}_{number:04}.jpg"))).unwrap();
    }
    let pairs = "2\t1\nBarack_Obama\t1\t2\nBarack_Obama\t1\tJoe_Biden\t1\n\
                 Barack_Obama\t1\t3\nBarack_Obama\t2\tJoe_Biden\t1\n";
    fs::write(folder.join("pairs.txt"), pairs).unwrap();
    fs::write(folder.join("pairs.bin"), insightface()).unwrap();
}

/// Pairs in a file as InsightFace ships them, of whole pictures: two of the same picture and two of different ones.
fn insightface() -> Vec<u8> {
    let [a, b] = ["obama.jpg", "biden.jpg"].map(|name| fs::read(photos().join(name)).unwrap());
    let mut pickle = b"\x80\x03](".to_vec();
    for image in [&a, &a, &a, &b, &b, &b, &b, &a] {
        pickle.push(b'B');
        pickle.extend((image.len() as u32).to_le_bytes());
        pickle.extend(image);
    }
    pickle.extend(b"e](\x88\x89\x88\x89e\x86.");
    pickle
}

#[test]
fn the_cpp_header_has_everything() {
    let wrapped = fs::read_to_string(root().join("include/facenet.hpp")).unwrap();
    for function in declared() {
        assert!(wrapped.contains(&function), "facenet.hpp does not wrap {function}");
    }
}

#[test]
fn the_cpp_header_owns_and_throws() {
    if !has_runtime() || !has("c++") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut run = program("bindings/c/tests/c/wrapper.cpp", &library("libfacenet.so"), folder.path());
    assert_eq!(prints(run.arg(photos()).arg(folder.path()).arg(root().join("models"))), "");
}

#[test]
fn the_cpp_header_works_on_folders() {
    if !has_runtime() || !has("c++") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write_people(folder.path());
    let mut run = program("bindings/c/tests/c/wrapper_folders.cpp", &library("libfacenet.so"), folder.path());
    assert_eq!(prints(run.arg(folder.path()).arg(root().join("models"))), "");
}

#[test]
fn pictures_of_other_libraries_are_seen_as_they_are() {
    for (source, name) in [("opencv.cpp", "opencv4"), ("ffmpeg.cpp", "libavutil")] {
        let Some(flags) = package(name) else { continue };
        let folder = tempfile::tempdir().unwrap();
        let source = root().join("bindings/c/tests/c").join(source);
        assert_eq!(prints(&mut program_with(source, &library("libfacenet.so"), folder.path(), &flags)), "");
    }
}

#[test]
fn threads_share_a_pipeline() {
    if !has_runtime() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut run = program("bindings/c/tests/c/threads.c", &library("libfacenet.so"), folder.path());
    assert_eq!(prints(run.arg(photos())), "");
}

#[test]
fn a_host_loads_the_library_and_lets_go_of_it() {
    if !has_runtime() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let library = library("libfacenet.so");
    let mut run = program("bindings/c/tests/c/host.c", &library, folder.path());
    assert_eq!(prints(run.arg(&library).arg(photos().join("astronaut.png"))), "");
}

#[test]
fn handles_come_and_go_without_leaving_anything() {
    if !has_runtime() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut run = program("bindings/c/tests/c/handles.c", &library("libfacenet.so"), folder.path());
    // Valgrind takes minutes for one.
    let rounds = if std::env::var_os("FACENET_MEMCHECK").is_some() { "2" } else { "12" };
    assert_eq!(prints(run.arg(photos()).arg(rounds)), "");
}

#[test]
fn a_host_forks() {
    if !has_runtime() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut run = program("bindings/c/tests/c/fork.c", &library("libfacenet.so"), folder.path());
    assert_eq!(prints(run.arg(photos())), "");
}

#[test]
fn a_host_has_an_onnx_runtime_of_its_own() {
    if !has_runtime() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let ours = facenet_core::Runtime::new(Default::default()).unwrap().info().library;
    let copy = folder.path().join(ours.file_name().unwrap());
    fs::copy(&ours, &copy).unwrap();
    let program = program("bindings/c/tests/c/own_runtime.c", &library("libfacenet.so"), folder.path());
    for (its, named) in [(&ours, true), (&ours, false), (&copy, true), (&copy, false)] {
        let mut run = again(&program);
        run.arg(its).arg(root().join("models")).arg(photos().join("astronaut.png"));
        if named {
            run.env("FACENET_ORT_DYLIB", &ours);
        } else {
            run.env_remove("FACENET_ORT_DYLIB").env_remove("ORT_DYLIB_PATH");
        }
        assert_eq!(prints(&mut run), "");
    }
}

/// The same command, to be run once more.
fn again(command: &Command) -> Command {
    let mut again = Command::new(command.get_program());
    again.args(command.get_args());
    again.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    again
}
