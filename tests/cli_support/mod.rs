//! Running the `facenet` program in tests.

#![allow(dead_code, unreachable_pub, reason = "each test program uses a part of it")]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program, without the environment variables that change what it does.
pub fn program<I: AsRef<OsStr>>(args: impl IntoIterator<Item = I>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_facenet"));
    command.args(args);
    command
}

/// Runs the program to its end.
pub fn run<I: AsRef<OsStr>>(args: impl IntoIterator<Item = I>) -> Output {
    program(args).output().expect("the program starts")
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Fails with everything the program said unless it ended with this exit code.
#[track_caller]
pub fn expect(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "stdout:\n{}stderr:\n{}", stdout(output), stderr(output));
}

/// Whether ONNX Runtime is installed; if not, the reason is printed.
pub fn has_runtime() -> bool {
    match facenet::Runtime::new(facenet::RuntimeOptions::default()) {
        Ok(_) => true,
        Err(error) if error.kind() == facenet::ErrorKind::RuntimeNotFound => {
            assert!(std::env::var_os("FACENET_TEST_REQUIRE_ALL").is_none(), "{error}");
            eprintln!("skipped: {error}");
            false
        }
        Err(error) => panic!("{error}"),
    }
}

/// The faces of LFW with these names, written as `Name/Name_0001.jpg` below `folder`; none without reference data.
pub fn write_lfw(reference: &Path, folder: &Path, wanted: impl Fn(&str) -> bool, most: usize) -> Vec<PathBuf> {
    let images = crate::common::lfw_images(reference).filter(|(name, _)| wanted(name)).take(most);
    let write = |(name, bytes): (String, Vec<u8>)| {
        let (person, _) = name.rsplit_once('_').expect("a number at the end");
        let path = folder.join(person).join(format!("{name}.jpg"));
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, bytes).expect("it is written");
        path
    };
    images.map(write).collect()
}

/// An image without a face.
pub fn write_gray(path: &Path) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    image::RgbImage::from_pixel(64, 48, image::Rgb([128; 3])).save(path).expect("it is written");
}

/// One of the photos in the source tree.
pub fn photo(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/photos").join(name)
}
