//! The headers compile by themselves, in every standard and with every compiler of this machine, without a warning.

mod support;

use std::path::Path;
use std::process::Command;

use support::{present, root};

fn compile(compiler: &str, standard: &str, source: &Path) {
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
    let source = source(folder.path(), "facenet.h", "header.c");
    let compilers = present(&["cc", "gcc", "clang"]);
    assert!(!compilers.is_empty(), "no C compiler");
    for compiler in compilers {
        for standard in ["c99", "c11", "c17"] {
            compile(compiler, standard, &source);
        }
    }
}

#[test]
fn the_header_is_cpp() {
    let folder = tempfile::tempdir().unwrap();
    let source = source(folder.path(), "facenet.h", "header.cpp");
    for compiler in present(&["c++", "g++", "clang++"]) {
        for standard in ["c++11", "c++14", "c++17", "c++20", "c++2b"] {
            compile(compiler, standard, &source);
        }
    }
}

#[test]
fn the_cpp_header_is_cpp() {
    let folder = tempfile::tempdir().unwrap();
    let source = source(folder.path(), "facenet.hpp", "header.cpp");
    for compiler in present(&["c++", "g++", "clang++"]) {
        for standard in ["c++17", "c++20", "c++2b"] {
            compile(compiler, standard, &source);
        }
    }
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
    for compiler in present(&["c++", "g++", "clang++"]) {
        compile(compiler, "c++17", &source);
    }
}
