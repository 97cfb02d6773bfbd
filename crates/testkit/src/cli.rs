//! Running the `facenet` program in tests.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Where the program of this very build lies: cargo puts it above the tests.
pub fn path() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    test.parent().and_then(Path::parent).expect("cargo's folder").join("facenet")
}

/// The program, without the environment variables that change what it does.
pub fn program<I: AsRef<OsStr>>(args: impl IntoIterator<Item = I>) -> Command {
    let mut command = Command::new(path());
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

/// The faces of LFW with these names, written as `Name/Name_0001.jpg` below `folder`; none without reference data.
pub fn write_lfw(reference: &Path, folder: &Path, wanted: impl Fn(&str) -> bool, most: usize) -> Vec<PathBuf> {
    let images = crate::reference::lfw_images(reference).filter(|(name, _)| wanted(name)).take(most);
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
