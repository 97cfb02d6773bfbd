//! The headers compile by themselves, in every standard that the compilers of this machine know, without a warning.

use std::path::Path;
use std::process::Command;

use testkit::c::present;
use testkit::root;

/// What the standards are called by compilers that are older than they.
const STANDARDS_OF_C: [&[&str]; 4] = [&["c99"], &["c11"], &["c17"], &["c23", "c2x"]];
const STANDARDS_OF_CPP: [&[&str]; 5] = [&["c++11"], &["c++14"], &["c++17"], &["c++20", "c++2a"], &["c++23", "c++2b"]];
const COMPILERS_OF_C: [&str; 2] = ["gcc", "clang"];
const COMPILERS_OF_CPP: [&str; 2] = ["g++", "clang++"];

/// Compiles in each of `standards` that each of the compilers knows.
fn compile(compilers: &[&'static str], standards: &[&[&str]], source: &Path) {
    for compiler in present(compilers) {
        let compiled: Vec<_> = standards.iter().filter_map(|names| known(compiler, names, source)).collect();
        assert!(!compiled.is_empty(), "{compiler} knows none of {standards:?}");
        for standard in compiled {
            compile_one(compiler, standard, source);
        }
    }
}

/// The first of these names of a standard that the compiler knows.
fn known<'a>(compiler: &str, names: &[&'a str], source: &Path) -> Option<&'a str> {
    let empty = source.with_file_name("empty").with_extension(source.extension()?);
    std::fs::write(&empty, "int main(void);\n").unwrap();
    let knows = |name: &&&str| {
        let mut run = Command::new(compiler);
        let output = run.arg(format!("-std={name}")).arg("-fsyntax-only").arg(&empty).output();
        output.unwrap().status.success()
    };
    names.iter().find(knows).copied()
}

fn compile_one(compiler: &str, standard: &str, source: &Path) {
    let output = Command::new(compiler)
        .args([
            &format!("-std={standard}"),
            "-Wall",
            "-Wextra",
            "-Wpedantic",
            "-Wconversion",
            "-Werror",
            "-fsyntax-only",
        ])
        .arg("-I")
        .arg(root().join("include"))
        .arg("-I")
        .arg(source.parent().expect("a folder"))
        .arg(source)
        .output()
        .unwrap();
    assert!(output.status.success(), "{compiler} -std={standard}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A source file with nothing but the header, twice.
fn source(folder: &Path, header: &str, name: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, format!("#include <{header}>\n#include <{header}>\nint main(void);\n")).unwrap();
    path
}

#[test]
fn the_header_is_c() {
    let folder = tempfile::tempdir().unwrap();
    compile(&COMPILERS_OF_C, &STANDARDS_OF_C, &source(folder.path(), "facenet.h", "header.c"));
}

#[test]
fn the_header_is_cpp() {
    let folder = tempfile::tempdir().unwrap();
    compile(&COMPILERS_OF_CPP, &STANDARDS_OF_CPP, &source(folder.path(), "facenet.h", "header.cpp"));
}

#[test]
fn the_cpp_header_is_cpp() {
    let folder = tempfile::tempdir().unwrap();
    compile(&COMPILERS_OF_CPP, &STANDARDS_OF_CPP[2..], &source(folder.path(), "facenet.hpp", "header.cpp"));
}

/// What facenet.hpp uses of OpenCV, for machines without it.
const OPENCV: &str = "
#include <cstddef>
enum { CV_8UC1, CV_8UC3, CV_8UC4 };
namespace cv {
struct Mat {
    int dims, rows, cols;
    unsigned char *data;
    std::size_t step[2];
    int type() const;
    bool empty() const;
    std::size_t elemSize() const;
};
}
";

#[test]
fn the_adapter_for_opencv_is_cpp() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("opencv2")).unwrap();
    std::fs::write(folder.path().join("opencv2/core.hpp"), OPENCV).unwrap();
    let code = "#define FACENET_OPENCV\n#include <facenet.hpp>\n\
                facenet::image copy(const cv::Mat &mat) { return facenet::image(facenet::frame_of(mat)); }\n";
    let source = folder.path().join("adapter.cpp");
    std::fs::write(&source, code).unwrap();
    compile(&COMPILERS_OF_CPP, &STANDARDS_OF_CPP[2..], &source);
}
