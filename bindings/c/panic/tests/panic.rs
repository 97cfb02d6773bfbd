//! A panic in any call reaches the host as a status.

#![cfg(target_os = "linux")]

use testkit::c::{library, prints, program};

#[test]
fn no_panic_leaves_the_library() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = program("bindings/c/tests/c/every_call.c", &library("libfacenet_panic.so"), folder.path());
    assert_eq!(prints(run.arg("panic")), "");
}
